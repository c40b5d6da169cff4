"""What really goes on at a pool's places: people leave, people come, places close. Pure.

Simulated time is a `timedelta` since a Monday at midnight. All rates here are our own choice, lively
enough to look at: people come mostly on workdays by day, leave in the morning, and in the weekend
little happens.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

from domain.care_types import CareType, ClosedReason

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = 7 * DAY

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
#: Here nobody knows on which day somebody will leave.
OPEN_ENDED = frozenset({CareType.WLZ_VV, CareType.HOSPICE, CareType.ELV_PALLIATIEF})
#: Here people come at any hour, on the day that they are asked for.
URGENT = frozenset({CareType.WLZ_CRISIS, CareType.GGZ_CRISIS, CareType.OBSERVATIE, CareType.MFB})
#: Share of the places that is taken, in the long run.
TAKEN = 0.88
#: A pool with places left closes one or two of them this often, and opens them again after this long.
DAYS_BETWEEN_CLOSINGS = 8.0
DAYS_CLOSED = 1.5

#: Of those whose day has come, so many leave, or arrive, in an hour of the time for it.
_LEAVE_AN_HOUR = 0.5
_ARRIVE_AN_HOUR = 0.4
#: Of those who should have left by then, so many get another date in an hour.
_SLIP_AN_HOUR = 0.2
_SLIP_FROM = 13


@dataclass(frozen=True, slots=True)
class Ward:
    """The truth about a pool's places, which its provider knows and the board hears of.

    stays: for everybody who is there the day (0 is the first Monday) that is expected to be the
    last; None: nobody knows. coming: the day on which everybody who is promised a place is to come.
    """

    physical: int
    stays: tuple[int | None, ...] = ()
    coming: tuple[int, ...] = ()
    closed: int = 0
    closed_reason: ClosedReason | None = None

    @property
    def occupied(self) -> int:
        """Places that somebody is in."""
        return len(self.stays)

    @property
    def planned(self) -> int:
        """Places that are promised."""
        return len(self.coming)

    @property
    def operable(self) -> int:
        """Places that are staffed."""
        return self.physical - self.closed

    @property
    def free(self) -> int:
        """Places that nobody is in or promised."""
        return self.operable - self.occupied - self.planned

    def discharges_in(self, today: int) -> tuple[tuple[int, int], ...]:
        """Expected discharges as (days from today, places); who is overdue leaves today."""
        return _by_day((day for day in self.stays if day is not None), today)

    def admissions_in(self, today: int) -> tuple[tuple[int, int], ...]:
        """Planned admissions as (days from today, places)."""
        return _by_day(self.coming, today)


def ward_of(
    places: int, occupied: int, planned: int, care_type: CareType, at: timedelta, random: Random
) -> Ward:
    """A ward with so many people in it; when they leave and come is made up."""
    today = at // DAY
    stays = tuple(_last_day(care_type, at, random, stayed=True) for _ in range(occupied))
    coming = tuple(_workday(today + random.randint(0, 2)) for _ in range(planned))
    return Ward(places, stays, coming)


def opening(places: int, care_type: CareType, at: timedelta, random: Random) -> Ward:
    """How a pool that nobody knows anything of stands when the play begins: as after days of life."""
    begin = at - 4 * DAY
    ward = ward_of(places, _some(places, TAKEN, random), 0, care_type, begin, random)
    return live(ward, care_type, begin, at, random)


def live(ward: Ward, care_type: CareType, begin: timedelta, end: timedelta, random: Random) -> Ward:
    """What has become of a ward between two moments."""
    while begin < end:
        step = min(HOUR, end - begin)
        ward = _step(ward, care_type, begin, step / HOUR, random)
        begin += step
    return ward


def is_weekend(at: timedelta) -> bool:
    """Saturday or Sunday."""
    return at // DAY % 7 >= 5


def _step(ward: Ward, care_type: CareType, at: timedelta, hours: float, random: Random) -> Ward:
    today = at // DAY
    stays = tuple(
        _slipped(last, at, hours, random)
        for last in ward.stays
        if random.random() >= _chance_to_leave(last, care_type, at) * hours
    )
    arrive = _chance_to_arrive(care_type, at) * hours
    arrived = tuple(day for day in ward.coming if day <= today and random.random() < arrive)
    coming = list(ward.coming)
    for day in arrived:
        coming.remove(day)
    stays += tuple(_last_day(care_type, at, random) for _ in arrived)
    # As many are promised as leave when the ward is as full as it is in the long run.
    chance = hours / 24 / STAY_DAYS[care_type] * TAKEN / (1 - TAKEN) * _bustle(care_type, at)
    coming += [_day_to_come(care_type, at, random) for _ in range(_some(ward.free, chance, random))]
    ward = replace(ward, stays=stays, coming=tuple(sorted(coming)))
    days = hours / 24
    if ward.closed:
        if random.random() < days / DAYS_CLOSED:
            return replace(ward, closed=0, closed_reason=None)
    elif ward.free > 0 and random.random() < days / DAYS_BETWEEN_CLOSINGS:
        reason = random.choice((ClosedReason.PERSONEEL, ClosedReason.ONDERHOUD))
        return replace(ward, closed=min(ward.free, random.randint(1, 2)), closed_reason=reason)
    return ward


def _chance_to_leave(last: int | None, care_type: CareType, at: timedelta) -> float:
    """In an hour."""
    if last is None:
        # Of those whose day nobody knows, most die or move, at any hour.
        return 1 / STAY_DAYS[care_type] / 24 * (1.5 if 8 <= _hour(at) < 20 else 0.5)
    if last > at // DAY or not 9 <= _hour(at) < 20:
        return 0.0
    return _LEAVE_AN_HOUR * (0.2 if _hour(at) >= 12 else 1) * (0.3 if is_weekend(at) else 1)


def _slipped(last: int | None, at: timedelta, hours: float, random: Random) -> int | None:
    """The last day, or a later one for who is still there on the afternoon of it."""
    today = at // DAY
    if last is None or last > today or _hour(at) < _SLIP_FROM:
        return last
    return today + random.randint(1, 3) if random.random() < _SLIP_AN_HOUR * hours else last


def _chance_to_arrive(care_type: CareType, at: timedelta) -> float:
    """In an hour, of somebody whose day has come."""
    hour = _hour(at)
    if care_type in URGENT:
        return _ARRIVE_AN_HOUR * (1 if 7 <= hour < 23 else 0.5)
    if not 10 <= hour < 17:
        return 0.0
    return _ARRIVE_AN_HOUR * (0.2 if is_weekend(at) else 1)


def _bustle(care_type: CareType, at: timedelta) -> float:
    """How much is promised at this hour beside the average hour of a week."""
    hour = _hour(at)
    if care_type in URGENT:
        return 1.4 if 8 <= hour < 23 else 0.35
    if is_weekend(at):
        return 0.5 if 9 <= hour < 17 else 0.05
    return 3.4 if 9 <= hour < 17 else 0.5 if 7 <= hour < 22 else 0.05


def _last_day(
    care_type: CareType, at: timedelta, random: Random, *, stayed: bool = False
) -> int | None:
    """When somebody who comes now leaves; with `stayed`, somebody who has been there for a while."""
    if care_type in OPEN_ENDED:
        return None
    days = max(1.0, random.gauss(STAY_DAYS[care_type], STAY_DAYS[care_type] / 3))
    return at // DAY + max(0 if stayed else 1, round(days * (random.random() if stayed else 1)))


def _day_to_come(care_type: CareType, at: timedelta, random: Random) -> int:
    today = at // DAY
    return today if care_type in URGENT else _workday(today + random.randint(0, 3))


def _workday(day: int) -> int:
    """That day, or the Monday after."""
    return day + (7 - day % 7) if day % 7 >= 5 else day


def _by_day(days: Iterable[int], today: int) -> tuple[tuple[int, int], ...]:
    return tuple(sorted(Counter(max(0, day - today) for day in days).items()))


def _hour(at: timedelta) -> float:
    return at % DAY / HOUR


def _some(of: int, chance: float, random: Random) -> int:
    return sum(random.random() < chance for _ in range(of))
