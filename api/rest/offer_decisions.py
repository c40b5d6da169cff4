"""What follows on an answer: the coordination point's word, the client's, the doctor's, taking it back."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.acts import Text
from api.offer_acts import ON_OFFER, PROMISING, PartyDoneBody, party_done
from api.routing import Caller, GuardedRoute, Here, address_of, asks
from api.writes import Input
from app.services.referrals import decisions, offers
from domain.actors import Action
from domain.offers import Ending

router = APIRouter(prefix="/v1/offers/{offer_id}", tags=["offers"], route_class=GuardedRoute)


class EndingInput(Input):
    """Why it ends. What the service itself does has reasons of its own, which nobody can give."""

    reason: Ending
    text: Text | None = None


class DecisionInput(Input):
    """Yes or no."""

    agreed: Annotated[bool, Field(strict=True)]
    text: Text | None = None


@router.post("/withdrawal", **asks(Action.REFERRAL_WRITE, *ON_OFFER))
async def post_withdrawal(
    request: Request,
    here: Here,
    caller: Caller,
    offer_id: UUID,
    body: EndingInput,
    response: Response,
) -> PartyDoneBody:
    """Takes an offer back that nobody accepted; a promise is let go of by `release`."""
    done = await offers.withdraw(
        here, caller.actor, offer_id, body.reason, body.text, address=address_of(request)
    )
    return party_done(done, caller, response)


@router.post("/release", **asks(Action.OFFER_ANSWER, *ON_OFFER))
async def post_release(
    request: Request,
    here: Here,
    caller: Caller,
    offer_id: UUID,
    body: EndingInput,
    response: Response,
) -> PartyDoneBody:
    """Lets go of a promise; no clock ever does. A provider's only reason is `aanbieder-kan-niet`."""
    done = await decisions.release(
        here, caller.actor, offer_id, body.reason, body.text, address=address_of(request)
    )
    return party_done(done, caller, response)


@router.post("/counter-decision", **asks(Action.REFERRAL_REPLY, *PROMISING))
async def post_counter_decision(
    request: Request,
    here: Here,
    caller: Caller,
    offer_id: UUID,
    body: DecisionInput,
    response: Response,
) -> PartyDoneBody:
    """Agrees to another proposal, which promises its place, or doesn't.

    A referrer decides for the team that it asked itself.
    """
    done = await decisions.decide_counter(
        here,
        caller.actor,
        offer_id,
        agreed=body.agreed,
        text=body.text,
        address=address_of(request),
    )
    return party_done(done, caller, response)


@router.post("/client-question", **asks(Action.REFERRAL_WRITE, *ON_OFFER))
async def post_client_question(
    request: Request, here: Here, caller: Caller, offer_id: UUID, response: Response
) -> PartyDoneBody:
    """The client has to say yes first, to a promise or to another proposal."""
    done = await decisions.ask_client(here, caller.actor, offer_id, address=address_of(request))
    return party_done(done, caller, response)


@router.post("/client-answer", **asks(Action.REFERRAL_WRITE, *PROMISING))
async def post_client_answer(
    request: Request,
    here: Here,
    caller: Caller,
    offer_id: UUID,
    body: DecisionInput,
    response: Response,
) -> PartyDoneBody:
    """What the client said. No gives the place back; that is no refusal of the provider's."""
    done = await decisions.hear_client(
        here,
        caller.actor,
        offer_id,
        agreed=body.agreed,
        text=body.text,
        address=address_of(request),
    )
    return party_done(done, caller, response)


@router.post("/doctor-answer", **asks(Action.OFFER_ANSWER, *ON_OFFER))
async def post_doctor_answer(
    request: Request,
    here: Here,
    caller: Caller,
    offer_id: UUID,
    body: DecisionInput,
    response: Response,
) -> PartyDoneBody:
    """What the admitting doctor said; no gives the place back."""
    done = await decisions.hear_doctor(
        here,
        caller.actor,
        offer_id,
        agreed=body.agreed,
        text=body.text,
        address=address_of(request),
    )
    return party_done(done, caller, response)
