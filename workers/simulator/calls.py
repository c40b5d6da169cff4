"""What a desk decides to do: one call to the API, as a value; and how fast its time runs. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """A call that a desk decided on. what: what it is counted as."""

    what: str
    method: str
    path: str
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tempo:
    """The moment at which a desk decides, and how many times faster than real its people live.

    The API's clocks know real time only, so an agreed hour lies sooner when the play is faster.
    """

    now: datetime
    speed: float = 1.0

    def passed(self, since: str | datetime | None, simulated: timedelta) -> bool:
        """Whether so much simulated time went by since a moment; no moment: not yet."""
        if since is None:
            return False
        begun = datetime.fromisoformat(since) if isinstance(since, str) else since
        return self.now - begun >= simulated / self.speed

    def after(self, simulated: timedelta) -> str:
        """The moment when so much simulated time has gone by, as the API takes it."""
        return (self.now + simulated / self.speed).isoformat()

    def day_after(self, simulated: timedelta) -> str:
        """The day of that moment."""
        return (self.now + simulated / self.speed).date().isoformat()


def running_number(number: str) -> str:
    """What of a referral's number is the same in whichever month the play begins."""
    return number.rpartition("-")[2]
