"""Home-care teams: listed and read with their stoplight, made, changed, given away and closed."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from api.boards import Cursor, Page, Region, Status, find, page_of, region_board, selected
from api.cursors import Limit
from api.positions import MinPosition, reached
from api.rest.home_care_reports import StandingTeamBody
from api.rest.organisations import Pc4, Telephone
from api.rest.pools import Minutes, OwnCode
from api.rest.regions import RegionNumber
from api.routing import Caller, GuardedRoute, Here, address_of, asks, shown_version
from api.writes import (
    IdempotencyKey,
    Input,
    Name,
    NewOwnerInput,
    WithPosition,
    named_request,
    needed_version,
)
from app.container import Container
from app.security.keys import Credential
from app.services import home_care_teams
from app.services.home_care_teams import TeamDetails
from app.services.written import Written
from domain import capacity
from domain.actors import Action
from domain.errors import Code
from domain.events import Kind
from domain.home_care import Coverage, Dagdeel, Skill
from domain.identifiers import OrganisationId, RegionId, TeamId
from domain.posting import PostingSchedule

router = APIRouter(prefix="/v1/home-care-teams", tags=["home-care"], route_class=GuardedRoute)

_MOST_PC4S = 500


class RegisteredTeamBody(BaseModel):
    """A home-care team: where it works and what it can."""

    id: UUID
    organisation_id: UUID
    external_id: str
    name: str
    telephone: str | None
    pc4s: list[str]
    skills: list[Skill]
    dagdelen: list[Dagdeel]
    posting_schedule: PostingSchedule
    time_to_live_minutes: int | None
    status: str
    version: Annotated[int, Field(description="Of the register, for changing and closing.")]


class TeamBody(RegisteredTeamBody):
    """A team with its stoplight."""

    report: StandingTeamBody


class WrittenTeamBody(RegisteredTeamBody, WithPosition):
    """A team's register side as it was written."""


class TeamInput(Input):
    """All that people fill in of a team. `external_id` is the provider's own code."""

    external_id: OwnCode
    name: Name
    telephone: Telephone | None = None
    pc4s: Annotated[tuple[Pc4, ...], Field(max_length=_MOST_PC4S, description="Where it works.")]
    skills: Annotated[tuple[Skill, ...], Field(max_length=len(Skill))]
    dagdelen: Annotated[tuple[Dagdeel, ...], Field(max_length=len(Dagdeel))]
    posting_schedule: PostingSchedule = PostingSchedule.WORKDAYS_TWICE
    time_to_live_minutes: Minutes | None = None

    def team(self) -> TeamDetails:
        """As the service takes it."""
        return TeamDetails(
            external_id=self.external_id,
            name=self.name,
            coverage=Coverage(
                frozenset(self.pc4s), frozenset(self.skills), frozenset(self.dagdelen)
            ),
            telephone=self.telephone,
            posting_schedule=self.posting_schedule,
            time_to_live_minutes=self.time_to_live_minutes,
        )


class NewTeamInput(TeamInput):
    """A new team of an organisation. The region may be left out when it works in one only."""

    organisation_id: UUID
    region_id: RegionNumber | None = None


@router.get("", **asks(Action.CAPACITY_READ, Code.NOT_FOUND, Code.NOT_YET_THERE))
async def get_teams(
    here: Here,
    caller: Caller,
    region: Region = None,
    organisation_id: UUID | None = None,
    pc4: Annotated[Pc4 | None, Query(description="Works in this postcode.")] = None,
    skill: Skill | None = None,
    status: Status = Status.ACTIVE,
    limit: Limit = 100,
    cursor: Cursor = None,
    min_position: MinPosition = None,
) -> Page[TeamBody]:
    """The teams in a region, with what they last said."""
    await reached(here, min_position)
    board = region_board(here, caller, region, Action.CAPACITY_READ)

    def found() -> Iterator[tuple[str, dict[str, Any]]]:
        teams = selected(board.all(Kind.HOME_CARE_TEAM), status, organisation_id=organisation_id)
        for key, data in teams:
            if (pc4 is None or pc4 in data["pc4s"]) and (skill is None or skill in data["skills"]):
                yield key, data

    items, following = page_of(found(), limit, cursor)
    now = here.now()
    return Page(items=[_team(here, caller, data, now) for data in items], next_cursor=following)


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
async def post_team(
    request: Request,
    here: Here,
    caller: Caller,
    body: NewTeamInput,
    idempotency_key: IdempotencyKey = None,
) -> WrittenTeamBody:
    """A new team."""
    written = await home_care_teams.create_team(
        here,
        caller.actor,
        OrganisationId(body.organisation_id),
        body.team(),
        RegionId(body.region_id) if body.region_id is not None else None,
        await named_request(request, caller, idempotency_key),
        address_of(request),
    )
    return _written(written)


@router.get("/{team_id}", **asks(Action.CAPACITY_READ, Code.NOT_FOUND, Code.NOT_YET_THERE))
async def get_team(
    here: Here,
    caller: Caller,
    team_id: UUID,
    response: Response,
    min_position: MinPosition = None,
) -> TeamBody:
    """One team. The ETag is the version of the report that stands."""
    await reached(here, min_position)
    data = find(here, caller, Kind.HOME_CARE_TEAM, team_id, Action.CAPACITY_READ)
    team = _team(here, caller, data, here.now())
    response.headers["etag"] = f'"{team.report.version}"'
    return team


@router.put(
    "/{team_id}",
    **asks(
        Action.REGISTER_WRITE,
        Code.NOT_FOUND,
        Code.ALREADY_CLOSED,
        Code.ALREADY_EXISTS,
        Code.VERSION_REQUIRED,
        Code.VERSION_CHANGED,
        Code.OUTCOME_UNKNOWN,
        if_match=True,
    ),
)
async def put_team(
    request: Request, here: Here, caller: Caller, team_id: UUID, body: TeamInput
) -> WrittenTeamBody:
    """What the register says of a team, anew. `If-Match` is the team's own `version`."""
    return _written(
        await home_care_teams.change_team(
            here,
            caller.actor,
            TeamId(team_id),
            body.team(),
            needed_version(request),
            address_of(request),
        )
    )


@router.put(
    "/{team_id}/owner",
    **asks(
        Action.REGISTER_WRITE,
        Code.NOT_FOUND,
        Code.ALREADY_CLOSED,
        Code.ALREADY_EXISTS,
        Code.VERSION_CHANGED,
        Code.OUTCOME_UNKNOWN,
        if_match=False,
    ),
)
async def put_team_owner(
    request: Request, here: Here, caller: Caller, team_id: UUID, body: NewOwnerInput
) -> WrittenTeamBody:
    """Gives a team to another organisation. `If-Match` is the team's own `version`."""
    return _written(
        await home_care_teams.transfer_team(
            here,
            caller.actor,
            TeamId(team_id),
            OrganisationId(body.organisation_id),
            shown_version(request),
            address_of(request),
        )
    )


@router.post(
    "/{team_id}/closure",
    **asks(
        Action.REGISTER_WRITE,
        Code.NOT_FOUND,
        Code.ALREADY_CLOSED,
        Code.VERSION_CHANGED,
        Code.OUTCOME_UNKNOWN,
        if_match=False,
    ),
)
async def post_team_closure(
    request: Request, here: Here, caller: Caller, team_id: UUID
) -> WrittenTeamBody:
    """Ends a team; what it said is kept."""
    return _written(
        await home_care_teams.close_team(
            here, caller.actor, TeamId(team_id), shown_version(request), address_of(request)
        )
    )


def _team(here: Container, caller: Credential, data: dict[str, Any], now: datetime) -> TeamBody:
    """A team with what it last said; both are made in one commit."""
    report = find(here, caller, Kind.HOME_CARE, data["id"], Action.CAPACITY_READ)
    until = datetime.fromisoformat(report["valid_until"]) if report["valid_until"] else None
    fresh = capacity.freshness(until, now)
    return TeamBody.model_validate({**data, "report": {**report, "freshness": fresh}})


def _written(written: Written[TeamId]) -> WrittenTeamBody:
    return WrittenTeamBody.model_validate({**written.state, "position": str(written.position)})
