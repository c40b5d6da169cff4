"""Lines of cells into a table: where the header is, and what can't stand in one."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain

from domain.errors import MOST_TOLD, BadSpreadsheet, SheetError

#: Below the header.
MOST_ROWS = 5000
MOST_COLUMNS = 64
#: Characters in one cell.
LONGEST_TEXT = 2000
_LONGEST_NAME = 100
_TOO_WIDE = f"Er staan meer dan {MOST_COLUMNS} kolommen in het bestand."
#: Lines of one cell that may stand above the header: a title, a date, a remark.
_MOST_TITLES = 10

#: What PostgreSQL, JSON or a person can't take, and the sign that an earlier program left for what it lost.
_STRANGE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffd-\uffff]")
_VALUE = re.compile(r"[-+]?[0-9]+([.,:/-][0-9]+)*")
_SPACES = re.compile(r"\s+")

Cell = str | int | float | bool | date | datetime | None


@dataclass(frozen=True, slots=True)
class Flaw:
    """A cell that can't be read, and why in Dutch."""

    detail: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file. `number` is what the spreadsheet shows; cells by column from 0, empty ones left out."""

    number: int
    cells: Mapping[int, Cell | Flaw]
    flaw: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A filled line below the header. Every name of the header has its cell, None when it is empty."""

    number: int
    cells: dict[str, Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """What a file says: the names of its columns as written, and its filled rows in order."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(slots=True)
class Findings:
    """What is wrong with a file: the first fifty, and how many there were."""

    told: list[SheetError] = field(default_factory=list)
    count: int = 0

    def add(self, row: int | None, column: str | None, detail: str) -> None:
        """One more error at this place."""
        self.count += 1
        if len(self.told) < MOST_TOLD:
            self.told.append(SheetError(row, column, detail))

    def refuse(self) -> None:
        """Raises BadSpreadsheet when anything was found."""
        if not self.count:
            return
        if self.count == 1:
            raise BadSpreadsheet(self.told[0].detail, self.told)
        more = f" De eerste {MOST_TOLD} staan hieronder." if self.count > MOST_TOLD else ""
        raise BadSpreadsheet(
            f"Er staan {self.count} fouten in het bestand. Er is niets gewijzigd.{more}", self.told
        )


def letter(column: int) -> str:
    """How a spreadsheet names a column: 0 is A, 26 is AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def shown(cell: Cell) -> str:
    """A cell's content for in a sentence, shortened."""
    match cell:
        case bool():
            text = "WAAR" if cell else "ONWAAR"
        case datetime():
            text = f"{cell:%d-%m-%Y %H:%M}"
        case date():
            text = f"{cell:%d-%m-%Y}"
        case _:
            text = _SPACES.sub(" ", str(cell)).strip()
    text = _STRANGE.sub("?", text[:41])
    return f"'{text[:40]}…'" if len(text) > 40 else f"'{text}'"


def table_of(lines: Iterable[Line], findings: Findings) -> Table:
    """The table that the lines hold. Raises BadSpreadsheet, also for what others put in `findings`.

    The header is the first line with two or more filled cells; when there is none, the first line is
    the header of a single column. Lines are taken one by one, and no more of them than are allowed.
    """
    filled = (line for line in lines if line.cells)
    top, rest = _from_header(filled)
    if top is None:
        findings.refuse()
        raise BadSpreadsheet("Het bestand is leeg: er staat geen kopregel en geen regel in.")
    names = _names(top)
    rows: list[Row] = []
    for line in rest:
        if len(rows) == MOST_ROWS:
            raise BadSpreadsheet(
                f"Het bestand heeft meer dan {MOST_ROWS} regels. Verdeel het over meer bestanden."
            )
        rows.append(_row(line, names, findings))
    findings.refuse()
    if not rows:
        raise BadSpreadsheet("Onder de kopregel staat niets.")
    return Table(tuple(names.values()), tuple(rows))


def _from_header(lines: Iterator[Line]) -> tuple[Line | None, Iterator[Line]]:
    narrow: list[Line] = []
    for line in lines:
        if len(line.cells) > 1:
            return line, lines
        narrow.append(line)
        if len(narrow) > _MOST_TITLES:
            break
    if not narrow:
        return None, lines
    return narrow[0], chain(narrow[1:], lines)


def _names(top: Line) -> dict[int, str]:
    findings = Findings()
    if top.flaw:
        findings.add(top.number, None, top.flaw)
    names: dict[int, str] = {}
    seen: dict[str, int] = {}
    for column, cell in top.cells.items():
        name = _name(cell) if column < MOST_COLUMNS else Flaw(_TOO_WIDE)
        if isinstance(name, Flaw):
            findings.add(top.number, letter(column), name.detail)
        elif (first := seen.setdefault(name.casefold(), column)) != column:
            detail = f"De kolomnaam {shown(name)} staat er twee keer: in {letter(first)} en {letter(column)}."
            findings.add(top.number, name, detail)
        else:
            names[column] = name
    findings.refuse()
    return names


def _name(cell: Cell | Flaw) -> str | Flaw:
    if isinstance(cell, Flaw):
        return cell
    name = _SPACES.sub(" ", cell).strip() if isinstance(cell, str) else ""
    if not name or _VALUE.fullmatch(name):
        return Flaw(
            f"Hier hoort een kolomnaam, niet {shown(cell)}. De eerste regel van de tabel moet de"
            " kopregel zijn."
        )
    if len(name) > _LONGEST_NAME:
        return Flaw(f"Een kolomnaam mag hoogstens {_LONGEST_NAME} tekens lang zijn.")
    if _STRANGE.search(name):
        return Flaw("In deze kolomnaam staat een teken dat niet te lezen is.")
    return name


def _row(line: Line, names: dict[int, str], findings: Findings) -> Row:
    if line.flaw:
        findings.add(line.number, None, line.flaw)
    cells: dict[str, Cell] = dict.fromkeys(names.values())
    for column, cell in line.cells.items():
        name = names.get(column)
        detail = cell.detail if isinstance(cell, Flaw) else _wrong(cell, column, name)
        if detail:
            findings.add(line.number, name or letter(column), detail)
        elif name is not None and not isinstance(cell, Flaw):
            cells[name] = cell
    return Row(line.number, cells)


def _wrong(cell: Cell, column: int, name: str | None) -> str:
    if column >= MOST_COLUMNS:
        return _TOO_WIDE
    if name is None:
        return f"Kolom {letter(column)} heeft geen naam in de kopregel, maar hier staat wel iets."
    if isinstance(cell, str):
        if len(cell) > LONGEST_TEXT:
            return f"De tekst is langer dan {LONGEST_TEXT} tekens."
        if _STRANGE.search(cell):
            return "In deze tekst staat een teken dat niet te lezen is."
    return ""
