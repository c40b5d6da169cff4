"""Hours of a week as people write them: `ma t/m vr 08:30–17:00; za 10:00–16:00`.

Both ways round: what is shown can be typed. Whether the times can be so, the domain says.
"""

import re
from typing import Any

from api.web.language import marked
from domain.calendar import WEEKDAYS
from domain.errors import InvalidInput

HOLIDAYS = "feestdagen"
#: As the domain names the days of its hours.
DAYS = (*(str(day) for day in WEEKDAYS), HOLIDAYS)
CLOSED = "gesloten"
ALL_DAY = "dag en nacht"

_CLOSED = frozenset({CLOSED, "dicht"})
_ALL_DAY = frozenset({ALL_DAY, "24 uur", "24u", "00:00-24:00"})
_WHOLE_DAY = [["00:00", "24:00"]]
_TIME = re.compile(r"(\d{1,2})(?:[:.]?(\d{2}))?")
_NAMES = {**{day: day for day in DAYS}, "feestdag": HOLIDAYS}
_DAYS_FIRST = re.compile(r"([a-z][a-z,/ –-]*?)\s+(\d.*|dag en nacht|gesloten|dicht|24 ?u(?:ur)?)")

Spans = list[list[str]]


def spans_text(spans: Spans) -> str:
    """One day: `08:30–12:00, 13:00–17:00`."""
    if spans == _WHOLE_DAY:
        return ALL_DAY
    return ", ".join(f"{start}–{until}" for start, until in spans) or CLOSED


def read_spans(text: str, pointer: str) -> Spans:
    """One day from such a text. Raises InvalidInput."""
    said = " ".join(text.lower().split())
    if said in _CLOSED or not said:
        return []
    if said in _ALL_DAY:
        return [list(span) for span in _WHOLE_DAY]
    return [_span(part, pointer) for part in said.split(",")]


def week_text(hours: dict[str, Any] | None) -> str:
    """A week, days with the same hours together; empty when nobody told."""
    if hours is None:
        return ""
    if all(hours.get(day) == _WHOLE_DAY for day in DAYS):
        return ALL_DAY
    parts: list[tuple[str, str, str]] = []
    for day in DAYS:
        told = spans_text(hours.get(day, []))
        if parts and parts[-1][2] == told and day != HOLIDAYS:
            parts[-1] = (parts[-1][0], day, told)
        else:
            parts.append((day, day, told))
    return "; ".join(f"{_range(first, last)} {told}" for first, last, told in parts)


def read_week(text: str, pointer: str) -> dict[str, Spans]:
    """A week from such a text; empty is day and night. Raises InvalidInput."""
    said = " ".join(text.lower().replace("\n", ";").split())
    if not said or said in _ALL_DAY:
        return dict.fromkeys(DAYS, _WHOLE_DAY)
    week: dict[str, Spans] = {day: [] for day in DAYS}
    for part in filter(None, (part.strip() for part in said.split(";"))):
        match = _DAYS_FIRST.fullmatch(part)
        if match is None:
            raise InvalidInput(
                marked(
                    "Schrijf dagen en tijden, zoals: ma t/m vr 17:00–23:00; za zo dag en nacht."
                ),
                pointer,
            )
        for day in _days(match[1], pointer):
            week[day] = read_spans(match[2], pointer)
    return week


def _range(first: str, last: str) -> str:
    if first == last:
        return first
    neighbours = DAYS.index(last) - DAYS.index(first) == 1
    return f"{first}, {last}" if neighbours else f"{first} t/m {last}"


def _days(text: str, pointer: str) -> list[str]:
    said = re.sub(r"\s*(?:t/m|[-–])\s*", "-", text)
    found: list[str] = []
    for word in re.split(r"[,\s]+(?:en\s+)?", said):
        first, _, last = word.partition("-")
        if first not in _NAMES or (last and last not in _NAMES):
            raise InvalidInput(
                marked("Schrijf dagen als ma, di, wo, do, vr, za, zo of feestdagen."), pointer
            )
        begin, end = DAYS.index(_NAMES[first]), DAYS.index(_NAMES[last or first])
        # From friday to monday goes by way of sunday; holidays are in no such row.
        found.extend(DAYS[begin : end + 1] if begin <= end else [*DAYS[begin:7], *DAYS[: end + 1]])
    return found


def _span(text: str, pointer: str) -> list[str]:
    ends = re.split(r"\s*(?:-|–|\btot\b)\s*", text.strip())
    if len(ends) != 2:
        raise InvalidInput(marked("Schrijf tijden als 08:30–17:00, of gesloten."), pointer)
    return [read_time(end, pointer) for end in ends]


def read_time(text: str, pointer: str) -> str:
    """A wall time from `8`, `8.30` or `08:30`. Raises InvalidInput."""
    match = _TIME.fullmatch(text.removesuffix(" uur").strip())
    if match is None:
        raise InvalidInput(marked("Schrijf een tijd als 08:30."), pointer)
    return f"{int(match[1]):02}:{match[2] or '00'}"
