"""Reading and locking of sources: where figures come from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
from sqlmodel import col, select

from app.db.event_log import Connection
from app.db.tables import SourceRow
from app.db.unit_of_work import UnitOfWork
from domain.capacity import SourceKind
from domain.errors import NotFound


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A source. `released_at` None: it is in the sandbox."""

    id: UUID
    organisation_id: UUID
    kind: SourceKind
    name: str
    lag_minutes: int
    includes_holds: bool
    created_at: datetime
    released_at: datetime | None

    @property
    def sandbox(self) -> bool:
        """Whether its reports are checked and shown, and count for nothing."""
        return self.released_at is None


_READ = """
SELECT id, organisation_id, kind, name, lag_minutes, includes_holds, created_at, released_at
FROM source
"""


async def read_sources(
    connection: Connection, owner: UUID | None, after: UUID | None, limit: int
) -> Sequence[SourceRecord]:
    """Sources by id, of one organisation or (None) of all."""
    rows = await connection.fetch(
        f"{_READ} WHERE ($1::uuid IS NULL OR organisation_id = $1) AND ($2::uuid IS NULL OR id > $2)"
        " ORDER BY id LIMIT $3",
        owner,
        after,
        limit,
    )
    return [_record(row) for row in rows]


async def read_source(connection: Connection, source_id: UUID) -> SourceRecord | None:
    """One source."""
    row = await connection.fetchrow(f"{_READ} WHERE id = $1", source_id)
    return _record(row) if row is not None else None


async def lock_source(work: UnitOfWork, source_id: UUID) -> SourceRow:
    """A source's row, locked. Raises NotFound."""
    query = select(SourceRow).where(col(SourceRow.id) == source_id).with_for_update(key_share=True)
    row = (await work.session.exec(query)).one_or_none()
    if row is None:
        raise NotFound
    return row


def _record(row: asyncpg.Record) -> SourceRecord:
    return SourceRecord(**{**row, "kind": SourceKind(row["kind"])})
