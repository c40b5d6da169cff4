"""What every page goes through first: who is it, is the body small enough, and the headers of the answer.

Pages are an ASGI application of their own inside the gate of `api/gate.py`. A browser signs in with
a cookie, so what keys don't need is needed here: a content security policy, a token on every form
(`routes.py`), and answers that are pages when something goes wrong.
"""

import re
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from api.web import notices
from api.web.visitor import session_cookie
from app.spreadsheets.reading import LARGEST_FILE
from domain.errors import NotSignedIn, Problem

if TYPE_CHECKING:
    from app.container import Container

MAX_BODY_BYTES = 256 * 1024
#: A spreadsheet in a form: the file and what a form puts around it.
MAX_UPLOAD_BYTES = LARGEST_FILE + 64 * 1024
#: What isn't a page, whatever the version; everything else is.
_NO_PAGE = re.compile(r"/(v[0-9]+|health|metrics)(/|$)")


def is_page(path: str) -> bool:
    """Whether a path belongs to the pages."""
    return _NO_PAGE.match(path) is None


class PageGate:
    """Finds the session, bounds the body and sets the headers; the pages do the rest."""

    def __init__(self, pages: Starlette, *, base_url: str, tiles: str) -> None:
        """`tiles`: the origin of the map's pictures, empty for none."""
        self._pages = pages
        self._cookie = session_cookie(base_url)
        self._headers = _headers(tiles, secure=base_url.startswith("https://"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        container: Container = scope["app"].state.container
        cookies = _cookies(scope)
        state = scope.setdefault("state", {})
        state.update(container=container, session=None, bell=None, cookies=cookies)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *self._headers]
            await send(message)

        token = cookies.get(self._cookie)
        if token and not scope["path"].startswith("/static/"):
            try:
                state["session"] = await container.sessions.find(token)
            except NotSignedIn:
                state["session_ended"] = True
            except Problem as problem:
                # Nobody can tell now whose session it is.
                answer = await notices.on_problem(Request(scope), problem)
                await answer(scope, receive, send_with_headers)
                return
        await self._pages(scope, _bounded(scope, receive), send_with_headers)


def _cookies(scope: Scope) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        if name == b"cookie":
            for part in value.decode("latin-1").split(";"):
                # One that can't be read mustn't take the others with it.
                try:
                    found.update({key: morsel.value for key, morsel in SimpleCookie(part).items()})
                except CookieError:
                    continue
    return found


def _headers(tiles: str, *, secure: bool) -> list[tuple[bytes, bytes]]:
    policy = "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src 'self' data: {tiles}".strip(),
            "connect-src 'self'",
            "font-src 'self'",
            "form-action 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
    headers = [
        (b"content-security-policy", policy.encode()),
        (b"referrer-policy", b"same-origin"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    ]
    if secure:
        headers.append((b"strict-transport-security", b"max-age=31536000"))
    return headers


def _bounded(scope: Scope, receive: Receive) -> Receive:
    """Counts the body as it comes in. Raises HTTPException 413."""
    media_type = dict(scope["headers"]).get(b"content-type", b"")
    most = MAX_UPLOAD_BYTES if media_type.startswith(b"multipart/form-data") else MAX_BODY_BYTES
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise HTTPException(413)
        return message

    return counted
