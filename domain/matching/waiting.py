"""Who on the waiting list comes first: urgency, then who waits longest against the norm, then who lies
longest in a bed that isn't theirs.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.needs import Urgency

_URGENCIES = {urgency: number for number, urgency in enumerate(Urgency)}
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A referral that waits for a place.

    norm_minutes: from filing to placement, as the norm was when its clock started. wrong_bed_since:
    ontslagklaar since, of the longest of those that still run; None: not in a wrong bed.
    """

    id: UUID
    urgency: Urgency
    filed_at: datetime
    norm_minutes: int
    wrong_bed_since: datetime | None = None

    def waited_minutes(self, now: datetime) -> int:
        """Whole minutes since it was filed."""
        return max(0, (now - self.filed_at) // _MINUTE)

    def wrong_bed_days(self, now: datetime) -> int:
        """Whole days in a wrong bed."""
        if self.wrong_bed_since is None:
            return 0
        return max(0, (now - self.wrong_bed_since) // _DAY)


def in_order(waiting: Iterable[Waiting], now: datetime) -> list[Waiting]:
    """The list, first first. Nobody shares a place on it: at last the filing moment and the id decide."""

    def key(one: Waiting) -> tuple[int, float, int, datetime, UUID]:
        share = one.waited_minutes(now) / one.norm_minutes
        return (
            _URGENCIES[one.urgency],
            -share,
            -one.wrong_bed_days(now),
            one.filed_at,
            one.id,
        )

    return sorted(waiting, key=key)
