"""Reports of beds, and "klopt nog" for all beds of a pool; the pool's figures go along."""

from dataclasses import replace

from app.container import Container
from app.db import beds, registers
from app.db.beds import BedPlace
from app.db.tables import BedReportRow, BedRow, PoolRow
from app.db.unit_of_work import UnitOfWork
from app.live.board import PoolFacts
from app.security.keys import Credential
from app.services import observations, reports
from app.services.observations import Receipt, Said, Told
from app.services.pool_of_beds import Cause, bed_of, write_figures
from domain import beds as rules
from domain.actors import Action, Target
from domain.beds import BedReport
from domain.capacity import Outcome
from domain.errors import AlreadyClosed, NothingToConfirm, PoolClosed, VersionChanged
from domain.events import Kind
from domain.identifiers import OrganisationId, PoolId, RegionId
from domain.observations import Fate, judge


async def report_bed(
    container: Container,
    credential: Credential,
    place: BedPlace,
    said: BedReport,
    told: Told,
    *,
    address: str | None = None,
) -> Receipt:
    """Takes the report of a bed in; it stands when its observation is the newest.

    What this service holds the bed for stays. Saying the same twice is harmless. Raises NotFound,
    NotAllowed, InvalidInput, ObservedInFuture, VersionChanged, PoolClosed and AlreadyClosed.
    """
    received_at = container.now()
    observations.require(
        credential, Action.CAPACITY_REPORT, Target(place.region_id, place.owner_id)
    )
    heard = observations.hear(credential, told, received_at, address)
    rules.check_bed(said, heard.observed_on)

    async def judged(work: UnitOfWork) -> tuple[Outcome, BedRow]:
        pool = await _lock_pool(work, credential, place.pool_id)
        rows = await beds.lock_beds(work, pool.id)
        row = next(row for row in rows if row.id == place.id)
        if row.status != "active":
            raise AlreadyClosed
        fate = await _judge(work, row, heard, said)
        if fate is Fate.ACCEPTED:
            _take(work, pool, row, heard, said)
            write_figures(work, pool, rows, Cause.of(heard))
        elif fate.is_kept:
            work.session.add(_kept(pool, row, heard, said, fate.outcome))
        return fate.outcome, row

    (outcome, row), position = await observations.report(
        container,
        credential,
        place.region_id,
        "bed",
        place.id,
        judged,
        outcome=lambda found: found[0],
        address=address,
    )
    return observations.receipt(outcome, row, position, received_at)


async def confirm_beds(
    container: Container,
    credential: Credential,
    pool: PoolFacts,
    shown_version: int,
    address: str | None = None,
) -> reports.Receipt:
    """Takes a "klopt nog" for all beds of a pool: what each was last said to be is true now.

    `shown_version` is of the pool's report. Beds that were never reported stay so. Raises NotFound,
    NotAllowed, PoolClosed, NothingToConfirm and VersionChanged.
    """
    received_at = container.now()
    reports.require(credential, Action.CAPACITY_REPORT, pool)
    heard = observations.hear(credential, Told(), received_at, address)
    digest = heard.digest("klopt-nog", shown_version)

    async def judged(work: UnitOfWork) -> tuple[Outcome, PoolRow, int | None]:
        row = await _lock_pool(work, credential, pool.id)
        outcome = Outcome.REPEATED
        if row.digest != digest:
            outcome = Outcome.SANDBOX if heard.source.sandbox else Outcome.ACCEPTED
            if row.report_version == 0:
                raise NothingToConfirm
            if row.report_version != shown_version:
                raise VersionChanged(row.report_version)
        if outcome is Outcome.ACCEPTED:
            rows = await beds.lock_beds(work, row.id)
            for bed in rows:
                _confirm(work, row, bed, heard, shown_version)
            write_figures(work, row, rows, Cause.of(heard, digest))
        await work.session.flush()
        await work.session.refresh(row, ["balance"])
        return outcome, row, row.balance

    (outcome, row, balance), position = await observations.report(
        container,
        credential,
        pool.region_id,
        "pool",
        pool.id,
        judged,
        outcome=lambda found: found[0],
        address=address,
        confirmation=True,
    )
    return reports.Receipt(
        outcome=outcome,
        pool_id=pool.id,
        version=row.report_version,
        observed_at=row.observed_at,
        received_at=row.received_at,
        valid_until=row.valid_until,
        balance=balance,
        position=position,
        server_time=received_at,
    )


def say(work: UnitOfWork, pool: PoolRow, row: BedRow, heard: Said, said: BedReport) -> None:
    """Says of a locked bed what an act of this service has made so: someone came, or left.

    The pool's figures are the caller's to write.
    """
    rules.check_bed(said, heard.observed_on)
    _take(work, pool, row, heard, said)


async def _lock_pool(work: UnitOfWork, credential: Credential, pool_id: PoolId) -> PoolRow:
    """A pool, locked, and its owner judged again: it may have changed until then."""
    pool = await registers.lock_pool(work, pool_id)
    target = Target(RegionId(pool.region_id), OrganisationId(pool.organisation_id))
    observations.require(credential, Action.CAPACITY_REPORT, target)
    if pool.status != "active":
        raise PoolClosed
    return pool


async def _judge(work: UnitOfWork, row: BedRow, heard: Said, said: BedReport) -> Fate:
    digest = _digest(heard, said)
    stood = bed_of(row).report
    return judge(
        heard.observation(rules.rank(said), digest),
        observations.standing(row, rules.rank(stood)) if stood else None,
        version=row.report_version,
        expected_version=heard.expected_version,
        known=await beds.is_known(work, row.id, heard.stated_at, digest),
        sandbox=heard.source.sandbox,
    )


def _take(
    work: UnitOfWork,
    pool: PoolRow,
    row: BedRow,
    heard: Said,
    said: BedReport,
    confirmation: bytes | None = None,
) -> None:
    """Puts a report on the bed and into its history. What the bed is held for stays."""
    kept = _kept(pool, row, heard, said, Outcome.ACCEPTED, confirmation)
    observations.stamp(row, heard, kept.digest, kept.valid_until)
    row.state = said.state
    row.closed_reason = said.closed_reason
    row.expected_discharge = said.expected_discharge
    kept.version = row.report_version
    work.session.add(kept)
    work.touch(Kind.BED, row.id, row.region_id)


def _confirm(work: UnitOfWork, pool: PoolRow, row: BedRow, heard: Said, shown_version: int) -> None:
    """Says of a bed what was last said of it."""
    report = bed_of(row).report
    if row.status != "active" or report is None:
        return
    assert row.observed_at is not None
    # Clocks of two processes may differ: what is confirmed was observed by now at the latest.
    now = max(heard.observed_at, row.observed_at)
    heard = replace(heard, observed_at=now, received_at=now)
    _take(work, pool, row, heard, report, heard.digest("klopt-nog", shown_version))


def _kept(
    pool: PoolRow,
    row: BedRow,
    heard: Said,
    said: BedReport,
    outcome: Outcome,
    confirmation: bytes | None = None,
) -> BedReportRow:
    """A report as history keeps it; `version` only for one that counts."""
    return BedReportRow(
        bed_id=row.id,
        outcome=outcome,
        source_id=heard.source.id,
        source_kind=heard.source.kind,
        actor_id=heard.actor.id,
        stated_at=heard.stated_at,
        observed_at=heard.observed_at,
        received_at=heard.received_at,
        valid_until=observations.valid_until(
            pool.posting_schedule, pool.time_to_live_minutes, heard.observed_at
        ),
        state=said.state,
        closed_reason=said.closed_reason,
        expected_discharge=said.expected_discharge,
        note=heard.note,
        digest=confirmation or _digest(heard, said),
    )


def _digest(heard: Said, said: BedReport) -> bytes:
    return heard.digest(said.state, said.closed_reason, said.expected_discharge)
