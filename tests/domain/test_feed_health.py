"""When posting was due: each moment of a schedule once, also when the clock changes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.feed_health import due_moments
from domain.posting import EARLY, PostingSchedule, next_due
from tests.factories.clock import amsterdam

SUNDAY = datetime(2026, 10, 25, tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "wall_times"),
    [
        (PostingSchedule.WORKDAYS_TWICE, ["26 09", "26 15", "27 09"]),
        (PostingSchedule.DAILY_TWICE, ["24 15", "25 09", "25 15", "26 09", "26 15", "27 09"]),
        (PostingSchedule.ON_CHANGE, ["25 09", "26 09", "27 09"]),
    ],
)
def test_each_moment_of_the_schedule_is_due_once(
    schedule: PostingSchedule, wall_times: list[str]
) -> None:
    """From Saturday nine o'clock, which isn't after itself, over the end of summer time."""
    since, until = amsterdam("2026-10-24T09:00"), amsterdam("2026-10-27T09:00")
    expected = [amsterdam(f"2026-10-{day}T{hour}:00") for day, hour in map(str.split, wall_times)]
    assert list(due_moments(schedule, since, until)) == expected


@given(st.sampled_from(PostingSchedule), st.integers(0, 1_000), st.integers(0, 20_000))
def test_a_moment_is_due_just_when_a_figure_before_it_no_longer_covers_it(
    schedule: PostingSchedule, begin: int, minutes: int
) -> None:
    since = SUNDAY + timedelta(minutes=begin)
    moments = list(due_moments(schedule, since, since + timedelta(minutes=minutes)))
    assert moments == sorted(set(moments))
    for moment in moments:
        assert since < moment <= since + timedelta(minutes=minutes)
        just_before = moment - EARLY - timedelta(microseconds=1)
        assert next_due(schedule, just_before) == moment
        assert next_due(schedule, moment - EARLY) > moment
