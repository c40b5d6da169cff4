"""Providers under load: raw keep-alive HTTP/1.1 connections that PUT reports, each different and each newer.

The same client drives the API and the reference, so it is kept lighter than either: it formats a request with one
`%`, and of an answer reads only the status, the length and whether the report was accepted.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self, cast

import orjson

from bench.clients.history import number_of

_BODY = (
    b'{"observed_at":"%s.%06dZ","physical":30,"operable":28,"occupied":%d,"planned":%d,'
    b'"closed":0,"closed_reason":null,"free":null,"available_from":null}'
)
_ACCEPTED = b'"outcome":"accepted"'


class LoadError(RuntimeError):
    """An answer that a benchmark may not count: wrong status, not accepted, or a lost connection."""


@dataclass(slots=True)
class Clock:
    """Observation times that never repeat: strictly rising microseconds of the wall clock, already formatted."""

    _last: int = 0
    _second: int = -1
    _prefix: bytes = b""

    def tick(self) -> tuple[bytes, int]:
        """The second as text and the microseconds in it."""
        now = max(time.time_ns() // 1000, self._last + 1)
        self._last = now
        second, micro = divmod(now, 1_000_000)
        if second != self._second:
            self._second = second
            self._prefix = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second)).encode()
        return self._prefix, micro


@dataclass(slots=True, eq=False)
class Connection(asyncio.Protocol):
    """One provider: reports on its own pools in turn, the next as soon as the last was answered."""

    port: int
    token: str
    pools: Sequence[str]
    clock: Clock
    accepted: bytes = _ACCEPTED
    answered: int = 0
    sent: int = 0
    _heads: list[bytes] = field(default_factory=list)
    _until: float = 0.0
    _done: asyncio.Future[bytes] | None = None
    _buffer: bytes = b""
    _lost: str | None = None
    _transport: asyncio.Transport | None = None

    def __post_init__(self) -> None:
        self._heads = [
            (
                f"PUT /v1/pools/{pool}/report HTTP/1.1\r\nhost: 127.0.0.1:{self.port}\r\n"
                f"authorization: Bearer {self.token}\r\ncontent-type: application/json\r\n"
            ).encode()
            + b"content-length: %d\r\n\r\n%s"
            for pool in self.pools
        ]

    async def open(self) -> Self:
        """Connect; again, when the server has closed a connection that was idle for long."""
        self._lost = None
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", self.port)
        return self

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    async def report_once(self) -> bytes:
        """Send one report and return the answer's body."""
        self._until = 0.0
        return await self._start()

    async def report_until(self, deadline: float) -> int:
        """Report without a pause until `deadline` (of `time.perf_counter`); returns how many were accepted."""
        before = self.answered
        self._until = deadline
        await self._start()
        return self.answered - before

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = f"connection lost: {exc}"
        self._fail(self._lost)

    def data_received(self, data: bytes) -> None:
        if self._buffer:
            data = self._buffer + data
        end = data.find(b"\r\n\r\n")
        if end < 0:
            self._buffer = data
            return
        at = data.find(b"content-length: ", 0, end) + 16
        length = int(data[at : data.index(b"\r", at)]) if at > 15 else 0
        if len(data) < end + 4 + length:
            self._buffer = data
            return
        self._buffer = b""
        if data[9:12] != b"200" or data.find(self.accepted, end) < 0:
            self._fail(data.decode(errors="replace"))
            return
        self.answered += 1
        if self._until and time.perf_counter() < self._until:
            self._send()
        elif self._done is not None and not self._done.done():
            self._done.set_result(data[end + 4 :])

    async def _start(self) -> bytes:
        if self._lost is not None:
            await self.open()
        self._done = asyncio.get_running_loop().create_future()
        self._send()
        return await self._done

    def _send(self) -> None:
        if self._lost is not None:
            self._fail(self._lost)
            return
        turn = self.sent
        self.sent = turn + 1
        second, micro = self.clock.tick()
        body = _BODY % (second, micro, 10 + turn % 16, turn % 3)
        assert self._transport is not None
        self._transport.write(self._heads[turn % len(self._heads)] % (len(body), body))

    def _fail(self, why: str) -> None:
        if self._done is not None and not self._done.done():
            self._done.set_exception(LoadError(why))


@dataclass(slots=True)
class Storm:
    """What a paced series of reports left behind: the newest version of each pool and the last position."""

    versions: dict[str, int] = field(default_factory=dict)
    last: int = 0
    position: str = ""

    def add(self, body: bytes) -> None:
        """Count the body of an accepted answer in."""
        answer = orjson.loads(body)
        pool = answer["pool_id"]
        self.versions[pool] = max(answer["version"], self.versions.get(pool, 0))
        number = number_of(answer["position"])
        if number > self.last:
            self.last, self.position = number, answer["position"]


class Providers:
    """`count` connections that share out the pools, so that no two report on the same one."""

    def __init__(self, port: int, token: str, pools: Sequence[str], count: int) -> None:
        clock = Clock()
        self.pools = pools
        self.connections = [Connection(port, token, pools[at::count], clock) for at in range(count)]

    async def __aenter__(self) -> Self:
        await asyncio.gather(*(connection.open() for connection in self.connections))
        return self

    async def __aexit__(self, *_: object) -> None:
        for connection in self.connections:
            connection.close()

    async def rate(self, seconds: float) -> float:
        """Accepted reports a second, all connections reporting without a pause."""
        started = time.perf_counter()
        counts = await asyncio.gather(
            *(c.report_until(started + seconds) for c in self.connections)
        )
        return sum(counts) / (time.perf_counter() - started)

    async def count(self, reports: int) -> Storm:
        """At least `reports` accepted reports, as fast as they go."""
        storm = Storm()
        for _ in range(0, reports, len(self.connections)):
            for body in await asyncio.gather(*(c.report_once() for c in self.connections)):
                storm.add(body)
        return storm

    async def paced(self, reports: int, pace: float) -> Storm:
        """One report every `pace` seconds.

        A report waits for an idle connection, so the pace drops when the server can't keep up: see `LoadError` below.
        """
        storm = Storm()
        idle: asyncio.Queue[Connection] = asyncio.Queue()
        for connection in self.connections:
            idle.put_nowait(connection)

        async def one(connection: Connection) -> None:
            storm.add(await connection.report_once())
            idle.put_nowait(connection)

        started = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for number in range(reports):
                await asyncio.sleep(max(0.0, started + number * pace - time.perf_counter()))
                tasks.create_task(one(await idle.get()))
        took = time.perf_counter() - started
        if took > 1.25 * reports * pace + 1.0:
            raise LoadError(
                f"{reports} reports at one every {pace} s took {took:.1f} s: the server can't keep up"
            )
        return storm
