"""Deliveries: what was given up on, or waits, or went out; and sending one again."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from api.boards import Cursor, Page
from api.cursors import Limit, decode, encode
from api.referral_parts import listed
from api.routing import Caller, GuardedRoute, Here, address_of, asks
from app.services.word import deliveries
from domain.actors import Action
from domain.deliveries import Channel, DeliveryState
from domain.errors import Code
from domain.notices import NoticeKind

router = APIRouter(prefix="/v1/deliveries", tags=["word"], route_class=GuardedRoute)


class DeliveryBody(BaseModel):
    """A notice on its way to a mailbox or an endpoint."""

    id: Annotated[UUID, Field(description="The message's, wherever it goes: `webhook-id`.")]
    notice_id: UUID
    organisation_id: UUID
    kind: NoticeKind
    urgent: bool
    channel: Channel
    endpoint_id: UUID | None
    personal: Annotated[bool, Field(description="To the mailbox of somebody who works there.")]
    digest: bool
    state: DeliveryState
    attempts: int
    next_at: Annotated[datetime, Field(description="When it is tried (again), while it waits.")]
    sent_at: datetime | None
    last_error: Annotated[str | None, Field(description="Why it didn't arrive: a code.")]
    created_at: datetime


@router.get("", **asks(Action.WORD_READ, Code.NOT_FOUND))
async def get_deliveries(
    here: Here,
    caller: Caller,
    state: DeliveryState = DeliveryState.DOOD,
    organisation: UUID | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[DeliveryBody]:
    """Deliveries of the caller's organisation, the newest first; an operator sees everybody's."""
    found = await deliveries.list_deliveries(
        here,
        caller.actor,
        state,
        organisation_id=organisation,
        before=decode(cursor, str, UUID)[1] if cursor is not None else None,
        limit=limit + 1,
    )
    page = found[:limit]
    following = encode("", str(page[-1].id)) if len(found) > limit else None
    return Page(items=listed(DeliveryBody, page), next_cursor=following)


@router.post(
    "/{delivery_id}/resending",
    status_code=204,
    **asks(Action.WORD_WRITE, Code.NOT_FOUND, Code.OUTCOME_UNKNOWN),
)
async def post_delivery_resending(
    request: Request, here: Here, caller: Caller, delivery_id: UUID
) -> None:
    """Sends it again now, under the same id, whatever became of it before."""
    await deliveries.resend(here, caller.actor, delivery_id, address_of(request))
