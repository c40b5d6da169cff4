"""A workbook is the one table that a person sees in it; what can't be read is told by its cell."""

import random
from datetime import date, datetime, time, timedelta

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from app.spreadsheets.reading import read_table
from app.spreadsheets.table import LONGEST_TEXT, MOST_ROWS, Cell
from app.spreadsheets.xlsx_workbook import Format, format_of
from domain.errors import BadSpreadsheet
from tests.factories.spreadsheets import (
    HEADER,
    MAIN,
    by_hand,
    fill,
    first_sheet,
    parts,
    row,
    saved,
    xlsx,
    zipped,
)

GOOD = [HEADER, ("p1", 3, 4), ("p2", 5, 6)]
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/><xf numFmtId="20"/></cellXfs>'
    "</styleSheet>"
)
TOP = row(1, "code", "waarde")


def refusal(content: bytes) -> BadSpreadsheet:
    with pytest.raises(BadSpreadsheet) as caught:
        read_table(content)
    return caught.value


def value(cell: str, **replaced: str) -> Cell:
    """What this cell's XML is read as, in column B under a header."""
    data = f'{TOP}<row r="2"><c r="A2" t="inlineStr"><is><t>p1</t></is></c>{cell}</row>'
    return read_table(by_hand(data, styles=STYLES, **replaced)).rows[0].cells["waarde"]


def test_a_workbook_of_another_program_keeps_its_types() -> None:
    told: list[Cell] = [
        *("tekst", "3", "  ", 3, 2.5, True, False, date(2026, 11, 23)),
        *(datetime(2026, 11, 23, 9, 30), None, "é\n€", -1, datetime(2026, 11, 23)),  # noqa: DTZ001
    ]
    table = read_table(xlsx([[f"k{number}" for number in range(len(told))], told]))
    found = list(table.rows[0].cells.values())
    assert found == [None if cell == "  " else cell for cell in told]
    assert [type(cell) for cell in found[3:9]] == [int, float, bool, bool, date, datetime]


def test_empty_rows_are_skipped_and_numbers_are_those_of_the_sheet() -> None:
    def change(sheet: Worksheet) -> None:
        sheet["C4"], sheet["D4"] = "code", "vrij"
        sheet["C7"], sheet["D7"] = "p1", 3
        sheet["B2"] = "Capaciteit"

    table = read_table(xlsx(change=change))
    assert table.header == ("code", "vrij")
    assert [(found.number, found.cells["vrij"]) for found in table.rows] == [(7, 3)]


def test_merged_cells_are_refused_by_their_range() -> None:
    error = refusal(xlsx(GOOD, lambda sheet: sheet.merge_cells("A2:A3"))).errors[0]
    assert error.row == 2
    assert "A2:A3" in error.detail


def test_formulas_are_refused_by_their_cell() -> None:
    def change(sheet: Worksheet) -> None:
        sheet["B2"] = "=1+2"
        sheet["C3"] = "=SUM(B2:B3)"

    found = refusal(xlsx(GOOD, change))
    assert [(error.row, error.column) for error in found.errors] == [(2, "bezet"), (3, "vrij")]
    assert all("formule" in error.detail for error in found.errors)
    assert "C3" in found.errors[1].detail


@pytest.mark.parametrize("formula", ["<f>1+2</f>", '<f t="shared" si="0"/>', "<f/>"])
def test_a_formula_is_refused_also_when_its_result_stands_beside_it(formula: str) -> None:
    found = refusal(by_hand(f'{TOP}<row r="2"><c r="B2">{formula}<v>3</v></c></row>'))
    assert "formule" in found.detail


def test_error_cells_are_refused_by_their_cell() -> None:
    found = refusal(by_hand(f'{TOP}<row r="2"><c r="B2" t="e"><v>#REF!</v></c></row>'))
    assert "B2" in found.detail
    assert "#REF!" in found.detail


def test_what_is_hidden_is_refused_and_not_read() -> None:
    def hide(sheet: Worksheet) -> None:
        sheet.row_dimensions[3].hidden = True
        sheet.row_dimensions[9].hidden = True
        sheet.column_dimensions["B"].hidden = True
        sheet.column_dimensions["F"].hidden = True

    found = refusal(xlsx(GOOD, hide))
    assert [(error.row, error.column) for error in found.errors] == [(None, "B"), (3, None)]
    assert all("verborgen" in error.detail for error in found.errors)


def test_a_hidden_sheet_is_left_alone() -> None:
    for state in ("hidden", "veryHidden"):
        workbook = Workbook()
        fill(first_sheet(workbook), [("keuze 1", "keuze 2")])
        first_sheet(workbook).sheet_state = state
        fill(workbook.create_sheet("Capaciteit"), GOOD)
        workbook.active = 1
        assert read_table(saved(workbook)).header == HEADER


def test_the_first_sheet_with_something_in_it_is_read() -> None:
    workbook = Workbook()
    fill(workbook.create_sheet("Vrij"), GOOD)
    workbook.create_sheet("Leeg")
    workbook.create_chartsheet("Grafiek")
    assert len(read_table(saved(workbook)).rows) == 2


def test_a_second_sheet_with_something_in_it_is_refused_by_name() -> None:
    workbook = Workbook()
    fill(first_sheet(workbook), GOOD)
    workbook.create_sheet("Vorige week")["Z90"] = "x"
    assert "'Vorige week'" in refusal(saved(workbook)).detail


def test_an_empty_workbook_is_told_so() -> None:
    assert "leeg" in refusal(xlsx()).detail


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('<c r="B2"><v>3</v></c>', 3),
        ('<c r="B2" t="n"><v> 3.0 </v></c>', 3.0),
        ('<c r="B2"><v>1E+3</v></c>', 1000.0),
        ('<c r="B2"><v></v></c>', None),
        ('<c r="B2" t="b"><v>1</v></c>', True),
        ('<c r="B2" t="b"><v>0</v></c>', False),
        ('<c t="str"><v>tekst_x000D_</v></c>', "tekst\r"),
        ('<c t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r><rPh><t>c</t></rPh></is></c>', "ab"),
        ('<c t="d"><v>2026-11-23</v></c>', date(2026, 11, 23)),
        ('<c t="d"><v>2026-11-23T09:30:00</v></c>', datetime(2026, 11, 23, 9, 30)),  # noqa: DTZ001
        ('<c s="1"><v>46349</v></c>', date(2026, 11, 23)),
        ('<c s="2"><v>46349.3958333333</v></c>', datetime(2026, 11, 23, 9, 30)),  # noqa: DTZ001
        ('<c s="1"><v>46349.5</v></c>', datetime(2026, 11, 23, 12)),  # noqa: DTZ001
        ('<c s="1"><v>59</v></c>', date(1900, 2, 28)),
        ('<c s="1"><v>61</v></c>', date(1900, 3, 1)),
        ('<c s="1"><v>2958465</v></c>', date(9999, 12, 31)),
        ('<c s="3"><v>0.39583333333</v></c>', "09:30"),
        ('<c s="3"><v>0.5000115741</v></c>', "12:00:01"),
        ('<c s="999"><v>3</v></c>', 3),
        ('<c s="drie"><v>3</v></c>', 3),
    ],
)
def test_a_cell_is_read_as_it_is_shown(cell: str, expected: Cell) -> None:
    found = value(cell)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    "cell",
    [
        '<c s="1"><v>60</v></c>',
        '<c s="1"><v>-1</v></c>',
        '<c s="1"><v>0</v></c>',
        '<c s="1"><v>2958466</v></c>',
        '<c s="2"><v>2958465.999999999</v></c>',
        '<c s="1"><v>1e300</v></c>',
        "<c><v>1e999</v></c>",
        "<c><v>nan</v></c>",
        "<c><v>drie</v></c>",
        f"<c><v>{'9' * 5000}</v></c>",
        '<c t="s"><v>0</v></c>',
        '<c t="s"><v>-1</v></c>',
        '<c t="s"><v>x</v></c>',
        '<c t="d"><v>2026-02-30</v></c>',
        '<c t="d"><v>09:30</v></c>',
        '<c t="wat"><v>1</v></c>',
    ],
)
def test_a_cell_that_says_nothing_is_told_by_its_place(cell: str) -> None:
    with pytest.raises(BadSpreadsheet) as caught:
        value(cell)
    error = caught.value.errors[0]
    assert (error.row, error.column) == (2, "waarde")
    assert "B2" in error.detail


def test_days_may_count_from_1904() -> None:
    workbook = parts()["xl/workbook.xml"].replace("<sheets>", '<workbookPr date1904="1"/><sheets>')
    assert value('<c s="1"><v>44887</v></c>', workbook=workbook) == date(2026, 11, 23)


def test_shared_texts_keep_their_runs_and_lose_their_phonetics() -> None:
    shared = (
        f'<sst xmlns="{MAIN}"><si><t>x</t></si>'
        "<si><r><t>Huize </t></r><r><t>Zee</t></r><rPh><t>zee</t></rPh></si></sst>"
    )
    assert value('<c t="s"><v>1</v></c>', shared=shared) == "Huize Zee"


@pytest.mark.parametrize("length", [LONGEST_TEXT + 1, 3_000_000])
def test_a_very_long_text_is_told_by_its_place(length: int) -> None:
    long = random.Random(3).randbytes(length // 2 + 1).hex()[:length]
    error = refusal(by_hand(TOP + row(2, "p1", long))).errors[0]
    assert (error.row, error.column) == (2, "waarde")
    shared = f'<sst xmlns="{MAIN}"><si><t>{long}</t></si></sst>'
    data = f'{TOP}<row r="2"><c r="B2" t="s"><v>0</v></c></row>'
    assert "langer" in refusal(by_hand(data, shared=shared)).detail
    assert value(f'<c t="str"><v>{"x" * LONGEST_TEXT}</v></c>') == "x" * LONGEST_TEXT


@pytest.mark.parametrize("escape", ["_x0000_", "_xD800_", "_xFFFF_"])
def test_a_sign_hidden_in_an_escape_is_refused(escape: str) -> None:
    assert "niet te lezen" in refusal(by_hand(TOP + row(2, "p1", escape))).detail


def test_the_sixty_fifth_column_is_refused_unless_it_is_empty() -> None:
    wide: list[list[object]] = [[f"k{number}" for number in range(64)], list(range(64))]
    styled = lambda sheet: setattr(sheet["ZZ2"], "number_format", "0.00")  # noqa: E731
    assert len(read_table(xlsx(wide, styled)).header) == 64
    found = refusal(xlsx(wide, lambda sheet: setattr(sheet["XFD2"], "value", 1)))
    assert "64 kolommen" in found.detail


def test_five_thousand_rows_are_taken_and_one_more_is_not() -> None:
    rows = [row(number, f"p{number}", "x") for number in range(2, MOST_ROWS + 3)]
    assert len(read_table(by_hand(TOP + "".join(rows[:-1]))).rows) == MOST_ROWS
    assert "5000 regels" in refusal(by_hand(TOP + "".join(rows))).detail


def test_a_hundred_thousand_rows_end_the_reading_before_what_comes_after_them() -> None:
    rows = "".join(row(number, f"p{number}", "x") for number in range(2, 100_002))
    assert "5000 regels" in refusal(by_hand(f"{TOP}{rows}<torn")).detail


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("General", Format.NUMBER),
        ("0.00", Format.NUMBER),
        ('0 "dagen"', Format.NUMBER),
        (r"0\d", Format.NUMBER),
        ("[Red]0", Format.NUMBER),
        ("[h]:mm", Format.NUMBER),
        ("dd-mm-yyyy", Format.DATE),
        ("[$-413]d mmmm yyyy;@", Format.DATE),
        ("mmm", Format.DATE),
        ("d-m-yy h:mm", Format.MOMENT),
        ("h:mm", Format.TIME),
        ("mm:ss", Format.TIME),
    ],
)
def test_a_format_shows_what_its_signs_say(code: str, expected: Format) -> None:
    assert format_of(code) is expected


def test_a_time_of_day_of_another_program_is_its_text() -> None:
    content = xlsx([("code", "open", "duur"), ("p1", time(9, 30), timedelta(hours=26))])
    found = read_table(content).rows[0].cells
    assert found["open"] == "09:30"
    assert isinstance(found["duur"], float)


def test_a_strict_workbook_is_read_too() -> None:
    strict = "http://purl.oclc.org/ooxml/spreadsheetml/main"
    entries = {
        name: part.replace(MAIN, strict) for name, part in parts(TOP + row(2, "p1", "x")).items()
    }
    assert read_table(zipped(entries)).rows[0].cells == {"code": "p1", "waarde": "x"}
