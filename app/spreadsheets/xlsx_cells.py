"""The value of a cell in a worksheet, from how XLSX writes it."""

import math
import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from app.spreadsheets.table import Cell, Flaw, shown
from app.spreadsheets.xlsx_workbook import Format, Workbook, unescaped

_WHOLE = re.compile(r"[-+]?[0-9]{1,15}")
#: Excel counts days from here; it takes 1900 for a leap year, so up to 59 its count is one less.
_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - what a cell shows has no zone
_DAY_ZERO_1904 = datetime(1904, 1, 1)  # noqa: DTZ001 - what a cell shows has no zone
_NO_SUCH_DAY = 60
#: 31 December 9999.
_LAST_DAY = 2_958_465
_DAY_SECONDS = 86_400


@dataclass(slots=True)
class Raw:
    """A cell as written: its type, the number of its style, and its text in pieces."""

    kind: str
    style: str
    value: list[str] = field(default_factory=list)
    formula: bool = False


def value_of(raw: Raw, place: str, workbook: Workbook) -> Cell | Flaw:
    """What the cell holds, or why it can't be read. A time of day without date is text, `09:30`."""
    if raw.formula:
        return Flaw(f"In cel {place} staat een formule. Vervang die door de waarde.")
    text = "".join(raw.value)
    match raw.kind:
        case "n" | "":
            return _number(text.strip(), place, _format(raw, workbook), workbook.from_1904)
        case "s":
            shared = text.strip()
            if not (_WHOLE.fullmatch(shared) and 0 <= int(shared) < len(workbook.texts)):
                return None if not shared else _unreadable(place)
            return _filled(workbook.texts[int(shared)])
        case "str" | "inlineStr":
            return _filled(unescaped(text))
        case "b":
            return text.strip() in {"1", "true"} if text.strip() else None
        case "e":
            return Flaw(f"In cel {place} staat een fout: {shown(text)}. Herstel de cel.")
        case "d":
            return _iso(text.strip(), place)
        case _:
            return _unreadable(place)


def _format(raw: Raw, workbook: Workbook) -> Format:
    style = int(raw.style) if _WHOLE.fullmatch(raw.style) else 0
    return workbook.formats[style] if 0 <= style < len(workbook.formats) else Format.NUMBER


def _filled(text: str) -> str | None:
    return text if text and not text.isspace() else None


def _unreadable(place: str) -> Flaw:
    return Flaw(f"De inhoud van cel {place} is niet te lezen.")


def _number(text: str, place: str, shown_as: Format, from_1904: bool) -> Cell | Flaw:
    if not text:
        return None
    try:
        number = int(text) if _WHOLE.fullmatch(text) else float(text)
    except ValueError:
        return _unreadable(place)
    if not math.isfinite(number):
        return _unreadable(place)
    if shown_as is Format.NUMBER:
        return number
    return _moment(number, place, shown_as, from_1904)


def _moment(serial: float, place: str, shown_as: Format, from_1904: bool) -> Cell | Flaw:
    """A date is what whole days shown without a time are; anything else on a day has its time."""
    first = 0 if from_1904 or shown_as is Format.TIME else 1
    day = math.floor(serial)
    if not first <= serial < _LAST_DAY + 1 or (day == _NO_SUCH_DAY and not from_1904):
        return Flaw(f"In cel {place} staat een datum die niet bestaat ({shown(serial)}).")
    zero = _DAY_ZERO_1904 if from_1904 else _DAY_ZERO
    if day < _NO_SUCH_DAY and not from_1904:
        day += 1
    seconds = round((serial % 1) * _DAY_SECONDS)
    try:
        moment = zero + timedelta(days=day, seconds=seconds)
    except OverflowError:
        return Flaw(f"In cel {place} staat een datum die niet bestaat ({shown(serial)}).")
    if shown_as is Format.TIME and serial < 1:
        return f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"
    if shown_as is Format.DATE and not seconds:
        return moment.date()
    return moment


def _iso(text: str, place: str) -> Cell | Flaw:
    if not text:
        return None
    try:
        if len(text) == len("2026-11-23"):
            return date.fromisoformat(text)
        return datetime.fromisoformat(text)
    except ValueError:
        return Flaw(f"In cel {place} staat een datum die niet bestaat ({shown(text)}).")
