"""Sources: where figures come from, seen by their owner and released by the operator."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from api.boards import Cursor, Page, after_of
from api.cursors import Limit, encode
from api.routing import Caller, GuardedRoute, Here, address_of, asks
from app.services import sources
from domain.actors import Action
from domain.capacity import SourceKind
from domain.errors import Code

router = APIRouter(prefix="/v1/sources", tags=["sources"], route_class=GuardedRoute)


class SourceBody(BaseModel):
    """Where figures come from: a feed, the pages, files or the phone, each with its own lag."""

    id: UUID
    organisation_id: UUID
    kind: SourceKind
    name: str
    lag_minutes: int
    includes_holds: bool
    sandbox: Annotated[
        bool, Field(description="Its reports are checked and shown, and count for nothing.")
    ]
    created_at: datetime
    released_at: datetime | None


@router.get("", **asks(Action.SOURCE_READ))
async def get_sources(
    here: Here, caller: Caller, limit: Limit = 100, cursor: Cursor = None
) -> Page[SourceBody]:
    """The sources of the caller's organisation; the operator's list holds all."""
    found = await sources.list_sources(here, caller.actor, after=after_of(cursor), limit=limit + 1)
    more = len(found) > limit
    items = [SourceBody.model_validate(source, from_attributes=True) for source in found[:limit]]
    return Page(items=items, next_cursor=encode("", str(items[-1].id)) if more else None)


@router.get("/{source_id}", **asks(Action.SOURCE_READ, Code.NOT_FOUND))
async def get_source(here: Here, caller: Caller, source_id: UUID) -> SourceBody:
    """One source."""
    found = await sources.get_source(here, caller.actor, source_id)
    return SourceBody.model_validate(found, from_attributes=True)


@router.post(
    "/{source_id}/release",
    status_code=204,
    **asks(Action.SOURCE_RELEASE, Code.NOT_FOUND, Code.OUTCOME_UNKNOWN),
)
async def post_release(request: Request, here: Here, caller: Caller, source_id: UUID) -> None:
    """Ends a source's time in the sandbox: its reports count from now on. Twice is once."""
    await sources.release_source(here, caller.actor, source_id, address_of(request))
