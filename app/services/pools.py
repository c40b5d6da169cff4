"""Pools: made, changed, given to another owner, closed; and when their figures are due."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from app.container import Container
from app.db import case_owners, registers
from app.db.idempotency import Request, once
from app.db.tables import BedRow, PoolRow
from app.db.unit_of_work import UnitOfWork
from app.services.written import Written, commit
from domain import posting
from domain.actors import Action, Actor, Scope, Target, may, scope_of
from domain.care_types import CareType
from domain.errors import InvalidInput, NotFound, StillInUse, VersionChanged
from domain.events import Kind
from domain.identifiers import LocationId, OrganisationId, PoolId, RegionId
from domain.pools import Pool, Posting
from domain.posting import PostingSchedule


async def create_pool(
    container: Container,
    actor: Actor | None,
    location_id: LocationId,
    new: Pool,
    request: Request | None = None,
    address: str | None = None,
) -> Written[PoolId]:
    """A pool at a location, owned by the location's organisation.

    Raises NotFound, AlreadyClosed (the location), AlreadyExists (its owner uses the code) and
    IdempotencyMismatch.
    """

    async def act(work: UnitOfWork) -> Written[PoolId]:
        async def create() -> dict[str, Any]:
            location = await registers.get_location(work, location_id)
            row = PoolRow(
                region_id=location.region_id,
                organisation_id=location.organisation_id,
                location_id=location_id,
                external_id=new.external_id,
                name=new.name,
                care_types=list(new.care_types),
                posting_schedule=new.posting.schedule,
            )
            _fill_in(row, new)
            await work.add(row)
            _touch(work, row)
            work.audit(actor, Action.REGISTER_WRITE, "pool", row.id, address=address)
            return {"id": str(row.id), "region_id": row.region_id}

        answer, _ = await once(work, request, create)
        id_ = PoolId(UUID(answer["id"]))
        return await commit(work, Kind.POOL, id_, RegionId(answer["region_id"]))

    return await container.act(act)


async def change_pool(
    container: Container,
    actor: Actor | None,
    pool_id: PoolId,
    new: Pool,
    expected_version: int,
    address: str | None = None,
) -> Written[PoolId]:
    """Everything that people fill in, anew; the report that stands is believed as that says.

    Raises NotFound, AlreadyClosed, VersionChanged, AlreadyExists and StillInUse (a pool with beds
    or figures goes neither from counting by bed nor to it).
    """

    async def act(work: UnitOfWork) -> Written[PoolId]:
        row = await _lock(work, pool_id, expected_version)
        by_bed = any(CareType(code).counted_by_bed for code in row.care_types)
        if by_bed != new.counted_by_bed:
            busy = {"reports": row.report_version, "beds": await _active_beds(work, pool_id)}
            _refuse_in_use(
                busy,
                "Van bed voor bed volgen naar tellen, of andersom, kan alleen zonder bedden en"
                " cijfers. Maak een nieuwe pool. Er is niets gewijzigd.",
            )
        standing = _posting_of(row)
        _fill_in(row, new)
        await _believe(work, row, standing)
        return await _changed(work, actor, row, address)

    return await container.act(act)


async def set_posting(
    container: Container,
    actor: Actor,
    pool_id: PoolId,
    schedule: PostingSchedule | None,
    time_to_live_minutes: int | None,
    expected_version: int,
    address: str | None = None,
) -> Written[PoolId]:
    """When a pool's figures are due; `schedule` None: as it is. Who only may so for its own, tightens.

    Raises NotFound, AlreadyClosed, VersionChanged and InvalidInput.
    """

    async def act(work: UnitOfWork) -> Written[PoolId]:
        row = await registers.lock_pool(work, pool_id)
        owner = Target(RegionId(row.region_id), OrganisationId(row.organisation_id))
        if not may(actor, Action.POSTING_WRITE, owner):
            raise NotFound
        row = await _lock(work, pool_id, expected_version)
        standing = _posting_of(row)
        wanted = Posting(schedule or standing.schedule, time_to_live_minutes)
        if scope_of(actor, Action.POSTING_WRITE) is not Scope.ALL:
            wanted.check_tightens(standing)
        _set_posting(row, wanted)
        await _believe(work, row, standing)
        return await _changed(work, actor, row, address, Action.POSTING_WRITE)

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

    From the commit on only the new owner may report. Raises NotFound, AlreadyClosed (either),
    VersionChanged, InvalidInput (the new owner doesn't work in the pool's region) and AlreadyExists
    (it uses the code already).
    """

    async def act(work: UnitOfWork) -> None:
        await registers.get_organisation(work, to)
        row = await _lock(work, pool_id, expected_version)
        if row.region_id not in await registers.regions_of(work, to):
            raise InvalidInput("De organisatie werkt niet in deze regio.", "/organisation_id")
        row.organisation_id = to
        await case_owners.move_places(work, to, pool_ids=[row.id])
        await _changed(work, actor, row, address)

    await container.act(act)


async def close_pool(
    container: Container,
    actor: Actor | None,
    pool_id: PoolId,
    expected_version: int | None = None,
    address: str | None = None,
) -> Written[PoolId]:
    """Ends a pool: it takes no more reports. Its figures and history stay.

    Raises NotFound, AlreadyClosed, VersionChanged and StillInUse (claims, promises, active beds, open
    offers).
    """

    async def act(work: UnitOfWork) -> Written[PoolId]:
        row = await _lock(work, pool_id, expected_version)
        _refuse_in_use(
            {
                "claims": row.claimed,
                "promises": len(row.promised_at),
                "beds": await _active_beds(work, pool_id),
                "offers": await case_owners.open_offers(work, pool_id=pool_id),
            }
        )
        row.status, row.ended_at = "ended", work.now
        return await _changed(work, actor, row, address)

    return await container.act(act)


async def _lock(work: UnitOfWork, pool_id: PoolId, expected_version: int | None) -> PoolRow:
    row = await registers.lock_active_pool(work, pool_id)
    if expected_version is not None and row.version != expected_version:
        raise VersionChanged(row.version)
    return row


async def _changed(
    work: UnitOfWork,
    actor: Actor | None,
    row: PoolRow,
    address: str | None,
    action: Action = Action.REGISTER_WRITE,
) -> Written[PoolId]:
    row.version += 1
    _touch(work, row)
    work.audit(actor, action, "pool", row.id, address=address)
    return await commit(work, Kind.POOL, PoolId(row.id), RegionId(row.region_id))


def _touch(work: UnitOfWork, row: PoolRow) -> None:
    work.touch(Kind.POOL, row.id, row.region_id)
    work.touch(Kind.CAPACITY, row.id, row.region_id)


def _fill_in(row: PoolRow, new: Pool) -> None:
    row.external_id, row.name = new.external_id, new.name
    row.care_types = [care_type.value for care_type in new.care_types]
    row.features = sorted(feature.value for feature in new.features)
    row.admission_rules = new.admission_rules.to_json() if new.admission_rules else None
    _set_posting(row, new.posting)


def _set_posting(row: PoolRow, wanted: Posting) -> None:
    row.posting_schedule = wanted.schedule
    row.time_to_live_minutes = wanted.time_to_live_minutes


def _posting_of(row: PoolRow) -> Posting:
    return Posting(PostingSchedule(row.posting_schedule), row.time_to_live_minutes)


async def _believe(work: UnitOfWork, row: PoolRow, before: Posting) -> None:
    """Brings until when the standing reports are believed in line with what was agreed just now."""
    now = _posting_of(row)
    if now == before:
        return
    beds = await _lock_reported_beds(work, row.id)
    for bed in beds:
        bed.valid_until = _until(now, before, bed.observed_at, bed.valid_until)
        work.touch(Kind.BED, bed.id, bed.region_id)
    if beds:
        # As domain/beds.py has it: the sum is believed no longer than its weakest part.
        weakest = min(beds, key=lambda bed: (bed.valid_until, bed.observed_at))
        row.observed_at, row.valid_until = weakest.observed_at, weakest.valid_until
    elif row.observed_at is not None:
        row.valid_until = _until(now, before, row.observed_at, row.valid_until)


def _until(
    now: Posting, before: Posting, observed_at: datetime | None, stood: datetime | None
) -> datetime:
    assert observed_at is not None
    assert stood is not None
    minutes = now.time_to_live_minutes
    time_to_live = timedelta(minutes=minutes) if minutes is not None else None
    until = posting.valid_until(now.schedule, observed_at, time_to_live)
    return min(until, stood) if now.is_as_tight_as(before) else until


async def _lock_reported_beds(work: UnitOfWork, pool_id: UUID) -> list[BedRow]:
    query = (
        select(BedRow)
        .where(
            col(BedRow.pool_id) == pool_id,
            col(BedRow.status) == "active",
            col(BedRow.report_version) > 0,
        )
        .order_by(col(BedRow.id))
        .with_for_update(key_share=True)
    )
    return list((await work.session.exec(query)).all())


async def _active_beds(work: UnitOfWork, pool_id: UUID) -> int:
    query = select(sa.func.count()).where(
        col(BedRow.pool_id) == pool_id, col(BedRow.status) == "active"
    )
    return (await work.session.exec(query)).one()


def _refuse_in_use(busy: dict[str, int], detail: str = "") -> None:
    if found := {name: count for name, count in busy.items() if count}:
        raise StillInUse(found, detail)
