"""Opnamestop of a location: nobody is admitted there, whatever its pools have free.

A person sets it and a person lifts it; no clock does.
"""

from dataclasses import dataclass
from datetime import date, datetime

from domain.calendar import AMSTERDAM
from domain.capacity import FUTURE_TOLERANCE
from domain.care_types import ClosedReason
from domain.errors import InvalidInput
from domain.observations import check_day


@dataclass(frozen=True, slots=True)
class Stop:
    """What is said of a stop.

    since: None: from now on, or as it stood. expected_until: the day on which it is expected to be
    lifted, and only that.
    """

    reason: ClosedReason
    note: str | None = None
    since: datetime | None = None
    expected_until: date | None = None


def begin_of(stop: Stop, now: datetime, lifted_at: datetime | None) -> datetime:
    """Since when a stop holds that is set now; `lifted_at`: when the one before it was lifted.

    Stops of a location never overlap. Raises InvalidInput for one that begins in the future (beyond
    what clocks differ), or before the last one was lifted.
    """
    if stop.since is None:
        return max(now, lifted_at or now)
    if stop.since - now > FUTURE_TOLERANCE:
        raise InvalidInput("Een opnamestop kan niet in de toekomst beginnen.", "/since")
    since = min(stop.since, now)
    if lifted_at is not None and since < lifted_at:
        raise InvalidInput("De vorige opnamestop liep toen nog.", "/since")
    return since


def check_stop(stop: Stop, now: datetime) -> None:
    """Raises InvalidInput for an end that is past or more than a year away."""
    today = now.astimezone(AMSTERDAM).date()
    if stop.expected_until is not None and stop.expected_until < today:
        raise InvalidInput("Deze dag is voorbij.", "/expected_until")
    check_day(stop.expected_until, today, "/expected_until")
