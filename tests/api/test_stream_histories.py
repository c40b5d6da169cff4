"""Old snapshot + events = new snapshot: on it board, socket and resume stand."""

import random

import pytest

from domain.identifiers import EVERYWHERE
from tests.factories.history import History
from tests.factories.world import REGION, World
from tests.support.copies import Copy
from tests.support.database import Database
from tests.support.serving import Serving

BURSTS = 25


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_old_snapshot_and_events_make_the_new_snapshot_to_the_byte(
    api: Serving, world: World, database: Database, seed: int
) -> None:
    history = History(world, database, random.Random(seed))
    draw = random.Random(seed + 100).random
    async with api.client(world.coordinator.key) as client:
        old = [await Copy.taken(client)]
        for _ in range(BURSTS):
            await history.burst()
            if draw() < 0.3:
                old.append(await Copy.taken(client))
            if draw() < 0.3:
                await old[0].follow(client, limit=7)
        head = str(world.container.board.regions[REGION].position)
        new = await Copy.taken(client, min_position=head)
        assert new.position == head
        for copy in old:
            await copy.follow(client, limit=50)
            assert copy.position == head
            assert copy.state == new.state
    first, *_, last = old[0].numbers
    assert old[0].numbers == list(range(first, last + 1))
    assert len(old[0].numbers) > BURSTS
    assert history.refused, "a history in which nothing is refused proves little"


@pytest.mark.parametrize("seed", [4])
async def test_the_stream_that_is_everybodys_keeps_to_it_too(
    api: Serving, world: World, database: Database, seed: int
) -> None:
    history = History(world, database, random.Random(seed))
    what = {"region": 0, "topics": "registers,revocations"}
    async with api.client(world.operator.key) as client:
        old = await Copy.taken(client, **what)
        for _ in range(10):
            await history.burst()
        await history.revoke()
        await world.settled()
        head = str(world.container.board.regions[EVERYWHERE].position)
        new = await Copy.taken(client, min_position=head, **what)
        await old.follow(client, topics=what["topics"])
        assert old.numbers
        assert (old.position, old.state) == (new.position, new.state)


async def test_topics_leave_events_out_and_never_move_the_position_less(
    api: Serving, world: World, database: Database
) -> None:
    history = History(world, database, random.Random(5))
    async with api.client(world.coordinator.key) as client:
        everything = await Copy.taken(client)
        capacity = await Copy.taken(client, topics="capacity")
        assert {kind for kind, _ in capacity.state} == {"capacity"}
        for _ in range(8):
            await history.burst()
        head = str(world.container.board.regions[REGION].position)
        new = await Copy.taken(client, min_position=head)
        await everything.follow(client)
        await capacity.follow(client, topics="capacity", limit=3)
        assert everything.position == capacity.position == head
        wanted = {key: data for key, data in new.state.items() if key[0] == "capacity"}
        assert capacity.state == wanted
