"""When a pool's figures are due, and so until when a posted figure is believed.

The schedules are our own choice (a "lokale afspraak"), not a published norm.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


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


def next_due(schedule: PostingSchedule, observed_at: datetime) -> datetime:
    """The first posting moment that a figure observed at this time doesn't cover yet."""
    moments = _MOMENTS[schedule]
    covered_until = observed_at + EARLY
    day = covered_until.astimezone(AMSTERDAM).date()
    while True:
        if day.weekday() in moments.weekdays:
            for wall_time in moments.times:
                due = datetime.combine(day, wall_time, AMSTERDAM)
                if due > covered_until:
                    return due
        day += timedelta(days=1)


def valid_until(schedule: PostingSchedule, observed_at: datetime) -> datetime:
    """Until when a figure observed at this time is believed; afterwards it is onbevestigd."""
    return next_due(schedule, observed_at) + GRACE
