"""Hand-over between coordination points, also across regions: the sender has it until accepted."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from api.acts import ACT, RemarkInput, Text
from api.boards import Cursor, Page, after_of
from api.cursors import Limit, encode
from api.offer_acts import PartyDoneBody, party_done
from api.rest.offers import AskedNeedBody, asked_need
from api.routing import Caller, GuardedRoute, Here, address_of, asks
from api.writes import IdempotencyKey, Input, named_request
from app.services.referrals import handover_reading, handovers
from app.services.referrals.handover_reading import SeenHandover
from domain.actors import Action
from domain.care_types import CareType
from domain.cases import HandoverReason, HandoverState
from domain.errors import Code
from domain.identifiers import RegionId

router = APIRouter(prefix="/v1", tags=["handovers"], route_class=GuardedRoute)


class HandoverInput(Input):
    """To whom, and why."""

    to: Annotated[UUID, Field(description="Another coordination point.")]
    reason: HandoverReason
    text: Text | None = None
    region_id: Annotated[
        int | None,
        Field(strict=True, ge=1, le=32767, description="For one that works in several."),
    ] = None


class Direction(StrEnum):
    """Whose hand-overs: offered to the caller, or by it."""

    IN = "in"
    OUT = "out"


class SideBody(BaseModel):
    """A coordination point, with the region in which the referral is handed over."""

    id: UUID
    name: str
    telephone: str | None
    region_id: int


class HandoverBody(BaseModel):
    """A hand-over. Who gets it offered sees the need of a person in an age band; what was typed at
    intake, the birth year and whom to call back come with the referral itself. Who declined it, or
    handed it over, sees no need any more.
    """

    id: UUID
    sender: SideBody
    receiver: SideBody
    state: HandoverState
    version: int
    reason: HandoverReason
    offered_at: datetime
    ended_at: datetime | None
    referral_id: Annotated[UUID | None, Field(description="Null unless the referral is yours.")]
    number: str | None
    text: Annotated[str | None, Field(description="What the sender wrote with it.")]
    need: AskedNeedBody | None
    care_type_asked: CareType | None
    care_type_triaged: CareType | None
    target_at: datetime | None
    birth_year: Annotated[int | None, Field(description="Null unless the referral is yours.")]


@router.post(
    "/referrals/{referral_id}/handover",
    status_code=201,
    **asks(Action.REFERRAL_WRITE, *ACT, Code.ALREADY_EXISTS, Code.IDEMPOTENCY_MISMATCH),
)
async def post_handover(
    request: Request,
    here: Here,
    caller: Caller,
    referral_id: UUID,
    body: HandoverInput,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> PartyDoneBody:
    """Offers a referral to another coordination point. Until it accepts nothing changes hands."""
    done = await handovers.hand_over(
        here,
        caller.actor,
        referral_id,
        body.to,
        body.reason,
        body.text,
        await named_request(request, caller, idempotency_key),
        region_id=RegionId(body.region_id) if body.region_id is not None else None,
        address=address_of(request),
    )
    return party_done(done, caller, response)


@router.get("/handovers", **asks(Action.REFERRAL_READ))
async def get_handovers(
    request: Request,
    here: Here,
    caller: Caller,
    is_open: Annotated[
        bool | None, Query(alias="open", description="True: those not answered. False: the others.")
    ] = None,
    direction: Direction | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[HandoverBody]:
    """Hand-overs to the caller's coordination point and from it; the newest first."""
    found = await handover_reading.list_handovers(
        here,
        caller.actor,
        to_it=None if direction is None else direction is Direction.IN,
        is_open=is_open,
        before=after_of(cursor),
        limit=limit + 1,
        address=address_of(request),
    )
    page = found[:limit]
    following = encode("", str(page[-1].handover.id)) if len(found) > limit else None
    now = here.now()
    return Page(items=[_body(seen, now) for seen in page], next_cursor=following)


@router.get("/handovers/{handover_id}", **asks(Action.REFERRAL_READ, Code.NOT_FOUND))
async def get_handover(
    request: Request, here: Here, caller: Caller, handover_id: UUID, response: Response
) -> HandoverBody:
    """One hand-over."""
    seen = await handover_reading.get_handover(here, caller.actor, handover_id, address_of(request))
    response.headers["etag"] = f'"{seen.handover.version}"'
    return _body(seen, here.now())


@router.post("/handovers/{handover_id}/acceptance", **asks(Action.REFERRAL_WRITE, *ACT))
async def post_handover_acceptance(
    request: Request, here: Here, caller: Caller, handover_id: UUID, response: Response
) -> PartyDoneBody:
    """Takes a referral over: whoever still was asked is told no, and triage begins anew."""
    done = await handovers.accept(here, caller.actor, handover_id, address=address_of(request))
    return party_done(done, caller, response)


@router.post("/handovers/{handover_id}/refusal", **asks(Action.REFERRAL_WRITE, *ACT))
async def post_handover_refusal(
    request: Request,
    here: Here,
    caller: Caller,
    handover_id: UUID,
    body: RemarkInput,
    response: Response,
) -> PartyDoneBody:
    """Declines: the sender keeps the referral, and is told."""
    done = await handovers.refuse(
        here, caller.actor, handover_id, body.text, address=address_of(request)
    )
    return party_done(done, caller, response)


@router.post("/handovers/{handover_id}/withdrawal", **asks(Action.REFERRAL_WRITE, *ACT))
async def post_handover_withdrawal(
    request: Request, here: Here, caller: Caller, handover_id: UUID, response: Response
) -> PartyDoneBody:
    """Takes a hand-over back that nobody accepted."""
    done = await handovers.withdraw(here, caller.actor, handover_id, address=address_of(request))
    return party_done(done, caller, response)


def _body(seen: SeenHandover, now: datetime) -> HandoverBody:
    handover = seen.handover
    always = ("id", "state", "version", "reason", "offered_at", "ended_at")
    of_the_need = ("number", "text", "care_type_asked", "care_type_triaged", "target_at")
    told: dict[str, Any] = {name: getattr(handover, name) for name in always}
    told |= {name: getattr(handover, name) if seen.needs else None for name in of_the_need}
    return HandoverBody(
        **told,
        sender=SideBody(
            id=handover.from_id,
            name=handover.from_name,
            telephone=handover.from_telephone,
            region_id=handover.from_region_id,
        ),
        receiver=SideBody(
            id=handover.to_id,
            name=handover.to_name,
            telephone=handover.to_telephone,
            region_id=handover.to_region_id,
        ),
        referral_id=handover.referral_id if seen.owner else None,
        need=asked_need(handover.person, now) if seen.needs else None,
        birth_year=handover.person.birth_year if seen.owner else None,
    )
