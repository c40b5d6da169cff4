"""The hot statement: a batch of reports of one region becomes one commit.

Locks the pools in id order, judges each report against the locked row, updates, takes the stream's
row, and writes events, history and audit from what was updated. Everything in one round trip, so
the region's stream is held for no longer than the commit itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from uuid import UUID

import asyncpg

from app.db.states import CAPACITY_JSON
from domain.events import Kind, Position
from domain.identifiers import RegionId


@dataclass(frozen=True, slots=True)
class ReportItem:
    """One report, ready to be judged. The order of fields is the order of the statement's arrays.

    owner_id: whose pool it must be; None lets a coordination point report for any in the region.
    expected_version: refuse unless the last accepted report has this version.
    confirmation: "klopt nog"; figures come from the row, with the movements since folded in.
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
    digest: bytes
    tag: int
    actor_id: UUID
    role: str
    organisation_id: UUID
    basis: str
    address: str | None


@dataclass(frozen=True, slots=True)
class ReportResult:
    """What became of an item: an Outcome, or the code of the problem it met."""

    verdict: str
    version: int
    observed_at: datetime | None
    received_at: datetime | None
    valid_until: datetime | None
    balance: int | None
    position: Position


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
    "digest": "bytea",
    "tag": "bigint",
    "actor_id": "uuid",
    "role": "text",
    "organisation_id": "uuid",
    "basis": "text",
    "address": "text",
}
_FIELDS = tuple(_TYPES)
assert tuple(ReportItem.__slots__) == _FIELDS

_UNNEST = ", ".join(f"${n}::{kind}[]" for n, kind in enumerate(_TYPES.values(), start=2))
_FIGURES = ("physical", "operable", "planned", "closed", "closed_reason", "available_from")
_PRECEDENCE = "({0}.observed_at, -coalesce({1}, -9999), {0}.digest)"

# `locked` rows are read after their lock was granted, so `judged` sees what the last commit left,
# even when this statement began before it. `moved` counts what the figures don't hold yet.
HOT_STATEMENT = f"""
WITH item AS (
  SELECT * FROM unnest({_UNNEST}) WITH ORDINALITY AS t({", ".join(_FIELDS)}, ord)
), locked AS (
  SELECT p.id, p.organisation_id, p.status, p.care_types, p.report_version, p.stated_at,
         p.observed_at, p.received_at, p.valid_until, p.counted_until, p.includes_holds,
         p.physical, p.operable, p.occupied, p.planned, p.closed, p.closed_reason, p.free,
         p.available_from, p.digest, p.base, p.balance, p.folded_admissions, p.folded_discharges,
         p.admitted_at, p.admission_promised_at, p.discharged_at
  FROM pool p
  WHERE p.id = ANY($2::uuid[]) AND p.region_id = $1
  ORDER BY p.id FOR NO KEY UPDATE
), judged AS (
  SELECT i.ord, CASE
      WHEN l.id IS NULL OR l.organisation_id <> i.owner_id THEN 'not-found'
      WHEN l.status = 'ended' THEN 'pool-closed'
      WHEN 'mfb' = ANY(l.care_types) THEN 'figures-from-beds'
      WHEN l.digest = i.digest AND (i.confirmation OR l.stated_at = i.stated_at) THEN 'repeated'
      WHEN i.confirmation AND l.report_version = 0 THEN 'nothing-to-confirm'
      WHEN l.report_version <> i.expected_version THEN 'version-changed'
      WHEN i.confirmation OR l.observed_at IS NULL
        OR {_PRECEDENCE.format("i", "coalesce(i.free, i.operable - i.occupied - i.planned)")}
         > {_PRECEDENCE.format("l", "l.base")} THEN 'accepted'
      ELSE 'superseded' END AS verdict
  FROM item i LEFT JOIN locked l ON l.id = i.pool_id
), report AS (
  SELECT i.ord, i.pool_id, i.confirmation, i.source_id, i.source_kind, i.stated_at, i.received_at,
      i.digest, i.tag, i.actor_id,
      CASE WHEN i.confirmation THEN greatest(i.observed_at, l.observed_at)
        ELSE i.observed_at END AS observed_at,
      CASE WHEN i.confirmation THEN greatest(i.received_at, l.observed_at)
        ELSE i.received_at END AS seen_at,
      i.valid_until,
      CASE WHEN i.confirmation THEN l.counted_until ELSE i.counted_until END AS counted_until,
      CASE WHEN i.confirmation THEN l.includes_holds ELSE i.includes_holds END AS includes_holds,
      {", ".join(f"CASE WHEN i.confirmation THEN l.{f} ELSE i.{f} END AS {f}" for f in _FIGURES)},
      CASE WHEN i.confirmation THEN l.occupied + m.admitted - m.discharged
        ELSE i.occupied END AS occupied,
      CASE WHEN i.confirmation THEN l.free - m.admitted + m.discharged ELSE i.free END AS free,
      CASE WHEN i.confirmation THEN l.folded_admissions + m.admitted ELSE 0 END
        AS folded_admissions,
      CASE WHEN i.confirmation THEN l.folded_discharges + m.discharged ELSE 0 END
        AS folded_discharges,
      j.verdict
  FROM judged j JOIN item i USING (ord) JOIN locked l ON l.id = i.pool_id,
    LATERAL (SELECT
      CASE WHEN NOT i.confirmation THEN 0 ELSE pool_admitted_since(l.admitted_at,
        l.admission_promised_at, l.counted_until, l.includes_holds) - l.folded_admissions END,
      CASE WHEN NOT i.confirmation THEN 0 ELSE pool_discharged_since(l.discharged_at,
        l.counted_until) - l.folded_discharges END) AS m(admitted, discharged)
  WHERE j.verdict IN ('accepted', 'superseded')
), changed AS (
  UPDATE pool p SET report_version = p.report_version + 1,
      source_id = r.source_id, source_kind = r.source_kind, stated_at = r.stated_at,
      observed_at = r.observed_at, received_at = r.seen_at, valid_until = r.valid_until,
      counted_until = r.counted_until, includes_holds = r.includes_holds,
      occupied = r.occupied, free = r.free, digest = r.digest,
      {", ".join(f"{f} = r.{f}" for f in _FIGURES)},
      folded_admissions = r.folded_admissions, folded_discharges = r.folded_discharges
  FROM report r
  WHERE p.id = r.pool_id AND r.verdict = 'accepted'
  RETURNING r.ord, r.tag, p.id, p.report_version, p.observed_at, p.received_at, p.valid_until,
      p.balance, {CAPACITY_JSON} AS data
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
      actor_id, stated_at, observed_at, received_at, {", ".join(_FIGURES)}, occupied, free, digest)
  SELECT r.pool_id, r.verdict, n.report_version, r.confirmation, r.source_id, r.source_kind,
      r.actor_id, r.stated_at, r.observed_at, r.seen_at,
      {", ".join(f"r.{f}" for f in _FIGURES)}, r.occupied, r.free, r.digest
  FROM report r LEFT JOIN numbered n ON n.ord = r.ord
  ON CONFLICT (pool_id, stated_at, digest) DO NOTHING
), audited AS (
  INSERT INTO audit (happened_at, action, outcome, actor_id, role, organisation_id, purpose, basis,
      address, object_kind, object_id)
  SELECT i.received_at, CASE WHEN i.confirmation THEN 'capacity.confirm' ELSE 'capacity.report' END,
      j.verdict, i.actor_id, i.role, i.organisation_id, 'capacity', i.basis, i.address, 'pool',
      i.pool_id
  FROM item i JOIN judged j USING (ord)
)
SELECT j.verdict,
    coalesce(n.report_version, l.report_version, 0) AS version,
    coalesce(n.observed_at, l.observed_at) AS observed_at,
    coalesce(n.received_at, l.received_at) AS received_at,
    coalesce(n.valid_until, l.valid_until) AS valid_until,
    CASE WHEN n.ord IS NULL THEN l.balance ELSE n.balance END AS balance,
    h.epoch, coalesce(n.number, h.number) AS number, coalesce(n.tag, h.tag) AS tag
FROM judged j
JOIN item i USING (ord)
LEFT JOIN locked l ON l.id = i.pool_id
LEFT JOIN numbered n ON n.ord = j.ord
CROSS JOIN head h
ORDER BY j.ord
"""


async def write_reports(
    statement: "asyncpg.prepared_stmt.PreparedStatement[asyncpg.Record]",
    region_id: RegionId,
    items: Sequence[ReportItem],
) -> list[ReportResult]:
    """Runs the hot statement (prepared on its connection) and commits; a result for each item, in order.

    All pools must differ: one report a pool in a batch.
    """
    columns = zip(*(attrgetter(*_FIELDS)(item) for item in items), strict=True)
    rows = await statement.fetch(region_id, *(list(column) for column in columns))
    return [
        ReportResult(
            verdict=row["verdict"],
            version=row["version"],
            observed_at=row["observed_at"],
            received_at=row["received_at"],
            valid_until=row["valid_until"],
            balance=row["balance"],
            position=Position(region_id, row["epoch"], row["number"], row["tag"]),
        )
        for row in rows
    ]
