"""The lines of a CSV file, as Excel and registration systems in the Netherlands write them."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from app.spreadsheets.table import MOST_COLUMNS, Line
from domain.errors import BadSpreadsheet, SheetError

#: The first is what Dutch Excel writes; an earlier one wins a draw.
_DELIMITERS = (";", "\t", ",")
#: Lines that are looked at to find the delimiter.
_LOOKED_AT = 20
#: Excel takes the delimiter from such a first line and doesn't show it as a row.
_SEP_LINE = re.compile(r'"?sep=([;,\t|])"?(?:\r\n|\r|\n|\Z)', re.IGNORECASE)

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
#: What Dutch text holds besides ASCII. Not Ã or Â: those are UTF-8 read as if it were Windows-1252; nor Ž,
#: ‚, Š and their like: those are accents as an old Mac or DOS wrote them.
_DUTCH = frozenset(
    "áàäâãåæçéèëêíìïîñóòöôõøúùüûýÿßÁÄÅÇÉÈËÊÍÏÎÑÓÖÔÚÜÛ€–—‘’“”…•·°º²³½¼¾±×«»§©®™µ\u00a0"
)
#: An opening quote or a bullet amid a word is an ö, ë or ï of such a machine.
_AMID_A_WORD = re.compile(r"[^\W\d_][‘“”•][^\W\d_]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")

_ENCODING = (
    "De tekens van dit bestand zijn niet te lezen. Sla het op als 'CSV UTF-8 (door komma's gescheiden)'"
    " of als .xlsx."
)


def lines(content: bytes, *, tabs_first: bool = False) -> Iterator[Line]:
    """The lines with something in them. Raises BadSpreadsheet.

    A line's number counts as Excel does: empty lines are rows, a cell of several lines is one row.
    """
    text = _decoded(content)
    if text.lstrip()[:1] == "<":
        raise BadSpreadsheet(
            "Dit is een webpagina of XML, geen spreadsheet. Sla het op als .xlsx of .csv."
        )
    if sep := _SEP_LINE.match(text):
        return _read(text[sep.end() :], sep[1])
    return _read(text, _delimiter(text, tabs_first=tabs_first))


def _decoded(content: bytes) -> str:
    """UTF-8 or UTF-16 by its mark, else UTF-8, else Windows-1252 when that makes Dutch."""
    if content.startswith(_UTF16_MARKS):
        encoding = "utf-16"
    elif b"\0" in content:
        raise BadSpreadsheet(
            "Dit is geen tekstbestand en geen .xlsx. Sla het op als .xlsx of .csv."
        )
    else:
        encoding = "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        if encoding == "utf-16":
            raise BadSpreadsheet(_ENCODING) from None
        text = _windows(content)
    if "\0" in text:
        raise BadSpreadsheet(_ENCODING)
    return text


def _windows(content: bytes) -> str:
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        raise BadSpreadsheet(_ENCODING) from None
    strange = {sign for sign in set(text) if sign > "\x7f"} - _DUTCH
    if strange or _CONTROL.search(text) or _AMID_A_WORD.search(text):
        raise BadSpreadsheet(_ENCODING)
    return text


def _delimiter(text: str, *, tabs_first: bool) -> str:
    """The sign that gives the most of the first lines as many cells as the header has."""
    candidates = sorted(_DELIMITERS, key=lambda sign: sign != "\t") if tabs_first else _DELIMITERS
    return max(candidates, key=lambda sign: _fit(text, sign))


def _fit(text: str, delimiter: str) -> tuple[int, int]:
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        widths = [len(record) for record in islice(filter(None, records), _LOOKED_AT)]
    except csv.Error:
        return (0, 0)
    header = next((width for width in widths if width > 1), 1)
    return (Counter(widths)[header], header) if header > 1 else (0, 1)


def _read(text: str, delimiter: str) -> Iterator[Line]:
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            record = next(records, None)
        except csv.Error as error:
            raise _broken(number, str(error)) from None
        if record is None:
            return
        # Past the last column that is taken, one cell says enough.
        kept = [*record[:MOST_COLUMNS], "".join(record[MOST_COLUMNS:])]
        cells = {column: cell for column, cell in enumerate(kept) if cell and not cell.isspace()}
        if cells:
            yield Line(number, cells)


def _broken(number: int, reason: str) -> BadSpreadsheet:
    if "field limit" in reason:
        detail = "Hier staat een veel te lange tekst, of een aanhalingsteken wordt niet gesloten."
    else:
        detail = (
            "De aanhalingstekens op deze regel kloppen niet: sluit elk aanhalingsteken, en schrijf er"
            " binnen een tekst twee."
        )
    return BadSpreadsheet(detail, [SheetError(number, None, detail)])
