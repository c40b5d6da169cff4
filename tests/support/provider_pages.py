"""A provider with something to tell of, on a real server, and a visitor who sends its forms without a browser."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from domain.actors import Role
from domain.beds import BedReport
from domain.capacity import Figures
from domain.care_types import CareType
from domain.home_care import Light, TeamReport
from domain.identifiers import BedId, PoolId, TeamId
from tests.factories import home_care
from tests.factories.beds import FREE, OCCUPIED, make_beds, say
from tests.factories.people import MadePerson, make_person, signed_in
from tests.factories.world import Inhabitants, World, make_pool
from tests.support.clock import Clock
from tests.support.serving import Serving

PAGE = "/mijn-capaciteit"
_TOKEN = re.compile(r'data-csrf="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Ward:
    """One location: a pool with 2 free, one with 1, an MFB pool of three beds, and a team."""

    api: Serving
    world: World
    first: PoolId
    respijt: PoolId
    mfb: PoolId
    beds: list[BedId]
    team: TeamId
    person: MadePerson

    async def token(self, person: MadePerson | None = None) -> str:
        """A session of a person, by default of the one who keeps the capacity."""
        return (await signed_in(self.world.container, person or self.person)).token

    async def visitor(self, person: MadePerson | None = None) -> "Visitor":
        """A browser without its scripts."""
        return Visitor(self.api, await self.token(person))

    async def free(self, pool_id: PoolId | None = None) -> list[int]:
        """The numbers that were told of a pool from pages, oldest first; each report once."""
        query = (
            "SELECT free FROM pool_report WHERE pool_id = $1 AND source_kind = 'page'"
            " ORDER BY received_at, stated_at"
        )
        rows = await self.world.container.read(
            lambda connection: connection.fetch(query, pool_id or self.first)
        )
        return [row["free"] for row in rows]


async def make_ward(api: Serving, inhabitants: Inhabitants, clock: Clock) -> Ward:
    """On a Wednesday at ten: figures that are told then are believed until the afternoon."""
    clock.set(_wednesday())
    assert api.container is not None
    world = await World.known(api.container, inhabitants)
    respijt = await make_pool(api.container, world.location_id, CareType.RESPIJT)
    mfb = await make_pool(api.container, world.location_id, CareType.MFB)
    beds = await make_beds(world, 3, mfb)
    team = await home_care.make_team(world, name="Team Rokkeveen")
    await world.settled()
    await world.report(Figures(free=2))
    await world.report(Figures(free=1), pool_id=respijt)
    for bed_id, said in zip(beds, (FREE, OCCUPIED, BedReport(OCCUPIED.state)), strict=True):
        await say(world, bed_id, said)
    await home_care.tell(world, team, TeamReport(Light.GROEN))
    await world.settled()
    person = await make_person(
        api.container,
        Role.PROVIDER_CAPACITY,
        world.provider.organisation_id,
        name="S. de Wit",
    )
    return Ward(api, world, world.pool_id, respijt, mfb, beds, team, person)


class Visitor:
    """Sends forms as a browser without scripts does, or as the page's script does."""

    def __init__(self, api: Serving, session: str) -> None:
        self._api = api
        self._cookies = {"vt_session": session}

    async def get(self, path: str = PAGE) -> httpx.Response:
        """A page."""
        async with self._api.client(cookies=self._cookies) as client:
            return await client.get(path)

    async def post(self, path: str, fields: dict[str, Any], **options: Any) -> httpx.Response:
        """A form, whose answer is a page."""
        told = {**fields, "csrf": await self._token()}
        async with self._api.client(cookies=self._cookies) as client:
            return await client.post(path, data=told, **options)

    async def send(self, path: str, fields: dict[str, Any]) -> httpx.Response:
        """What the page's script sends."""
        headers = {"accept": "application/json", "x-csrf-token": await self._token()}
        async with self._api.client(cookies=self._cookies) as client:
            return await client.post(path, data=fields, headers=headers)

    async def _token(self) -> str:
        found = _TOKEN.search((await self.get("/weergave")).text)
        assert found
        return found[1]


def place(pool_id: UUID) -> str:
    """Where a pool's number goes."""
    return f"{PAGE}/plaats/{pool_id}"


def _wednesday() -> datetime:
    now = datetime.now(UTC)
    ahead = (2 - now.weekday()) % 7 or 7
    return (now + timedelta(days=ahead)).replace(hour=9, minute=30, second=0, microsecond=0)
