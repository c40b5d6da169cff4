"""The log: numbered in the commit, read on from a verified position, a snapshot of one moment."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.exc import NoResultFound

from app.container import Container
from app.db import event_log
from app.db.registers import lock_pool
from app.db.unit_of_work import UnitOfWork
from app.live.board import RegionBoard
from domain.events import Kind, Position, Topic
from domain.identifiers import PoolId, RegionId
from tests.factories.history import NOWHERE
from tests.factories.world import REGION, World, counts, make_pool
from tests.support.database import Database


async def read_after(
    container: Container, after: Position, limit: int = 1000
) -> list[event_log.LoggedEvent] | None:
    found = await container.read(lambda connection: event_log.read_after(connection, after, limit))
    return None if found is None else list(found)


async def head(container: Container, region_id: RegionId = REGION) -> Position:
    found = await container.read(lambda connection: event_log.head(connection, region_id))
    assert found is not None
    return found


async def opening(database: Database, region_id: RegionId = REGION) -> Position:
    """The position before a stream's first event."""
    row = await database.one(
        "SELECT epoch, number, tag FROM event WHERE region_id = $1 AND number = 0", region_id
    )
    return Position(region_id, *row)


async def test_reading_on_from_the_opening_gives_every_event_once_and_in_order(
    world: World, database: Database
) -> None:
    for free in range(5):
        await world.report(counts(5, 5 - free))
    events = await read_after(world.container, await opening(database))
    assert events is not None
    last = await head(world.container)
    assert [event.position.number for event in events] == list(range(1, last.number + 1))
    assert events[-1].position == last


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_a_limit_cuts_the_list_and_the_next_read_goes_on(
    world: World, database: Database, limit: int
) -> None:
    at, seen = await opening(database), []
    while found := await read_after(world.container, at, limit):
        assert len(found) <= limit
        seen += [event.position.number for event in found]
        at = found[-1].position
    assert seen == list(range(1, at.number + 1))
    assert at == await head(world.container)


async def test_at_the_head_there_is_nothing_yet(world: World) -> None:
    assert await read_after(world.container, await head(world.container)) == []


async def test_only_a_position_of_this_stream_is_continued(
    world: World, database: Database
) -> None:
    container = world.container
    last, first = await head(container), await opening(database)
    for known in (first, last):
        assert await read_after(container, replace(known, tag=known.tag ^ 1)) is None
        assert await read_after(container, replace(known, epoch=2)) is None
    assert await read_after(container, replace(last, number=last.number + 1)) is None
    assert await read_after(container, replace(last, number=10**18 - 1)) is None
    assert await read_after(container, replace(last, region_id=RegionId(0))) is None
    assert await read_after(container, replace(last, region_id=RegionId(77))) is None
    assert await container.read(lambda c: event_log.head(c, RegionId(77))) is None
    assert await container.read(lambda c: event_log.read_snapshot(c, RegionId(77))) is None


async def test_numbers_are_given_in_the_commit_so_none_appears_behind_a_reader(
    world: World, database: Database
) -> None:
    """An act that was numbered first and commits last keeps the later ones waiting."""
    container = world.container
    numbered, finish = asyncio.Event(), asyncio.Event()

    async def slow(work: UnitOfWork) -> Position:
        row = await lock_pool(work, world.pool_id)
        row.name = "langzaam"
        work.touch(Kind.POOL, row.id, REGION)
        commit = work.session.commit

        async def commit_later() -> None:
            numbered.set()
            await finish.wait()
            await commit()

        work.session.commit = commit_later  # type: ignore[method-assign]
        return (await work.commit())[REGION]

    other_pool = await make_pool(container, world.location_id)
    before = await head(container)
    first = asyncio.create_task(container.act(slow))
    await numbered.wait()
    second = asyncio.create_task(world.report(counts(3, 1), pool_id=other_pool))
    while not await database.value("SELECT count(*) FROM pg_locks WHERE NOT granted"):
        assert not second.done(), "the later act was numbered before the earlier one committed"
        await asyncio.sleep(0.01)
    assert await read_after(container, before) == []
    finish.set()
    positions = [await first, (await second).position]
    assert [p.number for p in positions] == [before.number + 1, before.number + 2]
    events = await read_after(container, before)
    assert events is not None
    assert [event.position for event in events] == positions


async def test_regions_do_not_wait_for_each_other(world: World, database: Database) -> None:
    async with database.connect() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("SELECT 1 FROM stream WHERE region_id = 0 FOR UPDATE")
        async with asyncio.timeout(5):
            await world.report(counts(3, 1))
        await transaction.rollback()


class Interrupted:
    """A connection on which something is committed by another before every read of a state."""

    def __init__(self, connection: Any, happen: Any) -> None:
        self._connection = connection
        self._happen = happen

    def transaction(self, **options: Any) -> Any:
        return self._connection.transaction(**options)

    async def fetchrow(self, *arguments: Any) -> Any:
        return await self._connection.fetchrow(*arguments)

    async def fetch(self, *arguments: Any) -> Any:
        await self._happen()
        return await self._connection.fetch(*arguments)


async def test_a_snapshot_is_state_and_head_of_one_moment_whatever_commits_meanwhile(
    world: World, database: Database
) -> None:
    container = world.container
    made: list[PoolId] = []

    async def happen() -> None:
        made.append(await make_pool(container, world.location_id))
        await world.settled()
        await world.report(counts(40, len(made)), pool_id=made[-1])
        await world.report(counts(40, 40 - len(made)))

    async def snapshot(connection: Any) -> Any:
        interrupted: Any = Interrupted(connection, happen)
        return await event_log.read_snapshot(interrupted, REGION)

    found = await container.read(snapshot)
    assert found is not None
    taken = RegionBoard(found[0], found[1], container.now())
    assert len(made) >= 4
    replayed = RegionBoard(await opening(database), [], container.now())
    events = await read_after(container, replayed.position)
    assert events is not None
    until = taken.position.number
    assert until < len(events)
    replayed.apply(events[:until], container.now())
    assert texts(taken) == texts(replayed), "the state is that of its position, no newer"
    taken.apply(events[until:], container.now())
    new = await container.read(lambda c: event_log.read_snapshot(c, REGION))
    assert new is not None
    fresh = RegionBoard(*new, container.now())
    assert (taken.position, texts(taken)) == (fresh.position, texts(fresh))


def texts(board: RegionBoard) -> list[str]:
    """All that a board holds."""
    return sorted(board.snapshot(frozenset(Topic))[1])


async def test_an_act_that_fails_after_it_was_numbered_leaves_no_gap(
    world: World, database: Database
) -> None:
    container = world.container
    before = await head(container)

    async def act(work: UnitOfWork) -> None:
        row = await lock_pool(work, world.pool_id)
        row.name = "nooit"
        work.touch(Kind.POOL, row.id, REGION)
        work.touch(Kind.POOL, row.id, NOWHERE)
        await work.commit()

    with pytest.raises(NoResultFound):
        await container.act(act)
    assert await head(container) == before
    receipt = await world.report(counts(4, 1))
    assert receipt.position.number == before.number + 1
    assert not await database.all("SELECT 1 FROM pool WHERE name = 'nooit'")


async def test_each_event_has_a_tag_of_its_own_and_the_head_has_that_of_the_last(
    world: World, database: Database
) -> None:
    await asyncio.gather(*(world.report(counts(9, n)) for n in range(9)))
    rows = await database.all("SELECT number, tag FROM event WHERE region_id = 1 ORDER BY number")
    tags = [row["tag"] for row in rows]
    assert len(set(tags)) == len(tags)
    assert (await head(world.container)).tag == tags[-1]


async def test_an_event_tells_the_state_of_the_locked_row_not_of_the_request(
    world: World, database: Database
) -> None:
    """A report that waited for somebody else's hold on its pool tells the balance with that hold."""
    async with database.connect() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("UPDATE pool SET claimed = 2 WHERE id = $1", world.pool_id)
        waiting = asyncio.create_task(world.report(counts(10, 5)))
        while not await database.value("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            await asyncio.sleep(0.01)
        await transaction.commit()
    receipt = await waiting
    data = await database.value(
        "SELECT data FROM event WHERE region_id = 1 AND number = $1", receipt.position.number
    )
    assert '"claimed":2' in data
    assert '"balance":3' in data
    assert receipt.balance == 3
