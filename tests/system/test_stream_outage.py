"""A database that restarts or crashes under load: followers go on without a gap, writers succeed again."""

import asyncio
import random
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from app.container import Container
from app.db.migrate import upgrade
from app.embedded import EmbeddedServers
from tests.factories.world import REGION, World, make_pool
from tests.support.databases import Databases
from tests.support.serving import Serving, Subscriber, number_of
from tests.support.wandering import Fleet, Writer

#: What a writer may be told while the database is away; both say that repeating is safe.
AWAY = {"unavailable", "outcome-unknown"}


@pytest.fixture(scope="module")
def servers() -> Iterator[EmbeddedServers]:
    """A PostgreSQL that these tests may kill."""
    with (
        tempfile.TemporaryDirectory(prefix="vt-") as home,
        EmbeddedServers(Path(home), durable=False) as started,
    ):
        upgrade(started.owner_url)
        yield started


@pytest.fixture(scope="module")
def databases(servers: EmbeddedServers) -> Iterator[Databases]:
    """Makes databases on that server."""
    with Databases(servers.admin_url) as databases:
        yield databases


@pytest.fixture
async def world(container: Container) -> World:
    """The small region, made here: the one that others copy is on another server."""
    return await World.create(container)


async def follow(subscriber: Subscriber, done: asyncio.Event) -> None:
    """Takes everything in; a close would end the test."""
    while not done.is_set():
        try:
            await subscriber.receive(0.1)
        except TimeoutError:
            continue


async def everybody_said(writers: list[Writer], reports: int) -> None:
    """Waits until each writer has brought in so many."""
    async with asyncio.timeout(20):
        while min(len(writer.said) for writer in writers) < reports:
            await asyncio.sleep(0.02)


def restart(servers: EmbeddedServers) -> None:
    """As an administrator does."""
    servers.restart_postgres()


def crash(servers: EmbeddedServers) -> None:
    """As a bad machine does."""
    servers.kill_postgres()
    servers.start_postgres()


@pytest.mark.parametrize("trouble", [restart, crash])
async def test_through_a_restart_nothing_is_lost_and_nobody_is_sent_away(
    api: Serving,
    world: World,
    servers: EmbeddedServers,
    trouble: Callable[[EmbeddedServers], None],
) -> None:
    assert api.container is not None
    key, done = world.provider.key, asyncio.Event()
    pools = [await make_pool(world.container, world.location_id) for _ in range(8)]
    await world.settled()
    start = str(world.container.board.regions[REGION].position)
    fleet = Fleet([api])
    writers = [Writer(fleet, key, pools[n], random.Random(n)) for n in range(8)]
    board = api.container.board.regions[REGION]
    async with (
        api.subscribe(key, after=start) as every,
        api.subscribe(key, after=start, topics=("capacity",), latest=True) as screen,
        api.subscribe(key, after=start, topics=("registers",)) as quiet,
    ):
        subscribers = (every, screen, quiet)
        async with asyncio.TaskGroup() as tasks:
            for subscriber in subscribers:
                tasks.create_task(follow(subscriber, done))
            for writer in writers:
                tasks.create_task(writer.write_until(done))
            await everybody_said(writers, 5)
            async with asyncio.timeout(10):
                while api.container.hub.count() < len(subscribers):
                    await asyncio.sleep(0.01)
            await asyncio.to_thread(trouble, servers)
            await everybody_said(writers, max(len(writer.said) for writer in writers) + 3)
            done.set()
        last = max(
            number_of(said.position)
            for writer in writers
            for said in writer.said
            if said.outcome == "accepted"
        )
        assert await api.container.board.regions[REGION].reach(last, 10)
        last = api.container.board.regions[REGION].position.number
        api.container.hub.beat()
        for subscriber in subscribers:
            await subscriber.until_number(last)
    assert api.container.board.regions[REGION] is board, "the board just went on"
    for subscriber in subscribers:
        assert subscriber.resyncs == []
    assert every.numbers == list(range(number_of(start) + 1, last + 1))
    assert quiet.events == []
    assert screen.subjects == {k: v for k, v in every.subjects.items() if k[0] == "capacity"}
    problems = {problem for writer in writers for problem in writer.problems}
    assert problems
    assert problems <= AWAY
    for writer in writers:
        check_once(writer, every.events)


def check_once(writer: Writer, events: list[Any]) -> None:
    """Exactly one event for each report that was said and answered, in the order of saying."""
    mine = [event for event in events if event["id"] == str(writer.pool_id)]
    kept = [(moment(event["data"]["observed_at"]), event["data"]["occupied"]) for event in mine]
    assert kept == [(moment(said.observed_at), said.occupied) for said in writer.said]
    by_position = {event["position"]: event for event in mine}
    for said in writer.said:
        assert said.outcome in {"accepted", "repeated"}
        if said.outcome == "accepted":
            assert by_position[said.position]["data"]["occupied"] == said.occupied


def moment(text: str) -> datetime:
    """A time, however it is written."""
    return datetime.fromisoformat(text)


async def test_while_the_database_is_away_nothing_claims_to_be_complete(
    api: Serving, world: World, servers: EmbeddedServers
) -> None:
    """Questions are still answered, each with the moment up to which the answer is known to hold."""
    assert api.container is not None
    async with (
        api.subscribe(world.coordinator.key) as subscriber,
        api.client(world.coordinator.key) as client,
    ):
        await subscriber.until("snapshot")
        await asyncio.to_thread(servers.stop_postgres)
        try:
            gone_at = api.container.now()
            await asyncio.sleep(1.2)
            api.container.hub.beat()
            beat = await subscriber.until("heartbeat")
            assert moment(beat["complete_at"]) <= gone_at < moment(beat["server_time"])
            answer = (await client.get("/v1/snapshot")).json()
            assert moment(answer["complete_at"]) <= gone_at < moment(answer["server_time"])
            async with api.subscribe(world.coordinator.key) as late:
                snapshot = await late.until("snapshot")
                assert moment(snapshot["complete_at"]) <= gone_at
        finally:
            await asyncio.to_thread(servers.start_postgres)
        async with asyncio.timeout(10):
            while moment(beat["complete_at"]) <= gone_at:
                await asyncio.sleep(0.05)
                api.container.hub.beat()
                beat = await subscriber.until("heartbeat")
        assert subscriber.resyncs == []
