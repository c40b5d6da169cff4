"""How a page is declared: what it asks leave for, and that a form is from one of our own pages."""

from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.web import notices
from api.web.bell import hear
from api.web.visitor import from_our_page, session_of
from domain.actors import Action, scope_of

Endpoint = Callable[[Request], Awaitable[Response]]

_SAFE = frozenset({"GET", "HEAD"})


def page(
    path: str, endpoint: Endpoint, *, asks: Action, methods: Sequence[str] = ("GET",)
) -> Route:
    """A page for who has chosen an organisation and whose role may do this there at all.

    What it may do to one pool or organisation the page's own use case judges.
    """

    async def guarded(request: Request) -> Response:
        session = session_of(request)
        if session is None:
            return _signed_out(request)
        if session.actor is None:
            if request.method not in _SAFE or "hx-request" in request.headers:
                return notices.forbidden(request)
            return RedirectResponse(f"/organisatie?naar={_back(request)}", 303)
        if not await from_our_page(request, session.csrf):
            return notices.stale_form(request)
        if scope_of(session.actor, asks) is None:
            return notices.forbidden(request)
        if _is_whole(request):
            await hear(request)
        return await endpoint(request)

    return Route(path, guarded, methods=list(methods), name=endpoint.__name__)


def signed_in(path: str, endpoint: Endpoint, *, methods: Sequence[str] = ("GET",)) -> Route:
    """A page for whoever has signed in, whatever organisation and role."""

    async def guarded(request: Request) -> Response:
        session = session_of(request)
        if session is None:
            return _signed_out(request)
        if not await from_our_page(request, session.csrf):
            return notices.stale_form(request)
        if _is_whole(request):
            await hear(request)
        return await endpoint(request)

    return Route(path, guarded, methods=list(methods), name=endpoint.__name__)


def _is_whole(request: Request) -> bool:
    """Whether a page with its header is asked for, and no part of one."""
    return "hx-request" not in request.headers


def _signed_out(request: Request) -> Response:
    if request.method in _SAFE and "hx-request" not in request.headers:
        if getattr(request.state, "session_ended", False):
            return notices.expired(request)
        return RedirectResponse(f"/inloggen?naar={_back(request)}", 303)
    return notices.expired(request)


def _back(request: Request) -> str:
    if request.method not in _SAFE:
        return "/"
    query = f"?{request.url.query}" if request.url.query else ""
    return quote(request.url.path + query, safe="")
