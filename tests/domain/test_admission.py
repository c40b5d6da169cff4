"""Free is not admissible: the vroegste opname, through weekends, holidays and clock changes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from domain.admission import FOREVER, HORIZON_DAYS, AdmissionRules, Earliest, earliest_admission
from domain.calendar import AMSTERDAM, WEEKDAYS, Weekday
from domain.errors import InvalidInput
from tests.factories.clock import amsterdam

WORKDAYS = frozenset(WEEKDAYS[:5])
#: Monday to Friday from 10 to 16, as most providers have it.
WINDOW = AdmissionRules(days=WORKDAYS, opens=time(10), closes=time(16))
BEFORE_NOON = replace(WINDOW, apply_before=time(12))
DAY_BEFORE = replace(WINDOW, apply_before=time(16), apply_days_ahead=1)


def first(
    rules: AdmissionRules | None,
    now: str,
    taken: Mapping[date, int] | None = None,
    not_before: str | None = None,
) -> Earliest:
    found = earliest_admission(
        rules,
        amsterdam(now),
        taken=taken or {},
        not_before=None if not_before is None else amsterdam(not_before),
    )
    assert found is not None
    return found


def test_without_rules_somebody_is_admitted_at_any_hour() -> None:
    for moment in ("2026-11-20 03:00", "2026-11-21 23:59", "2026-12-25 12:00"):
        now = amsterdam(moment)
        assert first(None, moment) == Earliest(now, immediate=True, holds_until=FOREVER)


def test_without_rules_a_later_start_is_when_it_is_asked_for() -> None:
    start = amsterdam("2026-11-21 09:00")
    found = first(None, "2026-11-20 12:00", not_before="2026-11-21 09:00")
    assert found == Earliest(start, immediate=False, holds_until=start)


def test_free_is_not_admissible_on_friday_evening() -> None:
    found = first(WINDOW, "2026-11-20 17:30")
    monday = amsterdam("2026-11-23 10:00")
    assert found == Earliest(monday, immediate=False, holds_until=monday)


def test_inside_the_opnamevenster_admission_is_immediate_until_it_closes() -> None:
    now = amsterdam("2026-11-20 10:00")
    assert first(WINDOW, "2026-11-20 10:00") == Earliest(now, True, amsterdam("2026-11-20 16:00"))
    assert first(WINDOW, "2026-11-20 15:59:59").immediate
    assert first(WINDOW, "2026-11-20 16:00").at == amsterdam("2026-11-23 10:00")


@pytest.mark.parametrize(
    ("now", "at"),
    [
        ("2026-11-20 09:59", "2026-11-20 10:00"),
        ("2026-11-21 12:00", "2026-11-23 10:00"),
        ("2026-11-22 23:59", "2026-11-23 10:00"),
        ("2026-11-23 00:00", "2026-11-23 10:00"),
        # Christmas on Friday and Saturday; Thursday's window has closed.
        ("2026-12-24 16:00", "2026-12-28 10:00"),
        ("2026-12-24 15:00", "2026-12-24 15:00"),
        # New Year on Friday.
        ("2026-12-31 17:00", "2027-01-04 10:00"),
        # Easter: Goede Vrijdag is an ordinary Friday; the clock changes on Easter Sunday.
        ("2027-03-25 17:00", "2027-03-26 10:00"),
        ("2027-03-26 16:00", "2027-03-30 10:00"),
        ("2027-03-29 12:00", "2027-03-30 10:00"),
        # Koningsdag, Hemelvaart, Pinksteren.
        ("2027-04-26 16:00", "2027-04-28 10:00"),
        ("2027-05-05 16:00", "2027-05-07 10:00"),
        ("2027-05-14 16:00", "2027-05-18 10:00"),
        # Winter time begins in the night to Sunday.
        ("2027-10-29 16:00", "2027-11-01 10:00"),
    ],
)
def test_opnamedagen_pass_over_weekends_and_holidays(now: str, at: str) -> None:
    assert first(WINDOW, now).at == amsterdam(at)


def test_a_provider_may_admit_on_holidays() -> None:
    every_day = replace(WINDOW, days=frozenset(WEEKDAYS), holidays=True)
    assert first(every_day, "2026-12-25 12:00").immediate
    assert first(replace(every_day, holidays=False), "2026-12-25 12:00").at == amsterdam(
        "2026-12-27 10:00"
    )


def test_days_without_a_window_are_open_from_midnight_to_midnight() -> None:
    rules = AdmissionRules(days=frozenset({Weekday.MA}))
    assert first(rules, "2026-11-20 17:30").at == amsterdam("2026-11-23 00:00")
    found = first(rules, "2026-11-23 23:59")
    assert found.immediate
    assert found.holds_until == amsterdam("2026-11-24 00:00")


@pytest.mark.parametrize(
    ("now", "at", "holds_until"),
    [
        ("2026-11-19 18:00", "2026-11-20 10:00", "2026-11-20 10:00"),
        ("2026-11-20 11:59:59", "2026-11-20 11:59:59", "2026-11-20 12:00"),
        ("2026-11-20 12:00", "2026-11-23 10:00", "2026-11-23 10:00"),
        ("2026-11-20 13:00", "2026-11-23 10:00", "2026-11-23 10:00"),
    ],
)
def test_aanmelden_voor_noon_on_the_day_itself(now: str, at: str, holds_until: str) -> None:
    found = first(BEFORE_NOON, now)
    assert (found.at, found.holds_until) == (amsterdam(at), amsterdam(holds_until))


@pytest.mark.parametrize(
    ("now", "at", "holds_until"),
    [
        ("2026-11-18 15:59", "2026-11-19 10:00", "2026-11-18 16:00"),
        ("2026-11-18 16:00", "2026-11-20 10:00", "2026-11-19 16:00"),
        # For Monday one applies on Sunday: calendar days, not working days.
        ("2026-11-20 11:00", "2026-11-23 10:00", "2026-11-22 16:00"),
        ("2026-11-22 16:00", "2026-11-24 10:00", "2026-11-23 16:00"),
        # By the clock on the wall, also on the days that it changes.
        ("2027-10-31 15:59", "2027-11-01 10:00", "2027-10-31 16:00"),
        ("2027-10-31 16:00", "2027-11-02 10:00", "2027-11-01 16:00"),
    ],
)
def test_aanmelden_voor_a_time_on_the_day_before(now: str, at: str, holds_until: str) -> None:
    found = first(DAY_BEFORE, now)
    assert (found.at, found.holds_until) == (amsterdam(at), amsterdam(holds_until))
    assert not found.immediate


def test_days_ahead_without_a_time_last_until_the_end_of_that_day() -> None:
    rules = replace(WINDOW, apply_days_ahead=1)
    assert first(rules, "2026-11-18 23:59").at == amsterdam("2026-11-19 10:00")
    assert first(rules, "2026-11-19 00:00").at == amsterdam("2026-11-20 10:00")


def test_the_deadline_is_about_now_and_not_about_the_start_asked_for() -> None:
    found = first(DAY_BEFORE, "2026-11-18 12:00", not_before="2026-11-19 14:00")
    assert found.at == amsterdam("2026-11-19 14:00")
    assert found.holds_until == amsterdam("2026-11-18 16:00")
    assert first(DAY_BEFORE, "2026-11-18 16:00", not_before="2026-11-19 14:00").at == amsterdam(
        "2026-11-20 10:00"
    )


def test_a_day_with_its_maximum_of_admissions_is_passed_over() -> None:
    rules = replace(WINDOW, max_per_day=2)
    friday, monday = date(2026, 11, 20), date(2026, 11, 23)
    now = "2026-11-20 11:00"
    assert first(rules, now, {friday: 1}).immediate
    assert first(rules, now, {friday: 2}).at == amsterdam("2026-11-23 10:00")
    assert first(rules, now, {friday: 3, monday: 2}).at == amsterdam("2026-11-24 10:00")
    assert first(WINDOW, now, {friday: 99}).immediate


def test_admissions_are_counted_by_the_day_in_amsterdam() -> None:
    rules = AdmissionRules(max_per_day=1)
    just_after_midnight = "2026-11-20 00:30"
    assert amsterdam(just_after_midnight).date() == date(2026, 11, 19)
    assert first(rules, just_after_midnight, {date(2026, 11, 19): 1}).immediate
    assert not first(rules, just_after_midnight, {date(2026, 11, 20): 1}).immediate


def test_not_before_is_admitted_inside_a_window_only() -> None:
    assert first(WINDOW, "2026-11-20 11:00", not_before="2026-11-20 14:30") == Earliest(
        amsterdam("2026-11-20 14:30"), False, amsterdam("2026-11-20 14:30")
    )
    assert first(WINDOW, "2026-11-20 11:00", not_before="2026-11-21 11:00").at == amsterdam(
        "2026-11-23 10:00"
    )
    assert first(WINDOW, "2026-11-20 11:00", not_before="2026-11-19 11:00").immediate


def test_nothing_within_sixty_days_is_none() -> None:
    now = amsterdam("2026-11-20 17:00")
    rules = replace(WINDOW, max_per_day=1)
    full = {date(2026, 11, 20) + timedelta(days=n): 1 for n in range(HORIZON_DAYS)}
    assert earliest_admission(rules, now, taken=full) == Earliest(
        amsterdam("2027-01-19 10:00"), False, amsterdam("2027-01-19 10:00")
    )
    assert earliest_admission(rules, amsterdam("2026-11-20 00:30"), taken=full) is not None
    full[date(2027, 1, 19)] = 1
    assert earliest_admission(rules, now, taken=full) is None


def test_spring_a_window_in_the_skipped_hour_has_no_admissions() -> None:
    night = AdmissionRules(opens=time(2), closes=time(3), holidays=True)
    assert first(night, "2027-03-27 12:00").at == amsterdam("2027-03-29 02:00")
    half_gone = replace(night, closes=time(3, 30))
    found = first(half_gone, "2027-03-27 12:00")
    assert found.at == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
    assert first(half_gone, "2027-03-28 03:29").holds_until == amsterdam("2027-03-28 03:30")


def test_autumn_a_window_lasts_through_both_runs_of_the_doubled_hour() -> None:
    night = AdmissionRules(opens=time(2), closes=time(3))
    second_run = amsterdam("2027-10-31 02:30", fold=1)
    assert earliest_admission(night, second_run) == Earliest(
        second_run, True, datetime(2027, 10, 31, 2, 0, tzinfo=UTC)
    )
    until_half_past = replace(night, closes=time(2, 30))
    found = earliest_admission(until_half_past, amsterdam("2027-10-31 02:15", fold=1))
    assert found is not None
    assert found.at == amsterdam("2027-11-01 02:00")


def test_autumn_aanmelden_voor_a_doubled_time_is_before_the_first() -> None:
    rules = replace(WINDOW, days=frozenset(WEEKDAYS), apply_before=time(2, 30))
    found = first(rules, "2027-10-31 01:00")
    assert found.at == amsterdam("2027-10-31 10:00")
    assert found.holds_until == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_now_may_be_given_in_any_zone() -> None:
    second_run = datetime(2027, 10, 31, 2, 30, tzinfo=AMSTERDAM, fold=1)
    rules = AdmissionRules(opens=time(2, 45))
    for later in (None, second_run, second_run - timedelta(days=1)):
        found = earliest_admission(rules, second_run, not_before=later)
        assert found is not None
        assert found.immediate
        assert found.at.tzinfo is UTC
    tomorrow = datetime(2027, 11, 1, 9, 0, tzinfo=AMSTERDAM)
    found = earliest_admission(rules, second_run, not_before=tomorrow)
    assert found is not None
    assert found.at == tomorrow
    assert found.at.tzinfo is UTC


def test_all_members_are_optional() -> None:
    assert AdmissionRules.from_json({}) == AdmissionRules()
    names = list(AdmissionRules().to_json())
    assert AdmissionRules.from_json(dict.fromkeys(names)) == AdmissionRules()


def test_rules_in_full() -> None:
    data = {
        "days": ["ma", "di"],
        "opens": "10:00",
        "closes": "16:00",
        "apply_before": "12:00",
        "apply_days_ahead": 1,
        "max_per_day": 2,
        "holidays": True,
    }
    rules = AdmissionRules.from_json(data)
    assert rules == AdmissionRules(
        frozenset({Weekday.MA, Weekday.DI}), time(10), time(16), time(12), 1, 2, holidays=True
    )
    assert rules.to_json() == data
    assert all(type(day) is Weekday for day in rules.days)


def test_a_window_may_close_at_24_hours() -> None:
    assert AdmissionRules.from_json({"opens": "20:00", "closes": "24:00"}).closes is None


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        ([], ""),
        ("ma", ""),
        (None, ""),
        ({"dagen": ["ma"]}, "/dagen"),
        ({"days": "ma"}, "/days"),
        ({"days": []}, "/days"),
        ({"days": ["ma"] * 8}, "/days"),
        ({"days": ["ma", "maandag"]}, "/days/1"),
        ({"days": ["ma", "di", "ma"]}, "/days/2"),
        ({"days": [["ma"]]}, "/days/0"),
        ({"days": [1]}, "/days/0"),
        ({"opens": "10"}, "/opens"),
        ({"opens": "24:00"}, "/opens"),
        ({"opens": 10}, "/opens"),
        ({"closes": "25:00"}, "/closes"),
        ({"closes": "00:00"}, "/closes"),
        ({"opens": "16:00", "closes": "10:00"}, "/closes"),
        ({"opens": "10:00", "closes": "10:00"}, "/closes"),
        ({"apply_before": "noon"}, "/apply_before"),
        ({"apply_days_ahead": -1}, "/apply_days_ahead"),
        ({"apply_days_ahead": 31}, "/apply_days_ahead"),
        ({"apply_days_ahead": "1"}, "/apply_days_ahead"),
        ({"apply_days_ahead": True}, "/apply_days_ahead"),
        ({"max_per_day": 0}, "/max_per_day"),
        ({"max_per_day": 1000}, "/max_per_day"),
        ({"max_per_day": 1.0}, "/max_per_day"),
        ({"holidays": 1}, "/holidays"),
        ({"holidays": "ja"}, "/holidays"),
    ],
)
def test_nonsense_is_refused_where_it_stands(data: object, pointer: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        AdmissionRules.from_json(data, "/admission")
    assert refused.value.pointer == "/admission" + pointer
    assert refused.value.detail


@pytest.mark.parametrize("wall", [time(10, 0, 30), time(10, 0, 0, 1), time(10, tzinfo=UTC)])
def test_rules_are_in_whole_minutes_without_a_zone(wall: time) -> None:
    with pytest.raises(InvalidInput) as opens:
        AdmissionRules(opens=wall)
    with pytest.raises(InvalidInput) as closes:
        AdmissionRules(closes=wall)
    with pytest.raises(InvalidInput) as apply_before:
        AdmissionRules(apply_before=wall)
    pointers = [refused.value.pointer for refused in (opens, closes, apply_before)]
    assert pointers == ["/opens", "/closes", "/apply_before"]
