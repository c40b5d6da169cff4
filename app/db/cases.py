"""A case: a referral with all that an act on it has to look at, locked in the house's order.

Referral, then its offers by id; claims, stay, hand-over, questions and alerts go with the referral's
lock. Many cases are read in as many statements as one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel, col, select

from app.db.tables import (
    AlertRow,
    ClaimRow,
    HandoverRow,
    OfferRow,
    QuestionRow,
    ReferralRow,
    ReferralStepRow,
    ReferralTextRow,
    StayRow,
)
from app.db.unit_of_work import UnitOfWork
from domain.cases import HandoverState
from domain.errors import NotFound
from domain.offers import ClaimState, OfferState

Row = TypeVar("Row", bound=SQLModel)


#: Which of these referrals have any of what few have.
_WITH_REST = (
    "SELECT referral_id FROM claim WHERE referral_id = ANY($1::uuid[]) AND state = 'open'"
    " UNION SELECT referral_id FROM stay WHERE referral_id = ANY($1::uuid[]) AND left_at IS NULL"
    " UNION SELECT referral_id FROM handover"
    " WHERE referral_id = ANY($1::uuid[]) AND state = 'aangeboden'"
    " UNION SELECT referral_id FROM referral_question"
    " WHERE referral_id = ANY($1::uuid[]) AND answered_at IS NULL"
    " UNION SELECT referral_id FROM alert WHERE referral_id = ANY($1::uuid[]) AND cleared_at IS NULL"
)


@dataclass(slots=True)
class Case:
    """A locked referral and what belongs to it: all offers, and of the rest what is open."""

    referral: ReferralRow
    offers: list[OfferRow] = field(default_factory=list)
    claims: list[ClaimRow] = field(default_factory=list)
    stay: StayRow | None = None
    handover: HandoverRow | None = None
    questions: list[QuestionRow] = field(default_factory=list)
    alerts: list[AlertRow] = field(default_factory=list)

    @property
    def id(self) -> UUID:
        """The referral's."""
        return self.referral.id

    @property
    def open_offers(self) -> list[OfferRow]:
        """Those that an answer, or what follows on one, is still to come for."""
        return [offer for offer in self.offers if OfferState(offer.state).is_open]

    @property
    def direct(self) -> list[OfferRow]:
        """Those that the referrer itself asked of the team that it named."""
        return [offer for offer in self.offers if offer.posted and offer.posted.get("direct")]

    @property
    def promised(self) -> OfferRow | None:
        """The offer whose place is promised."""
        return next((o for o in self.offers if o.state == OfferState.TOEGEZEGD), None)

    def offer(self, offer_id: UUID) -> OfferRow:
        """One of its offers. Raises NotFound."""
        for offer in self.offers:
            if offer.id == offer_id:
                return offer
        raise NotFound

    @property
    def pool_ids(self) -> set[UUID]:
        """The pools in which it holds or was promised a place."""
        held = {claim.pool_id for claim in self.claims}
        promised = self.promised
        if promised is not None and promised.pool_id is not None:
            held.add(promised.pool_id)
        return held


async def lock_cases(work: UnitOfWork, referral_ids: Iterable[UUID]) -> dict[UUID, Case]:
    """Cases by id, locked in order of id; those that don't exist are left out."""
    wanted = sorted(set(referral_ids))
    if not wanted:
        return {}
    query = (
        select(ReferralRow)
        .where(col(ReferralRow.id).in_(wanted))
        .order_by(col(ReferralRow.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    cases = {row.id: Case(row) for row in (await work.session.exec(query)).all()}
    ids = list(cases)
    for offer in await _of(work, OfferRow, ids, lock=True):
        cases[offer.referral_id].offers.append(offer)
    await read_rest(work, cases)
    return cases


async def read_rest(work: UnitOfWork, cases: Mapping[UUID, Case]) -> None:
    """Reads what few cases have: claims, a stay, a hand-over, questions, alerts. They are locked."""
    ids = [row["referral_id"] for row in await work.fetch(_WITH_REST, list(cases))]
    if not ids:
        return
    for claim in await _of(work, ClaimRow, ids, col(ClaimRow.state) == ClaimState.OPEN):
        cases[claim.referral_id].claims.append(claim)
    for stay in await _of(work, StayRow, ids, col(StayRow.left_at).is_(None)):
        cases[stay.referral_id].stay = stay
    offered = col(HandoverRow.state) == HandoverState.AANGEBODEN
    for handover in await _of(work, HandoverRow, ids, offered):
        cases[handover.referral_id].handover = handover
    for question in await _of(work, QuestionRow, ids, col(QuestionRow.answered_at).is_(None)):
        cases[question.referral_id].questions.append(question)
    for alert in await _of(work, AlertRow, ids, col(AlertRow.cleared_at).is_(None)):
        assert alert.referral_id is not None
        cases[alert.referral_id].alerts.append(alert)


async def _of(
    work: UnitOfWork,
    table: type[Row],
    referral_ids: Sequence[UUID],
    *conditions: Any,
    lock: bool = False,
) -> Sequence[Row]:
    """The rows of a table that belong to these referrals, by id."""
    columns: Any = table
    query: Any = (
        select(table)
        .where(columns.referral_id.in_(referral_ids), *conditions)
        .order_by(columns.id)
        .execution_options(populate_existing=True)
    )
    if lock:
        query = query.with_for_update(key_share=True)
    found: Sequence[Row] = (await work.session.exec(query)).all()
    return found


async def referral_of_offer(work: UnitOfWork, offer_id: UUID) -> UUID:
    """Whose offer it is; an offer never moves to another referral. Raises NotFound."""
    query = select(OfferRow.referral_id).where(col(OfferRow.id) == offer_id)
    found = (await work.session.exec(query)).one_or_none()
    if found is None:
        raise NotFound
    return found


async def find_handover(work: UnitOfWork, handover_id: UUID) -> HandoverRow:
    """A hand-over, not locked: its parties and its referral never change. Raises NotFound."""
    found = await work.session.get(HandoverRow, handover_id)
    if found is None:
        raise NotFound
    return found


async def next_number(work: UnitOfWork) -> int:
    """The next number for a referral."""
    connection = await work.session.connection()
    found: int = (
        await connection.execute(sa.text("SELECT nextval('referral_number')"))
    ).scalar_one()
    return found


async def write_steps(
    work: UnitOfWork, steps: Sequence[dict[str, Any]], texts: Sequence[dict[str, Any]]
) -> None:
    """Adds steps and texts, many in one statement."""
    await work.insert_many(ReferralStepRow, steps)
    await work.insert_many(ReferralTextRow, texts)
