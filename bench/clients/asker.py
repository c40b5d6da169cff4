"""People who ask: raw keep-alive HTTP/1.1 connections that GET one prepared question after the other."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, cast

from bench.clients.reporter import LoadError


@dataclass(slots=True, eq=False)
class Connection(asyncio.Protocol):
    """Asks the next question as soon as the last was answered."""

    port: int
    requests: Sequence[bytes]
    asked: int = 0
    answered: int = 0
    received: int = 0
    _until: float = 0.0
    _done: asyncio.Future[None] | None = None
    _buffer: bytes = b""
    _transport: asyncio.Transport | None = None

    async def open(self) -> Self:
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", self.port)
        return self

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    async def ask_until(self, deadline: float) -> int:
        """Ask without a pause until `deadline` (of `time.perf_counter`); returns how many were answered."""
        before = self.answered
        self._until = deadline
        self._done = asyncio.get_running_loop().create_future()
        self._send()
        await self._done
        return self.answered - before

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(f"connection lost: {exc}")

    def data_received(self, data: bytes) -> None:
        self.received += len(data)
        if self._buffer:
            data = self._buffer + data
        end = data.find(b"\r\n\r\n")
        at = data.find(b"content-length: ", 0, end) + 16 if end > 0 else 0
        if end < 0 or len(data) < end + 4 + int(data[at : data.index(b"\r", at)]):
            self._buffer = data
            return
        self._buffer = b""
        if data[9:12] != b"200":
            self._fail(data.decode(errors="replace"))
            return
        self.answered += 1
        if time.perf_counter() < self._until:
            self._send()
        elif self._done is not None and not self._done.done():
            self._done.set_result(None)

    def _send(self) -> None:
        assert self._transport is not None
        self._transport.write(self.requests[self.asked % len(self.requests)])
        self.asked += 1

    def _fail(self, why: str) -> None:
        if self._done is not None and not self._done.done():
            self._done.set_exception(LoadError(why))


class Askers:
    """`count` connections, each beginning at another place of the questions."""

    def __init__(self, port: int, token: str, paths: Sequence[str], count: int) -> None:
        requests = [
            (
                f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n"
                f"authorization: Bearer {token}\r\n\r\n"
            ).encode()
            for path in paths
        ]
        step = max(1, len(requests) // count)
        self.connections = [
            Connection(port, requests[at * step :] + requests[: at * step]) for at in range(count)
        ]

    async def __aenter__(self) -> Self:
        await asyncio.gather(*(connection.open() for connection in self.connections))
        return self

    async def __aexit__(self, *_: object) -> None:
        for connection in self.connections:
            connection.close()

    async def rate(self, seconds: float) -> float:
        """Answers a second, all connections asking without a pause."""
        started = time.perf_counter()
        counts = await asyncio.gather(*(c.ask_until(started + seconds) for c in self.connections))
        return sum(counts) / (time.perf_counter() - started)
