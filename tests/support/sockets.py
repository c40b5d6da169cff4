"""A client of `/v1/live` that does as it is told, right or wrong."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import websockets

from tests.support.serving import Serving


@dataclass(slots=True)
class Ending:
    """How a socket ended: its close code, the code's name, and what it got until then."""

    code: int
    reason: str
    messages: list[Any] = field(default_factory=list)

    @property
    def problem(self) -> str | None:
        """The code of the error that came just before the close."""
        last = self.messages[-1] if self.messages else {}
        return last["code"] if last.get("type") == "error" else None


@asynccontextmanager
async def opened(api: Serving) -> AsyncIterator[websockets.ClientConnection]:
    """A socket that has said nothing yet."""
    async with websockets.connect(api.live_url, max_size=None, ping_interval=None) as ws:
        yield ws


async def ending(ws: websockets.ClientConnection) -> Ending:
    """Reads on until the server ends it."""
    ended = Ending(0, "")
    try:
        async for text in ws:
            ended.messages.append(json.loads(text))
    except websockets.ConnectionClosedError:
        pass
    assert ws.close_code is not None
    ended.code, ended.reason = ws.close_code, ws.close_reason or ""
    return ended


async def ending_of(api: Serving, *messages: str | bytes) -> Ending:
    """What becomes of a client that sends these messages."""
    async with opened(api) as ws:
        for message in messages:
            await ws.send(message)
        return await ending(ws)


def subscribe(token: str | None, **changes: Any) -> str:
    """A `subscribe` as it should be, but for the changes; what is `...` or no token is left out."""
    message = {"type": "subscribe", "token": token or ..., "topics": ["capacity", "registers"]}
    return json.dumps({name: value for name, value in (message | changes).items() if value != ...})
