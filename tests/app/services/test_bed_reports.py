"""Reports of beds: which stands, what it changes, and that the pool always follows from its beds."""

import asyncio
import contextlib
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from app.db import beds as bed_rows
from app.db import registers
from app.db.tables import BedRow, PoolRow
from app.db.unit_of_work import UnitOfWork
from app.services import bed_reports, pools, reports
from app.services.observations import Told
from app.services.pool_of_beds import bed_of
from domain.actors import Role
from domain.beds import BedReport, BedState, Hold, pool_of, shown_state
from domain.capacity import Outcome
from domain.care_types import ClosedReason
from domain.errors import (
    InvalidInput,
    NotAllowed,
    NotFound,
    NothingToConfirm,
    ObservedInFuture,
    Problem,
    VersionChanged,
)
from domain.events import Kind
from domain.identifiers import BedId, PoolId
from tests.factories.beds import (
    CLEANING,
    CLOSED,
    FREE,
    OCCUPIED,
    hold,
    make_beds,
    place_of,
    sandboxed,
    say,
)
from tests.factories.times import HOUR, MINUTE, NINE
from tests.factories.world import REGION, World, counts, make_party
from tests.support.clock import Clock
from tests.support.database import Database


@pytest.fixture
async def beds(world: World, clock: Clock) -> list[BedId]:
    """Three beds of one pool, at nine o'clock."""
    clock.set(NINE)
    return await make_beds(world, 3)


async def pool_of_bed(world: World, bed_id: BedId) -> PoolId:
    """The pool of a bed."""
    return (await place_of(world, bed_id)).pool_id


async def rows_of(world: World, pool_id: PoolId) -> tuple[PoolRow, list[BedRow]]:
    """A pool and its beds as of one moment."""

    async def act(work: UnitOfWork) -> tuple[PoolRow, list[BedRow]]:
        return await registers.lock_pool(work, pool_id), await bed_rows.lock_beds(work, pool_id)

    return await world.container.act(act)


async def check_pool(world: World, pool_id: PoolId) -> None:
    """The pool's row says what follows from its beds, and its history ends with that."""
    pool, rows = await rows_of(world, pool_id)
    beds = [bed_of(row) for row in rows if row.status == "active"]
    found = pool_of(beds)
    if found is None:
        assert pool.report_version == 0
        return
    told = [pool.physical, pool.operable, pool.occupied, pool.planned, pool.closed]
    figures = found.figures
    assert told == [
        *(figures.physical, figures.operable, figures.occupied, figures.planned, figures.closed)
    ]
    assert (pool.closed_reason, pool.forecast) == (
        figures.closed_reason,
        found.forecast.as_data() or None,
    )
    assert (pool.observed_at, pool.valid_until) == (found.observed_at, found.valid_until)
    assert (pool.claimed, len(pool.promised_at)) == (found.claimed, found.promised)
    assert pool.balance == sum(shown_state(bed) == "free" for bed in beds)


async def test_the_first_report_of_a_bed_is_the_first_of_its_pool(
    world: World, database: Database, beds: list[BedId]
) -> None:
    receipt = await say(world, beds[0], FREE, observed_at=NINE - MINUTE)
    assert (receipt.outcome, receipt.id, receipt.version) == (Outcome.ACCEPTED, beds[0], 1)
    assert receipt.observed_at == NINE - MINUTE
    # The pool's schedule: workdays at nine and three, believed an hour longer.
    assert receipt.valid_until == datetime(2026, 11, 18, 15, tzinfo=UTC)
    pool_id = await pool_of_bed(world, beds[0])
    await check_pool(world, pool_id)
    await world.settled()
    board = world.container.board.regions[REGION]
    assert receipt.position == board.position
    events = await database.all(
        "SELECT kind, subject_id FROM event WHERE region_id = 1 ORDER BY number DESC LIMIT 2"
    )
    assert {tuple(event) for event in events} == {
        ("bed", str(beds[0])),
        ("capacity", str(pool_id)),
    }
    kept = await database.one("SELECT * FROM pool_report WHERE pool_id = $1", pool_id)
    assert (kept["outcome"], kept["version"], kept["confirmation"]) == ("accepted", 1, False)
    assert (kept["physical"], kept["operable"], kept["occupied"]) == (3, 1, 0)


async def test_a_late_report_goes_to_history_without_an_event(
    world: World, database: Database, beds: list[BedId]
) -> None:
    stood = await say(world, beds[0], FREE, observed_at=NINE - MINUTE)
    late = await say(world, beds[0], OCCUPIED, observed_at=NINE - HOUR)
    assert (late.outcome, late.version) == (Outcome.SUPERSEDED, 1)
    assert late.observed_at == NINE - MINUTE
    assert late.position == stood.position
    kept = await database.all("SELECT outcome, version, state FROM bed_report ORDER BY stated_at")
    assert [tuple(row) for row in kept] == [
        ("superseded", None, "occupied"),
        ("accepted", 1, "free"),
    ]
    again = await say(world, beds[0], OCCUPIED, observed_at=NINE - HOUR)
    assert again.outcome is Outcome.SUPERSEDED
    assert await database.value("SELECT count(*) FROM bed_report") == 2


async def test_the_same_twice_is_repeated_and_changes_nothing(
    world: World, database: Database, beds: list[BedId]
) -> None:
    first = await say(world, beds[0], FREE, observed_at=NINE)
    again = await say(world, beds[0], FREE, observed_at=NINE)
    assert (again.outcome, again.version) == (Outcome.REPEATED, 1)
    assert again.position == first.position
    assert await database.value("SELECT count(*) FROM bed_report") == 1
    assert await database.value("SELECT count(*) FROM pool_report") == 1


@pytest.mark.parametrize("order", [(FREE, OCCUPIED), (OCCUPIED, FREE)])
async def test_of_equal_observations_the_less_free_one_stands(
    world: World, database: Database, beds: list[BedId], order: tuple[BedReport, BedReport]
) -> None:
    for said in order:
        await say(world, beds[0], said, observed_at=NINE)
    assert await database.value("SELECT state FROM bed WHERE id = $1", beds[0]) == "occupied"
    await check_pool(world, await pool_of_bed(world, beds[0]))


async def test_the_future_and_what_cannot_be_are_refused(world: World, beds: list[BedId]) -> None:
    with pytest.raises(ObservedInFuture):
        await say(world, beds[0], FREE, observed_at=NINE + 6 * MINUTE)
    with pytest.raises(InvalidInput):
        await say(world, beds[0], BedReport(BedState.CLOSED))
    slow = await say(world, beds[0], FREE, observed_at=NINE + 9 * MINUTE, sent_at=NINE + HOUR / 6)
    assert slow.outcome is Outcome.ACCEPTED
    assert slow.observed_at is not None
    assert slow.observed_at < NINE


async def test_another_version_than_was_shown_is_refused_and_audited(
    world: World, database: Database, beds: list[BedId]
) -> None:
    await say(world, beds[0], FREE, expected_version=0)
    with pytest.raises(VersionChanged) as refused:
        await say(world, beds[0], OCCUPIED, expected_version=0, address="192.0.2.7")
    assert refused.value.facts == {"current": 1}
    row = await database.one("SELECT * FROM audit ORDER BY id DESC LIMIT 1")
    assert (row["action"], row["outcome"], row["purpose"]) == (
        "capacity.report",
        "version-changed",
        "capacity",
    )
    assert (row["object_kind"], row["object_id"]) == ("bed", str(beds[0]))
    assert (row["address"], row["basis"]) == ("192.0.2.7", "provider-capacity: own organisation")


async def test_somebody_elses_bed_is_not_there(world: World, beds: list[BedId]) -> None:
    with pytest.raises(NotFound):
        await say(world, beds[0], BedReport(BedState.CLOSED), by=world.other)
    with pytest.raises(NotAllowed):
        await say(world, beds[0], FREE, by=await make_party(world.container, Role.REFERRER))
    phoned = await say(world, beds[0], FREE, by=world.coordinator)
    assert phoned.outcome is Outcome.ACCEPTED


async def test_the_owner_is_judged_under_the_lock(
    world: World, database: Database, beds: list[BedId]
) -> None:
    place = await place_of(world, beds[0])
    await pools.transfer_pool(world.container, None, place.pool_id, world.other.organisation_id)
    credential = await world.credential(world.provider)
    with pytest.raises(NotFound):
        await bed_reports.report_bed(world.container, credential, place, FREE, Told())
    assert await database.value("SELECT count(*) FROM bed_report") == 0
    assert (await say(world, beds[0], FREE, by=world.other)).outcome is Outcome.ACCEPTED


async def test_a_hold_outlives_a_report_and_takes_the_place(
    world: World, database: Database, beds: list[BedId]
) -> None:
    pool_id = await pool_of_bed(world, beds[0])
    await hold(database, beds[0], Hold.CLAIMED)
    await hold(database, beds[1], Hold.PROMISED)
    for bed_id in beds:
        await say(world, bed_id, FREE)
    await check_pool(world, pool_id)
    pool, rows = await rows_of(world, pool_id)
    assert (pool.claimed, len(pool.promised_at), pool.balance) == (1, 1, 1)
    assert [row.hold for row in rows] == ["claimed", "promised", None]
    # Whoever the place was promised to has come: it isn't counted twice.
    await say(world, beds[1], OCCUPIED)
    await check_pool(world, pool_id)
    pool, _ = await rows_of(world, pool_id)
    assert (pool.claimed, len(pool.promised_at), pool.balance) == (1, 0, 1)


async def test_the_sandbox_is_judged_and_kept_and_changes_nothing(
    world: World, database: Database, beds: list[BedId]
) -> None:
    trial = await sandboxed(world)
    first = await say(world, beds[0], FREE, by=trial, observed_at=NINE)
    assert (first.outcome, first.version, first.observed_at) == (Outcome.SANDBOX, 0, None)
    again = await say(world, beds[0], FREE, by=trial, observed_at=NINE)
    assert again.outcome is Outcome.REPEATED
    with pytest.raises(VersionChanged):
        await say(world, beds[0], FREE, by=trial, expected_version=4)
    with pytest.raises(InvalidInput):
        await say(world, beds[0], BedReport(BedState.CLOSED), by=trial)
    assert (
        await database.value(
            "SELECT count(*) FROM event WHERE kind = 'capacity' AND data->>'version' <> '0'"
        )
        == 0
    )
    kept = await database.all("SELECT outcome, version FROM bed_report")
    assert [tuple(row) for row in kept] == [("sandbox", None)]
    # Said again once the source is released, it counts.
    real = await say(world, beds[0], FREE, observed_at=NINE)
    assert real.outcome is Outcome.ACCEPTED


async def confirm(world: World, pool_id: PoolId, version: int, **options: Any) -> reports.Receipt:
    """Says "klopt nog" for all beds of a pool."""
    by = options.pop("by", None) or await world.credential(world.provider)
    return await bed_reports.confirm_beds(
        world.container, by, await world.pool(pool_id), version, **options
    )


async def test_klopt_nog_is_for_all_beds_at_once(
    world: World, database: Database, clock: Clock, beds: list[BedId]
) -> None:
    pool_id = await pool_of_bed(world, beds[0])
    with pytest.raises(NothingToConfirm):
        await confirm(world, pool_id, 0)
    await say(world, beds[0], OCCUPIED)
    await say(world, beds[1], FREE)
    clock.set(NINE + 7 * HOUR)
    receipt = await confirm(world, pool_id, 2)
    assert (receipt.outcome, receipt.version, receipt.balance) == (Outcome.ACCEPTED, 3, 1)
    pool, rows = await rows_of(world, pool_id)
    assert [row.report_version for row in rows] == [2, 2, 0]
    assert {row.observed_at for row in rows[:2]} == {receipt.observed_at}
    assert [row.state for row in rows] == ["occupied", "free", None]
    assert receipt.valid_until == pool.valid_until == rows[0].valid_until
    assert receipt.valid_until is not None
    assert receipt.valid_until > NINE + 8 * HOUR
    await check_pool(world, pool_id)
    assert (await confirm(world, pool_id, 2)).outcome is Outcome.REPEATED
    with pytest.raises(VersionChanged) as refused:
        await confirm(world, pool_id, 1)
    assert refused.value.facts == {"current": 3}
    kept = await database.one(
        "SELECT confirmation, version FROM pool_report ORDER BY stated_at DESC LIMIT 1"
    )
    assert tuple(kept) == (True, 3)
    action = await database.value(
        "SELECT action FROM audit WHERE object_id = $1 AND outcome = 'accepted'", str(pool_id)
    )
    assert action == "capacity.confirm"


async def test_klopt_nog_is_the_owners_and_nothing_in_the_sandbox(
    world: World, database: Database, beds: list[BedId]
) -> None:
    pool_id = await pool_of_bed(world, beds[0])
    await say(world, beds[0], OCCUPIED)
    with pytest.raises(NotFound):
        await confirm(world, pool_id, 1, by=await world.credential(world.other))
    receipt = await confirm(world, pool_id, 1, by=await sandboxed(world))
    assert (receipt.outcome, receipt.version) == (Outcome.SANDBOX, 1)
    assert await database.value("SELECT count(*) FROM bed_report") == 1


async def test_twenty_at_once_leave_the_pool_as_its_beds_are(
    world: World, database: Database, clock: Clock
) -> None:
    random = Random(7)
    beds = await make_beds(world, 5)
    pool_id = await pool_of_bed(world, beds[0])
    started = world.container.now()
    states = [FREE, OCCUPIED, CLEANING, CLOSED]
    states.append(
        BedReport(BedState.OCCUPIED, expected_discharge=started.date() + timedelta(days=2))
    )
    said: list[tuple[BedId, BedReport, datetime]] = []

    async def work() -> None:
        for _ in range(6):
            bed_id, state = random.choice(beds), random.choice(states)
            at = started - random.randint(0, 8) * MINUTE
            said.append((bed_id, state, at))
            receipt = await say(world, bed_id, state, observed_at=at)
            assert receipt.outcome in (Outcome.ACCEPTED, Outcome.SUPERSEDED, Outcome.REPEATED)

    async def look() -> None:
        for _ in range(10):
            await check_pool(world, pool_id)

    async def change() -> None:
        for what in (Hold.CLAIMED, None, Hold.PROMISED, None):
            await hold(database, beds[4], what)
            await say(world, beds[4], random.choice(states))
            shown = (await rows_of(world, pool_id))[0].report_version
            with contextlib.suppress(VersionChanged):
                await confirm(world, pool_id, shown)

    await asyncio.gather(look(), *(work() for _ in range(20)))
    await check_pool(world, pool_id)
    _, rows = await rows_of(world, pool_id)
    for row in rows:
        last = max(at for bed_id, _, at in said if bed_id == row.id)
        assert row.observed_at == last
        counted = await database.value(
            "SELECT count(*) FROM bed_report WHERE bed_id = $1 AND outcome = 'accepted'", row.id
        )
        assert counted == row.report_version
    await asyncio.gather(change(), *(work() for _ in range(5)))
    await say(world, beds[4], FREE)
    await check_pool(world, pool_id)
    await world.settled()
    board = world.container.board.regions[REGION]
    shown = {key: data["state"] for key, data in board.all(Kind.BED)}
    assert shown == {str(row.id): row.state for row in (await rows_of(world, pool_id))[1]}
    version = (await rows_of(world, pool_id))[0].report_version
    kept = await database.all(
        "SELECT version FROM pool_report WHERE pool_id = $1 ORDER BY version", pool_id
    )
    assert [row["version"] for row in kept] == list(range(1, version + 1))


async def test_a_pool_of_beds_takes_no_counts(world: World, beds: list[BedId]) -> None:
    pool_id = await pool_of_bed(world, beds[0])
    with pytest.raises(Problem) as refused:
        await world.report(counts(3, 1), pool_id=pool_id)
    assert refused.value.code == "figures-from-beds"


async def test_the_discharges_of_the_beds_are_the_pools_forecast(
    world: World, beds: list[BedId]
) -> None:
    for bed_id in beds[:2]:
        leaves = BedReport(BedState.OCCUPIED, expected_discharge=date(2026, 11, 20))
        await say(world, bed_id, leaves)
    await say(world, beds[2], BedReport(BedState.CLOSED, ClosedReason.VERBOUWING))
    pool, _ = await rows_of(world, await pool_of_bed(world, beds[0]))
    assert pool.forecast["discharges"] == [{"on": "2026-11-20", "places": 2}]
    assert pool.closed_reason == "verbouwing"
