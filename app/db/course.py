"""Reading what stood when: accepted reports of pools by the time from which they stood."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from app.db.event_log import Connection
from domain.care_types import CareType
from domain.course import MOST_APART, Standing


@dataclass(frozen=True, slots=True)
class PoolOfCourse:
    """A pool of a location, with whose it is. ended_at: it took no more reports from then on."""

    id: UUID
    region_id: int
    organisation_id: UUID
    ended_at: datetime | None


_BY_BED = [care_type.value for care_type in CareType if care_type.counted_by_bed]
# Beds have each their own observation, so that their sum stands from when it was made.
_SINCE = "CASE WHEN p.by_bed THEN r.stated_at ELSE r.observed_at END"
_POOLS = (
    f"(SELECT id, care_types && ARRAY{_BY_BED}::text[] AS by_bed FROM pool WHERE id = ANY($1)) p"
)
_COLUMNS = f"""
r.pool_id, r.version, {_SINCE} AS since, r.valid_until, r.source_kind AS source, r.operable,
r.occupied, r.planned, r.closed, r.closed_reason,
coalesce(r.free, r.operable - r.occupied - r.planned) AS base
"""

# The newest by what was stated, then the newest by our clock among those that may be close to it:
# both by the key of history, so that only as many months are opened as hold a report.
_STANDING = f"""
SELECT s.* FROM {_POOLS}
CROSS JOIN LATERAL (
  SELECT r.stated_at FROM pool_report r
  WHERE r.pool_id = p.id AND r.outcome = 'accepted' AND r.stated_at <= $2::timestamptz + $3::interval
    AND {_SINCE} <= $2
  ORDER BY r.stated_at DESC LIMIT 1) n
CROSS JOIN LATERAL (
  SELECT {_COLUMNS} FROM pool_report r
  WHERE r.pool_id = p.id AND r.outcome = 'accepted'
    AND r.stated_at BETWEEN n.stated_at - 2 * $3::interval AND n.stated_at AND {_SINCE} <= $2
  ORDER BY r.version DESC LIMIT 1) s
"""

# History goes by what was stated, which lies no further than $4 from when it stood.
_WITHIN = f"""
FROM {_POOLS} JOIN pool_report r ON r.pool_id = p.id
WHERE r.outcome = 'accepted' AND r.stated_at > $2::timestamptz - $4::interval
  AND r.stated_at < $3::timestamptz + $4::interval AND {_SINCE} > $2 AND {_SINCE} < $3
"""
_CHANGES = f"SELECT {_COLUMNS} {_WITHIN} ORDER BY since, version LIMIT $5"
# The first of all comes along: it tells that nothing was reported before it.
_AT_STEPS = f"""
SELECT DISTINCT ON (pool_id, step, version = 1) * FROM (
  SELECT {_COLUMNS}, ceil(extract(epoch FROM {_SINCE} - $2) / $5::int) AS step {_WITHIN}
) AS r
ORDER BY pool_id, step, version = 1, version DESC
"""


async def standing_at(
    connection: Connection, pool_ids: Sequence[UUID], moment: datetime
) -> dict[UUID, Standing]:
    """What stood of each pool at a moment; a pool that had no report that is kept is left out."""
    rows = await connection.fetch(_STANDING, pool_ids, moment, MOST_APART)
    return {row["pool_id"]: _standing(row) for row in rows}


async def changes(
    connection: Connection, pool_id: UUID, since: datetime, until: datetime, limit: int
) -> list[Standing]:
    """A pool's accepted reports from after since and before until, in the order in which they stood."""
    rows = await connection.fetch(_CHANGES, [pool_id], since, until, MOST_APART, limit)
    return [_standing(row) for row in rows]


async def changes_at_steps(
    connection: Connection,
    pool_ids: Sequence[UUID],
    since: datetime,
    until: datetime,
    step: timedelta,
) -> dict[UUID, list[Standing]]:
    """Of these reports those that still stood at one of the steps, by pool."""
    seconds = int(step.total_seconds())
    rows = await connection.fetch(_AT_STEPS, pool_ids, since, until, MOST_APART, seconds)
    found: dict[UUID, list[Standing]] = {}
    for row in rows:
        found.setdefault(row["pool_id"], []).append(_standing(row))
    return found


async def pool_ended_at(connection: Connection, pool_id: UUID) -> datetime | None:
    """When a pool was closed; None when it wasn't."""
    ended_at: datetime | None = await connection.fetchval(
        "SELECT ended_at FROM pool WHERE id = $1", pool_id
    )
    return ended_at


async def location_owner(connection: Connection, location_id: UUID) -> tuple[int, UUID] | None:
    """A location's region and owner; None when there is no such location."""
    row = await connection.fetchrow(
        "SELECT region_id, organisation_id FROM location WHERE id = $1", location_id
    )
    return (row["region_id"], row["organisation_id"]) if row is not None else None


async def pools_of(connection: Connection, location_id: UUID) -> list[PoolOfCourse]:
    """All pools that a location has or had."""
    rows = await connection.fetch(
        "SELECT id, region_id, organisation_id, ended_at FROM pool WHERE location_id = $1"
        " ORDER BY id",
        location_id,
    )
    return [PoolOfCourse(**row) for row in rows]


async def stops_of(
    connection: Connection, location_id: UUID, since: datetime, until: datetime
) -> list[tuple[datetime, datetime | None]]:
    """When a location had an admission stop that touches the range: from when, until when (or still)."""
    rows = await connection.fetch(
        "SELECT since, lifted_at FROM admission_stop WHERE location_id = $1 AND since < $3"
        " AND (lifted_at IS NULL OR lifted_at > $2) ORDER BY since",
        location_id,
        since,
        until,
    )
    return [(row["since"], row["lifted_at"]) for row in rows]


def _standing(row: asyncpg.Record) -> Standing:
    return Standing(
        version=row["version"],
        since=row["since"],
        valid_until=row["valid_until"],
        source=row["source"],
        operable=row["operable"],
        occupied=row["occupied"],
        planned=row["planned"],
        closed=row["closed"],
        closed_reason=row["closed_reason"],
        base=row["base"],
    )
