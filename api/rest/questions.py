"""Asking what has to be known about a referral, and the answer."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from api.acts import ACT, DoneBody, TextInput, done_body
from api.observed import ETAG
from api.routing import Caller, GuardedRoute, Here, address_of, asks
from api.writes import IdempotencyKey, named_request
from app.services.referrals import questions
from domain.actors import Action
from domain.errors import Code

router = APIRouter(
    prefix="/v1/referrals/{referral_id}/questions", tags=["referrals"], route_class=GuardedRoute
)


@router.post(
    "",
    status_code=201,
    responses={201: {"headers": ETAG}},
    **asks(Action.REFERRAL_WRITE, *ACT, Code.IDEMPOTENCY_MISMATCH),
)
async def post_question(
    request: Request,
    here: Here,
    caller: Caller,
    referral_id: UUID,
    body: TextInput,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> DoneBody:
    """Asks the referrer something. Until places are looked for, the referral waits for the answer."""
    done = await questions.ask(
        here,
        caller.actor,
        referral_id,
        body.text,
        request=await named_request(request, caller, idempotency_key),
        address=address_of(request),
    )
    return done_body(done, response)


@router.post(
    "/{question_id}/answer",
    responses={200: {"headers": ETAG}},
    **asks(Action.REFERRAL_REPLY, *ACT),
)
async def post_answer(
    request: Request,
    here: Here,
    caller: Caller,
    referral_id: UUID,
    question_id: UUID,
    body: TextInput,
    response: Response,
) -> DoneBody:
    """Answers a question: the referrer, or the coordination point for it; a provider's, the latter."""
    done = await questions.answer(
        here, caller.actor, referral_id, question_id, body.text, address=address_of(request)
    )
    return done_body(done, response)
