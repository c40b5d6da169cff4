"""What a provider answers: yes, yes if the doctor agrees, something else, no; and nothing at all."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.container import Container
from app.db.cases import Case
from app.db.tables import OfferRow
from app.services.referrals import offers, places, rounds
from app.services.referrals.act import Act
from app.services.referrals.acting import Done, acting
from app.services.referrals.endings import withdraw_handover
from app.services.referrals.rounds import AskedPlace, Round
from domain.actors import Action, Actor
from domain.alerts import AlertKind, alert_of_round
from domain.care_types import CareType
from domain.cases import TextKind
from domain.errors import InvalidInput, Problem
from domain.identifiers import RegionId
from domain.needs import Urgency
from domain.offers import (
    Awaiting,
    ClaimState,
    Ending,
    OfferState,
    Proposal,
    Refusal,
    is_late,
)
from domain.referrals import ReferralState, Step, check_step

#: "Now" on a desk's own clock may lie a little back on ours.
_CLOCKS_DIFFER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A provider says yes.

    if_doctor_agrees: under condition of the admitting doctor; the place is promised meanwhile.
    admission_at: when somebody can come. bed_id: which bed. over_free: one more than was told to be
    free, said on purpose.
    """

    if_doctor_agrees: bool = False
    admission_at: datetime | None = None
    bed_id: UUID | None = None
    over_free: bool = False
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Counter:
    """A provider proposes another moment, another place of its own, or both."""

    admission_at: datetime | None = None
    pool_id: UUID | None = None
    bed_id: UUID | None = None
    text: str | None = None


async def refuse(
    container: Container,
    actor: Actor,
    offer_id: UUID,
    refusal: Refusal,
    text: str | None = None,
    *,
    address: str | None = None,
    happened_at: datetime | None = None,
) -> Done:
    """Takes a refusal in, with its code. Raises NotFound, OfferEnded and WrongState."""

    async def do(act: Act, case: Case) -> UUID:
        await refused(container, act, case, case.offer(offer_id), refusal, text)
        return offer_id

    return await _answering(container, actor, offer_id, do, address, happened_at)


async def counter(
    container: Container,
    actor: Actor,
    offer_id: UUID,
    given: Counter,
    *,
    address: str | None = None,
    happened_at: datetime | None = None,
) -> Done:
    """Takes another proposal in; nothing is promised until the coordination point agrees.

    Raises NotFound, OfferEnded, WrongState and InvalidInput.
    """

    async def do(act: Act, case: Case) -> UUID:
        await countered(container, act, case, case.offer(offer_id), given)
        return offer_id

    return await _answering(container, actor, offer_id, do, address, happened_at)


def accepted(container: Container, act: Act, case: Case, row: OfferRow, given: Acceptance) -> None:
    """An offer is accepted; the pools of the case and of the offer are locked.

    Whatever refuses it does so before anything was changed, so that others of the same run go on.
    """
    offers.check_open(row)
    check_step(Step.OFFER_ACCEPTED, ReferralState(case.referral.state))
    admission_at = check_admission(given.admission_at, act.at) or row.admission_at
    _check_asked(act, row)
    _promise(act, case, row, given.bed_id, over_free=given.over_free)
    answered(container, act, case, row)
    row.over_free = given.over_free
    row.awaiting = Awaiting.ARTS if given.if_doctor_agrees else None
    row.admission_at = admission_at
    act.step(
        case,
        Step.OFFER_ACCEPTED,
        offer=row,
        data={
            "late": row.late,
            "condition": row.awaiting,
            "over_free": row.over_free,
            "admission_at": row.admission_at.isoformat() if row.admission_at else None,
        },
        text=(TextKind.NOTE, given.text),
    )
    nobody_else(act, case, row)


async def refused(
    container: Container,
    act: Act,
    case: Case,
    row: OfferRow,
    refusal: Refusal,
    text: str | None,
) -> None:
    """An offer is refused; when nobody is left the round is over."""
    offers.check_open(row)
    answered(container, act, case, row)
    row.state, row.refusal, row.ended_at = OfferState.GEWEIGERD, refusal, act.now
    row.awaiting = None
    act.step(
        case,
        Step.OFFER_REFUSED,
        offer=row,
        reason=refusal,
        data={"late": row.late},
        text=(TextKind.REFUSAL, text),
    )
    await round_over(container, act, case)


async def countered(
    container: Container, act: Act, case: Case, row: OfferRow, given: Counter
) -> None:
    """Something else is proposed."""
    offers.check_open(row)
    Proposal(given.admission_at, given.pool_id is not None or given.bed_id is not None)
    if CareType(row.care_type).counted_by_bed and not (given.bed_id or row.bed_id):
        raise InvalidInput("Noem het bed dat u voorstelt.", "/bed_id")
    pool_id = given.pool_id or row.pool_id
    if pool_id is not None and (given.pool_id or given.bed_id):
        await offers.check_own_place(act, row, pool_id, given.bed_id)
    answered(container, act, case, row)
    row.state, row.awaiting = OfferState.TEGENVOORSTEL, None
    row.proposed_at = check_admission(given.admission_at, act.at)
    row.proposed_pool_id, row.proposed_bed_id = given.pool_id, given.bed_id
    act.step(
        case,
        Step.COUNTER_PROPOSED,
        offer=row,
        data={
            "admission_at": row.proposed_at.isoformat() if row.proposed_at else None,
            "pool": str(given.pool_id) if given.pool_id else None,
        },
        text=(TextKind.NOTE, given.text),
    )


async def expired(container: Container, act: Act, case: Case, row: OfferRow) -> None:
    """Nobody answered in time: recorded as that, and when nobody is left the round is over."""
    act.end_offer(case, row, OfferState.VERLOPEN, Ending.GEEN_ANTWOORD, Step.OFFER_EXPIRED)
    await round_over(container, act, case)


async def round_over(container: Container, act: Act, case: Case) -> None:
    """Tells the coordination point once when a round ended with nothing, or asks the next one.

    The next round begins by itself only where the urgency's norm says so.
    """
    if not offers.is_seeking(case):
        return
    last = max((row.round for row in case.offers), default=0)
    ended = [
        (OfferState(row.state), Ending(row.ending) if row.ending else None)
        for row in case.offers
        if row.round == last
    ]
    following = case.referral.next_targets or []
    board = container.board.regions.get(RegionId(case.referral.region_id))
    # Without a board nobody would look at the hard criteria: that is for a person.
    if following and board and act.norms.next_round[Urgency(case.referral.urgency)]:
        asked = AskedPlace(**{name: UUID(one) for name, one in following[0].items()})
        rest = [
            AskedPlace(**{name: UUID(one) for name, one in item.items()}) for item in following[1:]
        ]
        try:
            await rounds.offered(container, act, case, Round([asked], following=rest))
        except Problem:
            # It can't be asked (any more): a person has to look.
            case.referral.next_targets = None
        else:
            return
    kind = alert_of_round(ended)
    if kind is not None:
        act.raise_alert(case, kind, data={"round": last})


def answered(container: Container, act: Act, case: Case, row: OfferRow) -> None:
    """Notes when an answer came, and what the board told of the place by then.

    Raises InvalidInput for an answer from before it was asked.
    """
    _check_asked(act, row)
    board = container.board.regions.get(RegionId(row.region_id))
    row.answered_at = act.at
    row.by_phone = row.by_phone or act.person.organisation_id != row.provider_id
    # Told on the telephone it came when it was told; what a provider types itself, when it came in.
    row.late = is_late(row.deadline_at, act.at if row.by_phone else act.now)
    row.seen_at = row.seen_at or act.at
    row.posted_at_answer = offers.posted_of(board, row, act)
    act.clear_alerts(case, {AlertKind.ACUUT_NIET_GEZIEN}, row)


def _check_asked(act: Act, row: OfferRow) -> None:
    if act.at < row.offered_at:
        raise InvalidInput("Toen was dit nog niet gevraagd.", "/happened_at")


def _promise(act: Act, case: Case, row: OfferRow, bed_id: UUID | None, *, over_free: bool) -> None:
    """The place of an offer is promised: what was held for it goes over into that."""
    if row.pool_id is not None:
        held = next((claim for claim in case.claims if claim.pool_id == row.pool_id), None)
        row.bed_id = places.promise(
            act.work,
            act.places[row.pool_id],
            bed_id or row.bed_id,
            claim=held,
            over_free=over_free,
        )
        if held is not None:
            act.end_claim(case, held, ClaimState.USED)
    row.promised_at = act.now
    row.state = OfferState.TOEGEZEGD


def promise_counter(act: Act, case: Case, row: OfferRow) -> None:
    """What was proposed is agreed to: its place is promised, for the moment that was proposed."""
    if row.proposed_pool_id is not None and row.proposed_pool_id != row.pool_id:
        row.pool_id, row.bed_id = row.proposed_pool_id, row.proposed_bed_id
    row.admission_at = row.proposed_at or row.admission_at
    # A place proposed for a later moment needn't be free now.
    row.over_free = row.over_free or row.proposed_at is not None
    _promise(act, case, row, row.proposed_bed_id, over_free=row.over_free)
    row.awaiting = None


def nobody_else(act: Act, case: Case, row: OfferRow) -> None:
    """With one place promised everything else that was asked, held or handed over is let go of."""
    case.referral.next_targets = None
    for sibling in case.open_offers:
        if sibling is not row:
            act.end_offer(
                case,
                sibling,
                OfferState.INGETROKKEN,
                Ending.ELDERS_GEACCEPTEERD,
                Step.OFFER_WITHDRAWN,
            )
    for claim in list(case.claims):
        act.end_claim(case, claim, ClaimState.RELEASED)
        act.step(
            case,
            Step.CLAIM_RELEASED,
            data={"claim": str(claim.id), "pool": str(claim.pool_id)},
        )
    if case.handover is not None:
        withdraw_handover(act, case)


def check_admission(
    at: datetime | None, said_at: datetime, pointer: str = "/admission_at"
) -> datetime | None:
    """Raises InvalidInput for an admission more than a year ahead, or over before it was agreed on."""
    if at is not None and at > said_at + timedelta(days=366):
        raise InvalidInput("Dit tijdstip ligt meer dan een jaar weg.", pointer)
    if at is not None and at < said_at - _CLOCKS_DIFFER:
        raise InvalidInput("Dit tijdstip is al voorbij.", pointer)
    return at


async def _answering(
    container: Container,
    actor: Actor,
    offer_id: UUID,
    do: Callable[[Act, Case], Awaitable[UUID | None]],
    address: str | None,
    happened_at: datetime | None,
) -> Done:
    return await acting(
        container,
        actor,
        Action.OFFER_ANSWER,
        offers.finder(offer_id),
        do,
        address=address,
        happened_at=happened_at,
        may_do=lambda case: offers.require_provider(actor, case, offer_id, Action.OFFER_ANSWER),
        pools=lambda case: offers.pools_of(case.offer(offer_id)),
    )
