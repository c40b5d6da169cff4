"""Server-sent events: the same messages as on the socket, for clients that only have HTTP."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import structlog

from api.catch_up import catch_up
from app.container import Container
from app.live import messages
from app.live.closing import Close
from app.live.hub import HEARTBEAT_SECONDS, Audience
from app.live.messages import Message
from domain.errors import Problem
from domain.events import Position

#: What may wait for a client, in messages and in characters; beyond it the stream ends, to be taken
#: up again.
_MAX_WAITING = 256
_MAX_WAITING_CHARACTERS = 1024 * 1024
#: A client that takes longer over a part of its snapshot or backlog is sent away to come back.
_DRAIN_SECONDS = 30.0

log = structlog.get_logger()


class SseConnection:
    """One client. To the hub it is a Connection; its messages wait in a bounded queue."""

    def __init__(self, container: Container, credential_id: UUID, audience: Audience) -> None:
        self._container = container
        self._audience = audience
        self._waiting: asyncio.Queue[Message | None] = asyncio.Queue(_MAX_WAITING)
        self._characters = 0
        self._taken = asyncio.Event()
        self._starting: asyncio.Task[None] | None = None
        self.credential_id: UUID | None = credential_id

    def write(self, message: Message) -> None:
        """Queues, or ends a stream that isn't read."""
        if self._waiting.full() or self._characters > _MAX_WAITING_CHARACTERS:
            self.close(Close.SLOW)
            return
        self._waiting.put_nowait(message)
        self._characters += len(message.text)

    def close(self, _reason: Close, /) -> None:
        """Ends the stream. SSE has no close codes: whoever comes back is told why at the door."""
        self._leave()
        self._empty()
        self._waiting.put_nowait(None)

    def restart(self, reason: str) -> None:
        """The stream was replaced: begin again with a snapshot."""
        self._leave()
        self._empty()
        board = self._container.board.regions[self._audience.region_id]
        self.write(messages.resync(reason, board.progress, self._container.now()))
        self._start(None)

    async def stream(
        self, after: Position | None, recheck: Callable[[], Awaitable[None]]
    ) -> AsyncIterator[bytes]:
        """The bytes of the response, for as long as the client stays.

        `recheck` is asked once a revocation can find this stream: one may have come in just before.
        """
        here = self._container
        here.hub.register(self)
        try:
            try:
                await recheck()
            except Problem:
                # The answer has begun, so the stream just ends; at the door they are told why.
                return
            board = here.board.regions[self._audience.region_id]
            yield messages.subscribed(
                board.progress,
                here.now(),
                topics=self._audience.topics,
                latest=self._audience.latest,
                heartbeat_seconds=HEARTBEAT_SECONDS,
            ).server_sent
            self._start(after)
            while (message := await self._waiting.get()) is not None:
                yield message.server_sent
                self._characters -= len(message.text)
                self._taken.set()
        finally:
            self._leave()
            here.hub.forget(self)

    def _start(self, after: Position | None) -> None:
        self._starting = asyncio.create_task(self._go_live(after))

    async def _go_live(self, after: Position | None) -> None:
        try:
            await catch_up(self._container, self._audience, after, self._deliver)
            self._container.hub.join(self, self._audience)
        except TimeoutError:
            self.close(Close.SLOW)
        except Problem:
            self.close(Close.STARTING)
        except Exception:
            log.exception("subscriber failed")
            self.close(Close.STARTING)

    async def _deliver(self, message: Message) -> None:
        """One part at a time: the next one is made when the client has taken this one."""
        self.write(message)
        async with asyncio.timeout(_DRAIN_SECONDS):
            while self._characters > 0:
                self._taken.clear()
                await self._taken.wait()

    def _leave(self) -> None:
        if self._starting is not None and self._starting is not asyncio.current_task():
            self._starting.cancel()
        self._container.hub.leave(self, self._audience)

    def _empty(self) -> None:
        while not self._waiting.empty():
            self._waiting.get_nowait()
        self._characters = 0
        self._taken.set()
