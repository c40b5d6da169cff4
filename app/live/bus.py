"""The bus wakes the followers of all processes. It carries no facts: losing it costs latency only."""

import asyncio
import contextlib
import re
import secrets
from collections.abc import Awaitable, Callable

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.loops import Loops
from domain.identifiers import RegionId

_CHANNEL = "verkeerstoren:wake"
_WAKE = re.compile(rb"([0-9]{1,5}) ([0-9a-f]{16})")
_RETRY_SECONDS = 1.0
#: A server that stops answering without closing the connection is given up after this long.
_SILENCE_SECONDS = 5.0

log = structlog.get_logger()


class Bus:
    """Tells this process at once, and the others through Redis, that a region has new events.

    Without an address it wakes only this process; the others poll.
    """

    def __init__(self, redis_url: str | None, wake: Callable[[RegionId | None], None]) -> None:
        """`wake` is called with the region, or None for all when some may have been missed."""
        self._url = redis_url
        self._wake = wake
        self._name = secrets.token_hex(8)
        self._pending: set[RegionId] = set()
        self._something = asyncio.Event()
        self.connected = False

    def announce(self, region_id: RegionId) -> None:
        """A commit has happened in this region. Never blocks and never fails."""
        self._wake(region_id)
        if self._url is not None:
            self._pending.add(region_id)
            self._something.set()

    async def run(self) -> None:
        """Publishes and listens until cancelled, coming back after every failure."""
        if self._url is None:
            return
        async with Loops() as loops:
            loops.start("bus publishes", self._keep(self._publish))
            loops.start("bus listens", self._keep(self._listen))
            await loops.watch()

    async def _keep(self, serve: Callable[[Redis], Awaitable[None]]) -> None:
        assert self._url is not None
        while not _cancelled():
            client = Redis.from_url(
                self._url, socket_connect_timeout=_SILENCE_SECONDS, socket_timeout=_SILENCE_SECONDS
            )
            try:
                await serve(client)
                return
            except (RedisError, OSError, TimeoutError) as error:
                if self.connected:
                    log.warning("bus lost", error=str(error))
                self.connected = False
            finally:
                with contextlib.suppress(RedisError, OSError):
                    await client.aclose()
            await asyncio.sleep(_RETRY_SECONDS)

    async def _publish(self, client: Redis) -> None:
        while not _cancelled():
            await self._something.wait()
            self._something.clear()
            regions, self._pending = self._pending, set()
            for region_id in regions:
                await client.publish(_CHANNEL, f"{region_id} {self._name}")

    async def _listen(self, client: Redis) -> None:
        async with client.pubsub() as subscription:
            await subscription.subscribe(_CHANNEL)
            self.connected = True
            self._wake(None)
            asked = False
            while not _cancelled():
                message = await subscription.get_message(
                    ignore_subscribe_messages=True, timeout=_SILENCE_SECONDS / 2
                )
                if message is None:
                    if asked:
                        raise TimeoutError("no answer to a ping")
                    await subscription.ping()
                    asked = True
                    continue
                asked = False
                if message["type"] == "message":
                    self._heard(message["data"])

    def _heard(self, data: bytes) -> None:
        """A wake names its region and its sender; our own echo would make us read twice."""
        wake = _WAKE.fullmatch(data)
        if wake is not None and wake[2].decode() != self._name:
            self._wake(RegionId(int(wake[1])))


def _cancelled() -> bool:
    """Whether this task is to end: `asyncio.wait_for`, which the client uses for its writes, may
    swallow a cancellation before Python 3.12.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
