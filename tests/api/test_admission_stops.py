"""Opnamestop over HTTP: set, shown, changed, lifted, and looked back at."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from domain.errors import Code
from tests.factories.times import NINE
from tests.factories.world import World
from tests.support.calls import check_problem
from tests.support.clock import Clock
from tests.support.serving import Serving


@pytest.fixture
async def provider(api: Serving, served: World) -> AsyncIterator[httpx.AsyncClient]:
    """The location's owner."""
    async with api.client(served.provider.key) as client:
        yield client


@pytest.fixture
def path(served: World, clock: Clock) -> str:
    """Where the location's stop is, at nine o'clock."""
    clock.set(NINE)
    return f"/v1/locations/{served.location_id}/admission-stop"


async def test_a_stop_is_set_changed_and_lifted(
    provider: httpx.AsyncClient, clock: Clock, path: str
) -> None:
    check_problem(await provider.get(path), 404, Code.NOT_FOUND)
    said = {"reason": "uitbraak", "note": "noro", "expected_until": "2026-11-25"}
    receipt = await provider.put(path, json=said, headers={"if-match": '"0"'})
    assert receipt.headers["etag"] == '"1"'
    assert receipt.json()["outcome"] == "accepted"
    seen = {"min_position": receipt.json()["position"]}
    stop = await provider.get(path, params=seen)
    assert stop.headers["etag"] == '"1"'
    body = stop.json()
    assert {name: body[name] for name in said} == said
    assert (body["source"], body["version"], body["since"]) == ("api", 1, receipt.json()["since"])
    assert (await provider.put(path, json=said)).json()["outcome"] == "repeated"
    stale = await provider.put(path, json={"reason": "anders"}, headers={"if-match": '"0"'})
    assert check_problem(stale, 412, Code.VERSION_CHANGED)["current"] == 1
    changed = await provider.put(path, json={"reason": "personeel"}, headers={"if-match": '"1"'})
    assert (changed.json()["version"], changed.json()["since"]) == (2, body["since"])
    clock.turn(timedelta(hours=1))
    check_problem(
        await provider.delete(path, headers={"if-match": '"1"'}), 412, Code.VERSION_CHANGED
    )
    lifted = await provider.delete(path, headers={"if-match": '"2"'})
    assert (lifted.status_code, lifted.json()["outcome"]) == (200, "accepted")
    assert lifted.json()["version"] == 0
    gone = await provider.get(path, params={"min_position": lifted.json()["position"]})
    check_problem(gone, 404, Code.NOT_FOUND)
    assert (await provider.delete(path)).json()["outcome"] == "repeated"
    await provider.put(path, json={"reason": "onderhoud"})
    page = (await provider.get(f"{path}s", params={"limit": "1"})).json()
    rest = (await provider.get(f"{path}s", params={"cursor": page["next_cursor"]})).json()
    stands, past = page["items"] + rest["items"]
    assert (stands["reason"], stands["lifted_at"], stands["version"]) == ("onderhoud", None, 3)
    assert (past["reason"], past["since"]) == ("personeel", body["since"])
    assert past["lifted_at"].startswith("2026-11-18T10:00:0")


async def test_bad_input_and_somebody_elses_location(
    provider: httpx.AsyncClient, api: Serving, served: World, path: str
) -> None:
    for body, pointer in (
        ({}, "/reason"),
        ({"reason": "zomaar"}, "/reason"),
        ({"reason": "anders", "since": "2026-11-18T09:06:30Z"}, "/since"),
        ({"reason": "anders", "since": "2026-11-18"}, "/since"),
        ({"reason": "anders", "expected_until": "2026-11-17"}, "/expected_until"),
    ):
        problem = check_problem(await provider.put(path, json=body), 400, Code.INVALID_INPUT)
        assert [error["pointer"] for error in problem["errors"]] == [pointer]
    async with api.client(served.other.key) as stranger:
        wrong = {"reason": "anders", "expected_until": "2026-11-17"}
        check_problem(await stranger.put(path, json=wrong), 404, Code.NOT_FOUND)
        check_problem(await stranger.delete(path), 404, Code.NOT_FOUND)
        check_problem(await stranger.get(f"{path}s"), 404, Code.NOT_FOUND)


async def test_the_coordination_point_sets_it_by_phone(
    api: Serving, served: World, path: str
) -> None:
    async with api.client(served.coordinator.key) as coordinator:
        receipt = (await coordinator.put(path, json={"reason": "uitbraak"})).json()
        seen = {"min_position": receipt["position"]}
        assert (await coordinator.get(path, params=seen)).json()["source"] == "phone"
        assert (await coordinator.delete(path)).json()["outcome"] == "accepted"
