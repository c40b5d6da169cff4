"""API servers for tests: one in this process, or real processes of their own."""

import asyncio
import json
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import uvicorn
import websockets
from starlette.routing import BaseRoute

from api.gate import Gate
from api.main import create_app
from api.protocol import LiveProtocol
from api.server import OPTIONS
from app.container import Container
from app.settings import Settings

ROOT = Path(__file__).parents[2]


#: Loading the certificates of all the world takes longer than most tests, and nothing here is TLS.
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass(slots=True)
class Serving:
    """A server that answers at `base_url`. `container` is None when it is another process."""

    base_url: str
    container: Container | None = None
    process: subprocess.Popen[bytes] | None = None

    @property
    def live_url(self) -> str:
        """The socket's address."""
        return self.base_url.replace("http", "ws") + "/v1/live"

    def client(self, key: str | None = None, **options: Any) -> httpx.AsyncClient:
        """A client that shows a key."""
        headers = {"authorization": f"Bearer {key}"} if key else {}
        return httpx.AsyncClient(
            base_url=self.base_url, headers=headers, timeout=20, verify=_NO_TLS, **options
        )

    @asynccontextmanager
    async def subscribe(
        self, key: str, *, topics: tuple[str, ...] = ("capacity", "registers"), **options: Any
    ) -> AsyncIterator["Subscriber"]:
        """A live socket that has sent its `subscribe`."""
        async with websockets.connect(self.live_url, max_size=None, ping_interval=None) as ws:
            first = {"type": "subscribe", "token": key, "topics": list(topics), **options}
            await ws.send(json.dumps(first))
            yield Subscriber(ws)

    async def until_ready(self) -> None:
        """Waits until the server says that it is ready. Raises TimeoutError after 20 s."""
        async with self.client() as client, asyncio.timeout(20):
            while True:
                try:
                    if (await client.get("/health/ready")).status_code == 200:
                        return
                except httpx.TransportError:
                    assert self.process is None or self.process.poll() is None
                await asyncio.sleep(0.05)


class Subscriber:
    """The client's side of a socket: what it knows, kept as the protocol says."""

    def __init__(self, ws: websockets.ClientConnection) -> None:
        self.ws = ws
        self.position: str | None = None
        self.subjects: dict[tuple[str, str], Any] = {}
        self.events: list[Any] = []
        self.resyncs: list[str] = []

    @property
    def numbers(self) -> list[int]:
        """The numbers of the events it got, in the order in which they came."""
        return [number_of(event["position"]) for event in self.events]

    async def receive(self, seconds: float = 10) -> Any:
        """The next message, taken in."""
        async with asyncio.timeout(seconds):
            message = json.loads(await self.ws.recv())
        self.take(message)
        return message

    def take(self, message: Any) -> None:
        """Applies a message to what this client knows."""
        match message["type"]:
            case "snapshot":
                if message["part"] == 1:
                    self.subjects = {}
                for subject in message["subjects"]:
                    self.subjects[subject["kind"], subject["id"]] = subject["data"]
                if message["last"]:
                    self.position = message["position"]
            case "events":
                for event in message["events"]:
                    self.events.append(event)
                    key = (event["kind"], event["id"])
                    if event["data"] is None:
                        self.subjects.pop(key, None)
                    else:
                        self.subjects[key] = event["data"]
                self.position = message["position"]
            case "heartbeat":
                self.position = message["position"]
            case "resync":
                self.resyncs.append(message["reason"])

    async def until(self, kind: str, seconds: float = 10) -> Any:
        """Takes messages in up to and with the next one of this type."""
        async with asyncio.timeout(seconds):
            while True:
                message = await self.receive(seconds)
                if message["type"] == kind:
                    return message

    async def until_number(self, number: int, seconds: float = 20) -> None:
        """Takes messages in until it is complete up to this event number."""
        async with asyncio.timeout(seconds):
            while self.position is None or number_of(self.position) < number:
                await self.receive(seconds)


def number_of(position: str) -> int:
    """The event number in a position."""
    return int(position.split(":")[2])


#: What FastAPI works out for the routes of a router at an application's first request, by router. It
#: is the same for every application, and takes longer than most tests.
_known: dict[int, BaseRoute] = {}


def _with_known_routes(gate: Gate) -> Gate:
    """The same application, with the routes of its routers as an earlier one worked them out."""
    routes = gate.app.router.routes
    for at, route in enumerate(routes):
        router = getattr(route, "original_router", None)
        if router is not None:
            routes[at] = _known.setdefault(id(router), route)
    return gate


@asynccontextmanager
async def serving(settings: Settings, now: Callable[[], datetime]) -> AsyncIterator[Serving]:
    """A server in this process, with the test's clock."""
    # Named as TCP, or asyncio would leave Nagle's algorithm on: 40 ms for each answer.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        app = _with_known_routes(create_app(settings, now))
        options = OPTIONS | {"timeout_graceful_shutdown": 2}
        config = uvicorn.Config(app, ws=LiveProtocol, lifespan="on", **options)
        server = uvicorn.Server(config)
        task = asyncio.create_task(server._serve(sockets=[listener]))
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            async with asyncio.timeout(10):
                while not server.started:
                    assert not task.done(), task.result()
                    await asyncio.sleep(0.01)
            here = Serving(base_url, app.app.state.container)
            await here.until_ready()
            yield here
        finally:
            server.should_exit = True
            await task


@asynccontextmanager
async def api_process(settings: Settings, **environment: str) -> AsyncIterator[Serving]:
    """A server in a process of its own, ended by its id whatever the test does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    variables = {
        **os.environ,
        "VERKEERSTOREN_ENVIRONMENT": "test",
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "VERKEERSTOREN_VAR": str(settings.var),
        **environment,
    }
    log = settings.var / f"api-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "api", "--port", str(port)],
            cwd=ROOT,
            env=variables,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    here = Serving(f"http://127.0.0.1:{port}", process=process)
    try:
        await here.until_ready()
        yield here
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@asynccontextmanager
async def api_processes(
    settings: Settings, number: int, **environment: str
) -> AsyncIterator[list[Serving]]:
    """Several of them, started at the same time."""
    async with AsyncExitStack() as stack:
        starting = (
            stack.enter_async_context(api_process(settings, **environment)) for _ in range(number)
        )
        yield await asyncio.gather(*starting)
