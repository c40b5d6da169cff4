"""The figures of a pool whose beds are followed one by one, written in the commit that changes a bed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.tables import BedRow, PoolReportRow, PoolRow
from app.db.unit_of_work import UnitOfWork
from app.services.observations import Said
from domain.beds import Bed, BedReport, BedState, Hold, PoolOfBeds, pool_of
from domain.capacity import Figures, Outcome
from domain.care_types import ClosedReason
from domain.events import Kind
from domain.outlook import NO_FORECAST

#: Who an act was by when it was the system's own (installation); history asks for someone.
_SYSTEM = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Cause:
    """What made the figures anew.

    source: None when no source told it (a bed was made or ended): then the last one stays named.
    confirmation: the digest of a "klopt nog" for all beds, by which its repetition is known.
    """

    at: datetime
    actor_id: UUID | None
    source_id: UUID | None = None
    source_kind: str | None = None
    confirmation: bytes | None = None

    @classmethod
    def of(cls, said: Said, confirmation: bytes | None = None) -> "Cause":
        """A report of a bed, or a confirmation."""
        return cls(said.received_at, said.actor.id, said.source.id, said.source.kind, confirmation)


def bed_of(row: BedRow) -> Bed:
    """A row as the domain sees it."""
    report = None
    if row.state is not None:
        reason = ClosedReason(row.closed_reason) if row.closed_reason else None
        report = BedReport(BedState(row.state), reason, row.expected_discharge)
    hold = Hold(row.hold) if row.hold else None
    return Bed(report, hold, row.observed_at, row.valid_until)


def write_figures(work: UnitOfWork, pool: PoolRow, rows: Sequence[BedRow], cause: Cause) -> None:
    """Works out a pool's figures from its beds, all of them locked, and keeps them as its report.

    Before the first report of a bed there is nothing to tell. When all that were reported are
    ended, nothing is known of what is left.
    """
    beds = [bed_of(row) for row in rows if row.status == "active"]
    found = pool_of(beds)
    if found is None:
        if pool.report_version == 0:
            return
        assert pool.observed_at is not None
        assert pool.valid_until is not None
        unknown = Figures(physical=len(beds))
        found = PoolOfBeds(unknown, NO_FORECAST, 0, 0, pool.observed_at, pool.valid_until)
    _write(work, pool, found, cause)
    work.touch(Kind.CAPACITY, pool.id, pool.region_id)


def _write(work: UnitOfWork, pool: PoolRow, found: PoolOfBeds, cause: Cause) -> None:
    figures = found.figures
    pool.report_version += 1
    pool.source_id = cause.source_id or pool.source_id
    pool.source_kind = cause.source_kind or pool.source_kind
    pool.stated_at = cause.at
    pool.observed_at = found.observed_at
    pool.valid_until = found.valid_until
    # Another process's clock may have been ahead when it heard of the bed that is least certain.
    pool.received_at = max(cause.at, found.observed_at)
    # Who came or left through this service is in the beds' own states.
    pool.counted_until = pool.received_at
    pool.includes_holds = False
    pool.folded_admissions = pool.folded_discharges = 0
    pool.claimed = found.claimed
    pool.promised_at = _promises(pool.promised_at, found.promised, cause.at)
    pool.physical = figures.physical
    pool.operable = figures.operable
    pool.occupied = figures.occupied
    pool.planned = figures.planned
    pool.closed = figures.closed
    pool.closed_reason = figures.closed_reason
    pool.free = None
    pool.available_from = None
    pool.forecast = found.forecast.as_data() or None
    said = f"{pool.id} {pool.report_version} {found}".encode()
    pool.digest = cause.confirmation or hashlib.blake2b(said, digest_size=16).digest()
    assert pool.source_id is not None
    assert pool.source_kind is not None
    work.session.add(
        PoolReportRow(
            pool_id=pool.id,
            outcome=Outcome.ACCEPTED,
            version=pool.report_version,
            confirmation=cause.confirmation is not None,
            source_id=pool.source_id,
            source_kind=pool.source_kind,
            actor_id=cause.actor_id or _SYSTEM,
            stated_at=pool.stated_at,
            observed_at=pool.observed_at,
            received_at=pool.received_at,
            valid_until=pool.valid_until,
            physical=pool.physical,
            operable=pool.operable,
            occupied=pool.occupied,
            planned=pool.planned,
            closed=pool.closed,
            closed_reason=pool.closed_reason,
            forecast=pool.forecast,
            digest=pool.digest,
        )
    )


def _promises(stood: Sequence[datetime], count: int, now: datetime) -> list[datetime]:
    """As many promises as beds are promised, the oldest first: a bed doesn't tell since when."""
    return [*sorted(stood)[:count], *[now] * (count - len(stood))]
