"""Reading what a coordination point's desk has to know: alerts, who has no place, what the next shift gets."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from app.db.event_log import Connection
from domain.cases import TargetGroup
from domain.hours import OnCall, contacts_from_json
from domain.offers import OfferState
from domain.referrals import ReferralState, Step

#: Of each referral so many notes go to the next shift, and so many steps tell its path.
LAST_NOTES, PATH = 3, 50

_OPEN_OFFER = ", ".join(repr(str(state)) for state in OfferState if state.is_open)

_ALERTS = """
SELECT a.id, a.kind, a.region_id, a.referral_id, a.offer_id, a.pool_id, a.data, a.raised_at,
    a.taken_by, a.taken_at, r.number, r.state, r.urgency, p.name AS pool_name,
    l.name AS location_name
FROM alert a
LEFT JOIN referral r ON r.id = a.referral_id
LEFT JOIN pool p ON p.id = a.pool_id
LEFT JOIN location l ON l.id = p.location_id
WHERE a.cleared_at IS NULL AND a.region_id = ANY($2::smallint[])
    AND (a.owner_id = $1 OR a.owner_id IS NULL)
    AND ($3::text IS NULL OR a.kind = $3)
    AND ($4::timestamptz IS NULL OR (a.raised_at, a.id) > ($4, $5::uuid))
ORDER BY a.raised_at, a.id LIMIT $6
"""

_WITHOUT_PLACE = f"""
SELECT r.id, r.number, r.target_group, r.no_place_since AS since, r.urgency, r.birth_year, r.sex,
    r.pc4, r.care_type_asked, r.care_type_triaged, r.handler_id, r.handler_name,
    r.filed_at, r.target_at,
    (SELECT count(*) FROM offer o WHERE o.referral_id = r.id) AS offers
FROM referral r
WHERE r.owner_id = $1 AND r.state = '{ReferralState.GEEN_PLEK}' AND r.ended_at IS NULL
    AND ($2::text IS NULL OR r.target_group = $2)
    AND ($3::timestamptz IS NULL OR (r.no_place_since, r.id) > ($3, $4::uuid))
ORDER BY r.no_place_since, r.id LIMIT $5
"""
_BY_GROUP = f"""
SELECT target_group, count(*) AS count FROM referral
WHERE owner_id = $1 AND state = '{ReferralState.GEEN_PLEK}' AND ended_at IS NULL GROUP BY target_group
"""
#: What tells how somebody came to be without a place.
_OF_A_PATH = tuple(
    str(step)
    for step in (
        *(Step.FILED, Step.NEEDS_CHANGED, Step.TRIAGED, Step.BOARD_CHECKED, Step.OFFERED),
        *(Step.OFFER_REFUSED, Step.OFFER_EXPIRED, Step.OFFER_WITHDRAWN, Step.OFFER_ACCEPTED),
        *(Step.COUNTER_PROPOSED, Step.COUNTER_DECLINED, Step.CLIENT_DECLINED),
        *(Step.DOCTOR_DECLINED, Step.PROMISE_RELEASED, Step.NOT_ARRIVED, Step.NO_PLACE),
        *(Step.HANDOVER_ACCEPTED, Step.HANDOVER_REFUSED),
    )
)
_PATHS = f"""
SELECT s.* FROM unnest($1::uuid[]) AS r(id) CROSS JOIN LATERAL (
    SELECT s.referral_id, s.step, s.happened_at, s.after, s.reason, o.name AS organisation_name
    FROM referral_step s LEFT JOIN offer f ON f.id = s.offer_id
    LEFT JOIN organisation o ON o.id = f.provider_id
    WHERE s.referral_id = r.id AND s.step = ANY($2) ORDER BY s.id DESC LIMIT {PATH}
) s
"""

_NOTES = f"""
SELECT t.* FROM unnest($1::uuid[]) AS r(id) CROSS JOIN LATERAL (
    SELECT t.referral_id, t.text, t.at FROM referral_text t
    WHERE t.referral_id = r.id AND t.kind = 'note' ORDER BY t.at DESC, t.id DESC LIMIT {LAST_NOTES}
) t
"""
_ASKED = f"""
SELECT o.referral_id, o.id, o.state, provider.name AS provider_name, l.name AS location_name,
    t.name AS team_name, coalesce(l.telephone, t.telephone, provider.telephone) AS telephone,
    o.deadline_at, o.admission_at, l.on_call AS of_location, provider.on_call AS of_provider
FROM offer o JOIN organisation provider ON provider.id = o.provider_id
LEFT JOIN pool p ON p.id = o.pool_id LEFT JOIN location l ON l.id = p.location_id
LEFT JOIN home_care_team t ON t.id = o.team_id
WHERE o.referral_id = ANY($1::uuid[]) AND o.state IN ({_OPEN_OFFER}) ORDER BY o.id
"""


@dataclass(frozen=True, slots=True)
class ListedAlert:
    """An open alert: about a referral, or about a pool of the region."""

    id: UUID
    kind: str
    region_id: int
    referral_id: UUID | None
    offer_id: UUID | None
    pool_id: UUID | None
    data: dict[str, Any] | None
    raised_at: datetime
    taken_by: UUID | None
    taken_at: datetime | None
    number: str | None
    state: str | None
    urgency: str | None
    pool_name: str | None
    location_name: str | None


@dataclass(frozen=True, slots=True)
class WithoutPlace:
    """A referral on the tussen-wal-en-schip register, and since when. offers: how often was asked."""

    id: UUID
    number: str
    target_group: str
    since: datetime
    urgency: str
    birth_year: int
    sex: str
    pc4: str
    care_type_asked: str | None
    care_type_triaged: str | None
    handler_id: UUID | None
    handler_name: str | None
    filed_at: datetime | None
    target_at: datetime | None
    offers: int


@dataclass(frozen=True, slots=True)
class PathStep:
    """A step on the way there; organisation_name: of the provider that it was about."""

    step: str
    happened_at: datetime
    after: str
    reason: str | None
    organisation_name: str | None


@dataclass(frozen=True, slots=True)
class LastNote:
    """Something written down with a referral."""

    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AskedProvider:
    """A provider with an open offer. contacts: of the location, then of the organisation."""

    id: UUID
    state: str
    provider_name: str
    location_name: str | None
    team_name: str | None
    telephone: str | None
    deadline_at: datetime
    admission_at: datetime | None
    contacts: tuple[tuple[OnCall, ...], ...]


async def read_alerts(
    connection: Connection,
    owner_id: UUID,
    regions: Collection[int],
    *,
    kind: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[ListedAlert]:
    """Open alerts of a coordination point and of its regions' capacity, the oldest first."""
    moment, alert_id = after if after is not None else (None, None)
    rows = await connection.fetch(_ALERTS, owner_id, sorted(regions), kind, moment, alert_id, limit)
    return [ListedAlert(**{**dict(row), "data": _json(row["data"])}) for row in rows]


async def read_without_place(
    connection: Connection,
    owner_id: UUID,
    *,
    group: TargetGroup | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[WithoutPlace]:
    """A coordination point's part of the register, those who wait longest first."""
    moment, referral_id = after if after is not None else (None, None)
    rows = await connection.fetch(_WITHOUT_PLACE, owner_id, group, moment, referral_id, limit)
    return [WithoutPlace(**dict(row)) for row in rows]


async def count_without_place(connection: Connection, owner_id: UUID) -> dict[TargetGroup, int]:
    """How many of each group there are on it."""
    rows = await connection.fetch(_BY_GROUP, owner_id)
    return {TargetGroup(row["target_group"]): row["count"] for row in rows}


async def read_paths(
    connection: Connection, referral_ids: Sequence[UUID]
) -> dict[UUID, list[PathStep]]:
    """By referral what was tried, oldest first: the last steps of it."""
    found: dict[UUID, list[PathStep]] = {}
    for row in reversed(await connection.fetch(_PATHS, referral_ids, _OF_A_PATH)):
        told = dict(row)
        found.setdefault(told.pop("referral_id"), []).append(PathStep(**told))
    return found


async def read_last_notes(
    connection: Connection, referral_ids: Sequence[UUID]
) -> dict[UUID, list[LastNote]]:
    """By referral the last notes, newest first."""
    found: dict[UUID, list[LastNote]] = {}
    for row in await connection.fetch(_NOTES, referral_ids):
        found.setdefault(row["referral_id"], []).append(LastNote(row["text"], row["at"]))
    return found


async def read_asked(
    connection: Connection, referral_ids: Sequence[UUID]
) -> dict[UUID, list[AskedProvider]]:
    """By referral the providers with an open offer."""
    found: dict[UUID, list[AskedProvider]] = {}
    for row in await connection.fetch(_ASKED, referral_ids):
        told = dict(row)
        lists = (_json(told.pop("of_location")), _json(told.pop("of_provider")))
        contacts = tuple(contacts_from_json(one) for one in lists if one is not None)
        referral_id = told.pop("referral_id")
        found.setdefault(referral_id, []).append(AskedProvider(**told, contacts=contacts))
    return found


def _json(value: Any) -> Any:
    return orjson.loads(value) if isinstance(value, str) else value
