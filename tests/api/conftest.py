"""A served region: one process, one container, one database."""

import pytest

from tests.factories.world import World
from tests.support.serving import Serving


@pytest.fixture
async def served(api: Serving) -> World:
    """The small region, made through the server's own container, so that its board knows it."""
    assert api.container is not None
    return await World.create(api.container)
