"""Reading boards at the edge: which a caller may see, and a page of what is on one."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import orjson
from fastapi import Query
from pydantic import BaseModel

from api.cursors import decode, encode
from app.container import Container
from app.live.board import RegionBoard
from app.security.keys import Credential
from domain.actors import Action, Target, may
from domain.errors import NotFound, Unavailable
from domain.events import Kind
from domain.identifiers import EVERYWHERE, RegionId

Item = TypeVar("Item")
Found = Iterable[tuple[str, dict[str, Any]]]


class Page(BaseModel, Generic[Item]):
    """A page of a register, by id."""

    items: list[Item]
    next_cursor: str | None


class Status(StrEnum):
    """Which of a register: what there is now, what was ended, or both."""

    ACTIVE = "active"
    ENDED = "ended"
    ALL = "all"


Region = Annotated[
    int | None, Query(ge=0, le=32767, description="By default the caller's own region.")
]
Cursor = Annotated[str | None, Query(max_length=200)]


def region_board(
    here: Container, caller: Credential, region: int | None, action: Action
) -> RegionBoard:
    """The board of a region that the caller may see. Raises NotFound; Unavailable while it is read."""
    if region is None:
        region = min(caller.actor.regions, default=EVERYWHERE)
    board = here.board.regions.get(RegionId(region))
    allowed = may(caller.actor, action, Target(RegionId(region)))
    if board is None and (not here.ready or region in caller.actor.regions):
        raise Unavailable
    if board is None or not allowed:
        raise NotFound
    return board


def find(
    here: Container, caller: Credential, kind: Kind, subject_id: object, action: Action
) -> dict[str, Any]:
    """A subject's state, from any region that the caller may see.

    Raises NotFound; Unavailable while a region is still being read.
    """
    for region_id, board in sorted(here.board.regions.items()):
        state = board.get(kind, subject_id)
        if state is not None and may(caller.actor, action, Target(region_id)):
            found: dict[str, Any] = orjson.loads(state)
            return found
    if not here.ready:
        raise Unavailable
    raise NotFound


def selected(
    found: Found, status: Status, **wanted: object
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Those with this status, and with these values where one is asked for."""
    asked = {name: str(value) for name, value in wanted.items() if value is not None}
    for key, data in found:
        if status in (Status.ALL, data.get("status", Status.ACTIVE)) and all(
            data[name] == value for name, value in asked.items()
        ):
            yield key, data


def page_of(
    found: Found, limit: int, cursor: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    """The items after a cursor, at most so many, and the cursor of what follows them."""
    after = str(decode(cursor, _no_key, UUID)[1]) if cursor is not None else ""
    items: list[tuple[str, dict[str, Any]]] = []
    for key, data in found:
        if key <= after:
            continue
        if len(items) == limit:
            return [item for _, item in items], encode("", items[-1][0])
        items.append((key, data))
    return [item for _, item in items], None


def after_of(cursor: str | None) -> UUID | None:
    """The id that a cursor of a list by id stands after."""
    return decode(cursor, _no_key, UUID)[1] if cursor is not None else None


def _no_key(text: str) -> None:
    if text:
        raise ValueError("these are sorted by id alone")
