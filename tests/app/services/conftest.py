"""What several services are tested with."""

import pytest

from app.services import regions
from domain.identifiers import RegionId
from tests.factories.world import TWO, World


@pytest.fixture
async def second_region(world: World) -> RegionId:
    """A region where nobody of the world works."""
    await regions.create_region(world.container, None, TWO, "twee", "Twee")
    await world.settled()
    return TWO
