"""Whose boards are asked, and in which regions an aanmelding goes straight to a team."""

from collections.abc import Iterable

from app.container import Container
from app.db.event_log import Connection
from app.db.norms import read_norms
from app.live.board import RegionBoard
from domain.actors import Action, Actor, Target, may
from domain.errors import Unavailable
from domain.identifiers import EVERYWHERE, RegionId


def regions_of(container: Container, actor: Actor) -> list[RegionBoard]:
    """The boards that this actor may ask. Raises Unavailable while one of them is still to be read."""
    boards = container.board.regions
    if not actor.regions <= boards.keys():
        raise Unavailable
    found = [
        board
        for region_id, board in sorted(boards.items())
        if region_id != EVERYWHERE and may(actor, Action.CAPACITY_READ, Target(region_id))
    ]
    if not found:
        raise Unavailable
    return found


async def direct_regions(
    container: Container, regions: Iterable[RegionBoard]
) -> frozenset[RegionId]:
    """Those of which the norms let an aanmelding go straight to a team."""

    async def read(connection: Connection) -> frozenset[RegionId]:
        found = {}
        for region in regions:
            found[region.region_id], _ = await read_norms(connection, region.region_id)
        return frozenset(region_id for region_id, norms in found.items() if norms.direct_to_team)

    return await container.read(read)
