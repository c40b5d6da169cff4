"""Reading offers, with what was asked, of whom, and about whom; who may see what of it is not decided here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from app.db.event_log import Connection
from domain.cases import INTAKE_TEXTS, TextKind
from domain.hours import OnCall, contacts_from_json
from domain.offers import OfferState

_OPEN = ", ".join(repr(str(state)) for state in OfferState if state.is_open)

_SELECT = f"""
SELECT o.*, r.number, r.owner_id, r.birth_year, r.sex, r.pc4, r.setting, r.since, r.needed_by,
    r.infection, r.behaviour, r.features, r.skills, r.dagdelen, r.legal_status, r.urgency,
    owner.name AS owner_name, owner.telephone AS owner_telephone,
    provider.name AS provider_name, provider.on_call AS provider_on_call,
    p.name AS pool_name, b.name AS bed_name, t.name AS team_name,
    l.id AS location_id, l.name AS location_name, l.address, l.place,
    coalesce(l.telephone, t.telephone, provider.telephone) AS telephone, l.on_call AS location_on_call,
    o.state IN ({_OPEN}) AND (o.state = 'toegezegd' OR EXISTS (
        SELECT FROM claim c WHERE c.referral_id = o.referral_id AND c.pool_id = o.pool_id
            AND c.state = 'open')) AS held
FROM offer o
JOIN referral r ON r.id = o.referral_id
JOIN organisation owner ON owner.id = r.owner_id
JOIN organisation provider ON provider.id = o.provider_id
LEFT JOIN pool p ON p.id = o.pool_id
LEFT JOIN location l ON l.id = p.location_id
LEFT JOIN bed b ON b.id = o.bed_id
LEFT JOIN home_care_team t ON t.id = o.team_id
"""

_LIST = f"""
{_SELECT}
WHERE {{whose}} = $1 AND ($2::boolean IS NULL OR (o.ended_at IS NULL) = $2)
    AND ($3::uuid IS NULL OR o.referral_id = $3) AND ($4::uuid IS NULL OR o.id < $4)
ORDER BY o.id DESC LIMIT $5
"""
_OF_PROVIDER, _OF_OWNER = (_LIST.format(whose=of) for of in ("o.provider_id", "r.owner_id"))

_TEXTS = """
SELECT DISTINCT ON (kind) kind, text FROM referral_text
WHERE referral_id = $1 AND kind = ANY($2) ORDER BY kind, at DESC, id DESC
"""

_QUESTIONS = """
SELECT q.id, q.asked_at, q.answered_at,
    (SELECT text FROM referral_text WHERE about_id = q.id AND kind = 'question') AS text,
    (SELECT text FROM referral_text WHERE about_id = q.id AND kind = 'answer') AS answer
FROM referral_question q WHERE q.referral_id = $1 AND q.offer_id = $2 ORDER BY q.id LIMIT 100
"""

_CONTACT = """
SELECT t.text FROM referral_step s JOIN referral_text t ON t.about_id = s.id AND t.kind = 'appointment'
WHERE s.referral_id = $1 AND s.offer_id = $2 AND s.step = 'appointed' ORDER BY s.id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class PlaceAsked:
    """What an offer asks for: a pool, perhaps a bed of it, a team, or an organisation alone."""

    pool_id: UUID | None
    pool_name: str | None
    bed_id: UUID | None
    bed_name: str | None
    team_id: UUID | None
    team_name: str | None
    location_id: UUID | None
    location_name: str | None
    address: str | None
    place: str | None
    telephone: str | None


@dataclass(frozen=True, slots=True)
class PersonAsked:
    """Who it is about."""

    birth_year: int
    sex: str
    pc4: str
    setting: str
    since: datetime | None
    needed_by: datetime | None
    infection: str
    behaviour: str
    features: tuple[str, ...]
    skills: tuple[str, ...]
    dagdelen: tuple[str, ...]
    legal_status: str
    urgency: str


@dataclass(frozen=True, slots=True)
class StoredOffer:
    """An offer with all that belongs to it; held: a place is kept for it now."""

    id: UUID
    referral_id: UUID
    number: str
    region_id: int
    owner_id: UUID
    owner_name: str
    owner_telephone: str | None
    provider_id: UUID
    provider_name: str
    state: str
    version: int
    care_type: str
    round: int
    asked: int
    offered_at: datetime
    deadline_at: datetime
    norm_minutes: int
    norm_hours: str
    norms_version: int
    seen_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    late: bool
    by_phone: bool
    refusal: str | None
    ending: str | None
    awaiting: str | None
    over_free: bool
    held: bool
    proposed_at: datetime | None
    proposed_pool_id: UUID | None
    proposed_bed_id: UUID | None
    promised_at: datetime | None
    admission_at: datetime | None
    appointment: dict[str, bool] | None
    posted: Any
    posted_at_answer: Any
    board_position: str | None
    place: PlaceAsked
    person: PersonAsked
    on_call: tuple[tuple[OnCall, ...], ...]


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """Something a provider asked about an offer, and what was answered."""

    id: UUID
    asked_at: datetime
    answered_at: datetime | None
    text: str | None
    answer: str | None


@dataclass(frozen=True, slots=True)
class OfferTexts:
    """What was typed: at intake, in questions about the offer, and whom the opnameafspraak names."""

    intake: dict[TextKind, str]
    questions: tuple[AskedQuestion, ...]
    contact: str | None


async def read_offer(connection: Connection, offer_id: UUID) -> StoredOffer | None:
    """One offer."""
    row = await connection.fetchrow(f"{_SELECT} WHERE o.id = $1", offer_id)
    return _offer(row) if row is not None else None


async def read_offers(
    connection: Connection,
    organisation_id: UUID,
    *,
    asked_of_it: bool,
    is_open: bool | None,
    referral_id: UUID | None,
    before: UUID | None,
    limit: int,
) -> list[StoredOffer]:
    """Offers asked of an organisation, or else made for the referrals that it has; the newest first."""
    query = _OF_PROVIDER if asked_of_it else _OF_OWNER
    rows = await connection.fetch(query, organisation_id, is_open, referral_id, before, limit)
    return [_offer(row) for row in rows]


async def read_texts(connection: Connection, offer: StoredOffer) -> OfferTexts:
    """What was typed about an offer."""
    intake = await connection.fetch(_TEXTS, offer.referral_id, [str(kind) for kind in INTAKE_TEXTS])
    questions = await connection.fetch(_QUESTIONS, offer.referral_id, offer.id)
    contact = await connection.fetchval(_CONTACT, offer.referral_id, offer.id)
    return OfferTexts(
        {TextKind(row["kind"]): row["text"] for row in intake},
        tuple(AskedQuestion(**dict(row)) for row in questions),
        contact,
    )


def _offer(row: asyncpg.Record) -> StoredOffer:
    told = dict(row)
    for name in ("appointment", "posted", "posted_at_answer"):
        told[name] = _json(told[name])
    place = PlaceAsked(**_of(told, PlaceAsked))
    for name in ("features", "skills", "dagdelen"):
        told[name] = tuple(told[name])
    person = PersonAsked(**_of(told, PersonAsked))
    lists = (_json(told["location_on_call"]), _json(told["provider_on_call"]))
    told |= {
        "place": place,
        "person": person,
        "on_call": tuple(contacts_from_json(one) for one in lists if one is not None),
    }
    return StoredOffer(**_of(told, StoredOffer))


def _of(told: dict[str, Any], kind: type) -> dict[str, Any]:
    names: Sequence[str] = kind.__slots__  # type: ignore[attr-defined]  # each is a slotted dataclass
    return {name: told[name] for name in names}


def _json(value: Any) -> Any:
    return orjson.loads(value) if isinstance(value, str) else value
