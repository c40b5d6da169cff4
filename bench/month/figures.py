"""What a month came to, read from the rows that were kept of it."""

from dataclasses import dataclass
from datetime import datetime
from statistics import fmean, median
from typing import Any
from uuid import UUID

from app.db.event_log import Connection
from app.services import delivery_records
from bench.month.play import Play
from domain.delivery_records import Period
from domain.geography import distance_km

_REFERRALS = """
SELECT r.id, r.pc4, r.filed_at, r.target_at, r.state, r.next_action,
  (SELECT count(*) FROM offer o WHERE o.referral_id = r.id) AS offers,
  (SELECT count(*) FROM contact c WHERE c.referral_id = r.id) AS calls,
  (SELECT min(s.admitted_at) FROM stay s WHERE s.referral_id = r.id) AS admitted_at,
  p.promised_at, p.pool_id
FROM referral r
LEFT JOIN offer p ON p.referral_id = r.id AND p.state IN ('toegezegd', 'opgenomen')
ORDER BY r.id
"""
_PROMISED = """
SELECT pool_id, array_agg(id) AS offers FROM offer WHERE state = 'toegezegd' GROUP BY pool_id
"""


@dataclass(frozen=True, slots=True)
class Played:
    """What one way came to.

    due: whose target lay within the month, of whom `in_time` were admitted by then. placed: admitted
    or promised a place; without: ended without one. calls: all that were made. hours: the median from
    filing to the promise that held.
    """

    way: str
    filed: int
    due: int
    in_time: int
    placed: int
    waiting: int
    without: int
    hours: float
    calls: int
    offers: int
    called_on: int
    refused_while_free: int
    km: float
    occupied: float

    @property
    def share_in_time(self) -> float:
        """Of those that were due."""
        return self.in_time / max(1, self.due)

    def to_json(self) -> dict[str, Any]:
        """As var/month.json has it."""
        told = {name: getattr(self, name) for name in self.__slots__}
        return told | {
            "share_in_time": self.share_in_time,
            "calls_per_placement": self.calls / self.placed,
            "offers_per_placement": self.offers / self.placed,
        }


async def figures(play: Play) -> Played:
    """Counts all of it. Raises AssertionError when somebody got lost, here or in a house."""
    referrals, promises = await play.container.read(_read)
    for ward in play.region.wards:
        if ward.promised != promises.get(ward.pool_id, set()):
            raise AssertionError(f"{ward.code} has promised what nobody knows of, or forgot it")
    records = await delivery_records.delivery_records(
        play.container,
        play.region.coordinator,
        Period(play.begins.date(), play.until.date()),
        organisation_id=None,
        after=None,
        limit=100,
    )
    free = [one.record.refused_while_free for one in records]
    placed = [row for row in referrals if row["promised_at"] is not None]
    others = [row for row in referrals if row["promised_at"] is None]
    waiting = [row for row in others if row["next_action"] is not None]
    without = [row for row in others if row["state"] == "afgesloten"]
    if len(referrals) != len(play.cases) or len(others) != len(waiting) + len(without):
        raise AssertionError(f"{len(play.cases)} were filed, and some of them got lost")
    due = [row for row in referrals if row["target_at"] <= play.until]
    points = {ward.pool_id: ward.point for ward in play.region.wards}
    homes = play.region.homes
    return Played(
        way=play.way.name,
        filed=len(referrals),
        due=len(due),
        in_time=sum(came_in_time(row["admitted_at"], row["target_at"]) for row in due),
        placed=len(placed),
        waiting=len(waiting),
        without=len(without),
        hours=median((row["promised_at"] - row["filed_at"]).total_seconds() for row in placed)
        / 3600,
        calls=sum(row["calls"] for row in referrals),
        offers=sum(row["offers"] for row in referrals),
        called_on=sum(share.of for share in free),
        refused_while_free=sum(share.count for share in free),
        km=fmean(distance_km(homes[row["pc4"]], points[row["pool_id"]]) for row in placed),
        occupied=fmean(play.occupied),
    )


async def _read(
    connection: Connection,
) -> tuple[list[dict[str, Any]], dict[UUID, set[UUID]]]:
    """All referrals, and by pool the offers that are promised."""
    referrals = [dict(row) for row in await connection.fetch(_REFERRALS)]
    promises = await connection.fetch(_PROMISED)
    return referrals, {row["pool_id"]: set(row["offers"]) for row in promises}


def came_in_time(admitted_at: datetime | None, target_at: datetime) -> bool:
    """Whether somebody was admitted by the target; None: never."""
    return admitted_at is not None and admitted_at <= target_at
