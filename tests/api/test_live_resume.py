"""Coming back with a position: everything after it once, or the word to begin anew. Nothing in between."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from app.container import Container
from app.live import follower, resume
from app.live.closing import Close
from app.live.messages import MAX_ITEMS
from app.settings import Settings
from domain.events import Position
from domain.identifiers import RegionId
from tests.factories.world import REGION, World, counts, make_pool
from tests.support.clock import Clock
from tests.support.database import Database, log_events
from tests.support.outages import away
from tests.support.serving import Serving, Subscriber, number_of, serving
from tests.support.sockets import ending_of, subscribe


def head_of(container: Container | None) -> Position:
    assert container is not None
    return container.board.regions[REGION].position


async def reached(api: Serving, number: int) -> None:
    """Wakes the server's follower and waits until its board is there."""
    assert api.container is not None
    api.container.follower.wake(REGION)
    assert await api.container.board.regions[REGION].reach(number, 10)


async def rest_after(api: Serving, key: str, after: object, upto: int) -> Subscriber:
    """A subscriber that came back at a position, once it is complete up to a number."""
    async with api.subscribe(key, after=str(after)) as subscriber:
        while not subscriber.numbers or subscriber.numbers[-1] < upto:
            await subscriber.receive()
    return subscriber


async def test_from_every_position_the_rest_comes_once_and_in_order(
    api: Serving, world: World, database: Database
) -> None:
    for occupied in range(4):
        await world.report(counts(9, occupied))
    rows = await database.all(
        "SELECT epoch, number, tag FROM event WHERE region_id = 1 ORDER BY number"
    )
    last = rows[-1]["number"]
    for row in rows[:-1]:
        after = Position(REGION, *row)
        came_back = await rest_after(api, world.coordinator.key, after, last)
        assert came_back.numbers == list(range(after.number + 1, last + 1))
        assert came_back.resyncs == []
        assert number_of(came_back.position or "") == last


async def test_at_the_head_nothing_comes_but_what_happens_next(api: Serving, world: World) -> None:
    at = (await world.report(counts(9, 1))).position
    async with api.subscribe(world.coordinator.key, after=str(at)) as subscriber:
        await subscriber.until("subscribed")
        receipt = await world.report(counts(9, 2))
        message = await subscriber.receive()
        assert message["type"] == "events"
        assert subscriber.numbers == [receipt.position.number]


@pytest.mark.parametrize("remembered", [10, resume.RING_EVENTS], ids=["by the log", "by the ring"])
async def test_every_message_of_a_backlog_tells_no_more_than_it_completes(
    api: Serving,
    world: World,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    remembered: int,
) -> None:
    """Whoever drops after any message of a long backlog comes back without having lost one."""
    assert api.container is not None
    before = head_of(api.container)
    last = await log_events(database, 3 * MAX_ITEMS + 7)
    await reached(api, last)
    ring = api.container.board.regions[REGION].ring
    while len(ring._events) > remembered:
        ring.start = ring._events.popleft().position
    async with api.subscribe(world.coordinator.key, after=str(before)) as whole:
        messages = [await whole.until("events")]
        while number_of(messages[-1]["position"]) < last:
            messages.append(await whole.until("events"))
    assert whole.numbers == list(range(before.number + 1, last + 1))
    assert len(messages) == 4
    for message in messages:
        assert message["position"] == message["events"][-1]["position"]
    dropped = messages[0]["position"]
    came_back = await rest_after(api, world.coordinator.key, dropped, last)
    assert came_back.numbers == list(range(number_of(dropped) + 1, last + 1))


async def test_halfway_a_message_is_a_place_to_come_back_from_too(
    api: Serving, world: World, database: Database
) -> None:
    before = head_of(api.container)
    last = await log_events(database, 40)
    await reached(api, last)
    whole = await rest_after(api, world.coordinator.key, before, last)
    halfway = whole.events[17]["position"]
    came_back = await rest_after(api, world.coordinator.key, halfway, last)
    assert whole.numbers[:18] + came_back.numbers == whole.numbers


@pytest.mark.parametrize("topics", [("capacity",), ("registers",)])
async def test_coming_back_with_topics_loses_none_of_them(
    api: Serving, world: World, topics: tuple[str, ...]
) -> None:
    before = head_of(api.container)
    for occupied in range(3):
        await make_pool(world.container, world.location_id)
        await world.report(counts(9, occupied))
    await world.settled()
    await reached(api, head_of(world.container).number)
    async with api.subscribe(world.coordinator.key, after=str(before), topics=topics) as subscriber:
        await subscriber.until("events")
        assert api.container is not None
        api.container.hub.beat()
        await subscriber.until("heartbeat")
    kinds = [event["kind"] for event in subscriber.events]
    expected = {"capacity": ["capacity"] * 6, "registers": ["pool"] * 3}[topics[0]]
    assert kinds == expected
    assert subscriber.position == str(head_of(world.container))


async def test_what_is_no_position_of_this_stream_begins_anew_and_says_why(
    api: Serving, world: World, database: Database
) -> None:
    last = (await world.report(counts(9, 3))).position
    await reached(api, last.number)
    row = await database.one(
        "SELECT epoch, number, tag FROM event WHERE number = 1 AND region_id = 1"
    )
    early = Position(REGION, *row)
    everywhere = world.container.board.regions[RegionId(0)].position
    for after, reason in (
        (replace(last, tag=last.tag ^ 1), "unknown-position"),
        (replace(last, epoch=2), "unknown-position"),
        (replace(early, tag=early.tag ^ 1), "unknown-position"),
        (replace(last, number=last.number + 1), "ahead-of-stream"),
        (replace(last, number=10**18 - 1), "ahead-of-stream"),
        (everywhere, "other-region"),
        (replace(last, region_id=RegionId(2)), "other-region"),
        (replace(last, region_id=RegionId(99_999)), "other-region"),
    ):
        key = world.coordinator.key
        async with api.subscribe(key, region=1, after=str(after)) as subscriber:
            await subscriber.until("snapshot")
            assert subscriber.resyncs == [reason], after
            assert subscriber.position == str(last)
            assert subscriber.subjects["capacity", str(world.pool_id)]["occupied"] == 3
            assert subscriber.events == []


async def test_with_the_position_of_one_region_nobody_reads_another(
    api: Serving, world: World, container: Container
) -> None:
    """Neither by naming their own region beside it, nor without."""
    other = await World.create(container, RegionId(2))
    assert api.container is not None
    while RegionId(2) not in api.container.board.regions:
        await asyncio.sleep(0.01)
    elsewhere = str(api.container.board.regions[RegionId(2)].ring.start)
    async with api.subscribe(world.coordinator.key, region=1, after=elsewhere) as subscriber:
        await subscriber.until("snapshot")
        await world.report(counts(9, 3))
        await subscriber.until("events")
    seen = [event["position"] for event in subscriber.events]
    assert all(position.startswith("1:") for position in seen), seen
    assert str(other.pool_id) not in {subject_id for _, subject_id in subscriber.subjects}
    ended = await ending_of(api, subscribe(world.coordinator.key, after=elsewhere))
    assert ended.code == Close.NOT_ALLOWED


@pytest.fixture
async def behind(
    settings: Settings, clock: Clock, world: World, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Serving]:
    """A server that hears of nothing by itself: it reads only when it is asked to."""
    monkeypatch.setattr(follower, "POLL_SECONDS", 60.0)
    deaf = settings.model_copy(update={"redis_url": ""})
    async with serving(deaf, clock.now) as server:
        yield server


async def test_ahead_of_this_process_is_not_ahead_of_the_stream(
    behind: Serving, world: World
) -> None:
    """Who comes from a process that knows more already is waited for, not thrown back."""
    receipt = await world.report(counts(9, 2))
    assert head_of(behind.container).number < receipt.position.number
    async with behind.subscribe(world.coordinator.key, after=str(receipt.position)) as subscriber:
        async with asyncio.timeout(3):
            while behind.container and not behind.container.hub.count():
                await asyncio.sleep(0.01)
        receipt = await world.report(counts(9, 1))
        await reached(behind, receipt.position.number)
        await subscriber.until("events")
        assert (subscriber.resyncs, subscriber.numbers) == ([], [receipt.position.number])


async def test_while_the_database_is_away_nobody_is_told_that_their_position_is_wrong(
    behind: Serving, world: World, database: Database
) -> None:
    assert behind.container is not None
    board = behind.container.board.regions[REGION]
    early = head_of(behind.container)
    async with behind.subscribe(world.coordinator.key) as subscriber:
        await subscriber.until("snapshot")  # from here on its key is remembered
    ahead = (await world.report(counts(9, 2))).position
    async with away(database):
        ended = await ending_of(behind, subscribe(world.coordinator.key, after=str(ahead)))
        assert (ended.code, ended.reason) == (Close.STARTING, "starting")
        assert [message["type"] for message in ended.messages] == ["subscribed"]
    await reached(behind, ahead.number)
    board.ring.start = board.ring._events.popleft().position
    async with away(database):
        ended = await ending_of(behind, subscribe(world.coordinator.key, after=str(early)))
        assert (ended.code, ended.reason) == (Close.STARTING, "starting")
    assert Close.STARTING.come_back


async def test_what_the_log_does_not_have_yet_is_not_taken_for_complete(
    behind: Serving, world: World, database: Database
) -> None:
    """The database was put back, and this process's board is still of the history before that."""
    assert behind.container is not None
    kept = (await world.report(counts(9, 1))).position
    lost = (await world.report(counts(9, 2))).position
    await reached(behind, lost.number)
    ring = behind.container.board.regions[REGION].ring
    ring.start = ring._events[-1].position
    ring._events.clear()
    async with database.connect(database.owner_url) as owner, owner.transaction():
        await owner.execute("DELETE FROM event WHERE region_id = 1 AND number > $1", kept.number)
        await owner.execute(
            "UPDATE stream SET number = $1, tag = $2 WHERE region_id = 1", kept.number, kept.tag
        )
    async with behind.subscribe(world.coordinator.key, after=str(kept)) as subscriber:
        await subscriber.until("subscribed")
        await asyncio.sleep(0.3)
        assert behind.container.hub.count() == 0
        behind.container.follower.wake(REGION)
        async with asyncio.timeout(5):
            while behind.container.hub.count() == 0:
                await asyncio.sleep(0.01)
        again = (await world.report(counts(9, 3))).position
        await reached(behind, again.number)
        await subscriber.until("events")
        assert (subscriber.resyncs, subscriber.numbers) == ([], [kept.number + 1])


async def test_coming_back_in_latest_mode_brings_each_subject_once_a_message(
    api: Serving, world: World, database: Database
) -> None:
    before = head_of(api.container)
    last = await log_events(database, 95, subjects=10)
    await reached(api, last)
    options: dict[str, Any] = {"after": str(before), "latest": True}
    async with api.subscribe(world.coordinator.key, **options) as screen:
        message = await screen.until("events")
    assert [event["id"] for event in message["events"]] == list("6789012345")
    assert screen.numbers == list(range(last - 9, last + 1))
    assert number_of(message["position"]) == last


async def test_many_who_come_back_from_far_at_once_all_get_everything(
    api: Serving, world: World, database: Database
) -> None:
    assert api.container is not None
    before = head_of(api.container)
    last = await log_events(database, 600)
    await reached(api, last)
    ring = api.container.board.regions[REGION].ring
    ring.start = ring._events[-1].position
    ring._events.clear()
    key = world.coordinator.key
    everybody = await asyncio.gather(*(rest_after(api, key, before, last) for _ in range(12)))
    for came_back in everybody:
        assert came_back.numbers == list(range(before.number + 1, last + 1))
        assert came_back.resyncs == []
