"""The course of capacity: what stood when, as its reports left it behind."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.capacity import FUTURE_TOLERANCE, MAX_CLOCK_ERROR, Freshness, free_places
from domain.errors import InvalidInput

#: A course is told over this long at most, and thinned to no less than this.
LONGEST = timedelta(days=400)
SHORTEST_STEP = timedelta(minutes=15)

#: How far the moment that a report states may lie from its observation by our clock: the correction
#: of a wrong clock, what is ahead of its receipt, and as much again for the clocks of our own processes.
MOST_APART = MAX_CLOCK_ERROR + 2 * FUTURE_TOLERANCE

_DURATION = re.compile(r"P(?:([0-9]{1,3})D)?(?:T(?=[0-9])(?:([0-9]{1,4})H)?(?:([0-9]{1,6})M)?)?")


@dataclass(frozen=True, slots=True)
class Standing:
    """An accepted report, which stands until the next. Places; None is unknown.

    version: counts the pool's accepted reports from 1. since: its observation, or for the sum of a
    pool's beds when that was made. valid_until: None when it wasn't kept; then it is believed until
    the next. base: places left over by the report's own account.
    """

    version: int
    since: datetime
    valid_until: datetime | None
    source: str
    operable: int | None = None
    occupied: int | None = None
    planned: int | None = None
    closed: int | None = None
    closed_reason: str | None = None
    base: int | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """From since until (exclusive) the same stood, and was to be believed as far.

    report None: nothing was ever reported by then, or what stood is kept no longer (onbevestigd).
    """

    since: datetime
    until: datetime
    freshness: Freshness
    report: Standing | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of pools at one moment; each figure over the pools of which it is known.

    pools: that there were. unknown: of these whose balance was unknown or never reported.
    unconfirmed: of these whose figures were onbevestigd, and free_unconfirmed what they add to free.
    """

    since: datetime
    until: datetime
    pools: int = 0
    unknown: int = 0
    unconfirmed: int = 0
    free: int = 0
    free_unconfirmed: int = 0
    balance: int = 0
    operable: int = 0
    occupied: int = 0
    planned: int = 0
    closed: int = 0
    admission_stop: bool = False


def parse_step(text: str) -> timedelta:
    """A step as ISO 8601 writes durations, in days, hours and minutes; a day is 24 hours.

    Raises InvalidInput, also below a quarter of an hour.
    """
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()):
        raise InvalidInput("Geef de stap als duur, bijvoorbeeld PT15M, PT1H of P1D.", "step")
    days, hours, minutes = (int(part or 0) for part in match.groups())
    step = timedelta(days=days, hours=hours, minutes=minutes)
    if not SHORTEST_STEP <= step <= LONGEST:
        raise InvalidInput("Een stap duurt een kwartier tot 400 dagen.", "step")
    return step


def check_range(since: datetime, until: datetime) -> None:
    """Raises InvalidInput unless the range is a stretch of at most 400 days."""
    if since >= until:
        raise InvalidInput("from ligt voor until, en niet in de toekomst.", "from")
    if until - since > LONGEST:
        raise InvalidInput("Vraag ten hoogste 400 dagen in een keer.", "from")


def stretches(reports: Iterable[Standing], since: datetime, until: datetime) -> Iterator[Stretch]:
    """What stood from since until until, without gaps or overlap, in order of time.

    reports: the accepted ones that are kept, in any order; those outside the range do no harm, but
    the one that stood at its beginning has to be among them.
    """
    ordered = sorted(reports, key=lambda report: report.version)
    begun, standing = since, None
    lost = bool(ordered) and ordered[0].version > 1
    for following in ordered:
        if following.since >= until:
            break
        # Clocks of two processes may differ: the next never stood before the one that it replaced.
        if following.since > begun:
            yield from _stood(standing, begun, following.since, lost=lost)
            begun = following.since
        standing = following
    if begun < until:
        yield from _stood(standing, begun, until, lost=lost)


def _stood(
    report: Standing | None, since: datetime, until: datetime, *, lost: bool
) -> Iterator[Stretch]:
    if report is None:
        freshness = Freshness.UNCONFIRMED if lost else Freshness.NEVER_REPORTED
        yield Stretch(since, until, freshness)
        return
    believed_until = until if report.valid_until is None else min(report.valid_until, until)
    if believed_until > since:
        yield Stretch(since, believed_until, Freshness.FRESH, report)
    if believed_until < until:
        yield Stretch(max(since, believed_until), until, Freshness.UNCONFIRMED, report)


def thinned(
    course: Iterable[Stretch], since: datetime, until: datetime, step: timedelta
) -> Iterator[Stretch]:
    """What stood at the beginning of each step, of a course without gaps over that range.

    The last step ends with the range.
    """
    moment = since
    for stretch in course:
        while moment < min(stretch.until, until):
            yield replace(stretch, since=moment, until=min(moment + step, until))
            moment += step


def summed(
    parts: Sequence[Sequence[Stretch]],
    stops: Sequence[tuple[datetime, datetime | None]],
    since: datetime,
    until: datetime,
    step: timedelta,
) -> Iterator[Total]:
    """The sum of several courses at the beginning of each step.

    A course may end before the range does, or have no stretch at all: then its pool was closed.
    stops: from when until when there was an admission stop (None: still).
    """
    places = [0] * len(parts)
    moment = since
    while moment < until:
        stood = []
        for number, course in enumerate(parts):
            while places[number] < len(course) and course[places[number]].until <= moment:
                places[number] += 1
            if places[number] < len(course) and course[places[number]].since <= moment:
                stood.append(course[places[number]])
        stopped = any(
            begun <= moment and (ended is None or moment < ended) for begun, ended in stops
        )
        yield _total(stood, moment, min(moment + step, until), stopped=stopped)
        moment += step


def _total(stood: list[Stretch], since: datetime, until: datetime, *, stopped: bool) -> Total:
    known = [(stretch, stretch.report) for stretch in stood if stretch.report is not None]
    reports = [report for _, report in known]
    return Total(
        since=since,
        until=until,
        pools=len(stood),
        unknown=len(stood) - sum(report.base is not None for report in reports),
        unconfirmed=sum(stretch.freshness is Freshness.UNCONFIRMED for stretch in stood),
        free=sum(free_places(report.base) or 0 for report in reports),
        free_unconfirmed=sum(
            free_places(report.base) or 0
            for stretch, report in known
            if stretch.freshness is Freshness.UNCONFIRMED
        ),
        balance=sum(report.base or 0 for report in reports),
        operable=sum(report.operable or 0 for report in reports),
        occupied=sum(report.occupied or 0 for report in reports),
        planned=sum(report.planned or 0 for report in reports),
        closed=sum(report.closed or 0 for report in reports),
        admission_stop=stopped,
    )
