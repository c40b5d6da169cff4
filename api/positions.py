"""Positions at the edge: `min_position` on reads, and following the stream over plain HTTP."""

from typing import Annotated

from fastapi import Query

from app.container import Container
from domain.errors import InvalidInput, NotYetThere, UnknownPosition
from domain.events import Position

MinPosition = Annotated[
    str | None,
    Query(
        max_length=64,
        description="Answer only from a board at least this far: the position of a write's answer.",
    ),
]


def parse_position(text: str, name: str) -> Position:
    """A position from a parameter. Raises InvalidInput."""
    position = Position.parse(text)
    if position is None:
        raise InvalidInput("Een positie heeft de vorm regio:epoch:nummer:tag.", name)
    return position


async def reached(container: Container, min_position: str | None) -> None:
    """Waits at most a second until the board is there.

    Raises NotYetThere, UnknownPosition (it is of another history) and InvalidInput.
    """
    if min_position is None:
        return
    position = parse_position(min_position, "min_position")
    board = container.board.regions.get(position.region_id)
    if board is None:
        raise NotYetThere
    if board.position.number < position.number:
        container.follower.wake(position.region_id)
    if not await board.reach(position.number):
        raise NotYetThere
    if board.ring.at(position.number) not in (None, position):
        raise UnknownPosition
