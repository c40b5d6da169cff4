"""A served region: one process, one container, one database."""

import pytest

from tests.factories.world import Inhabitants, World
from tests.support.calls import Example
from tests.support.serving import Serving


@pytest.fixture
async def served(api: Serving, inhabitants: Inhabitants) -> World:
    """The small region in the server's own container."""
    assert api.container is not None
    return await World.known(api.container, inhabitants)


@pytest.fixture
def example(served: World, exemplary: dict[str, str]) -> Example:
    """Calls that work: what they are about is in the database already."""
    return Example(served, exemplary)
