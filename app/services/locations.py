"""Locations: made, changed, given to another owner, closed."""

from collections.abc import Sequence
from uuid import UUID

from app.container import Container
from app.db import location_hours, organisations, registers
from app.db.idempotency import Request, once
from app.db.location_hours import PastHours
from app.db.tables import LocationRow
from app.db.unit_of_work import UnitOfWork
from app.services import postcodes
from app.services.written import Written, commit
from domain.actors import Action, Actor
from domain.errors import InvalidInput, StillInUse, VersionChanged
from domain.events import Kind
from domain.geography import postcode_of
from domain.hours import WeeklyHours, contacts_to_json
from domain.identifiers import LocationId, OrganisationId, RegionId
from domain.locations import Location


async def create_location(
    container: Container,
    actor: Actor | None,
    organisation_id: OrganisationId,
    region_id: RegionId,
    new: Location,
    request: Request | None = None,
    address: str | None = None,
) -> Written[LocationId]:
    """A location of an organisation, in a region where it works.

    Raises NotFound, AlreadyClosed (the organisation), InvalidInput and IdempotencyMismatch.
    """

    async def act(work: UnitOfWork) -> Written[LocationId]:
        async def create() -> dict[str, str]:
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
            )
            await _fill_in(work, row, new)
            await work.add(row)
            await location_hours.keep_hours(work, row, actor.id if actor else None)
            work.touch(Kind.LOCATION, row.id, region_id)
            work.audit(actor, Action.REGISTER_WRITE, "location", row.id, address=address)
            return {"id": str(row.id)}

        answer, _ = await once(work, request, create)
        return await commit(work, Kind.LOCATION, LocationId(UUID(answer["id"])), region_id)

    return await container.act(act)


async def change_location(
    container: Container,
    actor: Actor | None,
    location_id: LocationId,
    new: Location,
    expected_version: int,
    address: str | None = None,
) -> Written[LocationId]:
    """Everything that people fill in, anew. Raises NotFound, AlreadyClosed and VersionChanged."""

    async def act(work: UnitOfWork) -> Written[LocationId]:
        row = await _lock(work, location_id, expected_version)
        await _fill_in(work, row, new)
        return await _changed(work, actor, row, address)

    return await container.act(act)


async def transfer_location(
    container: Container,
    actor: Actor | None,
    location_id: LocationId,
    to: OrganisationId,
    expected_version: int | None = None,
    address: str | None = None,
) -> Written[LocationId]:
    """Gives a location another owner, with the pools there that are its owner's.

    Their figures, holds and history stay with the pools. Raises NotFound, AlreadyClosed,
    VersionChanged, InvalidInput (the new owner doesn't work in this region) and AlreadyExists (it
    uses the code of one of the pools).
    """

    async def act(work: UnitOfWork) -> Written[LocationId]:
        await registers.get_organisation(work, to)
        row = await _lock(work, location_id, expected_version)
        if row.region_id not in await registers.regions_of(work, to):
            raise InvalidInput("De organisatie werkt niet in deze regio.", "/organisation_id")
        if row.organisation_id != to:
            await organisations.move_pools_at(work, location_id, row.organisation_id, to)
            row.organisation_id = to
        return await _changed(work, actor, row, address)

    return await container.act(act)


async def close_location(
    container: Container,
    actor: Actor | None,
    location_id: LocationId,
    expected_version: int | None = None,
    address: str | None = None,
) -> Written[LocationId]:
    """Ends a location; its history stays.

    Raises NotFound, AlreadyClosed, VersionChanged and StillInUse (active pools, of whoever).
    """

    async def act(work: UnitOfWork) -> Written[LocationId]:
        row = await _lock(work, location_id, expected_version)
        if pools := await organisations.active_pools_at(work, location_id):
            raise StillInUse({"pools": pools})
        row.status, row.ended_at = "ended", work.now
        return await _changed(work, actor, row, address)

    return await container.act(act)


async def hours_history(
    container: Container, location_id: LocationId, *, before: int | None, limit: int
) -> Sequence[PastHours]:
    """The hours that a location has had, the newest first, for who may see the location."""
    return await container.read(
        lambda connection: location_hours.read_hours(connection, location_id, before, limit)
    )


async def _lock(
    work: UnitOfWork, location_id: LocationId, expected_version: int | None
) -> LocationRow:
    row = await registers.lock_location(work, location_id)
    if expected_version is not None and row.version != expected_version:
        raise VersionChanged(row.version)
    return row


async def _changed(
    work: UnitOfWork, actor: Actor | None, row: LocationRow, address: str | None
) -> Written[LocationId]:
    row.version += 1
    await location_hours.keep_hours(work, row, actor.id if actor else None)
    work.touch(Kind.LOCATION, row.id, row.region_id)
    work.audit(actor, Action.REGISTER_WRITE, "location", row.id, address=address)
    return await commit(work, Kind.LOCATION, LocationId(row.id), RegionId(row.region_id))


async def _fill_in(work: UnitOfWork, row: LocationRow, new: Location) -> None:
    row.name, row.address, row.place = new.name, new.address, new.place
    row.postcode = postcode_of(new.postcode)
    known = await postcodes.resolve(work, new.postcode)
    row.gemeente, row.gemeente_year = new.gemeente, new.gemeente_year
    if new.gemeente is None and known is not None:
        row.gemeente, row.gemeente_year = known.gemeente, known.gemeente_year
    point = new.point or (known.point if known is not None else None)
    row.latitude = point.latitude if point is not None else None
    row.longitude = point.longitude if point is not None else None
    row.vestigingsnummer, row.telephone = new.vestigingsnummer, new.telephone
    row.wlz_contract = new.wlz_contract
    row.opening_hours = _hours(new.opening_hours)
    row.intake_hours = _hours(new.intake_hours)
    row.on_call = contacts_to_json(new.on_call) or None


def _hours(hours: WeeklyHours | None) -> dict[str, list[list[str]]] | None:
    return hours.to_json() if hours is not None else None
