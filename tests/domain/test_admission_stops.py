"""Opnamestop: when one begins, and what isn't taken."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.admission_stops import Stop, begin_of, check_stop
from domain.care_types import ClosedReason
from domain.errors import InvalidInput
from tests.factories.times import HOUR, MINUTE, NINE

OUTBREAK = ClosedReason.UITBRAAK


def test_a_stop_begins_now_unless_it_says_since_when() -> None:
    assert begin_of(Stop(OUTBREAK), NINE, None) == NINE
    assert begin_of(Stop(OUTBREAK, since=NINE - HOUR), NINE, None) == NINE - HOUR


def test_a_stop_doesnt_begin_in_the_future() -> None:
    assert begin_of(Stop(OUTBREAK, since=NINE + 5 * MINUTE), NINE, None) == NINE
    with pytest.raises(InvalidInput) as refused:
        begin_of(Stop(OUTBREAK, since=NINE + 6 * MINUTE), NINE, None)
    assert refused.value.pointer == "/since"


def test_a_stop_doesnt_begin_while_the_one_before_still_stood() -> None:
    assert begin_of(Stop(OUTBREAK, since=NINE - HOUR), NINE, NINE - HOUR) == NINE - HOUR
    with pytest.raises(InvalidInput) as refused:
        begin_of(Stop(OUTBREAK, since=NINE - HOUR), NINE, NINE - HOUR + MINUTE)
    assert refused.value.pointer == "/since"


@given(st.integers(-60, 60), st.none() | st.integers(-60, 60))
def test_without_a_beginning_it_is_never_before_the_last_one_was_lifted(
    now: int, lifted: int | None
) -> None:
    lifted_at = None if lifted is None else NINE + lifted * MINUTE
    since = begin_of(Stop(OUTBREAK), NINE + now * MINUTE, lifted_at)
    assert since >= NINE + now * MINUTE
    assert lifted_at is None or since >= lifted_at


def test_an_end_that_is_past_or_far_away_is_a_slip() -> None:
    # In Amsterdam it is the 19th already.
    late = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)
    check_stop(Stop(OUTBREAK), late)
    check_stop(Stop(OUTBREAK, expected_until=date(2026, 11, 19)), late)
    for day in (date(2026, 11, 18), date(2026, 11, 19) + timedelta(days=367)):
        with pytest.raises(InvalidInput) as refused:
            check_stop(Stop(OUTBREAK, expected_until=day), late)
        assert refused.value.pointer == "/expected_until"
