"""What a cell of an uploaded table means: a whole number, a text, a day, a moment.

Each gives None for an empty cell and raises ValueError, in Dutch, for what is something else.
"""

import re
from datetime import UTC, date, datetime

from app.spreadsheets.table import Cell, shown
from domain.calendar import AMSTERDAM, MIDNIGHT

_WHOLE = re.compile(r"[-+]?[0-9]{1,15}")
_LARGEST = 10**15
_DAY = r"(?P<day>[0-9]{1,2})-(?P<month>[0-9]{1,2})-(?P<year>[0-9]{4})"
_ISO_DAY = r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
_TIME = r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?"
_DAYS = tuple(re.compile(day) for day in (_DAY, _ISO_DAY))
_WALL_TIMES = tuple(re.compile(rf"{day}[ T]+{_TIME}") for day in (_DAY, _ISO_DAY))
_YEARS = range(1900, 2200)


def whole_number(cell: Cell) -> int | None:
    """`3`, `3.0` and `" 3 "` are three; a fraction, a word, WAAR or a date is no number."""
    cell = _bare(cell)
    if cell is None:
        return None
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if abs(cell) < _LARGEST and cell == int(cell):
            return int(cell)
    elif isinstance(cell, str) and _WHOLE.fullmatch(cell):
        return int(cell)
    raise ValueError(f"Hier hoort een heel getal, niet {shown(cell)}.")


def text(cell: Cell) -> str | None:
    """The text without spaces around it; a whole number is its digits, since a spreadsheet makes one of a code.

    A date is refused: a spreadsheet makes those of texts such as `1-2`, and the text is lost.
    """
    cell = _bare(cell)
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool | date):
        raise ValueError(f"Hier hoort tekst, niet {shown(cell)}. Maak de cel op als tekst.")
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _LARGEST:
        return str(int(cell))
    return str(cell)


def day(cell: Cell) -> date | None:
    """A date, a moment at midnight, `2026-11-23` or `23-11-2026`."""
    cell = _bare(cell)
    if cell is None:
        return None
    found = _wall_time(cell, _DAYS) if isinstance(cell, str) else cell
    if isinstance(found, datetime) and found.tzinfo is None and found.time() == MIDNIGHT:
        found = found.date()
    if isinstance(found, date) and not isinstance(found, datetime) and found.year in _YEARS:
        return found
    raise ValueError(f"Hier hoort een datum zoals 23-11-2026, niet {shown(cell)}.")


def moment(cell: Cell) -> datetime | None:
    """A moment in UTC, from ISO 8601 with a zone, or from what the clock in Amsterdam shows.

    A time that the clock skips or shows twice (the nights in which it changes) is refused without zone.
    """
    cell = _bare(cell)
    if cell is None:
        return None
    found: datetime | None = None
    if isinstance(cell, datetime):
        found = cell
    elif isinstance(cell, str):
        found = _wall_time(cell, _WALL_TIMES) or _zoned(cell)
    if found is None or found.year not in _YEARS:
        raise ValueError(
            f"Hier hoort een datum met tijd zoals 23-11-2026 09:30, niet {shown(cell)}."
        )
    return found.astimezone(UTC) if found.tzinfo else _in_amsterdam(found)


def _bare(cell: Cell) -> Cell:
    if isinstance(cell, str):
        return cell.strip() or None
    return cell


def _wall_time(cell: str, patterns: tuple[re.Pattern[str], ...]) -> datetime | None:
    for pattern in patterns:
        if found := pattern.fullmatch(cell):
            parts = {name: int(value) for name, value in found.groupdict("0").items()}
            try:
                return datetime(**parts)  # type: ignore[arg-type]  # noqa: DTZ001 - the clock on the wall
            except ValueError:
                return None
    return None


def _zoned(cell: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(cell)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _in_amsterdam(wall: datetime) -> datetime:
    first = wall.replace(tzinfo=AMSTERDAM)
    second = first.replace(fold=1)
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    if first.astimezone(UTC).astimezone(AMSTERDAM).replace(tzinfo=None) == wall:
        raise ValueError(
            f"De klok is die nacht twee keer {wall:%H:%M}. Zet de zone erbij, zoals"
            f" {wall:%Y-%m-%dT%H:%M}+01:00."
        )
    raise ValueError(f"De klok is die nacht niet {wall:%H:%M}: het uur wordt overgeslagen.")
