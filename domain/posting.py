"""When a pool's figures are due, and so until when a posted figure is believed.

The schedules are our own choice (a "lokale afspraak"), not a published norm.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

from domain.calendar import AMSTERDAM


class PostingSchedule(StrEnum):
    """How often a pool's figures must be posted."""

    WORKDAYS_TWICE = "werkdagen-tweemaal"
    DAILY_TWICE = "dagelijks-tweemaal"
    ON_CHANGE = "bij-wijziging"


@dataclass(frozen=True, slots=True)
class _Moments:
    weekdays: frozenset[int]
    times: tuple[time, ...]


_WORKDAYS = frozenset(range(5))
_EVERY_DAY = frozenset(range(7))
_TWICE = (time(9), time(15))
_MOMENTS = {
    PostingSchedule.WORKDAYS_TWICE: _Moments(_WORKDAYS, _TWICE),
    PostingSchedule.DAILY_TWICE: _Moments(_EVERY_DAY, _TWICE),
    PostingSchedule.ON_CHANGE: _Moments(_EVERY_DAY, (time(9),)),
}

#: A figure posted this long before a moment counts as the posting of that moment.
EARLY = timedelta(hours=1)
#: And it is believed this long after the next moment, to give people time to post.
GRACE = timedelta(hours=1)


def posts_as_often(schedule: PostingSchedule, other: PostingSchedule) -> bool:
    """Whether figures are due at each moment at which they are under the other schedule."""
    mine, its = _MOMENTS[schedule], _MOMENTS[other]
    return mine.weekdays >= its.weekdays and set(mine.times) >= set(its.times)


def next_due(schedule: PostingSchedule, observed_at: datetime) -> datetime:
    """The first posting moment that a figure observed at this time doesn't cover yet."""
    covered_until = (observed_at + EARLY).astimezone(UTC)
    # Every moment is at a full hour, so that all within an hour share the answer.
    return _next_after(schedule, covered_until.replace(minute=0, second=0, microsecond=0))


@lru_cache(maxsize=4096)
def _next_after(schedule: PostingSchedule, covered_until: datetime) -> datetime:
    moments = _MOMENTS[schedule]
    day = covered_until.astimezone(AMSTERDAM).date()
    while True:
        if day.weekday() in moments.weekdays:
            for wall_time in moments.times:
                due = datetime.combine(day, wall_time, AMSTERDAM)
                if due > covered_until:
                    return due
        day += timedelta(days=1)


def valid_until(
    schedule: PostingSchedule, observed_at: datetime, time_to_live: timedelta | None = None
) -> datetime:
    """Until when a figure observed at this time is believed; afterwards it is onbevestigd.

    `time_to_live` is what the provider itself set: it can only shorten what the schedule gives.
    """
    until = (next_due(schedule, observed_at) + GRACE).astimezone(UTC)
    return until if time_to_live is None else min(until, observed_at + time_to_live)
