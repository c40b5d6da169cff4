"""The pages that say why there is nothing else: not allowed, signed out, not found, went wrong."""

import secrets
from urllib.parse import urlsplit

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.problems import TEXTS
from api.web.navigation import home
from api.web.rendering import render
from api.web.visitor import session_of
from domain.errors import Code, NotFound, NotSignedIn, Problem

#: What the framework refuses besides forms that nobody can read.
_CODES = {405: Code.METHOD_NOT_ALLOWED, 413: Code.BODY_TOO_LARGE}

log = structlog.get_logger()


def forbidden(request: Request) -> Response:
    """The role that this person works in has no such page."""
    return _notice(request, "geen-toegang", 403)


def expired(request: Request) -> Response:
    """The session ended; what was typed is kept by the page and waits for the person to come back."""
    return _notice(request, "uitgelogd", 401)


def stale_form(request: Request) -> Response:
    """The form is not from a page of this session: from before another sign-in, or not from us."""
    return _notice(request, "oud-formulier", 403)


def not_found(request: Request) -> Response:
    """Nothing here, or nothing that this person may see."""
    return _notice(request, "niet-gevonden", 404)


async def on_problem(request: Request, error: Exception) -> Response:
    """The page for an expected failure that the page itself didn't show in place."""
    assert isinstance(error, Problem)
    if isinstance(error, NotFound):
        return not_found(request)
    if isinstance(error, NotSignedIn):
        return expired(request)
    if error.code is Code.NOT_ALLOWED:
        return forbidden(request)
    text = TEXTS[error.code]
    told: dict[str, str] = {"title": text.title, "detail": error.detail or text.detail}
    return _notice(request, "fout", text.status, told=told)


async def on_http(request: Request, error: Exception) -> Response:
    """The page for what the framework refuses."""
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return not_found(request)
    text = TEXTS[_CODES.get(error.status_code, Code.INVALID_INPUT)]
    headers = dict(error.headers or {})
    return _notice(
        request, "fout", text.status, headers, told={"title": text.title, "detail": text.detail}
    )


async def on_defect(request: Request, error: Exception) -> Response:
    """A defect of ours: logged with a number that the person can read out."""
    number = secrets.token_hex(3).upper()
    log.error("page failed", number=number, path=request.url.path, error=repr(error))
    text = TEXTS[Code.INTERNAL]
    told = {"title": text.title, "detail": text.detail, "number": number}
    return _notice(request, "fout", 500, told=told)


def _notice(
    request: Request,
    kind: str,
    status: int,
    headers: dict[str, str] | None = None,
    told: dict[str, str] | None = None,
) -> Response:
    part = "hx-request" in request.headers
    session = session_of(request)
    context = {
        "kind": kind,
        "told": told or {},
        "home": home(session) if session else "/",
        "here": _here(request),
        "base": "leeg.html" if part else "layout.html",
    }
    return render(request, "bericht.html", context, status=status, headers=headers)


def _here(request: Request) -> str:
    """The page that the reader looks at, with what it asks; a part's own path is no page."""
    shown = urlsplit(request.headers.get("hx-current-url", ""))
    if not shown.path and request.method in ("GET", "HEAD"):
        shown = urlsplit(str(request.url))
    elif not shown.path:
        # Where a form goes may be no page that can be looked at; the one that it stood on is.
        shown = urlsplit(request.headers.get("referer", ""))
        if shown.netloc != request.headers.get("host"):
            return "/"
    return f"{shown.path}?{shown.query}" if shown.query else shown.path
