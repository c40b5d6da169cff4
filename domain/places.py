"""When a pool can take someone: what will be free, its rules and an opnamestop, taken together."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain import outlook as outlooks
from domain.admission import FOREVER, AdmissionRules, earliest_admission
from domain.calendar import AMSTERDAM, MIDNIGHT, at_local
from domain.outlook import (
    IN_24_HOURS,
    IN_72_HOURS,
    IN_A_WEEK,
    Expected,
    Outlook,
    free_at,
    free_from,
    steps,
)

_ONE_DAY = timedelta(days=1)
_LOOKS_AHEAD = (timedelta(0), IN_24_HOURS, IN_72_HOURS, IN_A_WEEK)


@dataclass(frozen=True, slots=True)
class Stop:
    """An opnamestop that nobody lifted: from `since`, expected up to `until`; None: nobody knows.

    No clock lifts a stop: once its expected end has passed, nobody knows any more either.
    """

    since: datetime
    until: datetime | None

    @classmethod
    def expected(cls, since: datetime, expected_until: date | None) -> "Stop":
        """By the day on which it is expected to end; that whole day in Amsterdam is still closed."""
        if expected_until is None:
            return cls(since, None)
        return cls(since, at_local(expected_until + _ONE_DAY, MIDNIGHT))

    def as_known(self, now: datetime) -> "Stop":
        """The stop without an end that has passed."""
        return self if self.until is None or self.until > now else Stop(self.since, None)

    def holds_at(self, moment: datetime) -> bool:
        """Whether it is expected to hold at a moment."""
        return self.since <= moment and (self.until is None or moment < self.until)


@dataclass(frozen=True, slots=True)
class FirstAdmission:
    """The vroegste opname for a number of places, as known at the `now` that was asked with.

    at: None: not foreseen. free: places free then.
    immediate: `at` is that now, and for each later now before `holds_until` it is that later one.
    Otherwise all of it stays as it is until then.
    """

    at: datetime | None
    free: int
    immediate: bool
    holds_until: datetime


def first_admission(
    expected: Expected,
    rules: AdmissionRules | None,
    stop: Stop | None,
    places: int,
    now: datetime,
) -> FirstAdmission:
    """The first instant from which so many places stay free, the rules admit, and no stop holds.

    A stop that is announced for later leaves what can be admitted before it begins.
    """
    course = steps(expected, now)
    changes = course[1][0] if len(course) > 1 else FOREVER
    free = free_from(course, places)
    if free is None:
        return FirstAdmission(None, 0, False, changes)
    taken = dict(expected.forecast.admissions)
    found = earliest_admission(rules, now, taken=taken, not_before=free)
    if found is not None and stop is not None:
        stop = stop.as_known(now)
        if found.at < stop.since:
            changes = min(changes, stop.since)
        elif stop.until is None:
            return FirstAdmission(None, 0, False, changes)
        else:
            changes = min(changes, stop.until)
            found = earliest_admission(rules, now, taken=taken, not_before=max(free, stop.until))
    if found is None:
        return FirstAdmission(None, 0, False, min(changes, _midnight_after(now)))
    return FirstAdmission(
        found.at, free_at(course, found.at), found.immediate, min(changes, found.holds_until)
    )


def outlook(expected: Expected, stop: Stop | None, now: datetime) -> Outlook:
    """As domain.outlook tells it, with no places while a stop holds."""
    found = outlooks.outlook(expected, now)
    if stop is None or found.now is None:
        return found
    stop = stop.as_known(now)
    known = (found.now, found.in_24_hours, found.in_72_hours, found.in_a_week)
    return Outlook(
        *(
            0 if stop.holds_at(now + ahead) else free
            for ahead, free in zip(_LOOKS_AHEAD, known, strict=True)
        )
    )


def outlook_holds_until(expected: Expected, stop: Stop | None, now: datetime) -> datetime:
    """Until when a later `now` has the same outlook."""
    moments = [moment for moment, _ in steps(expected, now)[1:]]
    if stop is not None:
        moments += [moment for moment in (stop.since, stop.until) if moment is not None]
    return min(
        (moment - ahead for moment in moments for ahead in _LOOKS_AHEAD if moment - ahead > now),
        default=FOREVER,
    )


def _midnight_after(now: datetime) -> datetime:
    return at_local(now.astimezone(AMSTERDAM).date() + _ONE_DAY, MIDNIGHT)
