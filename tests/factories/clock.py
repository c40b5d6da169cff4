"""The clock on the wall in Amsterdam, found by walking: slow, and sure."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from domain.calendar import AMSTERDAM

MINUTE = timedelta(minutes=1)


def amsterdam(text: str, *, fold: int = 0) -> datetime:
    """A moment by the clock on the wall, as an instant; fold 1 is the second of a doubled hour."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM, fold=fold).astimezone(UTC)


@cache
def first_showing(day: date, wall_time: time | None) -> datetime:
    """The first minute of the day at which the clock shows this time or later; None: of the next day."""
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=3)
    while True:
        local = at.astimezone(AMSTERDAM)
        if local.date() > day:
            return at
        if local.date() == day and wall_time is not None and local.time() >= wall_time:
            return at
        at += MINUTE
