"""The hours that a location has had: what clocks counted in, and since when."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.boards import Cursor, Page, find
from api.cursors import Limit, decode, encode, version_of
from api.routing import Caller, GuardedRoute, Here, asks
from app.services import locations
from domain.actors import Action
from domain.errors import Code
from domain.events import Kind
from domain.identifiers import LocationId

router = APIRouter(prefix="/v1/locations", tags=["registers"], route_class=GuardedRoute)


class PastHoursBody(BaseModel):
    """Hours from `set_at` on, until the next in the list before it; null: nobody told."""

    version: Annotated[int, Field(description="Of the location as it was written then.")]
    set_at: datetime
    set_by: Annotated[UUID | None, Field(description="A person or a key; null: the system.")]
    opening_hours: dict[str, Any] | None
    intake_hours: dict[str, Any] | None
    on_call: list[dict[str, Any]] | None


@router.get("/{location_id}/hours-history", **asks(Action.REGISTER_READ, Code.NOT_FOUND))
async def get_hours_history(
    here: Here,
    caller: Caller,
    location_id: UUID,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[PastHoursBody]:
    """The hours and contacts that a location has had, the newest first."""
    find(here, caller, Kind.LOCATION, location_id, Action.REGISTER_READ)
    before = decode(cursor, version_of, str)[0] if cursor is not None else None
    found = await locations.hours_history(
        here, LocationId(location_id), before=before, limit=limit + 1
    )
    page = found[:limit]
    following = encode(str(page[-1].version), "") if len(found) > limit else None
    items = [PastHoursBody.model_validate(item, from_attributes=True) for item in page]
    return Page(items=items, next_cursor=following)
