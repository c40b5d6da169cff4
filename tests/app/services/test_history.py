"""The course of a pool and of a location, read from history as it is kept."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from app.container import Container
from app.db import course as rows
from app.services import history, pools
from app.services.history import Asked
from domain.actors import Role
from domain.capacity import Freshness
from domain.course import MOST_APART, Stretch, stretches, thinned
from domain.errors import InvalidInput, NotAllowed, NotFound
from domain.identifiers import LocationId, PoolId
from tests.factories.past import keep, past_report
from tests.factories.times import HOUR, MINUTE
from tests.factories.world import World, counts, make_location, make_party, make_pool
from tests.support.clock import Clock
from tests.support.database import Database

#: The test's own now is later, and every moment of these histories is in a month of its own.
START = datetime(2026, 6, 29, 9, 0, tzinfo=UTC)
END = START + 72 * HOUR
DAY = 24 * HOUR
FRESH, OLD, NEVER = Freshness.FRESH, Freshness.UNCONFIRMED, Freshness.NEVER_REPORTED


@pytest.fixture(autouse=True)
def _later(clock: Clock) -> None:
    clock.set(END + 30 * DAY)


def asked(
    since: datetime | None = START,
    until: datetime | None = END,
    step: timedelta | None = None,
    limit: int = 5_000,
) -> Asked:
    """A part of a course, by default all of these histories and every change."""
    return Asked(since, until, step, limit)


async def course(world: World, ask: Asked, pool_id: PoolId | None = None) -> list[Stretch]:
    """A pool's course, read page by page."""
    credential = await world.credential(world.provider)
    found: list[Stretch] = []
    while True:
        page = await history.pool_course(world.container, credential, pool_id or world.pool_id, ask)
        assert len(page.items) <= ask.limit
        found += page.items
        if page.following is None:
            return found
        assert page.items[-1].until == page.following
        ask = replace(ask, since=page.following, until=page.until)


def told(found: list[Stretch]) -> list[tuple[float, Freshness, int | None]]:
    """Each stretch: after how many hours it begins, how far it is believed, and what stood."""
    return [
        ((s.since - START) / HOUR, s.freshness, s.report.base if s.report else None) for s in found
    ]


def free(
    pool_id: PoolId, hours: float, places: int, version: int | None, /, **said: Any
) -> dict[str, Any]:
    """A report of free places, believed for ten hours."""
    at = START + hours * HOUR
    more = {"free": places, "version": version, "valid_until": at + 10 * HOUR}
    return past_report(pool_id, at, **{**more, **said})


async def test_a_figure_stands_from_its_observation_until_the_next_accepted_one(
    world: World, database: Database
) -> None:
    pool = world.pool_id
    await keep(
        database,
        "pool_report",
        free(pool, 2, 4, 1),
        free(pool, 5, 3, 2, received_at=START + 9 * HOUR),
        free(pool, 20, 1, 3, valid_until=None),
    )
    assert told(await course(world, asked())) == [
        (0, NEVER, None),
        (2, FRESH, 4),
        (5, FRESH, 3),
        (15, OLD, 3),
        (20, FRESH, 1),
    ]


async def test_what_never_stood_is_not_in_it(world: World, database: Database) -> None:
    pool = world.pool_id
    await keep(
        database,
        "pool_report",
        free(pool, 2, 4, 1),
        free(pool, 3, 9, None, outcome="superseded"),
        free(pool, 4, 9, None, outcome="sandbox"),
        free(PoolId(uuid4()), 4, 9, 2),
    )
    found = await course(world, asked(until=START + 6 * HOUR))
    assert told(found) == [(0, NEVER, None), (2, FRESH, 4)]


async def test_what_stood_at_the_beginning_is_found_however_long_ago_it_was_said(
    world: World, database: Database
) -> None:
    pool = world.pool_id
    await keep(
        database,
        "pool_report",
        free(pool, -24 * 200, 4, 1),
        free(pool, -24 * 100, 7, 2, valid_until=None),
    )
    assert told(await course(world, asked())) == [(0, FRESH, 7)]
    at_steps = await course(world, asked(step=DAY))
    assert told(at_steps) == [(0, FRESH, 7), (24, FRESH, 7), (48, FRESH, 7)]


async def test_what_was_stated_elsewhere_than_it_stood_is_found(
    world: World, database: Database
) -> None:
    """A clock an hour wrong either way, at both ends of the range and across the end of a month."""
    pool, wrong = world.pool_id, HOUR + 5 * MINUTE
    month = datetime(2026, 7, 1, tzinfo=UTC)
    for at in (START, END, month):
        for shift in (-wrong, wrong):
            for edge in (-MINUTE, timedelta(0), MINUTE):
                async with database.connect(database.owner_url) as owner:
                    await owner.execute("DELETE FROM pool_report")
                observed = at + edge
                before = free(pool, -100, 2, 1, valid_until=None)
                shifted = past_report(
                    pool, observed, stated_at=observed + shift, free=5, version=2, valid_until=None
                )
                await keep(database, "pool_report", before, shifted)
                found = await course(world, asked(since=START, until=END))
                expected = [] if observed <= START else [(0.0, FRESH, 2)]
                if observed < END:
                    expected.append((max(observed - START, timedelta(0)) / HOUR, FRESH, 5))
                assert told(found) == expected, (at, shift, edge)


async def test_the_newest_observation_stood_though_another_was_stated_later(
    world: World, database: Database
) -> None:
    pool = world.pool_id
    fast = free(pool, -1, 3, 1, stated_at=START - MINUTE, valid_until=None)
    right = free(pool, -0.5, 6, 2, valid_until=None)
    slow = free(pool, -0.25, 8, 3, stated_at=START - HOUR, valid_until=None)
    await keep(database, "pool_report", fast, right, slow)
    assert told(await course(world, asked())) == [(0, FRESH, 8)]


async def test_the_sum_of_beds_stands_from_when_it_was_made(
    world: World, database: Database
) -> None:
    """Its observation is that of the bed that was told of longest ago, which may go back in time."""
    pool = world.pool_id
    async with database.connect() as connection:
        await connection.execute("UPDATE pool SET care_types = '{mfb}' WHERE id = $1", pool)
    await keep(
        database,
        "pool_report",
        free(pool, 2, 4, 1, observed_at=START - 50 * HOUR, valid_until=None),
        free(pool, 6, 3, 2, observed_at=START - 70 * HOUR, valid_until=START + 7 * HOUR),
    )
    assert told(await course(world, asked())) == [
        (0, NEVER, None),
        (2, FRESH, 4),
        (6, FRESH, 3),
        (7, OLD, 3),
    ]


async def test_pages_and_steps_tell_the_same_as_all_at_once(
    world: World, database: Database
) -> None:
    """A random history against the domain's own account of it."""
    draw = random.Random(3)
    pool, minutes = world.pool_id, sorted(draw.choices(range(-600, 72 * 60), k=120))
    made = [
        free(pool, 0, draw.randint(0, 9), version, observed_at=START + minute * MINUTE)
        | {
            "stated_at": START + (minute + draw.randint(-60, 60)) * MINUTE,
            "valid_until": START + (minute + draw.randint(0, 90)) * MINUTE,
        }
        for version, minute in enumerate(minutes, 1)
    ]
    await keep(database, "pool_report", *made)
    async with database.connect() as connection:
        every = await rows.changes(connection, pool, START - DAY, END, 1_000)
    assert [report.version for report in every] == list(range(1, 121))
    whole = list(stretches(every, START, END))
    for limit in (1, 2, 7, 100):
        assert joined(await course(world, asked(limit=limit))) == whole
    for step in (15 * MINUTE, 70 * MINUTE, DAY):
        expected = list(thinned(whole, START, END, step))
        for limit in (1, 5, 5_000):
            if limit > 1 or step == DAY:
                assert await course(world, asked(step=step, limit=limit)) == expected


def joined(found: list[Stretch]) -> list[Stretch]:
    """Stretches as they are before pages cut them in two."""
    whole: list[Stretch] = []
    for stretch in found:
        if whole and (whole[-1].report, whole[-1].freshness) == (stretch.report, stretch.freshness):
            whole[-1] = replace(whole[-1], until=stretch.until)
        else:
            whole.append(stretch)
    return whole


async def test_a_pool_that_was_never_reported_is_told_so_when_thinned(
    world: World, database: Database
) -> None:
    """The reports that stood at no step are left out, and the first still tells that it was."""
    pool = world.pool_id
    await keep(database, "pool_report", free(pool, 1, 4, 1), free(pool, 1.5, 3, 2))
    found = await course(world, asked(step=2 * HOUR, until=START + 4 * HOUR))
    assert told(found) == [(0, NEVER, None), (2, FRESH, 3)]


async def test_a_course_ends_where_its_pool_was_closed(
    world: World, database: Database, clock: Clock
) -> None:
    await keep(database, "pool_report", free(world.pool_id, 1, 4, 1, valid_until=None))
    clock.set(START + 3 * HOUR)
    await pools.close_pool(world.container, None, world.pool_id)
    clock.set(END)
    found = await course(world, asked())
    assert abs(found[-1].until - (START + 3 * HOUR)) < MINUTE
    assert await course(world, asked(since=START + 4 * HOUR)) == []


async def test_the_last_seven_days_are_told_when_nobody_says_which(
    world: World, clock: Clock
) -> None:
    found = await course(world, asked(since=None, until=None))
    assert found[-1].until - found[0].since == 7 * DAY
    assert abs(found[-1].until - clock.now()) < MINUTE
    ahead = await course(world, asked(since=END, until=clock.now() + 20 * DAY))
    assert abs(ahead[-1].until - clock.now()) < MINUTE


async def test_no_course_is_longer_than_400_days_or_in_the_future(
    world: World, clock: Clock
) -> None:
    await course(world, asked(since=END - 400 * DAY))
    for since, until in (
        (END - 400 * DAY - MINUTE, END),
        (END, END),
        (clock.now() + HOUR, clock.now() + DAY),
    ):
        with pytest.raises(InvalidInput):
            await course(world, asked(since=since, until=until))


@pytest.fixture
async def house(world: World, database: Database) -> list[PoolId]:
    """A location's three pools and what they reported, one of them never."""
    more = [await make_pool(world.container, world.location_id) for _ in range(2)]
    pools_ = [world.pool_id, *more]
    draw = random.Random(5)
    for pool in pools_[:2]:
        minutes = sorted(draw.choices(range(-600, 72 * 60), k=40))
        await keep(
            database,
            "pool_report",
            *(
                past_report(
                    pool,
                    START + minute * MINUTE,
                    version=version,
                    operable=8,
                    occupied=draw.randint(0, 8),
                    planned=draw.choice((None, 0, 1, 4)),
                    closed=draw.randint(0, 2),
                    valid_until=START + (minute + draw.randint(0, 200)) * MINUTE,
                )
                for version, minute in enumerate(minutes, 1)
            ),
        )
    await world.settled()
    return pools_


async def totals(
    world: World, ask: Asked, location_id: LocationId | None = None, by: Any = None
) -> list[Any]:
    """A location's course, read page by page."""
    credential = await world.credential(by or world.provider)
    found: list[Any] = []
    while True:
        page = await history.location_course(
            world.container, credential, location_id or world.location_id, ask
        )
        found += page.items
        if page.following is None:
            return found
        ask = replace(ask, since=page.following, until=page.until)


@pytest.mark.parametrize("step", [15 * MINUTE, HOUR, DAY])
@pytest.mark.parametrize("limit", [7, 5_000])
async def test_a_location_s_sums_are_the_sums_of_its_pools(
    world: World, house: list[PoolId], step: timedelta, limit: int
) -> None:
    each = [await course(world, asked(step=step), pool) for pool in house]
    found = await totals(world, asked(step=step, limit=limit))
    assert len(found) == len(each[0])
    for number, total in enumerate(found):
        at = [stretches_[number] for stretches_ in each]
        reports = [stretch.report for stretch in at if stretch.report is not None]
        assert {stretch.since for stretch in at} == {total.since}
        assert total.pools == 3
        assert total.unknown == 3 - sum(report.base is not None for report in reports)
        assert total.unconfirmed == sum(stretch.freshness is OLD for stretch in at)
        assert total.balance == sum(report.base or 0 for report in reports)
        assert total.free == sum(max(0, report.base or 0) for report in reports)
        for name in ("operable", "occupied", "planned", "closed"):
            assert getattr(total, name) == sum(getattr(r, name) or 0 for r in reports)
    assert any(total.unknown > 1 for total in found)


async def test_a_location_is_told_by_the_hour_unless_said(
    world: World, house: list[PoolId]
) -> None:
    found = await totals(world, asked())
    assert [total.since for total in found] == [START + n * HOUR for n in range(72)]
    assert found == await totals(world, asked(step=HOUR))


async def test_an_admission_stop_is_told_while_it_was_in_force(
    world: World, database: Database
) -> None:
    async def stop(since: float, lifted: float | None) -> None:
        await keep(
            database,
            "admission_stop",
            {
                "location_id": world.location_id,
                "reason": "uitbraak",
                "since": START + since * HOUR,
                "source_kind": "api",
                "set_at": START + since * HOUR,
                "lifted_at": None if lifted is None else START + lifted * HOUR,
            },
        )

    await stop(-9, -1)
    await stop(-1, 1)
    await stop(3, 5)
    await stop(70, None)
    found = await totals(world, asked())
    stopped = [n for n, total in enumerate(found) if total.admission_stop]
    assert stopped == [0, 3, 4, 70, 71]


async def test_who_has_only_its_own_sees_its_own_pools_of_its_own_location(
    world: World, house: list[PoolId], database: Database
) -> None:
    await pools.transfer_pool(world.container, None, house[1], world.other.organisation_id)
    await world.settled()
    found = await totals(world, asked())
    assert {total.pools for total in found} == {2}
    assert {t.pools for t in await totals(world, asked(), by=world.coordinator)} == {3}
    with pytest.raises(NotFound):
        await totals(world, asked(), by=world.other)
    with pytest.raises(NotFound):
        await totals(world, asked(), LocationId(uuid4()))


async def test_a_location_without_pools_has_nothing_to_add_up(world: World) -> None:
    empty = await make_location(world.container, world.provider)
    found = await totals(world, asked(), empty)
    assert {(total.pools, total.free) for total in found} == {(0, 0)}


async def test_whose_course_may_be_seen(container: Container, world: World) -> None:
    for party, failure in (
        (world.other, NotFound),
        (await make_party(container, Role.REFERRER), NotAllowed),
        (await make_party(container, Role.AUDITOR), NotAllowed),
    ):
        credential = await world.credential(party)
        with pytest.raises(failure):
            await history.pool_course(container, credential, world.pool_id, asked())
    for party in (world.coordinator, world.operator):
        credential = await world.credential(party)
        assert (await history.pool_course(container, credential, world.pool_id, asked())).items


async def test_what_is_reported_is_what_the_course_tells(world: World, clock: Clock) -> None:
    """Through the service itself: a report, one that comes late, and "klopt nog"."""
    first = await world.report(counts(8, 5))
    clock.turn(2 * HOUR)
    await world.report(counts(8, 2), observed_at=clock.now() - 3 * HOUR)
    await world.confirm(first.version)
    found = await course(world, asked(since=clock.now() - 4 * HOUR, until=None))
    stood = [s.report for s in found if s.report is not None]
    assert [(r.version, r.base) for r in stood if r.version > first.version] == [(2, 3)]
    assert found[0].freshness is NEVER
    assert stood[0].since == first.observed_at
    assert stood[0].source == "api"


async def test_only_the_months_of_the_range_are_opened(world: World, database: Database) -> None:
    async with database.connect() as connection:
        for month in range(1, 11):
            await connection.execute(
                "SELECT history_add_month('pool_report', $1)", date(2025, month, 1)
            )
    since, until = datetime(2025, 5, 10, tzinfo=UTC), datetime(2025, 6, 10, tzinfo=UTC)
    async with database.connect() as connection:
        plan = await connection.fetch(
            f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {rows._CHANGES}",
            [world.pool_id],
            since,
            until,
            MOST_APART,
            10,
        )
    text = "\n".join(row[0] for row in plan)
    opened = {
        f"2025_{month:02}" for month in range(1, 11) if f"pool_report_2025_{month:02}" in text
    }
    assert opened == {"2025_05", "2025_06"}
