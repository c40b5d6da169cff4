"""Reading a pool's earlier reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.db.event_log import Connection


@dataclass(frozen=True, slots=True)
class PastReport:
    """A report as it was given. `version` is None for one that came too late, or doesn't count.

    valid_until: None for reports from before it was kept. forecast: JSON text. warnings: `code:field`.
    """

    outcome: str
    version: int | None
    confirmation: bool
    source: str
    stated_at: datetime
    observed_at: datetime
    received_at: datetime
    valid_until: datetime | None
    physical: int | None
    operable: int | None
    occupied: int | None
    planned: int | None
    closed: int | None
    closed_reason: str | None
    free: int | None
    available_from: date | None
    forecast: str | None
    note: str | None
    warnings: tuple[str, ...]
    digest: bytes


_READ = """
SELECT outcome, version, confirmation, source_kind AS source, stated_at, observed_at, received_at,
    valid_until, physical, operable, occupied, planned, closed, closed_reason, free, available_from,
    forecast, note, warnings, digest
FROM pool_report
WHERE pool_id = $1 AND ($2::timestamptz IS NULL OR (stated_at, digest) < ($2, $3::bytea))
    AND (outcome = 'sandbox') = $5
ORDER BY stated_at DESC, digest DESC LIMIT $4
"""


async def read_history(
    connection: Connection,
    pool_id: UUID,
    before: tuple[datetime, bytes] | None,
    limit: int,
    *,
    sandbox: bool = False,
) -> Sequence[PastReport]:
    """Reports of a pool, newest stated observation first, from before a (stated_at, digest) on.

    sandbox: only those of feeds that count for nothing yet; otherwise none of these.
    """
    stated_at, digest = before or (None, None)
    rows = await connection.fetch(_READ, pool_id, stated_at, digest, limit, sandbox)
    return [PastReport(**{**row, "warnings": warnings_of(row["warnings"])}) for row in rows]


def warnings_of(kept: str | None) -> tuple[str, ...]:
    """Warnings as history keeps them, taken apart: `code:field` each."""
    return tuple(kept.split(";")) if kept else ()
