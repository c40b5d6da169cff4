"""Acts that meet each other, or a database that goes away: each is done once or not at all."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from app.db.engine import create_engine
from app.db.report_queue import ReportQueue
from app.db.unit_of_work import UnitOfWork
from domain.errors import OutcomeUnknown, Unavailable
from tests.factories.world import REGION, World, make_pool
from tests.support.acts import Act, Doing, claim, claiming, left_by, traces
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


async def test_statements_written_by_hand_that_deadlock_are_done_again_too(
    do: Doing, database: Database, two: tuple[UUID, UUID]
) -> None:
    await notice_deadlocks_soon(database)
    both_hold_one = asyncio.Barrier(2)
    tries = 0

    async def lock(work: UnitOfWork, first: UUID, second: UUID) -> None:
        nonlocal tries
        tries += 1
        first_try = tries <= 2
        locking = "SELECT 1 FROM pool WHERE id = $1 FOR NO KEY UPDATE"
        await work.fetch(locking, first)
        if first_try:
            await both_hold_one.wait()
        await work.fetch(locking, second)

    await asyncio.gather(
        do(lambda work: lock(work, *two)), do(lambda work: lock(work, *reversed(two)))
    )
    assert tries == 3


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
