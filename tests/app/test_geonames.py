"""A file of postcodes in the GeoNames layout is read whole, or refused with the line that is wrong."""

import io
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import geonames
from app.geonames import BadPostcodeFile
from domain.errors import InvalidInput
from domain.geography import GEMEENTEN_YEAR, Point, Postcode, distance_km
from domain.identifiers import is_gemeente, is_pc4
from tests.factories.postcodes import (
    YEAR,
    content,
    file,
    line,
    line_of,
    make_postcodes,
    national_content,
)


def read(*lines: str) -> list[Postcode]:
    """What a file of these lines says."""
    return geonames.read(file(*lines), YEAR)


def refusal(data: bytes) -> BadPostcodeFile:
    """How a file of these bytes is refused."""
    with pytest.raises(BadPostcodeFile) as refused:
        geonames.read(io.BytesIO(data), YEAR)
    return refused.value


# ---------------------------------------------------------------- what is read


@pytest.mark.parametrize("count", [1, 2, 100, 4763])
def test_what_was_written_is_read_back_in_order(count: int) -> None:
    postcodes = make_postcodes(count)
    assert read(*map(line_of, reversed(postcodes))) == postcodes


def test_the_national_file_is_read_whole() -> None:
    data = national_content()
    found = geonames.read(io.BytesIO(data), YEAR)
    assert len(found) == len(data.splitlines()) == 4763
    assert [postcode.pc4 for postcode in found] == sorted({postcode.pc4 for postcode in found})


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_byte_order_mark_and_the_ends_of_windows_are_no_hindrance(mark: bytes, end: str) -> None:
    postcodes = make_postcodes(3)
    data = mark + content(*map(line_of, postcodes), end=end) + end.encode()
    assert geonames.read(io.BytesIO(data), YEAR) == postcodes


def test_the_last_line_needs_no_end() -> None:
    assert len(geonames.read(io.BytesIO(line().encode()), YEAR)) == 1


# ---------------------------------------------------------------- gemeenten


@pytest.mark.parametrize(
    ("name", "code", "known"),
    [
        ("Utrecht", "0344", ("0344", "Utrecht", YEAR)),
        ("", "0637", ("0637", "Zoetermeer", YEAR)),
        ("", "0344", ("0344", None, YEAR)),
        ("'s-Gravenhage", "", ("0518", "Den Haag", GEMEENTEN_YEAR)),
        ("'s-Gravenhage", "0518", ("0518", "'s-Gravenhage", YEAR)),
        ("Zoetermeer", "637", ("0637", "Zoetermeer", GEMEENTEN_YEAR)),
        ("Utrecht", "", (None, "Utrecht", None)),
        ("", "", (None, None, None)),
        ("", "ZH11", (None, None, None)),
    ],
)
def test_a_gemeente_is_known_by_its_code_or_else_by_its_name(
    name: str, code: str, known: tuple[str | None, str | None, int | None]
) -> None:
    (found,) = read(line(gemeente=name, code=code))
    assert (found.gemeente, found.gemeente_name, found.gemeente_year) == known


# ---------------------------------------------------------------- several rows of one PC4


def test_rows_of_one_pc4_make_one_with_the_first_place_and_the_middle_of_its_points() -> None:
    rows = [
        line("2725AB", "Noord", latitude=52.08, longitude=4.5),
        line("2725 AC", "Zuid", latitude=52.06, longitude=4.52),
        line("2725AD", "Zuid", latitude=52.06, longitude=4.52),
    ]
    for order in permutations(rows):
        (found,) = read(*order)
        assert found.point == Point(52.07, 4.51)
        assert found.place == order[0].split("\t")[2]


def test_a_line_that_stands_there_twice_counts_once() -> None:
    other = line(latitude=52.08)
    assert read(line(), other, line(), line()) == read(line(), other)


@pytest.mark.parametrize(
    ("rows", "known"),
    [
        ([("Den Haag", "0518"), ("'s-Gravenhage", "0518")], "0518"),
        ([("", ""), ("Delft", "0503")], "0503"),
        ([("Utrecht", ""), ("Delft", "0503")], "0503"),
        ([("Rijswijk", "0603"), ("Delft", "0503")], None),
        ([("Utrecht", ""), ("Houten", "")], None),
    ],
)
def test_rows_that_name_different_gemeenten_leave_it_unknown(
    rows: list[tuple[str, str]], known: str | None
) -> None:
    for order in permutations(rows):
        (found,) = read(*(line(gemeente=name, code=code) for name, code in order))
        assert found.gemeente == known
        assert (found.gemeente_year is None) == (known is None)


def test_rows_of_one_pc4_far_apart_contradict_each_other() -> None:
    far = line(latitude=52.3)
    assert distance_km(Point(52.074, 4.498), Point(52.3, 4.498)) > 25
    refused = refusal(content(line(), line("2726"), far))
    assert refused.line == 3
    assert "2725" in refused.detail


# ---------------------------------------------------------------- what is refused

BAD = {
    "two columns": (b"NL\t2725", "kolommen: 2"),
    "a column too many": (line().encode() + b"\tx", "kolommen: 13"),
    "commas": (line().replace("\t", ",").encode(), "kolommen: 1"),
    "another country": (line(country="BE").encode(), "'BE'"),
    "no country": (line(country="").encode(), "NL"),
    "a short postcode": (line("272").encode(), "vier cijfers"),
    "a postcode with a zero": (line("0725").encode(), "vier cijfers"),
    "letters that no postcode has": (line("2725SS").encode(), "SA, SD en SS"),
    "no place": (line(place=" ").encode(), "plaatsnaam"),
    "a place that can't be read": (line(place="Zoeter\0meer").encode(), "plaatsnaam"),
    "a place without end": (line(place="Z" * 181).encode(), "plaatsnaam"),
    "a decimal comma": (line(latitude="52,07").encode(), "decimaalteken"),
    "no latitude": (line(latitude="").encode(), "decimaalteken"),
    "a number that isn't": (line(longitude="nan").encode(), "decimaalteken"),
    "an exponent": (line(longitude="4e0").encode(), "decimaalteken"),
    "a point in Belgium": (line(latitude="50.5").encode(), "niet in Nederland"),
    "coordinates the other way round": (
        line(latitude="4.49", longitude="52.06").encode(),
        "niet in Nederland",
    ),
    "another encoding": (line(place="Súdwest").encode("latin-1"), "UTF-8"),
    "a line without end": (line(place="Z" * 5000).encode(), "te lang"),
}


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("before", [0, 1, 700])
def test_a_line_that_is_wrong_refuses_the_file_with_its_number(bad: str, before: int) -> None:
    wrong, why = BAD[bad]
    good = content(*map(line_of, make_postcodes(before)))
    refused = refusal(good + wrong + b"\n" + content(line("2799")))
    assert refused.line == before + 1
    assert refused.detail.startswith(f"Regel {before + 1}: ")
    assert why in refused.detail


def test_lines_without_anything_count_in_the_number() -> None:
    assert refusal(b"\n\r\n" + content(line(), "", "x")).line == 5


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_a_file_without_postcodes_is_refused(data: bytes) -> None:
    refused = refusal(data)
    assert refused.line is None
    assert "geen postcodes" in refused.detail


def test_a_file_of_windows_notepad_in_utf_16_is_refused_at_once() -> None:
    assert refusal(line().encode("utf-16")).line == 1


@given(st.binary(max_size=300))
def test_whatever_else_the_file_is_it_is_refused_and_nothing_worse(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        geonames.read(io.BytesIO(data), YEAR)


@given(
    st.dictionaries(
        st.integers(0, 11),
        st.text() | st.sampled_from(["2711SA", "637", "0344", "52", "7.3", "-0"]),
    )
)
def test_columns_of_any_content_are_read_soundly_or_refused(changes: dict[int, str]) -> None:
    columns = line().split("\t")
    for column, text in changes.items():
        columns[column] = text
    try:
        found = geonames.read(io.BytesIO("\t".join(columns).encode()), YEAR)
    except BadPostcodeFile:
        return
    (only,) = found
    assert is_pc4(only.pc4)
    assert only.place.isprintable()
    assert only.gemeente is None or is_gemeente(only.gemeente)
    assert (only.gemeente is None) == (only.gemeente_year is None)
