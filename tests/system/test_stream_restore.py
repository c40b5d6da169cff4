"""A database put back to an earlier moment: nobody goes on from what no longer happened."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from app.container import running
from app.live.closing import Close
from app.services import keys, regions
from app.settings import Settings
from domain.actors import Role
from domain.errors import OutcomeUnknown, Unavailable
from domain.events import Position
from domain.identifiers import EVERYWHERE, RegionId
from tests.factories.world import REGION, World, counts, make_party, make_pool
from tests.support.clock import Clock
from tests.support.copies import Copy
from tests.support.database import Database
from tests.support.outages import Backup
from tests.support.server_sent import event_source
from tests.support.serving import Serving, Subscriber, api_process, number_of
from tests.support.sockets import ending, ending_of, subscribe


@pytest.fixture
async def backup(database: Database, world: World) -> AsyncIterator[Backup]:
    """A copy of the region as it was after its first report."""
    await world.report(counts(9, 1))
    backup = Backup(database)
    await backup.take()
    yield backup
    await backup.drop()


async def head(database: Database, region_id: RegionId = REGION) -> Position:
    """Where the stream is, by the database's own account."""
    row = await database.one(
        "SELECT epoch, number, tag FROM stream WHERE region_id = $1", region_id
    )
    return Position(region_id, *row)


async def seen_by(api: Serving, position: Position) -> None:
    """Waits until a process has read this far.

    One that was cut off by the backup and came back only after the restore knows nothing of what
    was lost: its own position is still one of the stream.
    """
    assert api.container is not None
    regions_of = api.container.board.regions
    async with asyncio.timeout(10):
        while regions_of[position.region_id].position != position:
            await asyncio.sleep(0.01)


@asynccontextmanager
async def another_history(
    backup: Backup, world: World, settings: Settings, clock: Clock
) -> AsyncIterator[World]:
    """The same region in the copy, where other things happen."""
    elsewhere = settings.model_copy(update={"database_url": backup.copy.url, "redis_url": ""})
    async with running(elsewhere, clock.now) as container:
        yield replace(world, container=container)


async def knows_what_is_true(api: Serving, key: str, subscriber: Subscriber) -> None:
    """What a subscriber holds is what a new snapshot holds."""
    async with api.client(key) as client:
        new = await Copy.taken(client, min_position=subscriber.position)
    assert (subscriber.position, subscriber.subjects) == (new.position, new.parsed())


async def test_after_a_restore_everybody_begins_anew_from_what_is_true(
    api: Serving, world: World, database: Database, backup: Backup
) -> None:
    key = world.coordinator.key
    kept = await head(database)
    async with api.subscribe(key) as subscriber, event_source(api, key) as source:
        await subscriber.until("snapshot")
        await source.until("snapshot")
        lost = [(await world.report(counts(9, n))).position for n in (7, 8, 9)]
        lost.append(await lost_pool(world))
        await subscriber.until_number(lost[-1].number)
        assert subscriber.resyncs == []
        await backup.restore()
        await subscriber.until("resync")
        await subscriber.until("snapshot")
        assert subscriber.resyncs == ["stream-replaced"]
        assert subscriber.position == str(kept)
        assert subscriber.subjects["capacity", str(world.pool_id)]["occupied"] == 1
        await knows_what_is_true(api, key, subscriber)
        await source.until("resync")
        await source.until("snapshot")
        assert source.last_id == str(kept)
        assert source.knows.subjects == subscriber.subjects
        again = await reported(world, 4)
        assert (again.number, again.epoch) == (kept.number + 1, lost[0].epoch)
        await subscriber.until_number(again.number)
        await knows_what_is_true(api, key, subscriber)
    await asyncio.gather(*(begins_anew(api, key, after, world) for after in lost))
    async with api.subscribe(key, after=str(kept)) as unharmed:
        await unharmed.until_number(again.number)
        assert (unharmed.resyncs, unharmed.numbers) == ([], [again.number])


async def begins_anew(api: Serving, key: str, after: Position, world: World) -> None:
    """Nobody goes on from here: not on a socket, and not by questions."""
    async with api.client(key) as client, api.subscribe(key, after=str(after)) as came_back:
        gone = await client.get("/v1/events", params={"after": str(after)})
        assert gone.status_code == 410, after
        await came_back.until("snapshot")
        assert len(came_back.resyncs) == 1
        assert came_back.events == []
        assert came_back.subjects["capacity", str(world.pool_id)]["occupied"] == 4
        await knows_what_is_true(api, key, came_back)


async def lost_pool(world: World) -> Position:
    """A pool that the restored database will never have heard of."""
    await make_pool(world.container, world.location_id)
    await world.settled()
    return world.container.board.regions[REGION].position


async def reported(world: World, occupied: int) -> Position:
    """A report, as soon as it can be kept again."""
    async with asyncio.timeout(10):
        while True:
            with suppress(OutcomeUnknown, Unavailable):
                return (await world.report(counts(9, occupied))).position
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("more", [0, 5], ids=["to the same number", "and further"])
async def test_a_restored_database_that_gives_the_same_numbers_again_is_noticed(
    api: Serving,
    world: World,
    settings: Settings,
    clock: Clock,
    database: Database,
    backup: Backup,
    more: int,
) -> None:
    """Only the tag tells the two histories apart; the epoch is copied along."""
    key = world.coordinator.key
    async with (
        api_process(settings) as process,
        api.subscribe(key) as here,
        process.subscribe(key) as there,
        process.subscribe(key, latest=True) as screen,
    ):
        subscribers = {here: api, there: process, screen: process}
        lost = [(await world.report(counts(9, n))).position for n in (7, 8, 9)]
        for subscriber in subscribers:
            await subscriber.until_number(lost[-1].number)
        async with another_history(backup, world, settings, clock) as other:
            new = [(await other.report(counts(9, n))).position for n in range(2, 5 + more)]
        assert [p.number for p in new[:3]] == [p.number for p in lost]
        assert {p.epoch for p in new} == {p.epoch for p in lost}
        assert not {p.tag for p in new} & {p.tag for p in lost}
        await backup.restore()
        for subscriber, server in subscribers.items():
            await subscriber.until("resync")
            await subscriber.until("snapshot")
            assert subscriber.resyncs == ["stream-replaced"]
            assert subscriber.position == str(new[-1])
            assert subscriber.subjects["capacity", str(world.pool_id)]["occupied"] == 4 + more
            await knows_what_is_true(server, key, subscriber)
        for server in (api, process):
            for after in lost:
                async with server.subscribe(key, after=str(after)) as came_back:
                    await came_back.until("snapshot")
                    assert came_back.resyncs == ["unknown-position"]
                    assert came_back.position == str(new[-1])
        again = await reported(world, 1)
        assert again.number == new[-1].number + 1
        for subscriber, server in subscribers.items():
            await subscriber.until_number(again.number)
            await knows_what_is_true(server, key, subscriber)


async def test_when_revocations_were_lost_with_it_every_key_is_looked_at_again(
    api: Serving, world: World, database: Database, backup: Backup
) -> None:
    """What was revoked after the backup is valid again, what was issued after it never was."""
    before = await head(database, EVERYWHERE)
    key = world.coordinator.key
    issued = await make_party(world.container, Role.REFERRER)
    async with api.subscribe(key) as subscriber, api.client(issued.key) as client:
        await subscriber.until("snapshot")
        assert (await client.get("/v1/snapshot")).status_code == 200
        await keys.revoke_key(world.container, None, world.other.key_id)
        await seen_by(api, await head(database, EVERYWHERE))
        lost = (await world.report(counts(9, 6))).position
        await subscriber.until_number(lost.number)
        ended = await ending_of(api, subscribe(world.other.key))
        assert ended.code == Close.NOT_SIGNED_IN
        await backup.restore()
        ended = await ending(subscriber.ws)
        assert (ended.code, ended.reason) == (Close.RECHECK, "recheck")
        await api.until_ready()
        assert (await client.get("/v1/snapshot")).status_code == 401
    assert await head(database, EVERYWHERE) == before
    for valid in (key, world.other.key):
        async with api.subscribe(valid, after=str(lost)) as came_back:
            await came_back.until("snapshot")
            assert len(came_back.resyncs) == 1
            assert came_back.subjects["capacity", str(world.pool_id)]["occupied"] == 1


async def test_a_key_that_the_restored_database_never_issued_is_not_remembered(
    api: Serving, world: World, backup: Backup
) -> None:
    issued = await make_party(world.container, Role.REFERRER)
    async with api.client(issued.key) as client, api.subscribe(world.coordinator.key) as subscriber:
        await subscriber.until("snapshot")
        assert (await client.get("/v1/snapshot")).status_code == 200
        await world.report(counts(9, 6))
        await subscriber.until("events")
        await backup.restore()
        await subscriber.until("snapshot")
        assert (await client.get("/v1/snapshot")).status_code == 401
        assert number_of(subscriber.position or "") > 0


async def test_a_region_that_the_restored_database_does_not_know_is_forgotten_until_it_is_made_again(
    api: Serving, world: World, backup: Backup
) -> None:
    assert api.container is not None
    new, key = RegionId(2), world.operator.key
    await regions.create_region(world.container, None, new, "west", "West")
    async with asyncio.timeout(5):
        while new not in api.container.board.regions:
            await asyncio.sleep(0.01)
    async with api.subscribe(key, region=2) as subscriber:
        await subscriber.until("snapshot")
        await backup.restore()
        ended = await ending(subscriber.ws)
        assert Close(ended.code).come_back
    async with asyncio.timeout(5):
        while new in api.container.board.regions:
            await asyncio.sleep(0.01)
    await api.until_ready()
    ended = await ending_of(api, subscribe(key, region=2))
    assert ended.code == Close.NOT_ALLOWED
    await regions.create_region(world.container, None, new, "west", "West")
    async with asyncio.timeout(5):
        while new not in api.container.board.regions:
            await asyncio.sleep(0.01)
    async with api.subscribe(key, region=2) as subscriber:
        await subscriber.until("snapshot")
