"""Reports of home-care teams: their stoplight, "klopt nog", and what was said before."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from api.boards import Cursor
from api.cursors import Limit, decode, encode, moment_of
from api.observed import (
    ETAG,
    Agb,
    Day,
    ExternalId,
    ObservedInput,
    ObservedReceiptBody,
    StandingBody,
    receipt_data,
)
from api.rest.reports import Count
from api.routing import Caller, GuardedRoute, Here, address_of, asks, shown_version
from api.writes import Input, needed_version
from app.container import Container
from app.db.home_care_teams import TeamPlace
from app.security.keys import Credential
from app.services import home_care_reports
from app.services.observations import Receipt
from domain.actors import Action
from domain.capacity import Outcome, SourceKind
from domain.errors import Code
from domain.home_care import Dagdeel, Light, Skill, TeamException, TeamReport
from domain.identifiers import TeamId

router = APIRouter(prefix="/v1", tags=["home-care"], route_class=GuardedRoute)

_MOST_EXCEPTIONS = (len(Skill) + 1) * (len(Dagdeel) + 1) - 1


class ExceptionBody(BaseModel):
    """Where a team's answer differs: for a skill, a dagdeel, or that skill in that dagdeel."""

    skill: Skill | None
    dagdeel: Dagdeel | None
    light: Light
    earliest_start: date | None


class SaidOfTeamBody(BaseModel):
    """What a team says."""

    light: Light | None
    earliest_start: date | None
    hours: int | None
    exceptions: list[ExceptionBody]


class StandingTeamBody(StandingBody, SaidOfTeamBody):
    """What was last reported of a team."""


class ExceptionInput(Input):
    """Where a team's answer differs: for a skill, a dagdeel, or that skill in that dagdeel."""

    skill: Skill | None = None
    dagdeel: Dagdeel | None = None
    light: Light
    earliest_start: Day | None = None


class TeamReportInput(ObservedInput):
    """What a team says; it replaces all that it said before.

    groen: takes clients; oranje: in overleg; rood: takes none. Without an earliest start groen and
    oranje are at once, and rood is until further notice.
    """

    light: Light
    earliest_start: Day | None = None
    hours: Annotated[Count | None, Field(description="Hours a week still free; optional.")] = None
    exceptions: Annotated[tuple[ExceptionInput, ...], Field(max_length=_MOST_EXCEPTIONS)] = ()

    def report(self) -> TeamReport:
        """Without the times."""
        return TeamReport(
            self.light,
            self.earliest_start,
            tuple(
                TeamException(said.light, said.skill, said.dagdeel, said.earliest_start)
                for said in self.exceptions
            ),
            self.hours,
        )


class TeamReceiptBody(ObservedReceiptBody):
    """What became of a team's report, and the report that stands now."""

    team_id: UUID


class PastTeamReportBody(SaidOfTeamBody):
    """An earlier report, as it was given."""

    outcome: Outcome
    version: int | None
    confirmation: bool
    source: SourceKind
    stated_at: datetime
    observed_at: datetime
    received_at: datetime
    note: str | None


class PastTeamReportsBody(BaseModel):
    """A page of earlier reports, newest observation first."""

    items: list[PastTeamReportBody]
    next_cursor: str | None


_REFUSALS = (
    Code.NOT_FOUND,
    Code.ALREADY_CLOSED,
    Code.VERSION_CHANGED,
    Code.OUTCOME_UNKNOWN,
)
_RECEIPT: dict[str, Any] = {"responses": {200: {"headers": ETAG}}}
_REPORT: dict[str, Any] = {
    **_RECEIPT,
    **asks(Action.CAPACITY_REPORT, *_REFUSALS, Code.OBSERVED_IN_FUTURE, if_match=False),
}


@router.put("/home-care-teams/{team_id}/report", **_REPORT)
async def put_team_report(
    request: Request,
    here: Here,
    caller: Caller,
    team_id: UUID,
    body: TeamReportInput,
    response: Response,
) -> TeamReceiptBody:
    """Reports a team: the newest observation stands. Repeating the same report is harmless."""
    place = await home_care_reports.find_team(here, TeamId(team_id))
    return await _report(request, here, caller, place, body, response)


@router.put("/organisations/{agb}/home-care-teams/{team_external_id}/report", **_REPORT)
async def put_team_report_by_external_id(
    request: Request,
    here: Here,
    caller: Caller,
    agb: Agb,
    team_external_id: ExternalId,
    body: TeamReportInput,
    response: Response,
) -> TeamReceiptBody:
    """Reports a team by its owner's AGB-code and the owner's own code for it."""
    place = await home_care_reports.find_team_by_external_id(here, agb, team_external_id)
    return await _report(request, here, caller, place, body, response)


@router.post(
    "/home-care-teams/{team_id}/confirmation",
    **_RECEIPT,
    **asks(
        Action.CAPACITY_REPORT,
        *_REFUSALS,
        Code.NOTHING_TO_CONFIRM,
        Code.VERSION_REQUIRED,
        if_match=True,
    ),
)
async def post_team_confirmation(
    request: Request, here: Here, caller: Caller, team_id: UUID, response: Response
) -> TeamReceiptBody:
    """Says "klopt nog": what is shown is true now. `If-Match` says which report was shown."""
    place = await home_care_reports.find_team(here, TeamId(team_id))
    receipt = await home_care_reports.confirm_team(
        here, caller, place, needed_version(request), address=address_of(request)
    )
    return _receipt(receipt, response)


@router.get("/home-care-teams/{team_id}/reports", **asks(Action.CAPACITY_HISTORY, Code.NOT_FOUND))
async def get_team_reports(
    here: Here, caller: Caller, team_id: UUID, limit: Limit = 100, cursor: Cursor = None
) -> PastTeamReportsBody:
    """Earlier reports of a team, late ones too."""
    place = await home_care_reports.find_team(here, TeamId(team_id))
    before = decode(cursor, moment_of, bytes.fromhex) if cursor is not None else None
    found = await home_care_reports.history(here, caller, place, before=before, limit=limit + 1)
    page = found[:limit]
    following = None
    if len(found) > limit:
        following = encode(page[-1].stated_at.isoformat(), page[-1].digest.hex())
    return PastTeamReportsBody(
        items=[PastTeamReportBody.model_validate(past, from_attributes=True) for past in page],
        next_cursor=following,
    )


async def _report(
    request: Request,
    here: Container,
    caller: Credential,
    place: TeamPlace,
    body: TeamReportInput,
    response: Response,
) -> TeamReceiptBody:
    receipt = await home_care_reports.report_team(
        here,
        caller,
        place,
        body.report(),
        body.told(shown_version(request)),
        address=address_of(request),
    )
    return _receipt(receipt, response)


def _receipt(receipt: Receipt, response: Response) -> TeamReceiptBody:
    response.headers["etag"] = f'"{receipt.version}"'
    return TeamReceiptBody.model_validate({"team_id": receipt.id, **receipt_data(receipt)})
