"""When clocks run out: in intake hours or at all hours, over holidays and both changes of the clock."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import AMSTERDAM
from domain.deadlines import Deadline, deadline, near_at
from domain.hours import ALWAYS, WeeklyHours
from domain.needs import Urgency
from domain.norms import Clock, ClockHours, Norms

ALTIJD, INTAKE = ClockHours.ALTIJD, ClockHours.INTAKE_UREN
#: Nine hours on workdays, none on holidays.
DESK = WeeklyHours.from_json({day: [["08:00", "17:00"]] for day in ("ma", "di", "wo", "do", "vr")})
HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


def local(text: str) -> datetime:
    """A moment by the clock in Amsterdam."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM).astimezone(UTC)


def ends(minutes: int, start: str, hours: WeeklyHours | None = DESK) -> datetime:
    """When a clock in intake hours, started at a wall time, runs out."""
    return deadline(Clock(minutes, INTAKE), local(start), hours, 1).at


def test_acute_care_knows_no_office_hours() -> None:
    friday_night = local("2026-11-20T23:50")
    for hours in (DESK, None, ALWAYS):
        found = deadline(Clock(30, ALTIJD), friday_night, hours, 4)
        assert found == Deadline(local("2026-11-21T00:20"), 30, ALTIJD, 4)


def test_a_clock_in_intake_hours_waits_for_the_desk_to_open() -> None:
    assert ends(60, "2026-11-20T16:30") == local("2026-11-23T08:30")
    assert ends(60, "2026-11-21T12:00") == local("2026-11-23T09:00")
    # Twenty-four intake hours from Monday at nine: 8 + 9 + 7.
    assert ends(24 * 60, "2026-11-23T09:00") == local("2026-11-25T15:00")
    # As the desk closes, not as it opens again.
    assert ends(60, "2026-11-20T16:00") == local("2026-11-20T17:00")


def test_holidays_close_as_the_hours_say() -> None:
    # Christmas 2026 falls on Friday and Saturday.
    assert ends(120, "2026-12-24T16:00") == local("2026-12-28T09:00")
    christmas_too = WeeklyHours.from_json({**DESK.to_json(), "feestdagen": [["10:00", "12:00"]]})
    assert ends(120, "2026-12-24T16:00", christmas_too) == local("2026-12-25T11:00")
    at_all_hours = deadline(Clock(48 * 60), local("2026-12-24T16:00"), DESK, 1)
    assert at_all_hours.at == local("2026-12-26T16:00")


def test_a_night_in_which_the_clock_changes_counts_what_really_passes() -> None:
    nights = WeeklyHours.from_json({"za": [["22:00", "24:00"]], "zo": [["00:00", "06:00"]]})
    # From ten to six are seven hours in spring and nine in autumn.
    assert ends(6 * 60, "2026-03-28T22:00", nights) == local("2026-03-29T05:00")
    assert ends(6 * 60, "2026-10-24T22:00", nights) == local("2026-10-25T03:00")
    assert ends(24 * 60, "2026-03-28T12:00", ALWAYS) == local("2026-03-29T13:00")
    for day, at in (
        ("2026-03-28T12:00", "2026-03-29T13:00"),
        ("2026-10-24T12:00", "2026-10-25T11:00"),
    ):
        assert deadline(Clock(24 * 60), local(day), None, 1).at == local(at)


def test_hours_that_nobody_told_are_always_open_and_that_is_said() -> None:
    found = deadline(Clock(60, INTAKE), MONDAY, None, 2)
    assert found == Deadline(MONDAY + HOUR, 60, INTAKE, 2, without_hours=True)


def test_hours_that_never_open_stop_no_clock_and_that_is_said() -> None:
    never = WeeklyHours(week=((),) * 7)
    found = deadline(Clock(60, INTAKE), MONDAY, never, 2)
    assert found == Deadline(MONDAY + HOUR, 60, INTAKE, 2, without_hours=True)
    a_minute_a_week = WeeklyHours.from_json({"ma": [["08:00", "08:01"]]})
    assert deadline(Clock(20_160, INTAKE), MONDAY, a_minute_a_week, 2).without_hours
    assert not deadline(Clock(60, INTAKE), MONDAY, DESK, 2).without_hours


def test_other_norms_leave_a_clock_that_runs_as_it_is() -> None:
    old = Norms()
    running = deadline(old.answer[Urgency.REGULIER], MONDAY, DESK, 1)
    new = Norms.from_json({"answer": {"regulier": {"minutes": 600, "hours": "altijd"}}})
    assert (running.minutes, running.hours, running.norms_version) == (1_440, INTAKE, 1)
    assert running.at == deadline(old.answer[Urgency.REGULIER], MONDAY, DESK, 1).at
    started_after = deadline(new.answer[Urgency.REGULIER], MONDAY, DESK, 2)
    assert started_after == Deadline(MONDAY + 10 * HOUR, 600, ALTIJD, 2)


def test_a_clock_is_near_with_its_share_of_time_left() -> None:
    start, end = MONDAY, MONDAY + 100 * HOUR
    assert near_at(end, start, 33) == end - 33 * HOUR


@given(
    st.lists(st.integers(1, 20_160), min_size=2, max_size=4),
    st.integers(0, 2 * 365 * 24 * 60),
    st.sampled_from([DESK, ALWAYS, None]),
)
def test_intake_hours_never_shorten_a_clock_and_more_minutes_never_end_sooner(
    minutes: list[int], minutes_on: int, hours: WeeklyHours | None
) -> None:
    start = MONDAY + timedelta(minutes=minutes_on)
    found = [deadline(Clock(most, INTAKE), start, hours, 1).at for most in sorted(minutes)]
    assert all(earlier <= later for earlier, later in pairwise(found))
    for most, at in zip(sorted(minutes), found, strict=True):
        assert at >= start + timedelta(minutes=most)
        assert at.tzinfo is UTC
