"""Writing the registers over HTTP: made once, changed by who saw them, closed when nothing hangs on them."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from app.services.regions import create_region
from domain.actors import Role
from domain.errors import Code
from domain.identifiers import RegionId
from tests.factories.world import World, make_party
from tests.support.calls import CALLS, Call, Example, check_problem, everything
from tests.support.database import Database
from tests.support.serving import Serving

MADE = [
    "/v1/regions",
    "/v1/organisations",
    "/v1/locations",
    "/v1/pools",
]
CHANGED = [
    "/v1/regions/{region_id}",
    "/v1/organisations/{organisation_id}",
    "/v1/locations/{location_id}",
    "/v1/pools/{pool_id}",
    "/v1/pools/{pool_id}/posting",
]


@pytest.fixture
async def operator(api: Serving, served: World) -> AsyncIterator[httpx.AsyncClient]:
    """Who keeps the registers."""
    async with api.client(served.operator.key) as client:
        yield client


def call(method: str, path: str) -> Call:
    """One of the calls."""
    (found,) = [one for one in CALLS if one.key == (method, path)]
    return found


@pytest.mark.parametrize("path", MADE)
async def test_what_is_made_is_answered_told_and_read_at_its_position(
    operator: httpx.AsyncClient, example: Example, path: str
) -> None:
    post = call("POST", path)
    made = await example.send(operator, post)
    assert made.status_code == 201, made.text
    body = made.json()
    assert (body["version"], made.headers["etag"]) == (1, '"1"')
    read = await operator.get(f"{path}/{body['id']}", params={"min_position": body["position"]})
    assert read.status_code == 200
    assert {**read.json(), "position": body["position"]} == body
    for name, value in example.body(post).items():
        if name not in ("postcode", "insurers", "region_id"):
            assert body[name] == value, name


@pytest.mark.parametrize("path", MADE)
async def test_the_same_request_again_makes_no_second_one(
    operator: httpx.AsyncClient, example: Example, database: Database, path: str
) -> None:
    post = call("POST", path)
    named = {"idempotency-key": "een"}
    first = await example.send(operator, post, headers=named)
    assert first.status_code == 201
    before = await everything(database)
    again = await example.send(operator, post, headers=named)
    assert again.status_code == 201
    assert again.json() == first.json()
    assert again.headers["etag"] == first.headers["etag"]
    assert await everything(database) == before
    body = {**example.body(post), "name": "Anders"}
    other = await operator.post(path, json=body, headers=named)
    check_problem(other, 409, Code.IDEMPOTENCY_MISMATCH)
    assert await everything(database) == before


@pytest.mark.parametrize("path", CHANGED)
async def test_a_change_needs_the_version_that_was_shown(
    operator: httpx.AsyncClient, example: Example, database: Database, path: str
) -> None:
    put = call("PUT", path)
    before = await everything(database)
    body = example.body(put)
    address = example.path(put)
    check_problem(await operator.put(address, json=body), 428, Code.VERSION_REQUIRED)
    old = await operator.put(address, json=body, headers={"if-match": '"9"'})
    assert check_problem(old, 412, Code.VERSION_CHANGED)["current"] == 1
    assert old.headers["etag"] == '"1"'
    assert await everything(database) == before
    done = await operator.put(address, json=body, headers={"if-match": '"1"'})
    assert (done.status_code, done.headers["etag"]) == (200, '"2"')
    assert (done.json()["version"], done.json()["name"]) == (
        2,
        body.get("name", done.json()["name"]),
    )
    late = await operator.put(address, json=body, headers={"if-match": '"1"'})
    assert check_problem(late, 412, Code.VERSION_CHANGED)["current"] == 2


async def test_what_is_in_use_is_not_closed_and_says_by_what(
    operator: httpx.AsyncClient, served: World, database: Database
) -> None:
    before = await everything(database)
    owner = await operator.post(f"/v1/organisations/{served.provider.organisation_id}/closure")
    problem = check_problem(owner, 409, Code.STILL_IN_USE)
    assert problem["in_use"] == {"locations": 1, "pools": 1}
    place = await operator.post(f"/v1/locations/{served.location_id}/closure")
    assert check_problem(place, 409, Code.STILL_IN_USE)["in_use"] == {"pools": 1}
    assert await everything(database) == before


async def test_all_is_closed_from_below_and_stays_closed(
    api: Serving, operator: httpx.AsyncClient, served: World, database: Database
) -> None:
    paths = [
        f"/v1/pools/{served.pool_id}/closure",
        f"/v1/locations/{served.location_id}/closure",
        f"/v1/organisations/{served.provider.organisation_id}/closure",
    ]
    for path in paths:
        closed = await operator.post(path, headers={"if-match": '"1"'})
        assert (closed.status_code, closed.headers["etag"]) == (200, '"2"')
        assert closed.json()["status"] == "ended"
    before = await everything(database)
    for path in paths:
        check_problem(await operator.post(path), 409, Code.ALREADY_CLOSED)
    assert await everything(database) == before
    async with api.client(served.provider.key) as client:
        check_problem(await client.get("/v1/pools"), 401, Code.NOT_SIGNED_IN)


async def test_after_a_merger_a_feed_goes_on_by_its_old_codes(
    api: Serving, operator: httpx.AsyncClient, served: World
) -> None:
    code = (await served.pool()).external_id
    merged = await operator.post(
        f"/v1/organisations/{served.provider.organisation_id}/merger",
        json={"into": str(served.other.organisation_id)},
    )
    assert (merged.status_code, merged.json()["id"]) == (200, str(served.other.organisation_id))
    gone = await operator.get(
        f"/v1/organisations/{served.provider.organisation_id}",
        params={"min_position": merged.json()["position"]},
    )
    assert gone.json()["merged_into"] == str(served.other.organisation_id)
    async with api.client(served.provider.key) as feed:
        path = f"/v1/organisations/{served.provider.agb}/pools/{code}/report"
        assert (await feed.put(path, json={"free": 1})).status_code == 200


@pytest.mark.parametrize(
    ("path", "change", "pointer"),
    [
        ("/v1/organisations", {"kind": "provider"}, "/pc4s"),
        ("/v1/organisations", {"regions": [9]}, "/regions"),
        ("/v1/organisations", {"regions": []}, "/regions"),
        ("/v1/organisations", {"on_call": [{"name": "x"}]}, "/on_call/0/telephone"),
        (
            "/v1/organisations",
            {"insurers": [{"uzovi": "12", "valid_from": "2026-01-01"}]},
            "/insurers/0/uzovi",
        ),
        ("/v1/locations", {"region_id": 9}, "/region_id"),
        ("/v1/locations", {"postcode": "2711SS"}, "/postcode"),
        ("/v1/locations", {"longitude": None}, "/longitude"),
        ("/v1/locations", {"longitude": 8.5}, "/longitude"),
        ("/v1/locations", {"latitude": 4.5}, "/latitude"),
        ("/v1/locations", {"opening_hours": {"ma": [["9:00", "17:00"]]}}, "/opening_hours/ma/0/0"),
        ("/v1/locations", {"intake_hours": {"maandag": []}}, "/intake_hours/maandag"),
        ("/v1/pools", {"care_types": ["mfb", "grz"]}, "/care_types"),
        ("/v1/pools", {"care_types": ["wijkverpleging"]}, "/care_types"),
        ("/v1/pools", {"admission_rules": {"days": []}}, "/admission_rules/days"),
        ("/v1/pools", {"time_to_live_minutes": 14}, "/time_to_live_minutes"),
        ("/v1/pools", {"external_id": "a/b"}, "/external_id"),
        ("/v1/regions", {"id": 0}, "/id"),
        ("/v1/regions", {"code": "Regio Zeven"}, "/code"),
    ],
)
async def test_what_cannot_be_is_refused_by_its_name_and_changes_nothing(
    operator: httpx.AsyncClient,
    example: Example,
    database: Database,
    path: str,
    change: dict[str, Any],
    pointer: str,
) -> None:
    before = await everything(database)
    body = {**example.body(call("POST", path)), **change}
    problem = check_problem(await operator.post(path, json=body), 400, Code.INVALID_INPUT)
    assert problem["errors"][0]["pointer"] == pointer
    assert await everything(database) == before


async def test_another_coordination_points_postcodes_are_named(
    operator: httpx.AsyncClient, example: Example, database: Database
) -> None:
    post = call("POST", "/v1/organisations")
    first = (await example.send(operator, post)).json()
    before = await everything(database)
    second = {**example.body(post), "agb": "41777778"}
    problem = check_problem(
        await operator.post("/v1/organisations", json=second), 409, Code.ALREADY_EXISTS
    )
    assert (problem["pc4s"], problem["organisation_ids"]) == (["2725"], [first["id"]])
    assert await everything(database) == before


async def test_a_provider_tightens_and_can_not_loosen(api: Serving, served: World) -> None:
    path = f"/v1/pools/{served.pool_id}/posting"
    async with api.client(served.provider.key) as provider:
        done = await provider.put(
            path, json={"time_to_live_minutes": 60}, headers={"if-match": '"1"'}
        )
        assert (done.status_code, done.json()["time_to_live_minutes"]) == (200, 60)
        for body, pointer in (
            ({"time_to_live_minutes": None}, "/time_to_live_minutes"),
            ({"time_to_live_minutes": 61}, "/time_to_live_minutes"),
            (
                {"time_to_live_minutes": 60, "posting_schedule": "bij-wijziging"},
                "/posting_schedule",
            ),
        ):
            refused = await provider.put(path, json=body, headers={"if-match": '"2"'})
            problem = check_problem(refused, 400, Code.INVALID_INPUT)
            assert problem["errors"][0]["pointer"] == pointer
    async with api.client(served.other.key) as other:
        answer = await other.put(
            path, json={"time_to_live_minutes": 30}, headers={"if-match": '"2"'}
        )
        check_problem(answer, 404, Code.NOT_FOUND)


async def test_a_location_goes_to_another_owner_with_its_pools(
    operator: httpx.AsyncClient, served: World
) -> None:
    done = await operator.put(
        f"/v1/locations/{served.location_id}/owner",
        json={"organisation_id": str(served.other.organisation_id)},
        headers={"if-match": '"1"'},
    )
    assert (done.status_code, done.headers["etag"]) == (200, '"2"')
    pool = await operator.get(
        f"/v1/pools/{served.pool_id}", params={"min_position": done.json()["position"]}
    )
    assert pool.json()["organisation_id"] == str(served.other.organisation_id)


async def test_a_source_is_tried_in_the_sandbox_and_then_released(
    api: Serving, operator: httpx.AsyncClient, served: World
) -> None:
    issued = await operator.post(
        "/v1/keys",
        json={
            "organisation_id": str(served.provider.organisation_id),
            "role": "provider-capacity",
            "name": "nieuwe feed",
            "sandbox": True,
        },
    )
    assert issued.status_code == 201
    async with api.client(issued.json()["key"]) as feed:
        page = (await feed.get("/v1/sources", params={"limit": 1})).json()
        rest = (await feed.get("/v1/sources", params={"cursor": page["next_cursor"]})).json()
        assert rest["next_cursor"] is None
        (tried,) = [one for one in page["items"] + rest["items"] if one["sandbox"]]
        assert (tried["name"], tried["released_at"]) == ("nieuwe feed", None)
        path = f"/v1/sources/{tried['id']}"
        check_problem(await feed.post(f"{path}/release"), 403, Code.NOT_ALLOWED)
        for _ in range(2):
            assert (await operator.post(f"{path}/release")).status_code == 204
        assert not (await feed.get(path)).json()["sandbox"]
    async with api.client(served.other.key) as other:
        check_problem(await other.get(path), 404, Code.NOT_FOUND)


async def test_a_pool_is_given_to_another_owner_by_the_operator(
    api: Serving, operator: httpx.AsyncClient, served: World, database: Database
) -> None:
    path = f"/v1/pools/{served.pool_id}/owner"
    body = {"organisation_id": str(served.other.organisation_id)}
    before = await everything(database)
    check_problem(
        await operator.put(path, json=body, headers={"if-match": '"7"'}),
        412,
        Code.VERSION_CHANGED,
    )
    assert await everything(database) == before
    given = await operator.put(path, json=body, headers={"if-match": '"1"'})
    assert (given.status_code, given.content) == (204, b"")
    await served.settled()
    report = f"/v1/pools/{served.pool_id}/report"
    async with api.client(served.provider.key) as old:
        check_problem(await old.put(report, json={"free": 1}), 404, Code.NOT_FOUND)
    async with api.client(served.other.key) as new:
        assert (await new.put(report, json={"free": 1})).status_code == 200


async def test_a_pool_is_not_given_to_who_can_not_have_it(
    operator: httpx.AsyncClient, served: World, database: Database
) -> None:
    path = f"/v1/pools/{served.pool_id}/owner"
    nobody = {"organisation_id": "00000000-0000-0000-0000-000000000000"}
    check_problem(await operator.put(path, json=nobody), 404, Code.NOT_FOUND)
    await create_region(served.container, None, RegionId(2), "twee", "Twee")
    elsewhere = await make_party(served.container, Role.PROVIDER_CAPACITY, RegionId(2))
    before = await everything(database)
    answer = await operator.put(path, json={"organisation_id": str(elsewhere.organisation_id)})
    problem = check_problem(answer, 400, Code.INVALID_INPUT)
    assert problem["errors"][0]["pointer"] == "/organisation_id"
    assert await everything(database) == before
