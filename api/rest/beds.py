"""Beds that are followed one by one: the register, and what is reported of them."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from api.boards import Cursor, Page, Region, Status, find, page_of, region_board, selected
from api.cursors import Limit
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
from api.positions import MinPosition, reached
from api.rest.pools import OwnCode
from api.routing import Caller, GuardedRoute, Here, address_of, asks, shown_version
from api.writes import IdempotencyKey, Input, Name, WithPosition, named_request, needed_version
from app.container import Container
from app.db.beds import BedPlace
from app.security.keys import Credential
from app.services import bed_reports, beds
from app.services.beds import NewBed
from app.services.written import Written
from domain import capacity
from domain.actors import Action
from domain.beds import Bed, BedReport, BedState, Hold, shown_state
from domain.care_types import ClosedReason
from domain.errors import Code
from domain.events import Kind
from domain.features import Feature
from domain.identifiers import BedId, PoolId

router = APIRouter(prefix="/v1", tags=["beds"], route_class=GuardedRoute)


class StandingBedBody(StandingBody):
    """What was last reported of a bed."""

    state: BedState | None
    closed_reason: ClosedReason | None
    expected_discharge: date | None


class BedBody(BaseModel):
    """A bed. `shown` is what a board shows of it: a hold of this service hides that it is free."""

    id: UUID
    pool_id: UUID
    external_id: str
    name: str
    features: list[Feature]
    status: str
    version: Annotated[int, Field(description="Of the register, for changing and closing.")]
    hold: Hold | None
    shown: Annotated[str | None, Field(description="A state, or claimed or promised.")]
    report: StandingBedBody


class WrittenBedBody(BedBody, WithPosition):
    """A bed as it was written."""


class BedInput(Input):
    """All that people fill in of a bed. `external_id` is the provider's own code, one in its pool."""

    external_id: OwnCode
    name: Name
    features: Annotated[tuple[Feature, ...], Field(max_length=len(Feature))] = ()

    def bed(self) -> NewBed:
        """As the service takes it."""
        return NewBed(self.external_id, self.name, tuple(sorted(set(self.features))))


class NewBedInput(BedInput):
    """A new bed in a pool that is followed bed by bed."""

    pool_id: UUID


class BedReportInput(ObservedInput):
    """What is so of a bed. A reason with a closed one only, a discharge with an occupied one only."""

    state: BedState
    closed_reason: ClosedReason | None = None
    expected_discharge: Annotated[
        Day | None, Field(description="Known from day one of a stay, and revised at will.")
    ] = None

    def report(self) -> BedReport:
        """Without the times."""
        return BedReport(self.state, self.closed_reason, self.expected_discharge)


class BedReceiptBody(ObservedReceiptBody):
    """What became of a bed's report, and the report that stands now."""

    bed_id: UUID


@router.get("/beds", **asks(Action.CAPACITY_READ, Code.NOT_FOUND, Code.NOT_YET_THERE))
async def get_beds(
    here: Here,
    caller: Caller,
    region: Region = None,
    pool_id: UUID | None = None,
    organisation_id: UUID | None = None,
    status: Status = Status.ACTIVE,
    limit: Limit = 100,
    cursor: Cursor = None,
    min_position: MinPosition = None,
) -> Page[BedBody]:
    """The beds in a region, with what was last reported of them."""
    await reached(here, min_position)
    board = region_board(here, caller, region, Action.CAPACITY_READ)

    def owned() -> Iterator[tuple[str, dict[str, Any]]]:
        for key, data in selected(board.all(Kind.BED), status, pool_id=pool_id):
            pool = board.pool(PoolId(UUID(data["pool_id"])))
            if organisation_id is None or (pool and pool.organisation_id == organisation_id):
                yield key, data

    items, following = page_of(owned(), limit, cursor)
    now = here.now()
    return Page(items=[BedBody(**_shown(data, now)) for data in items], next_cursor=following)


@router.post(
    "/beds",
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
async def post_bed(
    request: Request,
    here: Here,
    caller: Caller,
    body: NewBedInput,
    idempotency_key: IdempotencyKey = None,
) -> WrittenBedBody:
    """A new bed. Nothing is known of it until its first report, so it isn't free."""
    written = await beds.create_bed(
        here,
        caller.actor,
        PoolId(body.pool_id),
        body.bed(),
        await named_request(request, caller, idempotency_key),
        address_of(request),
    )
    return _written(here, written)


@router.get("/beds/{bed_id}", **asks(Action.CAPACITY_READ, Code.NOT_FOUND, Code.NOT_YET_THERE))
async def get_bed(
    here: Here,
    caller: Caller,
    bed_id: UUID,
    response: Response,
    min_position: MinPosition = None,
) -> BedBody:
    """One bed. The ETag is the version of the report that stands."""
    await reached(here, min_position)
    data = find(here, caller, Kind.BED, bed_id, Action.CAPACITY_READ)
    response.headers["etag"] = f'"{data["report_version"]}"'
    return BedBody(**_shown(data, here.now()))


@router.put(
    "/beds/{bed_id}/details",
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
async def put_bed_details(
    request: Request, here: Here, caller: Caller, bed_id: UUID, body: BedInput
) -> WrittenBedBody:
    """What the register says of a bed, anew. `If-Match` is the bed's own version, not its report's."""
    written = await beds.change_bed(
        here,
        caller.actor,
        BedId(bed_id),
        body.bed(),
        needed_version(request),
        address_of(request),
    )
    return _written(here, written)


@router.post(
    "/beds/{bed_id}/closure",
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
async def post_bed_closure(
    request: Request, here: Here, caller: Caller, bed_id: UUID
) -> WrittenBedBody:
    """Ends a bed that nobody is in and that isn't held. `If-Match` is the bed's own version."""
    written = await beds.close_bed(
        here, caller.actor, BedId(bed_id), shown_version(request), address_of(request)
    )
    return _written(here, written)


_REPORT: dict[str, Any] = {
    "responses": {200: {"headers": ETAG}},
    **asks(
        Action.CAPACITY_REPORT,
        Code.NOT_FOUND,
        Code.POOL_CLOSED,
        Code.ALREADY_CLOSED,
        Code.VERSION_CHANGED,
        Code.OBSERVED_IN_FUTURE,
        Code.OUTCOME_UNKNOWN,
        if_match=False,
    ),
}


@router.put("/beds/{bed_id}", **_REPORT)
async def put_bed(
    request: Request,
    here: Here,
    caller: Caller,
    bed_id: UUID,
    body: BedReportInput,
    response: Response,
) -> BedReceiptBody:
    """Reports a bed, and with it its pool: the newest observation of each bed stands.

    Repeating the same report is harmless and answers `repeated`. What this service holds the bed
    for is not changed by a report.
    """
    place = await beds.find_bed(here, BedId(bed_id))
    return await _report(request, here, caller, place, body, response)


@router.put("/organisations/{agb}/pools/{pool_external_id}/beds/{bed_external_id}", **_REPORT)
async def put_bed_by_external_id(
    request: Request,
    here: Here,
    caller: Caller,
    agb: Agb,
    pool_external_id: ExternalId,
    bed_external_id: ExternalId,
    body: BedReportInput,
    response: Response,
) -> BedReceiptBody:
    """Reports a bed by its owner's AGB-code and the owner's own codes for pool and bed."""
    place = await beds.find_bed_by_codes(here, agb, pool_external_id, bed_external_id)
    return await _report(request, here, caller, place, body, response)


async def _report(
    request: Request,
    here: Container,
    caller: Credential,
    place: BedPlace,
    body: BedReportInput,
    response: Response,
) -> BedReceiptBody:
    receipt = await bed_reports.report_bed(
        here,
        caller,
        place,
        body.report(),
        body.told(shown_version(request)),
        address=address_of(request),
    )
    response.headers["etag"] = f'"{receipt.version}"'
    return BedReceiptBody.model_validate({"bed_id": receipt.id, **receipt_data(receipt)})


def _shown(data: dict[str, Any], now: datetime) -> dict[str, Any]:
    """A bed's state on the board as a body."""
    until = datetime.fromisoformat(data["valid_until"]) if data["valid_until"] else None
    report = BedReport(BedState(data["state"])) if data["state"] else None
    told = ("source", "observed_at", "received_at", "valid_until")
    said = ("state", "closed_reason", "expected_discharge")
    return {
        **data,
        "shown": shown_state(Bed(report, data["hold"] and Hold(data["hold"]))),
        "report": {
            "version": data["report_version"],
            "freshness": capacity.freshness(until, now),
            **{name: data[name] for name in (*told, *said)},
        },
    }


def _written(here: Container, written: Written[BedId]) -> WrittenBedBody:
    shown = _shown(written.state, here.now())
    return WrittenBedBody(**shown, position=str(written.position))
