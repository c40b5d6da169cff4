"""Spreadsheets of figures: what they would change, and taking them over."""

import asyncio
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from api import problems
from api.rest.reports import WarningBody, warning_data
from api.routing import Caller, GuardedRoute, Here, address_of, asks, media_type_of
from app.services.capacity_import import ImportedRow, import_capacity
from app.spreadsheets.reading import read_table
from domain.actors import Action
from domain.capacity import Outcome
from domain.errors import Code

router = APIRouter(prefix="/v1", tags=["capacity"], route_class=GuardedRoute)

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA_TYPES = (CSV, XLSX, "application/octet-stream", "text/tab-separated-values")


class ChangeBody(BaseModel):
    """A figure that a row changes."""

    field: str
    was: int | str | None
    now: int | str | None


class ImportedRowBody(BaseModel):
    """What a row does. `outcome` is null in a dry run, and beside a `problem`."""

    row: int
    external_id: str
    outcome: Outcome | None
    changes: list[ChangeBody]
    warnings: list[WarningBody]
    problem: dict[str, Any] | None


class ImportBody(BaseModel):
    """What a spreadsheet did, or would do."""

    dry_run: bool
    rows: list[ImportedRowBody]


_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            media_type: {"schema": {"type": "string", "format": "binary"}}
            for media_type in MEDIA_TYPES
        },
    }
}
_ASKS = asks(
    Action.CAPACITY_REPORT,
    Code.BAD_SPREADSHEET,
    Code.UNSUPPORTED_MEDIA_TYPE,
    Code.ALREADY_EXISTS,
    Code.OVERLOADED,
)
_ASKS["openapi_extra"] |= _FILE


@router.post("/imports/capacity", **_ASKS)
async def post_capacity(
    request: Request,
    here: Here,
    caller: Caller,
    dry_run: Annotated[bool, Query(description="Only tell what would change.")] = False,
    agb: Annotated[
        str | None,
        Query(pattern="^[0-9]{8}$", description="Whose codes these are; by default your own."),
    ] = None,
) -> ImportBody:
    """Takes over a CSV or XLSX of figures (at most 4 MB and 5,000 rows), one row a pool.

    Every mistake is told by row and column, and with one of them nothing is changed.
    """
    media_type = media_type_of(request)
    if media_type not in MEDIA_TYPES:
        raise HTTPException(415)
    content = await request.body()
    async with here.imports:
        table = await asyncio.to_thread(read_table, content, media_type=media_type)
    rows = await import_capacity(
        here, caller, table, agb=agb, dry_run=dry_run, address=address_of(request)
    )
    return ImportBody(dry_run=dry_run, rows=[_row(row) for row in rows])


def _row(row: ImportedRow) -> ImportedRowBody:
    return ImportedRowBody(
        row=row.number,
        external_id=row.external_id,
        outcome=row.outcome,
        changes=[
            ChangeBody(field=c.field, was=_shown(c.was), now=_shown(c.now)) for c in row.changes
        ],
        warnings=[WarningBody.model_validate(warning_data(doubt)) for doubt in row.warnings],
        problem=orjson.loads(problems.answer(row.problem).body) if row.problem else None,
    )


def _shown(value: object) -> int | str | None:
    return value if value is None or isinstance(value, int) else str(value)
