"""The hot statement and the queue before it, on the test's own database."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from app.db.engine import create_engine
from app.db.report_queue import ReportQueue
from tests.factories.world import World, make_pool
from tests.support.acts import Doing
from tests.support.database import Database
from tests.support.queueing import running_queue
from tests.support.reporting import HotStatement, another_pool, hot_statement


@pytest.fixture
async def hot(database: Database, world: World) -> AsyncIterator[HotStatement]:
    """The hot statement on a connection of its own."""
    async with hot_statement(database) as hot:
        yield hot


@pytest.fixture
async def queue(database: Database, world: World) -> AsyncIterator[ReportQueue]:
    """A queue as a process has one."""
    async with running_queue(database.url) as queue:
        yield queue


@pytest.fixture
async def pools(database: Database, world: World) -> list[UUID]:
    """Sixteen pools in the order of their ids, and one more to hold a batch up with."""
    async with database.connect() as connection:
        return sorted([await another_pool(connection, world.pool_id) for _ in range(17)])


@pytest.fixture
async def do(database: Database, world: World) -> AsyncIterator[Doing]:
    """Acts on the test's database."""
    engine = create_engine(database.url)
    yield Doing(engine)
    await engine.dispose()


@pytest.fixture
async def two(world: World) -> tuple[UUID, UUID]:
    """Two pools."""
    return world.pool_id, await make_pool(world.container, world.location_id)
