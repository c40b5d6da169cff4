"""Clients that live through trouble: writers that repeat until they know, followers that come back."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import websockets

from tests.support.serving import Serving, number_of

#: What a client meets when the other side dies.
_GONE = (OSError, EOFError, TimeoutError, websockets.WebSocketException)


class Fleet(list[Serving]):
    """The servers that are there at the moment."""

    async def any(self, draw: random.Random) -> Serving:
        """One of them; waits while there is none."""
        while not self:
            await asyncio.sleep(0.01)
        return draw.choice(self)


@dataclass(slots=True)
class Said:
    """A report, and the answer that it got in the end."""

    pool_id: UUID
    observed_at: str
    occupied: int
    outcome: str
    position: str


@dataclass(slots=True)
class Writer:
    """Reports on one pool, each report again and again until it is known what became of it."""

    fleet: Fleet
    key: str
    pool_id: UUID
    draw: random.Random
    said: list[Said] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    async def write_until(self, done: asyncio.Event) -> None:
        """One report after another."""
        async with httpx.AsyncClient(
            headers={"authorization": f"Bearer {self.key}"}, timeout=10
        ) as client:
            while not done.is_set():
                await self.report(client)
                await asyncio.sleep(self.draw.uniform(0, 0.02))

    async def report(self, client: httpx.AsyncClient) -> None:
        """One report of what is true now, as often as it takes."""
        at = datetime.now(UTC) - timedelta(seconds=5)
        occupied = self.draw.randint(0, 20)
        body: dict[str, Any] = {
            "observed_at": at.isoformat().replace("+00:00", "Z"),
            "operable": 20,
            "occupied": occupied,
            "planned": 0,
        }
        while True:
            api = await self.fleet.any(self.draw)
            url = f"{api.base_url}/v1/pools/{self.pool_id}/report"
            try:
                answer = await client.put(url, json=body)
            except httpx.TransportError as error:
                self.problems.append(type(error).__name__)
                await asyncio.sleep(0.02)
                continue
            if answer.status_code != 200:
                self.problems.append(answer.json()["type"].rpartition(":")[2])
                assert answer.status_code == 503, answer.text
                await asyncio.sleep(0.02)
                continue
            told = answer.json()
            said = Said(
                self.pool_id, body["observed_at"], occupied, told["outcome"], told["position"]
            )
            self.said.append(said)
            return


class Wanderer:
    """Follows every event of region 1, and is thrown from one server to another all the time.

    It comes back with the position of the last event it took in, which may be halfway a message.
    """

    def __init__(self, fleet: Fleet, key: str, after: str, draw: random.Random) -> None:
        self.position = after
        self.events: list[Any] = []
        self.came_back = 0
        self._fleet = fleet
        self._key = key
        self._draw = draw

    @property
    def number(self) -> int:
        """How far it is."""
        return number_of(self.position)

    async def wander_until(self, done: asyncio.Event) -> None:
        """From server to server."""
        while not done.is_set():
            await self._stay(self._draw.randint(1, 12))
            self.came_back += 1

    async def wander_to(self, number: int) -> None:
        """From server to server until it is this far."""
        async with asyncio.timeout(30):
            while self.number < number:
                await self._stay(self._draw.randint(1, 12))

    async def _stay(self, messages: int) -> None:
        api = await self._fleet.any(self._draw)
        try:
            async with asyncio.timeout(2), api.subscribe(self._key, after=self.position) as socket:
                for _ in range(messages):
                    if not self._take(await socket.receive()):
                        return
        except _GONE:
            await asyncio.sleep(0.01)

    def _take(self, message: Any) -> bool:
        """Checks and takes in; False: it is gone in the middle of the message."""
        if message.get("code") == "unavailable":
            return False
        assert message["type"] in {"subscribed", "events", "heartbeat"}, message
        events: Sequence[Any] = message.get("events", ())
        drops = self._draw.random() < 0.1
        for event in events:
            assert number_of(event["position"]) == self.number + 1, "lost, doubled or reordered"
            self.events.append(event)
            self.position = event["position"]
            if drops and self._draw.random() < 0.5:
                return False
        if message["type"] != "subscribed":
            assert message["position"] == self.position, "complete up to what was delivered"
        return True
