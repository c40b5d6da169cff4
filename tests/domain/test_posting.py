"""When figures are due, through weekends and both changes of the clock."""

from datetime import UTC, datetime, time, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.calendar import AMSTERDAM
from domain.posting import EARLY, GRACE, PostingSchedule, next_due, valid_until

WORKDAYS, DAILY, ON_CHANGE = (
    PostingSchedule.WORKDAYS_TWICE,
    PostingSchedule.DAILY_TWICE,
    PostingSchedule.ON_CHANGE,
)


def amsterdam(text: str) -> datetime:
    """A moment by the clock on the wall, as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM).astimezone(UTC)


CASES = [
    # An ordinary day, Wednesday.
    (WORKDAYS, "2026-11-18 08:59", "2026-11-18 15:00"),
    (WORKDAYS, "2026-11-18 09:00", "2026-11-18 15:00"),
    (WORKDAYS, "2026-11-18 15:30", "2026-11-19 09:00"),
    # An hour before a moment counts as the posting of that moment.
    (WORKDAYS, "2026-11-18 07:59:59", "2026-11-18 09:00"),
    (WORKDAYS, "2026-11-18 08:00", "2026-11-18 15:00"),
    (WORKDAYS, "2026-11-18 14:00", "2026-11-19 09:00"),
    (DAILY, "2026-11-18 23:30", "2026-11-19 09:00"),
    # Weekends: Friday's afternoon figure holds until Monday, or Saturday when days off count.
    (WORKDAYS, "2026-11-20 13:59", "2026-11-20 15:00"),
    (WORKDAYS, "2026-11-20 14:00", "2026-11-23 09:00"),
    (WORKDAYS, "2026-11-21 12:00", "2026-11-23 09:00"),
    (WORKDAYS, "2026-11-22 23:59", "2026-11-23 09:00"),
    (DAILY, "2026-11-20 14:00", "2026-11-21 09:00"),
    (DAILY, "2026-11-21 12:00", "2026-11-21 15:00"),
    (ON_CHANGE, "2026-11-20 10:00", "2026-11-21 09:00"),
    (ON_CHANGE, "2026-11-20 08:30", "2026-11-21 09:00"),
    (ON_CHANGE, "2026-11-20 07:30", "2026-11-20 09:00"),
    # Summer time begins on Sunday 29 March 2026, a night of 23 hours.
    (DAILY, "2026-03-28 15:30", "2026-03-29 09:00"),
    (DAILY, "2026-03-29 01:59", "2026-03-29 09:00"),
    (DAILY, "2026-03-29 03:00", "2026-03-29 09:00"),
    (WORKDAYS, "2026-03-27 15:30", "2026-03-30 09:00"),
    # Winter time begins on Sunday 25 October 2026, a night of 25 hours.
    (DAILY, "2026-10-24 15:30", "2026-10-25 09:00"),
    (DAILY, "2026-10-25 02:30", "2026-10-25 09:00"),
    (WORKDAYS, "2026-10-23 15:30", "2026-10-26 09:00"),
    # New year: the schedule knows no holidays, they are a workday like another.
    (WORKDAYS, "2026-12-31 15:30", "2027-01-01 09:00"),
]


@pytest.mark.parametrize(("schedule", "observed", "due"), CASES)
def test_the_next_moment_by_the_clock_on_the_wall(
    schedule: PostingSchedule, observed: str, due: str
) -> None:
    assert next_due(schedule, amsterdam(observed)) == amsterdam(due)


@pytest.mark.parametrize(("schedule", "observed", "due"), CASES)
def test_a_figure_is_believed_an_hour_beyond_its_moment(
    schedule: PostingSchedule, observed: str, due: str
) -> None:
    assert valid_until(schedule, amsterdam(observed)) == amsterdam(due) + GRACE


@pytest.mark.parametrize(
    ("friday", "monday_utc"),
    [
        ("2026-03-27T15:00:00+00:00", "2026-03-30T07:00:00+00:00"),
        ("2026-10-23T15:00:00+00:00", "2026-10-26T08:00:00+00:00"),
    ],
)
def test_nine_oclock_stays_nine_oclock_when_the_clock_changes(friday: str, monday_utc: str) -> None:
    due = next_due(WORKDAYS, datetime.fromisoformat(friday))
    assert due == datetime.fromisoformat(monday_utc)
    assert due.astimezone(AMSTERDAM).time() == time(9)


def test_both_runs_of_the_doubled_hour_lead_to_the_same_moment() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    again = first + timedelta(hours=1)
    assert first.astimezone(AMSTERDAM).time() == again.astimezone(AMSTERDAM).time() == time(2, 30)
    assert next_due(DAILY, first) == next_due(DAILY, again) == amsterdam("2026-10-25 09:00")


#: From 2020 to 2040, by the second.
instants = st.integers(1_577_836_800, 2_208_988_800).map(lambda s: datetime.fromtimestamp(s, UTC))


@given(st.sampled_from(PostingSchedule), instants)
@example(DAILY, datetime(2026, 3, 29, 0, 59, tzinfo=UTC))
@example(DAILY, datetime(2026, 10, 25, 0, 59, tzinfo=UTC))
def test_due_is_the_first_posting_moment_that_is_not_covered(
    schedule: PostingSchedule, observed: datetime
) -> None:
    due = next_due(schedule, observed)
    assert due > observed + EARLY
    assert _is_moment(schedule, due)
    hour = (observed + EARLY).replace(minute=0, second=0, microsecond=0)
    while (hour := hour + timedelta(hours=1)) < due:
        assert not _is_moment(schedule, hour)


def _is_moment(schedule: PostingSchedule, at: datetime) -> bool:
    local = at.astimezone(AMSTERDAM)
    hours = {9} if schedule is ON_CHANGE else {9, 15}
    days = range(5) if schedule is WORKDAYS else range(7)
    return local.weekday() in days and local.hour in hours and local.minute == local.second == 0


@given(st.sampled_from(PostingSchedule), instants, st.timedeltas(timedelta(0), timedelta(days=4)))
def test_a_later_figure_is_never_believed_for_shorter(
    schedule: PostingSchedule, observed: datetime, later: timedelta
) -> None:
    assert valid_until(schedule, observed + later) >= valid_until(schedule, observed)


@given(
    st.sampled_from(PostingSchedule),
    instants,
    st.integers(-14 * 60, 14 * 60).map(lambda minutes: timedelta(minutes=minutes)),
)
def test_it_does_not_matter_in_which_zone_the_sender_writes(
    schedule: PostingSchedule, observed: datetime, offset: timedelta
) -> None:
    elsewhere = observed.astimezone(timezone(offset))
    assert valid_until(schedule, elsewhere) == valid_until(schedule, observed)
