"""The lines of an XLSX file: of the one sheet that a person sees something in.

Links to other files aren't followed, and can't matter: only formulas use them, and those are refused.
"""

from collections.abc import Iterator

from app.spreadsheets import xlsx_sheet
from app.spreadsheets.table import Findings, Line, shown
from app.spreadsheets.xlsx_package import Package
from app.spreadsheets.xlsx_workbook import workbook_of
from domain.errors import BadSpreadsheet


def lines(content: bytes, findings: Findings) -> Iterator[Line]:
    """The lines with something in them; errors outside any line go to `findings`. Raises BadSpreadsheet."""
    package = Package(content)
    workbook = workbook_of(package)
    filled = [
        sheet
        for sheet in workbook.sheets
        if next(xlsx_sheet.lines(package, workbook, sheet, Findings()), None)
    ]
    if len(filled) > 1:
        names = " en ".join(shown(sheet.title) for sheet in filled[:2])
        raise BadSpreadsheet(
            f"Er staat iets op meer dan één werkblad: {names}. Laat één werkblad over, of verberg de"
            " andere."
        )
    if not filled:
        return iter(())
    return xlsx_sheet.lines(package, workbook, filled[0], findings)
