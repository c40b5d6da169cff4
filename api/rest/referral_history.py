"""What was done to a referral."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from api.boards import Cursor, Page
from api.cursors import Limit, decode, encode, moment_of
from api.routing import Caller, GuardedRoute, Here, address_of, asks
from app.db.step_reads import StoredStep
from app.services.referrals import reading
from domain.actors import Action, Role
from domain.errors import Code
from domain.referrals import ReferralState, Step

router = APIRouter(prefix="/v1/referrals", tags=["referrals"], route_class=GuardedRoute)


class StepTextBody(BaseModel):
    """Something typed."""

    kind: str
    text: str


class StepBody(BaseModel):
    """A step. A referrer sees when what happened, and by whose side; the rest is null."""

    id: UUID
    step: Step
    before: ReferralState | None
    after: ReferralState
    version: int
    happened_at: datetime
    recorded_at: datetime
    role: Annotated[str, Field(description="`system`: a clock.")]
    actor_id: UUID | None
    actor_name: str | None
    organisation_id: UUID | None
    organisation_name: str | None
    offer_id: UUID | None
    reason: str | None
    data: dict[str, Any] | None
    texts: list[StepTextBody] | None


@router.get("/{referral_id}/history", **asks(Action.REFERRAL_READ, Code.NOT_FOUND))
async def get_history(
    request: Request,
    here: Here,
    caller: Caller,
    referral_id: UUID,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[StepBody]:
    """What was done to a referral, as it was recorded, the first first."""
    found = await reading.history(
        here,
        caller.actor,
        referral_id,
        after=decode(cursor, moment_of, UUID) if cursor is not None else None,
        limit=limit + 1,
        address=address_of(request),
    )
    page = found[:limit]
    following = (
        encode(page[-1].recorded_at.isoformat(), str(page[-1].id)) if len(found) > limit else None
    )
    own = caller.actor.role is not Role.REFERRER
    items = [_step(one, own=own) for one in page]
    return Page(items=items, next_cursor=following)


_FOR_ALL = ("id", "step", "before", "after", "version", "happened_at", "recorded_at", "role")


def _step(one: StoredStep, *, own: bool) -> StepBody:
    """own: for the coordination point that has the referral."""
    told: dict[str, Any] = dict.fromkeys(StepBody.model_fields)
    shown = StepBody.model_fields if own else _FOR_ALL
    told |= {name: getattr(one, name) for name in shown}
    if own:
        told["texts"] = [StepTextBody(kind=kind, text=text) for kind, text in one.texts]
    return StepBody(**told)
