"""The vroegste opname against a brute force that walks the clock."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from domain.admission import HORIZON_DAYS, AdmissionRules, earliest_admission
from domain.calendar import AMSTERDAM, WEEKDAYS, Weekday, is_holiday
from tests.factories.clock import MINUTE, amsterdam, first_showing

WORKDAYS = frozenset(WEEKDAYS[:5])
#: Monday to Friday from 10 to 16, as most providers have it.
WINDOW = AdmissionRules(days=WORKDAYS, opens=time(10), closes=time(16))
BEFORE_NOON = replace(WINDOW, apply_before=time(12))
DAY_BEFORE = replace(WINDOW, apply_before=time(16), apply_days_ahead=1)


quarters = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))
edges = st.one_of(quarters, st.sampled_from([time(2), time(2, 30), time(3), time(23, 59)]))


@st.composite
def some_rules(draw: st.DrawFn) -> AdmissionRules:
    opens, closes = draw(st.none() | edges), draw(st.none() | edges)
    assume(closes is None or closes > (opens or time(0)))
    return AdmissionRules(
        days=draw(st.frozensets(st.sampled_from(Weekday), min_size=1)),
        opens=opens,
        closes=closes,
        apply_before=draw(st.none() | edges),
        apply_days_ahead=draw(st.sampled_from([0, 0, 1, 2, 7])),
        max_per_day=draw(st.none() | st.integers(1, 2)),
        holidays=draw(st.booleans()),
    )


#: Mostly around Christmas, Easter with the spring change, Hemelvaart and the autumn change.
nows = st.one_of(
    st.builds(
        lambda day, seconds: amsterdam(day) + timedelta(seconds=seconds),
        st.sampled_from(["2026-12-23", "2027-03-24", "2027-05-04", "2027-10-28"]),
        st.integers(0, 9 * 86_400),
    ),
    st.integers(1_577_836_800, 2_208_988_800).map(lambda s: datetime.fromtimestamp(s, UTC)),
)
#: Counts of the days from now on.
counts = st.lists(st.sampled_from([0, 1, 2, 2]), max_size=14)
laters = st.none() | st.timedeltas(timedelta(days=-2), timedelta(days=14))


def from_counts(now: datetime, taken: list[int]) -> dict[date, int]:
    today = now.astimezone(AMSTERDAM).date()
    return {today + timedelta(days=n): count for n, count in enumerate(taken)}


def admits(rules: AdmissionRules, at: datetime, now: datetime, taken: Mapping[date, int]) -> bool:
    day = at.astimezone(AMSTERDAM).date()
    apply_day = day - timedelta(days=rules.apply_days_ahead)
    return (
        Weekday(("ma", "di", "wo", "do", "vr", "za", "zo")[day.isoweekday() - 1]) in rules.days
        and not (is_holiday(day) and not rules.holidays)
        and not (rules.max_per_day is not None and taken.get(day, 0) >= rules.max_per_day)
        and now < first_showing(apply_day, rules.apply_before)
        and first_showing(day, rules.opens or time(0)) <= at < first_showing(day, rules.closes)
    )


@given(some_rules(), nows, counts, laters)
@settings(max_examples=150)
@example(BEFORE_NOON, amsterdam("2026-12-24 12:00"), [], None)
@example(DAY_BEFORE, amsterdam("2027-03-26 16:00"), [2, 2, 2], None)
@example(AdmissionRules(opens=time(2), closes=time(3)), amsterdam("2027-03-28 01:00"), [], None)
@example(
    AdmissionRules(opens=time(2, 15), closes=time(2, 45)), amsterdam("2027-10-31 02:50"), [], None
)
def test_walking_minute_by_minute_gives_the_same(
    rules: AdmissionRules, now: datetime, counted: list[int], later: timedelta | None
) -> None:
    taken = from_counts(now, counted)
    not_before = None if later is None else now + later
    found = earliest_admission(rules, now, taken=taken, not_before=not_before)
    base = now if not_before is None else max(now, not_before)
    last = base.astimezone(AMSTERDAM).date() + timedelta(days=HORIZON_DAYS)
    whole = base.replace(second=0, microsecond=0)
    at = base
    while not admits(rules, at, now, taken):
        whole += MINUTE
        at = whole
        if whole.astimezone(AMSTERDAM).date() > last:
            assert found is None
            return
    assert found is not None
    assert found.at == at
    assert found.immediate is (at == now)


@given(some_rules(), nows, counts, laters)
def test_the_answer_lies_in_a_window_and_never_in_the_past(
    rules: AdmissionRules, now: datetime, counted: list[int], later: timedelta | None
) -> None:
    taken = from_counts(now, counted)
    not_before = None if later is None else now + later
    found = earliest_admission(rules, now, taken=taken, not_before=not_before)
    assume(found is not None)
    assert found is not None
    assert found.at >= now
    assert not_before is None or found.at >= not_before
    assert admits(rules, found.at, now, taken)
    assert found.holds_until > now


@given(some_rules(), nows, counts, laters, st.timedeltas(timedelta(0), timedelta(days=10)))
def test_who_asks_later_is_never_admitted_earlier(
    rules: AdmissionRules,
    now: datetime,
    counted: list[int],
    later: timedelta | None,
    passed: timedelta,
) -> None:
    taken = from_counts(now, counted)
    not_before = None if later is None else now + later
    before = earliest_admission(rules, now, taken=taken, not_before=not_before)
    after = earliest_admission(rules, now + passed, taken=taken, not_before=not_before)
    if before is not None and after is not None:
        assert after.at >= before.at


@given(some_rules(), nows, counts, laters, st.lists(st.floats(0, 1, exclude_max=True), max_size=5))
@example(BEFORE_NOON, amsterdam("2026-11-20 11:00"), [], None, [0.5])
@example(DAY_BEFORE, amsterdam("2026-11-20 11:00"), [], None, [0.5])
def test_an_answer_holds_until_it_says_and_no_longer(
    rules: AdmissionRules,
    now: datetime,
    counted: list[int],
    later: timedelta | None,
    parts: list[float],
) -> None:
    taken = from_counts(now, counted)
    not_before = None if later is None else now + later
    found = earliest_admission(rules, now, taken=taken, not_before=not_before)
    assume(found is not None)
    assert found is not None
    lasts = found.holds_until - now
    moments = [now + min(lasts * part, lasts - timedelta(microseconds=1)) for part in parts]
    for moment in (*moments, found.holds_until - timedelta(microseconds=1)):
        again = earliest_admission(rules, moment, taken=taken, not_before=not_before)
        assert again == (replace(found, at=moment) if found.immediate else found)
    changed = earliest_admission(rules, found.holds_until, taken=taken, not_before=not_before)
    assert changed != (replace(found, at=found.holds_until) if found.immediate else found)


@given(some_rules(), nows, st.floats(0, 1, exclude_max=True))
def test_no_answer_holds_until_midnight(rules: AdmissionRules, now: datetime, part: float) -> None:
    rules = replace(rules, max_per_day=1)
    full = from_counts(now, [1] * (HORIZON_DAYS + 1))
    assert earliest_admission(rules, now, taken=full) is None
    midnight = first_showing(now.astimezone(AMSTERDAM).date(), None)
    moment = now + min((midnight - now) * part, midnight - now - timedelta(microseconds=1))
    assert earliest_admission(rules, moment, taken=full) is None


@given(some_rules())
def test_rules_are_read_as_they_are_written(rules: AdmissionRules) -> None:
    assert AdmissionRules.from_json(rules.to_json()) == rules
