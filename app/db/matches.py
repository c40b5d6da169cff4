"""Matches as they were kept."""

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


async def mark_acted(work: UnitOfWork, referral_id: UUID, match_id: UUID | None) -> None:
    """Keeps for good the match that an offer or a claim goes by; None: it goes by none.

    Raises InvalidInput when the referral has no such match (any more).
    """
    if match_id is None:
        return
    try:
        row = await get_match(work, referral_id, match_id)
    except NotFound:
        raise InvalidInput("Deze match is er niet (meer): zoek opnieuw.", "/match_id") from None
    if row.acted_at is None:
        row.acted_at = work.now
        work.session.add(row)


async def forget_unused(work: UnitOfWork, before: datetime) -> int:
    """Removes the matches of before a moment that nobody acted on; how many."""
    removed = await work.session.exec(
        sa.delete(MatchRow).where(col(MatchRow.acted_at).is_(None), col(MatchRow.at) < before)
    )
    return removed.rowcount


@dataclass(frozen=True, slots=True)
class KeptMatch:
    """What was shown, and what it went by as `domain/matching/replay.py` writes it."""

    id: UUID
    referral_id: UUID
    shown: tuple[UUID, ...]
    kept: dict[str, Any]


_ACTED = """
SELECT id, referral_id, shown, kept FROM match
WHERE acted_at IS NOT NULL AND ($1::smallint IS NULL OR region_id = $1) ORDER BY at, id
"""


async def read_acted(connection: Connection, region_id: RegionId | None) -> list[KeptMatch]:
    """The matches that somebody acted on, oldest first; of one region, or of all when None."""
    rows = await connection.fetch(_ACTED, region_id)
    return [
        KeptMatch(
            row["id"],
            row["referral_id"],
            tuple(map(UUID, orjson.loads(row["shown"]))),
            orjson.loads(row["kept"]),
        )
        for row in rows
    ]
