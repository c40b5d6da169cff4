"""What a page tells of notices at once: how many weren't read, what of it can't wait, whom to call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from app.db.event_log import Connection
from app.db.word import KNOWN, NOTICE, StoredNotice, stored_notice
from domain.notices import NoticeKind
from domain.offers import OfferState

#: Urgent ones are counted up to here.
MOST_URGENT = 100

_NEWEST = "SELECT id FROM notice WHERE organisation_id = $1 ORDER BY id DESC LIMIT 1"
# What was dealt with meanwhile waits for nobody any more, whoever read it.
_URGENT = f"""
SELECT {NOTICE}, count(*) OVER () AS urgent_ones FROM (
    SELECT * FROM notice n WHERE n.organisation_id = $1 AND n.id > $3 AND n.urgent AND n.{KNOWN}
        AND NOT EXISTS (
            SELECT FROM notice_read r WHERE r.notice_id = n.id AND r.reader_id = $2)
        AND (n.kind <> '{NoticeKind.AANVRAAG}' OR n.offer_id IS NULL OR EXISTS (
            SELECT FROM offer o WHERE o.id = n.offer_id AND o.state = '{OfferState.GEVRAAGD}'))
        AND (n.kind <> '{NoticeKind.ALARM}' OR EXISTS (
            SELECT FROM alert a WHERE a.referral_id = n.referral_id AND a.kind = n.data->>'alert'
                AND a.cleared_at IS NULL))
        AND (n.referral_id IS NULL OR n.kind = '{NoticeKind.INGETROKKEN}' OR EXISTS (
            SELECT FROM referral f WHERE f.id = n.referral_id AND f.ended_at IS NULL))
    ORDER BY n.id DESC LIMIT {MOST_URGENT}
) n ORDER BY n.id DESC LIMIT 1
"""
# The other side of a hand-over; a provider's place or team, told of by who asked it; who asks a
# provider, or has in hand what somebody filed; who filed it.
_CONTEXTS = f"""
SELECT n.id, p.name AS pool, l.name AS location,
    CASE WHEN g.id = o.provider_id THEN coalesce(l.name, t.name, g.name) ELSE g.name END AS name,
    CASE WHEN g.id = o.provider_id THEN coalesce(l.telephone, t.telephone, g.telephone)
        ELSE g.telephone END AS telephone,
    CASE WHEN o.id IS NOT NULL THEN o.state = '{OfferState.GEVRAAGD}'
        ELSE r.ended_at IS NULL AND NOT r.triaged END AS waits
FROM notice n
LEFT JOIN offer o ON o.id = n.offer_id
LEFT JOIN handover h ON h.id = n.handover_id
LEFT JOIN referral r ON r.id = coalesce(n.referral_id, o.referral_id, h.referral_id)
LEFT JOIN pool p ON p.id = coalesce(o.pool_id, n.pool_id)
LEFT JOIN location l ON l.id = p.location_id
LEFT JOIN home_care_team t ON t.id = o.team_id
LEFT JOIN organisation g ON g.id = CASE
    WHEN h.id IS NOT NULL THEN
        CASE WHEN h.to_id = n.organisation_id THEN h.from_id ELSE h.to_id END
    WHEN r.owner_id <> n.organisation_id THEN r.owner_id
    WHEN o.id IS NOT NULL THEN o.provider_id
    ELSE nullif(r.requested_by_id, n.organisation_id)
    END
WHERE n.id = ANY($1::uuid[])
"""


@dataclass(frozen=True, slots=True)
class Urgent:
    """The newest notice that can't wait, and how many of those there are with it."""

    notice: StoredNotice
    count: int


@dataclass(frozen=True, slots=True)
class Context:
    """What a notice doesn't say itself, as it is now.

    name, telephone: of whom its organisation calls about it: another organisation, a place or a team.
    place: which place it is about. waits: somebody is still to answer.
    """

    name: str | None
    telephone: str | None
    place: str | None
    waits: bool


async def newest_notice(connection: Connection, organisation_id: UUID) -> UUID | None:
    """The latest notice of an organisation."""
    found: UUID | None = await connection.fetchval(_NEWEST, organisation_id)
    return found


async def read_urgent(
    connection: Connection, organisation_id: UUID, reader_id: UUID, since: datetime
) -> Urgent | None:
    """What is urgent, from then on, wasn't read by the reader, and wasn't dealt with by anybody."""
    first = UUID(int=int(since.timestamp() * 1000) << 80)
    row = await connection.fetchrow(_URGENT, organisation_id, reader_id, first)
    return Urgent(stored_notice(row), row["urgent_ones"]) if row is not None else None


async def read_contexts(connection: Connection, notice_ids: Sequence[UUID]) -> dict[UUID, Context]:
    """By notice what it doesn't say itself."""
    rows = await connection.fetch(_CONTEXTS, notice_ids)
    return {row["id"]: _context(row) for row in rows}


def _context(row: asyncpg.Record) -> Context:
    place = ", ".join(filter(None, (row["location"], row["pool"])))
    return Context(row["name"], row["telephone"], place or None, bool(row["waits"]))
