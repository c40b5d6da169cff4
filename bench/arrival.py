"""arrival_1: from sending a report until its event is at a subscriber, against the time of the request itself."""

import asyncio
import random
import time
from statistics import median
from typing import Any

import orjson

from bench.clients.history import number_of
from bench.clients.reporter import Providers
from bench.clients.websocket import Socket, frame, handshake
from bench.figures import Figure, Target
from bench.processes import Server
from bench.region import Region, fill
from bench.stage import Stage

_POOLS = 60
_ROUNDS = 5
_REPORTS = 100
_PAUSE = (0.004, 0.016)


async def arrival(stage: Stage) -> list[Figure]:
    """At a subscriber of the same process, and of another process of the same region."""
    database = await stage.database("arrival")
    region = await fill(database, pools=_POOLS)
    with stage.api(database) as api:
        async with Providers(api.port, region.reporter, region.pools, 1) as provider:
            same = await _measure("arrival_1", region, provider, api, Target("ratio", "at most", 2))
            with stage.api(database) as other:
                elsewhere = await _measure("arrival_1_other_process", region, provider, other, None)
    return [same, elsewhere]


async def _measure(
    name: str, region: Region, provider: Providers, server: Server, target: Target | None
) -> Figure:
    watcher = _Watcher()
    await watcher.subscribe(server.port, region.subscription())
    pauses = random.Random(1)
    runs: list[float] = []
    reference_runs: list[float] = []
    try:
        await _round(provider, watcher, pauses)
        for _ in range(_ROUNDS):
            arrivals, requests = await _round(provider, watcher, pauses)
            runs.append(median(arrivals))
            reference_runs.append(median(requests))
    finally:
        watcher.leave()
    return Figure(name, "ms", runs, reference_runs, target)


async def _round(
    provider: Providers, watcher: "_Watcher", pauses: random.Random
) -> tuple[list[float], list[float]]:
    """Milliseconds until the event arrived and until the answer did, of each report."""
    arrivals: list[float] = []
    requests: list[float] = []
    for _ in range(_REPORTS):
        sent = time.perf_counter()
        answer = await provider.connections[0].report_once()
        requests.append((time.perf_counter() - sent) * 1000)
        arrived = await watcher.arrival_of(number_of(orjson.loads(answer)["position"]))
        arrivals.append((arrived - sent) * 1000)
        await asyncio.sleep(pauses.uniform(*_PAUSE))
    return arrivals, requests


class _Watcher:
    """One subscriber in this process, noting when each event came in."""

    def __init__(self) -> None:
        self._arrivals: dict[int, asyncio.Future[float]] = {}
        self._subscribed = asyncio.get_running_loop().create_future()
        self._socket: Socket | None = None
        self._first = b""
        self._leaving = False

    async def subscribe(self, port: int, subscription: dict[str, Any]) -> None:
        self._first = frame(orjson.dumps(subscription))
        self._socket = Socket(self, handshake(port, "/v1/live"), None)
        socket = self._socket
        await asyncio.get_running_loop().create_connection(lambda: socket, "127.0.0.1", port)
        await asyncio.wait_for(self._subscribed, 10)

    def leave(self) -> None:
        self._leaving = True
        if self._socket is not None:
            self._socket.abort()

    async def arrival_of(self, number: int) -> float:
        """When event `number` came in."""
        return await asyncio.wait_for(self._arrival(number), 10)

    def _arrival(self, number: int) -> asyncio.Future[float]:
        return self._arrivals.setdefault(number, asyncio.get_running_loop().create_future())

    def opened(self, socket: Socket) -> None:
        socket.send_raw(self._first)

    def message(self, socket: Socket, payload: bytes) -> None:  # noqa: ARG002  # a Listener's
        now = time.perf_counter()
        message = orjson.loads(payload)
        if message["type"] == "snapshot" and message["last"] and not self._subscribed.done():
            self._subscribed.set_result(None)
        elif message["type"] == "events":
            for event in message["events"]:
                arrival = self._arrival(number_of(event["position"]))
                if not arrival.done():
                    arrival.set_result(now)

    def closed(self, socket: Socket, why: str) -> None:  # noqa: ARG002  # a Listener's
        if not self._leaving:
            raise AssertionError(f"the subscriber was {why}")
