"""The registers as read from the board: care types, regions, organisations, locations, pools."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from api.cursors import Limit, decode, encode
from api.positions import MinPosition, reached
from api.routing import Caller, GuardedRoute, Here, address_of, asks, shown_version
from app.container import Container
from app.live.board import RegionBoard
from app.security.keys import Credential
from app.services import registers
from domain import capacity
from domain.actors import Action, Target, may
from domain.capacity import Freshness, SourceKind
from domain.care_types import LABELS, CareType, ClosedReason
from domain.errors import Code, NotFound, Unavailable
from domain.events import Kind
from domain.identifiers import EVERYWHERE, OrganisationId, PoolId, RegionId
from domain.posting import PostingSchedule

router = APIRouter(prefix="/v1", tags=["registers"], route_class=GuardedRoute)

Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """A page of a register, by id."""

    items: list[Item]
    next_cursor: str | None


class CareTypeBody(BaseModel):
    """A zorgsoort: its code and its Dutch name."""

    code: CareType
    label: str
    has_places: bool
    counted_by_bed: bool


class RegionBody(BaseModel):
    """A zorgkantoorregio; region 0 is everybody's."""

    id: int
    code: str
    name: str
    version: int


class OrganisationBody(BaseModel):
    """An organisation, or a coordination point."""

    id: UUID
    agb: str
    name: str
    kind: str
    version: int


class LocationBody(BaseModel):
    """A building of an organisation."""

    id: UUID
    organisation_id: UUID
    name: str
    address: str
    postcode: str
    place: str
    gemeente: str | None
    telephone: str | None
    version: int


class CapacityBody(BaseModel):
    """A pool's figures, with how old they are. `version` 0: never reported."""

    version: int
    freshness: Freshness
    source: SourceKind | None
    observed_at: datetime | None
    received_at: datetime | None
    valid_until: datetime | None
    physical: int | None
    operable: int | None
    occupied: int | None
    planned: int | None
    closed: int | None
    closed_reason: ClosedReason | None
    claimed: int
    promised: int
    free: int | None
    balance: int | None
    available_from: date | None


class PoolBody(BaseModel):
    """Places at a location, with the care types they may serve and their figures."""

    id: UUID
    organisation_id: UUID
    location_id: UUID
    external_id: str
    name: str
    care_types: list[CareType]
    posting_schedule: PostingSchedule
    status: str
    version: int
    capacity: CapacityBody


class TransferBody(BaseModel):
    """The new owner of a pool."""

    model_config = ConfigDict(extra="forbid")

    organisation_id: UUID


Region = Annotated[
    int | None, Query(ge=0, le=32767, description="By default the caller's own region.")
]
Cursor = Annotated[str | None, Query(max_length=200)]


def region_board(
    here: Container, caller: Credential, region: int | None, action: Action
) -> RegionBoard:
    """The board of a region that the caller may see. Raises NotFound; Unavailable while it is read."""
    if region is None:
        region = min(caller.actor.regions, default=EVERYWHERE)
    board = here.board.regions.get(RegionId(region))
    allowed = may(caller.actor, action, Target(RegionId(region)))
    if board is None and (not here.ready or region in caller.actor.regions):
        raise Unavailable
    if board is None or not allowed:
        raise NotFound
    return board


@router.get("/care-types", **asks(Action.REGISTER_READ))
async def get_care_types() -> list[CareTypeBody]:
    """All care types."""
    return [
        CareTypeBody(
            code=care_type,
            label=LABELS[care_type],
            has_places=care_type.has_places,
            counted_by_bed=care_type.counted_by_bed,
        )
        for care_type in CareType
    ]


@router.get("/regions", **asks(Action.REGISTER_READ))
async def get_regions(here: Here, caller: Caller) -> list[RegionBody]:
    """All regions."""
    board = region_board(here, caller, EVERYWHERE, Action.REGISTER_READ)
    return [RegionBody.model_validate(data) for _, data in board.all(Kind.REGION)]


@router.get("/organisations", **asks(Action.REGISTER_READ, Code.NOT_FOUND))
async def get_organisations(
    here: Here, caller: Caller, region: Region = None, limit: Limit = 100, cursor: Cursor = None
) -> Page[OrganisationBody]:
    """The organisations that work in a region."""
    board = region_board(here, caller, region, Action.REGISTER_READ)
    items, following = _page(board.all(Kind.ORGANISATION), limit, cursor)
    return Page(
        items=[OrganisationBody.model_validate(data) for data in items], next_cursor=following
    )


@router.get("/locations", **asks(Action.REGISTER_READ, Code.NOT_FOUND))
async def get_locations(
    here: Here,
    caller: Caller,
    region: Region = None,
    organisation_id: UUID | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[LocationBody]:
    """The locations in a region."""
    board = region_board(here, caller, region, Action.REGISTER_READ)
    found = _owned_by(board.all(Kind.LOCATION), organisation_id)
    items, following = _page(found, limit, cursor)
    return Page(items=[LocationBody.model_validate(data) for data in items], next_cursor=following)


@router.get("/pools", **asks(Action.CAPACITY_READ, Code.NOT_FOUND, Code.NOT_YET_THERE))
async def get_pools(
    here: Here,
    caller: Caller,
    region: Region = None,
    organisation_id: UUID | None = None,
    care_type: CareType | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
    min_position: MinPosition = None,
) -> Page[PoolBody]:
    """The pools in a region with their figures."""
    await reached(here, min_position)
    board = region_board(here, caller, region, Action.CAPACITY_READ)
    found = _owned_by(board.all(Kind.POOL), organisation_id)
    if care_type is not None:
        found = ((key, data) for key, data in found if care_type in data["care_types"])
    items, following = _page(found, limit, cursor)
    now = here.now()
    return Page(items=[_pool(board, data, now) for data in items], next_cursor=following)


@router.get("/pools/{pool_id}", **asks(Action.CAPACITY_READ, Code.NOT_FOUND, Code.NOT_YET_THERE))
async def get_pool(
    here: Here,
    caller: Caller,
    pool_id: UUID,
    response: Response,
    min_position: MinPosition = None,
) -> PoolBody:
    """One pool with its figures. The ETag is the version of the report that stands."""
    await reached(here, min_position)
    facts = here.board.pool(PoolId(pool_id))
    if facts is None:
        if not here.ready:
            raise Unavailable
        raise NotFound
    board = region_board(here, caller, facts.region_id, Action.CAPACITY_READ)
    data = board.get(Kind.POOL, pool_id)
    assert data is not None
    pool = _pool(board, orjson.loads(data), here.now())
    response.headers["etag"] = f'"{pool.capacity.version}"'
    return pool


@router.put(
    "/pools/{pool_id}/owner",
    status_code=204,
    **asks(
        Action.REGISTER_WRITE,
        Code.NOT_FOUND,
        Code.VERSION_CHANGED,
        Code.ALREADY_EXISTS,
        Code.OUTCOME_UNKNOWN,
        if_match=False,
    ),
)
async def put_owner(
    request: Request, here: Here, caller: Caller, pool_id: UUID, body: TransferBody
) -> None:
    """Gives a pool to another organisation. `If-Match` is the pool's own version."""
    await registers.transfer_pool(
        here,
        caller.actor,
        PoolId(pool_id),
        OrganisationId(body.organisation_id),
        shown_version(request),
        address=address_of(request),
    )


def _owned_by(
    found: Iterator[tuple[str, dict[str, Any]]], organisation_id: UUID | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    if organisation_id is None:
        return found
    return ((key, data) for key, data in found if data["organisation_id"] == str(organisation_id))


def _page(
    found: Iterable[tuple[str, dict[str, Any]]], limit: int, cursor: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    after = str(decode(cursor, _no_key, UUID)[1]) if cursor is not None else ""
    items: list[tuple[str, dict[str, Any]]] = []
    for key, data in found:
        if key <= after:
            continue
        if len(items) == limit:
            return [item for _, item in items], encode("", items[-1][0])
        items.append((key, data))
    return [item for _, item in items], None


def _no_key(text: str) -> None:
    if text:
        raise ValueError("these are sorted by id alone")


def _pool(board: RegionBoard, pool: dict[str, Any], now: datetime) -> PoolBody:
    state = board.get(Kind.CAPACITY, pool["id"])
    if state is None:
        # Made in the same commit, of which a board that is far behind may hold only a part.
        raise Unavailable
    figures = orjson.loads(state)
    until = figures["valid_until"]
    fresh = capacity.freshness(datetime.fromisoformat(until) if until else None, now)
    return PoolBody.model_validate({**pool, "capacity": {**figures, "freshness": fresh}})
