"""The course of a pool and of a location over HTTP."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from domain.errors import Code
from tests.factories.past import keep, past_report
from tests.factories.times import HOUR
from tests.factories.world import World, counts
from tests.support.calls import check_problem
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.serving import Serving

DAY = timedelta(days=1)


@pytest.fixture
async def client(api: Serving, served: World) -> AsyncIterator[httpx.AsyncClient]:
    """The first pool's owner."""
    async with api.client(served.provider.key) as client:
        yield client


async def pages(client: httpx.AsyncClient, path: str, **params: Any) -> list[Any]:
    """All entries of a course, page by page."""
    found: list[Any] = []
    while True:
        answer = await client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        found += body["items"]
        if body["next_cursor"] is None:
            return found
        params["cursor"] = body["next_cursor"]


async def test_a_pool_s_course_tells_what_stood_when(
    client: httpx.AsyncClient, served: World, clock: Clock
) -> None:
    await served.report(counts(8, 5, 1))
    answer = await client.get(f"/v1/pools/{served.pool_id}/course")
    body = answer.json()
    assert body["pool_id"] == str(served.pool_id)
    first, last = body["items"]
    assert (body["from"], body["until"]) == (first["from"], last["until"])
    assert datetime.fromisoformat(body["until"]) - datetime.fromisoformat(body["from"]) == 7 * DAY
    assert first["until"] == last["from"]
    assert first["freshness"] == "nooit-gemeld"
    assert {first[name] for name in ("version", "source", "free", "balance", "operable")} == {None}
    told = {name: last[name] for name in ("freshness", "version", "source", "free", "balance")}
    assert told == {
        "freshness": "vers",
        "version": 1,
        "source": "api",
        "free": 2,
        "balance": 2,
    }
    assert (last["operable"], last["occupied"], last["planned"], last["closed"]) == (8, 5, 1, 0)
    assert last["closed_reason"] is None


async def test_a_shortage_is_shown_and_nothing_is_free(
    client: httpx.AsyncClient, served: World, clock: Clock, database: Database
) -> None:
    row = past_report(
        served.pool_id, clock.now() - HOUR, operable=3, occupied=3, planned=2, version=1
    )
    await keep(database, "pool_report", row)
    last = (await pages(client, f"/v1/pools/{served.pool_id}/course"))[-1]
    assert (last["balance"], last["free"]) == (-2, 0)


async def test_a_course_can_be_thinned_and_read_page_by_page(
    client: httpx.AsyncClient, served: World, clock: Clock, database: Database
) -> None:
    since = clock.now() - 30 * DAY
    rows = [
        past_report(served.pool_id, since + n * 7 * HOUR, free=n % 5, version=n)
        for n in range(1, 60)
    ]
    await keep(database, "pool_report", *rows)
    path = f"/v1/pools/{served.pool_id}/course"
    span = {"from": since.isoformat(), "until": (since + 20 * DAY).isoformat()}
    for step in ({}, {"step": "PT6H"}, {"step": "P1D"}):
        asked = {**span, **step}
        assert await pages(client, path, **asked, limit=9) == await pages(client, path, **asked)
    whole = await pages(client, path, **span, step="P1D")
    assert len(whole) == 20
    location = f"/v1/locations/{served.location_id}/course"
    sums = await pages(client, location, **span, step="P1D")
    assert await pages(client, location, **span, step="P1D", limit=9) == sums
    assert [total["from"] for total in sums] == [entry["from"] for entry in whole]
    assert [total["balance"] for total in sums] == [entry["balance"] or 0 for entry in whole]
    assert all((t["pools"], t["admission_stop"]) == (1, False) for t in sums)


async def test_a_page_goes_on_to_where_the_first_one_would_have_ended(
    client: httpx.AsyncClient, served: World, clock: Clock
) -> None:
    """Though the time is later by then."""
    path = f"/v1/locations/{served.location_id}/course"
    first = (await client.get(path, params={"limit": 100})).json()
    clock.turn(2 * HOUR)
    rest = await pages(client, path, cursor=first["next_cursor"])
    assert rest[-1]["until"] == first["until"]
    assert len(first["items"]) + len(rest) == 7 * 24


@pytest.mark.parametrize(
    ("params", "pointer"),
    [
        ({"step": "PT5M"}, "step"),
        ({"step": "15"}, "step"),
        ({"from": "2026-01-01T00:00:00"}, "from"),
        ({"from": "1760000000"}, "from"),
        ({"until": "gisteren"}, "until"),
        ({"from": "2024-01-01T00:00:00Z"}, "from"),
        ({"from": "2199-01-01T00:00:00Z"}, "from"),
        ({"limit": "5001"}, "limit"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": "MjAyNi0wMS0wMXwyMDI2LTAxLTAy"}, "cursor"),
    ],
)
@pytest.mark.parametrize("whose", ["pools", "locations"])
async def test_what_is_asked_wrongly_is_told(
    client: httpx.AsyncClient, served: World, whose: str, params: dict[str, str], pointer: str
) -> None:
    subject = served.pool_id if whose == "pools" else served.location_id
    answer = await client.get(f"/v1/{whose}/{subject}/course", params=params)
    body = check_problem(answer, 400, Code.INVALID_INPUT)
    assert [error["pointer"] for error in body["errors"]] == [pointer]


async def test_somebody_else_s_course_is_not_there(api: Serving, served: World) -> None:
    async with api.client(served.other.key) as client:
        for path in (f"pools/{served.pool_id}", f"locations/{served.location_id}"):
            answer = await client.get(f"/v1/{path}/course")
            check_problem(answer, 404, Code.NOT_FOUND)
