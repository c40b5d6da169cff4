"""Capacity in: reports of a pool, "klopt nog", and what was reported before."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from api.cursors import Limit, decode, encode, moment_of
from api.routing import (
    Caller,
    GuardedRoute,
    Here,
    LeanRoute,
    address_of,
    asks,
    caller_of,
    container_of,
    shown_version,
)
from app.db.report_history import PastReport
from app.live.board import PoolFacts
from app.services import bed_reports, reports
from app.services.reports import Given, Receipt
from domain.actors import Action
from domain.capacity import MAX_PLACES, Figures, Outcome, SourceKind
from domain.care_types import ClosedReason
from domain.errors import Code
from domain.identifiers import PoolId
from domain.outlook import MAX_DATES, NO_FORECAST, Forecast
from domain.plausibility import ODDITY_LABELS, Doubt, Oddity

#: The busiest calls are solved leanly; the rest as usual.
hot = APIRouter(prefix="/v1", tags=["capacity"], route_class=LeanRoute)
router = APIRouter(prefix="/v1", tags=["capacity"], route_class=GuardedRoute)

Count = Annotated[int, Field(strict=True, ge=0, le=MAX_PLACES)]
#: Text of one line.
NO_CONTROLS = r"^[^\x00-\x1f\x7f]*$"
#: Far enough from the ends of the calendar for every sum with it.
_EARLIEST = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
_LATEST = datetime.fromisoformat("2200-01-01T00:00:00+00:00")


def _written_out(value: object) -> object:
    """A number is no moment, though some would read one as seconds and others as milliseconds."""
    if not isinstance(value, str) or value[4:5] != "-":
        raise PydanticCustomError("datetime_type", "not a moment")
    return value


def _day_written_out(value: object) -> object:
    """A text of ten signs; strict wouldn't take any where the body was parsed before the model."""
    if not isinstance(value, str) or len(value) != 10 or value[4] != "-":
        raise PydanticCustomError("date_type", "not a day")
    return value


Moment = Annotated[AwareDatetime, Field(ge=_EARLIEST, le=_LATEST), BeforeValidator(_written_out)]
Day = Annotated[
    date, Field(ge=_EARLIEST.date(), le=_LATEST.date()), BeforeValidator(_day_written_out)
]


class DatedPlaces(BaseModel):
    """So many places on a day."""

    model_config = ConfigDict(extra="forbid")

    on: Day
    places: Annotated[int, Field(strict=True, ge=1, le=MAX_PLACES)]


class ReportBody(BaseModel):
    """All figures of a pool at one moment. What is left out is unknown, and unknown never matches.

    Give the counts, or only `free` ("vrij nu").
    """

    model_config = ConfigDict(extra="forbid")

    observed_at: Annotated[
        Moment | None, Field(description="When this was true; by default at its receipt.")
    ] = None
    sent_at: Annotated[
        Moment | None,
        Field(description="The sender's clock at sending: corrects a clock that is wrong."),
    ] = None
    physical: Annotated[Count | None, Field(description="Places that exist.")] = None
    operable: Annotated[Count | None, Field(description="Places that are staffed.")] = None
    occupied: Annotated[Count | None, Field(description="Places with someone in them.")] = None
    planned: Annotated[Count | None, Field(description="Places promised outside this service.")] = (
        None
    )
    closed: Annotated[Count | None, Field(description="Places that are closed.")] = None
    closed_reason: ClosedReason | None = None
    free: Annotated[Count | None, Field(description="Vrij nu, when counts aren't known.")] = None
    available_from: Annotated[Day | None, Field(description="Vrij vanaf.")] = None
    discharges: Annotated[
        list[DatedPlaces] | None,
        Field(max_length=MAX_DATES, description="Expected discharges, for the outlook."),
    ] = None
    admissions: Annotated[
        list[DatedPlaces] | None,
        Field(max_length=MAX_DATES, description="Planned admissions by day, for the outlook."),
    ] = None
    note: Annotated[
        str | None,
        Field(
            max_length=200, pattern=NO_CONTROLS, description="For instance who said so by phone."
        ),
    ] = None

    def figures(self) -> Figures:
        """The figures without the times."""
        return Figures(
            self.physical,
            self.operable,
            self.occupied,
            self.planned,
            self.closed,
            self.closed_reason,
            self.free,
            self.available_from,
            Forecast(_dated(self.discharges), _dated(self.admissions))
            if self.discharges or self.admissions
            else NO_FORECAST,
        )

    def given(self, expected_version: int | None) -> Given:
        """The report as the service takes it."""
        return Given(
            self.figures(), self.observed_at, self.sent_at, expected_version, self.note or None
        )


def _dated(items: list[DatedPlaces] | None) -> tuple[tuple[date, int], ...]:
    return tuple(sorted((item.on, item.places) for item in items or ()))


class WarningBody(BaseModel):
    """What makes one wonder; the report counts all the same."""

    code: Oddity
    field: str
    label: str
    was: int | None
    now: int | None


class ReceiptBody(BaseModel):
    """What became of a report, and the report that stands now (another one when `superseded`)."""

    outcome: Outcome
    pool_id: UUID
    version: Annotated[int, Field(description="Version of the report that stands; also the ETag.")]
    observed_at: Annotated[
        datetime | None,
        Field(description="By our clock, never after its receipt; null when no report stands."),
    ]
    received_at: datetime | None
    valid_until: Annotated[datetime | None, Field(description="After this it is onbevestigd.")]
    free: Annotated[int | None, Field(description="Places that may be offered; null: unknown.")]
    balance: Annotated[int | None, Field(description="Signed: below zero is a shortage.")]
    position: Annotated[str, Field(description="A board at this position shows the report.")]
    server_time: datetime
    warnings: list[WarningBody]


class PastReportBody(BaseModel):
    """An earlier report, as it was given."""

    outcome: Outcome
    version: int | None
    confirmation: bool
    source: SourceKind
    stated_at: datetime
    observed_at: datetime
    received_at: datetime
    valid_until: Annotated[
        datetime | None, Field(description="Null for what is from before it was kept.")
    ]
    physical: int | None
    operable: int | None
    occupied: int | None
    planned: int | None
    closed: int | None
    closed_reason: ClosedReason | None
    free: int | None
    available_from: date | None
    discharges: list[DatedPlaces]
    admissions: list[DatedPlaces]
    note: str | None
    warnings: Annotated[list[str], Field(description="`code:field` of each.")]


class PastReportsBody(BaseModel):
    """A page of earlier reports, newest observation first."""

    items: list[PastReportBody]
    next_cursor: str | None


def warning_data(doubt: Doubt) -> dict[str, Any]:
    """A warning as JSON, with the Dutch a person reads."""
    return {
        "code": doubt.oddity,
        "field": doubt.field,
        "label": ODDITY_LABELS[doubt.oddity],
        "was": doubt.was,
        "now": doubt.now,
    }


def receipt_data(receipt: Receipt) -> dict[str, Any]:
    """A receipt as JSON; the hottest answer there is, so it passes no model."""
    return {
        "outcome": receipt.outcome,
        "pool_id": str(receipt.pool_id),
        "version": receipt.version,
        "observed_at": receipt.observed_at,
        "received_at": receipt.received_at,
        "valid_until": receipt.valid_until,
        "free": receipt.free,
        "balance": receipt.balance,
        "position": str(receipt.position),
        "server_time": receipt.server_time,
        "warnings": [warning_data(doubt) for doubt in receipt.warnings],
    }


def receipt_response(receipt: Receipt) -> Response:
    """A receipt with its ETag."""
    body = orjson.dumps(receipt_data(receipt), option=orjson.OPT_UTC_Z)
    headers = {"etag": f'"{receipt.version}"', "content-type": "application/json"}
    return Response(body, 200, headers)


async def _report(request: Request, pool: PoolFacts, body: ReportBody) -> Response:
    receipt = await reports.report_pool(
        container_of(request),
        caller_of(request),
        pool,
        body.given(shown_version(request)),
        address=address_of(request),
    )
    return receipt_response(receipt)


_ETAG = {"ETag": {"description": "The version that stands.", "schema": {"type": "string"}}}
_RECEIPT: dict[str, Any] = {"responses": {200: {"model": ReceiptBody, "headers": _ETAG}}}
#: What a pool may answer to any report, besides what becomes of it.
_REFUSALS = (
    Code.NOT_FOUND,
    Code.FIGURES_FROM_BEDS,
    Code.POOL_CLOSED,
    Code.VERSION_CHANGED,
    Code.OUTCOME_UNKNOWN,
    Code.OVERLOADED,
)
_REPORT = {
    **_RECEIPT,
    **asks(Action.CAPACITY_REPORT, *_REFUSALS, Code.OBSERVED_IN_FUTURE, if_match=False),
}
_CONFIRMATION = {
    **_RECEIPT,
    **asks(
        Action.CAPACITY_REPORT,
        *_REFUSALS,
        Code.NOTHING_TO_CONFIRM,
        Code.VERSION_REQUIRED,
        if_match=True,
    ),
}


@hot.put("/pools/{pool_id}/report", **_REPORT)
async def put_report(request: Request, pool_id: UUID, body: ReportBody) -> Response:
    """Reports a pool. Replaces all its figures when its observation is the newest.

    Repeating the same report is harmless and answers `repeated`. With `If-Match` the report counts
    only while that version stands.
    """
    pool = await reports.find_pool(container_of(request), PoolId(pool_id))
    return await _report(request, pool, body)


@hot.put("/organisations/{agb}/pools/{external_id}/report", **_REPORT)
async def put_report_by_external_id(
    request: Request,
    agb: Annotated[str, Path(pattern="^[0-9]{8}$")],
    external_id: Annotated[str, Path(max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")],
    body: ReportBody,
) -> Response:
    """Reports a pool by its owner's AGB-code and the owner's own code for it."""
    pool = await reports.find_pool_by_external_id(container_of(request), agb, external_id)
    return await _report(request, pool, body)


@hot.post("/pools/{pool_id}/confirmation", **_CONFIRMATION)
async def post_confirmation(request: Request, pool_id: UUID) -> Response:
    """Says "klopt nog": what is shown is true now. `If-Match` says which version was shown."""
    version = shown_version(request, required=True)
    assert version is not None
    pool = await reports.find_pool(container_of(request), PoolId(pool_id))
    confirm = bed_reports.confirm_beds if pool.counted_by_bed else reports.confirm_pool
    receipt = await confirm(
        container_of(request), caller_of(request), pool, version, address=address_of(request)
    )
    return receipt_response(receipt)


@router.get("/pools/{pool_id}/reports", **asks(Action.CAPACITY_HISTORY, Code.NOT_FOUND))
async def get_reports(
    here: Here,
    caller: Caller,
    pool_id: UUID,
    limit: Limit = 100,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    sandbox: Annotated[bool, Query(description="Those that count for nothing, instead.")] = False,
) -> PastReportsBody:
    """Earlier reports of a pool, late ones too."""
    pool = await reports.find_pool(here, PoolId(pool_id))
    reports.require(caller, Action.CAPACITY_HISTORY, pool)
    before = None
    if cursor is not None:
        stated_at, digest = decode(cursor, moment_of, bytes.fromhex)
        before = (stated_at, digest)
    found = await reports.history(
        here, caller, pool, before=before, limit=limit + 1, sandbox=sandbox
    )
    page = found[:limit]
    following = None
    if len(found) > limit:
        following = encode(page[-1].stated_at.isoformat(), page[-1].digest.hex())
    return PastReportsBody(
        items=[_past(past) for past in page],
        next_cursor=following,
    )


def _past(past: PastReport) -> PastReportBody:
    forecast = Forecast.from_data(orjson.loads(past.forecast) if past.forecast else None)
    dated = forecast.as_data() or {"discharges": [], "admissions": []}
    return PastReportBody.model_validate({**asdict(past), **dated}, from_attributes=True)
