"""Reading what belongs to a referral: triage, looks at the board, places held, questions, alerts."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from app.db.event_log import Connection

#: Of what there may be many, so many are told: the last ones.
_MOST = 100

_TRIAGE = """
SELECT t.id, t.rules_version, t.urgency, t.facts, t.chosen, t.deviates, t.at, t.by,
    (SELECT x.text FROM referral_step s JOIN referral_text x ON x.about_id = s.id
     WHERE s.referral_id = t.referral_id AND s.step = 'triaged' AND s.data ->> 'triage' = t.id::text
     LIMIT 1) AS argument
FROM triage t WHERE t.referral_id = $1 ORDER BY t.at DESC, t.id DESC LIMIT 1
"""
_BOARD_CHECK = """
SELECT id, at, by, position, found FROM board_check
WHERE referral_id = $1 ORDER BY at DESC, id DESC LIMIT 1
"""
_CLAIMS = """
SELECT c.id, c.pool_id, p.name AS pool_name, l.name AS location_name, c.bed_id, b.name AS bed_name,
    c.claimed_at, c.claimed_by, c.expires_at
FROM claim c JOIN pool p ON p.id = c.pool_id JOIN location l ON l.id = p.location_id
LEFT JOIN bed b ON b.id = c.bed_id
WHERE c.referral_id = $1 AND c.state = 'open' ORDER BY c.id
"""
_STAY = """
SELECT s.id, s.offer_id, s.provider_id, o.name AS provider_name, s.pool_id, l.name AS location_name,
    s.bed_id, s.team_id, s.care_type, s.temporary, s.payer, s.admitted_at, s.expected_discharge,
    s.ready_at, s.awaited_type, s.left_at, s.destination
FROM stay s JOIN organisation o ON o.id = s.provider_id LEFT JOIN pool p ON p.id = s.pool_id
LEFT JOIN location l ON l.id = p.location_id
WHERE s.referral_id = $1 ORDER BY s.left_at IS NULL DESC, s.admitted_at DESC, s.id DESC LIMIT 1
"""
_HANDOVER = """
SELECT h.id, h.from_id, h.to_id, o.name AS to_name, h.state, h.reason, h.offered_at, h.ended_at
FROM handover h JOIN organisation o ON o.id = h.to_id
WHERE h.referral_id = $1 ORDER BY h.id DESC LIMIT 1
"""
_QUESTIONS = f"""
SELECT q.id, q.offer_id, q.asked_by_id, o.name AS asked_by_name, q.asked_at, q.answered_at,
    (SELECT text FROM referral_text WHERE about_id = q.id AND kind = 'question') AS text,
    (SELECT text FROM referral_text WHERE about_id = q.id AND kind = 'answer') AS answer
FROM referral_question q LEFT JOIN organisation o ON o.id = q.asked_by_id
WHERE q.referral_id = $1 AND ($2 OR q.offer_id IS NULL) ORDER BY q.id DESC LIMIT {_MOST}
"""
_WAITS = f"""
SELECT id, care_type, since, until FROM discharge_wait
WHERE referral_id = $1 ORDER BY id DESC LIMIT {_MOST}
"""
_ALERTS = """
SELECT id, kind, offer_id, data, raised_at, taken_by, taken_at FROM alert
WHERE referral_id = $1 AND cleared_at IS NULL ORDER BY raised_at, id
"""
_CONTACTS = """
SELECT count(*) FILTER (WHERE outcome = 'spoken') AS calls,
    count(*) FILTER (WHERE outcome <> 'spoken') AS attempts
FROM contact WHERE referral_id = $1
"""
_PLACE = """
SELECT provider.name AS organisation, l.name AS location, l.address, l.place, t.name AS team,
    coalesce(l.telephone, t.telephone, provider.telephone) AS telephone, o.care_type,
    o.promised_at, o.admission_at
FROM offer o JOIN organisation provider ON provider.id = o.provider_id
LEFT JOIN pool p ON p.id = o.pool_id LEFT JOIN location l ON l.id = p.location_id
LEFT JOIN home_care_team t ON t.id = o.team_id
WHERE o.referral_id = $1 AND o.state IN ('toegezegd', 'opgenomen')
ORDER BY o.state = 'toegezegd' DESC, o.promised_at DESC, o.id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class StoredTriage:
    """The last triage, with the facts it was advised by. argument: why it deviates."""

    id: UUID
    rules_version: str
    urgency: str
    facts: dict[str, bool | str]
    chosen: str
    deviates: bool
    at: datetime
    by: UUID | None
    argument: str | None


@dataclass(frozen=True, slots=True)
class StoredCheck:
    """The last look at the board; found: as the domain wrote it."""

    id: UUID
    at: datetime
    by: UUID | None
    position: str
    found: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OpenClaim:
    """A place that is held."""

    id: UUID
    pool_id: UUID
    pool_name: str
    location_name: str
    bed_id: UUID | None
    bed_name: str | None
    claimed_at: datetime
    claimed_by: UUID | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class StoredStay:
    """The stay that goes on, else the last one."""

    id: UUID
    offer_id: UUID
    provider_id: UUID
    provider_name: str
    pool_id: UUID | None
    location_name: str | None
    bed_id: UUID | None
    team_id: UUID | None
    care_type: str
    temporary: bool
    payer: str | None
    admitted_at: datetime
    expected_discharge: date | None
    ready_at: datetime | None
    awaited_type: str | None
    left_at: datetime | None
    destination: str | None


@dataclass(frozen=True, slots=True)
class LastHandover:
    """The last hand-over to another coordination point."""

    id: UUID
    from_id: UUID
    to_id: UUID
    to_name: str
    state: str
    reason: str
    offered_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredQuestion:
    """A question, of the coordination point or (with an offer) of a provider, and its answer."""

    id: UUID
    offer_id: UUID | None
    asked_by_id: UUID | None
    asked_by_name: str | None
    asked_at: datetime
    answered_at: datetime | None
    text: str | None
    answer: str | None


@dataclass(frozen=True, slots=True)
class StoredWait:
    """Ready for discharge since, for a type of care."""

    id: UUID
    care_type: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """What somebody has to be told of a referral."""

    id: UUID
    kind: str
    offer_id: UUID | None
    data: dict[str, Any] | None
    raised_at: datetime
    taken_by: UUID | None
    taken_at: datetime | None


@dataclass(frozen=True, slots=True)
class Contacts:
    """How often somebody was called: those spoken to, and the attempts besides."""

    calls: int
    attempts: int


@dataclass(frozen=True, slots=True)
class PromisedPlace:
    """Where somebody can go, or went."""

    organisation: str
    location: str | None
    address: str | None
    place: str | None
    team: str | None
    telephone: str | None
    care_type: str
    promised_at: datetime | None
    admission_at: datetime | None


@dataclass(frozen=True, slots=True)
class CaseParts:
    """All that belongs to a referral but its offers."""

    triage: StoredTriage | None
    board_check: StoredCheck | None
    claims: list[OpenClaim]
    stay: StoredStay | None
    handover: LastHandover | None
    questions: list[StoredQuestion]
    waits: list[StoredWait]
    alerts: list[OpenAlert]
    contacts: Contacts


async def read_parts(connection: Connection, referral_id: UUID) -> CaseParts:
    """What belongs to a referral; of questions and waits the last hundred, oldest first."""
    triage = await connection.fetchrow(_TRIAGE, referral_id)
    check = await connection.fetchrow(_BOARD_CHECK, referral_id)
    claims = await connection.fetch(_CLAIMS, referral_id)
    stay = await connection.fetchrow(_STAY, referral_id)
    handover = await connection.fetchrow(_HANDOVER, referral_id)
    waits = await connection.fetch(_WAITS, referral_id)
    alerts = await connection.fetch(_ALERTS, referral_id)
    contacts = await connection.fetchrow(_CONTACTS, referral_id)
    assert contacts is not None
    return CaseParts(
        StoredTriage(**_told(triage, "facts")) if triage is not None else None,
        StoredCheck(**_told(check, "found")) if check is not None else None,
        [OpenClaim(**dict(row)) for row in claims],
        StoredStay(**dict(stay)) if stay is not None else None,
        LastHandover(**dict(handover)) if handover is not None else None,
        await read_questions(connection, referral_id, providers=True),
        [StoredWait(**dict(row)) for row in reversed(waits)],
        [OpenAlert(**_told(row, "data")) for row in alerts],
        Contacts(**dict(contacts)),
    )


async def read_questions(
    connection: Connection, referral_id: UUID, *, providers: bool
) -> list[StoredQuestion]:
    """The last questions, oldest first; with those of providers, or the referrer's alone."""
    rows = await connection.fetch(_QUESTIONS, referral_id, providers)
    return [StoredQuestion(**dict(row)) for row in reversed(rows)]


async def read_place(connection: Connection, referral_id: UUID) -> PromisedPlace | None:
    """Where somebody can go, once that was promised."""
    row = await connection.fetchrow(_PLACE, referral_id)
    return PromisedPlace(**dict(row)) if row is not None else None


def _told(row: Any, *as_json: str) -> dict[str, Any]:
    told = dict(row)
    for name in as_json:
        told[name] = orjson.loads(told[name]) if isinstance(told[name], str) else told[name]
    return told
