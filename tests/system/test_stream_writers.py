"""Sixteen writers commit, roll back and die; whoever follows loses, doubles and reorders nothing."""

import asyncio
import random
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.embedded import EmbeddedServers
from app.settings import Settings
from domain.errors import Problem
from domain.events import Position
from tests.factories.history import History
from tests.factories.world import REGION, World, make_pool
from tests.support.database import Database
from tests.support.outages import kill_connections
from tests.support.serving import Serving, api_process, number_of
from tests.support.wandering import Fleet, Wanderer, Writer

#: With this many places claimed, such a report takes the balance out of what the column can hold.
POISONED = {"operable": 0, "occupied": 0, "planned": 9999}


@pytest.fixture
def valkey() -> Iterator[EmbeddedServers]:
    """A Valkey that this test may kill."""
    with (
        tempfile.TemporaryDirectory(prefix="vt-") as home,
        EmbeddedServers(Path(home), with_postgres=False) as started,
    ):
        yield started


@pytest.fixture
def settings(settings: Settings, valkey: EmbeddedServers) -> Settings:
    """Those of every test, with that Valkey."""
    return settings.model_copy(update={"redis_url": valkey.redis_url})


@asynccontextmanager
async def running(fleet: Fleet, settings: Settings) -> AsyncIterator[Serving]:
    """A process that is in the fleet for as long as it runs."""
    async with api_process(settings) as process:
        fleet.append(process)
        try:
            yield process
        finally:
            if process in fleet:
                fleet.remove(process)


class Trouble:
    """All that goes wrong while the writers write."""

    def __init__(self, world: World, database: Database, draw: random.Random) -> None:
        self.world = world
        self.database = database
        self.draw = draw
        self.history = History(world, database, draw)
        self.refused = 0

    async def killed_connections(self) -> None:
        """Backends of the service die, in the middle of whatever they do."""
        for _ in range(10):
            await kill_connections(self.database, at_most=2)
            await asyncio.sleep(0.05)

    async def dead_valkey(self, valkey: EmbeddedServers) -> None:
        """Nobody is woken for a while."""
        await asyncio.to_thread(valkey.kill_valkey)
        await asyncio.sleep(0.6)
        await asyncio.to_thread(valkey.start_valkey)

    def kill_process(self, fleet: Fleet) -> None:
        """A process dies in the middle of its writes, without a word."""
        victim = fleet.pop(0)
        assert victim.process is not None
        victim.process.kill()
        victim.process.wait()

    async def roll_backs(self, done: asyncio.Event) -> None:
        """Acts that fail after they were numbered, beside the writers' commits."""
        while not done.is_set():
            with suppress(Problem):
                await self.history.burst()
            await asyncio.sleep(0.05)

    async def poison(self, fleet: Fleet, pool_id: UUID, done: asyncio.Event) -> None:
        """Reports that the database refuses, in the same batches as good ones."""
        async with fleet[0].client(self.world.provider.key) as client:
            while not done.is_set():
                api = await fleet.any(self.draw)
                url = f"{api.base_url}/v1/pools/{pool_id}/report"
                with suppress(httpx.TransportError):
                    answer = await client.put(url, json=POISONED)
                    assert answer.status_code in {400, 503}, answer.text
                    self.refused += answer.status_code == 400
                await asyncio.sleep(0.03)


async def poisoned_pool(world: World, database: Database) -> UUID:
    """A pool of which no report of POISONED can be kept."""
    pool_id = await make_pool(world.container, world.location_id)
    async with database.connect() as connection:
        await connection.execute("UPDATE pool SET claimed = 32767 WHERE id = $1", pool_id)
    return pool_id


async def test_nothing_is_lost_doubled_or_reordered(
    settings: Settings, world: World, database: Database, valkey: EmbeddedServers
) -> None:
    draw = random.Random(2)
    opening = await database.one(
        "SELECT epoch, number, tag FROM event WHERE region_id = 1 AND number = 0"
    )
    start = str(Position(REGION, *opening))
    pools = [await make_pool(world.container, world.location_id) for _ in range(13)]
    trouble = Trouble(world, database, draw)
    poisoned = await poisoned_pool(world, database)
    fleet, done = Fleet(), asyncio.Event()
    key = world.provider.key
    # Twelve have a pool each, four report on the same one.
    writers = [Writer(fleet, key, pools[min(n, 12)], random.Random(n)) for n in range(16)]
    wanderers = [Wanderer(fleet, key, start, random.Random(100 + n)) for n in range(4)]
    async with AsyncExitStack() as stack:
        starting = (stack.enter_async_context(running(fleet, settings)) for _ in range(3))
        await asyncio.gather(*starting)
        async with asyncio.TaskGroup() as tasks:
            for client in writers:
                tasks.create_task(client.write_until(done))
            for wanderer in wanderers:
                tasks.create_task(wanderer.wander_until(done))
            tasks.create_task(trouble.roll_backs(done))
            tasks.create_task(trouble.poison(fleet, poisoned, done))
            await trouble.killed_connections()
            trouble.kill_process(fleet)
            await asyncio.gather(
                stack.enter_async_context(running(fleet, settings)), trouble.dead_valkey(valkey)
            )
            await trouble.killed_connections()
            trouble.kill_process(fleet)
            await asyncio.sleep(0.2)
            done.set()
        last: int = await database.value("SELECT number FROM stream WHERE region_id = 1")
        await asyncio.gather(*(wanderer.wander_to(last) for wanderer in wanderers))
    log = await database.all(
        "SELECT number, subject_id, data FROM event WHERE region_id = 1 AND number > 0 ORDER BY number"
    )
    assert [row["number"] for row in log] == list(range(1, last + 1))
    for wanderer in wanderers:
        assert wanderer.came_back > 5
        assert [number_of(event["position"]) for event in wanderer.events] == list(
            range(1, last + 1)
        )
        assert wanderer.events == wanderers[0].events
    assert trouble.refused
    assert any(writer.problems for writer in writers), "nobody noticed any trouble"
    check_reports(writers, wanderers[0].events)


def same_moment(one: str, other: str) -> bool:
    """Whether two times are the same, however they are written."""
    return datetime.fromisoformat(one) == datetime.fromisoformat(other)


def check_reports(writers: list[Writer], events: list[Any]) -> None:
    """Each accepted report is exactly one event, at its position and with its figures."""
    by_position = {event["position"]: event for event in events}
    accepted = [said for writer in writers for said in writer.said if said.outcome == "accepted"]
    assert not any(event["data"].get("claimed") for event in events), "a poisoned report was kept"
    assert len({said.position for said in accepted}) == len(accepted) > 100
    for said in accepted:
        event = by_position[said.position]
        assert (event["kind"], event["id"]) == ("capacity", str(said.pool_id))
        assert event["data"]["occupied"] == said.occupied
        assert same_moment(event["data"]["observed_at"], said.observed_at)
    for writer in writers[:12]:
        mine = [
            event["data"]
            for event in events
            if (event["kind"], event["id"]) == ("capacity", str(writer.pool_id))
            and event["data"]["version"]
        ]
        assert [data["version"] for data in mine] == list(range(1, len(mine) + 1))
        assert [data["occupied"] for data in mine] == [said.occupied for said in writer.said]
        for data, said in zip(mine, writer.said, strict=True):
            assert said.outcome in {"accepted", "repeated"}
            assert same_moment(data["observed_at"], said.observed_at)
