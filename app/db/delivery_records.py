"""How providers delivered, counted from their offers: for any period, and as the board has it.

What each count means stands with `DeliveryRecord` in the domain.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.db.event_log import Connection
from app.db.unit_of_work import UnitOfWork
from domain.delivery_records import (
    OWN_REASONS,
    READ_WITHIN,
    SMALLEST_SAMPLE,
    TAKEN_BACK,
    DeliveryRecord,
    Period,
)
from domain.events import Kind
from domain.identifiers import RegionId
from domain.offers import OfferState
from domain.referrals import Step

#: Columns of the table, in its order.
_COUNTS = (
    *("asked", "answered", "unanswered", "late", "called_on", "refused_while_free"),
    *("admissions_due", "not_arrived", "median_answer_minutes", "slow_answer_minutes"),
)

_OWN_REASONS = ", ".join(sorted(repr(str(reason)) for reason in OWN_REASONS))


def _free(facts: str, moment: str) -> str:
    """Whether a place or team was posted free and could be believed, by what was kept of the board.

    These states say so of both. A place that is held for this very referral looks full.
    """
    minutes = READ_WITHIN // timedelta(minutes=1)
    return f"""(o.{facts}->>'at')::timestamptz <= o.{moment} + interval '{minutes} min'
    AND (o.{facts}->>'state' IN ('nu', 'later') OR o.{facts}->>'state' = 'vol' AND EXISTS (
    SELECT FROM claim c WHERE c.referral_id = o.referral_id AND c.pool_id = o.pool_id
    AND c.claimed_at <= o.{moment} AND (c.ended_at IS NULL OR c.ended_at >= o.{moment})))"""


def _within(share: float) -> str:
    """Whole minutes within which this share of the answers came; null: too few answers."""
    return (
        f"CASE WHEN count(answer_time) >= {SMALLEST_SAMPLE} THEN floor(extract(epoch FROM"
        f" percentile_disc({share}) WITHIN GROUP (ORDER BY answer_time)) / 60)::int END"
    )


#: $1 regions, null: all. $2 from and $3 until before which was asked; $4 now.
_COUNTED = f"""
SELECT region_id, provider_id AS organisation_id, count(*) AS asked,
    count(*) FILTER (WHERE answered) AS answered,
    count(*) FILTER (WHERE state = '{OfferState.VERLOPEN}') AS unanswered,
    count(*) FILTER (WHERE answered AND late) AS late,
    count(*) FILTER (WHERE called_on) AS called_on,
    count(*) FILTER (WHERE called_on AND (refusal IN ({_OWN_REASONS})
      OR state = '{OfferState.LOSGELATEN}' AND ending = '{TAKEN_BACK}')) AS refused_while_free,
    count(*) FILTER (WHERE due) AS admissions_due,
    count(*) FILTER (WHERE due AND missed) AS not_arrived,
    {_within(0.5)} AS median_answer_minutes,
    {_within(0.9)} AS slow_answer_minutes
FROM offer o
CROSS JOIN LATERAL (
  SELECT o.answered_at IS NOT NULL AS answered, o.answered_at - o.offered_at AS answer_time,
      o.promised_at IS NOT NULL AND EXISTS (SELECT FROM referral_step s
        WHERE s.referral_id = o.referral_id AND s.offer_id = o.id AND s.step = '{Step.NOT_ARRIVED}') AS missed
) a
CROSS JOIN LATERAL (
  SELECT answered AND o.posted->'failures' = '[]' AND {_free("posted", "offered_at")}
      AND {_free("posted_at_answer", "answered_at")} AS called_on,
    missed OR o.state = '{OfferState.OPGENOMEN}'
      OR o.state = '{OfferState.TOEGEZEGD}' AND o.admission_at <= $4 AS due
) b
WHERE ($1::smallint[] IS NULL OR o.region_id = ANY($1)) AND o.offered_at >= $2 AND o.offered_at < $3
"""
_READ = f"""
{_COUNTED} AND o.provider_id = ALL($5::uuid[])
    AND ($6::uuid IS NULL OR (o.provider_id, o.region_id) > ($6, $7::smallint))
GROUP BY o.provider_id, o.region_id ORDER BY o.provider_id, o.region_id LIMIT $8
"""
#: $5, $6: the days. Of who works there no more nothing stands.
_KEEP = f"""
WITH counted AS (
  SELECT c.* FROM ({_COUNTED} GROUP BY o.provider_id, o.region_id) c
  JOIN organisation_region m USING (organisation_id, region_id)
  JOIN organisation g ON g.id = c.organisation_id AND g.status = 'active'
), kept AS (
  INSERT INTO delivery_record AS d (organisation_id, region_id, since, until, {", ".join(_COUNTS)})
  SELECT organisation_id, region_id, $5, $6, {", ".join(_COUNTS)} FROM counted
  ON CONFLICT (organisation_id, region_id) DO UPDATE
  SET since = excluded.since, until = excluded.until, {", ".join(f"{c} = excluded.{c}" for c in _COUNTS)}
  WHERE d IS DISTINCT FROM excluded
  RETURNING organisation_id
), gone AS (
  DELETE FROM delivery_record d WHERE region_id = ANY($1)
  AND NOT EXISTS (SELECT FROM counted c WHERE c.organisation_id = d.organisation_id)
  RETURNING organisation_id
)
SELECT organisation_id FROM kept UNION ALL SELECT organisation_id FROM gone ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class RegionalRecord:
    """A record with the region that it is of."""

    region_id: RegionId
    record: DeliveryRecord


async def read_records(
    connection: Connection,
    period: Period,
    now: datetime,
    *,
    regions: Collection[RegionId] | None,
    each_of: Collection[UUID],
    after: tuple[UUID, RegionId] | None,
    limit: int,
) -> list[RegionalRecord]:
    """Who was asked anything in a period, by organisation and region.

    regions None: all. each_of: an organisation has to be each of these; none: any is.
    """
    organisation, region = after if after is not None else (None, None)
    rows = await connection.fetch(
        _READ,
        sorted(regions) if regions is not None else None,
        period.begins_at,
        period.ends_at,
        now,
        list(each_of),
        organisation,
        region,
        limit,
    )
    return [
        RegionalRecord(
            RegionId(row["region_id"]),
            DeliveryRecord.of_counts(row["organisation_id"], period.since, period.until, dict(row)),
        )
        for row in rows
    ]


async def keep_records(work: UnitOfWork, region_id: RegionId, period: Period) -> int:
    """Counts a region anew and tells of what changed; of so many providers. The region is locked."""
    rows = await work.fetch(
        _KEEP,
        [region_id],
        period.begins_at,
        period.ends_at,
        work.now,
        period.since,
        period.until,
    )
    for row in rows:
        work.touch(Kind.DELIVERY_RECORD, row["organisation_id"], region_id)
    return len(rows)
