"""Which home-care teams can start: `GET /v1/home-care`."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from api.boards import region_board
from api.cursors import decode, encode
from api.positions import reached
from api.questions import AnswerBody, AskedDay, AskedPostcode, ContactBody, Question, answer
from api.routing import LeanRoute, asks, caller_of, container_of
from app.live.teams import AfterTeam, TeamQuestion
from domain.actors import Action
from domain.capacity import Freshness, SourceKind
from domain.errors import Code
from domain.geography import pc4_of
from domain.home_care import Dagdeel, Light, Reason, Skill

hot = APIRouter(prefix="/v1", tags=["questions"], route_class=LeanRoute)


class HomeCareQuery(Question):
    """Which care is looked for, where and from when."""

    postcode: AskedPostcode
    skill: Annotated[Skill | None, Query(description="What has to be done.")] = None
    dagdeel: Annotated[Dagdeel | None, Query(description="When someone has to come.")] = None
    start_by: Annotated[
        AskedDay | None, Query(description="The last day on which the care has to begin.")
    ] = None


class ReasonBody(BaseModel):
    """Why a team fits only partly, with the Dutch that a person reads."""

    code: Reason
    label: str


class FoundExceptionBody(BaseModel):
    """Where a team's answer differs: for a skill, a dagdeel, or that skill in that dagdeel."""

    light: Light
    skill: Skill | None
    dagdeel: Dagdeel | None
    earliest_start: date | None


class FoundTeamBody(BaseModel):
    """A team that works in the postcode, and how far it fits."""

    id: UUID
    name: str
    telephone: str | None
    organisation: ContactBody
    skills: list[Skill]
    dagdelen: list[Dagdeel]
    light: Annotated[Light | None, Field(description="For what was asked; null: never reported.")]
    start: Annotated[date | None, Field(description="The first day it can begin; null: unknown.")]
    fits: Annotated[bool, Field(description="Nothing stands in the way.")]
    reasons: Annotated[list[ReasonBody], Field(description="Why it fits only partly.")]
    exceptions: list[FoundExceptionBody]
    hours: Annotated[int | None, Field(description="Hours a week it still has, when it says so.")]
    source: SourceKind | None
    observed_at: datetime | None
    valid_until: datetime | None
    freshness: Freshness


class HomeCareBody(AnswerBody):
    """The teams that work in a postcode: full fits by first day, then partial ones."""

    items: list[FoundTeamBody]


@hot.get(
    "/home-care",
    responses={200: {"model": HomeCareBody}},
    **asks(Action.CAPACITY_READ, Code.NOT_FOUND, Code.NOT_YET_THERE, Code.UNKNOWN_POSITION),
)
async def get_home_care(request: Request, query: Annotated[HomeCareQuery, Query()]) -> Response:
    """The home-care teams of a postcode, those that can start soonest first, and why others don't fit.

    A team that doesn't work in the postcode isn't listed.
    """
    here = container_of(request)
    await reached(here, query.min_position)
    board = region_board(here, caller_of(request), query.region, Action.CAPACITY_READ)
    question = TeamQuestion(
        pc4=pc4_of(query.postcode, "postcode"),
        skill=query.skill,
        dagdeel=query.dagdeel,
        start_by=query.start_by,
        limit=query.limit,
        after=None if query.cursor is None else _after(query.cursor),
    )
    now = here.now()
    found = board.teams.ask(question, now)
    following = None if found.following is None else _cursor(found.following)
    return answer(found.items, following, board.progress, now)


def _cursor(after: AfterTeam) -> str:
    return encode(f"{after.rank}.{after.day}", after.team_id)


def _after(cursor: str) -> AfterTeam:
    (rank, day), team_id = decode(cursor, _numbers, UUID)
    return AfterTeam(rank, day, str(team_id))


def _numbers(text: str) -> tuple[int, int]:
    parts = text.split(".")
    if not all(part.isascii() and part.isdigit() and len(part) < 8 for part in parts):
        raise ValueError("not a place in this order")
    rank, day = map(int, parts)
    return rank, day
