"""Reading hand-overs, with the need of the referral; who may see what of it is not decided here."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from app.db.event_log import Connection
from app.db.offer_reads import PersonAsked
from domain.cases import HandoverState

_SELECT = """
SELECT h.*, r.number, r.owner_id, r.care_type_asked, r.care_type_triaged, r.target_at,
    r.birth_year, r.sex, r.pc4, r.setting, r.since, r.needed_by, r.infection, r.behaviour,
    r.features, r.skills, r.dagdelen, r.legal_status, r.urgency,
    sender.name AS from_name, sender.telephone AS from_telephone, receiver.name AS to_name,
    receiver.telephone AS to_telephone,
    (SELECT t.text FROM referral_step s
     JOIN referral_text t ON t.about_id = s.id AND t.kind = 'note'
     WHERE s.referral_id = h.referral_id AND s.step = 'handover-offered'
         AND s.data ->> 'handover' = h.id::text LIMIT 1) AS text
FROM handover h
JOIN referral r ON r.id = h.referral_id
JOIN organisation sender ON sender.id = h.from_id
JOIN organisation receiver ON receiver.id = h.to_id
"""

_LIST = f"""
{_SELECT}
WHERE {{whose}} AND ($2::boolean IS NULL OR (h.state = '{HandoverState.AANGEBODEN}') = $2)
    AND ($3::uuid IS NULL OR h.id < $3)
ORDER BY h.id DESC LIMIT $4
"""
_LISTS = {
    True: _LIST.format(whose="h.to_id = $1"),
    False: _LIST.format(whose="h.from_id = $1"),
    None: _LIST.format(whose="$1 IN (h.from_id, h.to_id)"),
}


@dataclass(frozen=True, slots=True)
class StoredHandover:
    """A hand-over with the referral as it is now. text: what the sender wrote with it."""

    id: UUID
    referral_id: UUID
    number: str
    owner_id: UUID
    from_id: UUID
    from_name: str
    from_telephone: str | None
    from_region_id: int
    to_id: UUID
    to_name: str
    to_telephone: str | None
    to_region_id: int
    state: str
    version: int
    reason: str
    text: str | None
    offered_at: datetime
    ended_at: datetime | None
    care_type_asked: str | None
    care_type_triaged: str | None
    target_at: datetime | None
    person: PersonAsked


async def read_handover(connection: Connection, handover_id: UUID) -> StoredHandover | None:
    """One hand-over."""
    row = await connection.fetchrow(f"{_SELECT} WHERE h.id = $1", handover_id)
    return _handover(row) if row is not None else None


async def read_handovers(
    connection: Connection,
    organisation_id: UUID,
    *,
    to_it: bool | None,
    is_open: bool | None,
    before: UUID | None,
    limit: int,
) -> list[StoredHandover]:
    """Hand-overs to an organisation, or from it, or both (to_it None); the newest first."""
    rows = await connection.fetch(_LISTS[to_it], organisation_id, is_open, before, limit)
    return [_handover(row) for row in rows]


def _handover(row: asyncpg.Record) -> StoredHandover:
    told: dict[str, Any] = dict(row)
    for name in ("features", "skills", "dagdelen"):
        told[name] = tuple(told[name])
    told["person"] = PersonAsked(**{one.name: told[one.name] for one in fields(PersonAsked)})
    return StoredHandover(**{one.name: told[one.name] for one in fields(StoredHandover)})
