"""A spreadsheet of figures: looked at first, then processed exactly as it was looked at.

The page of the look keeps the file itself, packed in its form, so that nothing waits on the server.
A file that is too large for that is chosen again, and has to be the same one.
"""

import asyncio
import base64
import binascii
import csv
import hashlib
import io
import zlib
from datetime import datetime
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.web import notices
from api.web.capacity.answers import back, in_words, moment_of, refused, text_of, translated
from api.web.capacity.showing import ROLES, around, chosen
from api.web.capacity.views import sheet_of
from api.web.rendering import container_of, render
from api.web.routes import page
from api.web.visitor import actor_of, address_of
from app.services.capacity_import import ImportedRow, import_capacity
from app.services.own_sources import credential_of
from app.spreadsheets.reading import LARGEST_FILE, read_table
from domain.actors import Action
from domain.capacity import Outcome, SourceKind
from domain.errors import BadSpreadsheet, InvalidInput, SheetError

#: Characters of a packed file in a form: what a form's field may hold, with room for the rest.
_MOST_PACKED = 900_000
#: Rows that a look lists; the others are counted.
_MOST_LISTED = 500
_TEMPLATE = "capaciteit_bestand.html"
_COLUMNS = ("pool", "vrij nu", "vrij vanaf", "gesloten", "reden gesloten", "toelichting")


async def sheet_page(request: Request) -> Response:
    """The form to choose a file with, and what became of the last one."""
    asked = request.query_params
    told = {
        name: asked[name] for name in ("klaar", "ouder", "niet") if asked.get(name, "").isdigit()
    }
    return _page(request, done=told, rows_missed=asked.get("regels", "")[:200])


async def look(request: Request) -> Response:
    """What the file would change, or every mistake in it. Nothing is changed."""
    async with request.form() as form:
        upload = form.get("bestand")
        if not isinstance(upload, UploadFile) or not upload.filename:
            return _page(request, problem="Kies eerst een bestand.", status=400)
        return await _look(request, await upload.read(LARGEST_FILE + 1), upload.filename)


async def process(request: Request) -> Response:
    """Takes over what was looked at, as of then: what was reported since stands."""
    async with request.form() as form:
        name, digest = text_of(form, "naam")[:200], text_of(form, "afdruk")
        try:
            looked_at = moment_of(text_of(form, "om"), "/om")
            content = await _content(form)
        except InvalidInput as problem:
            return _page(request, problem=problem.detail, status=400)
    if hashlib.sha256(content).hexdigest() != digest:
        return await _look(request, content, name, other=True)
    try:
        rows = await _import(request, content, name, dry_run=False, looked_at=looked_at)
    except BadSpreadsheet as bad:
        return _page(request, name=name, errors=_errors(request, bad), status=400)
    missed = [row for row in rows if row.problem is not None]
    older = [row for row in rows if row.outcome is Outcome.SUPERSEDED]
    return back(
        f"/mijn-capaciteit/spreadsheet?locatie={chosen(request)}",
        klaar=len(rows) - len(missed) - len(older),
        ouder=len(older) or None,
        niet=len(missed) or None,
        regels=",".join(str(row.number) for row in missed[:30]),
    )


async def example(request: Request) -> Response:
    """A file with the organisation's own places, to fill in. Excel reads it as it is."""
    sheet = sheet_of(container_of(request), actor_of(request), chosen(request))
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(_COLUMNS)
    for card in sheet.counted:
        writer.writerow([card.code, "" if card.own is None else card.own, "", "", "", ""])
    headers = {
        "content-type": "text/csv; charset=utf-8",
        "content-disposition": 'attachment; filename="capaciteit.csv"',
    }
    return Response(text.getvalue().encode("utf-8-sig"), headers=headers)


def routes() -> list[Route]:
    """The paths of this module."""
    asks, path = Action.CAPACITY_REPORT, "/mijn-capaciteit/spreadsheet"
    return [
        page(path, sheet_page, asks=asks),
        page(path, look, asks=asks, methods=["POST"]),
        page(f"{path}/verwerken", process, asks=asks, methods=["POST"]),
        page(f"{path}/voorbeeld.csv", example, asks=asks),
    ]


async def _look(request: Request, content: bytes, name: str, *, other: bool = False) -> Response:
    try:
        rows = await _import(request, content, name, dry_run=True)
    except BadSpreadsheet as bad:
        told = translated(request)(in_words(bad.detail))
        return _page(request, name=name, errors=_errors(request, bad), told=told, status=400)
    packed = base64.b64encode(await asyncio.to_thread(zlib.compress, content)).decode()
    return _page(
        request,
        name=name,
        other=other,
        rows=rows[:_MOST_LISTED],
        unlisted=max(0, len(rows) - _MOST_LISTED),
        changed=sum(bool(row.changes) for row in rows),
        packed=packed if len(packed) <= _MOST_PACKED else "",
        digest=hashlib.sha256(content).hexdigest(),
    )


async def _import(
    request: Request,
    content: bytes,
    name: str,
    *,
    dry_run: bool,
    looked_at: datetime | None = None,
) -> list[ImportedRow]:
    container = container_of(request)
    async with container.imports:
        table = await asyncio.to_thread(read_table, content, name=name)
    return await import_capacity(
        container,
        await credential_of(container, actor_of(request), SourceKind.PAGE),
        table,
        dry_run=dry_run,
        looked_at=looked_at,
        address=address_of(request),
    )


async def _content(form: FormData) -> bytes:
    """The file that the form keeps, or that was chosen again. Raises InvalidInput."""
    upload = form.get("bestand")
    if isinstance(upload, UploadFile):
        return await upload.read(LARGEST_FILE + 1)
    try:
        packed = base64.b64decode(text_of(form, "inhoud"), validate=True)
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(packed, LARGEST_FILE + 1)
    except (binascii.Error, zlib.error, ValueError) as error:
        raise InvalidInput("Het bestand is onderweg beschadigd. Kies het opnieuw.") from error
    if not content:
        raise InvalidInput("Kies eerst een bestand.")
    return content


def _errors(request: Request, bad: BadSpreadsheet) -> list[SheetError]:
    _ = translated(request)
    return [SheetError(one.row, one.column, _(in_words(one.detail))) for one in bad.errors]


def _page(request: Request, *, status: int = 200, **told: Any) -> Response:
    if actor_of(request).role not in ROLES:
        return notices.forbidden(request)
    _ = translated(request)
    problem = told.get("problem")
    context = {
        **around(request),
        "sheet": sheet_of(container_of(request), actor_of(request), chosen(request)),
        "name": told.get("name", ""),
        "errors": told.get("errors", []),
        "told": told.get("told", ""),
        "problem": _(problem) if problem else "",
        "rows": told.get("rows"),
        "unlisted": told.get("unlisted", 0),
        "changed": told.get("changed", 0),
        "packed": told.get("packed", ""),
        "digest": told.get("digest", ""),
        "other": told.get("other", False),
        "done": told.get("done", {}),
        "rows_missed": told.get("rows_missed", ""),
        "refused": lambda row: refused(request, "", row.problem).text,
    }
    return render(request, _TEMPLATE, context, status=status)
