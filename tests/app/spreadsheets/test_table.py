"""Where the header is, what a header may hold, and how many errors are told."""

from dataclasses import asdict

import pytest

from app.spreadsheets.reading import LARGEST_FILE, read_table
from app.spreadsheets.table import LONGEST_TEXT, MOST_ROWS, letter
from domain.errors import BadSpreadsheet
from tests.factories.spreadsheets import HEADER, csv_text


def refusal(content: bytes | str) -> BadSpreadsheet:
    with pytest.raises(BadSpreadsheet) as caught:
        read_table(content.encode() if isinstance(content, str) else content)
    return caught.value


def test_titles_of_one_cell_above_the_header_are_passed_over() -> None:
    table = read_table(b"Capaciteit Haaglanden;;\n\nWeek 47;;\ncode;bezet;vrij\np1;3;4\n")
    assert table.header == HEADER
    assert table.rows[0].number == 5


def test_a_file_of_one_column_begins_with_its_header() -> None:
    table = read_table(b"code\np1\np2\n")
    assert table.header == ("code",)
    assert [row.cells["code"] for row in table.rows] == ["p1", "p2"]
    long = read_table(b"code\n" + b"p1\n" * 200)
    assert len(long.rows) == 200


@pytest.mark.parametrize("line", ["p1;3;4", "p1;2026-11-23;x", "p1;3,5;x", "p1;12:30;x", "p1;-1;x"])
def test_a_value_where_a_name_should_be_means_that_the_header_is_missing(line: str) -> None:
    error = refusal(f"{line}\np2;5;6\n").errors[0]
    assert (error.row, error.column) == (1, "B")
    assert "kolomnaam" in error.detail


def test_every_name_is_there_once_whatever_its_capitals_and_spaces() -> None:
    found = refusal("code;Vrije  plaatsen;vrij;vrije plaatsen ;VRIJ\np1;1;2;3;4\n")
    assert [(error.row, error.column) for error in found.errors] == [
        (1, "vrije plaatsen"),
        (1, "VRIJ"),
    ]
    assert "B en D" in found.errors[0].detail


def test_names_are_tidied_and_a_column_without_name_or_content_is_nothing() -> None:
    table = read_table(b' code ;;"Vrije\n plaatsen"\np1;;3\n')
    assert table.header == ("code", "Vrije plaatsen")
    assert table.rows[0].cells == {"code": "p1", "Vrije plaatsen": "3"}


@pytest.mark.parametrize(
    ("name", "words"), [("x" * 101, "100 tekens"), ("a\x01b", "niet te lezen")]
)
def test_a_name_that_no_person_gave_is_refused(name: str, words: str) -> None:
    found = refusal(f"code;{name}\np1;3\n")
    assert words in found.detail
    assert found.errors[0].column == "B"


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n\n", b" ; \n;;\n", b"sep=;\n"])
def test_a_file_with_nothing_in_it_is_told_so(content: bytes) -> None:
    assert "leeg" in refusal(content).detail


def test_a_header_alone_is_no_table() -> None:
    assert "Onder de kopregel" in refusal("code;vrij\n").detail


def test_a_text_may_have_two_thousand_characters() -> None:
    assert read_table(f"code;naam\np1;{'x' * LONGEST_TEXT}\n".encode()).rows
    error = refusal(f"code;naam\np1;{'x' * (LONGEST_TEXT + 1)}\n").errors[0]
    assert (error.row, error.column) == (2, "naam")


@pytest.mark.parametrize("sign", ["\x01", "\x7f", "\ufffd", "\uffff"])
def test_a_sign_that_cannot_be_read_is_told_with_its_place(sign: str) -> None:
    error = refusal(f"code;naam\np1;a{sign}b\n").errors[0]
    assert (error.row, error.column) == (2, "naam")


def test_five_thousand_rows_are_taken_and_one_more_is_not() -> None:
    rows = [(f"p{number}", 1, 2) for number in range(MOST_ROWS)]
    assert len(read_table(csv_text([HEADER, *rows]).encode()).rows) == MOST_ROWS
    assert "5000 regels" in refusal(csv_text([HEADER, *rows, ("p", 1, 2)])).detail


def test_a_row_too_many_ends_the_reading_before_what_comes_after_it() -> None:
    rows = [(f"p{number}", 1, 2) for number in range(100_000)]
    assert "5000 regels" in refusal(csv_text([HEADER, *rows]) + '"broken').detail


def test_fifty_errors_are_told_and_all_are_counted() -> None:
    found = refusal("code;vrij\n" + "p1;3;4\n" * 73)
    assert len(found.errors) == 50
    assert "73 fouten" in found.detail
    assert found.facts["errors"] == [
        {"pointer": f"/{error.row}/C"} | asdict(error) for error in found.errors
    ]


def test_one_error_is_the_detail_itself() -> None:
    found = refusal("code;vrij\np1;3;4\n")
    assert found.detail == found.errors[0].detail


def test_an_upload_is_at_most_four_megabytes() -> None:
    assert "4 MB" in refusal(b"x" * (LARGEST_FILE + 1)).detail
    assert "4 MB" not in refusal(b"x" * LARGEST_FILE).detail


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "op als .xlsx of .csv"),
        (b"%PDF-1.7\n", "PDF"),
        (b"PK\x05\x06" + b"\0" * 18, "leeg zip-bestand"),
        (b"PK\x07\x08" + b"\0" * 18, "geen spreadsheet"),
    ],
)
def test_another_kind_of_file_is_named(content: bytes, words: str) -> None:
    assert words in refusal(content).detail


def test_columns_have_the_letters_that_a_spreadsheet_shows() -> None:
    assert [letter(column) for column in (0, 25, 26, 51, 52, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "BA",
        "ZZ",
        "AAA",
    ]
