"""When figures are due, and until when the report that stands is believed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.services import pools
from app.services.written import Written
from domain.care_types import CareType
from domain.errors import InvalidInput, NotFound, VersionChanged
from domain.identifiers import PoolId
from domain.pools import Pool, Posting
from domain.posting import PostingSchedule, posts_as_often
from tests.factories.world import REGION, Party, World, counts, make_pool
from tests.support.afresh import check_boards
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.told import heads, told

DAILY, WORKDAYS, ON_CHANGE = (
    PostingSchedule.DAILY_TWICE,
    PostingSchedule.WORKDAYS_TWICE,
    PostingSchedule.ON_CHANGE,
)
#: A Friday at noon in Amsterdam.
FRIDAY = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def post(
    world: World,
    by: Party,
    schedule: PostingSchedule | None,
    minutes: int | None,
    version: int = 1,
    pool_id: PoolId | None = None,
) -> Written[PoolId]:
    """A party says when the first pool's figures are due."""
    actor = (await world.credential(by)).actor
    return await pools.set_posting(
        world.container, actor, pool_id or world.pool_id, schedule, minutes, version
    )


@pytest.mark.parametrize(
    ("schedule", "other", "as_often"),
    [
        (DAILY, WORKDAYS, True),
        (DAILY, ON_CHANGE, True),
        (WORKDAYS, DAILY, False),
        (ON_CHANGE, DAILY, False),
        (WORKDAYS, ON_CHANGE, False),
        (ON_CHANGE, WORKDAYS, False),
        (DAILY, DAILY, True),
    ],
)
def test_a_schedule_posts_as_often_when_it_has_each_moment_of_the_other(
    schedule: PostingSchedule, other: PostingSchedule, as_often: bool
) -> None:
    assert posts_as_often(schedule, other) == as_often


async def test_a_provider_tightens_its_own_pool_and_the_report_expires_sooner(
    world: World, database: Database, clock: Clock
) -> None:
    clock.set(FRIDAY)
    receipt = await world.report(counts(10, 8))
    # Until Friday three o'clock, and an hour of grace.
    assert receipt.valid_until == FRIDAY + 4 * HOUR
    assert receipt.observed_at is not None
    before = await heads(database)
    written = await post(world, world.provider, None, 120)
    (_, _, pool), (_, _, figures) = await told(database, before, REGION)
    assert (pool["time_to_live_minutes"], pool["version"]) == (120, 2)
    assert datetime.fromisoformat(figures["valid_until"]) == receipt.observed_at + 2 * HOUR
    assert figures["version"] == 1
    assert written.state["capacity"] == figures
    action = await database.value("SELECT action FROM audit ORDER BY id DESC LIMIT 1")
    assert action == "posting.write"
    await check_boards(world)


async def test_a_provider_posts_more_often_and_figures_expire_no_later(
    world: World, clock: Clock
) -> None:
    clock.set(FRIDAY + 4 * HOUR)
    receipt = await world.report(counts(10, 8))
    written = await post(world, world.provider, DAILY, None)
    until = datetime.fromisoformat(written.state["capacity"]["valid_until"])
    assert receipt.valid_until is not None
    # Saturday instead of Monday.
    assert receipt.valid_until - until == 2 * timedelta(days=1)


@pytest.mark.parametrize(
    ("schedule", "minutes", "pointer"),
    [
        (None, 121, "/time_to_live_minutes"),
        (None, None, "/time_to_live_minutes"),
        (ON_CHANGE, 120, "/posting_schedule"),
        (None, 14, "/time_to_live_minutes"),
        (None, 10081, "/time_to_live_minutes"),
    ],
)
async def test_a_provider_loosens_nothing(
    world: World,
    database: Database,
    schedule: PostingSchedule | None,
    minutes: int | None,
    pointer: str,
) -> None:
    await post(world, world.provider, None, 120)
    before = await heads(database)
    with pytest.raises(InvalidInput) as refused:
        await post(world, world.provider, schedule, minutes, 2)
    assert refused.value.pointer == pointer
    assert await heads(database) == before
    # The same again loosens nothing.
    await post(world, world.provider, WORKDAYS, 120, 2)


async def test_the_operator_loosens_it_and_the_report_is_believed_longer(
    world: World, clock: Clock
) -> None:
    clock.set(FRIDAY)
    await post(world, world.provider, None, 60)
    await world.settled()
    receipt = await world.report(counts(10, 8))
    assert receipt.observed_at is not None
    assert receipt.valid_until == receipt.observed_at + HOUR
    written = await post(world, world.operator, None, None, 2)
    until = datetime.fromisoformat(written.state["capacity"]["valid_until"])
    assert until == FRIDAY + 4 * HOUR
    await check_boards(world)


async def test_somebody_elses_posting_is_not_found(world: World, database: Database) -> None:
    before = await heads(database)
    for party in (world.other, world.coordinator):
        with pytest.raises(NotFound):
            await post(world, party, None, 60)
    with pytest.raises(VersionChanged):
        await post(world, world.provider, None, 60, 2)
    assert await heads(database) == before


async def test_a_pool_changed_as_a_whole_brings_its_report_in_line_too(
    world: World, clock: Clock
) -> None:
    clock.set(FRIDAY)
    receipt = await world.report(counts(10, 8))
    new = Pool("A1", "x", (CareType.ELV_LAAG,), Posting(WORKDAYS, 60))
    written = await pools.change_pool(world.container, None, world.pool_id, new, 1)
    until = datetime.fromisoformat(written.state["capacity"]["valid_until"])
    assert receipt.observed_at is not None
    assert until == receipt.observed_at + HOUR


async def test_the_reports_of_beds_are_brought_in_line_with_their_pool(
    world: World, database: Database
) -> None:
    pool_id = await make_pool(world.container, world.location_id, CareType.MFB)

    async def bed(code: str, observed_at: datetime) -> Any:
        return await database.value(
            "INSERT INTO bed (region_id, pool_id, external_id, name, status, report_version,"
            " observed_at, received_at, valid_until, state)"
            " VALUES (1, $1, $2, 'x', 'active', 1, $3, $3, $4, 'free') RETURNING id",
            pool_id,
            code,
            observed_at,
            FRIDAY + 4 * HOUR,
        )

    newer = await bed("B1", FRIDAY)
    older = await bed("B2", FRIDAY - HOUR)
    async with database.connect() as connection:
        await connection.execute(
            "UPDATE pool SET report_version = 2, observed_at = $2, received_at = $2,"
            " counted_until = $2, valid_until = $3 WHERE id = $1",
            pool_id,
            FRIDAY,
            FRIDAY + 4 * HOUR,
        )
    await world.settled()
    before = await heads(database)
    await post(world, world.provider, None, 120, pool_id=pool_id)
    until = {
        subject: state["valid_until"]
        for kind, subject, state in await told(database, before, REGION)
        if kind in ("bed", "capacity")
    }
    assert {subject: datetime.fromisoformat(at) for subject, at in until.items()} == {
        str(newer): FRIDAY + 2 * HOUR,
        str(older): FRIDAY + HOUR,
        str(pool_id): FRIDAY + HOUR,
    }
