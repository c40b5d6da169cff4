"""How sources do: what they reported of late, what of it stands, and whether it came when due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.db.event_log import Connection
from domain.care_types import CareType
from domain.course import MOST_APART
from domain.feed_health import LATE_AFTER
from domain.posting import EARLY, GRACE


@dataclass(frozen=True, slots=True)
class Counts:
    """Reports that came in over a period. `last_at` is when the last of them did."""

    reports: int = 0
    accepted: int = 0
    superseded: int = 0
    sandbox: int = 0
    confirmations: int = 0
    late: int = 0
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stands:
    """Subjects that a source reported last; of so many the figures are still believed."""

    reported: int = 0
    fresh: int = 0
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PostingDay:
    """A day (in Amsterdam) with the postings that were due on it and those that didn't come."""

    day: date
    due: int
    missed: int


_BY_BED = f"care_types && ARRAY{[c.value for c in CareType if c.counted_by_bed]}::text[]"
_MINE = "r.source_id = ANY($1) AND r.received_at >= $2 AND r.received_at < $3"
# The sum of a pool's beds is kept as its report too, and was reported by nobody.
_POOL_REPORTS = (
    f"pool_report r WHERE {_MINE}"
    f" AND NOT EXISTS (SELECT FROM pool p WHERE p.id = r.pool_id AND p.{_BY_BED})"
)

_COUNTS = f"""
SELECT r.source_id, count(*) AS reports,
    count(*) FILTER (WHERE r.outcome = 'accepted') AS accepted,
    count(*) FILTER (WHERE r.outcome = 'superseded') AS superseded,
    count(*) FILTER (WHERE r.outcome = 'sandbox') AS sandbox,
    count(*) FILTER (WHERE r.confirmation) AS confirmations,
    count(*) FILTER (
      WHERE r.received_at > r.observed_at + s.lag_minutes * interval '1 minute' + $4::interval) AS late,
    max(r.received_at) AS last_at
FROM (
  SELECT r.source_id, r.outcome, r.confirmation, r.observed_at, r.received_at FROM {_POOL_REPORTS}
  UNION ALL
  SELECT r.source_id, r.outcome, false, r.observed_at, r.received_at FROM bed_report r WHERE {_MINE}
  UNION ALL
  SELECT r.source_id, r.outcome, r.confirmation, r.observed_at, r.received_at
  FROM home_care_report r WHERE {_MINE}
) AS r JOIN source s ON s.id = r.source_id
GROUP BY r.source_id
"""

_WARNINGS = f"""
SELECT w.source_id, split_part(w.warning, ':', 1) AS code, count(*) AS count
FROM (SELECT r.source_id, unnest(string_to_array(r.warnings, ';')) AS warning FROM {_POOL_REPORTS}) w
GROUP BY 1, 2 ORDER BY 1, 2
"""

_STANDING = "count(*) AS reported, count(*) FILTER (WHERE t.valid_until > $2) AS fresh,"
_STANDS = " UNION ALL ".join(
    f"SELECT t.source_id, '{kind}' AS kind, {_STANDING} max(t.received_at) AS last_at"
    f" FROM {table} t WHERE t.source_id = ANY($1) AND t.status = 'active'{also} GROUP BY 1"
    for kind, table, also in (
        ("pools", "pool", f" AND NOT t.{_BY_BED}"),
        ("beds", "bed", ""),
        ("teams", "home_care_team", ""),
    )
)


def _subjects(table: str, history: str, key: str) -> str:
    """What a source has to post: its organisation's own that it reported last.

    In the sandbox nothing is reported last, so there it is what it reported in the period.
    """
    return f"""
  SELECT s.id AS source_id, s.released_at IS NULL AS sandbox, '{table}' AS kind, t.id,
      t.posting_schedule, greatest(s.created_at, uuid_extract_timestamp(t.id)) AS since
  FROM source s JOIN {table} t ON t.organisation_id = s.organisation_id AND t.status = 'active'
  WHERE s.id = ANY($1) AND (t.source_id = s.id OR (s.released_at IS NULL AND t.id IN (
    SELECT r.{key} FROM {history} r WHERE {_MINE} AND r.source_id = s.id)))
"""


def _came(history: str, key: str) -> str:
    """A report of the subject from shortly before the moment on, in time; anybody's that counts."""
    return f"""
EXISTS (SELECT FROM {history} r WHERE r.{key} = t.id
  AND r.stated_at BETWEEN d.moment - $6::interval - $8::interval AND d.moment + $7::interval + $8::interval
  AND r.observed_at >= d.moment - $6::interval AND r.received_at <= d.moment + $7::interval
  AND (r.source_id = t.source_id OR (NOT t.sandbox AND r.outcome <> 'sandbox')))
"""


_POSTINGS = f"""
WITH due(schedule, moment) AS (SELECT * FROM unnest($4::text[], $5::timestamptz[])),
subject AS ({_subjects("pool", "pool_report", "pool_id")}
  UNION ALL {_subjects("home_care_team", "home_care_report", "team_id")}),
posting AS (
  SELECT t.source_id, d.moment, CASE t.kind WHEN 'pool' THEN {_came("pool_report", "pool_id")}
    ELSE {_came("home_care_report", "team_id")} END AS came
  FROM subject t JOIN due d ON d.schedule = t.posting_schedule AND d.moment > t.since
)
SELECT source_id, (moment AT TIME ZONE 'Europe/Amsterdam')::date AS day, count(*) AS due,
    count(*) FILTER (WHERE NOT came) AS missed
FROM posting GROUP BY 1, 2 ORDER BY 1, 2
"""


async def count_reports(
    connection: Connection, source_ids: Sequence[UUID], since: datetime, until: datetime
) -> dict[UUID, Counts]:
    """What came in from since on and before until, by source; beds and teams too."""
    rows = await connection.fetch(_COUNTS, source_ids, since, until, LATE_AFTER)
    return {row["source_id"]: Counts(**dict(list(row.items())[1:])) for row in rows}


async def count_warnings(
    connection: Connection, source_ids: Sequence[UUID], since: datetime, until: datetime
) -> dict[UUID, dict[str, int]]:
    """How often each warning stood on these reports, by source."""
    found: dict[UUID, dict[str, int]] = {}
    for row in await connection.fetch(_WARNINGS, source_ids, since, until):
        found.setdefault(row["source_id"], {})[row["code"]] = row["count"]
    return found


async def count_standing(
    connection: Connection, source_ids: Sequence[UUID], now: datetime
) -> dict[UUID, dict[str, Stands]]:
    """What each source reported last, by source and then `pools`, `beds` and `teams`."""
    found: dict[UUID, dict[str, Stands]] = {}
    for row in await connection.fetch(_STANDS, source_ids, now):
        stands = Stands(row["reported"], row["fresh"], row["last_at"])
        found.setdefault(row["source_id"], {})[row["kind"]] = stands
    return found


async def count_postings(
    connection: Connection,
    source_ids: Sequence[UUID],
    since: datetime,
    until: datetime,
    due: Sequence[tuple[str, datetime]],
) -> dict[UUID, list[PostingDay]]:
    """By source, the days on which something was due.

    due: every schedule with its posting moments in the period. A pool of beds has come when all its
    beds have.
    """
    schedules, moments = [schedule for schedule, _ in due], [moment for _, moment in due]
    rows = await connection.fetch(
        _POSTINGS, source_ids, since, until, schedules, moments, EARLY, GRACE, MOST_APART
    )
    found: dict[UUID, list[PostingDay]] = {}
    for row in rows:
        day = PostingDay(row["day"], row["due"], row["missed"])
        found.setdefault(row["source_id"], []).append(day)
    return found
