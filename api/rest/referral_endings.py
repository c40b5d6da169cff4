"""How a referral ends, or goes on as another one."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.acts import ACT, DoneBody, HappenedAt, Text, done_body
from api.observed import ETAG
from api.rest.reports import Moment
from api.routing import Caller, GuardedRoute, Here, address_of, asks
from api.writes import IdempotencyKey, Input, named_request
from app.services.referrals import endings, filing
from app.services.referrals.filing import Successor
from domain.actors import Action
from domain.care_types import CareType
from domain.cases import Closure, TargetGroup, WithdrawalReason
from domain.errors import Code
from domain.needs import Urgency

router = APIRouter(
    prefix="/v1/referrals/{referral_id}", tags=["referrals"], route_class=GuardedRoute
)


class WithdrawalInput(Input):
    """Why it is taken back."""

    reason: WithdrawalReason
    text: Text | None = None
    happened_at: HappenedAt = None


class DeathInput(Input):
    """When somebody died, as far as it is told."""

    text: Text | None = None
    happened_at: HappenedAt = None


class ClosureInput(Input):
    """How it ended."""

    outcome: Closure
    text: Text | None = None
    happened_at: HappenedAt = None


class NoPlaceInput(Input):
    """For whom there is no place."""

    target_group: TargetGroup
    text: Text | None = None
    happened_at: HappenedAt = None


class SuccessorInput(Input):
    """What follows, where it differs from the referral that it follows on."""

    care_type: CareType
    urgency: Urgency
    needed_by: Moment | None = None
    ready_since: Annotated[
        Moment | None, Field(description="Ontslagklaar since: starts the wrong-bed clock.")
    ] = None
    reason: Annotated[
        str, Field(max_length=40, pattern="^[a-z]+(-[a-z]+)*$", description="A code.")
    ] = "doorstroom"


@router.post("/withdrawal", responses={200: {"headers": ETAG}}, **asks(Action.REFERRAL_REPLY, *ACT))
async def post_withdrawal(
    request: Request,
    here: Here,
    caller: Caller,
    referral_id: UUID,
    body: WithdrawalInput,
    response: Response,
) -> DoneBody:
    """Takes a referral back, by who asked for it or who has it in hand: all that is open ends."""
    done = await endings.withdraw(
        here,
        caller.actor,
        referral_id,
        body.reason,
        body.text,
        address=address_of(request),
        happened_at=body.happened_at,
    )
    return done_body(done, response)


@router.post("/death", responses={200: {"headers": ETAG}}, **asks(Action.REFERRAL_WRITE, *ACT))
async def post_death(
    request: Request,
    here: Here,
    caller: Caller,
    referral_id: UUID,
    body: DeathInput,
    response: Response,
) -> DoneBody:
    """Somebody died: all that is open ends, and the place is given back."""
    done = await endings.died(
        here,
        caller.actor,
        referral_id,
        body.text,
        address=address_of(request),
        happened_at=body.happened_at,
    )
    return done_body(done, response)


@router.post("/closure", responses={200: {"headers": ETAG}}, **asks(Action.REFERRAL_WRITE, *ACT))
async def post_closure(
    request: Request,
    here: Here,
    caller: Caller,
    referral_id: UUID,
    body: ClosureInput,
    response: Response,
) -> DoneBody:
    """Closes a referral for which nothing has to be found any more."""
    done = await endings.close(
        here,
        caller.actor,
        referral_id,
        body.outcome,
        body.text,
        address=address_of(request),
        happened_at=body.happened_at,
    )
    return done_body(done, response)


@router.post("/no-place", responses={200: {"headers": ETAG}}, **asks(Action.REFERRAL_WRITE, *ACT))
async def post_no_place(
    request: Request,
    here: Here,
    caller: Caller,
    referral_id: UUID,
    body: NoPlaceInput,
    response: Response,
) -> DoneBody:
    """Puts a referral on the tussen-wal-en-schip register. It stays open."""
    done = await endings.register_no_place(
        here,
        caller.actor,
        referral_id,
        body.target_group,
        body.text,
        address=address_of(request),
        happened_at=body.happened_at,
    )
    return done_body(done, response)


@router.post(
    "/successor",
    status_code=201,
    responses={201: {"headers": ETAG}},
    **asks(Action.REFERRAL_WRITE, *ACT, Code.IDEMPOTENCY_MISMATCH),
)
async def post_successor(
    request: Request,
    here: Here,
    caller: Caller,
    referral_id: UUID,
    body: SuccessorInput,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> DoneBody:
    """A new referral that follows on this one, of the same episode; answers with the new one.

    With `Idempotency-Key` a repetition makes no second one.
    """
    done = await filing.succeed(
        here,
        caller.actor,
        referral_id,
        Successor(body.care_type, body.urgency, body.needed_by, body.ready_since, body.reason),
        await named_request(request, caller, idempotency_key),
        address=address_of(request),
    )
    return done_body(done, response)
