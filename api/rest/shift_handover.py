"""What one shift of a coordination point hands to the next."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel

from api.boards import Cursor, Page
from api.cursors import Limit
from api.referral_parts import listed, perhaps
from api.rest.offers import OnCallBody
from api.rest.referral_reads import (
    ReferralSummaryBody,
    after_of_cursor,
    cursor_after,
    summary,
)
from api.routing import Caller, GuardedRoute, Here, address_of, asks
from app.db.referral_reads import Sort
from app.services.referrals import desk_reading
from app.services.referrals.desk_reading import ToCall
from domain.actors import Action
from domain.offers import OfferState

router = APIRouter(prefix="/v1", tags=["desk"], route_class=GuardedRoute)


class NoteBody(BaseModel):
    """Something written down with a referral."""

    text: str
    at: datetime


class ToCallBody(BaseModel):
    """A provider with an open offer, and who answers its telephone now.

    With the state `toegezegd` this is the promised place, and `admission_at` when somebody is expected.
    """

    id: UUID
    state: OfferState
    provider_name: str
    location_name: str | None
    team_name: str | None
    telephone: str | None
    deadline_at: datetime
    admission_at: datetime | None
    on_call: OnCallBody | None


class HandedOnBody(BaseModel):
    """An open referral with its last three notes and the providers that were asked."""

    referral: ReferralSummaryBody
    notes: list[NoteBody]
    offers: list[ToCallBody]


@router.get("/shift-handover", **asks(Action.REFERRAL_FOLLOW))
async def get_shift_handover(
    request: Request, here: Here, caller: Caller, limit: Limit = 100, cursor: Cursor = None
) -> Page[HandedOnBody]:
    """Every open referral of the caller's coordination point, what has to be done first first."""
    found = await desk_reading.shift_handover(
        here,
        caller.actor,
        after=after_of_cursor(cursor),
        limit=limit + 1,
        address=address_of(request),
    )
    page, now = found[:limit], here.now()
    following = cursor_after(page[-1].referral.after(Sort.FIRST)) if len(found) > limit else None
    items = [
        HandedOnBody(
            referral=summary(one.referral, caller, now),
            notes=listed(NoteBody, one.notes),
            offers=[_to_call(asked) for asked in one.asked],
        )
        for one in page
    ]
    return Page(items=items, next_cursor=following)


def _to_call(found: ToCall) -> ToCallBody:
    told = {n: getattr(found.asked, n) for n in ToCallBody.model_fields if n != "on_call"}
    return ToCallBody(**told, on_call=perhaps(OnCallBody, found.on_call))
