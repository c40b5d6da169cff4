"""A waiting list to test with: a region with two places for elv-laag, who waits, and what is proposed."""

from dataclasses import dataclass
from uuid import UUID

from app.db.proposals import StoredItem, StoredProposal
from app.services import locations, pools, postcodes
from app.services.referrals import adoptions, proposals
from app.services.referrals.adoptions import ItemAdopted
from domain.actors import Actor
from domain.capacity import Figures
from domain.care_types import CareType
from domain.features import Feature
from domain.geography import Point, Postcode
from domain.identifiers import PoolId
from domain.locations import Location
from domain.matching.proposals import Adopted
from domain.needs import Urgency
from domain.pools import Pool
from tests.factories.referrals import actor_of, triaged
from tests.factories.world import REGION, World
from tests.support.clock import Clock

HOME = Point(52.06, 4.5)
TILLIFT = frozenset({Feature.TILLIFT})


@dataclass
class Region:
    """Two places for elv-laag: one at home's door with a tillift, and one ten kilometres off."""

    world: World
    coordinator: Actor
    near: PoolId
    far: PoolId
    clock: Clock

    async def propose(self) -> StoredProposal:
        """A proposal of the coordinator."""
        await self.world.settled()
        return await proposals.propose(self.world.container, self.coordinator, REGION)

    async def adopt(
        self, proposal: StoredProposal, *referral_ids: UUID, by: Actor | None = None
    ) -> list[tuple[UUID, Adopted]]:
        """What comes of these, or of all when none is named."""
        done = await self.adopted(proposal, *referral_ids, by=by)
        return [(one.referral_id, one.outcome) for one in done]

    async def adopted(
        self, proposal: StoredProposal, *referral_ids: UUID, by: Actor | None = None
    ) -> list[ItemAdopted]:
        """The same in full."""
        await self.world.settled()
        return await adoptions.adopt(
            self.world.container, by or self.coordinator, proposal.id, referral_ids or None
        )


async def make_region(world: World, clock: Clock) -> Region:
    """The world with its two places, seen by the board."""
    container = world.container
    known = Postcode("2725", "Zoetermeer", HOME, "0637", "Zoetermeer", 2026)
    await postcodes.import_postcodes(container, None, [known])
    near = await place_at(world, "Nabij", HOME, TILLIFT)
    far = await place_at(world, "Ver", Point(HOME.latitude + 0.09, HOME.longitude))
    return Region(world, await actor_of(world), near, far, clock)


async def place_at(
    world: World, name: str, point: Point, features: frozenset[Feature] = frozenset()
) -> PoolId:
    """A location there with one free place."""
    location = Location(name, "Laan 1", "2725", "Zoetermeer", "0637", 2026, point)
    made = await locations.create_location(
        world.container, None, world.provider.organisation_id, REGION, location
    )
    pool = Pool(name, name, (CareType.ELV_LAAG,), features=features)
    pool_id = (await pools.create_pool(world.container, None, made.id, pool)).id
    await world.settled()
    await world.report(Figures(free=1), pool_id=pool_id)
    return pool_id


async def waits(world: World, urgency: Urgency = Urgency.SPOED, *asked: Feature) -> UUID:
    """Somebody who waits for elv-laag."""
    return (await triaged(world, urgency, features=frozenset(asked))).referral_id


def item_of(proposal: StoredProposal, referral_id: UUID) -> StoredItem:
    """Somebody in a proposal."""
    return next(item for item in proposal.items if item.referral_id == referral_id)


def pools_of(item: StoredItem) -> tuple[UUID | None, UUID | None]:
    """Where somebody would go together, and one by one."""
    return (
        item.together.pool_id if item.together else None,
        item.alone.pool_id if item.alone else None,
    )
