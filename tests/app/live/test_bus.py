"""The bus only wakes: it may die, come back, or be spoken to by others, and nothing is lost by it."""

import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis

from app.embedded import EmbeddedServers
from app.live import bus as bus_module
from app.live.bus import Bus
from domain.identifiers import RegionId

HERE, THERE = RegionId(1), RegionId(2)


@pytest.fixture(scope="module")
def valkey() -> Iterator[EmbeddedServers]:
    """A Valkey that these tests may kill."""
    with (
        tempfile.TemporaryDirectory(prefix="vt-") as home,
        EmbeddedServers(Path(home), with_postgres=False) as started,
    ):
        yield started


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, valkey: EmbeddedServers) -> None:
    """Comes back, and gives up on silence, within a moment."""
    monkeypatch.setattr(bus_module, "_RETRY_SECONDS", 0.02)
    monkeypatch.setattr(bus_module, "_SILENCE_SECONDS", 0.4)
    if not valkey.valkey_running:
        valkey.start_valkey()


class Process:
    """One process's end of the bus, and the wakes it got."""

    def __init__(self, url: str | None) -> None:
        self.woken: list[RegionId | None] = []
        self.bus = Bus(url, self.woken.append)

    async def heard(self, region_id: RegionId | None) -> None:
        """Waits until it is woken for this, and forgets what it heard."""
        await until(lambda: region_id in self.woken)
        self.woken.clear()


async def until(condition: Callable[[], object], seconds: float = 10) -> None:
    """Looks again until it is so."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def processes(url: str | None, number: int = 2) -> AsyncIterator[list[Process]]:
    """Some processes on one Valkey."""
    made = [Process(url) for _ in range(number)]
    tasks = [asyncio.create_task(process.bus.run()) for process in made]
    try:
        yield made
    finally:
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            assert ended is None or isinstance(ended, asyncio.CancelledError)


async def connected(*made: Process) -> None:
    await until(lambda: all(process.bus.connected for process in made))


async def test_a_commit_wakes_its_own_process_at_once_and_the_others_through_valkey(
    valkey: EmbeddedServers,
) -> None:
    async with processes(valkey.redis_url) as (one, other):
        await connected(one, other)
        one.woken.clear()
        one.bus.announce(HERE)
        assert one.woken == [HERE]
        await other.heard(HERE)
        other.bus.announce(THERE)
        await until(lambda: THERE in one.woken)
        assert one.woken == [HERE, THERE], "its own echo wakes it no second time"


async def test_who_connects_reads_every_region_since_a_wake_may_have_been_missed(
    valkey: EmbeddedServers,
) -> None:
    async with processes(valkey.redis_url, 1) as (one,):
        await one.heard(None)
        assert one.bus.connected


async def test_valkey_may_die_and_return_and_wakes_go_on(valkey: EmbeddedServers) -> None:
    async with processes(valkey.redis_url) as (one, other):
        for _ in range(2):
            await connected(one, other)
            valkey.kill_valkey()
            one.bus.announce(HERE)
            assert HERE in one.woken, "the own process needs no Valkey"
            await until(lambda: not one.bus.connected and not other.bus.connected)
            one.woken.clear()
            other.woken.clear()
            valkey.start_valkey()
            await one.heard(None)
            await other.heard(None)
            one.bus.announce(THERE)
            await other.heard(THERE)
            other.bus.announce(HERE)
            await one.heard(HERE)
            assert one.bus.connected
            assert other.bus.connected


async def test_a_valkey_that_falls_silent_is_given_up_and_found_again(
    valkey: EmbeddedServers,
) -> None:
    server = valkey._valkey
    assert server is not None
    assert server._process is not None
    pid = server._process.pid
    async with processes(valkey.redis_url) as (one, other):
        await connected(one, other)
        os.kill(pid, signal.SIGSTOP)
        try:
            await until(lambda: not other.bus.connected)
        finally:
            os.kill(pid, signal.SIGCONT)
        await connected(one, other)
        one.bus.announce(THERE)
        await other.heard(THERE)


async def test_without_a_valkey_to_reach_announcing_never_fails_and_never_blocks() -> None:
    async with processes("redis://127.0.0.1:1/0", 1) as (one,):
        for number in range(1000):
            one.bus.announce(RegionId(number % 3))
        await asyncio.sleep(0.1)
        assert not one.bus.connected
        assert len(one.woken) == 1000
        assert len(one.bus._pending) <= 3


async def test_without_an_address_a_process_wakes_itself_only() -> None:
    one = Process(None)
    await one.bus.run()
    one.bus.announce(HERE)
    assert one.woken == [HERE]


async def test_garbage_on_the_channel_wakes_nobody_and_ends_nothing(
    valkey: EmbeddedServers,
) -> None:
    sender = b" 0123456789abcdef"
    garbage = [
        *(b"", b"1", b"een", b"\xff\xfe", b"x" * 100_000, sender, b"1 een"),
        *(b"-1" + sender, b"1.5" + sender, b"123456" + sender, "\u0661".encode() + sender),
        *(b"1" + sender + b"0", b"1" + sender + b"\n", b"1" + sender.upper()),
    ]
    async with processes(valkey.redis_url, 1) as (one,):
        await one.heard(None)
        async with Redis.from_url(valkey.redis_url) as stranger:
            for text in garbage:
                await stranger.publish(bus_module._CHANNEL, text)
            await stranger.publish(bus_module._CHANNEL, b"99999" + sender)
            await until(lambda: RegionId(99_999) in one.woken)
            assert one.woken == [RegionId(99_999)]
        one.bus.announce(HERE)
        assert one.bus.connected


async def test_a_quiet_valkey_is_not_a_silent_one(
    valkey: EmbeddedServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus_module, "_SILENCE_SECONDS", 0.1)
    async with processes(valkey.redis_url, 1) as (one,):
        await connected(one)
        await asyncio.sleep(0.5)
        assert one.bus.connected
        assert one.woken == [None], "it never had to connect again"
