"""Pools: listed and read with their figures, made, changed, given to another owner and closed."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from api.boards import Cursor, Page, Region, Status, page_of, region_board, selected
from api.cursors import Limit
from api.positions import MinPosition, reached
from api.rest.locations import Gemeente
from api.routing import Caller, GuardedRoute, Here, address_of, asks, shown_version
from api.writes import (
    IdempotencyKey,
    Input,
    Name,
    NewOwnerInput,
    WithPosition,
    named_request,
    needed_version,
    shown,
)
from app.live.board import RegionBoard
from app.services import pools
from app.services.written import Written
from domain import capacity
from domain.actors import Action
from domain.admission import AdmissionRules
from domain.capacity import Freshness, SourceKind
from domain.care_types import CareType, ClosedReason
from domain.errors import Code, NotFound, Unavailable
from domain.events import Kind
from domain.features import Feature
from domain.identifiers import LocationId, OrganisationId, PoolId
from domain.pools import LONGEST_MINUTES, SHORTEST_MINUTES, Pool, Posting
from domain.posting import PostingSchedule

router = APIRouter(prefix="/v1/pools", tags=["registers"], route_class=GuardedRoute)

#: A provider's own code: it stands in addresses, so it has no slash.
OwnCode = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f/]+$")]
Minutes = Annotated[
    int,
    Field(
        strict=True,
        ge=SHORTEST_MINUTES,
        le=LONGEST_MINUTES,
        description="How long a figure is believed at most; the schedule may make it shorter.",
    ),
]


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
    features: list[Feature]
    admission_rules: dict[str, Any] | None
    posting_schedule: PostingSchedule
    time_to_live_minutes: int | None
    status: str
    version: int
    capacity: CapacityBody


class WrittenPoolBody(PoolBody, WithPosition):
    """A pool as it was written."""


class PoolInput(Input):
    """All that people fill in of a pool. Multifunctional beds share no places with other care."""

    external_id: OwnCode
    name: Name
    care_types: Annotated[list[CareType], Field(min_length=1, max_length=len(CareType))]
    features: Annotated[list[Feature], Field(max_length=len(Feature))] = Field(default_factory=list)
    admission_rules: Annotated[
        dict[str, Any] | None,
        Field(
            description="Opnamedagen and opnamevenster; null: at any hour.",
            examples=[{"days": ["ma", "di"], "opens": "10:00", "closes": "15:00"}],
        ),
    ] = None
    posting_schedule: PostingSchedule = PostingSchedule.WORKDAYS_TWICE
    time_to_live_minutes: Minutes | None = None

    def pool(self) -> Pool:
        """As the domain has it. Raises InvalidInput."""
        rules = self.admission_rules
        return Pool(
            external_id=self.external_id,
            name=self.name,
            care_types=tuple(self.care_types),
            posting=Posting(self.posting_schedule, self.time_to_live_minutes),
            features=frozenset(self.features),
            admission_rules=(
                AdmissionRules.from_json(rules, "/admission_rules") if rules is not None else None
            ),
        )


class NewPoolInput(PoolInput):
    """A new pool at a location."""

    location_id: UUID


class PostingInput(Input):
    """When figures are due (left out: as it is), and how long they are believed at most."""

    posting_schedule: PostingSchedule | None = None
    time_to_live_minutes: Minutes | None


@router.get("", **asks(Action.CAPACITY_READ, Code.NOT_FOUND, Code.NOT_YET_THERE))
async def get_pools(
    here: Here,
    caller: Caller,
    region: Region = None,
    organisation_id: UUID | None = None,
    location_id: UUID | None = None,
    gemeente: Gemeente | None = None,
    care_type: CareType | None = None,
    status: Status = Status.ACTIVE,
    limit: Limit = 100,
    cursor: Cursor = None,
    min_position: MinPosition = None,
) -> Page[PoolBody]:
    """The pools in a region with their figures."""
    await reached(here, min_position)
    board = region_board(here, caller, region, Action.CAPACITY_READ)
    found = selected(
        board.all(Kind.POOL), status, organisation_id=organisation_id, location_id=location_id
    )
    if care_type is not None:
        found = ((key, data) for key, data in found if care_type in data["care_types"])
    if gemeente is not None:
        there = {key for key, data in board.all(Kind.LOCATION) if data["gemeente"] == gemeente}
        found = ((key, data) for key, data in found if data["location_id"] in there)
    items, following = page_of(found, limit, cursor)
    now = here.now()
    return Page(items=[_pool(board, data, now) for data in items], next_cursor=following)


@router.post(
    "",
    status_code=201,
    **asks(
        Action.REGISTER_WRITE,
        Code.NOT_FOUND,
        Code.ALREADY_CLOSED,
        Code.ALREADY_EXISTS,
        Code.IDEMPOTENCY_MISMATCH,
        Code.OUTCOME_UNKNOWN,
    ),
)
async def post_pool(
    request: Request,
    here: Here,
    caller: Caller,
    body: NewPoolInput,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> WrittenPoolBody:
    """A new pool, of the location's owner. The ETag is the pool's own version."""
    written = await pools.create_pool(
        here,
        caller.actor,
        LocationId(body.location_id),
        body.pool(),
        await named_request(request, caller, idempotency_key),
        address_of(request),
    )
    return _written(written, response, here.now())


@router.get("/{pool_id}", **asks(Action.CAPACITY_READ, Code.NOT_FOUND, Code.NOT_YET_THERE))
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
    "/{pool_id}",
    **asks(
        Action.REGISTER_WRITE,
        Code.NOT_FOUND,
        Code.ALREADY_CLOSED,
        Code.STILL_IN_USE,
        Code.VERSION_REQUIRED,
        Code.VERSION_CHANGED,
        Code.ALREADY_EXISTS,
        Code.OUTCOME_UNKNOWN,
        if_match=True,
    ),
)
async def put_pool(
    request: Request,
    here: Here,
    caller: Caller,
    pool_id: UUID,
    body: PoolInput,
    response: Response,
) -> WrittenPoolBody:
    """All of a pool's register side anew. `If-Match` and the ETag are the pool's own version."""
    written = await pools.change_pool(
        here,
        caller.actor,
        PoolId(pool_id),
        body.pool(),
        needed_version(request),
        address_of(request),
    )
    return _written(written, response, here.now())


@router.put(
    "/{pool_id}/posting",
    **asks(
        Action.POSTING_WRITE,
        Code.NOT_FOUND,
        Code.ALREADY_CLOSED,
        Code.VERSION_REQUIRED,
        Code.VERSION_CHANGED,
        Code.OUTCOME_UNKNOWN,
        if_match=True,
    ),
)
async def put_posting(
    request: Request,
    here: Here,
    caller: Caller,
    pool_id: UUID,
    body: PostingInput,
    response: Response,
) -> WrittenPoolBody:
    """When figures are due and how long they are believed; a provider can only tighten its own."""
    written = await pools.set_posting(
        here,
        caller.actor,
        PoolId(pool_id),
        body.posting_schedule,
        body.time_to_live_minutes,
        needed_version(request),
        address_of(request),
    )
    return _written(written, response, here.now())


@router.put(
    "/{pool_id}/owner",
    status_code=204,
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
async def put_owner(
    request: Request, here: Here, caller: Caller, pool_id: UUID, body: NewOwnerInput
) -> None:
    """Gives a pool to another organisation. `If-Match` is the pool's own version."""
    await pools.transfer_pool(
        here,
        caller.actor,
        PoolId(pool_id),
        OrganisationId(body.organisation_id),
        shown_version(request),
        address=address_of(request),
    )


@router.post(
    "/{pool_id}/closure",
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
async def post_pool_closure(
    request: Request, here: Here, caller: Caller, pool_id: UUID, response: Response
) -> WrittenPoolBody:
    """Ends a pool in which nothing is held. `If-Match` is the pool's own version."""
    written = await pools.close_pool(
        here, caller.actor, PoolId(pool_id), shown_version(request), address_of(request)
    )
    return _written(written, response, here.now())


def _pool(board: RegionBoard, pool: dict[str, Any], now: datetime) -> PoolBody:
    state = board.get(Kind.CAPACITY, pool["id"])
    if state is None:
        # Made in the same commit, of which a board that is far behind may hold only a part.
        raise Unavailable
    return PoolBody.model_validate({**pool, "capacity": _figures(orjson.loads(state), now)})


def _written(written: Written[PoolId], response: Response, now: datetime) -> WrittenPoolBody:
    state = shown(written, response)
    return WrittenPoolBody.model_validate({**state, "capacity": _figures(state["capacity"], now)})


def _figures(state: dict[str, Any], now: datetime) -> dict[str, Any]:
    until = state["valid_until"]
    fresh = capacity.freshness(datetime.fromisoformat(until) if until else None, now)
    return {**state, "freshness": fresh}
