"""Which pools can take someone: `GET /v1/availability`."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api.boards import region_board
from api.cursors import decode, encode
from api.positions import reached
from api.questions import AnswerBody, AskedPostcode, OutlookBody, PlaceBody, Question, answer
from api.rest.reports import Moment
from api.routing import LeanRoute, asks, caller_of, container_of
from app.container import Container
from app.live.places import After, PlaceQuestion, Sort
from domain.actors import Action
from domain.capacity import Freshness, SourceKind
from domain.care_types import CareType
from domain.errors import Code, InvalidInput, Unavailable
from domain.events import Kind
from domain.features import Feature
from domain.geography import Point, pc4_of
from domain.identifiers import EVERYWHERE

hot = APIRouter(prefix="/v1", tags=["questions"], route_class=LeanRoute)

_MOST_FREE = 50
_FURTHEST_KM = 500


class AvailabilityQuery(Question):
    """Who is looked for."""

    care_type: CareType
    near: Annotated[AskedPostcode | None, Field(description="PC4 or PC6 to be near to.")] = None
    within_km: Annotated[
        float | None,
        Query(
            gt=0, le=_FURTHEST_KM, allow_inf_nan=False, description="As the crow flies; needs near."
        ),
    ] = None
    feature: Annotated[
        list[Feature],
        Query(max_length=len(Feature), description="May be repeated: a pool has to have them all."),
    ] = []  # noqa: RUF012 - pydantic copies it
    gemeente: Annotated[str | None, Query(pattern=r"^[0-9]{4}$", description="CBS code.")] = None
    min_free: Annotated[
        int, Query(ge=1, le=_MOST_FREE, description="Places free from the admission on.")
    ] = 1
    admit_by: Annotated[
        Moment | None, Query(description="The vroegste opname is at this moment or before it.")
    ] = None
    sort: Annotated[
        Sort | None, Query(description="By default nearest with near, and soonest without.")
    ] = None


class FoundPoolBody(PlaceBody):
    """A pool that can take someone. A flexible pool is one item, its places counted once."""

    free: int
    balance: int
    source: SourceKind
    observed_at: datetime
    valid_until: datetime
    freshness: Freshness
    distance_km: Annotated[
        float | None, Field(description="As the crow flies; null without near, or a point there.")
    ]
    earliest_admission: Annotated[datetime, Field(description="Vroegste opname.")]
    admissible_now: bool
    free_at_admission: int
    outlook: OutlookBody


class AvailabilityBody(AnswerBody):
    """The pools that can take someone, and how many may but don't tell."""

    unconfirmed: Annotated[
        int,
        Field(
            description="Pools of this care type, with these features and within the distance and"
            " gemeente, that are left out: their figure is onbevestigd or unknown."
        ),
    ]
    items: list[FoundPoolBody]


@hot.get(
    "/availability",
    responses={200: {"model": AvailabilityBody}},
    **asks(Action.CAPACITY_READ, Code.NOT_FOUND, Code.NOT_YET_THERE, Code.UNKNOWN_POSITION),
)
async def get_availability(
    request: Request, query: Annotated[AvailabilityQuery, Query()]
) -> Response:
    """The pools that can take someone, matched on their vroegste opname.

    A figure that is onbevestigd or unknown never counts as free.
    """
    here = container_of(request)
    await reached(here, query.min_position)
    board = region_board(here, caller_of(request), query.region, Action.CAPACITY_READ)
    question = _question(here, query)
    now = here.now()
    found = board.places.ask(question, now)
    following = None if found.following is None else _cursor(question.sort, found.following)
    return answer(found.items, following, board.progress, now, unconfirmed=str(found.unconfirmed))


def _question(here: Container, query: AvailabilityQuery) -> PlaceQuestion:
    near = None if query.near is None else _point(here, query.near)
    if near is None:
        if query.within_km is not None:
            raise InvalidInput("Geef bij within_km ook near: waarvandaan?", "within_km")
        if query.sort is Sort.NEAREST:
            raise InvalidInput("Geef bij sort=nearest ook near: dichtbij wat?", "sort")
    sort = query.sort or (Sort.SOONEST if near is None else Sort.NEAREST)
    return PlaceQuestion(
        care_type=query.care_type,
        features=frozenset(query.feature),
        gemeente=query.gemeente,
        near=near,
        within_km=query.within_km,
        min_free=query.min_free,
        admit_by=query.admit_by,
        sort=sort,
        limit=query.limit,
        after=None if query.cursor is None else _after(sort, query.cursor),
    )


def _point(here: Container, postcode: str) -> Point:
    pc4 = pc4_of(postcode, "near")
    everywhere = here.board.regions.get(EVERYWHERE)
    if everywhere is None:
        raise Unavailable
    state = everywhere.get(Kind.POSTCODE, pc4)
    if state is None:
        raise InvalidInput(
            f"Postcode {pc4} kennen we niet. Controleer de vier cijfers, of neem een postcode in"
            " de buurt.",
            "near",
        )
    data = orjson.loads(state)
    return Point(data["latitude"], data["longitude"])


def _cursor(sort: Sort, after: After) -> str:
    return encode(f"{sort}.{after.metres}.{after.minute}.{after.free}", after.pool_id)


def _after(sort: Sort, cursor: str) -> After:
    numbers, pool_id = decode(cursor, lambda text: _numbers(sort, text), UUID)
    return After(*numbers, str(pool_id))


def _numbers(sort: Sort, text: str) -> tuple[int, int, int]:
    of, *numbers = text.split(".")
    if of != sort or not all(
        part.isascii() and part.isdigit() and len(part) < 10 for part in numbers
    ):
        raise ValueError("not a place in this order")
    metres, minute, free = map(int, numbers)
    return metres, minute, free
