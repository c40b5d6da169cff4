"""A CSV file in any usual encoding and layout is one table; anything else is told, by row."""

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.spreadsheets.reading import read_table
from app.spreadsheets.table import Table
from domain.errors import BadSpreadsheet
from tests.factories.spreadsheets import HEADER, csv_text

PLAIN = csv_text([HEADER, ("p1", 3, 4), ("p2", 5, 6)])
DUTCH = csv_text([("code", "naam"), ("p1", "Huize Ënergië, café ‘d’Or’ – foto’s € 5")])


def rows_of(table: Table) -> list[dict[str, object]]:
    return [dict(row.cells) for row in table.rows]


def refusal(content: bytes | str) -> BadSpreadsheet:
    with pytest.raises(BadSpreadsheet) as caught:
        read_table(content.encode() if isinstance(content, str) else content)
    return caught.value


def test_a_plain_file_is_a_table_with_the_row_numbers_of_excel() -> None:
    table = read_table(PLAIN.encode())
    assert table.header == HEADER
    assert [row.number for row in table.rows] == [2, 3]
    assert rows_of(table)[0] == {"code": "p1", "bezet": "3", "vrij": "4"}


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-mark", "utf-16-be-mark", "cp1252"]
)
def test_dutch_is_read_in_every_encoding_that_excel_writes(encoding: str) -> None:
    if encoding.endswith("-mark"):
        content = ("\ufeff" + DUTCH).encode(encoding.removesuffix("-mark"))
    else:
        content = DUTCH.encode(encoding)
    assert rows_of(read_table(content))[0]["naam"] == "Huize Ënergië, café ‘d’Or’ – foto’s € 5"


@pytest.mark.parametrize(
    "content",
    [
        "code;naam\r\np1;Café\r\n".encode("cp850"),
        "code;naam\r\np1;Café\r\n".encode("mac-roman"),
        "code;naam\r\np1;coördinatie\r\n".encode("cp850"),
        "code;naam\r\np1;geïnd\r\n".encode("mac-roman"),
        "code;naam\r\np1;Café ".encode() + b"\x80\r\n",
        "code;naam\r\np1;Łódź\r\n".encode("cp1250"),
        "code;naam\r\np1;Café\r\n".encode("utf-8-sig") + b"\xe9",
        b"\xff\xfec\x00o\x00d",
        b"code;naam\r\np1;\x81\r\n",
        b"code;naam\r\np1;caf\xe9 \x01\r\n",
        "code;naam".encode("utf-32"),
    ],
    ids=[
        "dos e",
        "mac e",
        "dos o",
        "mac i",
        "cut utf-8",
        "polish",
        "marked",
        "cut utf-16",
        "no sign",
        "control",
        "utf-32",
    ],
)
def test_another_encoding_is_refused_and_says_how_to_save(content: bytes) -> None:
    assert "CSV UTF-8" in refusal(content).detail


@pytest.mark.parametrize("content", [b"code;v\x00rij\r\np1;3\r\n", b"\x00" * 100, b"BM\x00\x01"])
def test_a_file_with_nul_bytes_is_no_text(content: bytes) -> None:
    assert "geen tekstbestand" in refusal(content).detail


def test_a_nul_within_utf_16_is_refused() -> None:
    assert "CSV UTF-8" in refusal("code;na\0am\r\np1;3\r\n".encode("utf-16")).detail


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    content = csv_text([HEADER, ("p1", 3, 4)], delimiter).encode()
    assert rows_of(read_table(content)) == [{"code": "p1", "bezet": "3", "vrij": "4"}]


def test_commas_in_the_texts_of_a_file_with_semicolons_separate_nothing() -> None:
    text = "Haaglanden, week 47, concept\ncode;naam\np1;a, b, c, d, e\np2;f, g, h, i, j\n"
    assert read_table(text.encode()).header == ("code", "naam")


def test_a_name_or_a_media_type_breaks_a_draw() -> None:
    text = b"a;b\tc\n1;2\t3\n"
    assert read_table(text).header == ("a", "b\tc".replace("\t", " "))
    assert read_table(text, name="Export.TSV").header == ("a;b", "c")
    assert read_table(text, media_type="text/tab-separated-values").header == ("a;b", "c")


def test_the_name_of_a_file_says_nothing_about_its_kind() -> None:
    assert read_table(PLAIN.encode(), name="a.xlsx").header == HEADER


@pytest.mark.parametrize("sep", ["sep=|", '"sep=|"', "SEP=|"])
def test_a_sep_line_gives_the_delimiter_and_is_no_row(sep: str) -> None:
    table = read_table(f"{sep}\r\ncode|vrij;over\r\np1|3\r\n".encode())
    assert table.header == ("code", "vrij;over")
    assert table.rows[0].number == 2


def test_quotes_hold_delimiters_newlines_and_quotes_and_count_as_one_row() -> None:
    table = read_table(b'code;naam\r\np1;"Huis; ""Zee""\r\nen Duin"\r\np2;x\r\n')
    assert rows_of(table)[0]["naam"] == 'Huis; "Zee"\r\nen Duin'
    assert [row.number for row in table.rows] == [2, 3]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_every_line_end_is_one(end: str) -> None:
    assert len(read_table(end.join(["code;vrij", "p1;3", "p2;4"]).encode()).rows) == 2


@pytest.mark.parametrize("line", ['p2;"open', 'p2;"a"b;3', 'p2;"a" ;3'])
def test_broken_quotes_are_told_with_their_row(line: str) -> None:
    error = refusal(f"code;vrij\np1;3\n{line}\n").errors[0]
    assert error.row == 3
    assert "aanhalingstekens" in error.detail


def test_a_field_without_end_is_told() -> None:
    found = refusal('code;vrij\np1;"' + "x" * 200_000)
    assert found.errors[0].row == 2
    assert "lange tekst" in found.detail


def test_short_lines_have_empty_cells_and_empty_lines_are_rows_without_content() -> None:
    table = read_table(b"code;bezet;vrij\n\np1\n;;\n  ; \np2;3;4;;\n\n")
    assert [row.number for row in table.rows] == [3, 6]
    assert rows_of(table)[0] == {"code": "p1", "bezet": None, "vrij": None}


def test_a_line_longer_than_the_header_is_told() -> None:
    error = refusal("code;vrij\np1;3\np2;4;5\n").errors[0]
    assert (error.row, error.column) == (3, "C")
    assert "geen naam" in error.detail


def test_too_many_columns_are_refused() -> None:
    found = refusal(csv_text([[f"k{i}" for i in range(65)], list(range(65))]))
    assert "64 kolommen" in found.detail
    assert "64 kolommen" in refusal("code;vrij\n" + ";" * 500_000 + "x\n").detail
    only_header = refusal(csv_text([[f"k{i}" for i in range(65)], list(range(64))]))
    assert "64 kolommen" in only_header.detail
    wide = csv_text([[f"k{i}" for i in range(64)], list(range(64)), [""] * 900])
    assert len(read_table(wide.encode()).header) == 64


@pytest.mark.parametrize("start", ["<html>", "  <?xml version='1.0'?>", "\ufeff<table>"])
def test_a_web_page_is_no_spreadsheet(start: str) -> None:
    assert "webpagina" in refusal(f"{start}code;vrij\np1;3").detail


@given(
    st.lists(
        st.lists(
            st.text(
                st.characters(
                    exclude_categories=["Cs", "Cc"], exclude_characters="\ufffd\ufffe\uffff"
                )
            ),
            min_size=3,
            max_size=3,
        ),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([";", ",", "\t"]),
)
def test_what_a_program_writes_comes_back(rows: list[list[str]], delimiter: str) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([HEADER, *rows])
    kept = [
        {name: cell if cell.strip() else None for name, cell in zip(HEADER, row, strict=True)}
        for row in rows
        if any(cell.strip() for cell in row)
    ]
    if kept:
        assert rows_of(read_table(file.getvalue().encode())) == kept


@given(st.binary(max_size=400))
def test_no_bytes_make_it_fall_over(content: bytes) -> None:
    for start in (b"", b"PK\x03\x04", b"code;vrij\np1;"):
        with suppress(BadSpreadsheet):
            assert read_table(start + content).rows
