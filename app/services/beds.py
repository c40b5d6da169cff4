"""Beds that are followed one by one: made, changed and ended.

A pool of such beds takes no count report: what its row says follows from its beds, in the commit
that changes one of them (`app/services/pool_of_beds.py`).
"""

from dataclasses import dataclass
from uuid import UUID

from app.container import Container
from app.db import beds, registers
from app.db.beds import BedPlace
from app.db.idempotency import Request, once
from app.db.tables import BedRow, PoolRow
from app.db.unit_of_work import UnitOfWork
from app.services.pool_of_beds import Cause, write_figures
from app.services.written import Written, commit
from domain.actors import Action, Actor
from domain.beds import BedState
from domain.care_types import CareType
from domain.errors import AlreadyClosed, InvalidInput, NotFound, StillInUse, VersionChanged
from domain.events import Kind
from domain.features import Feature
from domain.identifiers import BedId, PoolId, RegionId


@dataclass(frozen=True, slots=True)
class NewBed:
    """A bed; `external_id` is the provider's own code for it, unique in its pool."""

    external_id: str
    name: str
    features: tuple[Feature, ...] = ()


async def create_bed(
    container: Container,
    actor: Actor | None,
    pool_id: PoolId,
    new: NewBed,
    request: Request | None = None,
    address: str | None = None,
) -> Written[BedId]:
    """A bed in a pool that is counted by bed. With `request`, doing it again makes no second one.

    Raises NotFound, AlreadyClosed (the pool), InvalidInput, AlreadyExists and IdempotencyMismatch.
    """

    async def act(work: UnitOfWork) -> Written[BedId]:
        pool = await registers.lock_active_pool(work, pool_id)

        async def create() -> dict[str, str]:
            if not any(CareType(code).counted_by_bed for code in pool.care_types):
                raise InvalidInput("De plaatsen van deze pool worden geteld.", "/pool_id")
            row = BedRow(
                region_id=pool.region_id,
                pool_id=pool_id,
                external_id=new.external_id,
                name=new.name,
                features=sorted(new.features),
            )
            await work.add(row)
            await _write(work, actor, pool, row, address)
            return {"id": str(row.id)}

        answer, _ = await once(work, request, create)
        return await _commit(work, UUID(answer["id"]), pool.region_id)

    return await container.act(act)


async def change_bed(
    container: Container,
    actor: Actor | None,
    bed_id: BedId,
    new: NewBed,
    expected_version: int | None = None,
    address: str | None = None,
) -> Written[BedId]:
    """Replaces what the register says of a bed.

    Raises NotFound, AlreadyClosed, VersionChanged and AlreadyExists (the pool has a bed of that code).
    """
    place = await find_bed(container, bed_id)

    async def act(work: UnitOfWork) -> Written[BedId]:
        pool = await registers.lock_pool(work, place.pool_id)
        row = await _lock_bed(work, place, expected_version)
        row.external_id = new.external_id
        row.name = new.name
        row.features = sorted(new.features)
        row.version += 1
        work.touch(Kind.BED, row.id, pool.region_id)
        work.audit(actor, Action.REGISTER_WRITE, "bed", row.id, address=address)
        return await _commit(work, row.id, row.region_id)

    return await container.act(act)


async def close_bed(
    container: Container,
    actor: Actor | None,
    bed_id: BedId,
    expected_version: int | None = None,
    address: str | None = None,
) -> Written[BedId]:
    """Ends a bed; its history stays.

    Raises NotFound, AlreadyClosed, VersionChanged and StillInUse (someone is in it, or it is held
    or promised).
    """
    place = await find_bed(container, bed_id)

    async def act(work: UnitOfWork) -> Written[BedId]:
        pool = await registers.lock_pool(work, place.pool_id)
        row = await _lock_bed(work, place, expected_version)
        if row.hold is not None or row.state == BedState.OCCUPIED:
            raise StillInUse(
                {"holds": 1} if row.hold is not None else {"occupied": 1},
                "Een bed dat bezet, vastgehouden of toegezegd is, kan niet worden beëindigd. Er is"
                " niets gewijzigd.",
            )
        row.status = "ended"
        row.ended_at = work.now
        row.version += 1
        await _write(work, actor, pool, row, address)
        return await _commit(work, row.id, row.region_id)

    return await container.act(act)


async def find_bed(container: Container, bed_id: BedId) -> BedPlace:
    """Where a bed is. Raises NotFound."""
    found = await container.read(lambda connection: beds.find_bed(connection, bed_id))
    if found is None:
        raise NotFound
    return found


async def find_bed_by_codes(
    container: Container, agb: str, pool_code: str, bed_code: str
) -> BedPlace:
    """Where a bed is, by its owner's AGB-code and own codes. Raises NotFound."""
    found = await container.read(
        lambda connection: beds.find_bed_by_codes(connection, agb, pool_code, bed_code)
    )
    if found is None:
        raise NotFound
    return found


async def _lock_bed(work: UnitOfWork, place: BedPlace, expected_version: int | None) -> BedRow:
    """A bed of a locked pool, locked with the others. A bed never leaves its pool."""
    row = next(row for row in await beds.lock_beds(work, place.pool_id) if row.id == place.id)
    if row.status != "active":
        raise AlreadyClosed
    if expected_version is not None and row.version != expected_version:
        raise VersionChanged(row.version)
    return row


async def _commit(work: UnitOfWork, bed_id: UUID, region_id: int) -> Written[BedId]:
    return await commit(work, Kind.BED, BedId(bed_id), RegionId(region_id))


async def _write(
    work: UnitOfWork, actor: Actor | None, pool: PoolRow, row: BedRow, address: str | None
) -> None:
    """What making and ending a bed do besides: the pool's figures, the event, the audit."""
    rows = await beds.lock_beds(work, pool.id)
    write_figures(work, pool, rows, Cause(work.now, actor.id if actor else None))
    work.touch(Kind.BED, row.id, row.region_id)
    work.audit(actor, Action.REGISTER_WRITE, "bed", row.id, address=address)
