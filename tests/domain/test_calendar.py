"""Weekdays, Dutch holidays, and wall times through both changes of the clock."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.calendar import (
    AMSTERDAM,
    Weekday,
    at_local,
    end_at_local,
    holidays_of,
    is_holiday,
    read_wall_end,
    read_wall_time,
    wall_text,
    weekday_of,
)
from domain.errors import InvalidInput
from tests.factories.clock import first_showing

SPRING, AUTUMN = date(2027, 3, 28), date(2027, 10, 31)

days = st.dates(date(2020, 1, 1), date(2060, 12, 31))
clock_changes = st.integers(2020, 2060).flatmap(
    lambda year: st.sampled_from([last_sunday(year, 3), last_sunday(year, 10)])
)
wall_times = st.times().map(lambda t: t.replace(second=0, microsecond=0))


def last_sunday(year: int, month: int) -> date:
    day = date(year, month, 31)
    return day - timedelta(days=day.isoweekday() % 7)


def test_the_week_begins_on_monday() -> None:
    week = [weekday_of(date(2026, 11, 23) + timedelta(days=n)) for n in range(7)]
    assert week == ["ma", "di", "wo", "do", "vr", "za", "zo"] == list(Weekday)


def test_the_holidays_of_a_year_by_name_and_date() -> None:
    assert [(f"{h.day:%m-%d}", h.name) for h in holidays_of(2027)] == [
        ("01-01", "Nieuwjaarsdag"),
        ("03-26", "Goede Vrijdag"),
        ("03-28", "Eerste Paasdag"),
        ("03-29", "Tweede Paasdag"),
        ("04-27", "Koningsdag"),
        ("05-05", "Bevrijdingsdag"),
        ("05-06", "Hemelvaartsdag"),
        ("05-16", "Eerste Pinksterdag"),
        ("05-17", "Tweede Pinksterdag"),
        ("12-25", "Eerste Kerstdag"),
        ("12-26", "Tweede Kerstdag"),
    ]


@pytest.mark.parametrize(
    "easter",
    [
        "2019-04-21",
        "2020-04-12",
        "2024-03-31",
        "2025-04-20",
        "2026-04-05",
        "2027-03-28",
        "2028-04-16",
        "2029-04-01",
        "2030-04-21",
        "2035-03-25",
        "2038-04-25",
        "2049-04-18",
    ],
)
def test_easter_falls_where_the_church_says(easter: str) -> None:
    day = date.fromisoformat(easter)
    assert [h.day for h in holidays_of(day.year) if h.name == "Eerste Paasdag"] == [day]


@given(st.integers(2014, 2199))
def test_easter_and_what_follows_from_it_keep_their_weekdays(year: int) -> None:
    found = {holiday.name: holiday.day for holiday in holidays_of(year)}
    assert date(year, 3, 22) <= found["Eerste Paasdag"] <= date(year, 4, 25)
    assert weekday_of(found["Goede Vrijdag"]) is Weekday.VR
    assert weekday_of(found["Eerste Paasdag"]) is Weekday.ZO
    assert weekday_of(found["Hemelvaartsdag"]) is Weekday.DO
    assert weekday_of(found["Tweede Pinksterdag"]) is Weekday.MA
    assert weekday_of(found["Koningsdag"]) is not Weekday.ZO


@pytest.mark.parametrize(
    ("year", "day"), [(2024, 27), (2025, 26), (2026, 27), (2031, 26), (2032, 27)]
)
def test_koningsdag_is_a_day_earlier_when_the_birthday_is_a_sunday(year: int, day: int) -> None:
    assert is_holiday(date(year, 4, day))
    assert not is_holiday(date(year, 4, 53 - day))


def test_goede_vrijdag_has_a_name_and_is_a_working_day() -> None:
    assert not is_holiday(date(2027, 3, 26))
    assert not is_holiday(date(2026, 4, 3))


def test_bevrijdingsdag_is_a_day_off_every_fifth_year() -> None:
    assert [year for year in range(2024, 2036) if is_holiday(date(year, 5, 5))] == [
        2025,
        2030,
        2035,
    ]


def test_hemelvaart_on_bevrijdingsdag_is_a_day_off() -> None:
    assert [h.name for h in holidays_of(2016) if h.day == date(2016, 5, 5)] == [
        "Bevrijdingsdag",
        "Hemelvaartsdag",
    ]
    assert is_holiday(date(2016, 5, 5))


def test_christmas_and_new_year_are_days_off_and_the_days_around_them_not() -> None:
    start = date(2026, 12, 24)
    off = [day.day for n in range(10) if is_holiday(day := start + timedelta(days=n))]
    assert off == [25, 26, 1]


@pytest.mark.parametrize(
    ("wall", "instant"),
    [
        ("00:00", "2027-03-27T23:00Z"),
        ("01:59", "2027-03-28T00:59Z"),
        ("02:00", "2027-03-28T01:00Z"),
        ("02:30", "2027-03-28T01:00Z"),
        ("02:59", "2027-03-28T01:00Z"),
        ("03:00", "2027-03-28T01:00Z"),
        ("03:01", "2027-03-28T01:01Z"),
        ("10:00", "2027-03-28T08:00Z"),
    ],
)
def test_a_time_that_spring_skips_is_the_first_instant_after_it(wall: str, instant: str) -> None:
    assert at_local(SPRING, time.fromisoformat(wall)) == datetime.fromisoformat(instant)


@pytest.mark.parametrize(
    ("wall", "instant"),
    [
        ("01:59", "2027-10-30T23:59Z"),
        ("02:00", "2027-10-31T00:00Z"),
        ("02:30", "2027-10-31T00:30Z"),
        ("02:59", "2027-10-31T00:59Z"),
        ("03:00", "2027-10-31T02:00Z"),
        ("10:00", "2027-10-31T09:00Z"),
    ],
)
def test_a_time_that_autumn_doubles_is_the_first_of_the_two(wall: str, instant: str) -> None:
    assert at_local(AUTUMN, time.fromisoformat(wall)) == datetime.fromisoformat(instant)


def test_the_days_of_the_clock_changes_last_23_and_25_hours() -> None:
    for day, hours in [(SPRING, 23), (AUTUMN, 25), (date(2027, 6, 1), 24)]:
        assert end_at_local(day, None) - at_local(day, time(0)) == timedelta(hours=hours)


@given(st.one_of(days, clock_changes), wall_times)
@example(SPRING, time(2, 30))
@example(AUTUMN, time(2, 30))
def test_it_is_the_first_minute_at_which_the_clock_shows_it(day: date, wall: time) -> None:
    found = at_local(day, wall)
    assert found == first_showing(day, wall)
    assert found.tzinfo is UTC
    assert found.astimezone(AMSTERDAM).date() == day


@given(st.one_of(days, clock_changes), wall_times, wall_times)
def test_a_later_time_on_the_clock_is_never_an_earlier_instant(
    day: date, one: time, other: time
) -> None:
    assert (
        at_local(day, min(one, other)) <= at_local(day, max(one, other)) < end_at_local(day, None)
    )


@given(wall_times)
def test_wall_times_are_read_as_they_are_written(wall: time) -> None:
    assert read_wall_time(wall_text(wall), "") == wall
    assert read_wall_end(wall_text(wall), "") == wall


def test_the_end_of_a_day_is_written_as_24_hours() -> None:
    assert read_wall_end("24:00", "") is None
    assert wall_text(None) == "24:00"


@pytest.mark.parametrize(
    "nonsense",
    [
        "24:00",
        "9:00",
        "09:60",
        "09:00:00",
        "09.00",
        "",
        "0900",
        "٠٩:٠٠",
        " 09:00",
        "09:00\n",
        9,
        None,
    ],
)
def test_nonsense_is_no_time(nonsense: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_wall_time(nonsense, "/opens")
    assert refused.value.pointer == "/opens"
