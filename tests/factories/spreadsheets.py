"""Spreadsheets as people send them, and as somebody with bad intentions would."""

import io
import struct
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

HEADER = ("code", "bezet", "vrij")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET_PART = "xl/worksheets/sheet1.xml"

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8"?>'
_WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"

_CENTRAL = b"PK\x01\x02"
#: Where an entry of the central directory says how large it is unpacked.
_CENTRAL_SIZE = 24
_LOCAL_SIZE = 22


def csv_text(rows: Iterable[Sequence[object]], delimiter: str = ";") -> str:
    """Rows as Excel writes them, without quotes."""
    return "".join(delimiter.join(map(str, row)) + "\r\n" for row in rows)


def xlsx(
    rows: Iterable[Sequence[object]] = (), change: Callable[[Worksheet], object] | None = None
) -> bytes:
    """A workbook of one sheet, as another program makes it; `change` does more with the sheet."""
    workbook = Workbook()
    sheet = first_sheet(workbook)
    fill(sheet, rows)
    if change:
        change(sheet)
    return saved(workbook)


def fill(sheet: Worksheet, rows: Iterable[Sequence[object]]) -> None:
    """Adds rows to a sheet."""
    for row in rows:
        sheet.append(list(row))


def first_sheet(workbook: Workbook) -> Worksheet:
    """The sheet that a new workbook has."""
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    return sheet


def saved(workbook: Workbook) -> bytes:
    """The bytes of its file."""
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def parts(sheet_data: str = "", **replaced: str) -> dict[str, str]:
    """The smallest XLSX by hand: one sheet with this XML in its sheetData.

    `replaced` are whole parts: types, workbook, relations, sheet, shared, styles.
    """
    found = {
        "types": f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_WORKBOOK_TYPE}"/></Types>',
        "workbook": f'{_XML}<workbook xmlns="{MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="Blad1" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "relations": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/sharedStrings" Target="/xl/sharedStrings.xml"/>'
        f'<Relationship Id="rId3" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "sheet": f'{_XML}<worksheet xmlns="{MAIN}"><sheetData>{sheet_data}</sheetData></worksheet>',
        "shared": f'{_XML}<sst xmlns="{MAIN}"/>',
        "styles": f'{_XML}<styleSheet xmlns="{MAIN}"/>',
    } | replaced
    return {
        "[Content_Types].xml": found["types"],
        "xl/workbook.xml": found["workbook"],
        "xl/_rels/workbook.xml.rels": found["relations"],
        SHEET_PART: found["sheet"],
        "xl/sharedStrings.xml": found["shared"],
        "xl/styles.xml": found["styles"],
    }


def by_hand(sheet_data: str = "", **replaced: str) -> bytes:
    """The zip of those parts."""
    return zipped(parts(sheet_data, **replaced))


def zipped(entries: Mapping[str, str | bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip file of these entries."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packing) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file.getvalue()


def row(number: int, *cells: str) -> str:
    """The XML of a row with these texts in it."""
    inside = "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells)
    return f'<row r="{number}">{inside}</row>'


def lying(content: bytes, name: str, size: int) -> bytes:
    """The zip with a header, and a directory, that claim another unpacked size for one entry."""
    found = bytearray(content)
    entry = zipfile.ZipFile(io.BytesIO(content)).getinfo(name)
    struct.pack_into("<I", found, entry.header_offset + _LOCAL_SIZE, size)
    at = found.index(_CENTRAL)
    while not found[at + 46 :].startswith(name.encode()):
        at = found.index(_CENTRAL, at + 1)
    struct.pack_into("<I", found, at + _CENTRAL_SIZE, size)
    return bytes(found)


def locked(content: bytes) -> bytes:
    """The zip with entries that say they are encrypted."""
    found = bytearray(content)
    at = found.find(_CENTRAL)
    while at >= 0:
        found[at + 8] |= 1
        at = found.find(_CENTRAL, at + 1)
    return bytes(found)
