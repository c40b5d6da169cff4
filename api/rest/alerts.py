"""What somebody at a coordination point has to be told, and who takes it up."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from api.boards import Cursor, Page
from api.cursors import Limit, decode, encode, moment_of
from api.referral_parts import listed
from api.routing import Caller, GuardedRoute, Here, address_of, asks
from app.services.referrals import desk, desk_reading
from domain.actors import Action
from domain.alerts import AlertKind
from domain.errors import Code
from domain.needs import Urgency
from domain.referrals import ReferralState

router = APIRouter(prefix="/v1/alerts", tags=["desk"], route_class=GuardedRoute)


class ListedAlertBody(BaseModel):
    """An open alert, about a referral or about a pool of the region."""

    id: UUID
    kind: AlertKind
    region_id: int
    referral_id: UUID | None
    number: str | None
    state: ReferralState | None
    urgency: Urgency | None
    offer_id: UUID | None
    pool_id: UUID | None
    pool_name: str | None
    location_name: str | None
    data: dict[str, Any] | None
    raised_at: datetime
    taken_by: Annotated[UUID | None, Field(description='Who said "ik pak dit op".')]
    taken_at: datetime | None


@router.get("", **asks(Action.REFERRAL_FOLLOW))
async def get_alerts(
    here: Here,
    caller: Caller,
    kind: AlertKind | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[ListedAlertBody]:
    """The open alerts of the caller's coordination point, and of its regions' capacity; oldest first."""
    found = await desk_reading.alerts(
        here,
        caller.actor,
        kind=kind,
        after=decode(cursor, moment_of, UUID) if cursor is not None else None,
        limit=limit + 1,
    )
    page = found[:limit]
    following = (
        encode(page[-1].raised_at.isoformat(), str(page[-1].id)) if len(found) > limit else None
    )
    return Page(items=listed(ListedAlertBody, page), next_cursor=following)


@router.post(
    "/{alert_id}/handling",
    status_code=204,
    **asks(Action.REFERRAL_WRITE, Code.NOT_FOUND, Code.OUTCOME_UNKNOWN),
)
async def post_alert_handling(request: Request, here: Here, caller: Caller, alert_id: UUID) -> None:
    """Says who takes it up ("ik pak dit op"). Who was first stays; the act that answers it clears it."""
    await desk.take_alert(here, caller.actor, alert_id, address=address_of(request))
