"""A small region to test in: organisations, places and keys, made through the services."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

from app.container import Container
from app.live.board import PoolFacts
from app.security.keys import Credential
from app.services import keys, locations, organisations, pools, regions, reports
from domain.actors import OrganisationKind, Role
from domain.capacity import Figures, Terms
from domain.care_types import CareType
from domain.identifiers import LocationId, OrganisationId, PoolId, RegionId
from domain.locations import Location
from domain.organisations import Organisation
from domain.pools import Pool, Posting
from domain.posting import PostingSchedule
from tests.support.database import register_admission

REGION = RegionId(1)
#: Made by the fixture second_region; nobody of the world works there.
TWO = RegionId(2)
_numbers = count(1)


@dataclass(slots=True)
class Party:
    """An organisation with a key."""

    organisation_id: OrganisationId
    agb: str
    key: str
    key_id: UUID


@dataclass(frozen=True, slots=True)
class Inhabitants:
    """Who and what is in a world."""

    coordinator: Party
    provider: Party
    other: Party
    operator: Party
    location_id: LocationId
    pool_id: PoolId


@dataclass(slots=True)
class World:
    """One region with a coordination point, two providers and the first's pool."""

    container: Container
    coordinator: Party
    provider: Party
    other: Party
    operator: Party
    location_id: LocationId
    pool_id: PoolId

    @classmethod
    async def known(cls, container: Container, inhabitants: Inhabitants) -> "World":
        """The world of a database that it is in already, once the container's board shows it."""
        world = cls(container, *(getattr(inhabitants, name) for name in Inhabitants.__slots__))
        await world.settled()
        return world

    @property
    def inhabitants(self) -> Inhabitants:
        """Who and what is in it."""
        return Inhabitants(*(getattr(self, name) for name in Inhabitants.__slots__))

    @classmethod
    async def create(cls, container: Container, region_id: RegionId = REGION) -> "World":
        """Makes it all and waits until the container's board shows it."""
        await regions.create_region(container, None, region_id, f"regio-{region_id}", "Regio")
        coordinator = await make_party(container, Role.COORDINATOR, region_id)
        provider = await make_party(container, Role.PROVIDER_CAPACITY, region_id)
        other = await make_party(container, Role.PROVIDER_CAPACITY, region_id)
        operator = await make_party(container, Role.OPERATOR, region_id)
        location_id = await make_location(container, provider, region_id)
        pool_id = await make_pool(container, location_id)
        world = cls(container, coordinator, provider, other, operator, location_id, pool_id)
        await world.settled()
        return world

    async def settled(self) -> None:
        """Waits until the container's board shows all that was committed so far."""
        heads = await self.container.read(
            lambda connection: connection.fetch("SELECT region_id, number FROM stream")
        )
        for region_id, number in heads:
            while region_id not in self.container.board.regions:
                await asyncio.sleep(0.01)
            assert await self.container.board.regions[region_id].reach(number, 10)

    async def credential(self, party: Party) -> Credential:
        """Who a party's key says it is."""
        return await self.container.keys.find(party.key)

    async def pool(self, pool_id: PoolId | None = None) -> PoolFacts:
        """A pool's facts, by default of the first one."""
        return await reports.find_pool(self.container, pool_id or self.pool_id)

    async def report(
        self,
        figures: Figures,
        *,
        by: Party | None = None,
        pool_id: PoolId | None = None,
        address: str | None = None,
        **options: object,
    ) -> reports.Receipt:
        """Reports a pool through the service; the options are those of `Given`."""
        return await reports.report_pool(
            self.container,
            await self.credential(by or self.provider),
            await self.pool(pool_id),
            reports.Given(figures, **options),  # type: ignore[arg-type]
            address=address,
        )

    async def confirm(self, version: int, *, by: Party | None = None) -> reports.Receipt:
        """Says "klopt nog" to a version of the first pool."""
        return await reports.confirm_pool(
            self.container,
            await self.credential(by or self.provider),
            await self.pool(),
            version,
        )

    async def admit(self, at: datetime, promised_at: datetime | None = None) -> None:
        """Registers now that someone came to the first pool, at a moment that may be past."""
        await self.container.read(
            lambda connection: register_admission(connection, self.pool_id, at, promised_at)
        )

    async def balance(self) -> int | None:
        """Places left in the first pool, by its row."""
        found: int | None = await self.container.read(
            lambda connection: connection.fetchval(
                "SELECT balance FROM pool WHERE id = $1", self.pool_id
            )
        )
        return found


async def make_party(
    container: Container, role: Role, region_id: RegionId = REGION, terms: Terms | None = None
) -> Party:
    """An organisation in a region, with a key for a role."""
    number = next(_numbers)
    agb = f"{41_000_000 + number}"
    kind = (
        OrganisationKind.COORDINATION_POINT
        if role is Role.COORDINATOR
        else OrganisationKind.PROVIDER
    )
    made = Organisation(agb, f"Organisatie {number}", kind, frozenset({region_id}))
    organisation_id = (await organisations.create_organisation(container, None, made)).id
    new = keys.NewKey(organisation_id, role, f"{role} {number}", terms or Terms())
    issued = await keys.issue_key(container, None, new)
    assert issued.key is not None
    return Party(organisation_id, agb, issued.key, issued.id)


async def make_feed(container: Container, owner: Party, terms: Terms) -> Party:
    """One more key of an organisation, for a source with terms of its own."""
    new = keys.NewKey(
        owner.organisation_id, Role.PROVIDER_CAPACITY, f"feed {next(_numbers)}", terms
    )
    issued = await keys.issue_key(container, None, new)
    assert issued.key is not None
    return Party(owner.organisation_id, owner.agb, issued.key, issued.id)


async def make_location(
    container: Container, owner: Party, region_id: RegionId = REGION
) -> LocationId:
    """A location of a party."""
    new = Location("De Linde", "Lindelaan 1", "2725", "Zoetermeer", "0637")
    written = await locations.create_location(
        container, None, owner.organisation_id, region_id, new
    )
    return written.id


async def make_pool(
    container: Container,
    location_id: LocationId,
    *care_types: CareType,
    schedule: PostingSchedule = PostingSchedule.WORKDAYS_TWICE,
) -> PoolId:
    """A pool at a location, for elv-laag unless said otherwise."""
    number = next(_numbers)
    new = Pool(
        f"P{number}", f"Pool {number}", care_types or (CareType.ELV_LAAG,), Posting(schedule)
    )
    return (await pools.create_pool(container, None, location_id, new)).id


def counts(operable: int, occupied: int, planned: int = 0) -> Figures:
    """Figures of a feed, with as many places as are staffed."""
    return Figures(
        physical=operable, operable=operable, occupied=occupied, planned=planned, closed=0
    )


HOUR = timedelta(hours=1)
