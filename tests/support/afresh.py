"""What boards hold from events, against what the database would tell one that is built afresh."""

from functools import partial
from typing import Any

from app.db import event_log
from app.db.event_log import Connection, Subject
from app.live.board import RegionBoard
from domain.events import Position
from domain.identifiers import RegionId
from tests.factories.world import World


def _subjects(board: RegionBoard) -> dict[Any, Any]:
    return {kind: dict(subjects) for kind, subjects in board._subjects.items()}


async def _snapshot(
    region_id: RegionId, connection: Connection
) -> tuple[Position, list[Subject]] | None:
    return await event_log.read_snapshot(connection, region_id)


async def check_boards(world: World) -> None:
    """Every board of the world's container equals one that is built from the database now."""
    container = world.container
    await world.settled()
    assert container.board.regions
    for region_id, board in container.board.regions.items():
        found = await container.read(partial(_snapshot, region_id))
        assert found is not None
        built = RegionBoard(*found, container.now())
        assert board.position == built.position
        assert _subjects(board) == _subjects(built)
        assert board._owned._of == built._owned._of
        assert board._by_agb == built._by_agb
        assert board._merged_into == built._merged_into
        assert board._by_external_id == built._by_external_id
