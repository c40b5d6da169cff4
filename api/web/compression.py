"""Compresses pages. A whole board takes a quarter of a second, so that is done beside the loop."""

import asyncio
import gzip

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: What is smaller isn't worth it; from the second size on a thread does it.
_WORTH = 1024
_LARGE = 64 * 1024
#: One more saves a hundredth and takes half as long again.
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
        start: Message | None = None

        async def send_compressed(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            assert start is not None
            body: bytes = message.get("body", b"")
            headers = MutableHeaders(raw=start["headers"])
            whole = not message.get("more_body", False)
            if whole and len(body) >= _WORTH and "content-encoding" not in headers:
                if len(body) < _LARGE:
                    body = gzip.compress(body, _LEVEL, mtime=0)
                else:
                    body = await asyncio.to_thread(gzip.compress, body, _LEVEL, mtime=0)
                headers["content-encoding"] = "gzip"
                headers["content-length"] = str(len(body))
                headers.add_vary_header("Accept-Encoding")
            if start is not _SENT:
                await send(start)
                start = _SENT
            await send({**message, "body": body})

        await self._app(scope, receive, send_compressed)


#: In the place of a beginning that has gone out.
_SENT: Message = {"headers": []}
