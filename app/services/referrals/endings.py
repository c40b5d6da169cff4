"""How a referral ends: withdrawn, died, closed; and the register of those for whom there is no place."""

from datetime import datetime
from uuid import UUID

from app.container import Container
from app.db.cases import Case
from app.services.referrals import needs, places
from app.services.referrals.act import Act
from app.services.referrals.acting import Done, acting, check_seeking
from domain.actors import Action, Actor
from domain.cases import (
    Closure,
    Destination,
    HandoverState,
    TargetGroup,
    TextKind,
    WithdrawalReason,
)
from domain.errors import WrongState
from domain.offers import Ending, OfferState
from domain.referrals import ReferralState, Step

S = ReferralState


async def withdraw(
    container: Container,
    actor: Actor,
    referral_id: UUID,
    reason: WithdrawalReason,
    text: str | None = None,
    *,
    address: str | None = None,
    happened_at: datetime | None = None,
) -> Done:
    """Takes a referral back, by who asked for it or who has it in hand. Raises NotFound, WrongState."""

    async def do(act: Act, case: Case) -> None:
        withdrawn(act, case, reason, text)

    return await acting(
        container,
        actor,
        Action.REFERRAL_REPLY,
        referral_id,
        do,
        address=address,
        happened_at=happened_at,
        may_do=lambda case: needs.require_party(actor, Action.REFERRAL_REPLY, case),
    )


async def died(
    container: Container,
    actor: Actor,
    referral_id: UUID,
    text: str | None = None,
    *,
    address: str | None = None,
    happened_at: datetime | None = None,
) -> Done:
    """Somebody died: everything open ends, their place is given back. Raises NotFound, WrongState."""

    async def do(act: Act, case: Case) -> None:
        await deceased(act, case, text)

    return await acting(
        container,
        actor,
        Action.REFERRAL_WRITE,
        referral_id,
        do,
        address=address,
        happened_at=happened_at,
        pools=pools_of_stay,
    )


async def close(
    container: Container,
    actor: Actor,
    referral_id: UUID,
    closure: Closure,
    text: str | None = None,
    *,
    address: str | None = None,
    happened_at: datetime | None = None,
) -> Done:
    """Closes a referral for which nothing has to be found any more. Raises NotFound, WrongState."""

    async def do(act: Act, case: Case) -> None:
        closed(act, case, closure, text)

    return await acting(
        container,
        actor,
        Action.REFERRAL_WRITE,
        referral_id,
        do,
        address=address,
        happened_at=happened_at,
    )


async def register_no_place(
    container: Container,
    actor: Actor,
    referral_id: UUID,
    group: TargetGroup,
    text: str | None = None,
    *,
    address: str | None = None,
    happened_at: datetime | None = None,
) -> Done:
    """Puts a referral on the tussen-wal-en-schip register. It stays open. Raises NotFound, WrongState."""

    async def do(act: Act, case: Case) -> None:
        no_place(act, case, group, text)

    return await acting(
        container,
        actor,
        Action.REFERRAL_WRITE,
        referral_id,
        do,
        address=address,
        happened_at=happened_at,
    )


def pools_of_stay(case: Case) -> tuple[UUID, ...]:
    """The pool that somebody is staying in."""
    return (case.stay.pool_id,) if case.stay and case.stay.pool_id else ()


def withdrawn(act: Act, case: Case, reason: WithdrawalReason, text: str | None) -> None:
    """Withdraws a case; whoever is staying somewhere has to be discharged first."""
    _not_staying(case, Step.WITHDRAWN)
    act.step(case, Step.WITHDRAWN, to=S.INGETROKKEN, reason=reason, text=(TextKind.NOTE, text))
    end(act, case, reason)


def closed(act: Act, case: Case, closure: Closure, text: str | None) -> None:
    """Closes a case; whoever is staying somewhere has to be discharged first."""
    _not_staying(case, Step.CLOSED)
    check_seeking(case, Step.CLOSED)
    act.step(case, Step.CLOSED, to=S.AFGESLOTEN, reason=closure, text=(TextKind.NOTE, text))
    end(act, case, closure)


async def deceased(act: Act, case: Case, text: str | None) -> None:
    """Ends a case by death, wherever it is; the pool of a stay is locked."""
    stay = case.stay
    act.step(case, Step.DIED, to=S.OVERLEDEN, text=(TextKind.NOTE, text))
    if stay is not None:
        stay.left_at = max(act.at, stay.admitted_at)
        stay.destination = Destination.OVERLEDEN
        if stay.pool_id is not None:
            await places.leave(
                act.work, act.person, act.places[stay.pool_id], stay.bed_id, stay.left_at
            )
    end(act, case, S.OVERLEDEN)


def no_place(act: Act, case: Case, group: TargetGroup, text: str | None) -> None:
    """Registers that there is no place for a case."""
    referral = case.referral
    referral.target_group = group
    referral.no_place_since = referral.no_place_since or act.at
    act.step(case, Step.NO_PLACE, to=S.GEEN_PLEK, reason=group, text=(TextKind.NOTE, text))


def _not_staying(case: Case, step: Step) -> None:
    if case.stay is not None:
        raise WrongState(step, case.referral.state)


def end(act: Act, case: Case, reason: str) -> None:
    """Ends all that is open of a case which ended; pools where it holds a place are locked."""
    referral = case.referral
    referral.ended_at, referral.ended_reason = act.at, str(reason)
    for offer in case.open_offers:
        promised = offer.state == OfferState.TOEGEZEGD
        state = OfferState.LOSGELATEN if promised else OfferState.INGETROKKEN
        act.end_offer(case, offer, state, Ending.AANMELDING_BEEINDIGD)
    act.end_claims(case)
    if case.handover is not None:
        withdraw_handover(act, case)
    for question in list(case.questions):
        question.answered_at = act.now
        act.work.session.add(question)
        case.questions.remove(question)


def withdraw_handover(act: Act, case: Case) -> None:
    """Takes back a hand-over that nobody accepted yet."""
    handover = case.handover
    assert handover is not None
    handover.state, handover.ended_at = HandoverState.INGETROKKEN, act.now
    act.touch_handover(case, handover)
    case.handover = None
    act.step(case, Step.HANDOVER_WITHDRAWN, to=S(case.referral.state))
