"""The follower: whatever happens to its connection, the board goes on where it was, or says so."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from app.container import Container, running
from app.db import event_log
from app.db.event_log import Connection, LoggedEvent
from app.live import follower as follower_module
from app.live.board import Board
from app.live.closing import Close
from app.live.follower import Follower
from app.live.hub import Audience, Hub
from app.services import keys, regions
from app.settings import Settings
from domain.errors import OutcomeUnknown, Unavailable
from domain.events import Position, Topic
from domain.identifiers import EVERYWHERE, RegionId
from tests.factories.world import REGION, World, counts, make_pool
from tests.support.clock import Clock
from tests.support.database import Database, log_events
from tests.support.listening import Listener
from tests.support.outages import away, full, kill_connections

EVERYTHING = Audience(REGION, frozenset(Topic), latest=False)


async def until(condition: Callable[[], object], seconds: float = 10) -> None:
    """Looks again until it is so."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


def listening(world: World, audience: Audience = EVERYTHING) -> Listener:
    """A subscriber on the world's own hub."""
    listener = Listener(UUID(int=1))
    world.container.hub.register(listener)
    world.container.hub.join(listener, audience)
    return listener


@asynccontextmanager
async def following(
    settings: Settings, clock: Clock, revoked: Callable[[UUID | None], None] = lambda _: None
) -> AsyncIterator[tuple[Follower, Board]]:
    """A follower of its own, that nobody wakes."""
    board = Board()
    follower = Follower(settings.database_url, board, Hub(board, clock.now), clock.now, revoked)
    task = asyncio.create_task(follower.run())
    try:
        yield follower, board
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_nobody_needs_to_wake_it(world: World, settings: Settings, clock: Clock) -> None:
    async with following(settings, clock) as (follower, board):
        await until(lambda: follower.ready)
        await world.report(counts(8, 2))
        await make_pool(world.container, world.location_id)
        await world.settled()
        head = world.container.board.regions[REGION].position
        await until(lambda: board.regions[REGION].position == head, 3)


async def test_a_wake_for_a_region_that_nobody_knows_is_nothing(world: World) -> None:
    world.container.follower.wake(RegionId(31_000))
    assert RegionId(31_000) not in world.container.board.regions
    assert world.container.follower.known_at(RegionId(31_000)) is None
    await world.report(counts(8, 2))
    await world.settled()


async def test_a_new_region_is_followed_by_every_process_without_a_restart(
    world: World, settings: Settings, clock: Clock
) -> None:
    async with following(settings, clock) as (follower, board):
        await until(lambda: follower.ready)
        await regions.create_region(world.container, None, RegionId(2), "west", "West")
        await until(lambda: RegionId(2) in board.regions, 5)
        assert follower.ready


async def test_more_than_one_read_holds_is_read_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower_module, "READ_EVENTS", 2)
    monkeypatch.setattr(follower_module, "POLL_SECONDS", 60.0)
    listener = listening(world)
    receipts = await asyncio.gather(*(world.report(counts(20, n)) for n in range(20)))
    last = max(receipt.position.number for receipt in receipts)
    await until(lambda: listener.numbers and listener.numbers[-1] == last)
    assert listener.numbers == list(range(listener.numbers[0], last + 1))


async def test_with_more_to_come_nothing_is_called_complete_yet(
    world: World, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower_module, "READ_EVENTS", 2)
    listener, before = listening(world), clock.now()
    last = await log_events(database, 5)
    await until(lambda: listener.numbers and listener.numbers[-1] == last)
    told = [datetime.fromisoformat(message["complete_at"]) for message in listener.got]
    assert [len(message["events"]) for message in listener.got] == [2, 2, 1]
    assert told[0] == told[1] < told[2]
    assert told[2] > before


async def test_a_connection_that_dies_costs_time_and_no_event(
    world: World, database: Database
) -> None:
    board, listener = world.container.board.regions[REGION], listening(world)
    first = board.position.number
    for occupied in range(6):
        await kill_connections(database)
        reported = False
        while not reported:
            with suppress(OutcomeUnknown, Unavailable):
                await world.report(counts(6, occupied), observed_at=world.container.now())
                reported = True
    await kill_connections(database)
    await world.settled()
    assert world.container.board.regions[REGION] is board
    assert (listener.restarts, listener.closed) == ([], [])
    assert listener.numbers == list(range(first + 1, board.position.number + 1))


@pytest.mark.parametrize("outage", [away, full])
async def test_a_database_that_is_away_stops_the_claim_of_completeness_and_nothing_else(
    world: World, database: Database, clock: Clock, outage: Callable[[Database], object]
) -> None:
    container, listener = world.container, listening(world)
    boards = dict(container.board.regions)
    async with outage(database):  # type: ignore[attr-defined]  # both are context managers
        clock.turn(timedelta(minutes=1))
        went = clock.now()
        container.follower.wake(None)
        await asyncio.sleep(0.5)  # it notices, and tries again in vain a few times
        container.hub.beat()
        assert datetime.fromisoformat(listener.got[-1]["server_time"]) >= went
        assert datetime.fromisoformat(listener.got[-1]["complete_at"]) < went
        assert not container.current
    await until(lambda: container.current)
    assert container.board.regions == boards, "nothing was wrong with what the board held"
    assert (listener.restarts, listener.closed) == ([], [])
    container.hub.beat()
    assert datetime.fromisoformat(listener.got[-1]["complete_at"]) >= went
    await world.report(counts(8, 1))
    await world.settled()


async def test_a_start_while_the_database_goes_away_halfway_still_becomes_ready(
    world: World, settings: Settings, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first connection is lost after region 0's board was read, before the other regions were."""
    lost: list[str] = []

    class Flaky(asyncpg.Connection):
        async def fetch(self, query: str, *arguments: Any, **options: Any) -> Any:
            if "FROM region WHERE" in query and not lost:
                lost.append(query)
                self.terminate()
            return await super().fetch(query, *arguments, **options)

    async def flaky(url: str) -> Connection:
        return await asyncpg.connect(url, connection_class=Flaky)

    monkeypatch.setattr(follower_module, "connect", flaky)
    async with following(settings, clock) as (follower, board):
        await until(lambda: lost)
        await until(lambda: follower.ready, 5)
        assert set(board.regions) == {EVERYWHERE, REGION}


async def test_a_gap_is_never_shown_and_the_board_is_built_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = event_log.read_after
    skipped: list[LoggedEvent] = []

    async def skipping(
        connection: Connection, after: Position, limit: int
    ) -> Sequence[LoggedEvent] | None:
        events = await read(connection, after, limit)
        if events and after.region_id == REGION and not skipped:
            skipped.append(events[0])
            return events[1:] or [event_with_gap(events[0])]
        return events

    listener, board = listening(world), world.container.board.regions[REGION]
    monkeypatch.setattr(event_log, "read_after", skipping)
    await world.report(counts(8, 3))
    await until(lambda: listener.restarts)
    assert listener.restarts == ["board-rebuilt"]
    assert listener.numbers == []
    assert world.container.board.regions[REGION] is not board
    await world.settled()


def event_with_gap(event: LoggedEvent) -> LoggedEvent:
    """The same event as if one before it were missing."""
    at = event.position
    position = Position(at.region_id, at.epoch, at.number + 1, at.tag)
    return LoggedEvent(position, event.kind, event.subject_id, None, event.at, event.data)


async def test_a_revocation_is_obeyed_by_a_process_that_only_polls(
    world: World, settings: Settings, clock: Clock
) -> None:
    heard: list[UUID | None] = []
    async with following(settings, clock, heard.append) as (follower, _):
        await until(lambda: follower.ready)
        assert heard == [None], "what was remembered before the board was built may be revoked"
        await keys.revoke_key(world.container, None, world.other.key_id)
        await until(lambda: world.other.key_id in heard, 3)


async def test_when_the_stream_of_revocations_is_replaced_all_keys_are_asked_for_again(
    world: World, database: Database
) -> None:
    listener = listening(world)
    await world.credential(world.provider)
    async with database.connect(database.owner_url) as owner:
        await owner.execute("UPDATE event SET tag = tag # 1 WHERE region_id = 0")
        await owner.execute("UPDATE stream SET tag = tag # 1 WHERE region_id = 0")
    await until(lambda: listener.closed)
    assert listener.closed == [Close.RECHECK]
    assert not world.container.keys._remembered


async def test_a_container_that_starts_is_ready_once_every_region_was_read(
    world: World, settings: Settings, clock: Clock
) -> None:
    async with running(settings, clock.now) as other:
        assert isinstance(other, Container)
        await until(lambda: other.ready)
        assert set(other.board.regions) == {EVERYWHERE, REGION}
