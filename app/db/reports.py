"""The hot statement: a batch of reports of one region becomes one commit.

Locks the pools in id order, judges each report against the locked row, updates, takes the stream's
row, and writes events, history and audit from what was updated. Everything in one round trip, so
the region's stream is held for no longer than the commit itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg

from app.db.states import CAPACITY_JSON
from domain.capacity import MAX_PLACES
from domain.events import Kind, Position
from domain.identifiers import RegionId
from domain.posting import GRACE


class ReportItem(NamedTuple):
    """One report, ready to be judged. The order of fields is the order of the statement's arrays.

    owner_id: whose pool it must be; None lets a coordination point report for any in the region.
    expected_version: refuse unless the last accepted report has this version.
    confirmation: "klopt nog"; figures come from the row, with the movements since folded in.
    sandbox: judged and kept, and counts for nothing.
    warnings: as `code:field`, joined by semicolons.
    valid_until: by this posting schedule; the locked row's own time to live can only shorten it.
    """

    pool_id: UUID
    owner_id: UUID | None
    expected_version: int | None
    confirmation: bool
    source_id: UUID
    source_kind: str
    stated_at: datetime
    observed_at: datetime
    received_at: datetime
    valid_until: datetime
    posting_schedule: str
    counted_until: datetime
    includes_holds: bool
    physical: int | None
    operable: int | None
    occupied: int | None
    planned: int | None
    closed: int | None
    closed_reason: str | None
    free: int | None
    available_from: date | None
    forecast: str | None
    sandbox: bool
    note: str | None
    warnings: str | None
    digest: bytes
    tag: int
    actor_id: UUID
    role: str
    organisation_id: UUID
    basis: str
    address: str | None


@dataclass(frozen=True, slots=True)
class ReportResult:
    """What became of an item: an Outcome, or the code of the problem it met.

    The rest tells of the report that stands now, and the position at which the board shows it.
    """

    verdict: str
    version: int
    observed_at: datetime | None
    received_at: datetime | None
    valid_until: datetime | None
    balance: int | None
    position: Position | None


#: PostgreSQL's array type of each field of ReportItem.
_TYPES = {
    "pool_id": "uuid",
    "owner_id": "uuid",
    "expected_version": "int",
    "confirmation": "bool",
    "source_id": "uuid",
    "source_kind": "text",
    "stated_at": "timestamptz",
    "observed_at": "timestamptz",
    "received_at": "timestamptz",
    "valid_until": "timestamptz",
    "posting_schedule": "text",
    "counted_until": "timestamptz",
    "includes_holds": "bool",
    "physical": "smallint",
    "operable": "smallint",
    "occupied": "smallint",
    "planned": "smallint",
    "closed": "smallint",
    "closed_reason": "text",
    "free": "smallint",
    "available_from": "date",
    "forecast": "json",
    "sandbox": "bool",
    "note": "text",
    "warnings": "text",
    "digest": "bytea",
    "tag": "bigint",
    "actor_id": "uuid",
    "role": "text",
    "organisation_id": "uuid",
    "basis": "text",
    "address": "text",
}
_FIELDS = tuple(_TYPES)
assert ReportItem._fields == _FIELDS

_ITEMS = ", ".join(f"${n}::{kind}[]" for n, kind in enumerate(_TYPES.values(), start=2))
_FIGURES = (
    *("physical", "operable", "planned", "closed", "closed_reason", "available_from"),
    "forecast",
)
#: Should the schedule have changed since the caller looked, the figures are believed for the grace only.
_VALID_UNTIL = f"""least(i.valid_until,
        i.observed_at + p.time_to_live_minutes * interval '1 minute',
        CASE WHEN p.posting_schedule <> i.posting_schedule
        THEN i.observed_at + interval '{int(GRACE.total_seconds())} seconds' END)"""
_OUTCOME = "CASE r.verdict WHEN 'known' THEN 'superseded' ELSE r.verdict END"
_BASE = "coalesce(i.free, i.operable - i.occupied - i.planned)"


def _statement(*, confirmation: bool = False, careful: bool = False) -> str:
    """The hot statement for reports, or for "klopt nog", whose figures come from the pool's row.

    `report` joins each item to its locked pool and judges it. A row that had to be waited for is
    read again after its lock was granted, so what is judged is what the last commit left, even
    when this statement began before it.

    A report that history holds already, sent again after others came in between, changes nothing.
    That is rare, so nobody looks for it beforehand: history's key refuses it, and the batch is done
    again with the `careful` statement, which finds it to be `known`.
    """
    said = "p" if confirmation else "i"
    known = (
        "(SELECT true FROM pool_report h WHERE h.pool_id = p.id AND h.stated_at = i.stated_at"
        " AND h.digest = i.digest)"
    )
    if confirmation:
        admitted = (
            "(pool_admitted_since(p.admitted_at, p.admission_promised_at, p.counted_until,"
            " p.includes_holds) - p.folded_admissions)"
        )
        discharged = (
            "(pool_discharged_since(p.discharged_at, p.counted_until) - p.folded_discharges)"
        )
        # Clocks of two processes may differ: what is confirmed was observed by now at the latest.
        observed_at = "greatest(i.observed_at, p.observed_at)"
        received_at = "greatest(i.received_at, p.observed_at)"
        occupied = f"p.occupied + {admitted} - {discharged}"
        free = f"p.free - {admitted} + {discharged}"
        folded_admissions = f"p.folded_admissions + {admitted}"
        folded_discharges = f"p.folded_discharges + {discharged}"
        verdict = f"""
      WHEN p.digest = i.digest THEN 'repeated'
      WHEN p.report_version = 0 THEN 'nothing-to-confirm'
      WHEN p.report_version <> i.expected_version THEN 'version-changed'
      WHEN i.sandbox THEN CASE WHEN {known} THEN 'repeated' ELSE 'sandbox' END
      ELSE 'accepted'"""
    else:
        known = f"""
      WHEN {known} THEN CASE WHEN i.sandbox THEN 'repeated' ELSE 'known' END"""
        observed_at, received_at = "i.observed_at", "i.received_at"
        occupied, free = "i.occupied", "i.free"
        folded_admissions = folded_discharges = "0"
        verdict = f"""
      WHEN p.digest = i.digest AND p.stated_at = i.stated_at THEN 'repeated'
      WHEN p.report_version <> i.expected_version THEN 'version-changed'{known if careful else ""}
      WHEN i.sandbox THEN 'sandbox'
      WHEN p.observed_at IS NULL OR (i.observed_at, -coalesce({_BASE}, -{MAX_PLACES}), i.digest)
         > (p.observed_at, -coalesce(p.base, -{MAX_PLACES}), p.digest) THEN 'accepted'
      ELSE 'superseded'"""
    return f"""
WITH report AS (
  SELECT i.ord, i.pool_id, i.source_id, i.source_kind, i.stated_at, i.digest, i.tag,
      {_VALID_UNTIL} AS valid_until,
      i.note, i.warnings, i.actor_id, i.role, i.organisation_id, i.basis, i.address,
      i.received_at AS happened_at,
      {observed_at} AS observed_at, {received_at} AS received_at,
      {said}.counted_until, {said}.includes_holds, {", ".join(f"{said}.{f}" for f in _FIGURES)},
      {occupied} AS occupied, {free} AS free,
      {folded_admissions} AS folded_admissions, {folded_discharges} AS folded_discharges,
      p.report_version AS stood_version, p.observed_at AS stood_observed_at,
      p.received_at AS stood_received_at, p.valid_until AS stood_valid_until,
      p.balance AS stood_balance,
      CASE
      WHEN p.region_id <> $1 OR p.organisation_id <> i.owner_id THEN 'not-found'
      WHEN p.status = 'ended' THEN 'pool-closed'
      WHEN 'mfb' = ANY(p.care_types) THEN 'figures-from-beds'{verdict} END AS verdict
  FROM unnest({_ITEMS}) WITH ORDINALITY AS i({", ".join(_FIELDS)}, ord), pool p
  WHERE p.id = i.pool_id
  ORDER BY p.id FOR NO KEY UPDATE OF p
), changed AS (
  UPDATE pool p SET report_version = r.stood_version + 1,
      source_id = r.source_id, source_kind = r.source_kind, stated_at = r.stated_at,
      observed_at = r.observed_at, received_at = r.received_at, valid_until = r.valid_until,
      counted_until = r.counted_until, includes_holds = r.includes_holds,
      occupied = r.occupied, free = r.free, digest = r.digest,
      {", ".join(f"{f} = r.{f}" for f in _FIGURES)},
      folded_admissions = r.folded_admissions, folded_discharges = r.folded_discharges
  FROM report r
  WHERE p.id = r.pool_id AND r.verdict = 'accepted'
  RETURNING r.ord, r.tag, p.id, p.received_at, p.balance, {CAPACITY_JSON} AS data
), head AS (
  UPDATE stream s SET number = s.number + (SELECT count(*) FROM changed),
      tag = coalesce((SELECT c.tag FROM changed c ORDER BY c.id DESC LIMIT 1), s.tag)
  WHERE s.region_id = $1 RETURNING s.epoch, s.number, s.tag
), numbered AS (
  SELECT c.*, h.epoch,
      h.number - (SELECT count(*) FROM changed) + row_number() OVER (ORDER BY c.id) AS number
  FROM changed c, head h
), logged AS (
  INSERT INTO event (region_id, number, epoch, tag, kind, subject_id, at, data)
  SELECT $1, n.number, n.epoch, n.tag, '{Kind.CAPACITY}', n.id, n.received_at, n.data
  FROM numbered n
), kept AS (
  INSERT INTO pool_report (pool_id, outcome, version, confirmation, source_id, source_kind,
      actor_id, stated_at, observed_at, received_at, valid_until, {", ".join(_FIGURES)}, occupied,
      free, note, warnings, digest)
  SELECT r.pool_id, r.verdict, CASE WHEN r.verdict = 'accepted' THEN r.stood_version + 1 END,
      {confirmation}, r.source_id, r.source_kind, r.actor_id, r.stated_at, r.observed_at,
      r.received_at, r.valid_until, {", ".join(f"r.{f}" for f in _FIGURES)}, r.occupied, r.free,
      r.note, r.warnings, r.digest
  FROM report r WHERE r.verdict IN ('accepted', 'superseded', 'sandbox')
), audited AS (
  INSERT INTO audit (happened_at, action, outcome, actor_id, role, organisation_id, purpose, basis,
      address, object_kind, object_id)
  SELECT r.happened_at, 'capacity.{"confirm" if confirmation else "report"}', {_OUTCOME},
      r.actor_id, r.role, r.organisation_id, 'capacity', r.basis, r.address, 'pool', r.pool_id
  FROM report r
)
SELECT r.ord, {_OUTCOME} AS verdict, n.number IS NOT NULL AS changed,
    r.stood_version, r.stood_observed_at, r.stood_received_at, r.stood_valid_until, r.stood_balance,
    r.observed_at, r.received_at, r.valid_until, n.balance,
    h.epoch, coalesce(n.number, h.number) AS number, coalesce(n.tag, h.tag) AS tag
FROM report r CROSS JOIN head h LEFT JOIN numbered n ON n.ord = r.ord
"""


REPORT_STATEMENT = _statement()
CAREFUL_STATEMENT = _statement(careful=True)
CONFIRMATION_STATEMENT = _statement(confirmation=True)


async def write_reports(
    statement: "asyncpg.prepared_stmt.PreparedStatement[asyncpg.Record]",
    region_id: RegionId,
    items: Sequence[ReportItem],
) -> list[ReportResult]:
    """Runs the hot statement (prepared on its connection) and commits; a result for each item, in order.

    All pools must differ: one report a pool in a batch.
    """
    rows = await statement.fetch(region_id, *zip(*items, strict=True))
    results = {row["ord"]: _result(region_id, row) for row in rows}
    return [results.get(ord_, _NOT_FOUND) for ord_ in range(1, len(items) + 1)]


#: The pool has gone from this region since the caller looked.
_NOT_FOUND = ReportResult("not-found", 0, None, None, None, None, None)


def _result(region_id: RegionId, row: asyncpg.Record) -> ReportResult:
    position = Position(region_id, row["epoch"], row["number"], row["tag"])
    if row["changed"]:
        return ReportResult(
            verdict=row["verdict"],
            version=row["stood_version"] + 1,
            observed_at=row["observed_at"],
            received_at=row["received_at"],
            valid_until=row["valid_until"],
            balance=row["balance"],
            position=position,
        )
    return ReportResult(
        verdict=row["verdict"],
        version=row["stood_version"],
        observed_at=row["stood_observed_at"],
        received_at=row["stood_received_at"],
        valid_until=row["stood_valid_until"],
        balance=row["stood_balance"],
        position=position,
    )
