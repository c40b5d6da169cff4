"""Who acts on referrals: the actors of a world, without a key for each role."""

from dataclasses import replace

from domain.actors import Actor, Role
from tests.factories.referrals import actor_of
from tests.factories.world import Party, World


async def intake_desk(world: World, party: Party | None = None) -> Actor:
    """Somebody at the intake desk of a provider, by default the first."""
    return replace(await actor_of(world, party or world.provider), role=Role.PROVIDER_INTAKE)


async def referrer(world: World) -> Actor:
    """Somebody who refers, of the second provider's organisation."""
    return replace(await actor_of(world, world.other), role=Role.REFERRER)
