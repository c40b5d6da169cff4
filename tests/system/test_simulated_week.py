"""A week of the demo region, played as fast as it goes: whatever people and feeds do, all stays true."""

import asyncio
import heapq
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any

import httpx
import orjson
import pytest

from app import demo_file
from app.demo_file import DemoFile
from app.demo_region import ORGANISATIONS, TEAMS
from app.services import demo
from app.services.demo import fill
from app.settings import Settings
from domain.actors import Role
from domain.beds import Bed, BedReport, BedState, pool_of
from domain.calendar import AMSTERDAM, at_local
from domain.capacity import Figures, Freshness, freshness
from domain.care_types import ClosedReason
from tests.factories.world import World
from tests.support.clock import Clock
from tests.support.copies import Copy
from tests.support.database import Database
from tests.support.serving import Serving, Subscriber, number_of
from workers.simulator import habits, outbreaks
from workers.simulator.acts import Batch, Report, Visit
from workers.simulator.client import Desk, Line
from workers.simulator.habits import MONDAY_AT_EIGHT
from workers.simulator.play import cast_players, look
from workers.simulator.players import Context, Player
from workers.simulator.ward import DAY, HOUR, WEEK

#: Both coordination points, a feed that sends all at once and counts promises, a feed by the piece,
#: people one by one and in rounds, a hospice, a feed in the sandbox, and the region.
CAST = (
    *("75990010", "75990040", "75990012", "47990001", "06990008", "45990004", "47990005"),
    *("75990009", "47990013"),
)
SEED = 3
#: What may come back besides the problem statuses that are looked at one by one.
OUTCOMES = {"accepted", "superseded", "repeated", "sandbox", "confirmed", "phoned"} | {
    "stop-set",
    "stop-lifted",
}


@dataclass
class Week:
    """A region that is played by a turned clock, and all that its API told of it."""

    api: Serving
    clock: Clock
    database: Database
    content: DemoFile
    players: Sequence[Player]
    context: Context
    monday: datetime

    def turn(self, at: timedelta) -> None:
        """Turns the clock to a simulated moment."""
        self.clock.set(self.monday + at)

    def visits(self) -> Iterator[tuple[Player, Visit[Any]]]:
        """All that is done in the week, in order."""
        parts = [_part(player) for player in self.players]
        for player, visit in heapq.merge(*parts, key=lambda item: item[1].at):
            if visit.at > MONDAY_AT_EIGHT + WEEK:
                return
            yield player, visit

    def client(self, role: Role = Role.COORDINATOR) -> httpx.AsyncClient:
        """A client with the first key for a role."""
        return self.api.client(next(key.key for key in self.content.keys if key.role is role))


def _part(player: Player) -> Iterator[tuple[Player, Visit[Any]]]:
    for visit in player.visits(SEED, MONDAY_AT_EIGHT):
        yield player, visit


@pytest.fixture
async def week(
    settings: Settings,
    api: Serving,
    clock: Clock,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Week]:
    """A smaller region, before its first word."""
    few = tuple(organisation for organisation in ORGANISATIONS if organisation.agb in CAST)
    monkeypatch.setattr(demo, "ORGANISATIONS", few)
    monkeypatch.setattr(demo, "TEAMS", tuple(team for team in TEAMS if team.agb in CAST))
    monkeypatch.setattr(habits, "FEED_EVERY", 6 * HOUR)
    monkeypatch.setattr(habits, "BATCH_EVERY", 2 * HOUR)
    monkeypatch.setattr(outbreaks, "_DAYS_BETWEEN", 20.0)
    await fill(settings, settings.demo_file)
    content = demo_file.read(settings.demo_file)
    assert content is not None
    assert api.container is not None
    head = await database.value("SELECT number FROM stream WHERE region_id = 1")
    assert await api.container.board.regions[1].reach(head, 10)  # type: ignore[index]
    context = Context(now=clock.now)
    async with httpx.AsyncClient(base_url=api.base_url, timeout=20) as http:
        line = Line(http)
        desks = [Desk(line, key) for key in content.keys if key.role is Role.PROVIDER_CAPACITY]
        points = [Desk(line, key) for key in content.keys if key.role is Role.COORDINATOR]
        today = clock.now().astimezone(AMSTERDAM).date()
        following = today + timedelta(days=7 - today.weekday())
        monday = at_local(following, time(0))
        clock.set(monday + MONDAY_AT_EIGHT)
        region = await look(desks, context)
        assert region is not None
        players = cast_players(region, desks, points, SEED, context)
        yield Week(api, clock, database, content, players, context, monday)


async def test_a_simulated_week_keeps_all_invariants(week: Week) -> None:
    async with week.client() as client, AsyncExitStack() as stack:
        token = next(key.key for key in week.content.keys if key.role is Role.COORDINATOR)
        before = await Copy.taken(client)
        listening = await stack.enter_async_context(listener(week.api, token))
        wrong = seen = 0
        tomorrow = MONDAY_AT_EIGHT + DAY
        for player, visit in week.visits():
            if visit.at > tomorrow:
                week.turn(tomorrow)
                seen += await assert_freshness(week, client)
                tomorrow += DAY
            week.turn(visit.at)
            for act in visit.acts:
                wrong += refusals_in(act)
                await player.do(act)

        tally = week.context.tally
        assert set(tally) <= OUTCOMES | {"400"}, tally
        assert tally["400"] == wrong
        assert all(tally[outcome] for outcome in OUTCOMES), tally
        assert seen, "no figure ever turned onbevestigd"

        await assert_streams(week, client, before, listening)
        await assert_pools(week)
        await assert_beds(week)
        await assert_stops(week)
        await assert_outlook(client)
        await assert_history(week)
        await assert_audit(week)


def refusals_in(act: Any) -> int:
    """How many of an act's reports can't be true."""
    match act:
        case Report():
            return int(act.wrong)
        case Batch():
            return sum(report.wrong for _, report in act.reports)
        case _:
            return 0


@asynccontextmanager
async def listener(api: Serving, token: str) -> AsyncIterator[Subscriber]:
    """A client that listens all week, from before the first word."""
    async with api.subscribe(token) as subscriber:
        await subscriber.until("snapshot")
        task = asyncio.create_task(_listen(subscriber))
        try:
            yield subscriber
        finally:
            task.cancel()
            await asyncio.wait([task])


async def reached(subscriber: Subscriber, number: int) -> None:
    """Waits until a listener has all up to an event."""
    async with asyncio.timeout(20):
        while subscriber.position is None or number_of(subscriber.position) < number:
            await asyncio.sleep(0.01)


async def _listen(subscriber: Subscriber) -> None:
    while True:
        await subscriber.receive(60)


async def assert_freshness(week: Week, client: httpx.AsyncClient) -> int:
    """Each figure is believed exactly as long as it says; how many aren't any more."""
    early = week.clock.now()
    pools = (await client.get("/v1/pools", params={"limit": 500})).json()["items"]
    late = week.clock.now()
    stale = 0
    for pool in pools:
        figures = pool["capacity"]
        until = datetime.fromisoformat(figures["valid_until"]) if figures["valid_until"] else None
        assert figures["freshness"] in {freshness(until, early), freshness(until, late)}
        stale += figures["freshness"] == Freshness.UNCONFIRMED
    return stale


async def assert_streams(
    week: Week, client: httpx.AsyncClient, before: Copy, listening: Subscriber
) -> None:
    """Both who asked and who listened end with what a fresh snapshot says, gap by gap without one."""
    head = await week.database.value("SELECT number FROM stream WHERE region_id = 1")
    await reached(listening, head)
    fresh = await Copy.taken(client)
    await before.follow(client)
    assert before.position == fresh.position
    assert before.state == fresh.state
    assert before.numbers == list(range(before.numbers[0], head + 1))
    assert listening.numbers == before.numbers
    assert listening.resyncs == []
    assert listening.subjects == fresh.parsed()


async def assert_pools(week: Week) -> None:
    """A board shows what was posted last: nothing is held here, so no place more or less."""
    rows = await week.database.all(
        "SELECT p.id, p.balance, coalesce(r.free, r.operable - r.occupied - r.planned) AS base"
        " FROM pool p JOIN pool_report r ON r.pool_id = p.id AND r.version = p.report_version"
    )
    assert len(rows) > 35
    assert all(row["balance"] == row["base"] for row in rows)
    newest = await week.database.value(
        "SELECT count(*) FROM pool p WHERE p.observed_at < (SELECT max(r.observed_at)"
        " FROM pool_report r WHERE r.pool_id = p.id AND r.outcome <> 'sandbox')"
        " AND NOT 'mfb' = ANY (p.care_types)"
    )
    assert newest == 0


async def assert_beds(week: Week) -> None:
    """What is said of a pool of beds is the sum of its beds."""
    pools = await week.database.all("SELECT * FROM pool WHERE 'mfb' = ANY (care_types)")
    assert len(pools) == 2
    for pool in pools:
        rows = await week.database.all("SELECT * FROM bed WHERE pool_id = $1", pool["id"])
        found = pool_of([_bed(row) for row in rows])
        assert found is not None
        figures = found.figures
        assert (pool["physical"], pool["operable"], pool["occupied"], pool["closed"]) == (
            *(figures.physical, figures.operable, figures.occupied, figures.closed),
        )
        assert pool["balance"] == sum(row["state"] == BedState.FREE for row in rows)
        assert pool["valid_until"] == min(row["valid_until"] for row in rows)
        said = orjson.loads(pool["forecast"])["discharges"] if pool["forecast"] else []
        dated = Counter(str(row["expected_discharge"]) for row in rows if row["expected_discharge"])
        assert {item["on"]: item["places"] for item in said} == dated


def _bed(row: Any) -> Bed:
    reason = ClosedReason(row["closed_reason"]) if row["closed_reason"] else None
    report = BedReport(BedState(row["state"]), reason, row["expected_discharge"])
    return Bed(report, None, row["observed_at"], row["valid_until"])


async def assert_stops(week: Week) -> None:
    """At most one stop stands at a location, and none begins before the one before it was lifted."""
    stops = await week.database.all(
        "SELECT location_id, since, lifted_at FROM admission_stop ORDER BY location_id, since"
    )
    for earlier, later in pairwise(stops):
        if earlier["location_id"] == later["location_id"]:
            assert earlier["lifted_at"] is not None
            assert earlier["lifted_at"] <= later["since"]
    assert len(stops) == week.context.tally["stop-set"]
    lifted = sum(stop["lifted_at"] is not None for stop in stops)
    assert lifted == week.context.tally["stop-lifted"]


async def assert_outlook(client: httpx.AsyncClient) -> None:
    """Sums equal their parts: of the pools, of the gemeenten, and of the care types."""
    told = (await client.get("/v1/outlook", params={"limit": 500})).json()
    assert told["next_cursor"] is None
    known = [item["outlook"] for item in told["items"] if item["outlook"]["now"] is not None]
    total = told["total"]
    parts = [part["outlook"] for part in told["by_gemeente"]]
    alone = [part["outlook"] for part in told["by_care_type"] if not part["shared"]]
    for moment in ("now", "in_24_hours", "in_72_hours", "in_a_week"):
        sums = {
            sum(outlook[moment] for outlook in outlooks)
            for outlooks in (known, parts, [*alone, told["flexible"]["outlook"]])
        }
        assert sums == {total["outlook"][moment]}
    assert total["pools"] == len(told["items"])
    assert total["outlook"]["in_a_week"] > total["outlook"]["now"] > 0


async def assert_history(week: Week) -> None:
    """Every report that counts is kept once, by its version; late ones and those of the sandbox too."""
    for table, subject, report in (
        ("pool", "pool_id", "pool_report"),
        ("bed", "bed_id", "bed_report"),
        ("home_care_team", "team_id", "home_care_report"),
    ):
        wrong = await week.database.all(
            f"SELECT p.id FROM {table} p LEFT JOIN {report} r ON r.{subject} = p.id"
            f" AND r.outcome = 'accepted' GROUP BY p.id HAVING p.report_version <> count(r.version)"
            f" OR p.report_version <> count(DISTINCT r.version)"
        )
        assert wrong == []
    tally = week.context.tally
    others = dict(
        await week.database.all(
            "SELECT outcome, count(*) FROM (SELECT outcome FROM pool_report UNION ALL"
            " SELECT outcome FROM bed_report UNION ALL SELECT outcome FROM home_care_report) r"
            " WHERE outcome <> 'accepted' GROUP BY outcome"
        )
    )
    # A stop that a source in the sandbox sets is checked, and kept nowhere but in the audit.
    assert others["superseded"] == tally["superseded"]
    assert 0 < others["sandbox"] <= tally["sandbox"]


async def assert_audit(week: Week) -> None:
    """Every act that wasn't refused for what it said has its row, with what became of it."""
    rows = await week.database.all(
        "SELECT outcome, count(*) FROM audit WHERE action LIKE 'capacity.%' GROUP BY outcome"
    )
    found = {row["outcome"]: row["count"] for row in rows}
    tally = week.context.tally
    accepted = ("accepted", "confirmed", "phoned", "stop-set", "stop-lifted")
    assert found.pop("accepted") == sum(tally[outcome] for outcome in accepted)
    for outcome in ("superseded", "repeated", "sandbox"):
        assert found.pop(outcome) == tally[outcome]
    assert found == {}


async def test_a_figure_turns_onbevestigd_in_the_moment_in_which_it_is_no_longer_valid(
    api: Serving, world: World, clock: Clock
) -> None:
    until = (await world.report(Figures(free=3))).valid_until
    assert until is not None
    async with api.client(world.coordinator.key) as client:
        for moment, expected in (
            (until - timedelta(seconds=30), Freshness.FRESH),
            (until, Freshness.UNCONFIRMED),
        ):
            clock.set(moment)
            shown = (await client.get(f"/v1/pools/{world.pool_id}")).json()["capacity"]
            assert shown["freshness"] == expected
