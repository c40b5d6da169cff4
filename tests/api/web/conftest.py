"""People at pages, without a browser."""

from collections.abc import AsyncIterator

import pytest

from domain.actors import Role
from tests.factories.world import World
from tests.support.forms import Window, window
from tests.support.serving import Serving


@pytest.fixture
async def operator(api: Serving, served: World) -> AsyncIterator[Window]:
    """Somebody who may do everything here."""
    async with window(api, Role.OPERATOR, served.operator.organisation_id) as opened:
        yield opened
