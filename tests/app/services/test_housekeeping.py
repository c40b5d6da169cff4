"""Retention: months are there before they begin, and what the settings don't keep goes."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from app.container import Container, running
from app.db import event_log
from app.db.partitions import History
from app.live import hub
from app.services import housekeeping
from app.services.housekeeping import (
    NOTICES_KEPT_FOR,
    forget_events,
    forget_history,
    forget_notices,
    make_months,
    month_from,
)
from app.services.sessions import sign_in
from app.services.word.endpoints import Endpoint, create_endpoint
from app.services.word.notices import mark_all_read
from app.services.word.spreading import spread
from app.settings import Settings
from domain.actors import Role
from domain.errors import SignInRefused
from domain.events import Position
from tests.factories.past import audit_at, keep, months_of, past_report
from tests.factories.people import make_person, signed_in
from tests.factories.referrals import actor_of
from tests.factories.world import REGION, World, counts
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.serving import Serving, serving
from tests.support.word_calls import URL, tell

DAY = timedelta(days=1)
Ready = Callable[[], bool]


def month_name(now: datetime, months: int) -> str:
    """A month as partitions are named."""
    return f"{month_from(now, months):%Y-%m}"


@pytest.mark.parametrize(
    ("months", "day"),
    [
        (0, date(2026, 12, 1)),
        (1, date(2027, 1, 1)),
        (-11, date(2026, 1, 1)),
        (-12, date(2025, 12, 1)),
        (-66, date(2021, 6, 1)),
        (25, date(2029, 1, 1)),
    ],
)
def test_months_are_counted_across_the_years(months: int, day: date) -> None:
    assert month_from(datetime(2026, 12, 31, 23, 59, tzinfo=UTC), months) == day


async def test_the_month_and_the_three_that_come_are_made(
    container: Container, clock: Clock, database: Database
) -> None:
    assert await make_months(container) == 0
    clock.turn(timedelta(days=400))
    assert await make_months(container) == 4 * len(History)
    assert await make_months(container) == 0
    expected = [month_name(clock.now(), ahead) for ahead in range(4)]
    for history in History:
        assert (await months_of(database, history))[-4:] == expected


async def test_what_a_sleeping_worker_left_in_no_month_is_put_right(
    container: Container, clock: Clock, database: Database, world: World
) -> None:
    clock.turn(timedelta(days=400))
    await world.report(counts(8, 5))
    async with database.connect(database.owner_url) as owner:
        assert await owner.fetchval("SELECT count(*) FROM pool_report_other") == 1
        assert await owner.fetchval("SELECT count(*) FROM audit_other") > 0
        await make_months(container)
        assert await owner.fetchval("SELECT count(*) FROM pool_report_other") == 0
        assert await owner.fetchval("SELECT count(*) FROM audit_other") == 0
    assert await database.value("SELECT count(*) FROM pool_report") == 1


async def test_reports_and_audit_are_kept_as_long_as_the_settings_say(
    container: Container, clock: Clock, database: Database
) -> None:
    now = clock.now()
    first = datetime.combine(month_from(now, -25), datetime.min.time(), UTC)
    await keep(
        database,
        "pool_report",
        past_report(uuid4(), first - timedelta(microseconds=1)),
        past_report(uuid4(), first),
    )
    oldest = datetime.combine(month_from(now, -66), datetime.min.time(), UTC)
    await audit_at(database, oldest - timedelta(microseconds=1), oldest)
    await forget_history(container)
    kept = await database.all("SELECT stated_at FROM pool_report")
    assert [row["stated_at"] for row in kept] == [first]
    kept = await database.all("SELECT happened_at FROM audit ORDER BY 1")
    assert [row["happened_at"] for row in kept] == [oldest]


async def test_months_are_dropped_as_they_get_too_old(
    container: Container, clock: Clock, database: Database
) -> None:
    """By a clock a year behind the database's, so that nothing of it is too young to go."""
    clock.turn(timedelta(days=-800))
    long_ago = [month_name(clock.now(), -n) for n in (27, 26, 25)]
    async with database.connect() as connection:
        for name in long_ago:
            month = date.fromisoformat(f"{name}-01")
            await connection.execute("SELECT history_add_month('pool_report', $1)", month)
    assert await forget_history(container) == 2
    assert (await months_of(database, "pool_report"))[0] == long_ago[-1]
    assert await forget_history(container) == 0


async def test_it_gives_way_to_a_long_transaction_and_comes_back(
    container: Container, clock: Clock, database: Database
) -> None:
    clock.turn(timedelta(days=400))
    async with database.connect() as other, other.transaction():
        await other.execute("SELECT count(*) FROM pool_report")
        # The three other tables get theirs.
        assert await make_months(container) == 3 * 4
        assert await forget_history(container) == 0
    assert await make_months(container) == 4


async def test_reports_go_on_while_it_waits_for_a_long_transaction(
    container: Container, clock: Clock, database: Database, world: World
) -> None:
    async with database.connect() as connection:
        await connection.execute("SELECT history_add_month('pool_report', '2003-01-01')")
    async with database.connect() as other, other.transaction():
        await other.execute("SELECT count(*) FROM pool_report")
        forgetting = asyncio.create_task(forget_history(container))
        for occupied in range(6):
            await asyncio.wait_for(world.report(counts(8, occupied)), 5)
        assert await forgetting == 0
    assert await forget_history(container) == 1
    assert await database.value("SELECT count(*) FROM pool_report") == 6


async def test_two_workers_at_once_do_it_once(
    settings: Settings, clock: Clock, database: Database
) -> None:
    async with running(settings, clock.now) as one, running(settings, clock.now) as other:
        clock.turn(timedelta(days=400))
        made = [await asyncio.gather(make_months(one), make_months(other)) for _ in range(3)]
        assert sum(map(sum, made)) == 4 * len(History)
        clock.turn(timedelta(days=-1500))
        async with database.connect() as connection:
            for year in (2018, 2019, 2020):
                month = date(year, 1, 1)
                await connection.execute("SELECT history_add_month('pool_report', $1)", month)
        forgotten = [
            await asyncio.gather(forget_history(one), forget_history(other)) for _ in range(3)
        ]
        assert sum(map(sum, forgotten)) == 3


@pytest.fixture
def long_ago(clock: Clock) -> Clock:
    """A clock that shows 40 days ago."""
    clock.turn(-40 * DAY)
    return clock


async def test_old_events_go_and_the_newest_of_each_stream_stays(
    long_ago: Clock, container: Container, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "_AT_ONCE", 3)
    world = await World.create(container)
    for occupied in range(8):
        await world.report(counts(8, occupied))
    mine = "SELECT number FROM event WHERE region_id = 1"
    before = len(await database.all(mine))
    assert await forget_events(container) == 0
    long_ago.turn(40 * DAY)
    # Everybody's stream was opened by the migration, just now, so nothing of it is old.
    assert await forget_events(container) == before - 1
    left = await database.value(mine)
    assert left == await database.value("SELECT number FROM stream WHERE region_id = 1")
    assert await database.value(f"SELECT count(*) FROM ({mine})") == 1
    assert await forget_events(container) == 0


async def test_the_board_goes_on_from_where_it_is(
    long_ago: Clock, container: Container, database: Database
) -> None:
    world = await World.create(container)
    await world.report(counts(8, 3))
    await world.settled()
    board = container.board.regions[REGION]
    long_ago.turn(40 * DAY)
    assert await forget_events(container) > 0
    receipt = await world.report(counts(8, 4))
    await world.settled()
    assert container.board.regions[REGION] is board
    assert board.position == receipt.position
    async with running(container.settings, long_ago.now) as later:
        while not later.ready:
            await asyncio.sleep(0.01)
        assert later.board.regions[REGION].position == receipt.position


async def test_a_position_that_is_gone_is_unknown_and_one_that_is_kept_goes_on(
    long_ago: Clock, container: Container, database: Database
) -> None:
    world = await World.create(container)
    forgotten = (await world.report(counts(8, 1))).position
    kept = (await world.report(counts(8, 2))).position
    long_ago.turn(40 * DAY)
    await forget_events(container)
    new = (await world.report(counts(8, 3))).position

    async def after(position: Position) -> list[Position] | None:
        found = await container.read(
            lambda connection: event_log.read_after(connection, position, 10)
        )
        return None if found is None else [event.position for event in found]

    assert await after(forgotten) is None
    assert await after(kept) == [new]


@pytest.fixture
def quick_heartbeats(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers that start from here on beat each second: long after a snapshot would have come."""
    monkeypatch.setattr(hub, "HEARTBEAT_SECONDS", 1.0)


@pytest.fixture
async def restarted(settings: Settings, long_ago: Clock) -> tuple[str, str, str]:
    """A region that was reported 40 days ago by a process that has ended since.

    The key, a position that is going to be forgotten and the newest one.
    """
    async with serving(settings, long_ago.now) as server:
        assert server.container is not None
        world = await World.create(server.container)
        first = await world.report(counts(8, 1))
        last = await world.report(counts(8, 2))
        await world.settled()
    long_ago.turn(40 * DAY)
    return world.provider.key, str(first.position), str(last.position)


async def test_who_comes_back_with_a_forgotten_position_begins_anew(
    quick_heartbeats: None, restarted: tuple[str, str, str], api: Serving
) -> None:
    key, gone, kept = restarted
    assert api.container is not None
    assert await forget_events(api.container) > 0
    async with api.subscribe(key, after=gone) as subscriber:
        await subscriber.until("resync")
        await subscriber.until("snapshot")
        assert subscriber.subjects
    async with api.subscribe(key, after=kept) as subscriber:
        await subscriber.until("heartbeat")
        assert subscriber.resyncs == []
        assert subscriber.subjects == {}
        assert subscriber.position == kept


async def test_wrong_tries_go_when_they_are_forgotten_and_sessions_a_month_later(
    world: World, clock: Clock, database: Database
) -> None:
    person = await make_person(world.container, Role.REFERRER, world.other.organisation_id)
    with pytest.raises(SignInRefused):
        await sign_in(world.container, "niemand", "x", address="192.0.2.1", device=None)
    session = await signed_in(world.container, person, address="192.0.2.2")
    chores = (housekeeping.forget_old_tries, housekeeping.forget_old_sessions)
    assert [await chore(world.container) for chore in chores] == [1, 0]
    assert await database.value("SELECT count(*) FROM sign_in_try") == 2
    clock.turn(timedelta(minutes=11))
    assert [await chore(world.container) for chore in chores] == [2, 0]
    await world.container.sessions.find(session.token)
    clock.turn(30 * DAY)
    assert [await chore(world.container) for chore in chores] == [0, 1]


async def test_notices_go_after_a_quarter_with_what_hangs_on_them(
    container: Container,
    world: World,
    clock: Clock,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(housekeeping, "_AT_ONCE", 2)
    coordinator = await actor_of(world)
    await create_endpoint(container, coordinator, Endpoint(URL))
    waiting, *_ = [await tell(container, world.coordinator) for _ in range(4)]
    await mark_all_read(container, coordinator, coordinator.organisation_id)
    assert await spread(container) == 4
    await database.all(
        "UPDATE delivery SET state = 'verstuurd', sent_at = created_at WHERE notice_id::text <> $1",
        waiting,
    )
    unspread = await tell(container, world.coordinator)
    clock.turn(NOTICES_KEPT_FOR - DAY)
    new = await tell(container, world.coordinator)
    assert await forget_notices(container) == 0
    clock.turn(2 * DAY)
    assert await forget_notices(container) == 3
    left = await database.all("SELECT id::text FROM notice ORDER BY id")
    assert [row["id"] for row in left] == [waiting, unspread, new]
    # What waits for an endpoint that somebody paused isn't kept for that.
    await database.all("UPDATE webhook_endpoint SET state = 'paused'")
    assert await forget_notices(container) == 1
    assert await database.value("SELECT count(*) FROM delivery") == 0
    assert await database.value("SELECT count(*) FROM notice_read") == 0
