"""Compresses pages; a large one, such as a board, beside the loop."""

import asyncio
import gzip

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: What is smaller isn't worth it; from the second size on a thread does it.
_WORTH = 1024
_LARGE = 64 * 1024
#: A board gets a twelfth smaller by it than by 5, in twice the time.
_LEVEL = 8


class Compressed:
    """Around an application whose answers are each made in one piece."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or "gzip" not in Headers(scope=scope).get("accept-encoding", ""):
            await self._app(scope, receive, send)
            return
        start: Message = {}

        async def send_compressed(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                # Held back until it is known how long the body gets.
                start = message
                return
            body: bytes = message["body"]
            headers = MutableHeaders(raw=start["headers"])
            if len(body) >= _WORTH and "content-encoding" not in headers:
                if len(body) < _LARGE:
                    body = gzip.compress(body, _LEVEL, mtime=0)
                else:
                    body = await asyncio.to_thread(gzip.compress, body, _LEVEL, mtime=0)
                headers["content-encoding"] = "gzip"
                headers["content-length"] = str(len(body))
                headers.add_vary_header("Accept-Encoding")
            await send(start)
            await send({**message, "body": body})

        await self._app(scope, receive, send_compressed)
