"""Which warnings stood on a source's reports of late, by pool."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.event_log import Connection
from domain.care_types import CareType


@dataclass(frozen=True, slots=True)
class PoolWarning:
    """A warning (`code:field`) on reports of a pool: how often, and when one last came in."""

    pool_id: UUID
    pool: str
    location: str
    warning: str
    count: int
    last_at: datetime


# The sum of a pool's beds is kept as its report too, and was reported by nobody.
_READ = f"""
SELECT p.id AS pool_id, p.name AS pool, l.name AS location, w.warning, count(*) AS count,
    max(w.received_at) AS last_at
FROM (
  SELECT r.pool_id, r.received_at, unnest(string_to_array(r.warnings, ';')) AS warning
  FROM pool_report r
  WHERE r.source_id = $1 AND r.received_at >= $2 AND r.received_at < $3 AND r.warnings IS NOT NULL
) AS w
JOIN pool p ON p.id = w.pool_id AND NOT p.care_types && ARRAY{[c.value for c in CareType if c.counted_by_bed]}::text[]
JOIN location l ON l.id = p.location_id
GROUP BY p.id, p.name, l.name, w.warning
ORDER BY max(w.received_at) DESC, p.id, w.warning LIMIT $4
"""


async def read_warnings(
    connection: Connection, source_id: UUID, since: datetime, until: datetime, limit: int
) -> list[PoolWarning]:
    """Those received from since on and before until, the latest first."""
    rows = await connection.fetch(_READ, source_id, since, until, limit)
    return [PoolWarning(**row) for row in rows]
