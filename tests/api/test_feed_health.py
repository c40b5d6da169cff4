"""Feed health over HTTP."""

from datetime import timedelta
from typing import Any

import pytest

from domain.errors import Code
from tests.factories.past import keep, past_report
from tests.factories.times import HOUR, MINUTE
from tests.factories.world import World
from tests.support.calls import check_problem
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.serving import Serving


@pytest.fixture
async def source(served: World, database: Database) -> str:
    """The provider's source."""
    found = await database.value(
        "SELECT source_id::text FROM api_key WHERE id = $1", served.provider.key_id
    )
    return str(found)


async def test_the_health_of_a_source_is_told_in_full(
    api: Serving, served: World, source: str, database: Database, clock: Clock
) -> None:
    at = clock.now() - HOUR
    await keep(
        database,
        "pool_report",
        past_report(
            served.pool_id,
            at,
            source_id=source,
            warnings="sprong:free",
            received_at=at + 50 * MINUTE,
        ),
        past_report(
            served.pool_id, at - HOUR, source_id=source, outcome="superseded", version=None
        ),
    )
    async with api.client(served.provider.key) as client:
        body = (await client.get(f"/v1/sources/{source}/health", params={"days": 3})).json()
        (listed,) = (await client.get("/v1/feed-health", params={"days": 3})).json()["items"]
    assert body["source_id"] == source
    assert body["organisation_id"] == str(served.provider.organisation_id)
    assert body["kind"] == "api"
    assert body["last_report_at"] is not None
    told = {name: body[name] for name in ("reports", "accepted", "superseded", "late", "warnings")}
    assert told == {"reports": 2, "accepted": 1, "superseded": 1, "late": 1, "warnings": 1}
    (warning,) = body["warnings_by_code"]
    assert (warning["code"], warning["count"]) == ("sprong", 1)
    assert warning["label"].startswith("wijkt sterk af")
    assert body["pools"] == {"reported": 0, "fresh": 0, "unconfirmed": 0}
    moving = ("from", "until")
    assert {n: v for n, v in listed.items() if n not in moving} == {
        n: v for n, v in body.items() if n not in moving
    }


async def test_all_sources_are_told_page_by_page(api: Serving, served: World) -> None:
    async with api.client(served.operator.key) as client:
        whole = (await client.get("/v1/feed-health")).json()["items"]
        assert len(whole) == 3
        found: list[Any] = []
        params: dict[str, Any] = {"limit": 2}
        while True:
            body = (await client.get("/v1/feed-health", params=params)).json()
            found += body["items"]
            if body["next_cursor"] is None:
                break
            params["cursor"] = body["next_cursor"]
    assert [item["source_id"] for item in found] == [item["source_id"] for item in whole]


async def test_sandbox_reports_are_shown_page_by_page(
    api: Serving, served: World, source: str, database: Database, clock: Clock
) -> None:
    rows = [
        past_report(
            served.pool_id,
            clock.now() - timedelta(minutes=n // 2),
            source_id=source,
            outcome="sandbox",
            version=None,
            free=n,
            warnings="tekort:occupied",
        )
        for n in range(5)
    ]
    await keep(database, "pool_report", *rows)
    path = f"/v1/sources/{source}/sandbox-reports"
    async with api.client(served.provider.key) as client:
        whole = (await client.get(path)).json()["items"]
        found: list[Any] = []
        params: dict[str, Any] = {"limit": 2}
        while True:
            body = (await client.get(path, params=params)).json()
            found += body["items"]
            if body["next_cursor"] is None:
                break
            params["cursor"] = body["next_cursor"]
        for cursor in ("x", "MjAyNi0wMS0wMVQwMDowMDowMFp8eCB5IHo"):
            answer = await client.get(path, params={"cursor": cursor})
            check_problem(answer, 400, Code.INVALID_INPUT)
    assert found == whole
    assert sorted(item["figures"]["free"] for item in whole) == [0, 1, 2, 3, 4]
    for item in whole:
        assert (item["kind"], item["subject_id"]) == ("pool", str(served.pool_id))
        assert item["exists"] is True
        assert item["name"]
        assert item["warnings"] == ["tekort:occupied"]


async def test_somebody_else_s_source_is_not_there(
    api: Serving, served: World, source: str
) -> None:
    async with api.client(served.other.key) as client:
        for what in ("health", "sandbox-reports"):
            check_problem(await client.get(f"/v1/sources/{source}/{what}"), 404, Code.NOT_FOUND)
        listed = (await client.get("/v1/feed-health")).json()["items"]
        assert source not in [item["source_id"] for item in listed]


@pytest.mark.parametrize("days", ["0", "32", "x"])
async def test_no_more_than_a_month_is_looked_back(
    api: Serving, served: World, source: str, days: str
) -> None:
    async with api.client(served.provider.key) as client:
        for path in ("feed-health", f"sources/{source}/health"):
            answer = await client.get(f"/v1/{path}", params={"days": days})
            check_problem(answer, 400, Code.INVALID_INPUT)
