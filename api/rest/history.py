"""What stood when: the course of a pool and of a location over time."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from api.cursors import decode, encode, moment_of
from api.rest.reports import Moment
from api.routing import Caller, GuardedRoute, Here, asks
from app.services import history
from app.services.history import Asked, Course
from domain.actors import Action
from domain.capacity import Freshness, SourceKind, free_places
from domain.care_types import ClosedReason
from domain.course import Stretch, Total, parse_step
from domain.errors import Code
from domain.identifiers import LocationId, PoolId

router = APIRouter(prefix="/v1", tags=["capacity"], route_class=GuardedRoute)

#: Entries in one answer at most.
MOST_ENTRIES = 5_000


class StretchBody(BaseModel):
    """What stood from a moment until another; figures are null when they weren't known.

    `version` null with `onbevestigd`: something stood that is kept no longer.
    """

    since: Annotated[datetime, Field(alias="from")]
    until: datetime
    freshness: Freshness
    version: Annotated[int | None, Field(description="Of the report that stood.")]
    source: SourceKind | None
    free: Annotated[int | None, Field(description="`balance`, but never below zero.")]
    balance: Annotated[
        int | None,
        Field(
            description="By the report's own account, without what this service gave away since."
        ),
    ]
    operable: int | None
    occupied: int | None
    planned: int | None
    closed: int | None
    closed_reason: ClosedReason | None


class PoolCourseBody(BaseModel):
    """A part of a pool's course. It ends at `until`: now, or where the pool was closed."""

    pool_id: UUID
    since: Annotated[datetime, Field(alias="from")]
    until: datetime
    items: list[StretchBody]
    next_cursor: str | None
    server_time: datetime


class TotalBody(BaseModel):
    """The sum of a location's pools at `from`; each figure over the pools of which it was known."""

    since: Annotated[datetime, Field(alias="from")]
    until: datetime
    pools: Annotated[int, Field(description="Pools that there were, whose course you may see.")]
    unknown: Annotated[int, Field(description="Of these: never reported, or no balance known.")]
    unconfirmed: Annotated[int, Field(description="Of these: onbevestigd.")]
    free: int
    free_unconfirmed: Annotated[int, Field(description="The part of `free` that is onbevestigd.")]
    balance: int
    operable: int
    occupied: int
    planned: int
    closed: int
    admission_stop: Annotated[bool, Field(description="An opnamestop was in force.")]


class LocationCourseBody(BaseModel):
    """A part of a location's course, step by step."""

    location_id: UUID
    since: Annotated[datetime, Field(alias="from")]
    until: datetime
    items: list[TotalBody]
    next_cursor: str | None
    server_time: datetime


From = Annotated[
    Moment | None,
    Query(alias="from", description="By default seven days before `until`; at most 400 days."),
]
Until = Annotated[Moment | None, Query(description="By default now.")]
_STEP = "ISO 8601, PT15M or more, such as PT1H or P1D: what stood at each step."
Entries = Annotated[int, Query(ge=1, le=MOST_ENTRIES)]
Cursor = Annotated[str | None, Query(max_length=200)]


@router.get(
    "/pools/{pool_id}/course",
    response_model=None,
    responses={200: {"model": PoolCourseBody}},
    **asks(Action.CAPACITY_HISTORY, Code.NOT_FOUND),
)
async def get_pool_course(
    here: Here,
    caller: Caller,
    pool_id: UUID,
    since: From = None,
    until: Until = None,
    step: Annotated[
        str | None, Query(max_length=20, description=f"{_STEP} By default every change.")
    ] = None,
    limit: Entries = 1_000,
    cursor: Cursor = None,
) -> Response:
    """What stood of a pool when, by its accepted reports."""
    asked = _asked(since, until, step, limit, cursor)
    found = await history.pool_course(here, caller, PoolId(pool_id), asked)
    return _answer(
        {"pool_id": pool_id}, found, [_stretch(item) for item in found.items], here.now()
    )


@router.get(
    "/locations/{location_id}/course",
    response_model=None,
    responses={200: {"model": LocationCourseBody}},
    **asks(Action.CAPACITY_HISTORY, Code.NOT_FOUND),
)
async def get_location_course(
    here: Here,
    caller: Caller,
    location_id: UUID,
    since: From = None,
    until: Until = None,
    step: Annotated[
        str | None, Query(max_length=20, description=f"{_STEP} By default PT1H.")
    ] = None,
    limit: Entries = 1_000,
    cursor: Cursor = None,
) -> Response:
    """The sum of a location's pools at each step."""
    asked = _asked(since, until, step, limit, cursor)
    found = await history.location_course(here, caller, LocationId(location_id), asked)
    return _answer(
        {"location_id": location_id}, found, [_total(item) for item in found.items], here.now()
    )


def _asked(
    since: datetime | None,
    until: datetime | None,
    step: str | None,
    limit: int,
    cursor: str | None,
) -> Asked:
    """A cursor holds where the page begins and where the course ends, whatever now is by then."""
    if cursor is not None:
        since, until = decode(cursor, moment_of, moment_of)
    return Asked(since, until, parse_step(step) if step is not None else None, limit)


def _answer(
    whose: dict[str, Any], found: Course[Any], items: list[dict[str, Any]], now: datetime
) -> Response:
    """As bytes: thousands of entries pass no model."""
    following = None
    if found.following is not None:
        following = encode(found.following.isoformat(), found.until.isoformat())
    body = {
        **whose,
        "from": found.since,
        "until": found.until,
        "items": items,
        "next_cursor": following,
        "server_time": now,
    }
    return Response(orjson.dumps(body, option=orjson.OPT_UTC_Z), media_type="application/json")


def _stretch(stretch: Stretch) -> dict[str, Any]:
    report = stretch.report
    base = report.base if report else None
    return {
        "from": stretch.since,
        "until": stretch.until,
        "freshness": stretch.freshness,
        "version": report.version if report else None,
        "source": report.source if report else None,
        "free": free_places(base),
        "balance": base,
        "operable": report.operable if report else None,
        "occupied": report.occupied if report else None,
        "planned": report.planned if report else None,
        "closed": report.closed if report else None,
        "closed_reason": report.closed_reason if report else None,
    }


def _total(total: Total) -> dict[str, Any]:
    said = asdict(total)
    return {"from": said.pop("since"), **said}
