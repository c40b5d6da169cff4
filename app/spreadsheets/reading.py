"""Any uploaded file into a table: what kind it is, by its first bytes."""

from app.spreadsheets import csv_file, xlsx_file
from app.spreadsheets.table import Findings, Table, table_of
from domain.errors import BadSpreadsheet

#: Bytes of an upload.
LARGEST_FILE = 4 * 1024 * 1024

_ZIP = b"PK\x03\x04"
_SAVE_AS = "Sla het op als .xlsx of .csv."
_OLD = (
    "Dit is een oud Excel-bestand (.xls) of een bestand met een wachtwoord. Haal een wachtwoord eraf"
    " en sla het op als .xlsx of .csv."
)
#: Files that come instead of a spreadsheet, by how they begin.
_OTHERS = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OLD),
    (b"PK\x05\x06", "Dit is een leeg zip-bestand, geen spreadsheet."),
    (b"PK\x07\x08", "Dit is een zip-bestand in delen, geen spreadsheet."),
    (b"%PDF", f"Dit is een PDF, geen spreadsheet. {_SAVE_AS}"),
)


def read_table(content: bytes, *, name: str = "", media_type: str = "") -> Table:
    """The one table of an uploaded file. Raises BadSpreadsheet.

    What kind it is follows from the content; the name and the media type only break a tie between
    signs that could separate cells. Takes up to four seconds of processor time (5,000 rows of 12 cells: under one) and
    shares nothing, so call it in a thread.
    """
    if len(content) > LARGEST_FILE:
        raise BadSpreadsheet("Het bestand is te groot: hoogstens 4 MB.")
    for start, detail in _OTHERS:
        if content.startswith(start):
            raise BadSpreadsheet(detail)
    findings = Findings()
    if content.startswith(_ZIP):
        return table_of(xlsx_file.lines(content, findings), findings)
    tabs = name.lower().endswith((".tsv", ".tab")) or "tab-separated" in media_type.lower()
    return table_of(csv_file.lines(content, tabs_first=tabs), findings)
