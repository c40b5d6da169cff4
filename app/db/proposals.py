"""The waiting list as a proposal goes by it, and proposals as they were made and adopted."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlmodel import col, select

from app.db.event_log import Connection
from app.db.tables import ReferralRow
from app.db.unit_of_work import UnitOfWork
from domain.identifiers import RegionId
from domain.matching.proposals import still_no
from domain.norms import Norms
from domain.offers import Ending, OfferState, Refusal
from domain.referrals import ReferralState

#: Where somebody is who waits for a place while nobody is asked for one: with an open offer or a
#: promise a referral is in another state.
WAITS_IN = (ReferralState.GETRIEERD, ReferralState.GEEN_PLEK, ReferralState.TIJDELIJK_GEPLAATST)

_UNANSWERED = ", ".join(repr(str(state)) for state in OfferState if state.can_be_answered)

_BESIDES = """
SELECT r.id, t.outcomes, t.deviates, c.regular_failed,
    (SELECT min(w.since) FROM discharge_wait w WHERE w.referral_id = r.id AND w.until IS NULL)
        AS wrong_bed_since,
    EXISTS (SELECT FROM claim WHERE referral_id = r.id AND state = 'open') AS held,
    EXISTS (SELECT FROM handover WHERE referral_id = r.id AND state = 'aangeboden') AS handed_over
FROM unnest($1::uuid[]) AS r(id)
LEFT JOIN LATERAL (SELECT advice -> 'outcomes' AS outcomes, deviates FROM triage
    WHERE referral_id = r.id ORDER BY at DESC, id DESC LIMIT 1) t ON true
LEFT JOIN LATERAL (SELECT regular_failed FROM board_check
    WHERE referral_id = r.id AND at > $2 AND at <= $3 ORDER BY at DESC, id DESC LIMIT 1) c ON true
"""
_ENDED = """
SELECT o.referral_id, o.pool_id, o.refusal, o.ending, o.ended_at
FROM unnest($1::uuid[]) AS r(id) JOIN offer o ON o.referral_id = r.id
WHERE o.pool_id IS NOT NULL AND o.ended_at > (SELECT max(t.at) FROM triage t WHERE t.referral_id = r.id)
"""
# A place that is held for who is asked about it has gone off the balance already.
_ASKED_FOR = f"""
SELECT coalesce(o.proposed_pool_id, o.pool_id) AS pool_id, count(*) AS asked
FROM offer o
WHERE o.region_id = $1 AND o.state IN ({_UNANSWERED}) AND o.pool_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM claim c WHERE c.referral_id = o.referral_id
        AND c.pool_id = coalesce(o.proposed_pool_id, o.pool_id) AND c.state = 'open')
GROUP BY 1
"""
# Who came counts for today only, so those of the last 24 hours are enough.
_AGREED = """
SELECT pool_id, day, count(*) AS agreed FROM (
    SELECT pool_id, (admission_at AT TIME ZONE 'Europe/Amsterdam')::date AS day FROM offer
    WHERE region_id = $1 AND state = 'toegezegd' AND pool_id IS NOT NULL
    UNION ALL
    SELECT c.pool_id, NULL FROM claim c JOIN pool p ON p.id = c.pool_id
    WHERE p.region_id = $1 AND c.state = 'open'
    UNION ALL
    SELECT s.pool_id, (s.admitted_at AT TIME ZONE 'Europe/Amsterdam')::date
    FROM stay s JOIN pool p ON p.id = s.pool_id
    WHERE p.region_id = $1 AND s.left_at IS NULL AND s.admitted_at > $2
) AS one GROUP BY 1, 2
"""
_LIES_IN = """
SELECT referral_id, pool_id FROM stay
WHERE referral_id = ANY($1::uuid[]) AND left_at IS NULL AND pool_id IS NOT NULL
"""
_OFFER_OF = "SELECT offer_id FROM proposal_item WHERE proposal_id = $1 AND referral_id = $2"
_ADOPTED = """
UPDATE proposal_item SET offer_id = $3, adopted_at = $4, adopted_by = $5
WHERE proposal_id = $1 AND referral_id = $2
"""
_PROPOSAL = """
SELECT id, region_id, owner_id, made_at, made_by, position, algorithm, left_out
FROM proposal WHERE id = $1
"""


def _of_pool(alias: str, prefix: str) -> str:
    return (
        f"{alias}.name AS {prefix}pool_name, {alias}_l.id AS {prefix}location_id,"
        f" {alias}_l.name AS {prefix}location_name"
    )


def _pool(alias: str, column: str) -> str:
    return (
        f"LEFT JOIN pool {alias} ON {alias}.id = i.{column}"
        f" LEFT JOIN location {alias}_l ON {alias}_l.id = {alias}.location_id"
    )


_ITEMS = f"""
SELECT i.*, r.number, {_of_pool("p", "")}, {_of_pool("a", "alone_")}
FROM proposal_item i JOIN referral r ON r.id = i.referral_id
{_pool("p", "pool_id")} {_pool("a", "alone_pool_id")}
WHERE i.proposal_id = $1 ORDER BY i.rank
"""
_NUMBERS = "SELECT id, number FROM referral WHERE id = ANY($1)"


@dataclass(frozen=True, slots=True)
class Besides:
    """What of a referral that waits stands beside its row.

    outcomes: what its last triage advised; deviates: and didn't choose. regular_failed: what the last
    look at the board came to; None: there was none of late.
    """

    outcomes: tuple[str, ...]
    deviates: bool
    regular_failed: bool | None
    wrong_bed_since: datetime | None
    held: bool
    handed_over: bool


@dataclass(frozen=True, slots=True)
class StoredPlace:
    """A place of a proposal, with its names."""

    pool_id: UUID
    pool_name: str
    location_id: UUID
    location_name: str
    care_type: str
    km: float | None


@dataclass(frozen=True, slots=True)
class StoredItem:
    """Somebody in a proposal."""

    referral_id: UUID
    number: str
    rank: int
    urgency: str
    filed_at: datetime
    waited_minutes: int
    norm_minutes: int
    wrong_bed_days: int
    together: StoredPlace | None
    alone: StoredPlace | None
    unplaced: str | None
    failed: Mapping[str, int] | None
    near: Sequence[Mapping[str, Any]] | None
    offer_id: UUID | None
    adopted_at: datetime | None
    adopted_by: UUID | None


@dataclass(frozen=True, slots=True)
class StoredLeftOut:
    """Somebody who waits and isn't in a proposal."""

    referral_id: UUID
    number: str
    reason: str


@dataclass(frozen=True, slots=True)
class StoredProposal:
    """A proposal, the first first."""

    id: UUID
    region_id: int
    owner_id: UUID
    made_at: datetime
    made_by: UUID | None
    position: str
    algorithm: str
    items: Sequence[StoredItem]
    left_out: Sequence[StoredLeftOut]


async def waiting_rows(
    work: UnitOfWork, region_id: RegionId, owner_id: UUID
) -> Sequence[ReferralRow]:
    """Those of a coordination point who wait while nobody is asked for a place; nothing is locked."""
    query = select(ReferralRow).where(
        col(ReferralRow.owner_id) == owner_id,
        col(ReferralRow.region_id) == region_id,
        col(ReferralRow.ended_at).is_(None),
        col(ReferralRow.state).in_(WAITS_IN),
    )
    return (await work.session.exec(query)).all()


async def besides(
    work: UnitOfWork, referral_ids: Sequence[UUID], looked_since: datetime
) -> dict[UUID, Besides]:
    """By referral what else a proposal goes by."""
    rows = await work.fetch(_BESIDES, referral_ids, looked_since, work.now)
    return {
        row["id"]: Besides(
            tuple(row["outcomes"] or ()),
            bool(row["deviates"]),
            row["regular_failed"],
            row["wrong_bed_since"],
            row["held"],
            row["handed_over"],
        )
        for row in rows
    }


async def not_again(work: UnitOfWork, referral_ids: Sequence[UUID]) -> dict[UUID, set[UUID]]:
    """By referral the pools that aren't asked for it: by what they answered since its triage, and the
    one that somebody lies in while they wait for another."""
    found = {
        row["referral_id"]: {row["pool_id"]} for row in await work.fetch(_LIES_IN, referral_ids)
    }
    for row in await work.fetch(_ENDED, referral_ids):
        refusal = Refusal(row["refusal"]) if row["refusal"] else None
        ending = Ending(row["ending"]) if row["ending"] else None
        if still_no(refusal, ending, row["ended_at"], work.now):
            found.setdefault(row["referral_id"], set()).add(row["pool_id"])
    return found


async def norms_of(
    work: UnitOfWork, region_id: RegionId, versions: Collection[int]
) -> dict[int, Norms]:
    """A region's norms by version."""
    rows = await work.fetch(
        "SELECT version, norms FROM norm_set WHERE region_id = $1 AND version = ANY($2)",
        region_id,
        sorted(versions),
    )
    return {0: Norms()} | {row["version"]: Norms.from_json(row["norms"]) for row in rows}


async def asked_for(work: UnitOfWork, region_id: RegionId) -> dict[UUID, int]:
    """By pool how many of its places somebody is being asked for: they may be gone tomorrow."""
    rows = await work.fetch(_ASKED_FOR, region_id)
    return {row["pool_id"]: row["asked"] for row in rows}


async def agreed(work: UnitOfWork, region_id: RegionId) -> dict[tuple[UUID, date | None], int]:
    """By pool and day in Amsterdam who comes, or came; None: no day is agreed, or one is held."""
    rows = await work.fetch(_AGREED, region_id, work.now - timedelta(days=1))
    return {(row["pool_id"], row["day"]): row["agreed"] for row in rows}


async def offer_of(work: UnitOfWork, proposal_id: UUID, referral_id: UUID) -> UUID | None:
    """Which offer an item became, if any; whoever adopts it has locked its referral."""
    (row,) = await work.fetch(_OFFER_OF, proposal_id, referral_id)
    found: UUID | None = row["offer_id"]
    return found


async def mark_adopted(
    work: UnitOfWork, proposal_id: UUID, referral_id: UUID, offer_id: UUID, by: UUID | None
) -> None:
    """Keeps which offer an item became."""
    await work.fetch(_ADOPTED, proposal_id, referral_id, offer_id, work.now, by)


async def read_proposal(connection: Connection, proposal_id: UUID) -> StoredProposal | None:
    """A proposal with all that is in it."""
    row = await connection.fetchrow(_PROPOSAL, proposal_id)
    if row is None:
        return None
    left_out = orjson.loads(row["left_out"])
    named = await connection.fetch(_NUMBERS, [UUID(one["referral_id"]) for one in left_out])
    numbers = {str(one["id"]): one["number"] for one in named}
    told = [
        StoredLeftOut(UUID(one["referral_id"]), numbers[one["referral_id"]], one["reason"])
        for one in left_out
    ]
    items = [_item(dict(one)) for one in await connection.fetch(_ITEMS, proposal_id)]
    return StoredProposal(**{**dict(row), "items": items, "left_out": told})


def _item(row: dict[str, Any]) -> StoredItem:
    return StoredItem(
        **{name: row[name] for name in _PLAIN},
        together=_place(row, ""),
        alone=_place(row, "alone_"),
        failed=_json(row["failed"]),
        near=_json(row["near"]),
    )


_PLAIN = (
    *("referral_id", "number", "rank", "urgency", "filed_at", "waited_minutes", "norm_minutes"),
    *("wrong_bed_days", "unplaced", "offer_id", "adopted_at", "adopted_by"),
)
_OF_A_PLACE = ("pool_id", "pool_name", "location_id", "location_name", "care_type", "km")


def _place(row: dict[str, Any], prefix: str) -> StoredPlace | None:
    if row[f"{prefix}pool_id"] is None:
        return None
    return StoredPlace(**{name: row[prefix + name] for name in _OF_A_PLACE})


def _json(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)
