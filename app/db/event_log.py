"""The event log: reading on from a position, and state with its head as one snapshot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg

from app.db.states import STATES
from domain.events import Kind, Position
from domain.identifiers import RegionId

if TYPE_CHECKING:  # generic for the type checker only
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event as stored. `data` is JSON text, None when the subject is gone.

    `owner_id` is who alone may know of it; None when that is everybody.
    """

    position: Position
    kind: str
    subject_id: str
    owner_id: UUID | None
    at: datetime
    data: str | None


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject's state in a snapshot; `data` is JSON text. `owner_id` as of an event."""

    kind: str
    subject_id: str
    data: str
    owner_id: UUID | None = None


_READ = """
SELECT epoch, number, tag, kind, subject_id, owner_id, at, data FROM event
WHERE region_id = $1 AND number >= $2 ORDER BY number LIMIT $3
"""


async def head(connection: Connection, region_id: RegionId) -> Position | None:
    """The last position of a region's stream; None when there is no such region."""
    row = await connection.fetchrow(
        "SELECT epoch, number, tag FROM stream WHERE region_id = $1", region_id
    )
    return Position(region_id, row["epoch"], row["number"], row["tag"]) if row else None


async def read_after(
    connection: Connection, after: Position, limit: int
) -> Sequence[LoggedEvent] | None:
    """At most `limit` events after a position; None when the position is not one of this stream.

    The event at the position itself is read along and its epoch and tag compared, so that a
    restored database is noticed even when it has handed out the same number again.
    """
    rows = await connection.fetch(_READ, after.region_id, after.number, limit + 1)
    if not rows or _position(after.region_id, rows[0]) != after:
        return None
    return [
        LoggedEvent(
            position=_position(after.region_id, row),
            kind=row["kind"],
            subject_id=row["subject_id"],
            owner_id=row["owner_id"],
            at=row["at"],
            data=row["data"],
        )
        for row in rows[1:]
    ]


async def read_snapshot(
    connection: Connection, region_id: RegionId
) -> tuple[Position, list[Subject]] | None:
    """A region's head and the state of all its subjects, as of one moment; None: no such region."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        position = await head(connection, region_id)
        if position is None:
            return None
        subjects: list[Subject] = []
        for kind in STATES:
            rows = await connection.fetch(_state_query(kind), region_id)
            subjects += [
                Subject(kind, row["subject_id"], row["data"], row["owner_id"]) for row in rows
            ]
        return position, subjects


def _state_query(kind: Kind) -> str:
    state = STATES[kind]
    owned = f" AND {state.owner} IS NOT NULL" if state.owner else ""
    return (
        f"SELECT {state.key}::text AS subject_id, {state.json} AS data,"
        f" {state.owner or 'NULL::uuid'} AS owner_id"
        f" FROM {state.source} WHERE {state.region} = $1{owned} ORDER BY 1"
    )


def _position(region_id: RegionId, row: asyncpg.Record) -> Position:
    return Position(region_id, row["epoch"], row["number"], row["tag"])
