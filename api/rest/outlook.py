"""What will be free: `GET /v1/outlook`."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from api.boards import Cursor, Region, after_of, region_board
from api.cursors import Limit, encode
from api.positions import MinPosition, reached
from api.questions import AnswerBody, OutlookBody, PlaceBody, answer
from api.routing import Caller, GuardedRoute, Here, asks
from app.live.outlooks import region_outlook
from domain.actors import Action
from domain.capacity import Freshness
from domain.care_types import CareType
from domain.errors import Code

router = APIRouter(prefix="/v1", tags=["questions"], route_class=GuardedRoute)


class SumBody(BaseModel):
    """Pools together. The places are those of pools whose figure is fresh and known."""

    pools: int
    unknown: Annotated[int, Field(description="Never reported, or reported without figures.")]
    unconfirmed: Annotated[int, Field(description="Onbevestigd: past their time to live.")]
    stopped: Annotated[int, Field(description="With an opnamestop, whatever the figure says.")]
    outlook: OutlookBody


class CareTypeSumBody(SumBody):
    """The pools of a care type: those for it alone, or the `shared` ones that serve others too.

    A shared pool is in the sum of each of its care types, so these don't add up to the total.
    """

    care_type: CareType
    shared: bool


class GemeenteSumBody(SumBody):
    """The pools in a gemeente; null: it isn't known."""

    gemeente: str | None


class PoolOutlookBody(PlaceBody):
    """A pool's outlook, null while its figure is onbevestigd or unknown."""

    freshness: Freshness
    stopped: bool
    shared: Annotated[bool, Field(description="Serves several care types.")]
    outlook: OutlookBody


class RegionOutlookBody(AnswerBody):
    """The outlook of a region. Each pool counts once in `total`, which all gemeenten add up to.

    `total` is also the sum of what isn't shared in `by_care_type` and of `flexible`.
    """

    total: SumBody
    flexible: Annotated[SumBody, Field(description="Pools of several care types, each once.")]
    by_care_type: list[CareTypeSumBody]
    by_gemeente: list[GemeenteSumBody]
    items: list[PoolOutlookBody]


@router.get(
    "/outlook",
    responses={200: {"model": RegionOutlookBody}},
    **asks(Action.CAPACITY_READ, Code.NOT_FOUND, Code.NOT_YET_THERE, Code.UNKNOWN_POSITION),
)
async def get_outlook(
    here: Here,
    caller: Caller,
    care_type: CareType | None = None,
    gemeente: Annotated[str | None, Query(pattern=r"^[0-9]{4}$", description="CBS code.")] = None,
    region: Region = None,
    limit: Limit = 100,
    cursor: Cursor = None,
    min_position: MinPosition = None,
) -> Response:
    """Free places now, in 24 and 72 hours and in a week: per pool, and summed.

    An opnamestop makes a pool's places none until its expected end. The sums are of all pools that
    the question is about, whichever page is asked for.
    """
    await reached(here, min_position)
    board = region_board(here, caller, region, Action.CAPACITY_READ)
    now = here.now()
    found = region_outlook(
        board.places,
        now,
        care_type=care_type,
        gemeente=gemeente,
        limit=limit,
        after=str(after_of(cursor) or ""),
    )
    return answer(
        found.items,
        found.following and encode("", found.following),
        board.progress,
        now,
        **{
            name: orjson.dumps(getattr(found, name)).decode()
            for name in ("total", "flexible", "by_care_type", "by_gemeente")
        },
    )
