"""Keys over HTTP: issued once, shown once, ended at once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.db.idempotency import KEPT_FOR
from app.security.keys import TRUSTED_FOR, key_hash
from domain.errors import Code
from tests.factories.world import World
from tests.support.calls import check_problem, everything
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.outages import away
from tests.support.serving import Serving, serving

SECOND = timedelta(seconds=1)
UNKNOWN = "vt_" + "x" * 43


@pytest.fixture
async def operator(api: Serving, served: World) -> AsyncIterator[httpx.AsyncClient]:
    """Who issues keys."""
    async with api.client(served.operator.key) as client:
        yield client


@pytest.fixture
def wanted(served: World) -> dict[str, Any]:
    """A key for the first provider's feed."""
    return {
        "organisation_id": str(served.provider.organisation_id),
        "role": "provider-capacity",
        "name": "ecd",
        "lag_minutes": 120,
        "includes_holds": True,
    }


async def opens(api: Serving, key: str) -> int:
    """What a key gets that may read."""
    async with api.client(key) as client:
        return (await client.get("/v1/care-types")).status_code


async def test_an_issued_key_works_at_once_and_is_shown_once(
    api: Serving,
    operator: httpx.AsyncClient,
    served: World,
    wanted: dict[str, Any],
    database: Database,
) -> None:
    answer = await operator.post("/v1/keys", json=wanted)
    assert answer.status_code == 201
    issued = answer.json()
    assert await opens(api, issued["key"]) == 200
    listed = await operator.get("/v1/keys")
    (shown,) = [key for key in listed.json() if key["id"] == issued["id"]]
    assert set(shown) == {
        "id",
        "name",
        "role",
        "organisation_id",
        "organisation_name",
        "created_at",
        "revoked_at",
    }
    assert (shown["role"], shown["name"], shown["revoked_at"]) == ("provider-capacity", "ecd", None)
    assert issued["key"] not in listed.text
    row = await database.one(
        "SELECT k.hash, s.lag_minutes, s.includes_holds FROM api_key k"
        " JOIN source s ON s.id = k.source_id WHERE k.id = $1::uuid",
        issued["id"],
    )
    assert tuple(row) == (key_hash(issued["key"]), 120, True)
    report = f"/v1/pools/{served.pool_id}/report"
    async with api.client(issued["key"]) as feed:
        assert (await feed.put(report, json={"free": 1})).status_code == 200


async def test_with_an_idempotency_key_a_repetition_makes_no_second_key(
    operator: httpx.AsyncClient, wanted: dict[str, Any], database: Database, clock: Clock
) -> None:
    headers = {"idempotency-key": "7f4e"}
    first = (await operator.post("/v1/keys", json=wanted, headers=headers)).json()
    before = await everything(database)
    again = await operator.post("/v1/keys", json=wanted, headers=headers)
    assert (again.status_code, again.json()) == (201, {"id": first["id"], "key": None})
    other = await operator.post("/v1/keys", json={**wanted, "name": "anders"}, headers=headers)
    check_problem(other, 409, Code.IDEMPOTENCY_MISMATCH)
    assert await everything(database) == before
    clock.turn(KEPT_FOR + SECOND)
    later = (await operator.post("/v1/keys", json=wanted, headers=headers)).json()
    assert later["id"] != first["id"]
    assert later["key"] not in (None, first["key"])


async def test_of_the_same_request_at_once_one_answer_holds_the_key(
    api: Serving, operator: httpx.AsyncClient, wanted: dict[str, Any], database: Database
) -> None:
    headers = {"idempotency-key": "7f4e"}
    answers = await asyncio.gather(
        *[operator.post("/v1/keys", json=wanted, headers=headers) for _ in range(5)]
    )
    assert [answer.status_code for answer in answers] == [201] * 5
    assert len({answer.json()["id"] for answer in answers}) == 1
    (key,) = [answer.json()["key"] for answer in answers if answer.json()["key"]]
    assert await opens(api, key) == 200
    assert await database.value("SELECT count(*) FROM api_key WHERE name = 'ecd'") == 1


async def test_a_key_that_cannot_be_is_refused_and_nothing_is_made(
    operator: httpx.AsyncClient, wanted: dict[str, Any], database: Database
) -> None:
    before = await everything(database)
    nobody = "00000000-0000-0000-0000-000000000000"
    gone = await operator.post("/v1/keys", json={**wanted, "organisation_id": nobody})
    check_problem(gone, 404, Code.NOT_FOUND)
    system = await operator.post("/v1/keys", json={**wanted, "role": "system"})
    assert check_problem(system, 400, Code.INVALID_INPUT)["errors"][0]["pointer"] == "/role"
    assert await everything(database) == before


async def test_a_source_keeps_its_terms(
    operator: httpx.AsyncClient, wanted: dict[str, Any], database: Database
) -> None:
    assert (await operator.post("/v1/keys", json=wanted)).status_code == 201
    before = await everything(database)
    other = await operator.post("/v1/keys", json={**wanted, "lag_minutes": 0})
    problem = check_problem(other, 409, Code.ALREADY_EXISTS)
    assert "Kies een andere naam" in problem["detail"]
    assert await everything(database) == before


async def test_a_revoked_key_is_refused_from_the_answer_on(
    api: Serving, operator: httpx.AsyncClient, served: World
) -> None:
    assert await opens(api, served.other.key) == 200
    path = f"/v1/keys/{served.other.key_id}/revocation"
    for _ in range(2):
        answer = await operator.post(path)
        assert (answer.status_code, answer.content) == (204, b"")
        assert await opens(api, served.other.key) == 401
    assert await opens(api, served.provider.key) == 200
    listed = (await operator.get("/v1/keys")).json()
    assert [key["id"] for key in listed if key["revoked_at"]] == [str(served.other.key_id)]


async def test_every_process_hears_of_a_revocation(
    api: Serving, operator: httpx.AsyncClient, served: World, settings: Any, clock: Clock
) -> None:
    async with serving(settings, clock.now) as elsewhere:
        assert await opens(elsewhere, served.other.key) == 200
        await operator.post(f"/v1/keys/{served.other.key_id}/revocation")
        async with asyncio.timeout(10):
            while await opens(elsewhere, served.other.key) != 401:
                await asyncio.sleep(0.01)


async def test_a_key_that_is_not_there_cannot_be_revoked(operator: httpx.AsyncClient) -> None:
    answer = await operator.post("/v1/keys/00000000-0000-0000-0000-000000000000/revocation")
    check_problem(answer, 404, Code.NOT_FOUND)


async def test_an_operator_may_end_the_own_key(
    api: Serving, operator: httpx.AsyncClient, served: World
) -> None:
    answer = await operator.post(f"/v1/keys/{served.operator.key_id}/revocation")
    assert answer.status_code == 204
    check_problem(await operator.get("/v1/keys"), 401, Code.NOT_SIGNED_IN)


async def test_while_the_database_is_away_known_keys_are_trusted_for_a_moment_only(
    api: Serving, served: World, database: Database, clock: Clock
) -> None:
    assert await opens(api, served.provider.key) == 200
    async with away(database), api.client(served.provider.key) as known:
        assert (await known.get("/v1/care-types")).status_code == 200
        # Of others nobody can tell now whether they are wrong.
        async with api.client(UNKNOWN) as unknown:
            check_problem(await unknown.get("/v1/care-types"), 503, Code.UNAVAILABLE)
        async with api.client() as nobody:
            check_problem(await nobody.get("/v1/care-types"), 401, Code.NOT_SIGNED_IN)
        clock.turn(TRUSTED_FOR)
        check_problem(await known.get("/v1/care-types"), 503, Code.UNAVAILABLE)
    async with asyncio.timeout(10):
        while await opens(api, served.provider.key) != 200:
            await asyncio.sleep(0.02)
    assert await opens(api, UNKNOWN) == 401


async def test_what_needs_the_database_is_unavailable_while_it_is_away_and_nothing_is_lost(
    api: Serving, served: World, database: Database
) -> None:
    async with api.client(served.operator.key) as operator, api.client(served.provider.key) as feed:
        assert (await operator.get("/v1/keys")).status_code == 200
        assert (await feed.put(f"/v1/pools/{served.pool_id}/report", json={"free": 1})).is_success
        async with away(database):
            check_problem(await operator.get("/v1/keys"), 503, Code.UNAVAILABLE)
            lost = await feed.put(f"/v1/pools/{served.pool_id}/report", json={"free": 2})
            assert lost.status_code == 503
            check_problem(
                await feed.get(f"/v1/pools/{served.pool_id}/reports"), 503, Code.UNAVAILABLE
            )
            # The board needs no database.
            shown = await feed.get(f"/v1/pools/{served.pool_id}")
            assert shown.json()["capacity"]["free"] == 1
        again = await feed.put(f"/v1/pools/{served.pool_id}/report", json={"free": 2})
        assert (again.json()["outcome"], again.json()["version"]) == ("accepted", 2)
        assert (await operator.get("/v1/keys")).status_code == 200
