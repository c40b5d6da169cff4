"""Many reports at once: a JSON list, NDJSON as feeds send it, and "klopt nog" for all that is shown."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.exceptions import HTTPException

from api import observed, problems
from api.errors import MAX_TOLD, invalid
from api.rest.home_care_reports import TeamReceiptBody
from api.rest.reports import ReceiptBody, ReportBody, receipt_data
from api.routing import (
    MODELS,
    GuardedRoute,
    address_of,
    asks,
    caller_of,
    container_of,
    media_type_of,
    refuse_doubles,
    to_document,
)
from app.services import observations
from app.services.report_batches import Answer, PoolReference, Shown, report_many
from app.services.reports import Given, Receipt
from domain.actors import Action
from domain.capacity import Outcome
from domain.errors import Code, InvalidInput, Problem
from domain.identifiers import PoolId, TeamId

router = APIRouter(prefix="/v1", tags=["capacity"], route_class=GuardedRoute)

NDJSON = "application/x-ndjson"
MAX_ITEMS = 10_000
_MAX_LINE_BYTES = 32 * 1024

Version = Annotated[int, Field(strict=True, ge=0, le=999_999_999)]


class _Reference(BaseModel):
    """Which pool: `pool_id`, or `external_id` with the owner's `agb` (by default your own)."""

    model_config = ConfigDict(extra="forbid")

    pool_id: UUID | None = None
    agb: Annotated[str | None, Field(pattern="^[0-9]{8}$")] = None
    external_id: Annotated[str | None, Field(max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")] = None

    def reference(self) -> PoolReference:
        """The pool as the service looks for it."""
        pool_id = PoolId(self.pool_id) if self.pool_id is not None else None
        return PoolReference(pool_id, self.agb, self.external_id)


class BatchReport(ReportBody, _Reference):
    """One report among many. `expected_version` does what `If-Match` does for a single one."""

    expected_version: Version | None = None


class BatchConfirmation(_Reference):
    """A "klopt nog" to what was shown of one pool, all beds of a pool, or one home-care team."""

    team_id: Annotated[UUID | None, Field(description="Instead of a pool.")] = None
    version: Version


class BatchResult(BaseModel):
    """What became of an item: `receipt` when it was not refused, else `problem`."""

    index: Annotated[int, Field(description="Which item, counted from 0; empty lines don't count.")]
    status: Annotated[int, Field(description="What a single report would have been answered with.")]
    receipt: ReceiptBody | TeamReceiptBody | None = None
    problem: dict[str, Any] | None = None


class BatchResults(BaseModel):
    """A result for each item, in order."""

    accepted: int
    superseded: int
    repeated: int
    sandbox: int
    refused: int
    results: list[BatchResult]


_REPORT: TypeAdapter[BatchReport] = TypeAdapter(BatchReport)
_CONFIRMATION: TypeAdapter[BatchConfirmation] = TypeAdapter(BatchConfirmation)
#: Members of a report that are written between quotes.
_QUOTED = frozenset(
    {
        *("observed_at", "sent_at", "closed_reason", "available_from", "note"),
        *("pool_id", "agb", "external_id", "team_id"),
    }
)

_DECLARED: dict[str, Any] = {
    "responses": {
        200: {
            "model": BatchResults,
            "content": {NDJSON: {"schema": {"$ref": "#/components/schemas/BatchResult"}}},
        }
    },
}


def _body(item: type[BaseModel]) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{item.__name__}"}
    return {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "array", "maxItems": MAX_ITEMS, "items": schema}
            },
            NDJSON: {"schema": schema},
        },
    }


def _asks(item: type[BaseModel]) -> dict[str, Any]:
    declared = asks(Action.CAPACITY_REPORT)
    declared["openapi_extra"] |= {
        "requestBody": _body(item),
        MODELS: to_document(item, BatchResult),
    }
    return declared


@router.post("/reports", **_DECLARED, **_asks(BatchReport))
async def post_reports(request: Request) -> Response:
    """Reports many pools. Each item is judged, kept and answered as if it came alone.

    A JSON list (up to 1 MB), or NDJSON (one item a line, up to 16 MB and 10,000 items) with a line
    of answer for each. Not atomic as a whole, and sending all of it again is harmless.
    """
    return await _answered(request, _reports)


@router.post("/confirmations", **_DECLARED, **_asks(BatchConfirmation))
async def post_confirmations(request: Request) -> Response:
    """Says "klopt nog" to all that was shown: each pool with the version shown of it."""
    return await _answered(request, _confirmations)


async def _answered(request: Request, read: Any) -> Response:
    media_type = media_type_of(request)
    if media_type not in (NDJSON, "application/json"):
        raise HTTPException(415)
    body = await request.body()
    lines = _lines(body) if media_type == NDJSON else _listed(body)
    answers = await report_many(
        container_of(request), caller_of(request), read(lines), address=address_of(request)
    )
    if media_type == NDJSON:
        content = b"\n".join(_result(index, answer) for index, answer in enumerate(answers))
        return Response(content + b"\n" if content else b"", media_type=NDJSON)
    return Response(_results(answers), media_type="application/json")


def _lines(body: bytes) -> list[bytes]:
    lines = [line for line in body.split(b"\n") if line.strip()]
    if len(lines) > MAX_ITEMS:
        raise InvalidInput(f"Stuur hoogstens {MAX_ITEMS} regels. Er is niets gewijzigd.")
    return lines


def _listed(body: bytes) -> list[bytes]:
    """The items of a JSON list, each as JSON again, so that one path reads them all."""
    try:
        items = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInput("Dit is geen geldige JSON.") from error
    if not isinstance(items, list):
        raise InvalidInput("Stuur een lijst met meldingen.")
    if len(items) > MAX_ITEMS:
        raise InvalidInput(f"Stuur hoogstens {MAX_ITEMS} meldingen. Er is niets gewijzigd.")
    refuse_doubles(body)
    try:
        return [orjson.dumps(item) for item in items]
    except TypeError as error:
        raise InvalidInput("Een melding is niet zo diep genest.") from error


def _reports(lines: Iterable[bytes]) -> Iterator[tuple[PoolReference, Given] | Problem]:
    for line in lines:
        item = _read(_REPORT, line)
        if isinstance(item, Problem):
            yield item
        else:
            yield item.reference(), item.given(item.expected_version)


def _confirmations(lines: Iterable[bytes]) -> Iterator[tuple[PoolReference, Shown] | Problem]:
    for line in lines:
        item = _read(_CONFIRMATION, line)
        if isinstance(item, Problem):
            yield item
        elif item.team_id is not None and item.model_fields_set > {"team_id", "version"}:
            yield InvalidInput("Geef een pool of een team, niet allebei.", "/team_id")
        else:
            team_id = TeamId(item.team_id) if item.team_id is not None else None
            yield item.reference(), Shown(item.version, team_id)


class _Malformed(Problem):
    """An item that isn't what it should be, with a pointer and a reason for each mistake."""

    code = Code.INVALID_INPUT

    def __init__(self, errors: Sequence[Any]) -> None:
        super().__init__()
        self.errors = errors


def _read(model: TypeAdapter[Any], line: bytes) -> Any:
    if len(line) > _MAX_LINE_BYTES:
        return InvalidInput("Een melding mag hoogstens 32 kB zijn.")
    try:
        item = model.validate_json(line)
    except ValidationError as error:
        return _Malformed(
            [
                {**found, "loc": ("body", *found["loc"])}
                for found in error.errors(include_url=False, include_input=False)[:MAX_TOLD]
            ]
        )
    # Every member has two quotes for its name, and two for its value if that is a text. More of
    # them (or fewer, which can't be) says that something may stand there twice.
    given = item.model_fields_set
    texts = sum(getattr(item, name) is not None for name in given & _QUOTED)
    if line.count(b'"') != 2 * (len(given) + texts):
        try:
            refuse_doubles(line)
        except RequestValidationError as error:
            return _Malformed(error.errors())
    return item


def _result(index: int, answer: Answer) -> bytes:
    if not isinstance(answer, Problem):
        receipt = receipt_data(answer) if isinstance(answer, Receipt) else _team_receipt(answer)
        result = {"index": index, "status": 200, "receipt": receipt}
        return orjson.dumps(result, option=orjson.OPT_UTC_Z)
    found = invalid(answer.errors) if isinstance(answer, _Malformed) else problems.answer(answer)
    return b'{"index":%d,"status":%d,"problem":%s}' % (index, found.status, found.body)


def _results(answers: Sequence[Answer]) -> bytes:
    outcomes = [answer.outcome for answer in answers if not isinstance(answer, Problem)]
    counted = {outcome.value: outcomes.count(outcome) for outcome in Outcome}
    counted["refused"] = len(answers) - len(outcomes)
    results = b",".join(_result(index, answer) for index, answer in enumerate(answers))
    return orjson.dumps(counted)[:-1] + b',"results":[' + results + b"]}"


def _team_receipt(receipt: observations.Receipt) -> dict[str, Any]:
    return {"team_id": str(receipt.id), **observed.receipt_data(receipt)}
