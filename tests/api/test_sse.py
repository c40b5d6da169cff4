"""Server-sent events: the socket's messages for who only has HTTP, resumable by the last id."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import httpx
import pytest

from api import sse
from app.services import keys
from tests.factories.world import REGION, World, counts
from tests.support.database import Database, log_events
from tests.support.server_sent import event_source
from tests.support.serving import Serving, number_of


async def gone(api: Serving) -> bool:
    """Waits until the server holds on to no stream."""
    assert api.container is not None
    hub = api.container.hub
    async with asyncio.timeout(5):
        while hub.count() or hub._by_credential:
            await asyncio.sleep(0.01)
    return True


async def test_a_stream_gives_the_state_then_each_event_and_heartbeats(
    api: Serving, world: World
) -> None:
    assert api.container is not None
    async with event_source(api, world.coordinator.key) as source:
        assert source.response.headers["content-type"].startswith("text/event-stream")
        assert source.response.headers["cache-control"] == "no-store"
        opening = await source.receive()
        assert (opening["type"], source.last_id) == ("subscribed", None)
        await source.until("snapshot")
        assert {kind for kind, _ in source.knows.subjects} >= {"pool", "capacity"}
        receipt = await world.report(counts(6, 2))
        message = await source.until("events")
        assert source.last_id == message["position"] == str(receipt.position)
        api.container.hub.beat()
        assert (await source.receive())["type"] == "heartbeat"
    assert await gone(api)


@pytest.mark.parametrize("by", ["header", "parameter"])
async def test_who_comes_back_with_the_last_id_gets_the_rest_once(
    api: Serving, world: World, by: str
) -> None:
    async with event_source(api, world.coordinator.key) as source:
        await source.until("snapshot")
        await world.report(counts(6, 2))
        await source.until("events")
        last_id = source.last_id or ""
    missed = [await world.report(counts(6, n)) for n in (3, 4)]
    options = {"last_id": last_id} if by == "header" else {"after": last_id}
    async with event_source(api, world.coordinator.key, **options) as source:
        while len(source.knows.numbers) < 2:
            await source.receive()
    assert source.knows.numbers == [receipt.position.number for receipt in missed]
    assert source.knows.resyncs == []


async def test_the_header_is_newer_than_the_address_it_was_opened_with(
    api: Serving, world: World
) -> None:
    old = (await world.report(counts(6, 1))).position
    new = (await world.report(counts(6, 2))).position
    await world.report(counts(6, 3))
    key = world.coordinator.key
    async with event_source(api, key, last_id=str(new), after=str(old)) as source:
        await source.until("events")
        assert source.knows.numbers == [new.number + 1]


async def test_a_position_of_another_history_begins_anew(api: Serving, world: World) -> None:
    last = (await world.report(counts(6, 1))).position
    wrong = str(replace(last, tag=last.tag ^ 1))
    async with event_source(api, world.coordinator.key, last_id=wrong) as source:
        await source.until("resync")
        await source.until("snapshot")
        assert source.knows.resyncs == ["unknown-position"]
        assert source.last_id == source.knows.position == str(last)


async def test_half_a_snapshot_leaves_no_id_to_come_back_with(
    api: Serving, world: World, database: Database
) -> None:
    last = await log_events(database, 700, subjects=700)
    assert api.container is not None
    assert await api.container.board.regions[REGION].reach(last, 10)
    async with event_source(api, world.coordinator.key) as source:
        first = await source.until("snapshot")
        assert (first["last"], source.last_id) == (False, None)
        second = await source.until("snapshot")
        assert (second["last"], source.last_id) == (True, second["position"])


async def test_latest_mode_sends_the_last_state_of_a_subject(api: Serving, world: World) -> None:
    async with event_source(api, world.coordinator.key, latest=True) as source:
        await source.until("snapshot")
        last = [await world.report(counts(9, n)) for n in range(6)][-1].position.number
        while number_of(source.knows.position or "0:0:0:0") < last:
            await source.receive()
        assert source.knows.numbers[-1] == last
        assert source.knows.subjects["capacity", str(world.pool_id)]["occupied"] == 5


async def test_bad_input_is_told_before_the_stream_begins(api: Serving, world: World) -> None:
    for parameters, status in (
        ({"last_id": "1:1"}, 400),
        ({"topics": "alles"}, 400),
        ({"region": 2}, 404),
        ({"region": 0, "topics": "revocations"}, 403),
    ):
        async with event_source(api, world.coordinator.key, **parameters) as source:
            assert source.response.status_code == status, parameters
    async with event_source(api, "vt_" + "A" * 43) as source:
        assert source.response.status_code == 401


async def test_a_revoked_key_ends_its_stream_and_no_other(api: Serving, world: World) -> None:
    async with (
        event_source(api, world.other.key) as revoked,
        event_source(api, world.provider.key) as kept,
    ):
        await revoked.until("snapshot")
        await kept.until("snapshot")
        await keys.revoke_key(world.container, None, world.other.key_id)
        async with asyncio.timeout(5):
            assert await revoked.receive() is None
        await world.report(counts(6, 2))
        await kept.until("events")


async def test_a_key_revoked_while_its_stream_opens_ends_it_without_a_word_more(
    api: Serving, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the gate's look at the key and the moment a revocation can find the stream."""
    assert api.container is not None
    remembered = api.container.keys._remembered
    stream = sse.SseConnection.stream

    async def late(
        self: sse.SseConnection, *arguments: Any, **options: Any
    ) -> AsyncIterator[bytes]:
        await keys.revoke_key(world.container, None, world.other.key_id)
        async with asyncio.timeout(5):
            while self._container.keys._remembered is remembered:
                await asyncio.sleep(0.01)
        async for part in stream(self, *arguments, **options):
            yield part

    monkeypatch.setattr(sse.SseConnection, "stream", late)
    async with event_source(api, world.other.key) as source:
        assert await source.receive() is None
    assert await gone(api)


async def test_a_client_that_stops_reading_is_ended_and_the_others_go_on(
    api: Serving, world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse, "_MAX_WAITING", 4)
    assert api.container is not None
    hub = api.container.hub
    async with (
        event_source(api, world.coordinator.key) as stalled,
        event_source(api, world.provider.key) as well,
    ):
        await stalled.until("snapshot")
        await well.until("snapshot")
        assert hub.count() == 2
        last = 0
        async with asyncio.timeout(20):
            while hub.count() == 2:
                last = await log_events(database, 20, size=50_000)
                api.container.follower.wake(REGION)
                while not well.knows.numbers or well.knows.numbers[-1] < last:
                    await well.receive()
        assert well.knows.numbers == list(range(well.knows.numbers[0], last + 1))
        rest = 0
        try:
            while (await stalled.receive()) is not None:
                rest += 1
        except httpx.TransportError:
            pass
        assert stalled.knows.numbers == well.knows.numbers[: len(stalled.knows.numbers)]
        assert len(stalled.knows.numbers) < len(well.knows.numbers)
        assert rest < 100
    assert await gone(api)


async def test_who_stalls_in_the_middle_of_a_huge_snapshot_is_sent_away(
    api: Serving, world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse, "_DRAIN_SECONDS", 0.3)
    assert api.container is not None
    last = await log_events(database, 4000, subjects=4000, size=4000)
    assert await api.container.board.regions[REGION].reach(last, 20)
    async with event_source(api, world.coordinator.key) as stalled:
        await stalled.until("subscribed")
        connections = {c for group in api.container.hub._by_credential.values() for c in group}
        (connection,) = connections
        assert isinstance(connection, sse.SseConnection)
        await asyncio.sleep(1)
        assert connection._waiting.qsize() <= 1, "the end, and nothing of the snapshot"
        with suppress(httpx.TransportError):
            while (await stalled.receive()) is not None:
                assert stalled.last_id is None, "what it got is not to be gone on from"
    assert await gone(api)
