"""A place held, promised, taken and left, on the row of its pool or of its bed. All rows are locked.

The balance of a pool is what the domain makes of its row at this moment, since one act may give
several places of a pool.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from sqlmodel import col, select

from app.db import beds as bed_rows
from app.db.keys import own_source
from app.db.tables import BedRow, ClaimRow, PoolRow
from app.db.unit_of_work import UnitOfWork
from app.security.keys import Credential
from app.services import bed_reports
from app.services.observations import Told, hear
from app.services.pool_of_beds import Cause, write_figures
from domain.actors import Actor
from domain.beds import BedReport, BedState, Hold
from domain.capacity import (
    MAX_LAG,
    Account,
    Admission,
    Figures,
    Freshness,
    Ledger,
    SourceKind,
    balance,
    freshness,
)
from domain.care_types import CareType
from domain.errors import InvalidInput, NoPlaceLeft, PoolClosed
from domain.events import Kind


@dataclass(slots=True)
class Places:
    """A pool, locked, with its beds when they are followed one by one."""

    pool: PoolRow
    beds: list[BedRow]

    @property
    def by_bed(self) -> bool:
        """Whether its places are beds that are followed by themselves."""
        return any(CareType(code).counted_by_bed for code in self.pool.care_types)

    @property
    def left(self) -> int | None:
        """Places left, signed; None: unknown."""
        return balance(account_of(self.pool))


async def lock_places(work: UnitOfWork, pool_ids: Iterable[UUID]) -> dict[UUID, Places]:
    """Pools by id, locked in order of id, as the hot statement locks them, each with its beds."""
    wanted = sorted(set(pool_ids))
    if not wanted:
        return {}
    query = (
        select(PoolRow)
        .where(col(PoolRow.id).in_(wanted))
        .order_by(col(PoolRow.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return await with_beds(work, (await work.session.exec(query)).all())


async def with_beds(work: UnitOfWork, pools: Iterable[PoolRow]) -> dict[UUID, Places]:
    """Locked pools by id, each with its beds, which are locked too."""
    found = {row.id: Places(row, []) for row in pools}
    for places in found.values():
        if places.by_bed:
            places.beds = await bed_rows.lock_beds(work, places.pool.id)
    return found


def account_of(pool: PoolRow) -> Account:
    """A pool's row as the domain counts it."""
    return Account(
        figures=Figures(
            operable=pool.operable, occupied=pool.occupied, planned=pool.planned, free=pool.free
        ),
        # Before the first report nothing is known, so the balance is None whatever was counted.
        counted_until=pool.counted_until or datetime.min.replace(tzinfo=UTC),
        includes_holds=pool.includes_holds,
        folded_admissions=pool.folded_admissions,
        folded_discharges=pool.folded_discharges,
        ledger=Ledger(
            claimed=pool.claimed,
            promised_at=tuple(pool.promised_at),
            admissions=tuple(
                Admission(at, promised)
                for at, promised in zip(pool.admitted_at, pool.admission_promised_at, strict=True)
            ),
            discharged_at=tuple(pool.discharged_at),
        ),
    )


def hold(work: UnitOfWork, places: Places, bed_id: UUID | None) -> UUID | None:
    """Claims a place; answers with the bed that it is, for beds.

    A figure that nobody confirmed isn't believed: such a place can be asked for, not held. Raises
    NoPlaceLeft and InvalidInput (no bed of this pool).
    """
    pool = places.pool
    _check_active(pool)
    if places.by_bed:
        bed = _free_bed(work, places, bed_id)
        bed.hold = Hold.CLAIMED
        _changed_bed(work, places, bed)
        return bed.id
    fresh = freshness(pool.valid_until, work.now) is Freshness.FRESH
    if not fresh or places.left is None or places.left < 1:
        raise NoPlaceLeft(max(0, places.left or 0) if fresh else None)
    pool.claimed += 1
    _changed(work, pool)
    return None


def unhold(work: UnitOfWork, places: Places, bed_id: UUID | None) -> None:
    """Lets go of a claimed place."""
    if bed_id is None:
        places.pool.claimed -= 1
        _changed(work, places.pool)
        return
    bed = _bed(places, bed_id)
    bed.hold = None
    _changed_bed(work, places, bed)


def promise(
    work: UnitOfWork,
    places: Places,
    bed_id: UUID | None,
    *,
    claim: ClaimRow | None,
    over_free: bool,
) -> UUID | None:
    """Promises a place now; answers with the bed that it is, for beds.

    claim: by which this referral holds a place here, which goes over into the promise. over_free: the
    provider said that it takes one more than it told to have. Raises NoPlaceLeft and InvalidInput,
    having changed nothing.
    """
    pool = places.pool
    _check_active(pool)
    claimed_bed_id = claim.bed_id if claim is not None else None
    if not places.by_bed:
        left = places.left
        if left is not None and claim is not None:
            left += 1
        if not over_free and (left is None or left < 1):
            raise NoPlaceLeft(None if left is None else max(0, left))
        if claim is not None:
            pool.claimed -= 1
        pool.promised_at = [*pool.promised_at, work.now]
        _changed(work, pool)
        return None
    wanted = bed_id or claimed_bed_id
    if over_free and wanted is None:
        raise InvalidInput("Noem het bed dat wordt toegezegd.", "/bed_id")
    if over_free:
        assert wanted is not None
        bed = _bed(places, wanted)
        if bed.hold is not None and bed.id != claimed_bed_id:
            raise NoPlaceLeft(0)
    else:
        bed = _free_bed(work, places, wanted, claimed_bed_id)
    if claimed_bed_id is not None and claimed_bed_id != bed.id:
        _bed(places, claimed_bed_id).hold = None
        work.touch(Kind.BED, claimed_bed_id, pool.region_id)
    bed.hold = Hold.PROMISED
    _changed_bed(work, places, bed)
    return bed.id


def unpromise(work: UnitOfWork, places: Places, bed_id: UUID | None, promised_at: datetime) -> None:
    """Gives a promised place back."""
    if bed_id is not None:
        bed = _bed(places, bed_id)
        bed.hold = None
        _changed_bed(work, places, bed)
        return
    places.pool.promised_at = _less_one(places.pool.promised_at, promised_at)
    _changed(work, places.pool)


async def admit(
    work: UnitOfWork,
    actor: Actor,
    places: Places,
    bed_id: UUID | None,
    promised_at: datetime,
    admitted_at: datetime,
    expected_discharge: date | None,
) -> None:
    """The promise becomes an admission at its actual time; a bed is occupied from now on."""
    pool = places.pool
    if bed_id is None:
        pool.promised_at = _less_one(pool.promised_at, promised_at)
        pool.admitted_at = [*pool.admitted_at, admitted_at]
        pool.admission_promised_at = [*pool.admission_promised_at, promised_at]
        _forget_movements(pool)
        _changed(work, pool)
        return
    bed = _bed(places, bed_id)
    bed.hold = None
    await _say_of_bed(
        work, actor, places, bed, BedReport(BedState.OCCUPIED, None, expected_discharge)
    )


async def expect_discharge(
    work: UnitOfWork, actor: Actor, places: Places, bed_id: UUID | None, expected: date | None
) -> None:
    """A bed says when it is expected to be left; a count gets its forecast from its own feed."""
    if bed_id is None:
        return
    bed = _bed(places, bed_id, ended=True)
    if bed.status == "active" and bed.state == BedState.OCCUPIED:
        await _say_of_bed(work, actor, places, bed, BedReport(BedState.OCCUPIED, None, expected))


async def leave(
    work: UnitOfWork, actor: Actor, places: Places, bed_id: UUID | None, left_at: datetime
) -> None:
    """Somebody left: the count rises, a bed is to be cleaned first."""
    if bed_id is None:
        places.pool.discharged_at = [*places.pool.discharged_at, left_at]
        _forget_movements(places.pool)
        _changed(work, places.pool)
        return
    bed = _bed(places, bed_id, ended=True)
    if bed.status == "active" and bed.state == BedState.OCCUPIED:
        await _say_of_bed(work, actor, places, bed, BedReport(BedState.CLEANING))


async def _say_of_bed(
    work: UnitOfWork, actor: Actor, places: Places, bed: BedRow, said: BedReport
) -> None:
    source = await own_source(work, actor.organisation_id, SourceKind.PAGE)
    # Another process's clock may have been ahead when it heard of this bed.
    at = max(work.now, bed.observed_at or work.now)
    heard = hear(Credential(actor, source), Told(), at, None)
    bed_reports.say(work, places.pool, bed, heard, said)
    write_figures(work, places.pool, places.beds, Cause.of(heard))


def _check_active(pool: PoolRow) -> None:
    """Raises PoolClosed: it was ended since somebody was asked about it."""
    if pool.status != "active":
        raise PoolClosed


def _forget_movements(pool: PoolRow) -> None:
    """Drops movements that every source has booked by now, so that the row doesn't grow for ever.

    Whoever reports next observes later than the report that stands, and books with at most MAX_LAG.
    """
    if pool.observed_at is None:
        return
    since = pool.observed_at - MAX_LAG
    kept = [
        (at, promised)
        for at, promised in zip(pool.admitted_at, pool.admission_promised_at, strict=True)
        if max(at, promised or at) > since
    ]
    pool.admitted_at = [at for at, _ in kept]
    pool.admission_promised_at = [promised for _, promised in kept]
    pool.discharged_at = [at for at in pool.discharged_at if at > since]


def _bed(places: Places, bed_id: UUID, *, ended: bool = False) -> BedRow:
    for bed in places.beds:
        if bed.id == bed_id and (bed.status == "active" or ended):
            return bed
    raise InvalidInput("Dit bed hoort niet bij deze plaatsen.", "/bed_id")


def _free_bed(
    work: UnitOfWork, places: Places, bed_id: UUID | None, claimed_bed_id: UUID | None = None
) -> BedRow:
    """The bed that was asked for, or the first that is free and believed so.

    Of a claimed bed its old figure may be believed: its provider says now that it is so. Reported taken
    meanwhile it isn't free, whoever holds it.
    """
    wanted = [_bed(places, bed_id)] if bed_id is not None else places.beds
    known = True
    for bed in wanted:
        if bed.status != "active":
            continue
        mine = bed.id == claimed_bed_id
        free = bed.state == BedState.FREE and (bed.hold is None or mine)
        believed = freshness(bed.valid_until, work.now) is Freshness.FRESH
        if free and (believed or mine):
            return bed
        known = known and not free
    raise NoPlaceLeft(0 if known else None)


def _less_one(moments: list[datetime], gone: datetime) -> list[datetime]:
    """Without one of them; two may be the same moment."""
    left = list(moments)
    if gone in left:
        left.remove(gone)
    return left


def _changed(work: UnitOfWork, pool: PoolRow) -> None:
    work.touch(Kind.CAPACITY, pool.id, pool.region_id)


def _changed_bed(work: UnitOfWork, places: Places, bed: BedRow) -> None:
    work.session.add(bed)
    work.touch(Kind.BED, bed.id, bed.region_id)
    write_figures(work, places.pool, places.beds, Cause(work.now, None))
