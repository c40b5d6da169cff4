"""The desk of a coordination point: take a referral, call back, note, count a call, wait, review."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.acts import ACT, DoneBody, Text, TextInput, done_body
from api.observed import ETAG
from api.rest.reports import Moment
from api.routing import Caller, GuardedRoute, Here, address_of, asks
from api.writes import Day, IdempotencyKey, Input, named_request
from app.services.referrals import desk
from app.services.referrals.desk import Contact, WlzFact
from domain.actors import Action
from domain.care_types import CareType
from domain.cases import CizStatus, ContactKind, ContactOutcome
from domain.errors import Code

router = APIRouter(
    prefix="/v1/referrals/{referral_id}", tags=["referrals"], route_class=GuardedRoute
)
_DONE: dict[int | str, dict[str, Any]] = {200: {"headers": ETAG}}
_MADE: dict[int | str, dict[str, Any]] = {201: {"headers": ETAG}}


class CallBackInput(Input):
    """When somebody is to be called back; null: that was done."""

    at: Moment | None
    text: Text | None = None


class ContactInput(Input):
    """A call, or a try at one: about an offer, or the referral itself."""

    kind: ContactKind
    outcome: ContactOutcome
    organisation_id: UUID | None = None
    offer_id: UUID | None = None
    started_at: Moment | None = None
    seconds: Annotated[int | None, Field(strict=True, ge=0, le=86_400)] = None
    text: Text | None = None


class WaitInput(Input):
    """Ready for discharge since, and what is awaited."""

    care_type: CareType
    since: Moment


class WaitEndInput(Input):
    """Until when was waited."""

    until: Moment


class WlzInput(Input):
    """Where the application for a Wlz indication is. A decision has its date."""

    status: CizStatus
    decided_on: Day | None = None
    profile: Annotated[
        str | None,
        Field(pattern="^[0-9]{1,2}[A-Z]{2,4}$", description="Zorgprofiel.", examples=["5VV"]),
    ] = None


class ReviewInput(Input):
    """A review was held; when the next one is. null: none."""

    next_at: Moment | None
    text: Text | None = None


@router.post("/handling", responses=_DONE, **asks(Action.REFERRAL_WRITE, *ACT))
async def post_handling(
    request: Request, here: Here, caller: Caller, referral_id: UUID, response: Response
) -> DoneBody:
    """Takes a referral in hand, from nobody or from a colleague."""
    done = await desk.take(here, caller.actor, referral_id, address=address_of(request))
    return done_body(done, response)


@router.delete("/handling", responses=_DONE, **asks(Action.REFERRAL_WRITE, *ACT))
async def delete_handling(
    request: Request, here: Here, caller: Caller, referral_id: UUID, response: Response
) -> DoneBody:
    """Puts a referral back for whoever takes it."""
    done = await desk.leave(here, caller.actor, referral_id, address=address_of(request))
    return done_body(done, response)


@router.put("/call-back", responses=_DONE, **asks(Action.REFERRAL_WRITE, *ACT))
async def put_call_back(
    request: Request,
    here: Here,
    caller: Caller,
    referral_id: UUID,
    body: CallBackInput,
    response: Response,
) -> DoneBody:
    """Bel terug: when, or that it was done."""
    done = await desk.call_back(
        here, caller.actor, referral_id, body.at, body.text, address=address_of(request)
    )
    return done_body(done, response)


@router.post(
    "/notes",
    status_code=201,
    responses=_MADE,
    **asks(Action.REFERRAL_WRITE, *ACT, Code.IDEMPOTENCY_MISMATCH),
)
async def post_note(
    request: Request,
    here: Here,
    caller: Caller,
    referral_id: UUID,
    body: TextInput,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> DoneBody:
    """Writes something down with a referral, also once it has ended."""
    done = await desk.note(
        here,
        caller.actor,
        referral_id,
        body.text,
        request=await named_request(request, caller, idempotency_key),
        address=address_of(request),
    )
    return done_body(done, response)


@router.post(
    "/contacts",
    status_code=201,
    responses=_MADE,
    **asks(Action.REFERRAL_WRITE, *ACT, Code.IDEMPOTENCY_MISMATCH),
)
async def post_contact(
    request: Request,
    here: Here,
    caller: Caller,
    referral_id: UUID,
    body: ContactInput,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> DoneBody:
    """Counts what the call button was used for. Only `spoken` is a call; the rest are attempts."""
    contact = Contact(
        kind=body.kind,
        outcome=body.outcome,
        organisation_id=body.organisation_id,
        offer_id=body.offer_id,
        started_at=body.started_at,
        seconds=body.seconds,
        text=body.text,
    )
    done = await desk.record_contact(
        here,
        caller.actor,
        referral_id,
        contact,
        request=await named_request(request, caller, idempotency_key),
        address=address_of(request),
    )
    return done_body(done, response)


@router.post(
    "/discharge-waits",
    responses=_DONE,
    **asks(Action.REFERRAL_WRITE, *ACT, Code.ALREADY_EXISTS),
)
async def post_wait(
    request: Request,
    here: Here,
    caller: Caller,
    referral_id: UUID,
    body: WaitInput,
    response: Response,
) -> DoneBody:
    """Ontslagklaar since, for a type of care that is awaited: starts the wrong-bed clock."""
    done = await desk.begin_wait(
        here,
        caller.actor,
        referral_id,
        body.care_type,
        body.since,
        address=address_of(request),
    )
    return done_body(done, response)


@router.post(
    "/discharge-waits/{care_type}/end", responses=_DONE, **asks(Action.REFERRAL_WRITE, *ACT)
)
async def post_wait_end(
    request: Request,
    here: Here,
    caller: Caller,
    referral_id: UUID,
    care_type: CareType,
    body: WaitEndInput,
    response: Response,
) -> DoneBody:
    """Ends the wrong-bed clock for a type of care."""
    done = await desk.end_wait(
        here, caller.actor, referral_id, care_type, body.until, address=address_of(request)
    )
    return done_body(done, response)


@router.put("/wlz", responses=_DONE, **asks(Action.OFFER_ANSWER, *ACT))
async def put_wlz(
    request: Request,
    here: Here,
    caller: Caller,
    referral_id: UUID,
    body: WlzInput,
    response: Response,
) -> DoneBody:
    """Records CIZ's part, by the coordination point or by the house that somebody stays in.

    A decision during a stay that the Zvw pays changes the payer, which is flagged.
    """
    done = await desk.record_wlz(
        here,
        caller.actor,
        referral_id,
        WlzFact(body.status, body.decided_on, body.profile),
        address=address_of(request),
    )
    return done_body(done, response)


@router.post("/reviews", responses=_DONE, **asks(Action.OFFER_ANSWER, *ACT))
async def post_review(
    request: Request,
    here: Here,
    caller: Caller,
    referral_id: UUID,
    body: ReviewInput,
    response: Response,
) -> DoneBody:
    """A review was held, by the coordination point or by the house that somebody stays in."""
    done = await desk.review(
        here, caller.actor, referral_id, body.next_at, body.text, address=address_of(request)
    )
    return done_body(done, response)
