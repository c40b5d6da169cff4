"""What a provider answers to an offer, or the coordination point types for one on the telephone."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import ConfigDict, Field

from api.acts import HappenedAt, Text, TextInput
from api.offer_acts import ON_OFFER, PROMISING, PartyDoneBody, party_done, told
from api.rest.reports import Moment
from api.routing import (
    Caller,
    GuardedRoute,
    Here,
    LeanRoute,
    address_of,
    asks,
    caller_of,
    container_of,
)
from api.writes import IdempotencyKey, Input, named_request
from app.services.referrals import acceptances, answers, offers, questions
from app.services.referrals.answers import Acceptance, Counter
from domain.actors import Action
from domain.errors import Code
from domain.offers import Refusal

#: On this one everybody waits.
hot = APIRouter(prefix="/v1/offers/{offer_id}", tags=["offers"], route_class=LeanRoute)
router = APIRouter(prefix="/v1/offers/{offer_id}", tags=["offers"], route_class=GuardedRoute)


class AcceptanceInput(Input):
    """Yes."""

    if_doctor_agrees: Annotated[
        bool,
        Field(
            strict=True,
            description="Under condition of the admitting doctor; the place is promised meanwhile.",
        ),
    ] = False
    admission_at: Annotated[Moment | None, Field(description="When somebody can come.")] = None
    bed_id: UUID | None = None
    over_free: Annotated[
        bool, Field(strict=True, description="One more than was told to be free, on purpose.")
    ] = False
    text: Text | None = None
    happened_at: HappenedAt = None

    def given(self) -> Acceptance:
        """As the service takes it."""
        return Acceptance(
            self.if_doctor_agrees, self.admission_at, self.bed_id, self.over_free, self.text
        )


class RefusalInput(Input):
    """No, and why. A fact that is missing is a question instead."""

    code: Refusal
    text: Text | None = None
    happened_at: HappenedAt = None


class CounterInput(Input):
    """Something else: another moment, another place of the provider's own, or both."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [{"required": [name]} for name in ("admission_at", "pool_id", "bed_id")]
        }
    )

    admission_at: Annotated[Moment | None, Field(description="When somebody can come.")] = None
    pool_id: UUID | None = None
    bed_id: UUID | None = None
    text: Text | None = None
    happened_at: HappenedAt = None

    def given(self) -> Counter:
        """As the service takes it."""
        return Counter(self.admission_at, self.pool_id, self.bed_id, self.text)


@hot.post(
    "/acceptance",
    responses={200: {"model": PartyDoneBody}},
    **asks(Action.OFFER_ANSWER, *PROMISING),
)
async def post_acceptance(request: Request, offer_id: UUID, body: AcceptanceInput) -> Response:
    """Yes: the place is promised, and whoever else was asked is told no in the same commit.

    Too late counts as long as nothing ended the offer, and is marked. Who comes second hears
    `offer-ended` with what happened.
    """
    caller = caller_of(request)
    done = await acceptances.accept(
        container_of(request),
        caller.actor,
        offer_id,
        body.given(),
        address=address_of(request),
        happened_at=body.happened_at,
    )
    answer = told(done, caller)
    headers = {} if answer.version is None else {"etag": f'"{answer.version}"'}
    return Response(answer.model_dump_json(), headers=headers, media_type="application/json")


@router.post("/sight", **asks(Action.OFFER_SEE, *ON_OFFER))
async def post_sight(
    request: Request, here: Here, caller: Caller, offer_id: UUID, response: Response
) -> PartyDoneBody:
    """Somebody has looked at it. Doing so again changes nothing."""
    done = await offers.see(here, caller.actor, offer_id, address=address_of(request))
    return party_done(done, caller, response)


@router.post("/refusal", **asks(Action.OFFER_ANSWER, *ON_OFFER))
async def post_refusal(
    request: Request,
    here: Here,
    caller: Caller,
    offer_id: UUID,
    body: RefusalInput,
    response: Response,
) -> PartyDoneBody:
    """No, with a code. When nobody is left the coordination point is told, once."""
    done = await answers.refuse(
        here,
        caller.actor,
        offer_id,
        body.code,
        body.text,
        address=address_of(request),
        happened_at=body.happened_at,
    )
    return party_done(done, caller, response)


@router.post("/counter-proposal", **asks(Action.OFFER_ANSWER, *ON_OFFER))
async def post_counter_proposal(
    request: Request,
    here: Here,
    caller: Caller,
    offer_id: UUID,
    body: CounterInput,
    response: Response,
) -> PartyDoneBody:
    """Something else instead; nothing is promised until the coordination point agrees."""
    done = await answers.counter(
        here,
        caller.actor,
        offer_id,
        body.given(),
        address=address_of(request),
        happened_at=body.happened_at,
    )
    return party_done(done, caller, response)


@router.post(
    "/questions", status_code=201, **asks(Action.OFFER_ANSWER, *ON_OFFER, Code.IDEMPOTENCY_MISMATCH)
)
async def post_question(
    request: Request,
    here: Here,
    caller: Caller,
    offer_id: UUID,
    body: TextInput,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> PartyDoneBody:
    """A fact that is missing. The clock of the offer runs on."""
    done = await questions.ask_about(
        here,
        caller.actor,
        offer_id,
        body.text,
        await named_request(request, caller, idempotency_key),
        address=address_of(request),
    )
    return party_done(done, caller, response)
