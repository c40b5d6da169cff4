"""What is due: referrals whose clock has come, of whatever kind, and figures that nobody confirmed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from app.db.event_log import Connection
from app.db.unit_of_work import UnitOfWork
from domain.alerts import AlertKind
from domain.identifiers import RegionId

#: A referral is as late as the first of its clocks. What was read of the clocks may be out of date by
#: the time that the lock is there: whoever looks at the case decides by its rows.
_LOCK_DUE = sa.text(
    """
SELECT r.id, r.region_id
FROM referral r
JOIN (
  SELECT referral_id, min(at) AS at FROM (
    SELECT referral_id, deadline_at AS at FROM offer
    WHERE state = 'gevraagd' AND deadline_at <= :now
    UNION ALL
    SELECT referral_id, unseen_at FROM offer
    WHERE state = 'gevraagd' AND unseen_at <= :now AND seen_at IS NULL
    UNION ALL
    SELECT referral_id, expires_at FROM claim WHERE state = 'open' AND expires_at <= :now
    UNION ALL
    SELECT id, watch_at FROM referral WHERE watch_at <= :now
  ) clock
  GROUP BY referral_id
) due ON due.referral_id = r.id
WHERE r.id <> ALL(CAST(:put_off AS uuid[]))
ORDER BY due.at, r.id
LIMIT :most
FOR NO KEY UPDATE OF r SKIP LOCKED
"""
)


async def lock_due(
    work: UnitOfWork, most: int, put_off: Collection[UUID]
) -> list[tuple[UUID, RegionId]]:
    """Locks the referrals that are due longest, with their regions; what others work on is skipped.

    put_off: those that are to be left alone for now.
    """
    connection = await work.session.connection()
    found = await connection.execute(
        _LOCK_DUE, {"now": work.now, "most": most, "put_off": list(put_off)}
    )
    return [(row.id, RegionId(row.region_id)) for row in found]


async def regions_of_pools(connection: Connection) -> list[RegionId]:
    """Where there are figures that may go stale."""
    rows = await connection.fetch(
        "SELECT id FROM region r WHERE EXISTS (SELECT FROM pool WHERE region_id = r.id) ORDER BY id"
    )
    return [RegionId(row["id"]) for row in rows]


_RAISE_STALE = sa.text(
    f"""
WITH raised AS (
  INSERT INTO alert (region_id, pool_id, kind, raised_at, data)
  SELECT p.region_id, p.id, '{AlertKind.CAPACITEIT_ONBEVESTIGD}', :now,
      json_build_object('valid_until', p.valid_until)
  FROM pool p
  WHERE p.region_id = :region AND p.status = 'active' AND p.valid_until <= :before
    AND NOT EXISTS (
      SELECT FROM alert a WHERE a.pool_id = p.id AND a.cleared_at IS NULL
        AND a.kind = '{AlertKind.CAPACITEIT_ONBEVESTIGD}'
    )
  ORDER BY p.valid_until
  LIMIT :most
  ON CONFLICT DO NOTHING
  RETURNING pool_id
)
SELECT p.id AS pool_id, p.organisation_id, p.valid_until
FROM raised JOIN pool p ON p.id = raised.pool_id ORDER BY p.valid_until, p.id
"""
)
_CLEAR_STALE = sa.text(
    f"""
UPDATE alert a SET cleared_at = :now
FROM pool p
WHERE a.pool_id = p.id AND a.cleared_at IS NULL AND a.region_id = :region
  AND a.kind = '{AlertKind.CAPACITEIT_ONBEVESTIGD}'
  AND (p.status <> 'active' OR p.valid_until > :before)
"""
)


@dataclass(frozen=True, slots=True)
class StaleFigure:
    """A pool whose figure nobody has confirmed since valid_until."""

    pool_id: UUID
    organisation_id: UUID
    valid_until: datetime


async def tell_stale(
    work: UnitOfWork, region_id: RegionId, before: datetime, most: int
) -> tuple[int, list[StaleFigure]]:
    """Raises an alert for each pool whose figure was valid until `before` or earlier, at most so many,
    and clears those that hold no longer: how many were cleared, and for which one was raised. A
    figure never told can't go stale.
    """
    connection = await work.session.connection()
    given = {"now": work.now, "region": region_id, "before": before}
    cleared = await connection.execute(_CLEAR_STALE, given)
    raised = await connection.execute(_RAISE_STALE, {**given, "most": most})
    return cleared.rowcount, [StaleFigure(*row) for row in raised]
