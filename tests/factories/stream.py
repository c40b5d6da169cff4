"""Events and boards made by hand, for what is pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from app.db.event_log import LoggedEvent, Subject
from app.live.board import Board, RegionBoard
from app.live.messages import Event
from domain.events import Kind, Position, Topic
from domain.identifiers import RegionId

REGION = RegionId(1)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def position(number: int, *, region: int = REGION, epoch: int = 1, history: int = 0) -> Position:
    """A position of a history: another history has another tag for each number."""
    return Position(RegionId(region), epoch, number, (history << 20) + number)


def event(number: int, *, topic: Topic | None = Topic.CAPACITY, history: int = 0) -> Event:
    """An event as the hub gets it, of a subject of its own."""
    return Event(position(number, history=history), topic, ("capacity", str(number)), f"[{number}]")


def subject_id(number: int) -> str:
    """The id of a made-up subject."""
    return str(UUID(int=number))


def logged(
    number: int,
    subject: int = 1,
    data: str | None = "{}",
    kind: str = Kind.CAPACITY,
    owner: UUID | None = None,
) -> LoggedEvent:
    """An event as the log holds it."""
    return LoggedEvent(position(number), kind, subject_id(subject), owner, NOON, data)


def board(number: int = 0, subjects: Sequence[Subject] = ()) -> Board:
    """A board with one region, at a position."""
    made = Board()
    made.regions[REGION] = RegionBoard(position(number), subjects, NOON)
    return made
