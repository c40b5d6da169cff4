"""Reading referrals: whose one is, lists of them, and what they need; who may see it isn't decided here."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from app.db.event_log import Connection
from domain.alerts import AlertKind
from domain.cases import INTAKE_TEXTS, TextKind
from domain.needs import Urgency
from domain.offers import OfferState
from domain.referrals import ReferralState

_OPEN_OFFER = ", ".join(repr(str(state)) for state in OfferState if state.is_open)
# What has no moment has to be done as soon as can be; what ended, never.
_FIRST = (
    "CASE WHEN r.ended_at IS NOT NULL THEN timestamptz '2200-01-01 00:00Z'"
    " ELSE coalesce(r.next_at, timestamptz '2000-01-01 00:00Z') END"
)
_THEN = "coalesce(r.target_at, timestamptz '2200-01-01 00:00Z')"

_SELECT = f"""
SELECT r.*, {_FIRST} AS first_key, {_THEN} AS then_key,
    owner.name AS owner_name, owner.telephone AS owner_telephone, asked.name AS requested_by_name,
    ARRAY(SELECT DISTINCT a.kind FROM alert a
        WHERE a.referral_id = r.id AND a.cleared_at IS NULL ORDER BY a.kind) AS alerts,
    (SELECT count(*) FROM offer o WHERE o.referral_id = r.id AND o.state IN ({_OPEN_OFFER}))
        AS open_offers
FROM referral r
JOIN organisation owner ON owner.id = r.owner_id
LEFT JOIN organisation asked ON asked.id = r.requested_by_id
"""
_LIST = f"""
{_SELECT}
WHERE {{whose}} = $1
    AND ($2::boolean IS NULL OR (r.ended_at IS NULL) = $2)
    AND ($3::text IS NULL OR r.state = $3)
    AND ($4::text IS NULL OR r.urgency = $4)
    AND ($5::text IS NULL OR r.pc4 = $5)
    AND ($6::text IS NULL OR r.number = $6)
    AND (NOT $7::boolean OR r.handler_id IS NULL)
    AND ($8::uuid IS NULL OR r.handler_id = $8)
    AND ($9::boolean IS NULL OR EXISTS (SELECT FROM alert a
        WHERE a.referral_id = r.id AND a.cleared_at IS NULL) = $9)
    AND {{after}}
ORDER BY {{order}} LIMIT $10
"""


class Sort(StrEnum):
    """In which order referrals are listed."""

    FIRST = "first"
    NEWEST = "newest"


_BY = {
    Sort.FIRST: (
        f"($11::timestamptz IS NULL OR ({_FIRST}, {_THEN}, r.id) > ($11, $12::timestamptz, $13::uuid))",
        f"{_FIRST}, {_THEN}, r.id",
    ),
    Sort.NEWEST: (
        "($11::timestamptz IS NULL OR (r.created_at, $12::timestamptz, r.id) < ($11, $12, $13::uuid))",
        "r.created_at DESC, r.id DESC",
    ),
}
_TEXTS = """
SELECT DISTINCT ON (kind) kind, text FROM referral_text
WHERE referral_id = $1 AND kind = ANY($2) ORDER BY kind, at DESC, id DESC
"""


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose a referral is."""

    region_id: int
    owner_id: UUID
    requested_by_id: UUID | None


@dataclass(frozen=True, slots=True)
class Selection:
    """Which referrals are asked for; None: any. unhandled: those that nobody has in hand.

    alerts: those with an open one, or without any.
    """

    is_open: bool | None = None
    state: ReferralState | None = None
    urgency: Urgency | None = None
    pc4: str | None = None
    number: str | None = None
    unhandled: bool = False
    handler_id: UUID | None = None
    alerts: bool | None = None
    sort: Sort = Sort.FIRST


@dataclass(frozen=True, slots=True)
class After:
    """The last of the page before: what it was sorted by, and its id."""

    first: datetime
    then: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class StoredReferral:
    """A referral's row, with the names around it. first_key, then_key: what lists are sorted by."""

    id: UUID
    number: str
    region_id: int
    owner_id: UUID
    owner_name: str
    owner_telephone: str | None
    handler_id: UUID | None
    handler_name: str | None
    handler_since: datetime | None
    episode_id: UUID
    previous_id: UUID | None
    state: str
    version: int
    triaged: bool
    needs_triage: bool
    requested_by_id: UUID | None
    requested_by_name: str | None
    route: str
    care_type_asked: str | None
    care_type_triaged: str | None
    care_type_placed: str | None
    urgency: str
    birth_year: int
    sex: str
    pc4: str
    setting: str
    since: datetime | None
    needed_by: datetime | None
    infection: str
    behaviour: str
    features: list[str]
    skills: list[str]
    dagdelen: list[str]
    legal_status: str
    wishes: dict[str, Any] | None
    first_contact_at: datetime
    created_at: datetime
    filed_at: datetime | None
    triage_by: datetime | None
    target_at: datetime | None
    norms_version: int
    ended_at: datetime | None
    ended_reason: str | None
    next_action: str | None
    next_at: datetime | None
    waits_on: str | None
    waits_since: datetime | None
    call_back_at: datetime | None
    target_group: str | None
    no_place_since: datetime | None
    review_at: datetime | None
    ciz_status: str | None
    wlz_decided_on: date | None
    wlz_profile: str | None
    payer: str | None
    alerts: tuple[AlertKind, ...]
    open_offers: int
    first_key: datetime
    then_key: datetime

    def after(self, sort: Sort) -> After:
        """Where the list goes on behind this one."""
        if sort is Sort.NEWEST:
            return After(self.created_at, self.created_at, self.id)
        return After(self.first_key, self.then_key, self.id)


async def whose(connection: Connection, referral_id: UUID) -> Whose | None:
    """Whose a referral is; None: there is none."""
    row = await connection.fetchrow(
        "SELECT region_id, owner_id, requested_by_id FROM referral WHERE id = $1", referral_id
    )
    return Whose(**dict(row)) if row is not None else None


async def read_referral(connection: Connection, referral_id: UUID) -> StoredReferral | None:
    """One referral."""
    row = await connection.fetchrow(f"{_SELECT} WHERE r.id = $1", referral_id)
    return stored(row) if row is not None else None


async def read_referrals(
    connection: Connection,
    organisation_id: UUID,
    selection: Selection,
    *,
    requested: bool,
    after: After | None,
    limit: int,
) -> list[StoredReferral]:
    """Referrals that an organisation has in hand, or else (`requested`) that it asked for."""
    beyond, order = _BY[selection.sort]
    whose_column = "r.requested_by_id" if requested else "r.owner_id"
    rows = await connection.fetch(
        _LIST.format(whose=whose_column, after=beyond, order=order),
        organisation_id,
        selection.is_open,
        selection.state,
        selection.urgency,
        selection.pc4,
        selection.number,
        selection.unhandled,
        selection.handler_id,
        selection.alerts,
        limit,
        after.first if after else None,
        after.then if after else None,
        after.id if after else None,
    )
    return [stored(row) for row in rows]


async def read_intake_texts(connection: Connection, referral_id: UUID) -> dict[TextKind, str]:
    """What was typed at intake, as it was typed last."""
    kinds: Sequence[str] = [str(kind) for kind in INTAKE_TEXTS]
    rows = await connection.fetch(_TEXTS, referral_id, kinds)
    return {TextKind(row["kind"]): row["text"] for row in rows}


def stored(row: asyncpg.Record) -> StoredReferral:
    """A row as these queries select it."""
    told: dict[str, Any] = {one.name: row[one.name] for one in fields(StoredReferral)}
    told["wishes"] = orjson.loads(told["wishes"]) if told["wishes"] else None
    told["alerts"] = tuple(map(AlertKind, told["alerts"]))
    return StoredReferral(**told)
