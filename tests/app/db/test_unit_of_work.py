"""One act is one transaction: all of it or nothing, and once however often it had to be tried."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.container import utc_now
from app.db import registers
from app.db.engine import create_engine
from app.db.report_queue import ReportQueue
from app.db.tables import OrganisationRow
from app.db.unit_of_work import UnitOfWork, perform
from app.services.registers import create_region
from domain.actors import Action
from domain.errors import AlreadyExists, OutcomeUnknown, Unavailable
from domain.events import Kind, Position
from domain.identifiers import EVERYWHERE, RegionId
from tests.factories.world import REGION, World, make_pool
from tests.support.database import Database
from tests.support.queueing import good
from tests.support.trouble import (
    end_backends,
    holding_pool,
    line_to,
    notice_deadlocks_soon,
    until,
    until_waiting,
)

T = TypeVar("T")
Act = Callable[[UnitOfWork], Awaitable[T]]


class Doing:
    """Performs acts on an engine, and writes down what was announced."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.told: list[RegionId] = []

    async def __call__(self, act: Act[T]) -> T:
        return await perform(self.engine, utc_now, self.told.append, act)


@pytest.fixture
async def do(database: Database, world: World) -> AsyncIterator[Doing]:
    """Acts on the test's database."""
    engine = create_engine(database.url)
    yield Doing(engine)
    await engine.dispose()


@pytest.fixture
async def two(world: World) -> tuple[UUID, UUID]:
    """Two pools."""
    return world.pool_id, await make_pool(world.container, world.location_id)


async def claim(work: UnitOfWork, pool_id: UUID) -> None:
    """Takes a place of a pool, without the commit."""
    row = await registers.lock_pool(work, pool_id)
    row.claimed += 1
    work.touch(Kind.CAPACITY, pool_id, REGION)
    work.audit(None, Action.CAPACITY_REPORT, "pool", pool_id)


def claiming(*pool_ids: UUID, pause: Callable[[], Awaitable[object]] | None = None) -> Act[Any]:
    """An act that takes a place of each pool in this order, pausing once after its first lock."""
    paused = False

    async def act(work: UnitOfWork) -> Any:
        nonlocal paused
        for pool_id in pool_ids:
            await claim(work, pool_id)
            await work.session.flush()
            if pause and not paused:
                paused = True
                await pause()
        return await work.commit()

    return act


async def traces(database: Database) -> tuple[Any, ...]:
    """Claims, the stream's head, events and audit rows: what an act leaves behind."""
    return tuple(
        await database.one(
            "SELECT (SELECT sum(claimed) FROM pool), (SELECT number FROM stream WHERE region_id = 1),"
            " (SELECT count(*) FROM event), (SELECT count(*) FROM audit)"
        )
    )


async def left_by(database: Database, before: tuple[Any, ...]) -> tuple[int, ...]:
    """What came since: claims, stream numbers, events, audit rows."""
    now = await traces(database)
    return tuple(int(b) - int(a) for a, b in zip(before, now, strict=True))


async def test_a_commit_holds_state_events_and_audit_and_is_announced(
    do: Doing, database: Database, two: tuple[UUID, UUID]
) -> None:
    before = await traces(database)
    positions = await do(claiming(*two))
    assert await left_by(database, before) == (2, 2, 2, 2)
    assert do.told == [REGION]
    rows = await database.all(
        "SELECT e.*, e.xmin = a.xmin AS together FROM event e"
        " JOIN audit a ON a.object_id = e.subject_id AND a.action = 'capacity.report'"
        " WHERE e.number > $1 AND e.region_id = 1 ORDER BY e.number",
        before[1],
    )
    assert [row["number"] for row in rows] == [before[1] + 1, before[1] + 2]
    assert [UUID(row["subject_id"]) for row in rows] == list(two)
    assert [json.loads(row["data"])["claimed"] for row in rows] == [1, 1]
    assert all(row["together"] for row in rows)
    last = rows[-1]
    assert positions == {REGION: Position(REGION, last["epoch"], last["number"], last["tag"])}


async def _leave(work: UnitOfWork, pool_id: UUID) -> None:
    await claim(work, pool_id)
    await work.session.flush()


async def _fail(work: UnitOfWork, pool_id: UUID) -> None:
    await _leave(work, pool_id)
    raise ZeroDivisionError


async def _meet_a_name_that_exists(work: UnitOfWork, pool_id: UUID) -> None:
    await claim(work, pool_id)
    connection = await work.session.connection()
    agb = (await connection.execute(sa.text("SELECT min(agb) FROM organisation"))).scalar_one()
    await work.add(OrganisationRow(agb=agb, name="Nog een", kind="provider"))
    await work.commit()


@pytest.mark.parametrize(
    ("act", "failure"),
    [(_leave, None), (_fail, ZeroDivisionError), (_meet_a_name_that_exists, AlreadyExists)],
)
async def test_without_its_commit_nothing_of_an_act_is_left(
    do: Doing,
    database: Database,
    world: World,
    act: Callable[[UnitOfWork, UUID], Awaitable[None]],
    failure: type[Exception] | None,
) -> None:
    before = await traces(database)
    doing = do(lambda work: act(work, world.pool_id))
    if failure is None:
        await doing
    else:
        with pytest.raises(failure):
            await doing
    assert await left_by(database, before) == (0, 0, 0, 0)
    assert do.told == []


async def test_an_act_that_changes_nothing_makes_no_event(do: Doing, database: Database) -> None:
    before = await traces(database)

    async def nothing(work: UnitOfWork) -> dict[RegionId, Position]:
        return await work.commit()

    assert await do(nothing) == {}
    assert await left_by(database, before) == (0, 0, 0, 0)
    assert do.told == []


async def test_what_is_touched_twice_is_told_once_with_its_last_state(
    do: Doing, database: Database, world: World
) -> None:
    before = await traces(database)
    await do(claiming(world.pool_id, world.pool_id))
    assert await left_by(database, before) == (2, 1, 1, 2)
    data = await database.value("SELECT data FROM event WHERE number = $1", before[1] + 1)
    assert json.loads(data)["claimed"] == 2


async def test_streams_are_taken_in_the_order_of_their_regions(
    do: Doing, database: Database, world: World
) -> None:
    await create_region(world.container, None, RegionId(2), "twee", "Twee")

    async def act(work: UnitOfWork) -> dict[RegionId, Position]:
        for region_id in (2, 1, 0):
            work.touch(Kind.REGION, 1, region_id)
        return await work.commit()

    async with database.connect() as holder, holder.transaction():
        await holder.execute("SELECT FROM stream WHERE region_id = 1 FOR UPDATE")
        acting = asyncio.create_task(do(act))
        await until_waiting(database)
        async with database.connect() as probe:
            free = await probe.fetch("SELECT region_id FROM stream FOR UPDATE SKIP LOCKED")
        assert [row["region_id"] for row in free] == [2]
    assert list(await acting) == [EVERYWHERE, REGION, RegionId(2)]
    assert do.told == [EVERYWHERE, REGION, RegionId(2)]


async def test_two_acts_that_deadlock_are_both_done_once(
    do: Doing, database: Database, two: tuple[UUID, UUID]
) -> None:
    await notice_deadlocks_soon(database)
    before = await traces(database)
    both_hold_one = asyncio.Barrier(2)
    tries = 0

    def counted(act: Act[Any]) -> Act[Any]:
        async def again(work: UnitOfWork) -> Any:
            nonlocal tries
            tries += 1
            return await act(work)

        return again

    await asyncio.gather(
        do(counted(claiming(*two, pause=both_hold_one.wait))),
        do(counted(claiming(*reversed(two), pause=both_hold_one.wait))),
    )
    assert tries >= 3
    assert await left_by(database, before) == (4, 4, 4, 4)
    claims = await database.all("SELECT claimed FROM pool WHERE id = ANY($1::uuid[])", list(two))
    assert [row["claimed"] for row in claims] == [2, 2]
    assert do.told == [REGION, REGION]


async def test_an_act_that_deadlocks_with_the_hot_statement_and_the_report_are_both_done_once(
    do: Doing, database: Database, world: World, queue: ReportQueue
) -> None:
    pool_id = world.pool_id
    # The report's connection is there before, and so waits a second before it looks for deadlocks.
    spare = await make_pool(world.container, world.location_id)
    await queue.submit(REGION, good(spare))
    await notice_deadlocks_soon(database)
    before = await traces(database)
    tries = 0
    reports: list[asyncio.Task[Any]] = []

    async def stream_first(work: UnitOfWork) -> None:
        nonlocal tries
        tries += 1
        connection = await work.session.connection()
        await connection.execute(sa.text("SELECT FROM stream WHERE region_id = 1 FOR UPDATE"))
        if not reports:
            reports.append(asyncio.create_task(queue.submit(REGION, good(pool_id))))
            await until_waiting(database)
        await claim(work, pool_id)
        await work.commit()

    await do(stream_first)
    assert (await reports[0]).verdict == "accepted"
    assert tries == 2
    assert await left_by(database, before) == (1, 2, 2, 2)
    row = await database.one("SELECT report_version, balance FROM pool WHERE id = $1", pool_id)
    assert tuple(row) == (1, 3)


async def test_an_act_that_cannot_be_serialised_is_done_again_and_counts_once(
    do: Doing, database: Database, world: World
) -> None:
    before = await traces(database)
    both_have_looked = asyncio.Barrier(2)
    tries = 0

    async def act(work: UnitOfWork) -> None:
        nonlocal tries
        tries += 1
        serialised = {"isolation_level": "REPEATABLE READ"}
        connection = await work.session.connection(execution_options=serialised)
        await connection.execute(sa.text("SELECT claimed FROM pool"))
        if tries <= 2:
            await both_have_looked.wait()
        await claim(work, world.pool_id)
        await work.commit()

    await asyncio.gather(do(act), do(act))
    assert tries == 3
    assert await left_by(database, before) == (2, 2, 2, 2)


async def test_a_connection_lost_before_the_commit_means_that_nothing_happened(
    do: Doing, database: Database, two: tuple[UUID, UUID]
) -> None:
    before = await traces(database)
    async with holding_pool(database, two[1]):
        acting = asyncio.create_task(do(claiming(*two)))
        await end_backends(database, *await until_waiting(database))
        with pytest.raises(Unavailable):
            await acting
    assert await left_by(database, before) == (0, 0, 0, 0)
    assert do.told == []
    await do(claiming(*two))
    assert await left_by(database, before) == (2, 2, 2, 2)


async def test_an_answer_to_the_commit_that_gets_lost_is_outcome_unknown(
    database: Database, world: World
) -> None:
    before = await traces(database)
    async with line_to(database.url) as line:
        engine = create_engine(line.url)
        line.lose_answers(after=b"COMMIT")
        with pytest.raises(OutcomeUnknown):
            await Doing(engine)(claiming(world.pool_id))
        await engine.dispose()

    async def committed() -> bool:
        return await left_by(database, before) == (1, 1, 1, 1)

    await until(committed)


async def test_without_a_free_connection_the_act_is_refused_and_not_forgotten(
    database: Database, world: World
) -> None:
    url = sa.make_url(database.url).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(url, pool_size=1, max_overflow=0, pool_timeout=0.05)
    async with engine.connect() as connection:
        await connection.execute(sa.text("SELECT 1"))
        with pytest.raises(Unavailable):
            await Doing(engine)(claiming(world.pool_id))
    await engine.dispose()


async def test_without_a_database_nothing_happened_and_the_caller_is_told_so() -> None:
    engine = create_engine("postgresql://niemand@127.0.0.1:1/niets")
    with pytest.raises(Unavailable):
        await Doing(engine)(claiming(UUID(int=0)))
    await engine.dispose()
