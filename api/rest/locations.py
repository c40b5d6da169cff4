"""Locations: listed, read, made, changed, given to another owner and closed."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from api.boards import Cursor, Page, Region, Status, find, page_of, region_board, selected
from api.cursors import Limit
from api.positions import MinPosition, reached
from api.rest.organisations import Telephone
from api.rest.regions import RegionNumber
from api.routing import Caller, GuardedRoute, Here, address_of, asks, shown_version
from api.writes import (
    Hours,
    IdempotencyKey,
    Input,
    Name,
    NewOwnerInput,
    OnCall,
    WithPosition,
    named_request,
    needed_version,
    shown,
)
from app.services import locations
from domain.actors import Action
from domain.errors import Code, InvalidInput
from domain.events import Kind
from domain.geography import NORTH, SOUTH, Point
from domain.hours import WeeklyHours, contacts_from_json
from domain.identifiers import LocationId, OrganisationId, RegionId
from domain.locations import Location

router = APIRouter(prefix="/v1/locations", tags=["registers"], route_class=GuardedRoute)

Gemeente = Annotated[str, Field(pattern=r"^[0-9]{4}$")]
#: Degrees; where the Netherlands are, the domain knows.
Degrees = Annotated[float, Field(strict=True, ge=-180, le=180)]


class LocationBody(BaseModel):
    """A building of an organisation."""

    id: UUID
    organisation_id: UUID
    name: str
    address: str
    postcode: str
    place: str
    gemeente: str | None
    gemeente_year: int | None
    latitude: float | None
    longitude: float | None
    vestigingsnummer: str | None
    telephone: str | None
    wlz_contract: bool
    opening_hours: dict[str, Any] | None
    intake_hours: dict[str, Any] | None
    on_call: list[dict[str, Any]] | None
    status: str
    version: int


class WrittenLocationBody(LocationBody, WithPosition):
    """A location as it was written."""


class LocationInput(Input):
    """All that people fill in of a location.

    Without a point or a gemeente it gets those of its postcode, as far as they are known.
    """

    name: Name
    address: Name
    postcode: Annotated[str, Field(max_length=10, description="With or without its letters.")]
    place: Name
    gemeente: Annotated[Gemeente | None, Field(description="Its CBS code.")] = None
    gemeente_year: Annotated[int, Field(strict=True, ge=2000, le=2100)] | None = None
    latitude: Degrees | None = None
    longitude: Degrees | None = None
    vestigingsnummer: Annotated[str, Field(pattern=r"^[0-9]{12}$")] | None = None
    telephone: Telephone | None = None
    wlz_contract: Annotated[bool, Field(strict=True)] = False
    opening_hours: Hours | None = None
    intake_hours: Hours | None = None
    on_call: OnCall | None = None

    def location(self) -> Location:
        """As the domain has it. Raises InvalidInput."""
        return Location(
            name=self.name,
            address=self.address,
            postcode=self.postcode,
            place=self.place,
            gemeente=self.gemeente,
            gemeente_year=self.gemeente_year,
            point=self._point(),
            vestigingsnummer=self.vestigingsnummer,
            telephone=self.telephone,
            wlz_contract=self.wlz_contract,
            opening_hours=_hours(self.opening_hours, "/opening_hours"),
            intake_hours=_hours(self.intake_hours, "/intake_hours"),
            on_call=contacts_from_json(self.on_call or [], "/on_call"),
        )

    def _point(self) -> Point | None:
        if self.latitude is None and self.longitude is None:
            return None
        if self.latitude is None or self.longitude is None:
            missing = "/latitude" if self.latitude is None else "/longitude"
            raise InvalidInput("Geef latitude en longitude allebei, of geen van beide.", missing)
        try:
            return Point(self.latitude, self.longitude)
        except InvalidInput as problem:
            off = "/longitude" if SOUTH <= self.latitude <= NORTH else "/latitude"
            raise InvalidInput(problem.detail, off) from None


class NewLocationInput(LocationInput):
    """A new location of an organisation, in a region where that works."""

    organisation_id: UUID
    region_id: RegionNumber


@router.get("", **asks(Action.REGISTER_READ, Code.NOT_FOUND))
async def get_locations(
    here: Here,
    caller: Caller,
    region: Region = None,
    organisation_id: UUID | None = None,
    gemeente: Gemeente | None = None,
    status: Status = Status.ACTIVE,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[LocationBody]:
    """The locations in a region."""
    board = region_board(here, caller, region, Action.REGISTER_READ)
    found = selected(
        board.all(Kind.LOCATION), status, organisation_id=organisation_id, gemeente=gemeente
    )
    items, following = page_of(found, limit, cursor)
    return Page(items=[LocationBody.model_validate(data) for data in items], next_cursor=following)


@router.post(
    "",
    status_code=201,
    **asks(
        Action.REGISTER_WRITE,
        Code.NOT_FOUND,
        Code.ALREADY_CLOSED,
        Code.IDEMPOTENCY_MISMATCH,
        Code.OUTCOME_UNKNOWN,
    ),
)
async def post_location(
    request: Request,
    here: Here,
    caller: Caller,
    body: NewLocationInput,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> WrittenLocationBody:
    """A new location."""
    written = await locations.create_location(
        here,
        caller.actor,
        OrganisationId(body.organisation_id),
        RegionId(body.region_id),
        body.location(),
        await named_request(request, caller, idempotency_key),
        address_of(request),
    )
    return WrittenLocationBody.model_validate(shown(written, response))


@router.get("/{location_id}", **asks(Action.REGISTER_READ, Code.NOT_FOUND, Code.NOT_YET_THERE))
async def get_location(
    here: Here,
    caller: Caller,
    location_id: UUID,
    response: Response,
    min_position: MinPosition = None,
) -> LocationBody:
    """One location in a region of the caller."""
    await reached(here, min_position)
    location = LocationBody.model_validate(
        find(here, caller, Kind.LOCATION, location_id, Action.REGISTER_READ)
    )
    response.headers["etag"] = f'"{location.version}"'
    return location


@router.put(
    "/{location_id}",
    **asks(
        Action.REGISTER_WRITE,
        Code.NOT_FOUND,
        Code.ALREADY_CLOSED,
        Code.VERSION_REQUIRED,
        Code.VERSION_CHANGED,
        Code.OUTCOME_UNKNOWN,
        if_match=True,
    ),
)
async def put_location(
    request: Request,
    here: Here,
    caller: Caller,
    location_id: UUID,
    body: LocationInput,
    response: Response,
) -> WrittenLocationBody:
    """All of a location anew; its owner and its region stay."""
    written = await locations.change_location(
        here,
        caller.actor,
        LocationId(location_id),
        body.location(),
        needed_version(request),
        address_of(request),
    )
    return WrittenLocationBody.model_validate(shown(written, response))


@router.put(
    "/{location_id}/owner",
    **asks(
        Action.REGISTER_WRITE,
        Code.NOT_FOUND,
        Code.ALREADY_CLOSED,
        Code.VERSION_CHANGED,
        Code.ALREADY_EXISTS,
        Code.OUTCOME_UNKNOWN,
        if_match=False,
    ),
)
async def put_location_owner(
    request: Request,
    here: Here,
    caller: Caller,
    location_id: UUID,
    body: NewOwnerInput,
    response: Response,
) -> WrittenLocationBody:
    """Gives a location, with its owner's pools there, to another organisation."""
    written = await locations.transfer_location(
        here,
        caller.actor,
        LocationId(location_id),
        OrganisationId(body.organisation_id),
        shown_version(request),
        address_of(request),
    )
    return WrittenLocationBody.model_validate(shown(written, response))


@router.post(
    "/{location_id}/closure",
    **asks(
        Action.REGISTER_WRITE,
        Code.NOT_FOUND,
        Code.ALREADY_CLOSED,
        Code.STILL_IN_USE,
        Code.VERSION_CHANGED,
        Code.OUTCOME_UNKNOWN,
        if_match=False,
    ),
)
async def post_location_closure(
    request: Request, here: Here, caller: Caller, location_id: UUID, response: Response
) -> WrittenLocationBody:
    """Ends a location without active pools."""
    written = await locations.close_location(
        here, caller.actor, LocationId(location_id), shown_version(request), address_of(request)
    )
    return WrittenLocationBody.model_validate(shown(written, response))


def _hours(data: dict[str, Any] | None, pointer: str) -> WeeklyHours | None:
    return WeeklyHours.from_json(data, pointer) if data is not None else None
