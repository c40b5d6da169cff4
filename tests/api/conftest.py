"""A served region: one process, one container, one database."""

import pytest

from tests.factories.world import Inhabitants, World
from tests.support.serving import Serving


@pytest.fixture
async def served(api: Serving, inhabitants: Inhabitants) -> World:
    """The small region in the server's own container."""
    assert api.container is not None
    return await World.known(api.container, inhabitants)
