"""What follows on a provider's yes: the client's word, the doctor's, and letting go of a promise."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from app.container import Container
from app.db.cases import Case
from app.db.tables import OfferRow
from app.services.referrals import answers, needs, offers
from app.services.referrals.act import Act
from app.services.referrals.acting import Done, acting
from domain.actors import Action, Actor, Role
from domain.cases import TextKind
from domain.errors import InvalidInput, NotFound, OfferEnded
from domain.offers import Awaiting, Ending, OfferState
from domain.referrals import Step


async def decide_counter(
    container: Container,
    actor: Actor,
    offer_id: UUID,
    *,
    agreed: bool,
    text: str | None = None,
    address: str | None = None,
) -> Done:
    """The coordination point agrees to another proposal, which promises its place, or doesn't; or the
    referrer does, where it asked the team itself.

    Raises NotFound, OfferEnded, WrongState and NoPlaceLeft.
    """

    async def do(act: Act, case: Case) -> UUID:
        row = case.offer(offer_id)
        check_state(row, OfferState.TEGENVOORSTEL)
        await counter_decided(container, act, case, row, agreed=agreed, text=text)
        return offer_id

    return await acting(
        container,
        actor,
        Action.REFERRAL_REPLY,
        offers.finder(offer_id),
        do,
        address=address,
        may_do=lambda case: _require_decider(actor, case, offer_id),
        pools=lambda case: offers.pools_of(case.offer(offer_id)),
    )


async def ask_client(
    container: Container, actor: Actor, offer_id: UUID, *, address: str | None = None
) -> Done:
    """The client has to say yes first, to a promise or to another proposal.

    Raises NotFound, OfferEnded and WrongState.
    """

    async def do(act: Act, case: Case) -> UUID:
        row = case.offer(offer_id)
        check_state(row, OfferState.TOEGEZEGD, OfferState.TEGENVOORSTEL)
        client_asked(act, case, row)
        return offer_id

    return await _deciding(container, actor, offer_id, do, address)


async def hear_client(
    container: Container,
    actor: Actor,
    offer_id: UUID,
    *,
    agreed: bool,
    text: str | None = None,
    address: str | None = None,
) -> Done:
    """What the client said. No gives the place back; that is no refusal of the provider's.

    Raises NotFound, OfferEnded, WrongState and NoPlaceLeft.
    """

    async def do(act: Act, case: Case) -> UUID:
        row = case.offer(offer_id)
        check_state(row, OfferState.TOEGEZEGD, OfferState.TEGENVOORSTEL)
        await client_heard(container, act, case, row, agreed=agreed, text=text)
        return offer_id

    return await _deciding(container, actor, offer_id, do, address)


async def hear_doctor(
    container: Container,
    actor: Actor,
    offer_id: UUID,
    *,
    agreed: bool,
    text: str | None = None,
    address: str | None = None,
) -> Done:
    """What the admitting doctor said; no gives the place back. Raises NotFound, OfferEnded, WrongState."""

    async def do(act: Act, case: Case) -> UUID:
        row = case.offer(offer_id)
        check_state(row, OfferState.TOEGEZEGD)
        await doctor_heard(container, act, case, row, agreed=agreed, text=text)
        return offer_id

    return await acting(
        container,
        actor,
        Action.OFFER_ANSWER,
        offers.finder(offer_id),
        do,
        address=address,
        may_do=lambda case: offers.require_provider(actor, case, offer_id, Action.OFFER_ANSWER),
        pools=lambda case: offers.pools_of(case.offer(offer_id)),
    )


async def release(
    container: Container,
    actor: Actor,
    offer_id: UUID,
    ending: Ending,
    text: str | None = None,
    *,
    address: str | None = None,
) -> Done:
    """Lets go of a promise; no clock ever does. A provider can only say that it can't after all.

    Raises NotFound, OfferEnded, WrongState and InvalidInput.
    """
    offers.check_ending(ending)

    async def do(act: Act, case: Case) -> UUID:
        row = case.offer(offer_id)
        check_state(row, OfferState.TOEGEZEGD)
        if actor.organisation_id == row.provider_id and ending is not Ending.AANBIEDER_KAN_NIET:
            raise InvalidInput("Deze reden geeft het coördinatiepunt.", "/reason")
        await released(container, act, case, row, ending, text)
        return offer_id

    return await acting(
        container,
        actor,
        Action.OFFER_ANSWER,
        offers.finder(offer_id),
        do,
        address=address,
        may_do=lambda case: offers.require_provider(actor, case, offer_id, Action.OFFER_ANSWER),
    )


async def counter_decided(
    container: Container, act: Act, case: Case, row: OfferRow, *, agreed: bool, text: str | None
) -> None:
    """Another proposal is agreed to or not; its pools are locked."""
    if agreed:
        answers.promise_counter(act, case, row)
        act.step(
            case,
            Step.COUNTER_ACCEPTED,
            offer=row,
            data={"admission_at": row.admission_at.isoformat() if row.admission_at else None},
            text=(TextKind.NOTE, text),
        )
        answers.nobody_else(act, case, row)
        return
    act.say(case, TextKind.NOTE, text, row.id)
    act.end_offer(
        case,
        row,
        OfferState.INGETROKKEN,
        Ending.TEGENVOORSTEL_AFGEWEZEN,
        Step.COUNTER_DECLINED,
    )
    await answers.round_over(container, act, case)


def client_asked(act: Act, case: Case, row: OfferRow) -> None:
    """From here on the client is waited on."""
    row.awaiting = Awaiting.CLIENT
    act.step(case, Step.CLIENT_ASKED, offer=row)


async def client_heard(
    container: Container, act: Act, case: Case, row: OfferRow, *, agreed: bool, text: str | None
) -> None:
    """The client said yes or no."""
    if agreed and row.state == OfferState.TEGENVOORSTEL:
        await counter_decided(container, act, case, row, agreed=True, text=text)
        return
    if agreed:
        row.awaiting = None
        act.step(case, Step.CLIENT_AGREED, offer=row, text=(TextKind.NOTE, text))
        return
    act.say(case, TextKind.NOTE, text, row.id)
    promised = row.state == OfferState.TOEGEZEGD
    state = OfferState.LOSGELATEN if promised else OfferState.INGETROKKEN
    act.end_offer(case, row, state, Ending.CLIENT_WEIGERT, Step.CLIENT_DECLINED)
    await answers.round_over(container, act, case)


async def doctor_heard(
    container: Container, act: Act, case: Case, row: OfferRow, *, agreed: bool, text: str | None
) -> None:
    """The admitting doctor said yes or no."""
    if agreed:
        row.awaiting = None
        act.step(case, Step.DOCTOR_AGREED, offer=row, text=(TextKind.NOTE, text))
        return
    act.say(case, TextKind.NOTE, text, row.id)
    act.end_offer(case, row, OfferState.LOSGELATEN, Ending.ARTS_WEIGERT, Step.DOCTOR_DECLINED)
    await answers.round_over(container, act, case)


async def released(
    container: Container,
    act: Act,
    case: Case,
    row: OfferRow,
    ending: Ending,
    text: str | None,
) -> None:
    """A promise is let go of."""
    act.say(case, TextKind.NOTE, text, row.id)
    act.end_offer(case, row, OfferState.LOSGELATEN, ending, Step.PROMISE_RELEASED)
    await answers.round_over(container, act, case)


def check_state(row: OfferRow, *states: OfferState) -> None:
    """Raises OfferEnded unless the offer is in one of these states."""
    if row.state not in states:
        raise OfferEnded(row.state, row.refusal or row.ending, row.ended_at)


def _require_decider(actor: Actor, case: Case, offer_id: UUID) -> None:
    """Raises NotFound for a referrer who didn't ask this itself, and for whom the case isn't."""
    if actor.role is Role.REFERRER and case.offer(offer_id) not in case.direct:
        raise NotFound
    needs.require_party(actor, Action.REFERRAL_REPLY, case)


async def _deciding(
    container: Container,
    actor: Actor,
    offer_id: UUID,
    do: Callable[[Act, Case], Awaitable[UUID | None]],
    address: str | None,
) -> Done:
    return await acting(
        container,
        actor,
        Action.REFERRAL_WRITE,
        offers.finder(offer_id),
        do,
        address=address,
        pools=lambda case: offers.pools_of(case.offer(offer_id)),
    )
