"""Reading what sources in the sandbox reported: kept and shown, and counting for nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from app.db.event_log import Connection
from app.db.report_history import warnings_of


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: after the report with these."""

    received_at: datetime
    subject_id: UUID
    stated_at: datetime
    digest: bytes


@dataclass(frozen=True, slots=True)
class SandboxReport:
    """A report that would have counted. name and external_id are None when its subject is gone."""

    kind: str
    subject_id: UUID
    external_id: str | None
    name: str | None
    confirmation: bool
    stated_at: datetime
    observed_at: datetime
    received_at: datetime
    figures: dict[str, Any]
    warnings: tuple[str, ...]
    note: str | None
    digest: bytes

    @property
    def place(self) -> Place:
        """Where the page after this one begins."""
        return Place(self.received_at, self.subject_id, self.stated_at, self.digest)


def _kind(
    kind: str, table: str, key: str, confirmation: str, warnings: str, figures: Sequence[str]
) -> str:
    columns = ", ".join(f"r.{name}" for name in figures)
    return f"""
  SELECT '{kind}' AS kind, r.{key} AS subject_id, {confirmation} AS confirmation, r.stated_at,
      r.observed_at, r.received_at, r.note, r.digest, {warnings} AS warnings,
      (SELECT row_to_json(f) FROM (SELECT {columns}) AS f) AS figures
  FROM {table} r WHERE r.source_id = $1 AND r.outcome = 'sandbox' AND r.received_at >= $2
    AND r.received_at <= $3
"""


_COUNTS = ("physical", "operable", "occupied", "planned", "closed", "closed_reason", "free")
_READ = f"""
SELECT r.*, coalesce(p.external_id, b.external_id, t.external_id) AS external_id,
    coalesce(p.name, b.name, t.name) AS name
FROM (
  {_kind("pool", "pool_report", "pool_id", "r.confirmation", "r.warnings", (*_COUNTS, "available_from", "forecast"))}
  UNION ALL
  {_kind("bed", "bed_report", "bed_id", "false", "NULL", ("state", "closed_reason", "expected_discharge"))}
  UNION ALL
  {_kind("home-care-team", "home_care_report", "team_id", "r.confirmation", "NULL", ("light", "earliest_start", "hours", "exceptions"))}
) AS r
LEFT JOIN pool p ON r.kind = 'pool' AND p.id = r.subject_id
LEFT JOIN bed b ON r.kind = 'bed' AND b.id = r.subject_id
LEFT JOIN home_care_team t ON r.kind = 'home-care-team' AND t.id = r.subject_id
WHERE $4::uuid IS NULL OR (r.received_at, r.subject_id, r.stated_at, r.digest) < ($3, $4, $5, $6)
ORDER BY r.received_at DESC, r.subject_id DESC, r.stated_at DESC, r.digest DESC LIMIT $7
"""


async def read_sandbox_reports(
    connection: Connection,
    source_id: UUID,
    since: datetime,
    until: datetime,
    before: Place | None,
    limit: int,
) -> list[SandboxReport]:
    """What a source reported in the sandbox, received from since to until, the newest first."""
    rows = await connection.fetch(
        _READ,
        source_id,
        since,
        before.received_at if before else until,
        before.subject_id if before else None,
        before.stated_at if before else None,
        before.digest if before else None,
        limit,
    )
    return [
        SandboxReport(
            **{
                **row,
                "figures": orjson.loads(row["figures"]),
                "warnings": warnings_of(row["warnings"]),
            }
        )
        for row in rows
    ]
