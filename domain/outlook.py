"""The outlook: how many places will be free, from discharge dates and planned admissions.

Nothing that can be derived is asked. A discharge whose moment has passed without a report of it
promises nothing any more, and an admission keeps its place until a report says otherwise: the
outlook errs on the side of too few.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from domain.calendar import MIDNIGHT, at_local
from domain.errors import InvalidInput

#: By this wall time someone who leaves that day has left ("lokale afspraak", no published norm).
LEFT_BY = time(12)
#: How far ahead dates are taken, and how many of a kind.
HORIZON = timedelta(days=366)
MAX_DATES = 60

#: The moments that an outlook tells of.
IN_24_HOURS = timedelta(hours=24)
IN_72_HOURS = timedelta(hours=72)
IN_A_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Forecast:
    """Expected discharges and admissions as (day, places), by day, each day once."""

    discharges: tuple[tuple[date, int], ...] = ()
    admissions: tuple[tuple[date, int], ...] = ()

    @classmethod
    def of(
        cls,
        discharges: Mapping[date, int] | None = None,
        admissions: Mapping[date, int] | None = None,
    ) -> "Forecast":
        """From places by day."""
        return cls(
            tuple(sorted((discharges or {}).items())), tuple(sorted((admissions or {}).items()))
        )

    @classmethod
    def from_data(cls, data: Mapping[str, Any] | None) -> "Forecast":
        """From the JSON that `as_data` makes; None: nothing foreseen."""
        if data is None:
            return NO_FORECAST
        return cls(_from_data(data["discharges"]), _from_data(data["admissions"]))

    def as_data(self) -> dict[str, Any] | None:
        """As JSON holds it: `{"discharges": [{"on": day, "places": 2}], "admissions": []}`."""
        if not self:
            return None
        return {"discharges": _as_data(self.discharges), "admissions": _as_data(self.admissions)}

    def __bool__(self) -> bool:
        return bool(self.discharges or self.admissions)


def _as_data(dates: Iterable[tuple[date, int]]) -> list[dict[str, Any]]:
    return [{"on": day.isoformat(), "places": places} for day, places in dates]


def _from_data(items: Iterable[Mapping[str, Any]]) -> tuple[tuple[date, int], ...]:
    return tuple((date.fromisoformat(item["on"]), item["places"]) for item in items)


NO_FORECAST = Forecast()


@dataclass(frozen=True, slots=True)
class Expected:
    """What an outlook needs of a pool.

    balance: places left now, signed; None: unknown or not to be believed, and then so is the outlook.
    planned: admissions that the balance already takes off, whenever they come.
    available_from: "vrij vanaf": one place more from that day, when no discharge dates are known.
    observed_on: the day in Amsterdam of the figures; admissions of days before it are in them.
    """

    balance: int | None
    planned: int = 0
    forecast: Forecast = NO_FORECAST
    available_from: date | None = None
    observed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """Places free now and later; None: unknown."""

    now: int | None
    in_24_hours: int | None
    in_72_hours: int | None
    in_a_week: int | None


UNKNOWN_OUTLOOK = Outlook(None, None, None, None)


def check_forecast(forecast: Forecast, observed_on: date) -> None:
    """Raises InvalidInput for dates too far away, too many, twice, or without places."""
    for name, dates in (("discharges", forecast.discharges), ("admissions", forecast.admissions)):
        if len(dates) > MAX_DATES:
            raise InvalidInput(f"Geef hoogstens {MAX_DATES} dagen.", f"/{name}")
        days = [day for day, _ in dates]
        if len(set(days)) < len(days):
            raise InvalidInput("Elke dag mag er één keer staan.", f"/{name}")
        for day in days:
            if abs(day - observed_on) > HORIZON:
                raise InvalidInput("Deze dag ligt meer dan een jaar weg.", f"/{name}")


def steps(expected: Expected, now: datetime) -> list[tuple[datetime, int]]:
    """The balance from each moment on at which it is expected to change, from `now` on, by time.

    Admissions that are planned already are in the balance; only those beyond them take a place
    more, from the start of their day, since in the morning nobody knows the hour. Empty when the
    balance is unknown. Until the second moment, a later `now` finds the same but for the first.
    """
    if expected.balance is None:
        return []
    changes: dict[datetime, int] = {now: 0}
    for day, places in _discharges(expected):
        moment = at_local(day, LEFT_BY)
        if moment > now:
            changes[moment] = changes.get(moment, 0) + places
    planned = expected.planned
    for day, places in expected.forecast.admissions:
        if expected.observed_on is not None and day < expected.observed_on:
            continue
        beyond = max(0, places - planned)
        planned = max(0, planned - places)
        if beyond:
            moment = max(at_local(day, MIDNIGHT), now)
            changes[moment] = changes.get(moment, 0) - beyond
    balance = expected.balance
    found = []
    for moment in sorted(changes):
        balance += changes[moment]
        found.append((moment, balance))
    return found


def outlook(expected: Expected, now: datetime) -> Outlook:
    """Free places now (as posted), in 24 and 72 hours and in a week; never below zero."""
    if expected.balance is None:
        return UNKNOWN_OUTLOOK
    course = steps(expected, now)
    return Outlook(
        max(0, expected.balance),
        free_at(course, now + IN_24_HOURS),
        free_at(course, now + IN_72_HOURS),
        free_at(course, now + IN_A_WEEK),
    )


def free_from(course: list[tuple[datetime, int]], places: int) -> datetime | None:
    """The first moment from which that many places stay free, by `steps`; None: not foreseen.

    A place that is free today and planned for tomorrow is not free to give.
    """
    found: datetime | None = None
    for moment, balance in course:
        if balance < places:
            found = None
        elif found is None:
            found = moment
    return found


def free_at(course: list[tuple[datetime, int]], moment: datetime) -> int:
    """Free places at a moment not before the first of `steps`; never below zero."""
    return max(0, [balance for at, balance in course if at <= moment][-1])


def total(outlooks: Iterable[Outlook]) -> Outlook:
    """The sum of what is known. Zero of nothing known; how many were unknown is told beside it."""
    known = [found for found in outlooks if found.now is not None]
    return Outlook(
        sum(found.now or 0 for found in known),
        sum(found.in_24_hours or 0 for found in known),
        sum(found.in_72_hours or 0 for found in known),
        sum(found.in_a_week or 0 for found in known),
    )


def _discharges(expected: Expected) -> tuple[tuple[date, int], ...]:
    if expected.forecast.discharges or expected.available_from is None:
        return expected.forecast.discharges
    return ((expected.available_from, 1),)
