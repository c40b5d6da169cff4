"""A cell means one thing or is refused in Dutch."""

from datetime import UTC, date, datetime

import pytest

from app.spreadsheets.cells import day, moment, text, whole_number
from app.spreadsheets.table import Cell

DAY = date(2026, 11, 23)
MIDNIGHT = datetime(2026, 11, 23)  # noqa: DTZ001 - what a cell shows has no zone
FIRST = datetime(1, 1, 1)  # noqa: DTZ001
HALF_PAST_NINE = datetime(2026, 11, 23, 9, 30)  # noqa: DTZ001


@pytest.mark.parametrize("reader", [whole_number, text, day, moment])
@pytest.mark.parametrize("cell", [None, "", "  ", "\u00a0"])
def test_an_empty_cell_is_nothing(reader: object, cell: Cell) -> None:
    assert callable(reader)
    assert reader(cell) is None


@pytest.mark.parametrize("cell", [3, 3.0, "3", " 3 ", "+3", "\u00a03"])
def test_a_whole_number_in_any_form_is_read(cell: Cell) -> None:
    found = whole_number(cell)
    assert found == 3
    assert type(found) is int


def test_zero_and_less_are_numbers() -> None:
    assert [whole_number(cell) for cell in (0, "0", 0.0, "-2")] == [0, 0, 0, -2]


@pytest.mark.parametrize(
    "cell",
    [
        *(3.5, "drie", True, False, "3.0", "3,0", "1.000", "3 4", "٣", DAY, MIDNIGHT),
        *(float("inf"), float("nan"), 1e16, "9" * 16),
    ],
)
def test_what_is_no_whole_number_is_refused(cell: Cell) -> None:
    with pytest.raises(ValueError, match="heel getal"):
        whole_number(cell)


def test_a_text_loses_its_outer_spaces_and_a_number_is_its_digits() -> None:
    assert text(" Huize  Zee ") == "Huize  Zee"
    assert text(41001234) == "41001234"
    assert text(41001234.0) == "41001234"
    assert text(2.5) == "2.5"


@pytest.mark.parametrize("cell", [True, DAY, MIDNIGHT])
def test_what_a_spreadsheet_made_of_a_text_is_refused(cell: Cell) -> None:
    with pytest.raises(ValueError, match="hoort tekst"):
        text(cell)


@pytest.mark.parametrize("cell", [DAY, MIDNIGHT, "2026-11-23", "23-11-2026", " 23-11-2026 "])
def test_a_day_in_any_form_is_read(cell: Cell) -> None:
    found = day(cell)
    assert found == DAY
    assert type(found) is date


@pytest.mark.parametrize(
    "cell",
    [
        *(HALF_PAST_NINE, "23-11", "31-02-2026", "2026-11-23 09:30", "11/23/2026", "morgen", 46349),
        *(46349.0, True, "23-11-26", "23-11-1826", date(1826, 1, 1), MIDNIGHT.replace(tzinfo=UTC)),
    ],
)
def test_what_is_no_day_is_refused(cell: Cell) -> None:
    with pytest.raises(ValueError, match="hoort een datum zoals"):
        day(cell)


@pytest.mark.parametrize(
    "cell",
    [
        *(HALF_PAST_NINE, "2026-11-23 09:30", "2026-11-23T09:30:00", "23-11-2026 9:30"),
        *(
            "2026-11-23T09:30:00+01:00",
            "2026-11-23T08:30Z",
            HALF_PAST_NINE.replace(hour=8, tzinfo=UTC),
        ),
    ],
)
def test_a_moment_without_zone_is_what_the_clock_in_amsterdam_shows(cell: Cell) -> None:
    found = moment(cell)
    assert found == datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
    assert found is not None
    assert found.tzinfo is UTC


def test_a_moment_in_summer_is_two_hours_ahead() -> None:
    assert moment("01-07-2026 09:30") == datetime(2026, 7, 1, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "cell",
    [
        *(DAY, "2026-11-23", "09:30", "23-11-2026 25:00", "nu", 46349.5, True),
        *(FIRST, FIRST.replace(tzinfo=UTC), FIRST.replace(year=9999), "0001-01-01T00:00+05:00"),
    ],
)
def test_what_is_no_moment_is_refused(cell: Cell) -> None:
    with pytest.raises(ValueError, match="datum met tijd"):
        moment(cell)


@pytest.mark.parametrize("cell", ["29-03-2026 02:00", "29-03-2026 02:59"])
def test_a_time_that_the_clock_skips_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match="overgeslagen"):
        moment(cell)


def test_a_time_that_the_clock_shows_twice_needs_its_zone() -> None:
    with pytest.raises(ValueError, match=r"twee keer 02:30.*2026-10-25T02:30\+01:00"):
        moment("25-10-2026 02:30")
    assert moment("2026-10-25T02:30+01:00") == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert moment("25-10-2026 03:00") == datetime(2026, 10, 25, 2, 0, tzinfo=UTC)
    assert moment("29-03-2026 03:00") == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
