"""Real servers for every test run, and a database of its own for every test that wants one."""

import asyncio
import gc
import itertools
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import hypothesis
import pytest

from app.container import Container, running
from app.db.migrate import upgrade
from app.embedded import EmbeddedServers
from app.settings import Environment, Settings
from tests.factories.world import Inhabitants, World
from tests.support import chromium as chromiums
from tests.support.calls import follow
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.databases import Databases, quick_folder
from tests.support.serving import Serving, serving

if TYPE_CHECKING:
    from tests.support.browser import Browsers

# How long an example takes says nothing on a machine that is shared.
hypothesis.settings.register_profile("verkeerstoren", deadline=None)
hypothesis.settings.load_profile("verkeerstoren")

# Some machines are set not to keep what Python compiled. The dozens of processes that tests start
# would each compile all of the project anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

T = TypeVar("T")
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


@pytest.fixture(scope="session")
def databases(servers: EmbeddedServers) -> Iterator[Databases]:
    """Makes and drops the databases of tests."""
    with quick_folder(servers) as folder, Databases(servers.admin_url, folder) as made:
        yield made


#: Databases that tests get copies of, made when the first test asks for one. They are named for
#: the fixtures that make them.
_INHABITED, _EXEMPLARY = "inhabitants", "exemplary"


@pytest.fixture(scope="session")
def inhabitants(
    servers: EmbeddedServers, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Inhabitants:
    """Who is in the inhabited database. Made once: two dozen commits for every test add up."""

    async def make(container: Container) -> Inhabitants:
        return (await World.create(container)).inhabitants

    databases.create(_INHABITED, "verkeerstoren")
    return _in_database(servers, _INHABITED, tmp_path_factory.mktemp(_INHABITED), make)


@pytest.fixture(scope="session")
def exemplary(
    servers: EmbeddedServers,
    databases: Databases,
    inhabitants: Inhabitants,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, str]:
    """What else is in the database of those who want an example of every call."""

    async def make(container: Container) -> dict[str, str]:
        return await follow(await World.known(container, inhabitants))

    databases.create(_EXEMPLARY, _INHABITED)
    return _in_database(servers, _EXEMPLARY, tmp_path_factory.mktemp(_EXEMPLARY), make)


def _in_database(
    servers: EmbeddedServers, name: str, var: Path, make: Callable[[Container], Awaitable[T]]
) -> T:
    settings = Settings(
        environment=Environment.TEST,
        database_url=servers.url("verkeerstoren_app", name),
        redis_url=servers.redis_url,
        var=var,
    )

    async def made() -> T:
        async with running(settings) as container:
            return await make(container)

    return asyncio.run(made())


@pytest.fixture
def database(
    servers: EmbeddedServers, databases: Databases, request: pytest.FixtureRequest
) -> Iterator[Database]:
    """A migrated database of its own, where tests commit for real."""
    template = "verkeerstoren"
    for made in (_EXEMPLARY, _INHABITED):
        if made in request.fixturenames:
            request.getfixturevalue(made)
            template = made
            break
    name = f"test_{os.getpid()}_{next(_numbers)}"
    databases.create(name, template)
    yield Database(
        name=name,
        url=servers.url("verkeerstoren_app", name),
        owner_url=servers.url("verkeerstoren_owner", name),
        admin_url=servers.url("postgres", name),
    )
    databases.drop(name)


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


def pytest_collection_finish() -> None:
    """What lives as long as the tests do is looked through by the collector once, not again and again."""
    gc.collect()
    gc.freeze()
