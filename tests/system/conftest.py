"""The region that the scenarios are played in."""

from collections.abc import AsyncIterator

import pytest

from tests.factories.world import Inhabitants, World
from tests.support.clock import Clock
from tests.support.scenarios import Region, at_work
from tests.support.serving import Serving


@pytest.fixture
async def region(api: Serving, inhabitants: Inhabitants, clock: Clock) -> AsyncIterator[Region]:
    """A served region, everybody in it with a key of their own."""
    assert api.container is not None
    async with at_work(api, await World.known(api.container, inhabitants), clock) as region:
        yield region
