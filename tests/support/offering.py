"""Who takes part in asking for a place, over HTTP: clients of the coordination point and of intake desks."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import httpx

from app.services.keys import NewKey, issue_key
from domain.actors import Role
from domain.capacity import Figures
from domain.identifiers import PoolId
from domain.needs import Urgency
from tests.factories.referrals import offered
from tests.factories.world import Party, World, make_location, make_pool
from tests.support.serving import Serving


@dataclass(frozen=True, slots=True)
class Desks:
    """A coordination point, the intake desks of two providers, and a pool of the second with places."""

    world: World
    coordinator: httpx.AsyncClient
    first: httpx.AsyncClient
    second: httpx.AsyncClient
    second_pool_id: PoolId

    async def asked(self) -> tuple[UUID, UUID, UUID]:
        """A referral for which both are asked: its id, and those of the first's and second's offer."""
        referral_id, (one, two) = await offered(
            self.world, self.world.pool_id, self.second_pool_id, urgency=Urgency.ACUUT
        )
        return referral_id, one, two


@asynccontextmanager
async def desks_of(api: Serving, world: World, places: int = 5) -> AsyncIterator[Desks]:
    """Opens the clients; both providers have so many places free."""
    location_id = await make_location(world.container, world.other)
    pool_id = await make_pool(world.container, location_id)
    await world.report(Figures(free=places))
    await world.report(Figures(free=places), by=world.other, pool_id=pool_id)
    await world.settled()
    async with AsyncExitStack() as stack:

        async def client(key: str) -> httpx.AsyncClient:
            return await stack.enter_async_context(api.client(key))

        yield Desks(
            world,
            await client(world.coordinator.key),
            await client(await intake_key(world, world.provider)),
            await client(await intake_key(world, world.other)),
            pool_id,
        )


async def intake_key(world: World, party: Party) -> str:
    """A key for the intake desk of a provider."""
    new = NewKey(party.organisation_id, Role.PROVIDER_INTAKE, "intake")
    issued = await issue_key(world.container, None, new)
    assert issued.key is not None
    return issued.key
