"""What an XLSX file says around its sheets: which there are, the shared texts, and which numbers are dates."""

import posixpath
import re
from dataclasses import dataclass
from enum import Enum

from app.spreadsheets.table import LONGEST_TEXT
from app.spreadsheets.xlsx_package import Package, damaged, too_large
from domain.errors import BadSpreadsheet

_PACKAGE = "http://schemas.openxmlformats.org/package/2006/"
_RELATIONSHIP = f"{_PACKAGE}relationships Relationship"
_WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
#: Characters of all shared texts together.
_MOST_TEXT = 8_000_000
_MOST_SHEETS = 100

_NO_SHEET = "Dit zip-bestand is geen .xlsx. Sla de spreadsheet op als .xlsx of .csv."
_MACROS = "Dit bestand bevat macro's. Sla het op als .xlsx (zonder macro's)."
_OTHER_PROGRAM = "Dit is een {kind}-bestand. Sla het op als .xlsx of .csv."

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
#: What of a number format isn't format: quoted text, a sign after \ or _ or *, colours and conditions.
_DECORATION = re.compile(r'"[^"]*"|[\\_*].|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)


class Format(Enum):
    """How a number is shown."""

    NUMBER = 0
    DATE = 1
    MOMENT = 2
    TIME = 3


#: The built-in formats of ECMA-376 part 1, 18.8.30; 27 to 36 and 50 to 58 are Asian dates. 46, [h]:mm:ss,
#: is a duration and stays a number.
_BUILT_IN = {
    **dict.fromkeys(map(str, (14, 15, 16, 17, *range(27, 32), 36, *range(50, 59))), Format.DATE),
    **dict.fromkeys(map(str, (18, 19, 20, 21, *range(32, 36), 45, 47)), Format.TIME),
    "22": Format.MOMENT,
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet that a person sees."""

    title: str
    part: str


@dataclass(frozen=True, slots=True)
class Workbook:
    """`formats` by a cell's style number; `from_1904`: days count from 1904, as on an old Mac."""

    sheets: tuple[Sheet, ...]
    texts: list[str]
    formats: list[Format]
    from_1904: bool


def workbook_of(package: Package) -> Workbook:
    """The workbook in a package. Raises BadSpreadsheet, also for other kinds of files in a zip."""
    root = _root(package)
    parts = _relations(package, root)
    sheets, from_1904 = _sheets(package, root, parts)
    shared = [part for kind, part in parts.values() if kind == "sharedStrings"]
    styles = [part for kind, part in parts.values() if kind == "styles"]
    return Workbook(
        sheets,
        _texts(package, shared[0]) if shared else [],
        _formats(package, styles[0]) if styles else [],
        from_1904,
    )


def unescaped(text: str) -> str:
    """A text with the signs back that XML can't hold: `_x000D_` is a carriage return."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def format_of(code: str) -> Format:
    """What a format code such as `dd-mm-yyyy hh:mm` shows."""
    signs = _DECORATION.sub("", code.split(";", maxsplit=1)[0]).lower()
    if "[" in signs or "general" in signs:
        return Format.NUMBER
    day = "d" in signs or "y" in signs or ("m" in signs and "h" not in signs and "s" not in signs)
    time = "h" in signs or "s" in signs
    if day:
        return Format.MOMENT if time else Format.DATE
    return Format.TIME if time else Format.NUMBER


def _root(package: Package) -> str:
    if "[content_types].xml" not in package:
        if b"opendocument" in package.start_of("mimetype", 100):
            raise BadSpreadsheet(_OTHER_PROGRAM.format(kind="LibreOffice"))
        if package.under("index/"):
            raise BadSpreadsheet(_OTHER_PROGRAM.format(kind="Numbers"))
        raise BadSpreadsheet(_NO_SHEET)
    kinds: dict[str, str] = {}

    def start(_name: str, attributes: dict[str, str]) -> None:
        kind = attributes.get("ContentType", "")
        kinds.setdefault(kind, attributes.get("PartName", "").removeprefix("/"))
        if "macro" in kind.lower() or "vbaproject" in kind.lower():
            raise BadSpreadsheet(_MACROS)

    package.parse_all("[content_types].xml", start)
    if package.under("xl/vbaproject") or package.under("xl/macrosheets/"):
        raise BadSpreadsheet(_MACROS)
    if any("sheet.binary" in kind for kind in kinds):
        raise BadSpreadsheet(_OTHER_PROGRAM.format(kind=".xlsb"))
    if _WORKBOOK_TYPE not in kinds:
        raise BadSpreadsheet(_NO_SHEET)
    # Some programs give the type to every .xml file by default, and name no part.
    return kinds[_WORKBOOK_TYPE] or "xl/workbook.xml"


def _relations(package: Package, root: str) -> dict[str, tuple[str, str]]:
    """The parts that belong to the workbook: (kind, name) by id. What lies outside the file is left out."""
    folder, name = posixpath.split(root)
    found: dict[str, tuple[str, str]] = {}

    def start(element: str, attributes: dict[str, str]) -> None:
        if element != _RELATIONSHIP or attributes.get("TargetMode") == "External":
            return
        target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))
        kind = attributes.get("Type", "").rpartition("/")[2]
        found[attributes.get("Id", "")] = (kind, target.lstrip("/"))

    package.parse_all(posixpath.join(folder, "_rels", f"{name}.rels"), start)
    return found


def _sheets(
    package: Package, root: str, parts: dict[str, tuple[str, str]]
) -> tuple[tuple[Sheet, ...], bool]:
    found: list[Sheet] = []
    from_1904 = False

    def start(element: str, attributes: dict[str, str]) -> None:
        nonlocal from_1904
        if element == "workbookPr":
            from_1904 = attributes.get("date1904") in {"1", "true"}
        if element != "sheet" or attributes.get("state", "visible") != "visible":
            return
        relation = next((value for key, value in attributes.items() if key.endswith(" id")), "")
        if relation not in parts:
            raise damaged()
        # A sheet of another kind, such as a chart, has no cells.
        found.append(Sheet(attributes.get("name", ""), parts[relation][1]))

    package.parse_all(root, start)
    if len(found) > _MOST_SHEETS:
        raise too_large()
    return tuple(found), from_1904


def _texts(package: Package, part: str) -> list[str]:
    """The shared texts, each cut off just past the longest that is taken."""
    found: list[str] = []
    runs: list[str] = []
    inside = False
    phonetic = False
    total = 0

    def start(element: str, _attributes: dict[str, str]) -> None:
        nonlocal inside, phonetic
        if element == "si":
            runs.clear()
        elif element == "rPh":
            phonetic = True
        inside = element == "t" and not phonetic

    def end(element: str) -> None:
        nonlocal inside, phonetic, total
        inside = False
        if element == "rPh":
            phonetic = False
        elif element == "si":
            text = unescaped("".join(runs))[: LONGEST_TEXT + 1]
            total += len(text)
            if total > _MOST_TEXT:
                raise too_large()
            found.append(text)

    def text(data: str) -> None:
        if inside:
            runs.append(data)

    package.parse_all(part, start, end, text)
    return found


def _formats(package: Package, part: str) -> list[Format]:
    own: dict[str, Format] = {}
    found: list[Format] = []
    in_cells = False

    def start(element: str, attributes: dict[str, str]) -> None:
        nonlocal in_cells
        if element == "numFmt":
            own[attributes.get("numFmtId", "")] = format_of(attributes.get("formatCode", "")[:500])
        elif element == "cellXfs":
            in_cells = True
        elif element == "xf" and in_cells:
            number = attributes.get("numFmtId", "0")
            found.append(own.get(number) or _BUILT_IN.get(number, Format.NUMBER))

    def end(element: str) -> None:
        nonlocal in_cells
        if element == "cellXfs":
            in_cells = False

    package.parse_all(part, start, end)
    return found
