"""A look at the regular products on the board, recorded."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from api.acts import ACT, DoneBody, done_body
from api.observed import ETAG
from api.routing import Caller, GuardedRoute, Here, address_of, asks
from api.writes import Input
from app.services.referrals import board_checks
from domain.actors import Action
from domain.care_types import CareType
from domain.matching.criteria import Criterion

router = APIRouter(prefix="/v1/referrals", tags=["referrals"], route_class=GuardedRoute)


class BoardCheckInput(Input):
    """What to look at besides what triage named, which is always looked at."""

    care_types: Annotated[list[CareType], Field(default_factory=list, max_length=len(CareType))]


class ProductBody(BaseModel):
    """What was found of one care type; `failed` counts places by what stands in the way."""

    care_type: CareType
    looked_at: int
    fits: int
    fitting: Annotated[list[UUID], Field(description="Pools or teams that fit.")]
    failed: dict[Criterion, int]


class FailureBody(BaseModel):
    """What stands in the way of somebody at a place."""

    criterion: Criterion
    detail: dict[str, Any]


class FailedPlaceBody(BaseModel):
    """Why a pool, or a team, doesn't fit for a care type."""

    care_type: CareType
    id: UUID
    failures: list[FailureBody]


class BoardCheckBody(BaseModel):
    """What a look at the board found. `regular_failed` true permits an MFB."""

    at: datetime
    needed_by: datetime | None
    regular_failed: bool
    products: list[ProductBody]
    failed: Annotated[int, Field(description="Places that don't fit; the nearest are in `places`.")]
    places: list[FailedPlaceBody]


class BoardCheckDoneBody(DoneBody):
    """A recorded check."""

    check: BoardCheckBody


@router.post(
    "/{referral_id}/board-checks",
    responses={200: {"headers": ETAG}},
    **asks(Action.REFERRAL_WRITE, *ACT),
)
async def post_board_check(
    request: Request,
    here: Here,
    caller: Caller,
    referral_id: UUID,
    body: BoardCheckInput,
    response: Response,
) -> BoardCheckDoneBody:
    """Looks at the board for a referral, and keeps what was found with the reason of each failure."""
    checked = await board_checks.check(
        here, caller.actor, referral_id, body.care_types, address=address_of(request)
    )
    return BoardCheckDoneBody(
        **done_body(checked.done, response).model_dump(),
        check=BoardCheckBody.model_validate(checked.check.to_json()),
    )
