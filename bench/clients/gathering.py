"""The benchmark's end of a crowd: starts the client process and speaks its commands."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass
from typing import Any, Self

import orjson

from bench.clients.crowd import Mode


class CrowdError(AssertionError):
    """The stream broke its promise at one of the sockets."""


@dataclass(frozen=True, slots=True)
class State:
    """What `sockets` sockets were all sent: so many messages, up to event `last`, these versions of pools last."""

    sockets: int
    last: int | None
    messages: int
    versions: dict[str, int]


class Gathering:
    """Subscribers in a process of their own, ended with the `async with` block."""

    def __init__(self, port: int, path: str = "/v1/live") -> None:
        self._port = port
        self._path = path
        self._process: Process | None = None

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.clients.crowd", stdin=PIPE, stdout=PIPE, limit=1 << 28
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process is not None:
            if self._process.returncode is None:
                self._process.kill()
            await self._process.wait()

    async def connect(
        self,
        count: int,
        *,
        mode: Mode,
        first: dict[str, Any] | None = None,
        latest: bool = False,
        after: int | None = None,
        in_flight: int = 200,
        until: int | None = None,
    ) -> float:
        """Connect `count` sockets; seconds until all are ready and, given `until`, have received that event."""
        answer = await self._do(
            "connect",
            count=count,
            port=self._port,
            path=self._path,
            mode=mode,
            first=None if first is None else orjson.dumps(first).decode(),
            latest=latest,
            after=after,
            in_flight=in_flight,
            until=until,
            within=90,
        )
        return float(answer["seconds"])

    async def expect(self, number: int | None) -> None:
        """Wait until every socket has received event `number`."""
        await self._do("expect", number=number, within=30)

    async def messages(self) -> list[str]:
        """Every `events` message that the first socket was sent since it was ready."""
        answer: list[str] = (await self._do("messages"))["messages"]
        return answer

    async def states(self) -> list[State]:
        """Every distinct series of messages, with how many sockets were sent it."""
        return [State(**state) for state in (await self._do("states"))["states"]]

    async def drop(self) -> None:
        """Abort every connection."""
        await self._do("drop")

    async def _do(self, command: str, **arguments: object) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(orjson.dumps({"do": command, **arguments}) + b"\n")
        await self._process.stdin.drain()
        line = await self._process.stdout.readline()
        if not line:
            raise CrowdError("the client process ended")
        answer: dict[str, Any] = orjson.loads(line)
        if "error" in answer:
            raise CrowdError(answer["error"])
        return answer
