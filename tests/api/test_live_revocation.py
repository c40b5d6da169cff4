"""A key that is revoked while its socket subscribes: at whichever moment, the socket ends."""

import asyncio
from typing import Any

import pytest

from api.protocol import FrameWriter
from app.live.closing import Close
from app.services import keys
from domain.actors import Role
from domain.identifiers import EVERYWHERE
from tests.factories.world import Party, World, counts, make_party
from tests.support.database import Database
from tests.support.outages import away
from tests.support.serving import Serving
from tests.support.sockets import ending, ending_of, opened, subscribe

#: Every moment at which a subscribing socket waits for something, in order.
MOMENTS = (
    "before the key is looked at",
    "while the key is looked up",
    "after the key was looked up",
    "between the two looks at the key",
    "while the key is looked up again",
    "after the key was looked up again",
    "while the snapshot is on its way",
    "once it is live",
)


class Race:
    """Revokes a key at one of the moments, and goes on only when the server has obeyed."""

    def __init__(self, api: Serving, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        assert api.container is not None
        self._server = api.container
        self._world = world
        self.party: Party
        self.moment = ""
        self._finds = 0
        ring = self._server.keys
        find, look_up, drained = ring.find, ring._look_up, FrameWriter.drained

        async def racing_find(key: str) -> Any:
            self._finds += 1
            if self._finds == 1:
                await self.pass_by("before the key is looked at")
            else:
                await self.pass_by("between the two looks at the key")
                if self.moment:
                    ring.forget(None)
            return await find(key)

        async def racing_look_up(hashed: bytes) -> Any:
            again = " again" if self._finds > 1 else ""
            await self.pass_by(f"while the key is looked up{again}")
            found = await look_up(hashed)
            await self.pass_by(f"after the key was looked up{again}")
            return found

        async def racing_drained(writer: FrameWriter) -> None:
            await drained(writer)
            await self.pass_by("while the snapshot is on its way")

        monkeypatch.setattr(ring, "find", racing_find)
        monkeypatch.setattr(ring, "_look_up", racing_look_up)
        monkeypatch.setattr(FrameWriter, "drained", racing_drained)

    async def prepare(self, moment: str) -> str:
        """A new key, to be revoked at this moment."""
        self.party = await make_party(self._world.container, Role.REFERRER)
        self.moment, self._finds = moment, 0
        return self.party.key

    async def pass_by(self, moment: str) -> None:
        """This moment is there."""
        if moment != self.moment:
            return
        self.moment = ""
        await keys.revoke_key(self._world.container, None, self.party.key_id)
        await self._world.settled()
        number = self._world.container.board.regions[EVERYWHERE].position.number
        assert await self._server.board.regions[EVERYWHERE].reach(number, 10)


async def test_a_key_revoked_at_any_moment_of_subscribing_ends_the_socket(
    api: Serving, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert api.container is not None
    race = Race(api, world, monkeypatch)
    for moment in MOMENTS:
        key = await race.prepare(moment)
        async with opened(api) as ws:
            await ws.send(subscribe(key))
            if moment == "once it is live":
                async with asyncio.timeout(5):
                    while not api.container.hub.count():
                        await asyncio.sleep(0.005)
                await race.pass_by(moment)
            async with asyncio.timeout(5):
                ended = await ending(ws)
        assert not race.moment, f"never came by: {moment}"
        assert ended.code in (Close.NOT_SIGNED_IN, Close.REVOKED), moment
        assert not Close(ended.code).come_back
        hub = api.container.hub
        async with asyncio.timeout(5):
            while hub.count() or hub._by_credential:
                await asyncio.sleep(0.005)
        again = await ending_of(api, subscribe(key))
        assert again.code == Close.NOT_SIGNED_IN, "it is not remembered either"
        async with api.client(key) as client:
            assert (await client.get("/v1/snapshot")).status_code == 401


async def test_only_the_sockets_of_the_revoked_key_end(api: Serving, world: World) -> None:
    async with (
        api.subscribe(world.other.key) as one,
        api.subscribe(world.other.key, latest=True) as two,
        api.subscribe(world.provider.key) as kept,
    ):
        for subscriber in (one, two, kept):
            await subscriber.until("snapshot")
        await keys.revoke_key(world.container, None, world.other.key_id)
        for revoked in (one, two):
            ended = await ending(revoked.ws)
            assert (ended.code, ended.reason) == (Close.REVOKED, "revoked")
        receipt = await world.report(counts(4, 1))
        await kept.until_number(receipt.position.number)


async def test_without_a_database_a_key_that_is_not_remembered_is_sent_to_come_back(
    api: Serving, world: World, database: Database
) -> None:
    async with away(database):
        ended = await ending_of(api, subscribe(world.coordinator.key))
    assert (ended.code, ended.problem) == (Close.STARTING, "unavailable")
