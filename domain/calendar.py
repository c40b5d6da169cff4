"""Days and wall times in Amsterdam: weekdays, Dutch holidays, and the instant a clock shows a time."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from domain.errors import InvalidInput

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MIDNIGHT = time(0)

#: In the whole European Union the clock changes at 01:00 UTC (directive 2000/84/EC).
_CLOCK_CHANGES = time(1, tzinfo=UTC)
_ONE_DAY = timedelta(days=1)
_WALL_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_DAY_END = "24:00"


class Weekday(StrEnum):
    """A day of the week, Monday first."""

    MA = "ma"
    DI = "di"
    WO = "wo"
    DO = "do"
    VR = "vr"
    ZA = "za"
    ZO = "zo"


WEEKDAYS = tuple(Weekday)


def weekday_of(day: date) -> Weekday:
    """The day of the week that a date falls on."""
    return WEEKDAYS[day.weekday()]


@dataclass(frozen=True, slots=True)
class Holiday:
    """A feestdag by name. Only on a `day_off` do holiday hours and holiday rules hold."""

    day: date
    name: str
    day_off: bool = True


@lru_cache(maxsize=256)
def holidays_of(year: int) -> tuple[Holiday, ...]:
    """The Dutch holidays of a year from 2014 on (before it Koninginnedag was kept), by date.

    The law names holidays for terms of law (Algemene termijnenwet, art. 3), not who is off work.
    That Goede Vrijdag is a working day, and Bevrijdingsdag one except in each fifth year, is what
    most employers agree: a "lokale afspraak", no published norm.
    """
    easter = _easter(year)
    king = date(year, 4, 27)
    if king.weekday() == 6:
        king -= _ONE_DAY
    return tuple(
        sorted(
            [
                Holiday(date(year, 1, 1), "Nieuwjaarsdag"),
                Holiday(easter - timedelta(days=2), "Goede Vrijdag", day_off=False),
                Holiday(easter, "Eerste Paasdag"),
                Holiday(easter + timedelta(days=1), "Tweede Paasdag"),
                Holiday(king, "Koningsdag"),
                Holiday(date(year, 5, 5), "Bevrijdingsdag", day_off=year % 5 == 0),
                Holiday(easter + timedelta(days=39), "Hemelvaartsdag"),
                Holiday(easter + timedelta(days=49), "Eerste Pinksterdag"),
                Holiday(easter + timedelta(days=50), "Tweede Pinksterdag"),
                Holiday(date(year, 12, 25), "Eerste Kerstdag"),
                Holiday(date(year, 12, 26), "Tweede Kerstdag"),
            ],
            key=lambda holiday: holiday.day,
        )
    )


@lru_cache(maxsize=4096)
def is_holiday(day: date) -> bool:
    """True on a holiday that is a day off."""
    return any(holiday.day == day and holiday.day_off for holiday in holidays_of(day.year))


def _easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar (the computus of Meeus, Jones and Butcher)."""
    golden = year % 19
    century, of_century = divmod(year, 100)
    moon_shift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - moon_shift + 15) % 30
    to_sunday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - epact - of_century % 4) % 7
    late = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day_before = divmod(epact + to_sunday - 7 * late + 114, 31)
    return date(year, month, day_before + 1)


@lru_cache(maxsize=16_384)
def at_local(day: date, wall_time: time) -> datetime:
    """The first instant (UTC) of a day in Amsterdam at which the clock shows this time, or later.

    So of the hour that comes twice in autumn the first is meant, and a time in the hour that is
    skipped in spring is the instant at which the clock jumps.
    """
    local = datetime.combine(day, wall_time.replace(fold=0), AMSTERDAM)
    if local.utcoffset() < local.replace(fold=1).utcoffset():  # type: ignore[operator]  # both have a zone
        return datetime.combine(day, _CLOCK_CHANGES)
    return local.astimezone(UTC)


def end_at_local(day: date, wall_time: time | None) -> datetime:
    """Like at_local, for an end: None is the end of the day (24:00)."""
    return at_local(day + _ONE_DAY, MIDNIGHT) if wall_time is None else at_local(day, wall_time)


def read_wall_time(value: object, pointer: str) -> time:
    """A wall time written as "08:30"; InvalidInput otherwise."""
    if not isinstance(value, str) or _WALL_TIME.fullmatch(value) is None:
        raise InvalidInput("Schrijf een tijd als uu:mm, van 00:00 tot en met 23:59.", pointer)
    return time.fromisoformat(value)


def read_wall_end(value: object, pointer: str) -> time | None:
    """A wall time that ends something; "24:00", the end of the day, is None."""
    return None if value == _DAY_END else read_wall_time(value, pointer)


def wall_text(wall_time: time | None) -> str:
    """As read_wall_time and read_wall_end read it."""
    return _DAY_END if wall_time is None else wall_time.isoformat("minutes")


def check_wall_time(wall_time: time | None, pointer: str) -> None:
    """Raises InvalidInput for a wall time with seconds or a zone, which can't be written down."""
    if wall_time is not None and (
        wall_time.second or wall_time.microsecond or wall_time.tzinfo is not None
    ):
        raise InvalidInput("Een tijd is in hele minuten, zonder tijdzone.", pointer)
