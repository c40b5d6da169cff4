"""A client that doesn't read: it is sent away to come back, and nobody else notices."""

import asyncio
import time
from collections.abc import Callable

import pytest

from api import live, protocol
from api.protocol import MAX_WAITING_BYTES, FrameWriter, LiveProtocol
from app.live.closing import Close
from app.live.hub import Hub
from tests.factories.world import REGION, World, counts
from tests.support.database import Database, log_events
from tests.support.serving import Serving
from tests.support.stalling import stalling

KB = 1024
#: One event of a storm.
SIZE = 400 * KB


class Meter:
    """The most that waited for any client at once, in bytes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.most = 0
        write = FrameWriter.write

        def measured(writer: FrameWriter, frame: bytes) -> bool:
            sent = write(writer, frame)
            waiting = writer._protocol.transport.get_write_buffer_size()
            self.most = max(self.most, waiting)
            return sent

        monkeypatch.setattr(FrameWriter, "write", measured)


@pytest.fixture
def meter(monkeypatch: pytest.MonkeyPatch) -> Meter:
    """Watches what waits for clients from here on."""
    return Meter(monkeypatch)


def hub_of(api: Serving) -> Hub:
    assert api.container is not None
    return api.container.hub


async def until(condition: Callable[[], object], seconds: float = 10) -> None:
    """Looks again until it is so."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


async def storm(api: Serving, database: Database, events: int, size: int = SIZE) -> int:
    """Events that the server reads at once; answers with the last number."""
    assert api.container is not None
    last = await log_events(database, events, size=size)
    api.container.follower.wake(REGION)
    assert await api.container.board.regions[REGION].reach(last, 10)
    return last


async def test_who_never_reads_is_closed_and_the_others_get_everything_at_once(
    api: Serving, world: World, database: Database, meter: Meter
) -> None:
    key = world.coordinator.key
    async with (
        api.subscribe(key, topics=("capacity",)) as well,
        stalling(api, key) as stalled,
    ):
        await well.until("snapshot")
        await stalled.read_until("snapshot")
        await until(lambda: hub_of(api).count() == 2)
        slowest, last = 0.0, 0
        async with asyncio.timeout(30):
            while hub_of(api).count() == 2:
                last = await storm(api, database, 1)
                reached_at = time.perf_counter()
                await well.until_number(last)
                slowest = max(slowest, time.perf_counter() - reached_at)
        assert well.numbers == list(range(well.numbers[0], last + 1))
        assert slowest < 0.5
        assert meter.most <= MAX_WAITING_BYTES + SIZE + KB
        assert await stalled.read_rest() == Close.SLOW
        assert Close.SLOW.come_back
        seen = [
            int(event["position"].split(":")[2])
            for message in stalled.messages
            for event in message.get("events", ())
        ]
        assert seen == well.numbers[: len(seen)], "what it got is without a gap"
        assert len(seen) < len(well.numbers)
    position = next(m["position"] for m in reversed(stalled.messages) if m["type"] == "events")
    async with api.subscribe(key, topics=("capacity",), after=position) as came_back:
        await came_back.until_number(last)
    assert seen + came_back.numbers == well.numbers


async def test_who_does_not_even_take_the_goodbye_is_cut_off(
    api: Serving, world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "_CLOSE_SECONDS", 0.1)
    async with stalling(api, world.coordinator.key) as stalled:
        await stalled.read_until("snapshot")
        await until(lambda: hub_of(api).count() == 1)
        while hub_of(api).count():
            await storm(api, database, 5)
        await until(lambda: not hub_of(api)._by_credential)
        await asyncio.sleep(0.3)
        assert await stalled.read_rest() is None


async def test_who_stalls_in_the_middle_of_a_huge_snapshot_is_sent_away(
    api: Serving,
    world: World,
    database: Database,
    meter: Meter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "_DRAIN_SECONDS", 0.5)
    assert api.container is not None
    last = await log_events(database, 3000, subjects=3000, size=2 * KB)
    assert await api.container.board.regions[REGION].reach(last, 20)
    part = 500 * 3 * KB
    async with stalling(api, world.coordinator.key) as stalled:
        first = await stalled.read_until("snapshot", 20)
        assert (first["part"], first["last"]) == (1, False)
        async with api.subscribe(world.coordinator.key, topics=("capacity",)) as well:
            await until(lambda: hub_of(api).count() == 1)
            receipt = await world.report(counts(5, 5))
            await well.until_number(receipt.position.number)
            assert len(well.subjects) == 3001
        await until(lambda: not hub_of(api)._by_credential)
        assert await stalled.read_rest() == Close.SLOW
        parts = [m["part"] for m in stalled.messages if m["type"] == "snapshot"]
        assert parts == list(range(1, len(parts) + 1))
        assert not any(m.get("last") for m in stalled.messages)
        assert meter.most <= part + 70 * KB, "one part waits, never the whole of it"


async def clogged(api: Serving, database: Database) -> LiveProtocol:
    """The server's end of the only client, once something waits that it doesn't read."""
    await until(lambda: hub_of(api).count() == 1)
    (channel,) = hub_of(api)._channels[REGION].values()
    (connection,) = channel.connections
    assert isinstance(connection, live.LiveSocket)
    ours = connection._writer._protocol
    while ours.writable.is_set():
        await storm(api, database, 1)
    return ours


async def test_a_client_that_leaves_without_reading_the_rest_is_let_go(
    api: Serving, world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "_CLOSE_SECONDS", 0.1)
    async with stalling(api, world.coordinator.key) as stalled:
        ours = await clogged(api, database)
        await stalled.say_goodbye()
        await until(lambda: not hub_of(api)._by_credential)
        await until(lambda: ours.disconnected)


async def test_a_client_that_is_closed_and_answers_but_never_reads_is_let_go(
    api: Serving, world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "_CLOSE_SECONDS", 0.2)
    async with stalling(api, world.coordinator.key) as stalled:
        ours = await clogged(api, database)
        hub_of(api).dismiss()
        await stalled.say_goodbye()
        await until(lambda: ours.disconnected)


async def test_a_client_that_answers_no_ping_is_let_go_though_it_never_reads(
    api: Serving, world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "_CLOSE_SECONDS", 0.1)
    async with stalling(api, world.coordinator.key):
        ours = await clogged(api, database)
        ours.keepalive_timeout()
        await until(lambda: not hub_of(api)._by_credential)
        await until(lambda: ours.disconnected)


async def test_a_client_that_is_just_leaving_is_no_trouble_to_who_writes_closes_or_stops(
    api: Serving, world: World, database: Database
) -> None:
    """Its goodbye is in, and nobody else has heard of it yet."""
    async with stalling(api, world.coordinator.key) as leaving:
        ours = await clogged(api, database)
        leaving.protocol.send_close(1000)
        ours.data_received(b"".join(leaving.protocol.data_to_send()))
        waiting = ours.transport.get_write_buffer_size()
        assert hub_of(api).count() == 1, "the hub still counts on it"
        hub_of(api).beat()
        assert ours.transport.get_write_buffer_size() == waiting, "nothing follows a goodbye"
        hub_of(api).revoke(world.coordinator.key_id)
        hub_of(api).dismiss()
        ours.shutdown()
        await until(lambda: not hub_of(api)._by_credential)
