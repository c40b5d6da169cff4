"""Opening and intake hours: open or not, clocks that run in them, and who is on call."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.calendar import AMSTERDAM, is_holiday
from domain.errors import InvalidInput
from domain.hours import (
    ALL_DAY,
    ALWAYS,
    OnCall,
    Span,
    WeeklyHours,
    contacts_from_json,
    contacts_to_json,
    is_open,
    next_opening,
    on_call,
    working_time_after,
)
from tests.factories.clock import MINUTE, amsterdam, first_showing

OFFICE = WeeklyHours.from_json(
    {day: [["08:30", "12:00"], ["12:30", "17:00"]] for day in ("ma", "di", "wo", "do", "vr")}
)
NEVER = WeeklyHours(((),) * 7)


@st.composite
def spans(draw: st.DrawFn) -> tuple[Span, ...]:
    minutes = sorted(draw(st.sets(st.integers(0, 24 * 4), max_size=6)))
    clock = [None if m == 96 else time(m // 4, m % 4 * 15) for m in minutes]
    return tuple(
        Span(start, until) for start, until in zip(clock[::2], clock[1::2], strict=False) if start
    )


weekly = st.builds(
    WeeklyHours, st.tuples(*[spans()] * 7), st.one_of(st.just(()), st.just(ALL_DAY), spans())
)
#: By the minute, mostly around changes of the clock and strings of holidays.
starts = st.builds(
    lambda day, minutes: amsterdam(day) + minutes * MINUTE,
    st.sampled_from(["2026-12-23", "2027-03-24", "2027-05-03", "2027-10-28"]),
    st.integers(0, 8 * 24 * 60),
)


def open_by_walking(hours: WeeklyHours, at: datetime) -> bool:
    day = at.astimezone(AMSTERDAM).date()
    return any(
        first_showing(day, span.start) <= at < first_showing(day, span.until)
        for span in (hours.holidays if is_holiday(day) else hours.week[day.weekday()])
    )


@pytest.mark.parametrize(
    ("moment", "open_then"),
    [
        ("2026-11-20 08:29:59", False),
        ("2026-11-20 08:30", True),
        ("2026-11-20 11:59:59", True),
        ("2026-11-20 12:00", False),
        ("2026-11-20 12:30", True),
        ("2026-11-20 17:00", False),
        ("2026-11-21 10:00", False),
        ("2026-12-25 10:00", False),
        ("2027-03-26 10:00", True),
    ],
)
def test_hours_are_open_from_their_begin_until_just_before_their_end(
    moment: str, open_then: bool
) -> None:
    assert is_open(OFFICE, amsterdam(moment)) is open_then


def test_spans_of_holidays_replace_those_of_the_weekday() -> None:
    hours = WeeklyHours(OFFICE.week, holidays=(Span(time(19), None),))
    assert not is_open(hours, amsterdam("2027-03-29 10:00"))
    assert is_open(hours, amsterdam("2027-03-29 23:59"))
    assert not is_open(hours, amsterdam("2027-03-30 00:00"))


def test_the_second_run_of_a_doubled_hour_is_open_when_the_zone_is_amsterdam() -> None:
    again = datetime(2027, 10, 31, 2, 30, tzinfo=AMSTERDAM, fold=1)
    assert is_open(ALWAYS, again)
    until_three = WeeklyHours(((Span(time(2), time(3)),),) * 7)
    assert is_open(until_three, again)
    assert next_opening(until_three, again) == again.astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2026-11-20 10:15", "2026-11-20 10:15"),
        ("2026-11-20 12:00", "2026-11-20 12:30"),
        ("2026-11-20 17:00", "2026-11-23 08:30"),
        ("2026-12-24 17:00", "2026-12-28 08:30"),
        ("2026-12-31 17:00", "2027-01-04 08:30"),
        ("2027-03-26 17:00", "2027-03-30 08:30"),
        ("2027-10-29 17:00", "2027-11-01 08:30"),
    ],
)
def test_the_next_opening_passes_over_weekends_and_holidays(now: str, opening: str) -> None:
    assert next_opening(OFFICE, amsterdam(now)) == amsterdam(opening)


def test_hours_on_mondays_wait_through_two_holidays_on_mondays() -> None:
    mondays = WeeklyHours((OFFICE.week[0], *((),) * 6))
    assert next_opening(mondays, amsterdam("2028-12-18 17:00")) == amsterdam("2029-01-08 08:30")


def test_hours_without_spans_never_open() -> None:
    now = amsterdam("2026-11-20 10:00")
    assert not is_open(NEVER, now)
    assert next_opening(NEVER, now) is None
    assert working_time_after(NEVER, now, MINUTE) is None


def test_a_span_within_the_hour_that_spring_skips_is_empty() -> None:
    nightly = WeeklyHours(
        ((Span(time(2, 10), time(2, 50)),),) * 7, (Span(time(2, 10), time(2, 50)),)
    )
    saturday = amsterdam("2027-03-27 02:50")
    assert next_opening(nightly, saturday) == amsterdam("2027-03-29 02:10")


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-20 09:00", 2, "2026-11-20 11:00"),
        ("2026-11-20 09:00", 4, "2026-11-20 13:30"),
        ("2026-11-20 09:00", 7.5, "2026-11-20 17:00"),
        ("2026-11-20 17:30", 1, "2026-11-23 09:30"),
        ("2026-11-20 16:00", 24, "2026-11-25 16:00"),
        ("2026-12-24 16:00", 2, "2026-12-28 09:30"),
        ("2027-03-26 16:00", 2, "2027-03-30 09:30"),
        ("2027-10-29 16:00", 2, "2027-11-01 09:30"),
    ],
)
def test_regulier_clocks_run_in_intake_hours(start: str, hours: float, end: str) -> None:
    duration = timedelta(hours=hours)
    assert working_time_after(OFFICE, amsterdam(start), duration) == amsterdam(end)


@given(starts, st.timedeltas(timedelta(0), timedelta(days=30)))
@example(amsterdam("2027-03-28 01:30"), timedelta(hours=1))
@example(amsterdam("2027-10-31 01:30"), timedelta(hours=1))
def test_acute_clocks_run_day_and_night(start: datetime, duration: timedelta) -> None:
    assert is_open(ALWAYS, start)
    assert working_time_after(ALWAYS, start, duration) == start + duration


def test_a_night_in_which_the_clock_changes_counts_the_time_that_passes() -> None:
    hours = WeeklyHours((ALL_DAY,) * 7, ALL_DAY)
    six = timedelta(hours=6)
    spring, autumn = amsterdam("2027-03-28 00:00"), amsterdam("2027-10-31 00:00")
    assert working_time_after(hours, spring, six) == amsterdam("2027-03-28 07:00")
    assert working_time_after(hours, autumn, six) == amsterdam("2027-10-31 05:00")
    local = datetime(2027, 10, 31, 1, 0, tzinfo=AMSTERDAM)
    assert working_time_after(hours, local, six) == amsterdam("2027-10-31 06:00")


def test_no_time_at_all_has_passed_at_the_start_itself() -> None:
    night = amsterdam("2026-11-20 23:00")
    assert working_time_after(OFFICE, night, timedelta(0)) == night
    assert working_time_after(NEVER, night, timedelta(0)) == night


def test_a_clock_of_more_than_ten_years_has_no_end() -> None:
    assert working_time_after(OFFICE, amsterdam("2026-11-20 09:00"), timedelta(days=3660)) is None


@given(weekly, starts, st.integers(1, 3000))
@settings(max_examples=60)
@example(OFFICE, amsterdam("2026-12-24 16:59"), 2)
def test_walking_minute_by_minute_gives_the_same(
    hours: WeeklyHours, start: datetime, minutes: int
) -> None:
    assert is_open(hours, start) is open_by_walking(hours, start)
    at, last, opening, passed = start, start + timedelta(days=9), None, 0
    while at < last and passed < minutes:
        if open_by_walking(hours, at):
            opening = opening or at
            passed += 1
        at += MINUTE
    if opening is not None:
        assert next_opening(hours, start) == opening
    else:
        assert (next_opening(hours, start) or last) >= last
    found = working_time_after(hours, start, minutes * MINUTE)
    if passed == minutes:
        assert found == at
    else:
        assert found is None or found > last


@given(weekly)
def test_hours_are_read_as_they_are_written(hours: WeeklyHours) -> None:
    written = hours.to_json()
    assert list(written) == ["ma", "di", "wo", "do", "vr", "za", "zo", "feestdagen"]
    assert WeeklyHours.from_json(written) == hours


def test_a_day_left_out_is_closed() -> None:
    assert WeeklyHours.from_json({}) == NEVER
    assert WeeklyHours.from_json({"za": [["10:00", "24:00"]]}).week[5] == (Span(time(10), None),)


def test_spans_may_touch() -> None:
    hours = WeeklyHours.from_json({"ma": [["08:00", "12:00"], ["12:00", "24:00"]]})
    assert is_open(hours, amsterdam("2026-11-23 12:00"))


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        ([], "/hours"),
        (None, "/hours"),
        ({"maandag": []}, "/hours/maandag"),
        ({"a/b~c": []}, "/hours/a~1b~0c"),
        ({"ma": {}}, "/hours/ma"),
        ({"ma": None}, "/hours/ma"),
        ({"ma": ["08:30"]}, "/hours/ma/0"),
        ({"ma": [["08:30", "12:00", "17:00"]]}, "/hours/ma/0"),
        ({"ma": [["8:30", "12:00"]]}, "/hours/ma/0/0"),
        ({"ma": [["24:00", "24:00"]]}, "/hours/ma/0/0"),
        ({"ma": [["08:30", 17]]}, "/hours/ma/0/1"),
        ({"ma": [["08:30", "24:01"]]}, "/hours/ma/0/1"),
        ({"di": [["12:00", "12:00"]]}, "/hours/di/0"),
        ({"di": [["22:00", "06:00"]]}, "/hours/di/0"),
        ({"di": [["12:30", "17:00"], ["08:30", "12:00"]]}, "/hours/di/1"),
        ({"di": [["08:30", "12:00"], ["11:59", "17:00"]]}, "/hours/di/1"),
        ({"feestdagen": [["08:30", "24:00"], ["23:00", "24:00"]]}, "/hours/feestdagen/1"),
        ({"wo": [[f"{n:02}:00", f"{n:02}:30"] for n in range(13)]}, "/hours/wo"),
    ],
)
def test_nonsense_is_refused_where_it_stands(data: object, pointer: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        WeeklyHours.from_json(data, "/hours")
    assert refused.value.pointer == pointer
    assert refused.value.detail


def test_hours_are_in_whole_minutes_without_a_zone() -> None:
    for start in (time(8, 30, 1), time(8, 30, tzinfo=UTC)):
        with pytest.raises(InvalidInput) as refused:
            WeeklyHours(((Span(start, None),), *((),) * 6))
        assert refused.value.pointer == "/ma/0/0"


DESK = OnCall("Opnamebureau", "079-000 00 01", OFFICE)
NIGHT = OnCall("Achterwacht", "(079) 000 00 02", ALWAYS)


@pytest.mark.parametrize(
    ("moment", "contact"),
    [
        ("2026-11-20 10:00", DESK),
        ("2026-11-20 18:00", NIGHT),
        ("2026-11-21 10:00", NIGHT),
        ("2026-12-25 10:00", NIGHT),
    ],
)
def test_contact_in_evening_night_and_weekend(moment: str, contact: OnCall) -> None:
    assert on_call([DESK, NIGHT], amsterdam(moment)) == contact


def test_of_two_who_answer_the_first_is_called() -> None:
    now = amsterdam("2026-11-20 10:00")
    assert on_call([NIGHT, DESK], now) == NIGHT


def test_nobody_answers_outside_all_hours() -> None:
    assert on_call([DESK], amsterdam("2026-11-20 18:00")) is None
    assert on_call([], amsterdam("2026-11-20 10:00")) is None


def test_contacts_are_read_as_they_are_written() -> None:
    assert contacts_from_json(contacts_to_json([DESK, NIGHT])) == (DESK, NIGHT)


def test_a_contact_without_hours_answers_day_and_night() -> None:
    data = [{"name": " Achterwacht ", "telephone": "+31790000002"}]
    assert contacts_from_json(data) == (OnCall("Achterwacht", "+31790000002", ALWAYS),)


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        ({}, ""),
        ([{"name": "Desk", "telephone": "0790000001"}] * 51, ""),
        (["0790000001"], "/0"),
        ([{"name": "Desk", "telephone": "0790000001", "mail": "x"}], "/0/mail"),
        ([{"telephone": "0790000001"}], "/0/name"),
        ([{"name": "  ", "telephone": "0790000001"}], "/0/name"),
        ([{"name": "x" * 201, "telephone": "0790000001"}], "/0/name"),
        ([{"name": "Desk"}], "/0/telephone"),
        ([{"name": "Desk", "telephone": 790000001}], "/0/telephone"),
        ([{"name": "Desk", "telephone": "bel de balie"}], "/0/telephone"),
        ([{"name": "Desk", "telephone": "0790000001", "hours": {"ma": 1}}], "/0/hours/ma"),
        ([{"name": "Desk", "telephone": "0790000001", "hours": None}], "/0/hours"),
    ],
)
def test_a_contact_that_makes_no_sense_is_refused(data: object, pointer: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        contacts_from_json(data)
    assert refused.value.pointer == pointer


@given(st.dates(date(2027, 1, 1), date(2027, 12, 31)))
def test_a_span_until_24_hours_ends_with_the_day(day: date) -> None:
    evenings = WeeklyHours(((Span(time(19), None),),) * 7, (Span(time(19), None),))
    midnight = first_showing(day, None)
    assert is_open(evenings, midnight - MINUTE)
    assert not is_open(evenings, midnight)
