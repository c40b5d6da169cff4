"""The stream over plain HTTP: a snapshot, the events after a position, and reading one's own writes."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from app.live import follower, resume
from app.settings import Settings
from domain.events import Position
from domain.identifiers import RegionId
from tests.factories.world import REGION, World, counts
from tests.support.clock import Clock
from tests.support.database import Database, log_events
from tests.support.outages import away
from tests.support.serving import Serving, number_of, serving


async def problem_of(client: httpx.AsyncClient, path: str, **parameters: Any) -> tuple[int, str]:
    """The status and the code of a problem."""
    answer = await client.get(path, params=parameters)
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


async def head_at(api: Serving, number: int) -> Position:
    """The server's position, once it is at a number."""
    assert api.container is not None
    board = api.container.board.regions[REGION]
    api.container.follower.wake(REGION)
    assert await board.reach(number, 10)
    return board.position


def shrink(api: Serving, remembered: int) -> None:
    """Lets the server forget all events but the last few, as it does in time."""
    assert api.container is not None
    ring = api.container.board.regions[REGION].ring
    while len(ring._events) > remembered:
        ring.start = ring._events.popleft().position


async def test_a_snapshot_tells_its_region_position_and_moment(api: Serving, world: World) -> None:
    receipt = await world.report(counts(7, 5))
    async with api.client(world.coordinator.key) as client:
        parameters = {"min_position": str(receipt.position)}
        answer = await client.get("/v1/snapshot", params=parameters)
    body = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert set(body) == {"region", "position", "server_time", "complete_at", "subjects"}
    assert (body["region"], body["position"]) == (1, str(receipt.position))
    figures = [s["data"] for s in body["subjects"] if s["kind"] == "capacity"]
    assert [data["free"] for data in figures] == [2]


async def test_events_come_in_pages_and_a_page_says_whether_there_is_more(
    api: Serving, world: World, database: Database
) -> None:
    assert api.container is not None
    before = api.container.board.regions[REGION].position
    last = await log_events(database, 25)
    await head_at(api, last)
    at, seen, pages = str(before), [], 0
    async with api.client(world.coordinator.key) as client:
        while True:
            answer = await client.get("/v1/events", params={"after": at, "limit": 10})
            page = answer.json()
            assert set(page) == {"server_time", "position", "complete_at", "more", "events"}
            assert len(page["events"]) <= 10
            seen += [number_of(event["position"]) for event in page["events"]]
            at, pages = page["position"], pages + 1
            if not page["more"]:
                break
        assert seen == list(range(before.number + 1, last + 1))
        assert (pages, number_of(at)) == (3, last)
        empty = (await client.get("/v1/events", params={"after": at})).json()
    assert (empty["events"], empty["more"], empty["position"]) == ([], False, at)


@pytest.mark.parametrize("remembered", [3, resume.RING_EVENTS], ids=["by the log", "by the ring"])
async def test_it_is_the_same_whether_memory_or_the_log_answers(
    api: Serving, world: World, database: Database, remembered: int
) -> None:
    assert api.container is not None
    before = api.container.board.regions[REGION].position
    last = await log_events(database, 2_100, subjects=7)
    await head_at(api, last)
    shrink(api, remembered)
    at, seen = str(before), []
    async with api.client(world.coordinator.key) as client:
        more = True
        while more:
            page = (await client.get("/v1/events", params={"after": at, "limit": 2000})).json()
            seen += [(number_of(e["position"]), e["data"]["n"]) for e in page["events"]]
            at, more = page["position"], page["more"]
    assert seen == [(before.number + n, n) for n in range(1, 2_101)]
    assert number_of(at) == last


async def test_many_who_are_far_behind_at_once_are_all_served(
    api: Serving, world: World, database: Database
) -> None:
    assert api.container is not None
    before = api.container.board.regions[REGION].position
    await head_at(api, await log_events(database, 50))
    shrink(api, 1)
    async with api.client(world.coordinator.key) as client:
        asked = [client.get("/v1/events", params={"after": str(before)}) for _ in range(20)]
        answers = await asyncio.gather(*asked)
    assert {answer.status_code for answer in answers} == {200}
    assert {len(answer.json()["events"]) for answer in answers} == {50}


async def test_a_position_that_can_not_be_continued_is_gone(
    api: Serving, world: World, database: Database
) -> None:
    last = await head_at(api, (await world.report(counts(7, 5))).position.number)
    row = await database.one(
        "SELECT epoch, number, tag FROM event WHERE region_id = 1 AND number = 0"
    )
    first = Position(REGION, *row)
    async with api.client(world.coordinator.key) as client:
        for after in (
            replace(last, tag=last.tag ^ 1),
            replace(last, epoch=7),
            replace(last, number=last.number + 5),
            replace(first, tag=first.tag ^ 1),
        ):
            problem = await problem_of(client, "/v1/events", after=str(after))
            assert problem == (410, "unknown-position"), after
        still = await client.get("/v1/events", params={"after": str(first)})
        assert len(still.json()["events"]) == last.number


async def test_bad_questions_are_told_what_is_wrong_with_them(api: Serving, world: World) -> None:
    async with api.client(world.coordinator.key) as client:
        for parameters in (
            {},
            {"after": "1:2"},
            {"after": "1:1:1:zzzzzzzz"},
            {"after": "x" * 65},
            {"after": "1:1:1:00000000", "limit": 0},
            {"after": "1:1:1:00000000", "limit": 2001},
            {"after": "1:1:1:00000000", "limit": "veel"},
            {"after": "1:1:1:00000000", "topics": ""},
            {"after": "1:1:1:00000000", "topics": "capacity,alles"},
        ):
            problem = await problem_of(client, "/v1/events", **parameters)
            assert problem == (400, "invalid-input"), parameters
        for parameters in ({"topics": "alles"}, {"region": "een"}, {"min_position": "1:1"}):
            problem = await problem_of(client, "/v1/snapshot", **parameters)
            assert problem == (400, "invalid-input"), parameters


async def test_nobody_reads_what_is_not_theirs(api: Serving, world: World) -> None:
    elsewhere = str(replace(world.container.board.regions[REGION].position, region_id=RegionId(2)))
    async with api.client(world.coordinator.key) as client:
        assert await problem_of(client, "/v1/snapshot", region=2) == (404, "not-found")
        assert await problem_of(client, "/v1/events", after=elsewhere) == (404, "not-found")
        revocations = {"region": 0, "topics": "revocations"}
        assert await problem_of(client, "/v1/snapshot", **revocations) == (403, "not-allowed")
    for key in (None, "vt_" + "A" * 43):
        async with api.client(key) as client:
            for path in ("/v1/snapshot", "/v1/events?after=1"):
                assert await problem_of(client, path) == (401, "not-signed-in")


@pytest.fixture
async def behind(
    settings: Settings, clock: Clock, world: World, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Serving]:
    """A server that hears of nothing by itself: it reads only when it is asked to."""
    monkeypatch.setattr(follower, "POLL_SECONDS", 60.0)
    async with serving(settings.model_copy(update={"redis_url": ""}), clock.now) as server:
        yield server


async def test_whoever_wrote_through_one_process_reads_it_back_through_another(
    behind: Serving, world: World
) -> None:
    receipt = await world.report(counts(7, 1))
    async with behind.client(world.coordinator.key) as client:
        parameters = {"min_position": str(receipt.position)}
        answer = await client.get("/v1/snapshot", params=parameters)
        assert answer.status_code == 200
        assert answer.json()["position"] == str(receipt.position)
        assert '"free":6' in answer.text
        after = await client.get("/v1/events", params={"after": str(receipt.position)})
        assert (after.status_code, after.json()["events"]) == (200, [])


async def test_who_asks_for_more_than_there_is_waits_a_moment_and_is_told(
    behind: Serving, world: World, database: Database
) -> None:
    last = (await world.report(counts(7, 1))).position
    async with behind.client(world.coordinator.key) as client:
        parameters = {"min_position": str(replace(last, number=last.number + 1))}
        answer = await client.get("/v1/snapshot", params=parameters)
        assert answer.status_code == 503
        assert json.loads(answer.text)["type"] == "urn:verkeerstoren:problem:not-yet-there"
        assert answer.headers["retry-after"] == "1"
        unknown = str(replace(last, tag=last.tag ^ 1))
        problem = await problem_of(client, "/v1/snapshot", min_position=unknown)
        assert problem == (410, "unknown-position")
        async with away(database):
            problem = await problem_of(
                client, "/v1/events", after=str(replace(last, number=last.number + 1))
            )
            assert problem == (503, "unavailable")
            assert (await client.get("/v1/snapshot")).status_code == 200, "it needs no database"
