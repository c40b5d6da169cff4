"""Beds over HTTP: the register, reports by id and by own codes, and what a board shows."""

from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import quote

import httpx
import pytest

from domain.beds import Hold
from domain.care_types import CareType
from domain.errors import Code
from domain.identifiers import BedId, PoolId
from tests.factories.beds import hold, make_beds, place_of
from tests.factories.times import NINE
from tests.factories.world import World, make_pool
from tests.support.calls import check_problem
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.serving import Serving


@pytest.fixture
async def provider(api: Serving, served: World) -> AsyncIterator[httpx.AsyncClient]:
    """The beds' owner."""
    async with api.client(served.provider.key) as client:
        yield client


@pytest.fixture
async def operator(api: Serving, served: World) -> AsyncIterator[httpx.AsyncClient]:
    """Who keeps the registers."""
    async with api.client(served.operator.key) as client:
        yield client


@pytest.fixture
async def bed(served: World) -> BedId:
    """One bed."""
    return (await make_beds(served, 1))[0]


@pytest.fixture
async def pool_id(served: World, bed: BedId) -> PoolId:
    """Its pool."""
    return (await place_of(served, bed)).pool_id


async def test_a_bed_from_its_making_to_its_closure(
    provider: httpx.AsyncClient, operator: httpx.AsyncClient, served: World, clock: Clock
) -> None:
    clock.set(NINE)
    pool_id = await make_pool(served.container, served.location_id, CareType.MFB)
    new = {"pool_id": str(pool_id), "external_id": "K1", "name": "Kamer 1", "features": ["tillift"]}
    made = await operator.post("/v1/beds", json=new, headers={"idempotency-key": "a"})
    assert made.status_code == 201, made.text
    again = await operator.post("/v1/beds", json=new, headers={"idempotency-key": "a"})
    assert again.json() == made.json()
    body = made.json()
    path = f"/v1/beds/{body['id']}"
    assert (body["shown"], body["report"]["version"]) == (None, 0)
    assert body["report"]["freshness"] == "nooit-gemeld"

    said = {"state": "occupied", "expected_discharge": "2026-11-20", "note": "telefonisch"}
    receipt = await provider.put(path, json=said)
    assert receipt.headers["etag"] == '"1"'
    told = receipt.json()
    assert (told["outcome"], told["bed_id"], told["version"]) == ("accepted", body["id"], 1)
    shown = await provider.get(path, params={"min_position": told["position"]})
    assert shown.headers["etag"] == '"1"'
    standing = shown.json()
    assert (standing["shown"], standing["report"]["source"]) == ("occupied", "api")
    assert standing["report"]["expected_discharge"] == "2026-11-20"
    assert standing["report"]["freshness"] == "vers"
    pool = (await provider.get(f"/v1/pools/{pool_id}")).json()["capacity"]
    assert (pool["physical"], pool["operable"], pool["occupied"], pool["free"]) == (1, 1, 1, 0)

    busy = check_problem(await operator.post(f"{path}/closure"), 409, Code.STILL_IN_USE)
    assert busy["in_use"] == {"occupied": 1}
    stale = await provider.put(path, json={"state": "free"}, headers={"if-match": '"0"'})
    check_problem(stale, 412, Code.VERSION_CHANGED)
    await provider.put(path, json={"state": "free"}, headers={"if-match": '"1"'})
    details = {"external_id": "K1", "name": "Kamer 1a"}
    check_problem(await operator.put(f"{path}/details", json=details), 428, Code.VERSION_REQUIRED)
    changed = await operator.put(f"{path}/details", json=details, headers={"if-match": '"1"'})
    assert (changed.json()["name"], changed.json()["version"]) == ("Kamer 1a", 2)
    closed = await operator.post(f"{path}/closure", headers={"if-match": '"2"'})
    assert closed.json()["status"] == "ended"
    check_problem(await provider.put(path, json={"state": "free"}), 409, Code.ALREADY_CLOSED)
    listed = {"min_position": closed.json()["position"]}
    assert (await provider.get("/v1/beds", params=listed)).json()["items"] == []
    ended = await provider.get("/v1/beds", params={**listed, "status": "ended"})
    assert [item["id"] for item in ended.json()["items"]] == [body["id"]]


async def test_beds_are_listed_by_pool_and_owner(
    provider: httpx.AsyncClient, served: World, bed: BedId, pool_id: PoolId
) -> None:
    (elsewhere,) = await make_beds(served, 1)
    owner = served.provider.organisation_id
    for query, expected in (
        ({"pool_id": pool_id}, {bed}),
        ({"organisation_id": owner}, {bed, elsewhere}),
        ({"organisation_id": served.other.organisation_id}, set()),
    ):
        found = await provider.get("/v1/beds", params={n: str(v) for n, v in query.items()})
        assert {item["id"] for item in found.json()["items"]} == {str(one) for one in expected}
    page = (await provider.get("/v1/beds", params={"limit": "1"})).json()
    rest = (await provider.get("/v1/beds", params={"cursor": page["next_cursor"]})).json()
    assert [item["id"] for item in page["items"] + rest["items"]] == sorted(
        [str(bed), str(elsewhere)]
    )


async def test_by_own_codes_it_is_the_same_bed(
    provider: httpx.AsyncClient, served: World, bed: BedId, pool_id: PoolId
) -> None:
    code = (await served.pool(pool_id)).external_id
    path = f"/v1/organisations/{served.provider.agb}/pools/{quote(code, safe='')}/beds/B1"
    said = {"state": "free", "observed_at": served.container.now().isoformat()}
    assert (await provider.put(path, json=said)).json()["bed_id"] == str(bed)
    assert (await provider.put(f"/v1/beds/{bed}", json=said)).json()["outcome"] == "repeated"


async def test_what_is_held_shows_so_and_what_is_old_is_unconfirmed(
    provider: httpx.AsyncClient, served: World, database: Database, clock: Clock, bed: BedId
) -> None:
    clock.set(NINE)
    await hold(database, bed, Hold.CLAIMED)
    told = (await provider.put(f"/v1/beds/{bed}", json={"state": "free"})).json()
    shown = await provider.get(f"/v1/beds/{bed}", params={"min_position": told["position"]})
    assert (shown.json()["hold"], shown.json()["shown"]) == ("claimed", "claimed")
    assert shown.json()["report"]["state"] == "free"
    clock.turn(timedelta(days=1))
    shown = await provider.get(f"/v1/beds/{bed}")
    assert shown.json()["report"]["freshness"] == "onbevestigd"


async def test_bad_input_and_somebody_elses_bed(
    provider: httpx.AsyncClient, api: Serving, served: World, bed: BedId
) -> None:
    path = f"/v1/beds/{bed}"
    for body, pointer in (
        ({"state": "closed"}, "/closed_reason"),
        ({"state": "free", "expected_discharge": "2026-11-30"}, "/expected_discharge"),
        ({"state": "occupied", "expected_discharge": "2199-01-01"}, "/expected_discharge"),
        ({"state": "claimed"}, "/state"),
        ({}, "/state"),
        ({"state": "free", "note": "a\nb"}, "/note"),
    ):
        problem = check_problem(await provider.put(path, json=body), 400, Code.INVALID_INPUT)
        assert [error["pointer"] for error in problem["errors"]] == [pointer]
    async with api.client(served.other.key) as stranger:
        check_problem(await stranger.put(path, json={"state": "closed"}), 404, Code.NOT_FOUND)
