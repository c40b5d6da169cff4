"""Regions, organisations, locations and pools: who there is, and what they have places for."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from app.container import Container
from app.db import registers
from app.db.tables import (
    EventRow,
    LocationRow,
    OrganisationRegionRow,
    OrganisationRow,
    PoolRow,
    RegionRow,
    StreamRow,
)
from app.db.unit_of_work import UnitOfWork
from domain.actors import Action, Actor, OrganisationKind
from domain.care_types import CareType
from domain.errors import InvalidInput, VersionChanged
from domain.events import Kind
from domain.identifiers import (
    EVERYWHERE,
    LocationId,
    OrganisationId,
    PoolId,
    RegionId,
    is_agb,
    is_gemeente,
    is_pc4,
)
from domain.posting import PostingSchedule


@dataclass(frozen=True, slots=True)
class NewLocation:
    """A building. `gemeente` is its CBS code; None when it isn't known."""

    name: str
    address: str
    postcode: str
    place: str
    gemeente: str | None = None
    telephone: str | None = None


@dataclass(frozen=True, slots=True)
class NewPool:
    """Places at a location; `external_id` is the provider's own code for them."""

    external_id: str
    name: str
    care_types: tuple[CareType, ...]
    posting_schedule: PostingSchedule = PostingSchedule.WORKDAYS_TWICE


async def create_region(
    container: Container, actor: Actor | None, region_id: RegionId, code: str, name: str
) -> None:
    """A region with its own stream. Raises AlreadyExists."""

    async def act(work: UnitOfWork) -> None:
        await work.add(RegionRow(id=region_id, code=code, name=name))
        await open_stream(work, region_id)
        work.touch(Kind.REGION, region_id, EVERYWHERE)
        work.audit(actor, Action.REGISTER_WRITE, "region", region_id)
        await work.commit()

    await container.act(act)


async def open_stream(work: UnitOfWork, region_id: RegionId) -> None:
    """The stream of a new region, with the event that every stream begins with."""
    tag = secrets.randbits(32)
    work.session.add(StreamRow(region_id=region_id, epoch=1, number=0, tag=tag))
    work.session.add(
        EventRow(
            region_id=region_id,
            number=0,
            epoch=1,
            tag=tag,
            kind=Kind.STREAM_OPENED,
            subject_id=str(region_id),
            at=work.now,
            data=sa.null(),
        )
    )
    await work.session.flush()


async def create_organisation(
    container: Container,
    actor: Actor | None,
    *,
    agb: str,
    name: str,
    kind: OrganisationKind,
    regions: Iterable[RegionId],
) -> OrganisationId:
    """An organisation that works in some regions. Raises InvalidInput, AlreadyExists, NotFound (region)."""
    if not is_agb(agb):
        raise InvalidInput("Een AGB-code heeft acht cijfers.", "/agb")
    numbers = sorted(set(regions))

    async def act(work: UnitOfWork) -> OrganisationId:
        row = OrganisationRow(agb=agb, name=name, kind=kind)
        await work.add(row)
        for number in numbers:
            work.session.add(OrganisationRegionRow(organisation_id=row.id, region_id=number))
            work.touch(Kind.ORGANISATION, row.id, number)
        work.audit(actor, Action.REGISTER_WRITE, "organisation", row.id)
        await work.commit()
        return OrganisationId(row.id)

    return await container.act(act)


async def create_location(
    container: Container,
    actor: Actor | None,
    organisation_id: OrganisationId,
    region_id: RegionId,
    new: NewLocation,
) -> LocationId:
    """A location of an organisation, in a region where it works. Raises NotFound and InvalidInput."""
    if not is_pc4(new.postcode[:4]):
        raise InvalidInput("Een postcode begint met vier cijfers, niet met een nul.", "/postcode")
    if new.gemeente is not None and not is_gemeente(new.gemeente):
        raise InvalidInput("Een gemeentecode heeft vier cijfers.", "/gemeente")

    async def act(work: UnitOfWork) -> LocationId:
        await registers.get_organisation(work, organisation_id)
        if region_id not in await registers.regions_of(work, organisation_id):
            raise InvalidInput("De organisatie werkt niet in deze regio.", "/region_id")
        row = LocationRow(
            region_id=region_id,
            organisation_id=organisation_id,
            name=new.name,
            address=new.address,
            postcode=new.postcode,
            place=new.place,
            gemeente=new.gemeente,
            telephone=new.telephone,
        )
        await work.add(row)
        work.touch(Kind.LOCATION, row.id, region_id)
        work.audit(actor, Action.REGISTER_WRITE, "location", row.id)
        await work.commit()
        return LocationId(row.id)

    return await container.act(act)


async def create_pool(
    container: Container, actor: Actor | None, location_id: LocationId, new: NewPool
) -> PoolId:
    """A pool at a location, owned by the location's organisation. Raises NotFound and AlreadyExists."""

    async def act(work: UnitOfWork) -> PoolId:
        location = await registers.get_location(work, location_id)
        row = PoolRow(
            region_id=location.region_id,
            organisation_id=location.organisation_id,
            location_id=location_id,
            external_id=new.external_id,
            name=new.name,
            care_types=[care_type.value for care_type in new.care_types],
            posting_schedule=new.posting_schedule,
        )
        await work.add(row)
        _touch_pool(work, row)
        work.audit(actor, Action.REGISTER_WRITE, "pool", row.id)
        await work.commit()
        return PoolId(row.id)

    return await container.act(act)


async def transfer_pool(
    container: Container,
    actor: Actor | None,
    pool_id: PoolId,
    to: OrganisationId,
    expected_version: int | None = None,
    address: str | None = None,
) -> None:
    """Gives a pool another owner; its figures, holds and history stay with the pool.

    From the commit on only the new owner may report. Raises NotFound, VersionChanged, InvalidInput
    (the new owner doesn't work in the pool's region) and AlreadyExists (it uses the code already).
    """

    async def act(work: UnitOfWork) -> None:
        row = await registers.lock_pool(work, pool_id)
        if expected_version is not None and row.version != expected_version:
            raise VersionChanged(row.version)
        await registers.get_organisation(work, to)
        if row.region_id not in await registers.regions_of(work, to):
            raise InvalidInput("De organisatie werkt niet in deze regio.", "/organisation_id")
        row.organisation_id = to
        row.version += 1
        _touch_pool(work, row)
        work.audit(actor, Action.REGISTER_WRITE, "pool", pool_id, address=address)
        await work.commit()

    await container.act(act)


def _touch_pool(work: UnitOfWork, row: PoolRow) -> None:
    work.touch(Kind.POOL, row.id, row.region_id)
    work.touch(Kind.CAPACITY, row.id, row.region_id)
