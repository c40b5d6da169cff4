"""Regions: listed, read, made and renamed."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from api.boards import find, region_board
from api.positions import MinPosition, reached
from api.routing import Caller, GuardedRoute, Here, address_of, asks
from api.writes import (
    IdempotencyKey,
    Input,
    Name,
    WithPosition,
    named_request,
    needed_version,
    shown,
)
from app.services import regions
from domain.actors import Action
from domain.errors import Code
from domain.events import Kind
from domain.identifiers import EVERYWHERE, RegionId

router = APIRouter(prefix="/v1/regions", tags=["registers"], route_class=GuardedRoute)

RegionNumber = Annotated[int, Field(strict=True, ge=1, le=32767)]
Slug = Annotated[str, Field(min_length=1, max_length=50, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class RegionBody(BaseModel):
    """A zorgkantoorregio; region 0 is everybody's."""

    id: int
    code: str
    name: str
    version: int


class WrittenRegionBody(RegionBody, WithPosition):
    """A region as it was written."""


class RegionInput(Input):
    """What people fill in of a region."""

    code: Slug
    name: Name


class NewRegionInput(RegionInput):
    """A new region, with the number that its stream goes by."""

    id: RegionNumber


@router.get("", **asks(Action.REGISTER_READ))
async def get_regions(here: Here, caller: Caller) -> list[RegionBody]:
    """All regions."""
    board = region_board(here, caller, EVERYWHERE, Action.REGISTER_READ)
    return [RegionBody.model_validate(data) for _, data in board.all(Kind.REGION)]


@router.post(
    "",
    status_code=201,
    **asks(
        Action.REGISTER_WRITE,
        Code.ALREADY_EXISTS,
        Code.IDEMPOTENCY_MISMATCH,
        Code.OUTCOME_UNKNOWN,
    ),
)
async def post_region(
    request: Request,
    here: Here,
    caller: Caller,
    body: NewRegionInput,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> WrittenRegionBody:
    """A new region, with a stream of its own."""
    written = await regions.create_region(
        here,
        caller.actor,
        RegionId(body.id),
        body.code,
        body.name,
        await named_request(request, caller, idempotency_key),
        address_of(request),
    )
    return WrittenRegionBody.model_validate(shown(written, response))


@router.get("/{region_id}", **asks(Action.REGISTER_READ, Code.NOT_FOUND, Code.NOT_YET_THERE))
async def get_region(
    here: Here,
    caller: Caller,
    region_id: Annotated[int, Path(ge=0, le=32767)],
    response: Response,
    min_position: MinPosition = None,
) -> RegionBody:
    """One region."""
    await reached(here, min_position)
    region = RegionBody.model_validate(
        find(here, caller, Kind.REGION, region_id, Action.REGISTER_READ)
    )
    response.headers["etag"] = f'"{region.version}"'
    return region


@router.put(
    "/{region_id}",
    **asks(
        Action.REGISTER_WRITE,
        Code.NOT_FOUND,
        Code.VERSION_REQUIRED,
        Code.VERSION_CHANGED,
        Code.ALREADY_EXISTS,
        Code.OUTCOME_UNKNOWN,
        if_match=True,
    ),
)
async def put_region(
    request: Request,
    here: Here,
    caller: Caller,
    region_id: Annotated[int, Path(ge=0, le=32767)],
    body: RegionInput,
    response: Response,
) -> WrittenRegionBody:
    """Another code and name for a region."""
    written = await regions.change_region(
        here,
        caller.actor,
        RegionId(region_id),
        body.code,
        body.name,
        needed_version(request),
        address_of(request),
    )
    return WrittenRegionBody.model_validate(shown(written, response))
