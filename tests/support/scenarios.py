"""A region at work: everybody calls the API with a key of their own, and the clock is turned."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

import httpx
from httpx import codes

from app.services.referrals import sweeps
from tests.factories.clock import amsterdam
from tests.factories.world import REGION, World
from tests.support.clock import Clock
from tests.support.serving import Serving, Subscriber, number_of

_numbers = count(42_000_001)


@dataclass(slots=True)
class Desk:
    """Somebody with a key. Paths are those of the API without `/v1`."""

    client: httpx.AsyncClient
    organisation_id: str
    key: str

    async def get(self, path: str, **asked: Any) -> Any:
        """The answer to a question."""
        return _told(await self.client.get(f"/v1{path}", params=asked))

    async def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """The answer to an act."""
        return _told(await self.client.post(f"/v1{path}", json=body, headers=headers))

    async def put(self, path: str, body: Any, **headers: str) -> Any:
        """The answer to an act."""
        return _told(await self.client.put(f"/v1{path}", json=body, headers=headers))

    async def refused(self, code: str, method: str, path: str, body: Any = None) -> Any:
        """The problem that a call is answered with."""
        answer = await self.client.request(method, f"/v1{path}", json=body)
        assert answer.is_client_error, answer.text
        problem = answer.json()
        assert problem["type"].endswith(f":{code}"), problem
        return problem


def _told(answer: httpx.Response) -> Any:
    assert answer.is_success, f"{answer.request.method} {answer.url}: {answer.text}"
    return answer.json() if answer.status_code != codes.NO_CONTENT else None


@dataclass(slots=True)
class Region:
    """The region, and who makes its registers."""

    api: Serving
    world: World
    clock: Clock
    stack: AsyncExitStack
    operator: Desk = field(init=False)
    coordinator: Desk = field(init=False)

    async def desk(self, organisation_id: object, key: str) -> Desk:
        """Somebody who has this key."""
        client = await self.stack.enter_async_context(self.api.client(key))
        return Desk(client, str(organisation_id), key)

    async def key(self, organisation_id: str, role: str) -> Desk:
        """Somebody with a new key of an organisation."""
        body = {"organisation_id": organisation_id, "role": role, "name": f"{next(_numbers)}"}
        return await self.desk(organisation_id, (await self.operator.post("/keys", body))["key"])

    async def organisation(self, kind: str, name: str, role: str, **details: Any) -> Desk:
        """A new organisation, by somebody who works there."""
        body = {"agb": str(next(_numbers)), "name": name, "kind": kind, "regions": [REGION]}
        made = await self.operator.post("/organisations", {**body, **details})
        return await self.key(made["id"], role)

    async def location(self, owner: Desk, name: str, **details: Any) -> str:
        """A location of an organisation."""
        body = {
            "organisation_id": owner.organisation_id,
            "region_id": REGION,
            "name": name,
            "address": "Markt 10",
            "postcode": "2711",
            "place": "Zoetermeer",
            "telephone": "079 111 22 33",
        }
        made: dict[str, Any] = await self.operator.post("/locations", {**body, **details})
        return str(made["id"])

    async def pool(self, owner: Desk, name: str, *care_types: str, **details: Any) -> str:
        """Places at a location of their own. `wlz_contract` is the location's."""
        at = {"wlz_contract": details.pop("wlz_contract", False)}
        body = {
            "location_id": await self.location(owner, name, **at),
            "external_id": f"{next(_numbers)}",
            "name": name,
            "care_types": care_types,
        }
        made: dict[str, Any] = await self.operator.post("/pools", {**body, **details})
        return str(made["id"])

    async def beds(self, owner: Desk, name: str, number: int) -> tuple[str, list[str]]:
        """A pool of multifunctional beds, and the beds."""
        pool_id = await self.pool(owner, name, "mfb")
        made = [
            await self.operator.post(
                "/beds", {"pool_id": pool_id, "external_id": f"{n}", "name": f"Bed {n}"}
            )
            for n in range(1, number + 1)
        ]
        return pool_id, [bed["id"] for bed in made]

    async def team(self, owner: Desk, name: str, **details: Any) -> str:
        """A home-care team in Zoetermeer."""
        body = {
            "organisation_id": owner.organisation_id,
            "external_id": f"{next(_numbers)}",
            "name": name,
            "telephone": "079 444 55 66",
            "pc4s": ["2725"],
        }
        made: dict[str, Any] = await self.operator.post("/home-care-teams", {**body, **details})
        return str(made["id"])

    def at(self, moment: str) -> datetime:
        """Turns the clock to a moment by the clocks in Amsterdam, from where it runs on."""
        now = amsterdam(moment)
        self.clock.set(now)
        return now

    async def settled(self) -> None:
        """Waits until the board shows all that was written."""
        await self.world.settled()

    async def sweep(self) -> None:
        """What the worker does once a second."""
        assert self.api.container is not None
        while (await sweeps.sweep(self.api.container)).more:
            pass

    async def tell_stale(self) -> None:
        """What the worker does once a minute."""
        assert self.api.container is not None
        await sweeps.tell_stale(self.api.container)

    @asynccontextmanager
    async def listening(self, desk: Desk, *topics: str) -> AsyncIterator[Subscriber]:
        """A socket of somebody, past its snapshot."""
        async with self.api.subscribe(desk.key, topics=topics) as subscriber:
            await subscriber.until("snapshot")
            yield subscriber


async def heard(subscriber: Subscriber, done: Any) -> list[Any]:
    """The states that a socket was told of, up to an act that somebody has just done."""
    await subscriber.until_number(number_of(done["position"]))
    return [event["data"] and event["data"]["state"] for event in subscriber.events]


@asynccontextmanager
async def at_work(api: Serving, world: World, clock: Clock) -> AsyncIterator[Region]:
    """The region of a world, where the coordination point serves Zoetermeer."""
    async with AsyncExitStack() as stack:
        region = Region(api, world, clock, stack)
        party = world.operator
        region.operator = await region.desk(party.organisation_id, party.key)
        party = world.coordinator
        region.coordinator = await region.desk(party.organisation_id, party.key)
        here = {
            "agb": party.agb,
            "name": "Centraal Coördinatiepunt",
            "kind": "coordination-point",
            "regions": [REGION],
            "pc4s": ["2725"],
            "telephone": "079 000 11 22",
        }
        path = f"/organisations/{party.organisation_id}"
        await region.operator.put(path, here, **{"if-match": '"1"'})
        yield region
