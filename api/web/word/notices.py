"""Meldingen: what the reader's organisation was told, what of it they read, and the bell that counts it."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.web.bell import hear, stand_of
from api.web.registers.showing import show, text_of
from api.web.rendering import container_of, render
from api.web.routes import page
from api.web.visitor import actor_of, session_of
from api.web.word import words
from api.web.word.paths import NOTICES
from app.db.bell import Context
from app.db.word import MOST_COUNTED, StoredNotice
from app.services.word import bell, notices
from domain.actors import Action, scope_of
from domain.errors import NotFound

_AT_A_TIME = 50
_OUR_PATH = re.compile(r"/(?!/)[A-Za-z0-9/?=&%+._~:-]*")


@dataclass(frozen=True, slots=True)
class Shown:
    """A notice in the list. opens: there is a page to act on it; else only the telephone helps."""

    stored: StoredNotice
    context: Context
    opens: bool


async def list_page(request: Request) -> Response:
    """The notices, the newest first."""
    container, actor = container_of(request), actor_of(request)
    only_unread = request.query_params.get("toon") == "ongelezen"
    before = _id_of(request.query_params.get("voor", ""))
    found = await notices.list_notices(
        container,
        actor,
        _reader(request),
        unread=True if only_unread else None,
        before=before,
        limit=_AT_A_TIME + 1,
    )
    listed = found.notices[:_AT_A_TIME]
    contexts = await bell.contexts_of(container, listed)
    context = {
        "listed": [
            Shown(one, contexts[one.id], bool(words.where_to_act(actor, one.notice)))
            for one in listed
        ],
        "unread": found.unread,
        "most": MOST_COUNTED,
        "only_unread": only_unread,
        "first": before is None,
        "following": listed[-1].id if len(found.notices) > _AT_A_TIME else None,
        "follows": scope_of(actor, Action.STATUS_FOLLOW) is not None,
    }
    return show(request, "meldingen.html", context)


async def open_one(request: Request) -> Response:
    """To where the reader acts on a notice, which they have read with that."""
    container, actor = container_of(request), actor_of(request)
    notice_id: UUID = request.path_params["id"]
    found = await notices.get_notice(container, actor, _reader(request), notice_id)
    if _is_opened(request):
        await notices.mark_read(container, actor, _reader(request), notice_id)
    onward = words.where_to_act(actor, found.notice)
    return RedirectResponse(onward or f"{NOTICES}#m-{notice_id}", 303)


async def mark_one(request: Request) -> Response:
    """The reader read one; back to the page where they were, or the bell alone for a script."""
    notice_id: UUID = request.path_params["id"]
    await notices.mark_read(container_of(request), actor_of(request), _reader(request), notice_id)
    if "hx-request" in request.headers:
        return await the_bell(request)
    posted = await request.form()
    return RedirectResponse(_back(request, text_of(posted, "terug")), 303)


async def mark_all(request: Request) -> Response:
    """The reader read all up to the newest that the page showed."""
    posted = await request.form()
    until = _id_of(text_of(posted, "tot"))
    if until is not None:
        await notices.mark_all_read(
            container_of(request), actor_of(request), _reader(request), until
        )
    return RedirectResponse(_back(request, text_of(posted, "terug")), 303)


async def the_bell(request: Request) -> Response:
    """The bell and the banner, or in a word that they are as they were."""
    await hear(request)
    if request.state.bell is None:
        return Response(status_code=503)
    tag = f'"{stand_of(request, request.state.bell)}"'
    headers = {"etag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return render(request, "bel.html", headers=headers)


def routes() -> list[Route]:
    """The paths of this module."""
    return [
        page(NOTICES, list_page, asks=Action.NOTICE_READ),
        page(f"{NOTICES}/bel", the_bell, asks=Action.NOTICE_READ),
        page(f"{NOTICES}/gelezen", mark_all, asks=Action.NOTICE_MARK, methods=["POST"]),
        page(f"{NOTICES}/{{id:uuid}}", open_one, asks=Action.NOTICE_MARK),
        page(f"{NOTICES}/{{id:uuid}}/gelezen", mark_one, asks=Action.NOTICE_MARK, methods=["POST"]),
    ]


def _is_opened(request: Request) -> bool:
    """Whether somebody goes there; not a browser that fetches ahead, nor a script.

    Browsers that say neither don't fetch ahead.
    """
    headers = request.headers
    ahead = "prefetch" in headers.get("sec-purpose", "")
    return headers.get("sec-fetch-mode", "navigate") == "navigate" and not ahead


def _reader(request: Request) -> UUID:
    session = session_of(request)
    assert session is not None
    return session.person_id


def _back(request: Request, told: str) -> str:
    """The page of ours that a form stood on."""
    if _OUR_PATH.fullmatch(told.partition("#")[0]):
        return told
    came = urlsplit(request.headers.get("referer", ""))
    if came.netloc == request.headers.get("host") and came.path:
        return f"{came.path}?{came.query}" if came.query else came.path
    return NOTICES


def _id_of(text: str) -> UUID | None:
    """An id in an address; None for none. Raises NotFound."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error
