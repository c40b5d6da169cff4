"""When a clock runs out, and from when on it is near. The norm is copied at the start: a later one moves nothing."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from domain.hours import WeeklyHours, working_time_after
from domain.norms import Clock, ClockHours


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end (UTC) of a clock, with the norm as it was when the clock started.

    norms_version: of the region's norms; 0 are the defaults. without_hours: intake hours were asked
    for, but none are known or none ever open, so the clock runs day and night.
    """

    at: datetime
    minutes: int
    hours: ClockHours
    norms_version: int
    without_hours: bool = False


def deadline(clock: Clock, start: datetime, intake: WeeklyHours | None, version: int) -> Deadline:
    """When this clock, started now, runs out.

    intake: of whoever is waited for; None, nobody told them, is as if they were always open, and so
    are hours in which the time never passes (none within ten years). Holidays close as the hours
    say; a night in which the clock changes counts the time that really passes.
    """
    duration = timedelta(minutes=clock.minutes)
    asked = clock.hours is ClockHours.INTAKE_UREN
    at = working_time_after(intake, start, duration) if asked and intake is not None else None
    without_hours = asked and at is None
    if at is None:
        at = start.astimezone(UTC) + duration
    return Deadline(at, clock.minutes, clock.hours, version, without_hours)


def near_at(deadline_at: datetime, started_at: datetime, near_share: int) -> datetime:
    """From when on a clock is "kort": with this percentage of its time left, as time really passes."""
    return deadline_at - (deadline_at - started_at) * near_share / 100
