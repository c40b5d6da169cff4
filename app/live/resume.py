"""How a subscriber goes on from a position: a pure merge of what it has and what is remembered."""

from collections import deque
from dataclasses import dataclass
from itertools import islice

from app.live.messages import MAX_ITEMS, Event
from domain.events import Position

#: Events kept in memory a region, so that thousands who reconnect don't storm the database.
RING_EVENTS = 16_384


@dataclass(frozen=True, slots=True)
class Continue:
    """The next events after the position, at most MAX_ITEMS of them; none: it is complete."""

    events: list[Event]


@dataclass(frozen=True, slots=True)
class AskLog:
    """Older than what is remembered: the database knows, and verifies the position too."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Ahead of this process, which may just be a moment behind another one."""


@dataclass(frozen=True, slots=True)
class Resync:
    """Not a position of this stream."""

    reason: str


class Ring:
    """The last events of a region, without a gap. `start` is the position before the first."""

    def __init__(self, start: Position, size: int = RING_EVENTS) -> None:
        self.start = start
        self._events: deque[Event] = deque()
        self._size = size

    @property
    def head(self) -> Position:
        """The newest position remembered."""
        return self._events[-1].position if self._events else self.start

    def append(self, event: Event) -> None:
        """Adds the next event. A gap would be a defect of ours, so it stops the process's follower."""
        if event.position.number != self.head.number + 1:
            raise AssertionError(f"gap in stream: {self.head} is followed by {event.position}")
        self._events.append(event)
        if len(self._events) > self._size:
            self.start = self._events.popleft().position

    def at(self, number: int) -> Position | None:
        """The position with this number, when it is remembered."""
        offset = number - self.start.number
        if offset == 0:
            return self.start
        if 0 < offset <= len(self._events):
            return self._events[offset - 1].position
        return None

    def after(self, position: Position) -> Continue | AskLog | Wait | Resync:
        """What follows a position; rejects one of another epoch or with another tag."""
        if position.region_id != self.start.region_id:
            return Resync("other-region")
        if position.number > self.head.number:
            return Wait()
        known = self.at(position.number)
        if known is None:
            return AskLog()
        if known != position:
            return Resync("unknown-position")
        first = position.number - self.start.number
        return Continue(list(islice(self._events, first, first + MAX_ITEMS)))
