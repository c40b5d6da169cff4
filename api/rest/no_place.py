"""The tussen-wal-en-schip register: for whom there is no place, by target group."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from api.boards import Cursor
from api.cursors import Limit, decode, encode, moment_of
from api.referral_parts import listed
from api.routing import Caller, GuardedRoute, Here, address_of, asks
from app.db.desk_reads import PathStep, WithoutPlace
from app.services.referrals import desk_reading
from domain.actors import Action
from domain.care_types import CareType
from domain.cases import TargetGroup
from domain.needs import Sex, Urgency
from domain.referrals import ReferralState, Step

router = APIRouter(prefix="/v1", tags=["desk"], route_class=GuardedRoute)


class PathStepBody(BaseModel):
    """What was tried; `organisation_name`: of the provider that was asked."""

    step: Step
    happened_at: datetime
    after: ReferralState
    reason: str | None
    organisation_name: str | None


class WithoutPlaceBody(BaseModel):
    """A referral without a place, since when, and how it came to that: its last fifty steps."""

    id: UUID
    number: str
    target_group: TargetGroup
    since: datetime
    urgency: Urgency
    birth_year: int
    sex: Sex
    pc4: str
    care_type_asked: CareType | None
    care_type_triaged: CareType | None
    handler_id: UUID | None
    handler_name: str | None
    filed_at: datetime | None
    target_at: datetime | None
    offers: Annotated[int, Field(description="How often a provider was asked.")]
    path: list[PathStepBody]


class NoPlaceRegisterBody(BaseModel):
    """A page of the register. `counts` is of all of it, by target group."""

    items: list[WithoutPlaceBody]
    counts: dict[TargetGroup, int]
    next_cursor: str | None


@router.get("/no-place-register", **asks(Action.REFERRAL_FOLLOW))
async def get_no_place_register(
    request: Request,
    here: Here,
    caller: Caller,
    target_group: TargetGroup | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> NoPlaceRegisterBody:
    """For whom the caller's coordination point found no place; those who wait longest first."""
    found = await desk_reading.no_place_register(
        here,
        caller.actor,
        group=target_group,
        after=decode(cursor, moment_of, UUID) if cursor is not None else None,
        limit=limit + 1,
        address=address_of(request),
    )
    page = found.cases[:limit]
    following = None
    if len(found.cases) > limit:
        last, _ = page[-1]
        following = encode(last.since.isoformat(), str(last.id))
    items = [_body(one, path) for one, path in page]
    return NoPlaceRegisterBody(items=items, counts=found.counts, next_cursor=following)


def _body(one: WithoutPlace, path: Sequence[PathStep]) -> WithoutPlaceBody:
    told = {n: getattr(one, n) for n in WithoutPlaceBody.model_fields if n != "path"}
    return WithoutPlaceBody(**told, path=listed(PathStepBody, path))
