"""Organisations: made, changed and closed. How one takes over another stands in `mergers`."""

from collections.abc import Collection
from uuid import UUID

from app.container import Container
from app.db import organisations, people, registers
from app.db.idempotency import Request, once
from app.db.tables import OrganisationRow
from app.db.unit_of_work import UnitOfWork
from app.services.written import Written, commit
from domain.actors import Action, Actor
from domain.errors import AlreadyExists, StillInUse, VersionChanged
from domain.events import Kind
from domain.hours import contacts_to_json
from domain.identifiers import EVERYWHERE, OrganisationId, RegionId
from domain.organisations import Organisation


async def create_organisation(
    container: Container,
    actor: Actor | None,
    new: Organisation,
    request: Request | None = None,
    address: str | None = None,
) -> Written[OrganisationId]:
    """An organisation that works in some regions, or in none: then no board shows it.

    Raises InvalidInput (no such region), AlreadyExists (a code of its own is another's, or another
    coordination point serves a PC4 already) and IdempotencyMismatch.
    """

    async def act(work: UnitOfWork) -> Written[OrganisationId]:
        async def create() -> dict[str, str]:
            await registers.lock_regions(work, new.regions)
            await check_pc4s(work, new.pc4s, new.regions)
            row = OrganisationRow(agb=new.agb, name=new.name, kind=new.kind)
            _fill_in(row, new)
            await work.add(row)
            await organisations.set_regions(work, row.id, new.regions)
            _touch(work, row.id, new.regions)
            work.audit(actor, Action.REGISTER_WRITE, "organisation", row.id, address=address)
            return {"id": str(row.id)}

        answer, _ = await once(work, request, create)
        id_ = OrganisationId(UUID(answer["id"]))
        return await _commit(work, id_)

    return await container.act(act)


async def change_organisation(
    container: Container,
    actor: Actor | None,
    organisation_id: OrganisationId,
    new: Organisation,
    expected_version: int,
    address: str | None = None,
) -> Written[OrganisationId]:
    """Everything that people fill in, anew. Its keys reach as far as its regions from then on.

    Raises NotFound, AlreadyClosed, VersionChanged, StillInUse (it has something active in a region
    that it leaves) and what `create_organisation` raises.
    """

    async def act(work: UnitOfWork) -> tuple[Written[OrganisationId], bool]:
        await registers.lock_regions(work, new.regions)
        row = await registers.lock_organisation(work, organisation_id)
        if row.version != expected_version:
            raise VersionChanged(row.version)
        before = frozenset(await registers.regions_of(work, organisation_id))
        left = before - new.regions
        if left and (busy := await organisations.in_use(work, organisation_id, left)):
            raise StillInUse(busy, "De organisatie heeft nog iets in een regio die zij verlaat.")
        await check_pc4s(work, new.pc4s, new.regions, organisation_id)
        _fill_in(row, new)
        row.version += 1
        await work.session.flush()
        await organisations.set_regions(work, organisation_id, new.regions - before, left)
        _touch(work, organisation_id, before | new.regions)
        if before != new.regions:
            work.touch(Kind.KEYS_CHANGED, organisation_id, EVERYWHERE)
        work.audit(actor, Action.REGISTER_WRITE, "organisation", organisation_id, address=address)
        return await _commit(work, organisation_id), before != new.regions

    written, moved = await container.act(act)
    if moved:
        container.forget(None)
    return written


async def close_organisation(
    container: Container,
    actor: Actor | None,
    organisation_id: OrganisationId,
    expected_version: int | None = None,
    address: str | None = None,
) -> Written[OrganisationId]:
    """Ends an organisation, revokes its keys, and nobody works for it any more. Its history stays.

    Raises NotFound, AlreadyClosed, VersionChanged and StillInUse (active locations, pools, teams).
    """

    async def act(work: UnitOfWork) -> Written[OrganisationId]:
        row = await registers.lock_organisation(work, organisation_id)
        if expected_version is not None and row.version != expected_version:
            raise VersionChanged(row.version)
        if busy := await organisations.in_use(work, organisation_id):
            raise StillInUse(busy)
        row.status, row.ended_at = "ended", work.now
        row.version += 1
        _touch(work, organisation_id, await registers.regions_of(work, organisation_id))
        for key in await organisations.lock_open_keys(work, organisation_id):
            key.revoked_at = work.now
            key.revoked_by = actor.id if actor else None
            work.touch(Kind.KEY_REVOKED, key.id, EVERYWHERE)
        if await people.end_memberships_at(work, organisation_id):
            work.touch(Kind.KEYS_CHANGED, organisation_id, EVERYWHERE)
        work.audit(actor, Action.REGISTER_WRITE, "organisation", organisation_id, address=address)
        return await _commit(work, organisation_id)

    written = await container.act(act)
    container.forget(None)
    return written


async def check_pc4s(
    work: UnitOfWork,
    pc4s: Collection[str],
    regions: Collection[RegionId],
    of: UUID | None = None,
) -> None:
    """Raises AlreadyExists when another coordination point of these regions serves one of these PC4s.

    The regions must be locked, or two could take the same one at once.
    """
    others = await organisations.servers_of(work, pc4s, regions, of) if pc4s else []
    if others:
        told = "; ".join(f"{other.name}: {', '.join(other.pc4s)}" for other in others)
        raise AlreadyExists(
            f"Deze postcodes worden al bediend door een ander coördinatiepunt ({told})."
            " Er is niets gewijzigd.",
            pc4s=sorted({pc4 for other in others for pc4 in other.pc4s}),
            organisation_ids=[str(other.id) for other in others],
        )


def _fill_in(row: OrganisationRow, new: Organisation) -> None:
    row.agb, row.name, row.kind = new.agb, new.name, new.kind
    row.ura, row.kvk, row.telephone = new.ura, new.kvk, new.telephone
    row.pc4s = sorted(new.pc4s)
    row.insurers = [insurer.to_json() for insurer in new.insurers] or None
    row.on_call = contacts_to_json(new.on_call) or None


def _touch(work: UnitOfWork, organisation_id: UUID, regions: Collection[int]) -> None:
    for number in sorted(regions):
        work.touch(Kind.ORGANISATION, organisation_id, number)


async def _commit(work: UnitOfWork, id_: OrganisationId) -> Written[OrganisationId]:
    await work.session.flush()
    regions = await registers.regions_of(work, id_)
    return await commit(work, Kind.ORGANISATION, id_, min(regions, default=None))
