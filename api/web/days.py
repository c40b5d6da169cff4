"""Days as people type them: `morgen`, `za`, `di 10:00`, `24-11`, `24 nov`, `24 november 2026`."""

import re
from datetime import date, timedelta

from domain.calendar import WEEKDAYS
from domain.errors import InvalidInput

_MONTHS = ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
_NEAR = {"vandaag": 0, "nu": 0, "morgen": 1, "overmorgen": 2}
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_NUMBERS = re.compile(r"(\d{1,2})[-/.](\d{1,2})(?:[-/.](\d{4}))?")
_NAMED = re.compile(r"(\d{1,2})\s+([a-z]{3,9})\.?(?:\s+(\d{4}))?")
#: An hour after the day is heard and not kept: places are free from a day on.
_HOUR = re.compile(r"\s+(?:om\s+)?\d{1,2}[:.]\d{2}\s*(?:u|uur)?$")
#: Without a year the next such day is meant, or one that has only just passed.
_JUST_PASSED = timedelta(days=60)


def read_day(text: str, today: date, pointer: str) -> date | None:
    """The day that is meant; None for an empty text. Raises InvalidInput."""
    said = _HOUR.sub("", text.strip().lower())
    if not said:
        return None
    if said in _NEAR:
        return today + timedelta(days=_NEAR[said])
    for number, weekday in enumerate(WEEKDAYS):
        if said == weekday or (len(said) > 2 and said.startswith(weekday) and said.endswith("dag")):
            ahead = (number - today.weekday()) % 7
            return today + timedelta(days=ahead)
    try:
        found = _written(said, today)
    except ValueError as error:
        raise InvalidInput("Deze dag bestaat niet.", pointer) from error
    if found is None:
        raise InvalidInput("Schrijf een dag, zoals za, morgen, 24-11 of 24 nov.", pointer)
    return found


def _written(said: str, today: date) -> date | None:
    if match := _ISO.fullmatch(said):
        year, month, number = map(int, match.groups())
        return date(year, month, number)
    if match := _NUMBERS.fullmatch(said):
        return _near(int(match[1]), int(match[2]), match[3], today)
    if match := _NAMED.fullmatch(said):
        name = "mrt" if match[2].startswith("maart") else match[2][:3]
        if name in _MONTHS:
            return _near(int(match[1]), _MONTHS.index(name) + 1, match[3], today)
    return None


def _near(number: int, month: int, year: str | None, today: date) -> date:
    if year is not None:
        return date(int(year), month, number)
    found = date(today.year, month, number)
    return found if found >= today - _JUST_PASSED else date(today.year + 1, month, number)
