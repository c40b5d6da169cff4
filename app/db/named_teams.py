"""Reading the home-care team that a referral was filed for, and what came of asking it straight away."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.event_log import Connection

_NAMED = """
SELECT t.id, t.name, p.name AS organisation, coalesce(t.telephone, p.telephone) AS telephone,
    o.id AS offer_id, o.state, o.offered_at, o.deadline_at, o.seen_at, o.answered_at, o.proposed_at,
    o.promised_at, o.ended_at
FROM referral_step s JOIN home_care_team t ON t.id = (s.data ->> 'team_id')::uuid
JOIN organisation p ON p.id = t.organisation_id
LEFT JOIN LATERAL (
    SELECT * FROM offer d WHERE d.referral_id = s.referral_id AND d.posted ? 'direct'
    ORDER BY d.id LIMIT 1
) o ON true
WHERE s.referral_id = $1 AND s.step = 'filed' LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class DirectOffer:
    """What became of asking the team: the referrer's own question, so its to know."""

    id: UUID
    state: str
    offered_at: datetime
    deadline_at: datetime
    seen_at: datetime | None
    answered_at: datetime | None
    proposed_at: datetime | None
    promised_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class NamedTeam:
    """The team that was named. offer: None where the coordination point asks."""

    id: UUID
    name: str
    organisation: str
    telephone: str | None
    offer: DirectOffer | None


async def read_named_team(connection: Connection, referral_id: UUID) -> NamedTeam | None:
    """The team that a referral was filed for; None: none was named."""
    row = await connection.fetchrow(_NAMED, referral_id)
    if row is None:
        return None
    told = dict(row)
    team = {name: told.pop(name) for name in ("id", "name", "organisation", "telephone")}
    offer_id = told.pop("offer_id")
    return NamedTeam(**team, offer=DirectOffer(offer_id, **told) if offer_id else None)
