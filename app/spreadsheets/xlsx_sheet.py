"""One worksheet of an XLSX file, line by line as it is unpacked."""

import re
from collections import deque
from collections.abc import Iterator

from app.spreadsheets.table import LONGEST_TEXT, MOST_COLUMNS, Cell, Findings, Flaw, Line, letter
from app.spreadsheets.xlsx_cells import Raw, value_of
from app.spreadsheets.xlsx_package import Package, damaged
from app.spreadsheets.xlsx_workbook import Sheet, Workbook

_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_LAST_ROW = 1_048_576
_TRUE = frozenset({"1", "true"})
_HIDDEN_ROW = (
    "Deze rij is verborgen, misschien door een filter. Maak alle rijen zichtbaar, of haal ze weg."
)


def lines(package: Package, workbook: Workbook, sheet: Sheet, findings: Findings) -> Iterator[Line]:
    """The lines of a sheet with something in them. What no line is to blame for goes to `findings`."""
    reader = _Reader(workbook, findings)
    for _ in package.parse(sheet.part, reader.start, reader.end, reader.text):
        while reader.done:
            yield reader.done.popleft()


class _Reader:
    """Gathers rows from the events of the XML."""

    def __init__(self, workbook: Workbook, findings: Findings) -> None:
        self.done: deque[Line] = deque()
        self._workbook = workbook
        self._findings = findings
        self._hidden_columns: set[int] = set()
        self._last_described = 0
        self._in_data = False
        self._row = 0
        self._row_hidden = False
        self._column = -1
        self._cells: dict[int, Cell | Flaw] = {}
        self._raw: Raw | None = None
        self._phonetic = False
        self._taking: list[str] | None = None
        self._taken = 0

    def start(self, element: str, attributes: dict[str, str]) -> None:
        if self._in_data:
            self._start_in_data(element, attributes)
        elif element == "sheetData":
            self._in_data = True
        elif element == "col" and attributes.get("hidden") in _TRUE:
            self._hide(_number(attributes.get("min", "")), _number(attributes.get("max", "")))
        elif element == "mergeCell":
            place = attributes.get("ref", "")[:20]
            row = _PLACE.match(place)
            detail = f"De cellen {place} zijn samengevoegd. Splits ze, en vul elke cel."
            self._findings.add(int(row[2]) if row else None, None, detail)

    def _start_in_data(self, element: str, attributes: dict[str, str]) -> None:
        match element:
            case "row":
                self._start_row(attributes)
            case "c":
                self._start_cell(attributes)
            case "f" if self._raw:
                self._raw.formula = True
            case "v" if self._raw:
                self._taking = self._raw.value
            case "t" if self._raw and not self._phonetic:
                self._taking = self._raw.value
            case "rPh":
                self._phonetic = True

    def end(self, element: str) -> None:
        self._taking = None
        match element:
            case "c" if self._raw:
                # Most cells of a formatted sheet are empty.
                if self._raw.value or self._raw.formula:
                    self._keep(self._raw)
                self._raw = None
            case "row" if self._in_data:
                if self._cells:
                    flaw = _HIDDEN_ROW if self._row_hidden else ""
                    self.done.append(Line(self._row, self._cells, flaw))
                    self._cells = {}
            case "rPh":
                self._phonetic = False
            case "sheetData":
                self._in_data = False

    def text(self, data: str) -> None:
        if self._taking is not None and self._taken <= LONGEST_TEXT:
            self._taking.append(data)
            self._taken += len(data)

    def _hide(self, first: int, last: int) -> None:
        if not self._last_described < first <= last:
            raise damaged()
        self._last_described = last
        self._hidden_columns.update(range(first - 1, min(last, MOST_COLUMNS + 1)))

    def _start_row(self, attributes: dict[str, str]) -> None:
        row = _number(attributes["r"]) if "r" in attributes else self._row + 1
        if not self._row < row <= _LAST_ROW:
            raise damaged()
        self._row = row
        self._row_hidden = attributes.get("hidden") in _TRUE
        self._column = -1

    def _start_cell(self, attributes: dict[str, str]) -> None:
        column = self._column + 1
        if "r" in attributes:
            place = _PLACE.fullmatch(attributes["r"])
            if place is None or int(place[2]) != self._row or _index(place[1]) < column:
                raise damaged()
            column = _index(place[1])
        self._column = column
        self._taken = 0
        self._raw = Raw(attributes.get("t", "n"), attributes.get("s", "0"))

    def _keep(self, raw: Raw) -> None:
        cell = value_of(raw, f"{letter(self._column)}{self._row}", self._workbook)
        if cell is None:
            return
        # Past the last column that is taken, one cell says enough.
        column = min(self._column, MOST_COLUMNS)
        self._cells[column] = cell
        if column in self._hidden_columns:
            self._hidden_columns.remove(column)
            detail = f"Kolom {letter(column)} is verborgen. Maak hem zichtbaar, of haal hem weg."
            self._findings.add(None, letter(column), detail)


def _index(letters: str) -> int:
    index = 0
    for sign in letters:
        index = index * 26 + ord(sign) - ord("A") + 1
    return index - 1


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 7):
        raise damaged()
    return int(text)
