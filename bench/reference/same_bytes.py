"""Answers with bytes that were made beforehand: the least that serving a page can cost.

Takes one JSON line on stdin, `{"answers": {path: [content type, coding, base64]}}`, and answers `{}`.
"""

import asyncio
import base64
import sys

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bench.reference.settings import serve

_answers: dict[str, tuple[bytes, dict[str, str]]] = {}


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """One request; whatever wasn't given is not there."""
    if scope["type"] == "lifespan":
        taking = asyncio.create_task(asyncio.to_thread(_take))
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await taking
        await send({"type": "lifespan.shutdown.complete"})
    elif scope["type"] == "http":
        content, headers = _answers.get(scope["path"], (b"", {}))
        answer = Response(content, 200 if content else 404, headers)
        await answer(scope, receive, send)


def _take() -> None:
    line = sys.stdin.buffer.readline() or b'{"answers":{}}'
    for path, (kind, coding, content) in orjson.loads(line)["answers"].items():
        headers = {"content-type": kind} | ({"content-encoding": coding} if coding else {})
        _answers[path] = (base64.b64decode(content), headers)
    sys.stdout.write("{}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve(app)
