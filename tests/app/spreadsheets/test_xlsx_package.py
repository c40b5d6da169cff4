"""A hostile or broken XLSX costs little, and ends in an error that a person can act on."""

import io
import random
import struct
import tracemalloc
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.spreadsheets.reading import LARGEST_FILE, read_table
from app.spreadsheets.xlsx_package import LARGEST_UNPACKED
from domain.errors import BadSpreadsheet
from tests.factories.spreadsheets import (
    HEADER,
    MAIN,
    SHEET_PART,
    by_hand,
    locked,
    lying,
    parts,
    row,
    xlsx,
    zipped,
)

ROWS = row(1, "code", "vrij") + row(2, "p1", "3")
GOOD = by_hand(ROWS)
MEGABYTE = 1024 * 1024
#: What a text of 32 MB takes in the zip when it can't be packed well.
NOISE = random.Random(3).randbytes(200_000).hex()


def refusal(content: bytes) -> BadSpreadsheet:
    with pytest.raises(BadSpreadsheet) as caught:
        read_table(content)
    return caught.value


def with_entries(**extra: str | bytes) -> bytes:
    return zipped(parts(ROWS) | extra)


def replaced(name: str, old: str, new: str) -> bytes:
    entries = parts(ROWS)
    assert old in entries[name]
    return zipped(entries | {name: entries[name].replace(old, new)})


def test_the_smallest_workbook_is_read() -> None:
    assert read_table(GOOD).rows[0].cells == {"code": "p1", "vrij": "3"}
    assert read_table(zipped(parts(ROWS), zipfile.ZIP_STORED)).rows


def test_a_bomb_that_tells_its_size_is_refused_before_it_is_unpacked() -> None:
    tracemalloc.start()
    bomb = with_entries(**{"xl/media/bomb": "0" * (LARGEST_UNPACKED + 1)})
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    detail = refusal(bomb).detail
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert "te groot" in detail
    assert peak < MEGABYTE


def test_many_small_entries_are_as_large_as_one_large_one() -> None:
    small = {f"xl/media/{number}": "0" * 100_000 for number in range(400)}
    assert "te groot" in refusal(with_entries(**small)).detail


def test_an_entry_that_grows_too_steeply_is_refused() -> None:
    assert "te groot" in refusal(with_entries(**{"xl/media/bomb": "0" * MEGABYTE})).detail
    assert read_table(with_entries(**{"xl/media/small": "0" * 100_000})).rows


@pytest.mark.parametrize("claimed", [0, 100, 100_000])
def test_a_bomb_that_lies_about_its_size_is_unpacked_no_further_than_it_says(claimed: int) -> None:
    sheet = parts(ROWS)[SHEET_PART] + " " * (64 * MEGABYTE)
    bomb = lying(zipped(parts() | {SHEET_PART: sheet}), SHEET_PART, claimed)
    tracemalloc.start()
    detail = refusal(bomb).detail
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "beschadigd" in detail
    assert peak < MEGABYTE


def test_what_is_unpacked_is_counted_whatever_the_headers_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.spreadsheets.xlsx_package.LARGEST_UNPACKED", 4 * MEGABYTE)
    # Forty names for one entry, which is unpacked anew for each.
    comments = "".join(f"<!--{NOISE[at : at + 1000]}-->" for at in range(0, len(NOISE), 1000))
    sheet = parts(ROWS)[SHEET_PART] + comments
    names = "".join(f'<sheet name="s{at}" r:id="rId1"/>' for at in range(40))
    entries = parts() | {SHEET_PART: sheet.replace(ROWS, "")}
    workbook = entries["xl/workbook.xml"].replace("<sheets>", f"<sheets>{names}")
    assert "te groot" in refusal(zipped(entries | {"xl/workbook.xml": workbook})).detail


def test_a_thousand_entries_are_enough() -> None:
    many = with_entries(**{f"xl/media/{number}": "" for number in range(1000)})
    assert "te groot" in refusal(many).detail


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd">',
    ],
)
@pytest.mark.parametrize("name", list(parts()))
def test_xml_definitions_are_refused_in_every_part(name: str, declaration: str) -> None:
    start = '<?xml version="1.0" encoding="UTF-8"?>'
    assert "DOCTYPE" in refusal(replaced(name, start, declaration)).detail


def test_an_entity_without_definition_is_nothing() -> None:
    assert "beschadigd" in refusal(by_hand(row(1, "&x;", "b"))).detail


def test_too_many_elements_are_refused() -> None:
    noise = "".join(f'<c s="{number % 97}"/>' for number in range(1_000_000))
    found = refusal(by_hand(f'{ROWS}<row r="3">{noise}</row>'))
    assert "te groot" in found.detail


def test_a_cell_of_very_many_pieces_is_a_long_text() -> None:
    runs = "".join(f"<r><t>{number % 97}</t></r>" for number in range(300_000))
    cell = f'<row r="3"><c r="A3" t="inlineStr"><is>{runs}</is></c></row>'
    assert "langer" in refusal(by_hand(ROWS + cell)).detail


def test_elements_may_not_lie_too_deep() -> None:
    assert "te groot" in refusal(by_hand(ROWS + "<a>" * 100 + "</a>" * 100)).detail


def test_a_tag_that_goes_on_and_on_is_refused_at_once() -> None:
    attributes = " ".join(f'a{number}="{number}"' for number in range(400_000))
    tracemalloc.start()
    content = by_hand(f"{ROWS}<row {attributes}/>")
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    detail = refusal(content).detail
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert "te groot" in detail
    assert peak < 4 * MEGABYTE


def test_shared_texts_are_bounded_together() -> None:
    texts = "".join(f"<si><t>{number}{NOISE[:1900]}</t></si>" for number in range(4300))
    shared = f'<sst xmlns="{MAIN}">{texts}</sst>'
    assert "te groot" in refusal(by_hand(ROWS, shared=shared)).detail


def test_a_workbook_with_a_password_is_told_so() -> None:
    assert "wachtwoord" in refusal(locked(GOOD)).detail


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_another_packing_than_excel_uses_is_refused(packing: int) -> None:
    assert "beschadigd" in refusal(zipped(parts(ROWS), packing)).detail


@pytest.mark.parametrize(
    "content",
    [
        with_entries(**{"xl/vbaProject.bin": b"x"}),
        with_entries(**{"xl/macrosheets/sheet1.xml": "x"}),
        replaced(
            "[Content_Types].xml",
            "vnd.openxmlformats-officedocument.spreadsheetml.sheet.main",
            "vnd.ms-excel.sheet.macroEnabled.main",
        ),
    ],
    ids=["project", "macro sheet", "xlsm"],
)
def test_macros_are_refused(content: bytes) -> None:
    assert "macro" in refusal(content).detail


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (zipped({"foto.jpg": b"x"}), "geen .xlsx"),
        (zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), "LibreOffice"),
        (zipped({"Index/Document.iwa": "x"}), "Numbers"),
        (
            replaced("[Content_Types].xml", "spreadsheetml.sheet", "wordprocessingml.document"),
            "geen",
        ),
        (
            replaced(
                "[Content_Types].xml",
                "vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
                "vnd.ms-excel.sheet.binary.main",
            ).replace(b"macroEnabled", b""),
            ".xlsb",
        ),
    ],
    ids=["zip", "ods", "numbers", "docx", "xlsb"],
)
def test_another_kind_of_zip_is_named(content: bytes, words: str) -> None:
    assert words in refusal(content).detail


def test_links_to_other_files_are_not_followed() -> None:
    link = (
        '<Relationship Id="rId9" TargetMode="External" Type="x/externalLink" Target="http://a/"/>'
    )
    entries = parts(ROWS)
    name = "xl/_rels/workbook.xml.rels"
    entries[name] = entries[name].replace("</Relationships>", f"{link}</Relationships>")
    entries["xl/externalLinks/externalLink1.xml"] = "<!DOCTYPE a>"
    assert read_table(zipped(entries)).rows
    outside = '<sheet name="Blad1" sheetId="1" r:id="rId9"/>'
    book = entries["xl/workbook.xml"].replace(
        '<sheet name="Blad1" sheetId="1" r:id="rId1"/>', outside
    )
    assert "beschadigd" in refusal(zipped(entries | {"xl/workbook.xml": book})).detail


def test_a_file_cut_off_anywhere_is_damaged() -> None:
    content = xlsx([HEADER, ("p1", 3, 4)])
    for end in range(4, len(content) - 22, 37):
        assert "beschadigd" in refusal(content[:end]).detail


def test_a_part_that_isnt_there_is_told() -> None:
    for name in parts():
        entries = parts(ROWS)
        del entries[name]
        assert refusal(zipped(entries)).errors


def test_two_entries_of_one_name_are_refused() -> None:
    entries = parts(ROWS)
    assert (
        "beschadigd" in refusal(zipped(entries | {SHEET_PART.upper(): entries[SHEET_PART]})).detail
    )


@pytest.mark.parametrize(
    "sheet_data",
    [
        row(2, "a", "b") + row(1, "c", "d"),
        row(1, "a", "b") + row(1, "c", "d"),
        row(0, "a", "b"),
        '<row r="1048577"><c><v>1</v></c></row>',
        '<row r="-1"/>',
        '<row r="99999999"/>',
        '<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A2"><v>1</v></c></row>',
        '<row r="1"><c r="1A"><v>1</v></c></row>',
        '<row r="1"><c><v>1</v></row>',
        "\x01",
    ],
)
def test_a_sheet_that_contradicts_itself_is_damaged(sheet_data: str) -> None:
    assert "beschadigd" in refusal(by_hand(sheet_data)).detail


@pytest.mark.parametrize("columns", [("1", "9", "5", "6"), ("9", "1", "", ""), ("0", "3", "", "")])
def test_columns_described_twice_or_backwards_are_damaged(columns: tuple[str, ...]) -> None:
    first, last, again, to = columns
    described = f'<cols><col hidden="1" min="{first}" max="{last}"/>'
    if again:
        described += f'<col hidden="1" min="{again}" max="{to}"/>'
    sheet = parts(row(1, "a"))[SHEET_PART].replace("<sheetData>", f"{described}</cols><sheetData>")
    assert "beschadigd" in refusal(by_hand(sheet=sheet)).detail


@pytest.mark.parametrize("encoding", ["utf-7", "utf-16", "wat", "idna"])
def test_the_parts_are_utf_8_whatever_they_say(encoding: str) -> None:
    sheet = parts(ROWS)[SHEET_PART].replace("UTF-8", encoding)
    assert read_table(by_hand(sheet=sheet)).rows


@given(st.data())
def test_no_change_of_a_byte_makes_it_fall_over(data: st.DataObject) -> None:
    found = bytearray(zipped(parts(ROWS), zipfile.ZIP_STORED))
    for _ in range(data.draw(st.integers(1, 4))):
        found[data.draw(st.integers(4, len(found) - 1))] = data.draw(st.integers(0, 255))
    with suppress(BadSpreadsheet):
        assert read_table(bytes(found)).rows


def test_a_directory_of_only_signs_is_refused_before_it_is_listed() -> None:
    signs = b"PK\x01\x02" * ((LARGEST_FILE - 100) // 4)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 9, 9, len(signs), 4, 0)
    assert "te groot" in refusal(b"PK\x03\x04" + signs + end).detail


def test_the_file_of_another_program_has_what_this_reader_expects() -> None:
    names = set(zipfile.ZipFile(io.BytesIO(xlsx([HEADER]))).namelist())
    assert set(parts()) - names == {"xl/sharedStrings.xml"}
