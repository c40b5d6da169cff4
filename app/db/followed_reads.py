"""Reading the referrals that an organisation asked for, in the order in which it looks at them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.event_log import Connection
from domain.next_actions import Party

_LIST = f"""
SELECT r.id, r.number, r.version, r.state, r.urgency, r.birth_year, r.sex, r.pc4, r.skills,
    coalesce(r.care_type_placed, r.care_type_triaged, r.care_type_asked) AS care_type,
    r.next_action, r.next_at, r.waits_on, r.waits_since, r.ended_at,
    (SELECT max(s.recorded_at) FROM referral_step s WHERE s.referral_id = r.id) AS last_at
FROM referral r
WHERE r.requested_by_id = $1 AND (r.ended_at IS NULL) = $2
    AND ($3::timestamptz IS NULL OR r.ended_at >= $3)
ORDER BY r.waits_on IS NOT DISTINCT FROM '{Party.VERWIJZER}' DESC, last_at DESC, r.id DESC LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class FollowedSummary:
    """A referral in the list of who asked for it. last_at: when anything was recorded of it last."""

    id: UUID
    number: str
    version: int
    state: str
    urgency: str
    birth_year: int
    sex: str
    pc4: str
    skills: list[str]
    care_type: str | None
    next_action: str | None
    next_at: datetime | None
    waits_on: str | None
    waits_since: datetime | None
    ended_at: datetime | None
    last_at: datetime


async def read_followed(
    connection: Connection,
    organisation_id: UUID,
    *,
    is_open: bool,
    ended_since: datetime | None,
    limit: int,
) -> list[FollowedSummary]:
    """Those that go on, or those that ended; what waits on who reads it comes first, and then
    what something was done to last."""
    rows = await connection.fetch(_LIST, organisation_id, is_open, ended_since, limit)
    return [FollowedSummary(**dict(row)) for row in rows]
