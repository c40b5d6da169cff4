"""What several services are tested with."""

from collections.abc import AsyncIterator

import pytest

from app.container import Container, running
from app.services import regions
from app.settings import Settings
from domain.actors import Role
from domain.identifiers import RegionId
from tests.factories.people import MadePerson, make_person
from tests.factories.world import TWO, World
from tests.support.clock import Clock


@pytest.fixture
async def second_region(world: World) -> RegionId:
    """A region where nobody of the world works."""
    await regions.create_region(world.container, None, TWO, "twee", "Twee")
    await world.settled()
    return TWO


@pytest.fixture
async def person(world: World) -> MadePerson:
    """Somebody who works for one organisation."""
    return await make_person(
        world.container, Role.PROVIDER_CAPACITY, world.provider.organisation_id
    )


@pytest.fixture
async def elsewhere(settings: Settings, clock: Clock) -> AsyncIterator[Container]:
    """Another process."""
    async with running(settings, clock.now) as other:
        await other.follower.until_ready()
        yield other
