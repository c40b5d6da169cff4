"""Thousands of subscribers in one process: `python -m bench.clients.crowd`.

Takes commands as JSON lines on stdin and answers each with one line; `bench.clients.gathering` is the other end. A fault
of the stream at any socket (a gap, a double, a close, a resync) is the answer to the next command, as `error`.
"""

import asyncio
import sys
import time
from collections import Counter
from typing import Any, Literal

import orjson
import uvloop

from bench.clients.history import History, StreamError, number_of
from bench.clients.websocket import Socket, frame, handshake
from bench.limits import allow_many_sockets

Mode = Literal["silent", "greeted", "snapshot", "resume"]
"""When a socket is ready: shaken hands; sent one message; has the whole snapshot; was told that it is subscribed."""


class Crowd:
    """The sockets and what they were sent."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._sockets: list[Socket] = []
        self._roots: dict[int | None, History] = {}
        self._mode: Mode = "silent"
        self._latest = False
        self._after: int | None = None
        self._first: bytes | None = None
        self._in_flight = asyncio.Semaphore()
        self._ready = 0
        self._target: int | None = None
        self._reached = 0
        self._goal: asyncio.Future[float] | None = None
        self._failure: str | None = None
        self._dropping = False

    async def obey(self, command: dict[str, Any]) -> dict[str, Any]:
        """One command of the benchmark; the answer."""
        match command.pop("do"):
            case "connect":
                return await self._connect(**command)
            case "expect":
                return await self._expect(**command)
            case "messages":
                return {"messages": [message.decode() for message in self._history(0).payloads()]}
            case "states":
                return self._states()
            case "drop":
                return await self._drop()
            case unknown:
                raise ValueError(f"unknown command {unknown}")

    async def _connect(
        self,
        *,
        count: int,
        port: int,
        path: str,
        mode: Mode,
        first: str | None,
        latest: bool,
        after: int | None,
        in_flight: int,
        until: int | None,
        within: float,
    ) -> dict[str, Any]:
        """Connect `count` sockets, at most `in_flight` of them not ready; `until` also waits for that event number."""
        self._mode, self._latest, self._after = mode, latest, after
        self._first = None if first is None else frame(first.encode())
        self._in_flight = asyncio.Semaphore(in_flight)
        opening = handshake(port, path)
        started = time.perf_counter()
        goal = self._aim(until, count)
        for _ in range(count):
            await self._in_flight.acquire()
            if self._failure is not None:
                break
            socket = Socket(self, opening, None)
            self._sockets.append(socket)
            await self._loop.create_connection(lambda socket=socket: socket, "127.0.0.1", port)  # type: ignore[misc]
        finished = await asyncio.wait_for(goal, within)
        return {"seconds": finished - started}

    async def _expect(self, *, number: int | None, within: float) -> dict[str, Any]:
        """Wait until every socket has received event `number`."""
        started = time.perf_counter()
        finished = await asyncio.wait_for(self._aim(number, len(self._sockets)), within)
        return {"seconds": finished - started}

    async def _drop(self) -> dict[str, Any]:
        self._dropping = True
        for socket in self._sockets:
            socket.abort()
        await asyncio.sleep(0.2)
        self._sockets.clear()
        self._roots.clear()
        self._ready = 0
        self._dropping = False
        return {}

    def _states(self) -> dict[str, Any]:
        """How many sockets ended with which state: an answer per distinct history, not per socket."""
        histories = Counter(self._history(at) for at in range(len(self._sockets)))
        return {
            "states": [
                {
                    "sockets": sockets,
                    "last": history.last,
                    "messages": history.messages,
                    "versions": history.versions(),
                }
                for history, sockets in histories.items()
            ]
        }

    def _history(self, at: int) -> History:
        state = self._sockets[at].state
        if not isinstance(state, History):
            raise StreamError(f"socket {at} is not ready")
        return state

    def _aim(self, number: int | None, sockets: int) -> asyncio.Future[float]:
        """A future of the moment at which `sockets` sockets are ready and have reached `number`."""
        self._target = number
        self._goal = self._loop.create_future()
        self._reached = sum(self._has_reached(socket.state) for socket in self._sockets)
        self._wanted = sockets
        self._check_goal()
        return self._goal

    def _has_reached(self, state: object) -> bool:
        if not isinstance(state, History):
            return False
        return self._target is None or (state.last is not None and state.last >= self._target)

    def _check_goal(self) -> None:
        if self._goal is None or self._goal.done():
            return
        if self._failure is not None:
            self._goal.set_exception(StreamError(self._failure))
        elif self._reached >= self._wanted:
            self._goal.set_result(time.perf_counter())

    # What a socket tells.

    def opened(self, socket: Socket) -> None:
        if self._first is not None:
            socket.send_raw(self._first)
        if self._mode == "silent":
            self._is_ready(socket, None)

    def message(self, socket: Socket, payload: bytes) -> None:
        before = socket.state
        try:
            if isinstance(before, History):
                after = before.after(payload)
                if after is not before:
                    socket.state = after
                    if not self._has_reached(before) and self._has_reached(after):
                        self._reached += 1
                        self._check_goal()
            else:
                self._opening_message(socket, payload)
        except (StreamError, orjson.JSONDecodeError, KeyError) as fault:
            self._fail(f"{type(fault).__name__}: {fault}")

    def closed(self, socket: Socket, why: str) -> None:  # noqa: ARG002  # a Listener's
        if not self._dropping:
            self._fail(f"a socket was {why}")

    def _opening_message(self, socket: Socket, payload: bytes) -> None:
        if self._mode == "greeted":
            self._is_ready(socket, None)
            return
        message: dict[str, Any] = orjson.loads(payload)
        match message["type"], self._mode:
            case "subscribed", "resume":
                self._is_ready(socket, self._after)
            case "snapshot", "snapshot":
                if message["last"]:
                    self._is_ready(socket, number_of(message["position"]))
            case (("subscribed" | "heartbeat"), _):
                pass
            case _:
                raise StreamError(f"not an opening message: {payload[:300]!r}")

    def _is_ready(self, socket: Socket, number: int | None) -> None:
        root = self._roots.get(number)
        if root is None:
            root = self._roots[number] = History(number, self._latest)
        socket.state = root
        self._ready += 1
        self._in_flight.release()
        if self._has_reached(root):
            self._reached += 1
            self._check_goal()

    def _fail(self, why: str) -> None:
        if self._failure is None:
            self._failure = why
        self._in_flight.release()
        self._check_goal()

    @property
    def failure(self) -> str | None:
        return self._failure


async def main() -> None:
    allow_many_sockets()
    crowd = Crowd()
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader(limit=1 << 26)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        try:
            answer = await crowd.obey(orjson.loads(line))
        except TimeoutError:
            answer = {"error": crowd.failure or "the sockets did not get there in time"}
        except (StreamError, OSError, ValueError) as fault:
            answer = {"error": str(fault)}
        if crowd.failure is not None:
            answer = {"error": crowd.failure}
        sys.stdout.buffer.write(orjson.dumps(answer) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    uvloop.run(main())
