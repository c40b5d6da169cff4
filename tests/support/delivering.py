"""Offers written straight into the database, and what they come to, counted one by one."""

import json
import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from app.live.pool_views import PoolState
from app.live.team_views import TeamState
from domain.delivery_records import SMALLEST_SAMPLE, DeliveryRecord, Period, Share
from domain.offers import Ending, OfferState, Refusal
from tests.support.database import Database
from tests.support.refused_referrals import A_REFERRAL, FILED

S = OfferState
_FREE = {str(state) for state in (PoolState.NOW, PoolState.LATER, TeamState.NOW, TeamState.LATER)}
_NO = {
    *("geen-plek", "geen-personeel", "opnamestop", "geen-arts-anw", "te-laat-beantwoord"),
    "bord-klopte-niet",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What is on record of an offer. posted, at_answer: the state of its place; held: from and until
    when it was held for its referral, or the pool `held_at`; typed_later: so long after it happened, as the board was then; missed: somebody told that nobody came."""

    provider_id: UUID
    offered_at: datetime
    state: OfferState = S.GEVRAAGD
    region_id: int = 1
    posted: str | None = "nu"
    against: bool = False
    answered_at: datetime | None = None
    at_answer: str | None = None
    late: bool = False
    refusal: Refusal | None = None
    ending: Ending | None = None
    promised: bool = False
    admission_at: datetime | None = None
    missed: bool = False
    held: tuple[datetime, datetime | None] | None = None
    held_at: UUID | None = None
    typed_later: timedelta = timedelta(0)
    id: UUID = field(default_factory=uuid4)
    referral_id: UUID = field(default_factory=uuid4)


def any_told(
    draw: random.Random, provider_ids: Sequence[UUID], elsewhere: UUID, since: datetime, days: int
) -> Told:
    """An offer to one of these, put in these days; `elsewhere`: another pool than is asked."""
    at = since + timedelta(minutes=draw.randrange(days * 24 * 60), seconds=draw.randrange(60))
    state = draw.choice([S.GEWEIGERD] * 4 + [S.LOSGELATEN] * 2 + list(S))
    withdrawn = state is S.INGETROKKEN and draw.random() < 0.5
    asked = state in (S.GEVRAAGD, S.VERLOPEN) or withdrawn
    answered_at = None if asked else at + timedelta(seconds=draw.randrange(200_000))
    promised = state in (S.TOEGEZEGD, S.LOSGELATEN, S.OPGENOMEN)
    admission = timedelta(minutes=draw.randrange(5 * 24 * 60))
    states = ["nu", "nu", "nu", "later", "vol", "vol", "opnamestop", "onbevestigd", None]
    held = (
        at - timedelta(minutes=5),
        draw.choice([None, at, answered_at, at - timedelta(minutes=1)]),
    )
    return Told(
        provider_id=draw.choice(provider_ids),
        offered_at=at,
        state=state,
        region_id=draw.choice([1, 1, 2]),
        posted=draw.choice(states),
        against=draw.random() < 0.1,
        answered_at=answered_at,
        at_answer=None if asked else draw.choice(states),
        late=not asked and draw.random() < 0.3,
        refusal=draw.choice(list(Refusal)) if state is S.GEWEIGERD else None,
        ending=draw.choice([Ending.AANBIEDER_KAN_NIET, Ending.CLIENT_WEIGERT, Ending.ARTS_WEIGERT])
        if state in (S.LOSGELATEN, S.INGETROKKEN)
        else None,
        promised=promised,
        admission_at=at + admission if promised and draw.random() < 0.8 else None,
        missed=promised and draw.random() < 0.3,
        held=held if draw.random() < 0.6 else None,
        held_at=draw.choice([None, None, elsewhere]),
        typed_later=timedelta(minutes=draw.choice([0, 0, 0, 0, 0, 15, 16])),
    )


async def write(database: Database, pool_id: UUID, told: Iterable[Told]) -> None:
    """Puts these offers, each of a referral of its own, in the database."""
    referral = f"{A_REFERRAL} $1::uuid, $1::uuid::text, {FILED} FROM pool WHERE id = $2"
    offer = (
        "INSERT INTO offer (id, referral_id, region_id, provider_id, pool_id, care_type, state, round,"
        " asked, offered_at, deadline_at, norm_minutes, norm_hours, norms_version, posted, answered_at,"
        " posted_at_answer, late, refusal, ending, promised_at, admission_at, ended_at)"
        " VALUES ($1, $2, $3, $4, $5, 'grz', $6, 1, 1, $7, $7, 60, 'altijd', 0, $8, $9, $10, $11,"
        " $12, $13, $14, $15, $16)"
    )
    claim = (
        "INSERT INTO claim (referral_id, pool_id, state, claimed_at, expires_at, ended_at)"
        " VALUES ($1, $2, CASE WHEN $4::timestamptz IS NULL THEN 'open' ELSE 'released' END, $3, $3, $4)"
    )
    step = (
        "INSERT INTO referral_step (referral_id, offer_id, step, after, version, happened_at,"
        " recorded_at, role) VALUES ($1, $2, 'not-arrived', 'geaccepteerd', 1, $3, $3, 'system')"
    )
    async with database.connect() as connection:
        for one in told:
            await connection.execute(referral, one.referral_id, pool_id)
            await connection.execute(
                offer,
                *(one.id, one.referral_id, one.region_id, one.provider_id, pool_id, one.state),
                one.offered_at,
                _facts(
                    one.posted,
                    one.offered_at + one.typed_later,
                    failures=[{}] if one.against else [],
                ),
                one.answered_at,
                _facts(one.at_answer, (one.answered_at or one.offered_at) + one.typed_later),
                *(one.late, one.refusal, one.ending),
                *(one.offered_at if one.promised else None, one.admission_at),
                None if one.state.is_open else one.answered_at or one.offered_at,
            )
            if one.held is not None:
                await connection.execute(claim, one.referral_id, one.held_at or pool_id, *one.held)
            if one.missed:
                await connection.execute(step, one.referral_id, one.id, one.offered_at)


def counted(
    told: Iterable[Told], region_id: int, provider_id: UUID, period: Period, now: datetime
) -> DeliveryRecord | None:
    """What these offers come to; None: it was asked nothing."""
    mine = [
        one
        for one in told
        if (one.region_id, one.provider_id) == (region_id, provider_id)
        and period.begins_at <= one.offered_at < period.ends_at
    ]
    if not mine:
        return None
    answered = [one for one in mine if one.answered_at is not None]
    called_on = [one for one in answered if _called_on(one)]
    expired = sum(one.state is S.VERLOPEN for one in mine)
    due = [one for one in mine if _due(one, now)]
    times = sorted(
        one.answered_at - one.offered_at for one in answered if one.answered_at is not None
    )
    return DeliveryRecord(
        organisation_id=provider_id,
        since=period.since,
        until=period.until,
        asked=len(mine),
        refused_while_free=Share(sum(map(_let_down, called_on)), len(called_on)),
        unanswered=Share(expired, len(answered) + expired),
        late=Share(sum(one.late for one in answered), len(answered)),
        not_arrived=Share(sum(one.missed for one in due), len(due)),
        median_answer_minutes=_within(times, 5),
        slow_answer_minutes=_within(times, 9),
    )


def _called_on(one: Told) -> bool:
    assert one.answered_at is not None
    if one.typed_later > timedelta(minutes=15):
        return False
    at_offer = one.posted in _FREE or (one.posted == "vol" and _held(one, one.offered_at))
    at_answer = one.at_answer in _FREE or (one.at_answer == "vol" and _held(one, one.answered_at))
    return at_offer and at_answer and not one.against


def _held(one: Told, at: datetime) -> bool:
    if one.held is None or one.held_at is not None:
        return False
    since, until = one.held
    return since <= at and (until is None or at <= until)


def _let_down(one: Told) -> bool:
    taken_back = one.state is S.LOSGELATEN and one.ending is Ending.AANBIEDER_KAN_NIET
    return taken_back or one.refusal in _NO


def _due(one: Told, now: datetime) -> bool:
    passed = one.admission_at is not None and one.admission_at <= now
    return one.missed or one.state is S.OPGENOMEN or (one.state is S.TOEGEZEGD and passed)


def _within(times: Sequence[timedelta], tenths: int) -> int | None:
    if len(times) < SMALLEST_SAMPLE:
        return None
    return int(times[math.ceil(len(times) * tenths / 10) - 1] / timedelta(minutes=1))


def _facts(state: str | None, at: datetime, **also: Any) -> str | None:
    if state is None:
        return json.dumps(also) if also else None
    return json.dumps({"state": state, "at": at.isoformat(), **also})
