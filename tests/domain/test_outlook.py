"""The outlook: what will be free, erring on the side of too few."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import AMSTERDAM
from domain.errors import InvalidInput
from domain.outlook import (
    UNKNOWN_OUTLOOK,
    Expected,
    Forecast,
    Outlook,
    check_forecast,
    free_at,
    free_from,
    outlook,
    steps,
    total,
)

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=AMSTERDAM)
TODAY, TOMORROW, THURSDAY = date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 26)


def expected(
    balance: int | None,
    discharges: dict[date, int] | None = None,
    admissions: dict[date, int] | None = None,
    planned: int = 0,
    available_from: date | None = None,
    observed_on: date | None = None,
) -> Expected:
    return Expected(
        balance, planned, Forecast.of(discharges, admissions), available_from, observed_on
    )


def test_nothing_foreseen_stays_as_it_is() -> None:
    assert outlook(expected(3), NOW) == Outlook(3, 3, 3, 3)


def test_a_shortage_is_no_free_place_and_is_made_up_for_first() -> None:
    assert outlook(expected(-1, {TOMORROW: 1, THURSDAY: 1}), NOW) == Outlook(0, 0, 0, 1)


def test_the_unknown_has_no_outlook() -> None:
    assert outlook(expected(None, {TOMORROW: 1}), NOW) == UNKNOWN_OUTLOOK
    assert steps(expected(None, {TOMORROW: 1}), NOW) == []


def test_who_leaves_has_left_by_noon() -> None:
    course = steps(expected(0, {TOMORROW: 2}), NOW)
    noon = datetime(2026, 11, 24, 12, tzinfo=AMSTERDAM)
    assert course == [(NOW, 0), (noon, 2)]
    assert free_from(course, 2) == noon
    assert free_from(course, 3) is None


def test_a_discharge_that_passed_without_a_report_promises_nothing() -> None:
    noon = datetime(2026, 11, 23, 12, tzinfo=AMSTERDAM)
    told = expected(0, {TODAY: 1})
    assert free_from(steps(told, noon - timedelta(seconds=1)), 1) == noon
    assert free_from(steps(told, noon), 1) is None


def test_an_admission_keeps_its_place_also_when_its_day_passed_without_a_report() -> None:
    told = expected(1, admissions={TOMORROW: 1}, observed_on=TODAY)
    for days in range(5):
        assert free_from(steps(told, NOW + timedelta(days=days)), 1) is None


def test_an_admission_from_before_the_figures_is_in_them() -> None:
    told = expected(1, admissions={TODAY: 1}, observed_on=TOMORROW)
    assert steps(told, NOW) == [(NOW, 1)]


def test_admissions_that_are_planned_already_are_not_taken_off_twice() -> None:
    told = expected(2, admissions={TOMORROW: 1, THURSDAY: 2}, planned=2)
    assert [balance for _, balance in steps(told, NOW)] == [2, 1]
    assert steps(told, NOW)[1][0] == datetime(2026, 11, 26, tzinfo=AMSTERDAM)


def test_vrij_vanaf_is_one_place_more_unless_discharges_are_known() -> None:
    assert outlook(expected(0, available_from=THURSDAY), NOW) == Outlook(0, 0, 0, 1)
    assert outlook(expected(0, {TOMORROW: 2}, available_from=THURSDAY), NOW).in_a_week == 2


def test_a_place_that_is_free_today_and_planned_for_tomorrow_is_not_free_to_give() -> None:
    course = steps(expected(1, {THURSDAY: 1}, {TOMORROW: 1}), NOW)
    assert outlook(expected(1, {THURSDAY: 1}, {TOMORROW: 1}), NOW).now == 1
    assert free_from(course, 1) == datetime(2026, 11, 26, 12, tzinfo=AMSTERDAM)


@given(
    st.integers(-5, 20),
    st.dictionaries(st.dates(TODAY, date(2026, 12, 20)), st.integers(1, 5), max_size=6),
    st.dictionaries(st.dates(TODAY, date(2026, 12, 20)), st.integers(1, 5), max_size=6),
    st.integers(0, 4),
    st.integers(1, 10),
)
def test_from_the_moment_that_places_are_free_they_stay_free(
    balance: int,
    discharges: dict[date, int],
    admissions: dict[date, int],
    planned: int,
    places: int,
) -> None:
    course = steps(expected(balance, discharges, admissions, planned), NOW)
    found = free_from(course, places)
    assert (found is None) == (course[-1][1] < places)
    if found is not None:
        assert all(free_at(course, found + timedelta(hours=h)) >= places for h in range(900))
        earlier = [balance for moment, balance in course if moment < found]
        assert not earlier or earlier[-1] < places


def test_a_total_is_of_what_is_known() -> None:
    assert total([Outlook(1, 2, 3, 4), UNKNOWN_OUTLOOK, Outlook(1, 1, 1, 1)]) == Outlook(2, 3, 4, 5)
    assert total([]) == Outlook(0, 0, 0, 0)


def test_a_forecast_is_kept_as_it_was_given() -> None:
    given_ = Forecast.of({TOMORROW: 2}, {THURSDAY: 1})
    assert Forecast.from_data(given_.as_data()) == given_
    assert Forecast().as_data() is None


@pytest.mark.parametrize(
    "forecast",
    [
        Forecast(((date(2028, 1, 1), 1),)),
        Forecast((), ((TODAY, 1), (TODAY, 1))),
        Forecast(tuple((TODAY + timedelta(days=n), 1) for n in range(61))),
    ],
)
def test_dates_too_far_too_many_or_twice_are_refused(forecast: Forecast) -> None:
    with pytest.raises(InvalidInput):
        check_forecast(forecast, TODAY)
