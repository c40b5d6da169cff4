"""What really goes on at a pool's places: people leave, people come, places close. Pure.

Simulated time is a `timedelta` since a Monday at midnight. All rates here are our own choice, lively
enough to look at.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

from domain.care_types import CareType, ClosedReason

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

#: How long somebody stays, on average, in days.
STAY_DAYS = {
    CareType.MFB: 10.0,
    CareType.ELV_LAAG: 14.0,
    CareType.ELV_HOOG: 14.0,
    CareType.ELV_PALLIATIEF: 12.0,
    CareType.GRZ: 21.0,
    CareType.WLZ_VV: 60.0,
    CareType.WLZ_TIJDELIJK: 21.0,
    CareType.WLZ_CRISIS: 7.0,
    CareType.RESPIJT: 5.0,
    CareType.HOSPICE: 10.0,
    CareType.OBSERVATIE: 2.0,
    CareType.GGZ_CRISIS: 5.0,
}
#: Share of the places that is taken, in the long run.
TAKEN = 0.88
#: From the promise of a place to the arrival.
WAIT_DAYS = 0.4
#: A pool with places left closes one or two of them this often, and opens them again after this long.
DAYS_BETWEEN_CLOSINGS = 8.0
DAYS_CLOSED = 1.5


@dataclass(frozen=True, slots=True)
class Ward:
    """The truth about a pool's places, which its provider knows and the board hears of."""

    physical: int
    occupied: int
    planned: int = 0
    closed: int = 0
    closed_reason: ClosedReason | None = None

    @property
    def operable(self) -> int:
        """Places that are staffed."""
        return self.physical - self.closed

    @property
    def free(self) -> int:
        """Places that nobody is in or promised."""
        return self.operable - self.occupied - self.planned


def opening(places: int, care_type: CareType, at: timedelta, random: Random) -> Ward:
    """How a pool stands when the play begins: as after some days of life."""
    ward = Ward(physical=places, occupied=_some(places, TAKEN, random))
    return live(ward, care_type, at - 4 * DAY, at, random)


def live(ward: Ward, care_type: CareType, begin: timedelta, end: timedelta, random: Random) -> Ward:
    """What has become of a ward between two moments."""
    while begin < end:
        step = min(HOUR, end - begin)
        ward = _step(ward, STAY_DAYS[care_type], step / DAY * _bustle(begin), random)
        begin += step
    return ward


def _step(ward: Ward, stay_days: float, days: float, random: Random) -> Ward:
    left = _some(ward.occupied, days / stay_days, random)
    arrived = _some(ward.planned, days / WAIT_DAYS, random)
    # As many are promised as leave when the ward is as full as it is in the long run.
    promised = _some(ward.free, days / stay_days * TAKEN / (1 - TAKEN), random)
    ward = replace(
        ward,
        occupied=ward.occupied - left + arrived,
        planned=ward.planned - arrived + promised,
    )
    if ward.closed:
        if random.random() < days / DAYS_CLOSED:
            return replace(ward, closed=0, closed_reason=None)
    elif ward.free and random.random() < days / DAYS_BETWEEN_CLOSINGS:
        reason = random.choice((ClosedReason.PERSONEEL, ClosedReason.ONDERHOUD))
        return replace(ward, closed=min(ward.free, random.randint(1, 2)), closed_reason=reason)
    return ward


def _bustle(at: timedelta) -> float:
    """How much happens at this hour: most by day, next to nothing at night."""
    hour = at % DAY / HOUR
    if 9 <= hour < 17:
        return 2.0
    return 0.7 if 7 <= hour < 22 else 0.1


def _some(of: int, chance: float, random: Random) -> int:
    return sum(random.random() < chance for _ in range(of))
