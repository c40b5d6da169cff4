"""Days as people type them."""

from datetime import date

import pytest

from api.web.days import read_day
from domain.errors import InvalidInput

#: A Sunday, and the last days of a year and of a February.
SUNDAY = date(2026, 11, 22)
NEW_YEARS_EVE = date(2026, 12, 31)


@pytest.mark.parametrize(
    ("text", "meant"),
    {
        "": None,
        "  ": None,
        "vandaag": date(2026, 11, 22),
        "nu": date(2026, 11, 22),
        "Morgen": date(2026, 11, 23),
        "overmorgen": date(2026, 11, 24),
        "zo": date(2026, 11, 22),
        "za": date(2026, 11, 28),
        "di 10:00": date(2026, 11, 24),
        "dinsdag": date(2026, 11, 24),
        "dinsdag om 10.00 uur": date(2026, 11, 24),
        "24-11": date(2026, 11, 24),
        "24/11": date(2026, 11, 24),
        "1-11": date(2026, 11, 1),
        "1-3": date(2027, 3, 1),
        "24-11-2027": date(2027, 11, 24),
        "24 nov": date(2026, 11, 24),
        "24 nov.": date(2026, 11, 24),
        "3 maart": date(2027, 3, 3),
        "24 november 2026": date(2026, 11, 24),
        "2026-11-24": date(2026, 11, 24),
    }.items(),
)
def test_a_day_is_heard_as_it_is_meant(text: str, meant: date | None) -> None:
    assert read_day(text, SUNDAY, "/vanaf") == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    {"1-1": date(2027, 1, 1), "31-12": NEW_YEARS_EVE, "29-12": date(2026, 12, 29)}.items(),
)
def test_the_year_turns_with_the_calendar(text: str, meant: date) -> None:
    assert read_day(text, NEW_YEARS_EVE, "/vanaf") == meant


@pytest.mark.parametrize(
    "text",
    [
        "straks",
        "31-2",
        "30 februari",
        "0-1",
        "13-13",
        "2026-13-01",
        "dag",
        "d",
        "24 foo",
        "²-1",
        "1-1-0000",
    ],
)
def test_what_is_no_day_is_told_at_its_field(text: str) -> None:
    with pytest.raises(InvalidInput) as told:
        read_day(text, SUNDAY, "/vanaf")
    assert told.value.pointer == "/vanaf"
    assert told.value.detail


@pytest.mark.parametrize("today", [date(2026, 11, 22), date(2027, 2, 27), date(2028, 2, 29)])
def test_the_twenty_ninth_of_february_is_the_next_one_there_is_or_no_day(today: date) -> None:
    try:
        found = read_day("29-2", today, "/vanaf")
    except InvalidInput:
        found = None
    assert found in (None, date(2028, 2, 29))
