"""Feed health: how a source does, and what it reports while it is in the sandbox."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.boards import Cursor, Page, after_of
from api.cursors import Limit, decode, encode, moment_of
from api.routing import Caller, GuardedRoute, Here, asks
from app.db.feed_health import Stands
from app.db.sandbox_reports import Place, SandboxReport
from app.services import feed_health
from app.services.feed_health import MOST_DAYS, Health
from domain.actors import Action
from domain.capacity import SourceKind
from domain.errors import Code, InvalidInput
from domain.plausibility import ODDITY_LABELS

router = APIRouter(prefix="/v1", tags=["sources"], route_class=GuardedRoute)


class StandsBody(BaseModel):
    """What a source reported last, and how much of that is still believed."""

    reported: int
    fresh: int
    unconfirmed: int


class WarningCount(BaseModel):
    """How often a warning stood on its reports."""

    code: str
    label: str
    count: int


class PostingBody(BaseModel):
    """Postings of the pools and teams that it reports: due by their schedule, and what came.

    A posting comes when a report is observed from an hour before its moment on and received by an
    hour after it.
    """

    due: int
    missed: int
    days_due: Annotated[int, Field(description="Days on which something was due.")]
    days_complete: Annotated[int, Field(description="Of these: everything came.")]
    missed_days: Annotated[list[date], Field(description="Of these: something didn't.")]


class HealthBody(BaseModel):
    """How a source did from `from` until `until`."""

    source_id: UUID
    organisation_id: UUID
    kind: SourceKind
    name: str
    sandbox: bool
    since: Annotated[datetime, Field(alias="from")]
    until: datetime
    last_report_at: Annotated[
        datetime | None, Field(description="Null: nothing this month, and nothing of it stands.")
    ]
    pools: StandsBody
    beds: StandsBody
    teams: StandsBody
    reports: Annotated[int, Field(description="That came in, of pools, beds and teams.")]
    accepted: int
    superseded: int
    sandbox_reports: Annotated[
        int, Field(description="That would have counted or been superseded.")
    ]
    confirmations: Annotated[int, Field(description="Of the reports: `klopt nog`.")]
    late: Annotated[
        int, Field(description="More than 15 minutes and its own lag after the observation.")
    ]
    warnings: int
    warnings_by_code: list[WarningCount]
    posting: PostingBody


class SandboxReportBody(BaseModel):
    """A report that was checked and kept, and counted for nothing."""

    kind: Literal["pool", "bed", "home-care-team"]
    subject_id: UUID
    exists: Annotated[bool, Field(description="There is such a pool, bed or team.")]
    external_id: str | None
    name: str | None
    confirmation: bool
    stated_at: datetime
    observed_at: datetime
    received_at: datetime
    figures: Annotated[dict[str, Any], Field(description="As a report of this kind has them.")]
    warnings: Annotated[list[str], Field(description="`code:field` each.")]
    note: str | None


Days = Annotated[int, Query(ge=1, le=MOST_DAYS, description="How many days to look back.")]


@router.get("/feed-health", **asks(Action.SOURCE_READ))
async def get_feed_health(
    here: Here,
    caller: Caller,
    days: Days = 7,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Cursor = None,
) -> Page[HealthBody]:
    """How every source does that the caller may see, by id."""
    found = await feed_health.feed_health(
        here, caller.actor, days, after=after_of(cursor), limit=limit + 1
    )
    page = found[:limit]
    following = encode("", str(page[-1].source.id)) if len(found) > limit else None
    return Page(items=[_health(health) for health in page], next_cursor=following)


@router.get("/sources/{source_id}/health", **asks(Action.SOURCE_READ, Code.NOT_FOUND))
async def get_source_health(
    here: Here, caller: Caller, source_id: UUID, days: Days = 7
) -> HealthBody:
    """How a source does."""
    return _health(await feed_health.source_health(here, caller.actor, source_id, days))


@router.get("/sources/{source_id}/sandbox-reports", **asks(Action.SOURCE_READ, Code.NOT_FOUND))
async def get_sandbox_reports(
    here: Here, caller: Caller, source_id: UUID, limit: Limit = 100, cursor: Cursor = None
) -> Page[SandboxReportBody]:
    """What a source reported in the sandbox over the last 31 days, the newest first."""
    before = _place(*decode(cursor, moment_of, str)) if cursor is not None else None
    found = await feed_health.sandbox_reports(
        here, caller.actor, source_id, before=before, limit=limit + 1
    )
    page = found[:limit]
    following = None
    if len(found) > limit:
        last = page[-1].place
        following = encode(
            last.received_at.isoformat(),
            f"{last.subject_id} {last.stated_at.isoformat()} {last.digest.hex()}",
        )
    return Page(items=[_sandbox_report(report) for report in page], next_cursor=following)


def _health(health: Health) -> HealthBody:
    source, counts = health.source, health.counts
    return HealthBody(
        source_id=source.id,
        organisation_id=source.organisation_id,
        kind=source.kind,
        name=source.name,
        sandbox=source.sandbox,
        **{"from": health.since},
        until=health.until,
        last_report_at=health.last_report_at,
        pools=_stands(health.stands.get("pools")),
        beds=_stands(health.stands.get("beds")),
        teams=_stands(health.stands.get("teams")),
        reports=counts.reports,
        accepted=counts.accepted,
        superseded=counts.superseded,
        sandbox_reports=counts.sandbox,
        confirmations=counts.confirmations,
        late=counts.late,
        warnings=sum(health.warnings.values()),
        warnings_by_code=[
            WarningCount(code=code, label=_LABELS.get(code, code), count=count)
            for code, count in health.warnings.items()
        ],
        posting=PostingBody(
            due=sum(day.due for day in health.postings),
            missed=sum(day.missed for day in health.postings),
            days_due=len(health.postings),
            days_complete=len(health.postings) - len(health.missed_days),
            missed_days=health.missed_days,
        ),
    )


#: By code; history may hold one that a later release doesn't know any more.
_LABELS = {oddity.value: label for oddity, label in ODDITY_LABELS.items()}


def _stands(stands: Stands | None) -> StandsBody:
    found = stands or Stands()
    return StandsBody(
        reported=found.reported, fresh=found.fresh, unconfirmed=found.reported - found.fresh
    )


def _sandbox_report(report: SandboxReport) -> SandboxReportBody:
    return SandboxReportBody.model_validate(
        {
            **{name: getattr(report, name) for name in report.__slots__ if name != "digest"},
            "exists": report.name is not None,
            "warnings": list(report.warnings),
        }
    )


def _place(received_at: datetime, tie: str) -> Place:
    try:
        subject_id, stated_at, digest = tie.split(" ")
        return Place(received_at, UUID(subject_id), moment_of(stated_at), bytes.fromhex(digest))
    except ValueError as error:
        raise InvalidInput("Deze cursor komt niet van ons.", "cursor") from error
