"""Matches as they were kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlmodel import col, select

from app.db.event_log import Connection
from app.db.tables import MatchRow
from app.db.unit_of_work import UnitOfWork
from domain.errors import InvalidInput, NotFound
from domain.identifiers import RegionId


async def get_match(work: UnitOfWork, referral_id: UUID, match_id: UUID) -> MatchRow:
    """A match of a referral. Raises NotFound, also when it was removed since nobody acted on it."""
    query = select(MatchRow).where(
        col(MatchRow.id) == match_id, col(MatchRow.referral_id) == referral_id
    )
    row = (await work.session.exec(query)).one_or_none()
    if row is None:
        raise NotFound
    return row


_MARK = """
UPDATE match SET acted_at = coalesce(acted_at, $3), acted_on = acted_on || $4::jsonb
WHERE id = $1 AND referral_id = $2 RETURNING id
"""


async def mark_acted(
    work: UnitOfWork, referral_id: UUID, match_id: UUID | None, made: Sequence[UUID]
) -> None:
    """Keeps for good the match that offers or a claim go by, with their ids; None: they go by none.

    Raises InvalidInput when the referral has no such match (any more).
    """
    if match_id is None:
        return
    ids = orjson.dumps([str(one) for one in made]).decode()
    if not await work.fetch(_MARK, match_id, referral_id, work.now, ids):
        raise InvalidInput("Deze match is er niet (meer): zoek opnieuw.", "/match_id")


async def forget_unused(work: UnitOfWork, before: datetime) -> int:
    """Removes the matches of before a moment that nobody acted on; how many."""
    removed = await work.session.exec(
        sa.delete(MatchRow).where(col(MatchRow.acted_at).is_(None), col(MatchRow.at) < before)
    )
    return removed.rowcount


@dataclass(frozen=True, slots=True)
class KeptMatch:
    """The referral's number, what was shown, and what it went by as `domain/matching/replay.py` writes it."""

    id: UUID
    number: str
    shown: tuple[UUID, ...]
    kept: dict[str, Any]


_ACTED = """
SELECT m.id, r.number, m.shown, m.kept FROM match m JOIN referral r ON r.id = m.referral_id
WHERE m.acted_at IS NOT NULL AND ($1::smallint IS NULL OR m.region_id = $1) ORDER BY m.at, m.id
"""


async def read_acted(connection: Connection, region_id: RegionId | None) -> list[KeptMatch]:
    """The matches that somebody acted on, oldest first; of one region, or of all when None."""
    rows = await connection.fetch(_ACTED, region_id)
    return [
        KeptMatch(
            row["id"],
            row["number"],
            tuple(map(UUID, orjson.loads(row["shown"]))),
            orjson.loads(row["kept"]),
        )
        for row in rows
    ]
