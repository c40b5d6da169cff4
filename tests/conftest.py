"""Real servers for every test run, and a database of its own for every test that wants one."""

import asyncio
import itertools
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import hypothesis
import pytest

from app.container import Container, running
from app.db.migrate import upgrade
from app.embedded import EmbeddedServers
from app.settings import Environment, Settings
from tests.factories.world import Inhabitants, World
from tests.support import chromium as chromiums
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.serving import Serving, serving

if TYPE_CHECKING:
    from tests.support.browser import Browsers

# How long an example takes says nothing on a machine that is shared.
hypothesis.settings.register_profile("verkeerstoren", deadline=None)
hypothesis.settings.load_profile("verkeerstoren")

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def servers() -> Iterator[EmbeddedServers]:
    """PostgreSQL and Valkey for this test process."""
    with (
        tempfile.TemporaryDirectory(prefix="vt-") as home,
        EmbeddedServers(
            Path(home), durable=False, postgres_settings={"max_connections": "300"}
        ) as started,
    ):
        upgrade(started.owner_url)
        yield started


#: A database with the small region in it, of which a test that asks for a world gets a copy.
_INHABITED = "inhabited"


@pytest.fixture(scope="session")
def inhabitants(servers: EmbeddedServers, tmp_path_factory: pytest.TempPathFactory) -> Inhabitants:
    """Who is in the inhabited database. Made once: two dozen commits for every test add up."""
    asyncio.run(_admin(servers, f'CREATE DATABASE "{_INHABITED}" TEMPLATE verkeerstoren'))
    settings = Settings(
        environment=Environment.TEST,
        database_url=servers.url("verkeerstoren_app", _INHABITED),
        redis_url=servers.redis_url,
        var=tmp_path_factory.mktemp("inhabited"),
    )

    async def make() -> Inhabitants:
        async with running(settings) as container:
            return (await World.create(container)).inhabitants

    return asyncio.run(make())


@pytest.fixture
def database(servers: EmbeddedServers, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A migrated database of its own, where tests commit for real."""
    template = "verkeerstoren"
    if "inhabitants" in request.fixturenames:
        request.getfixturevalue("inhabitants")
        template = _INHABITED
    name = f"test_{os.getpid()}_{next(_numbers)}"
    asyncio.run(_admin(servers, f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    yield Database(
        name=name,
        url=servers.url("verkeerstoren_app", name),
        owner_url=servers.url("verkeerstoren_owner", name),
        admin_url=servers.url("postgres", name),
    )
    asyncio.run(_admin(servers, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


async def _admin(servers: EmbeddedServers, statement: str) -> None:
    connection = await asyncpg.connect(servers.admin_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture
def settings(database: Database, servers: EmbeddedServers, tmp_path: Path) -> Settings:
    """The settings of a process on the test's database, with the real Valkey."""
    return Settings(
        environment=Environment.TEST,
        database_url=database.url,
        database_owner_url=database.owner_url,
        redis_url=servers.redis_url,
        var=tmp_path,
    )


@pytest.fixture
def clock() -> Clock:
    """The clock of the containers of this test: turned, never slept for."""
    return Clock()


@pytest.fixture
async def container(settings: Settings, clock: Clock) -> AsyncIterator[Container]:
    """A running container in this process."""
    async with running(settings, clock.now) as started:
        yield started


@pytest.fixture
async def world(container: Container, inhabitants: Inhabitants) -> World:
    """A small region: a coordination point, two providers, and one pool of the first."""
    return await World.known(container, inhabitants)


@pytest.fixture
async def api(settings: Settings, clock: Clock) -> AsyncIterator[Serving]:
    """A real API server on a port of its own, in this process, on the test's database."""
    async with serving(settings, clock.now) as server:
        yield server


@pytest.fixture(scope="session")
def chromium() -> Iterator[chromiums.Chromium]:
    """The browser process of this test process."""
    executable = chromiums.installed()
    assert executable, "no Chromium: `make browser` installs it, or says how"
    with chromiums.Chromium(executable) as started:
        yield started


@pytest.fixture
async def browsers(chromium: chromiums.Chromium) -> "AsyncIterator[Browsers]":
    """Windows for the people of this test, which fails when anything goes wrong in one of them."""
    from tests.support.browser import browsing  # half a second that most tests don't need

    async with browsing(chromium) as opened:
        yield opened
