"""Opening and intake hours of a week, the clocks that run in them, and who is on call when."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Self

from domain.calendar import (
    AMSTERDAM,
    MIDNIGHT,
    WEEKDAYS,
    at_local,
    check_wall_time,
    end_at_local,
    is_holiday,
    read_wall_end,
    read_wall_time,
    wall_text,
)
from domain.errors import InvalidInput
from domain.identifiers import is_telephone
from domain.members import items_of, members_of

_HOLIDAYS = "feestdagen"
_MEMBERS = (*WEEKDAYS, _HOLIDAYS)
_MOST_SPANS = 12
_MOST_CONTACTS = 50
_MOST_NAME = 200
#: Looking further ahead than this is no use: hours change.
_HORIZON = timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class Span:
    """From a wall time until another on the same day; `until` None is 24:00, the end of the day."""

    start: time
    until: time | None


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """The spans of each day, Monday first, and those of holidays, which replace the weekday's.

    No spans: closed. A span may begin where another ends. Raises InvalidInput otherwise, with the
    JSON pointer of the span within the hours.
    """

    week: tuple[tuple[Span, ...], ...]
    holidays: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        assert len(self.week) == len(WEEKDAYS)
        for name, spans in zip(_MEMBERS, (*self.week, self.holidays), strict=True):
            _check_spans(spans, f"/{name}")

    @classmethod
    def from_json(cls, data: object, pointer: str = "") -> Self:
        """From `{"ma": [["08:30", "17:00"]], ..., "feestdagen": []}`; a day left out is closed.

        Raises InvalidInput; `pointer` is where the data stands in the body.
        """
        members = members_of(data, _MEMBERS, pointer)
        *week, holidays = (
            _spans_from(members.get(name, []), f"{pointer}/{name}") for name in _MEMBERS
        )
        try:
            return cls(tuple(week), holidays)
        except InvalidInput as problem:
            raise InvalidInput(problem.detail, pointer + problem.pointer) from None

    def to_json(self) -> dict[str, list[list[str]]]:
        """All eight members, closed days as empty lists."""
        return {
            str(name): [[wall_text(span.start), wall_text(span.until)] for span in spans]
            for name, spans in zip(_MEMBERS, (*self.week, self.holidays), strict=True)
        }


def is_open(hours: WeeklyHours, now: datetime) -> bool:
    """Whether now falls in a span; the instant at which a span ends is outside it."""
    day = now.astimezone(AMSTERDAM).date()
    return any(opened <= now < closed for opened, closed in _open_on(hours, day))


def next_opening(hours: WeeklyHours, now: datetime) -> datetime | None:
    """The first instant (UTC) from now on that is open: now itself when it is.

    None when no such instant comes within ten years: the hours are empty.
    """
    now = now.astimezone(UTC)
    return next((max(start, now) for start, _ in _open_from(hours, now)), None)


def working_time_after(hours: WeeklyHours, start: datetime, duration: timedelta) -> datetime | None:
    """The first instant (UTC) by which this much open time has passed since the start.

    Time that really passes: a night in which the clock changes counts an hour less or more.
    A clock that runs out as the hours end, ends then, not at the next opening. Duration zero
    gives the start. None when it takes over ten years.
    """
    assert duration >= timedelta(0)
    start = start.astimezone(UTC)
    if not duration:
        return start
    left = duration
    for opened, closed in _open_from(hours, start):
        since = max(opened, start)
        if closed - since >= left:
            return since + left
        left -= closed - since
    return None


def _open_from(hours: WeeklyHours, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The spans (begin, end) in UTC that end after the start, in order."""
    if not hours.holidays and not any(hours.week):
        return
    day = start.astimezone(AMSTERDAM).date()
    last = day + _HORIZON
    while day <= last:
        for opened, closed in _open_on(hours, day):
            # A span within the hour that spring skips is empty.
            if max(opened, start) < closed:
                yield opened, closed
        day += timedelta(days=1)


def _open_on(hours: WeeklyHours, day: date) -> Iterator[tuple[datetime, datetime]]:
    for span in hours.holidays if is_holiday(day) else hours.week[day.weekday()]:
        yield at_local(day, span.start), end_at_local(day, span.until)


def _check_spans(spans: tuple[Span, ...], pointer: str) -> None:
    for number, span in enumerate(spans):
        check_wall_time(span.start, f"{pointer}/{number}/0")
        check_wall_time(span.until, f"{pointer}/{number}/1")
        if span.until is not None and span.until <= span.start:
            raise InvalidInput(
                "De eindtijd ligt na de begintijd, op dezelfde dag.", f"{pointer}/{number}"
            )
    for number, (earlier, later) in enumerate(pairwise(spans), 1):
        if earlier.until is None or later.start < earlier.until:
            raise InvalidInput(
                "Tijden staan op volgorde en overlappen niet.", f"{pointer}/{number}"
            )


def _spans_from(data: object, pointer: str) -> tuple[Span, ...]:
    return tuple(
        _span_from(item, f"{pointer}/{number}")
        for number, item in enumerate(items_of(data, _MOST_SPANS, pointer))
    )


def _span_from(data: object, pointer: str) -> Span:
    match data:
        case [start, until]:
            return Span(read_wall_time(start, f"{pointer}/0"), read_wall_end(until, f"{pointer}/1"))
        case _:
            raise InvalidInput(
                'Schrijf een begin- en een eindtijd, zoals ["08:30", "17:00"].', pointer
            )


ALL_DAY = (Span(MIDNIGHT, None),)
#: Day and night, holidays too.
ALWAYS = WeeklyHours(week=(ALL_DAY,) * 7, holidays=ALL_DAY)


@dataclass(frozen=True, slots=True)
class OnCall:
    """Who answers the telephone in these hours: a desk or a duty, not a person's private number."""

    name: str
    telephone: str
    hours: WeeklyHours


def on_call(contacts: Iterable[OnCall], now: datetime) -> OnCall | None:
    """The first contact whose hours are open now; None: nobody answers."""
    return next((contact for contact in contacts if is_open(contact.hours, now)), None)


def contacts_from_json(data: object, pointer: str = "") -> tuple[OnCall, ...]:
    """From `[{"name": ..., "telephone": ..., "hours": {...}}]`, in the order of calling.

    Without `hours` a contact answers day and night. Raises InvalidInput.
    """
    return tuple(
        _contact_from(item, f"{pointer}/{number}")
        for number, item in enumerate(items_of(data, _MOST_CONTACTS, pointer))
    )


def contacts_to_json(contacts: Iterable[OnCall]) -> list[dict[str, object]]:
    """As contacts_from_json reads them, hours always written out."""
    return [
        {
            "name": contact.name,
            "telephone": contact.telephone,
            "hours": contact.hours.to_json(),
        }
        for contact in contacts
    ]


def _contact_from(data: object, pointer: str) -> OnCall:
    members = members_of(data, ("name", "telephone", "hours"), pointer)
    name, telephone = members.get("name"), members.get("telephone")
    if not isinstance(name, str) or not name.strip() or len(name) > _MOST_NAME:
        raise InvalidInput(
            f"Een contact heeft een naam van ten hoogste {_MOST_NAME} tekens.", f"{pointer}/name"
        )
    if not isinstance(telephone, str) or not is_telephone(telephone):
        raise InvalidInput(
            "Een telefoonnummer bestaat uit cijfers, spaties, streepjes en haakjes.",
            f"{pointer}/telephone",
        )
    if "hours" not in members:
        return OnCall(name.strip(), telephone, ALWAYS)
    return OnCall(
        name.strip(), telephone, WeeklyHours.from_json(members["hours"], f"{pointer}/hours")
    )
