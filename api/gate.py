"""The first thing every request meets: who is it, and is it small enough. Before any body is read.

Plain ASGI around everything else, since it runs for every request. FastAPI would read and validate
the body before its own dependencies; here an unknown key is told so however malformed its body is.
The busiest calls and the socket go straight from here to where they are served.
"""

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import structlog
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.errors import expected
from api.metrics import REQUESTS
from api.rest import imports
from api.routing import LeanRoute
from api.web.gate import is_page
from app.spreadsheets.reading import LARGEST_FILE
from domain.errors import Code, NotSignedIn

if TYPE_CHECKING:
    from app.container import Container

MAX_BODY_BYTES = 1024 * 1024
#: Calls that take more: by path and media type.
LARGER_BODIES = {
    ("/v1/reports", b"application/x-ndjson"): 16 * 1024 * 1024,
    ("/v1/confirmations", b"application/x-ndjson"): 16 * 1024 * 1024,
    **{("/v1/imports/capacity", kind.encode()): LARGEST_FILE for kind in imports.MEDIA_TYPES},
}
_OPEN = frozenset({"/v1/openapi.json", "/v1/asyncapi.json", "/health/live", "/health/ready"})
#: Documents that say what the API is: open to every page (NL API Design Rules).
_DOCUMENTS = frozenset({"/v1/openapi.json", "/v1/asyncapi.json"})
_API_VERSION = (b"api-version", b"1.0.0")
_NO_STORE = (b"cache-control", b"no-store")
_NO_SNIFF = (b"x-content-type-options", b"nosniff")

log = structlog.get_logger()


class Gate:
    """Authenticates, bounds the body, sets the headers that every answer has, and logs."""

    def __init__(
        self, app: FastAPI, lean: Sequence[LeanRoute], sockets: dict[str, ASGIApp], pages: ASGIApp
    ) -> None:
        """`lean` are dispatched here; `sockets` are served by path, and sign in by themselves.

        `pages` has a gate of its own, since people sign in otherwise than keys do.
        """
        self.app = app
        self._lean = lean
        self._sockets = sockets
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, one socket, or the life of the application."""
        scope["app"] = self.app
        if scope["type"] == "websocket" and scope["path"] in self._sockets:
            await self._sockets[scope["path"]](scope, receive, send)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0
        path = scope["path"]
        extra = _headers(path)

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *extra]
            await send(message)

        serve = self._pages if is_page(path) else self._admit
        try:
            await serve(scope, receive, send_with_headers)
        except ClientDisconnect:
            log.debug("caller hung up", method=scope["method"], path=path)
        except Exception as error:
            found = expected(error)
            if found is None:
                log.exception("request failed", method=scope["method"], path=path)
                found = problems.describe(Code.INTERNAL)
            if status == 0:
                await _answer(send_with_headers, found)
        finally:
            REQUESTS.observe(scope["method"], status, time.perf_counter() - started)

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        authorization = b""
        length = 0
        media_type = b""
        chunked = False
        for name, value in scope["headers"]:
            if name == b"authorization":
                # Two would leave open who it is.
                authorization = b"" if authorization else value
            elif name == b"content-length":
                length = int(value) if value.isdigit() else sys.maxsize
            elif name == b"content-type":
                media_type = value.partition(b";")[0].strip().lower()
            elif name == b"transfer-encoding":
                chunked = True
        if scope["path"] not in _OPEN:
            container: Container = scope["app"].state.container
            scope["state"]["credential"] = await container.keys.find(_token(authorization))
        most = LARGER_BODIES.get((scope["path"], media_type), MAX_BODY_BYTES)
        if length > most:
            await _answer(send, problems.describe(Code.BODY_TOO_LARGE))
            return
        bounded = _bounded(receive, most) if chunked else receive
        for route in self._lean:
            if scope["method"] in (route.methods or ()):
                match = route.path_regex.match(scope["path"])
                if match is not None:
                    scope["path_params"] = match.groupdict()
                    await route.handle(scope, bounded, send)
                    return
        await self.app(scope, bounded, send)


async def recheck(request: Request) -> None:
    """Whether the request's key still holds, for what stays open. Raises NotSignedIn."""
    container: Container = request.app.state.container
    await container.keys.find(_token(request.headers["authorization"].encode("latin-1")))


def _headers(path: str) -> list[tuple[bytes, bytes]]:
    """What every answer on a path says."""
    if path.startswith("/static/"):
        return [_NO_SNIFF]
    if is_page(path):
        return [_NO_SNIFF, _NO_STORE]
    if path in _DOCUMENTS:
        return [_API_VERSION, _NO_SNIFF, (b"access-control-allow-origin", b"*")]
    return [_API_VERSION, _NO_SNIFF, _NO_STORE]


def _token(authorization: bytes) -> str:
    scheme, _, token = authorization.partition(b" ")
    if scheme.lower() != b"bearer" or not token:
        raise NotSignedIn
    return token.strip().decode("latin-1")


def _bounded(receive: Receive, most: int) -> Receive:
    """Counts a body of unknown length as it comes in; FastAPI lets only an HTTPException pass here."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise HTTPException(413)
        return message

    return counted


async def _answer(send: Send, found: problems.Answer) -> None:
    headers = [(name.encode(), value.encode("latin-1")) for name, value in found.headers.items()]
    headers.append((b"content-length", str(len(found.body)).encode()))
    await send({"type": "http.response.start", "status": found.status, "headers": headers})
    await send({"type": "http.response.body", "body": found.body})
