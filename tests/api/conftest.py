"""A served region: one process, one container, one database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.services.keys import NewKey, issue_key
from app.services.regions import create_region
from domain.actors import Role
from domain.identifiers import RegionId
from tests.factories.world import Inhabitants, Party, World, make_party
from tests.support.calls import Example
from tests.support.referral_calls import serve
from tests.support.scenarios import Desk
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


@pytest.fixture
async def point(api: Serving, served: World) -> AsyncIterator[Desk]:
    """The region's coordination point, which serves 2713."""
    await serve(served.container, served.coordinator)
    async with _desk(api, served.coordinator) as desk:
        yield desk


@pytest.fixture
async def referrer(api: Serving, served: World) -> AsyncIterator[Desk]:
    """Who files for people, and follows what becomes of it."""
    async with _desk(api, await make_party(served.container, Role.REFERRER)) as desk:
        yield desk


@pytest.fixture
async def neighbour(api: Serving, served: World) -> AsyncIterator[Desk]:
    """Another coordination point of the same region."""
    async with _desk(api, await make_party(served.container, Role.COORDINATOR)) as desk:
        yield desk


@pytest.fixture
async def elsewhere(api: Serving, served: World) -> AsyncIterator[Desk]:
    """A coordination point of another region."""
    two = RegionId(2)
    await create_region(served.container, None, two, "twee", "Twee")
    async with _desk(api, await make_party(served.container, Role.COORDINATOR, two)) as desk:
        yield desk


@pytest.fixture
async def provider(api: Serving, served: World) -> AsyncIterator[Desk]:
    """The intake desk of the organisation that has the world's pool."""
    organisation_id = served.provider.organisation_id
    issued = await issue_key(
        served.container, None, NewKey(organisation_id, Role.PROVIDER_INTAKE, "intake")
    )
    assert issued.key is not None
    async with api.client(issued.key) as client:
        yield Desk(client, str(organisation_id), issued.key)


@asynccontextmanager
async def _desk(api: Serving, party: Party) -> AsyncIterator[Desk]:
    async with api.client(party.key) as client:
        yield Desk(client, str(party.organisation_id), party.key)
