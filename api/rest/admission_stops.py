"""Opnamestop of a location: set, changed, lifted, and looked back at."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from api.boards import Cursor, find
from api.cursors import Limit, decode, encode, moment_of
from api.observed import ETAG, Day, Note
from api.positions import MinPosition, reached
from api.rest.reports import Moment
from api.routing import Caller, GuardedRoute, Here, address_of, asks, shown_version
from api.writes import Input
from app.services import admission_stops
from app.services.admission_stops import StopReceipt
from domain.actors import Action
from domain.admission_stops import Stop
from domain.capacity import Outcome, SourceKind
from domain.care_types import ClosedReason
from domain.errors import Code
from domain.events import Kind
from domain.identifiers import LocationId

router = APIRouter(
    prefix="/v1/locations/{location_id}", tags=["admission-stops"], route_class=GuardedRoute
)


class StopBody(BaseModel):
    """A stop that stands: nobody is admitted at this location, in none of its pools."""

    location_id: UUID
    reason: ClosedReason
    note: str | None
    since: datetime
    expected_until: Annotated[date | None, Field(description="Expected only: a person lifts it.")]
    source: SourceKind
    set_at: datetime
    version: int


class PastStopBody(BaseModel):
    """A stop from `since` until it was lifted; null: it still stands."""

    reason: ClosedReason
    note: str | None
    since: datetime
    expected_until: date | None
    source: SourceKind
    set_at: datetime
    lifted_at: datetime | None
    version: int


class PastStopsBody(BaseModel):
    """A page of the stops that a location has had, the latest first. They never overlap."""

    items: list[PastStopBody]
    next_cursor: str | None


class StopInput(Input):
    """A stop as it is to be."""

    reason: ClosedReason
    note: Note = None
    since: Annotated[
        Moment | None,
        Field(description="By default now, or as it stood. Not in the future."),
    ] = None
    expected_until: Annotated[
        Day | None, Field(description="The day it is expected to be lifted; nothing happens then.")
    ] = None

    def stop(self) -> Stop:
        """As the service takes it."""
        return Stop(self.reason, self.note or None, self.since, self.expected_until)


class StopReceiptBody(BaseModel):
    """What became of it, and the stop that stands now; version 0: none.

    `repeated`: it stood so already. `sandbox`: of a source that doesn't count yet; nothing changed.
    """

    outcome: Outcome
    location_id: UUID
    version: Annotated[int, Field(description="Version of the stop that stands; also the ETag.")]
    since: datetime | None
    position: Annotated[str, Field(description="A board at this position shows it.")]
    server_time: datetime


_CHANGE: dict[str, Any] = {
    "responses": {200: {"headers": ETAG}},
    **asks(
        Action.CAPACITY_REPORT,
        Code.NOT_FOUND,
        Code.ALREADY_CLOSED,
        Code.VERSION_CHANGED,
        Code.OUTCOME_UNKNOWN,
        if_match=False,
    ),
}


@router.get("/admission-stop", **asks(Action.CAPACITY_READ, Code.NOT_FOUND, Code.NOT_YET_THERE))
async def get_stop(
    here: Here,
    caller: Caller,
    location_id: UUID,
    response: Response,
    min_position: MinPosition = None,
) -> StopBody:
    """The stop that stands at a location; 404 when there is none."""
    await reached(here, min_position)
    stop = StopBody.model_validate(
        find(here, caller, Kind.ADMISSION_STOP, location_id, Action.CAPACITY_READ)
    )
    response.headers["etag"] = f'"{stop.version}"'
    return stop


@router.delete("/admission-stop", **_CHANGE)
async def delete_stop(
    request: Request, here: Here, caller: Caller, location_id: UUID, response: Response
) -> StopReceiptBody:
    """Lifts the stop of a location. Where none stands nothing changes: `repeated`."""
    place = await admission_stops.find_location(here, LocationId(location_id))
    receipt = await admission_stops.lift_stop(
        here, caller, place, shown_version(request), address=address_of(request)
    )
    return _receipt(receipt, response)


@router.put("/admission-stop", **_CHANGE)
async def put_stop(
    request: Request,
    here: Here,
    caller: Caller,
    location_id: UUID,
    body: StopInput,
    response: Response,
) -> StopReceiptBody:
    """Sets the stop of a location, or changes the one that stands. It closes all pools there.

    Only a person lifts it. `If-Match` is the version of the stop that was shown, "0" for none.
    """
    place = await admission_stops.find_location(here, LocationId(location_id))
    receipt = await admission_stops.set_stop(
        here, caller, place, body.stop(), shown_version(request), address=address_of(request)
    )
    return _receipt(receipt, response)


@router.get("/admission-stops", **asks(Action.CAPACITY_HISTORY, Code.NOT_FOUND))
async def get_stops(
    here: Here, caller: Caller, location_id: UUID, limit: Limit = 100, cursor: Cursor = None
) -> PastStopsBody:
    """The stops that a location has had, and the one that stands."""
    place = await admission_stops.find_location(here, LocationId(location_id))
    before = decode(cursor, moment_of, UUID) if cursor is not None else None
    found = await admission_stops.history(here, caller, place, before=before, limit=limit + 1)
    page = found[:limit]
    following = None
    if len(found) > limit:
        following = encode(page[-1].since.isoformat(), str(page[-1].id))
    return PastStopsBody(
        items=[PastStopBody.model_validate(past, from_attributes=True) for past in page],
        next_cursor=following,
    )


def _receipt(receipt: StopReceipt, response: Response) -> StopReceiptBody:
    response.headers["etag"] = f'"{receipt.version}"'
    return StopReceiptBody(
        outcome=receipt.outcome,
        location_id=receipt.location_id,
        version=receipt.version,
        since=receipt.since,
        position=str(receipt.position),
        server_time=receipt.server_time,
    )
