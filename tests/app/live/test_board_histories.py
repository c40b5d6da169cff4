"""A board that followed from the beginning is the board that would be built afresh."""

import random
from typing import Any

import pytest

from app.container import Container
from app.db import event_log
from app.live.board import RegionBoard
from domain.events import Kind, Topic
from domain.identifiers import RegionId
from tests.factories.history import History
from tests.factories.world import World
from tests.support.database import Database


def contents(board: RegionBoard) -> dict[str, Any]:
    """All that a board answers from, whatever order it came in."""
    return {
        "position": board.position,
        "subjects": {kind: dict(board.all(kind)) for kind in Kind},
        "owned": board._owned._of,
        "pools": board._pools,
        "by external id": board._by_external_id,
        "by agb": board._by_agb,
        "agbs": board._agbs,
        "merged into": board._merged_into,
        "snapshot": sorted(board.snapshot(frozenset(Topic))[1]),
    }


async def built(container: Container, region_id: RegionId) -> RegionBoard:
    """A board from the database as it is now."""
    found = await container.read(lambda connection: event_log.read_snapshot(connection, region_id))
    assert found is not None
    return RegionBoard(*found, container.now())


@pytest.mark.parametrize("seed", [11, 12, 13])
async def test_a_board_that_followed_equals_one_built_afresh(
    world: World, database: Database, seed: int
) -> None:
    container = world.container
    history = History(world, database, random.Random(seed))
    followed = dict(container.board.regions)
    for _ in range(5):
        for _ in range(4):
            await history.burst()
        for region_id, board in followed.items():
            assert container.board.regions[region_id] is board, "it was rebuilt meanwhile"
            assert contents(board) == contents(await built(container, region_id))
