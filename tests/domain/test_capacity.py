"""What a report may say, when it was true, which of two stands, and how long it is believed."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.capacity import (
    FUTURE_TOLERANCE,
    MAX_CLOCK_ERROR,
    Figures,
    Freshness,
    Precedence,
    check_figures,
    effective_observation,
    free_places,
    freshness,
)
from domain.care_types import ClosedReason
from domain.errors import InvalidInput, ObservedInFuture
from tests.factories.figures import figures

NINE = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
STAFF = ClosedReason.PERSONEEL


@pytest.mark.parametrize(
    ("said", "base"),
    [
        (Figures(operable=10, occupied=8, planned=1), 1),
        (Figures(operable=10, occupied=8, planned=3), -1),
        (Figures(operable=10, occupied=8), None),
        (Figures(operable=10, planned=0), None),
        (Figures(occupied=8, planned=0), None),
        (Figures(free=2), 2),
        (Figures(free=0), 0),
        (Figures(free=2, operable=10, planned=4), 2),
        (Figures(physical=10, closed=0), None),
        (Figures(), None),
    ],
)
def test_what_is_left_by_the_reports_own_account(said: Figures, base: int | None) -> None:
    assert said.base == base


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        (Figures(physical=-1), "/physical"),
        (Figures(operable=10_000), "/operable"),
        (Figures(occupied=-1), "/occupied"),
        (Figures(planned=10_000), "/planned"),
        (Figures(closed=-1), "/closed"),
        (Figures(free=-1), "/free"),
        (Figures(free=10_000), "/free"),
        (Figures(operable=10, occupied=11), "/occupied"),
        (Figures(physical=9, operable=10), "/operable"),
        (Figures(physical=9, closed=10, closed_reason=STAFF), "/closed"),
        (Figures(physical=1, free=2), "/free"),
        (Figures(operable=1, free=2), "/free"),
        (Figures(physical=9, free=6, closed=4, closed_reason=STAFF), "/free"),
        (Figures(operable=10, occupied=8, free=2), "/free"),
        (Figures(operable=10, occupied=8, planned=0, free=2), "/free"),
        (Figures(closed_reason=STAFF), "/closed_reason"),
        (Figures(closed=0, closed_reason=STAFF), "/closed_reason"),
        (Figures(closed=1), "/closed_reason"),
    ],
)
def test_figures_that_cannot_be_true_are_refused_by_name(said: Figures, pointer: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_figures(said)
    assert refused.value.pointer == pointer
    assert refused.value.detail


@pytest.mark.parametrize(
    "said",
    [
        Figures(),
        Figures(free=0),
        Figures(free=9999),
        Figures(physical=0, operable=0, occupied=0, planned=0, closed=0),
        Figures(physical=9999, operable=9999, occupied=9999, planned=9999),
        Figures(physical=10, operable=10, occupied=10, planned=5),
        Figures(physical=10, closed=10, closed_reason=STAFF),
        Figures(operable=10, free=10),
        Figures(physical=10, free=6, closed=4, closed_reason=STAFF),
        Figures(occupied=10, free=2),
    ],
)
def test_figures_at_their_limits_are_taken(said: Figures) -> None:
    check_figures(said)


def test_without_an_observation_the_receipt_is_when_it_was_true() -> None:
    assert effective_observation(None, None, NINE) == NINE
    assert effective_observation(None, NINE + 20 * MINUTE, NINE) == NINE


@pytest.mark.parametrize(
    ("observed", "sent", "effective"),
    [
        # A right clock.
        (-10, None, -10),
        (-10, 0, -10),
        # Three minutes ahead: without sent_at no later than the receipt, with it corrected.
        (-7, None, -7),
        (3, None, 0),
        (-7, 3, -10),
        (3, 3, 0),
        # Three minutes behind.
        (-13, None, -13),
        (-13, -3, -10),
        (-3, -3, 0),
        # An observation after its own sending, by less than five minutes.
        (2, 0, 0),
        # As far off as may be: sent_at still puts it right.
        (50, 60, -10),
        (-70, -60, -10),
    ],
)
def test_the_senders_clock_is_corrected_by_sent_at_and_never_beats_the_receipt(
    observed: int, sent: int | None, effective: int
) -> None:
    sent_at = None if sent is None else NINE + sent * MINUTE
    found = effective_observation(NINE + observed * MINUTE, sent_at, NINE)
    assert found == NINE + effective * MINUTE


@pytest.mark.parametrize("sent", [None, timedelta(0), timedelta(minutes=3), -timedelta(minutes=3)])
def test_five_minutes_ahead_is_taken_and_a_moment_more_is_refused(sent: timedelta | None) -> None:
    sent_at = None if sent is None else NINE + sent
    limit = (NINE if sent_at is None else sent_at) + FUTURE_TOLERANCE
    assert effective_observation(limit, sent_at, NINE) == NINE
    with pytest.raises(ObservedInFuture) as refused:
        effective_observation(limit + timedelta(microseconds=1), sent_at, NINE)
    assert refused.value.facts["server_time"] == NINE


@pytest.mark.parametrize("observed", [None, NINE, NINE - 90 * MINUTE])
@pytest.mark.parametrize("off", [MAX_CLOCK_ERROR, -MAX_CLOCK_ERROR])
def test_a_report_sent_more_than_an_hour_ago_or_ahead_was_kept_waiting_and_is_refused(
    observed: datetime | None, off: timedelta
) -> None:
    beyond = NINE + off + (off / abs(off)) * timedelta(microseconds=1)
    with pytest.raises(InvalidInput) as refused:
        effective_observation(observed, beyond, NINE)
    assert refused.value.pointer == "/sent_at"


@given(st.none() | st.integers(-10_000, 10_000), st.none() | st.integers(-3_600, 3_600))
def test_no_clock_makes_an_observation_later_than_its_receipt(
    observed: int | None, sent: int | None
) -> None:
    observed_at = None if observed is None else NINE + timedelta(seconds=observed)
    sent_at = None if sent is None else NINE + timedelta(seconds=sent)
    try:
        found = effective_observation(observed_at, sent_at, NINE)
    except ObservedInFuture:
        assert observed is not None
        assert observed - (sent or 0) > FUTURE_TOLERANCE.total_seconds()
    else:
        assert found <= NINE


precedences = st.builds(
    Precedence,
    observed_at=st.integers(0, 2).map(lambda minute: NINE + minute * MINUTE),
    base=st.none() | st.integers(-2, 2),
    digest=st.sampled_from([b"a", b"b", b"c"]),
)


@given(precedences, precedences, precedences)
def test_precedence_is_one_order(one: Precedence, two: Precedence, three: Precedence) -> None:
    assert not one.outranks(one)
    assert (one == two) or (one.outranks(two) != two.outranks(one))
    if one.outranks(two) and two.outranks(three):
        assert one.outranks(three)


@given(st.lists(precedences, min_size=1, max_size=4))
def test_whatever_the_order_of_arrival_the_same_report_stands(reports: list[Precedence]) -> None:
    def standing(arrivals: tuple[Precedence, ...]) -> Precedence:
        first, *others = arrivals
        for other in others:
            first = other if other.outranks(first) else first
        return first

    assert len({standing(order) for order in permutations(reports)}) == 1


def test_the_newest_observation_stands_however_low_or_high() -> None:
    assert Precedence(NINE + MINUTE, 9, b"a").outranks(Precedence(NINE, 0, b"b"))
    assert Precedence(NINE + MINUTE, 0, b"a").outranks(Precedence(NINE, 9, b"b"))
    assert Precedence(NINE + MINUTE, None, b"a").outranks(Precedence(NINE, 9, b"b"))


def test_of_equal_observations_the_lower_figure_stands_and_unknown_is_lowest() -> None:
    assert Precedence(NINE, 1, b"a").outranks(Precedence(NINE, 2, b"b"))
    assert Precedence(NINE, -1, b"a").outranks(Precedence(NINE, 0, b"b"))
    assert Precedence(NINE, None, b"a").outranks(Precedence(NINE, -1, b"b"))
    assert Precedence(NINE, 1, b"b").outranks(Precedence(NINE, 1, b"a"))


@pytest.mark.parametrize(("balance", "free"), [(None, None), (-2, 0), (0, 0), (3, 3)])
def test_a_shortage_offers_nothing_and_unknown_stays_unknown(
    balance: int | None, free: int | None
) -> None:
    assert free_places(balance) == free


def test_a_figure_is_fresh_until_its_time_to_live_and_not_at_it() -> None:
    assert freshness(None, NINE) is Freshness.NEVER_REPORTED
    assert freshness(NINE, NINE - timedelta(microseconds=1)) is Freshness.FRESH
    assert freshness(NINE, NINE) is Freshness.UNCONFIRMED
    assert freshness(NINE, NINE + timedelta(days=3)) is Freshness.UNCONFIRMED


@given(figures())
def test_the_figures_of_the_tests_are_ones_that_a_report_may_have(said: Figures) -> None:
    check_figures(said)
