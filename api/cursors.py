"""Cursors: sort key and id of the last item of a page, opaque to callers."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar

from fastapi import Query

from domain.errors import InvalidInput

A = TypeVar("A")
B = TypeVar("B")

Limit = Annotated[int, Query(ge=1, le=500)]


def encode(key: str, tie: str) -> str:
    """A cursor after the item with this sort key and this tie-breaker."""
    return base64.urlsafe_b64encode(f"{key}|{tie}".encode()).decode().rstrip("=")


def decode(cursor: str, key: Callable[[str], A], tie: Callable[[str], B]) -> tuple[A, B]:
    """What `encode` was given, converted. Raises InvalidInput."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        first, second = text.split("|")
        return key(first), tie(second)
    except (ValueError, OverflowError) as error:
        raise InvalidInput("Deze cursor komt niet van ons.", "cursor") from error


def moment_of(text: str) -> datetime:
    """The moment in a cursor. Raises ValueError."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a moment without its zone")
    return found.astimezone(UTC)


def version_of(text: str) -> int:
    """A version as a cursor holds it. Raises ValueError for anything else."""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise ValueError("no version")
    return int(text)
