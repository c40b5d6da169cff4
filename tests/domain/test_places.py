"""Free is not admissible: places, rules and an opnamestop together."""

from datetime import date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.admission import AdmissionRules
from domain.calendar import AMSTERDAM, WEEKDAYS, Weekday
from domain.outlook import Expected, Forecast, Outlook
from domain.places import Stop, first_admission, outlook, outlook_holds_until

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=AMSTERDAM)
OFFICE = AdmissionRules(days=frozenset(WEEKDAYS[:5]), opens=time(10), closes=time(16))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=AMSTERDAM)


def first(
    expected: Expected,
    rules: AdmissionRules | None = None,
    stop: Stop | None = None,
    places: int = 1,
    now: datetime = NOW,
) -> datetime | None:
    return first_admission(expected, rules, stop, places, now).at


def test_free_places_wait_for_the_window_and_windows_for_free_places() -> None:
    assert first(Expected(1)) == NOW
    assert first(Expected(1), OFFICE) == at(23, 10)
    assert first(Expected(0), OFFICE) is None
    leaves = Expected(0, forecast=Forecast.of({date(2026, 11, 27): 1}))
    assert first(leaves, OFFICE) == at(27, 12)
    assert first(leaves, AdmissionRules(days=frozenset({Weekday.MA}))) == at(30, 0)


def test_planned_admissions_count_for_the_maximum_of_a_day() -> None:
    rules = AdmissionRules(days=frozenset(WEEKDAYS[:5]), max_per_day=1)
    told = Expected(5, forecast=Forecast.of({}, {date(2026, 11, 23): 1, date(2026, 11, 24): 1}))
    assert first(told, rules) == at(25, 0)


def test_a_stop_without_an_end_closes_and_one_with_an_end_closes_that_whole_day() -> None:
    assert first(Expected(3), stop=Stop.expected(at(20, 8), None)) is None
    until = Stop.expected(at(20, 8), date(2026, 11, 25))
    assert first(Expected(3), stop=until) == at(26, 0)
    assert first(Expected(3), OFFICE, until) == at(26, 10)


def test_no_clock_lifts_a_stop_whose_end_has_passed() -> None:
    overdue = Stop.expected(at(10, 8), date(2026, 11, 22))
    assert first(Expected(3), stop=overdue) is None
    assert outlook(Expected(3), overdue, NOW) == Outlook(0, 0, 0, 0)


def test_a_stop_makes_the_outlook_none_until_its_expected_end() -> None:
    stop = Stop.expected(at(20, 8), date(2026, 11, 24))
    assert outlook(Expected(3), stop, NOW) == Outlook(0, 0, 3, 3)
    assert outlook(Expected(None), stop, NOW).in_a_week is None


def test_what_is_announced_for_later_leaves_what_comes_before_it() -> None:
    announced = Stop(at(23, 12), None)
    assert first(Expected(1), OFFICE, announced) == at(23, 10)
    assert first(Expected(1), AdmissionRules(opens=time(13)), announced) is None
    assert first_admission(Expected(1), None, announced, 1, NOW).holds_until == announced.since


days = st.dates(date(2026, 11, 20), date(2026, 12, 5))
forecasts = st.builds(
    Forecast.of,
    st.dictionaries(days, st.integers(1, 3), max_size=3),
    st.dictionaries(days, st.integers(1, 3), max_size=3),
)
stops = st.none() | st.builds(
    Stop.expected,
    st.integers(-50, 50).map(lambda hours: NOW + timedelta(hours=hours)),
    st.none() | days,
)
rules = st.sampled_from(
    [
        None,
        OFFICE,
        AdmissionRules(apply_before=time(11), apply_days_ahead=1, max_per_day=2),
        AdmissionRules(days=frozenset({Weekday.WO}), closes=time(9)),
    ]
)


@given(
    st.integers(-2, 4),
    forecasts,
    stops,
    rules,
    st.integers(1, 3),
    st.integers(0, 14 * 24 * 60),
)
def test_an_answer_holds_until_it_says(
    balance: int,
    forecast: Forecast,
    stop: Stop | None,
    given_rules: AdmissionRules | None,
    places: int,
    minutes: int,
) -> None:
    told = Expected(balance, forecast=forecast, observed_on=date(2026, 11, 21))
    found = first_admission(told, given_rules, stop, places, NOW)
    seen = outlook(told, stop, NOW)
    holds = outlook_holds_until(told, stop, NOW)
    assert found.holds_until > NOW
    assert holds > NOW
    assert found.at is None or found.free >= places
    later = NOW + timedelta(minutes=minutes)
    if later < found.holds_until:
        then = first_admission(told, given_rules, stop, places, later)
        assert then.at == (later if found.immediate else found.at)
        assert (then.free, then.immediate) == (found.free, found.immediate)
    if later < holds:
        assert outlook(told, stop, later) == seen
