"""Feed health: counts of what came in, what stands of it, and whether it came when due."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.services import feed_health
from app.services.feed_health import Health, source_health
from domain.care_types import CareType
from domain.errors import NotFound
from domain.identifiers import PoolId
from domain.posting import PostingSchedule
from tests.factories.past import keep, past_bed_report, past_report, past_team_report
from tests.factories.times import HOUR, MINUTE
from tests.factories.world import Party, World, make_pool
from tests.support.clock import Clock
from tests.support.database import Database

#: A Monday; Amsterdam is two hours ahead of it. Long after every source and pool was made.
MONDAY = datetime(2027, 6, 7, tzinfo=UTC)
NOW = MONDAY + timedelta(days=7, hours=11, minutes=30)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _now(clock: Clock, world: World) -> None:
    """After the world was made, so that its keys are of the past."""
    clock.set(NOW)


@pytest.fixture
async def source(world: World) -> UUID:
    """The provider's feed, trusted."""
    return await source_of(world, world.provider, released=True)


async def source_of(world: World, party: Party, *, released: bool) -> UUID:
    """A party's source, in the sandbox or not."""
    found: UUID = await world.container.read(
        lambda connection: connection.fetchval(
            "SELECT source_id FROM api_key WHERE id = $1", party.key_id
        )
    )
    await world.container.read(
        lambda connection: connection.execute(
            "UPDATE source SET lag_minutes = 30,"
            " released_at = CASE WHEN $2::bool THEN created_at END WHERE id = $1",
            found,
            released,
        )
    )
    return found


async def health(world: World, source: UUID, days: int = 7) -> Health:
    """As the operator sees it."""
    actor = (await world.credential(world.operator)).actor
    return await source_health(world.container, actor, source, days)


async def stands(
    database: Database, table: str, id_: UUID, source: UUID, until: datetime, **more: Any
) -> None:
    """A subject's row says that this source reported it last, long ago."""
    values = {
        "report_version": 3,
        "source_id": source,
        "source_kind": "api",
        "stated_at": NOW - 3 * HOUR,
        "observed_at": NOW - 3 * HOUR,
        "received_at": NOW - 3 * HOUR,
        "valid_until": until,
        **more,
    }
    sets = ", ".join(f"{name} = ${n}" for n, name in enumerate(values, 2))
    async with database.connect() as connection:
        await connection.execute(f"UPDATE {table} SET {sets} WHERE id = $1", id_, *values.values())


async def a_team(world: World, database: Database, owner: Party) -> UUID:
    """A home-care team that posts on change."""
    found: UUID = await database.value(
        "INSERT INTO home_care_team (region_id, organisation_id, external_id, name,"
        " posting_schedule, status) VALUES (1, $1, 'T1', 'Team', 'bij-wijziging', 'active')"
        " RETURNING id",
        owner.organisation_id,
    )
    return found


async def a_bed(world: World, database: Database) -> tuple[UUID, PoolId]:
    """A bed of a pool of beds."""
    pool_id = await make_pool(
        world.container, world.location_id, CareType.MFB, schedule=PostingSchedule.ON_CHANGE
    )
    bed: UUID = await database.value(
        "INSERT INTO bed (region_id, pool_id, external_id, name, status)"
        " VALUES (1, $1, 'B1', 'Bed', 'active') RETURNING id",
        pool_id,
    )
    return bed, pool_id


async def test_a_source_that_never_reported_has_nothing(world: World, source: UUID) -> None:
    found = await health(world, source)
    assert (found.last_report_at, found.counts.reports, found.warnings) == (None, 0, {})
    assert (found.stands, list(found.postings)) == ({}, [])
    assert found.until - found.since == 7 * DAY


async def test_reports_are_counted_by_what_became_of_them(
    world: World, database: Database, source: UUID
) -> None:
    at, mine = NOW - HOUR, {"source_id": source}
    team = await a_team(world, database, world.provider)
    bed, pool_of_beds = await a_bed(world, database)
    await keep(
        database,
        "pool_report",
        past_report(world.pool_id, at, **mine),
        past_report(world.pool_id, at, confirmation=True, **mine),
        past_report(world.pool_id, at, outcome="superseded", version=None, **mine),
        past_report(world.pool_id, at, outcome="sandbox", version=None, **mine),
        past_report(world.pool_id, at),
        # The sum of the beds, which the bed's own report made.
        past_report(pool_of_beds, at, received_at=NOW, stated_at=NOW, **mine),
    )
    await keep(database, "bed_report", past_bed_report(bed, at + MINUTE, **mine))
    await keep(
        database,
        "home_care_report",
        past_team_report(team, at, confirmation=True, **mine),
        past_team_report(team, at, outcome="superseded", version=None, **mine),
    )
    counts = (await health(world, source)).counts
    assert counts.reports == 7
    assert (counts.accepted, counts.superseded, counts.sandbox) == (4, 2, 1)
    assert counts.confirmations == 2
    assert counts.last_at == at + MINUTE


async def test_only_what_came_in_within_the_period_counts(
    world: World, database: Database, source: UUID
) -> None:
    """However long before it was observed."""

    def came(observed_at: datetime, received_at: datetime) -> dict[str, Any]:
        said = {"source_id": source, "received_at": received_at}
        return past_report(world.pool_id, observed_at, **said)

    await keep(
        database,
        "pool_report",
        came(NOW - 8 * DAY, NOW - 7 * DAY - MINUTE),
        came(NOW - 90 * DAY, NOW - 7 * DAY + MINUTE),
        came(NOW - 2 * DAY, NOW - 2 * DAY),
    )
    assert (await health(world, source)).counts.reports == 2
    assert (await health(world, source, 1)).counts.reports == 0
    assert (await health(world, source, 31)).counts.reports == 3
    assert abs(((await health(world, source, 1)).last_report_at or NOW) - (NOW - 2 * DAY)) < MINUTE


async def test_late_is_more_than_a_quarter_and_the_source_s_own_lag(
    world: World, database: Database, source: UUID
) -> None:
    at = NOW - 5 * HOUR
    for late in (45 * MINUTE, 45 * MINUTE + timedelta(microseconds=1), HOUR):
        row = past_report(world.pool_id, at, source_id=source, received_at=at + late)
        await keep(database, "pool_report", row)
    assert (await health(world, source)).counts.late == 2


async def test_warnings_are_counted_by_their_code(
    world: World, database: Database, source: UUID
) -> None:
    at, more = NOW - HOUR, {"source_id": source}
    await keep(
        database,
        "pool_report",
        past_report(world.pool_id, at, warnings="sprong:free;sprong:operable", **more),
        past_report(world.pool_id, at, warnings="tekort:occupied;sprong:free", **more),
        past_report(world.pool_id, at, **more),
        past_report(world.pool_id, at, warnings="sprong:free"),
    )
    assert (await health(world, source)).warnings == {"sprong": 3, "tekort": 1}


async def test_what_it_reported_last_is_counted_and_how_much_is_still_believed(
    world: World, database: Database, source: UUID
) -> None:
    fresh = await make_pool(world.container, world.location_id)
    ended = await make_pool(world.container, world.location_id)
    elses = await make_pool(world.container, world.location_id)
    counted = {"counted_until": NOW - 3 * HOUR}
    await stands(database, "pool", world.pool_id, source, NOW - MINUTE, **counted)
    await stands(database, "pool", fresh, source, NOW + HOUR, **counted)
    await stands(database, "pool", ended, source, NOW + HOUR, status="ended", **counted)
    await stands(database, "pool", elses, uuid4(), NOW + HOUR, **counted)
    team = await a_team(world, database, world.provider)
    await stands(database, "home_care_team", team, source, NOW + HOUR, light="groen")
    bed, pool_of_beds = await a_bed(world, database)
    await stands(database, "bed", bed, source, NOW - HOUR, state="free")
    await stands(database, "pool", pool_of_beds, source, NOW - HOUR, **counted)
    found = await health(world, source)
    told = {kind: (stood.reported, stood.fresh) for kind, stood in found.stands.items()}
    assert told == {"pools": (2, 1), "beds": (1, 0), "teams": (1, 1)}
    assert found.last_report_at == NOW - 3 * HOUR


async def post(
    database: Database, pool_id: UUID, *moments: datetime, source: UUID, **said: Any
) -> None:
    """Reports of these observations, received at once."""
    for at in moments:
        row = past_report(pool_id, at, source_id=source, **said)
        await keep(database, "pool_report", row)


@pytest.fixture
async def posting(world: World, database: Database, source: UUID) -> PoolId:
    """The first pool, twice each workday, that the source reported last."""
    await stands(database, "pool", world.pool_id, source, NOW + HOUR, counted_until=NOW - 3 * HOUR)
    return world.pool_id


def days(found: Health) -> list[tuple[int, int, int]]:
    """Of each day in June: what was due and what was missed."""
    return [(day.day.day, day.due, day.missed) for day in found.postings]


async def test_on_workdays_posting_is_due_twice_and_what_doesn_t_come_is_missed(
    world: World, database: Database, source: UUID, posting: PoolId
) -> None:
    """Nine and three o'clock in Amsterdam are seven and one by UTC."""
    nine, three = MONDAY + 7 * HOUR, MONDAY + 13 * HOUR
    await post(
        database,
        posting,
        *(nine + DAY, three + DAY),
        *(nine + 2 * DAY - HOUR, three + 2 * DAY + HOUR),
        *(nine + 3 * DAY - HOUR - MINUTE, three + 3 * DAY),
        *(nine + 4 * DAY, three + 4 * DAY + HOUR + MINUTE),
        source=source,
    )
    found = await health(world, source)
    # The period begins on Monday at half past eleven and ends so: nine is over, three is to come.
    assert days(found) == [(7, 1, 1), (8, 2, 0), (9, 2, 0), (10, 2, 1), (11, 2, 1), (14, 1, 1)]
    assert [day.day for day in found.missed_days] == [7, 10, 11, 14]


async def test_within_its_hour_of_grace_nothing_is_missed_yet(
    world: World, clock: Clock, source: UUID, posting: PoolId
) -> None:
    due = MONDAY + 7 * DAY + 7 * HOUR
    for now, expected in ((due + HOUR - MINUTE, []), (due + HOUR + MINUTE, [(14, 1, 1)])):
        clock.set(now)
        assert days(await health(world, source, 1)) == expected


async def test_what_came_too_late_didn_t_come(
    world: World, database: Database, source: UUID, posting: PoolId
) -> None:
    at = MONDAY + 7 * DAY + 7 * HOUR
    await post(database, posting, at, source=source, received_at=at + HOUR + MINUTE)
    assert days(await health(world, source, 1)) == [(14, 1, 1)]
    await post(database, posting, at, source=source, received_at=at + HOUR)
    assert days(await health(world, source, 1)) == [(14, 1, 0)]


async def test_another_source_may_post_for_it_but_none_in_the_sandbox(
    world: World, database: Database, source: UUID, posting: PoolId
) -> None:
    at = MONDAY + 7 * DAY + 7 * HOUR
    await post(database, posting, at, source=uuid4(), outcome="sandbox", version=None)
    assert days(await health(world, source, 1)) == [(14, 1, 1)]
    await post(database, posting, at, source=uuid4())
    assert days(await health(world, source, 1)) == [(14, 1, 0)]


async def test_in_the_sandbox_it_answers_for_what_it_reported_in_the_period(
    world: World, database: Database
) -> None:
    source = await source_of(world, world.provider, released=False)
    at = MONDAY + 7 * DAY + 7 * HOUR
    await post(database, world.pool_id, at, source=uuid4())
    assert days(await health(world, source, 1)) == []
    said: dict[str, Any] = {"source": source, "outcome": "sandbox", "version": None}
    await post(database, world.pool_id, at + 2 * HOUR, **said)
    assert days(await health(world, source, 1)) == [(14, 1, 1)]
    await post(database, world.pool_id, at, **said)
    assert days(await health(world, source, 1)) == [(14, 1, 0)]


async def test_teams_and_pools_of_others_have_each_their_own_schedule(
    world: World, database: Database, source: UUID
) -> None:
    team = await a_team(world, database, world.provider)
    await stands(database, "home_care_team", team, source, NOW + HOUR, light="groen")
    assert [(due, missed) for _, due, missed in days(await health(world, source))] == [(1, 1)] * 7
    at = MONDAY + 2 * DAY + 7 * HOUR
    await keep(database, "home_care_report", past_team_report(team, at, source_id=source))
    assert (9, 1, 0) in days(await health(world, source))
    theirs = await source_of(world, world.other, released=True)
    await stands(database, "home_care_team", team, theirs, NOW + HOUR, light="groen")
    assert days(await health(world, theirs)) == []


async def test_nothing_was_due_before_there_was_a_source(
    world: World, database: Database, source: UUID, posting: PoolId
) -> None:
    async with database.connect() as connection:
        await connection.execute(
            "UPDATE source SET created_at = $2 WHERE id = $1", source, MONDAY + 3 * DAY + 10 * HOUR
        )
    assert [day for day, _, _ in days(await health(world, source))] == [10, 11, 14]


async def test_whose_health_may_be_seen(world: World, source: UUID) -> None:
    async def seen(by: Party, **page: Any) -> list[UUID]:
        actor = (await world.credential(by)).actor
        asked = {"after": None, "limit": 50, **page}
        found = await feed_health.feed_health(world.container, actor, 7, **asked)
        return [health.source.id for health in found]

    assert await seen(world.provider) == [source]
    assert source not in await seen(world.other)
    every = await seen(world.operator)
    assert source in every
    assert len(every) == 3
    assert every == sorted(every)
    assert await seen(world.operator, after=every[0], limit=1) == [every[1]]
    stranger = (await world.credential(world.other)).actor
    with pytest.raises(NotFound):
        await source_health(world.container, stranger, source, 7)
    with pytest.raises(NotFound):
        await feed_health.sandbox_reports(world.container, stranger, source, before=None, limit=5)


async def test_sandbox_reports_are_shown_newest_first_and_page_by_page(
    world: World, database: Database, source: UUID
) -> None:
    team, gone = await a_team(world, database, world.provider), uuid4()
    bed, _ = await a_bed(world, database)
    said = {"source_id": source, "outcome": "sandbox", "version": None}
    at = NOW - HOUR
    await keep(
        database,
        "pool_report",
        past_report(
            world.pool_id,
            at,
            free=3,
            warnings="sprong:free;vrij-en-vrij-vanaf:available_from",
            note="proef",
            forecast=json.dumps({"admissions": []}),
            **said,
        ),
        *(past_report(world.pool_id, at - 5 * MINUTE, **said) for _ in range(3)),
        past_report(gone, at - 9 * MINUTE, **said),
        past_report(world.pool_id, NOW - 32 * DAY, **said),
        past_report(world.pool_id, at, **{**said, "outcome": "accepted", "version": 1}),
        past_report(world.pool_id, at, **{**said, "source_id": uuid4()}),
    )
    await keep(database, "bed_report", past_bed_report(bed, at - 2 * MINUTE, **said))
    await keep(
        database, "home_care_report", past_team_report(team, at - 3 * MINUTE, hours=4, **said)
    )
    actor = (await world.credential(world.provider)).actor

    async def read(limit: int) -> list[Any]:
        found: list[Any] = []
        before = None
        while True:
            page = await feed_health.sandbox_reports(
                world.container, actor, source, before=before, limit=limit
            )
            found += page
            if len(page) < limit:
                return found
            before = page[-1].place

    found = await read(100)
    assert [report.kind for report in found] == ["pool", "bed", "home-care-team", *["pool"] * 4]
    assert found[0].figures["free"] == 3
    assert found[0].figures["forecast"] == {"admissions": []}
    assert found[0].warnings == ("sprong:free", "vrij-en-vrij-vanaf:available_from")
    assert found[0].note == "proef"
    assert (found[1].figures["state"], found[2].figures["hours"]) == ("free", 4)
    assert [report.name is None for report in found] == [False] * 6 + [True]
    assert found[-1].subject_id == gone
    for limit in (1, 2, 3):
        assert await read(limit) == found
