"""Home-care teams over HTTP: the register, the stoplight, "klopt nog" and what was said before."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from domain.errors import Code
from domain.home_care import Coverage, Dagdeel, Skill
from domain.identifiers import TeamId
from tests.factories.home_care import make_team
from tests.factories.times import NINE
from tests.factories.world import World
from tests.support.calls import check_problem
from tests.support.clock import Clock
from tests.support.serving import Serving

NEW = {
    "external_id": "WV-1",
    "name": "Team Oost",
    "telephone": "079 123 45 67",
    "pc4s": ["2725", "2719"],
    "skills": ["wond", "basis"],
    "dagdelen": ["ochtend"],
}
SAID = {
    "light": "oranje",
    "earliest_start": "2026-11-23",
    "hours": 12,
    "exceptions": [{"skill": "wond", "dagdeel": "nacht", "light": "rood"}],
}


@pytest.fixture
async def provider(api: Serving, served: World) -> AsyncIterator[httpx.AsyncClient]:
    """The team's owner."""
    async with api.client(served.provider.key) as client:
        yield client


@pytest.fixture
async def operator(api: Serving, served: World) -> AsyncIterator[httpx.AsyncClient]:
    """Who keeps the registers."""
    async with api.client(served.operator.key) as client:
        yield client


@pytest.fixture
async def team(served: World, clock: Clock) -> TeamId:
    """A team, at nine o'clock."""
    clock.set(NINE)
    return await make_team(served)


async def test_a_team_from_its_making_to_its_closure(
    provider: httpx.AsyncClient, operator: httpx.AsyncClient, served: World, clock: Clock
) -> None:
    clock.set(NINE)
    new = {**NEW, "organisation_id": str(served.provider.organisation_id)}
    made = await operator.post("/v1/home-care-teams", json=new, headers={"idempotency-key": "a"})
    assert made.status_code == 201, made.text
    again = await operator.post("/v1/home-care-teams", json=new, headers={"idempotency-key": "a"})
    assert again.json() == made.json()
    assert (made.json()["pc4s"], made.json()["skills"]) == (["2719", "2725"], ["basis", "wond"])
    path = f"/v1/home-care-teams/{made.json()['id']}"

    receipt = await provider.put(f"{path}/report", json=SAID)
    told = receipt.json()
    assert (told["outcome"], told["version"], receipt.headers["etag"]) == ("accepted", 1, '"1"')
    shown = await provider.get(path, params={"min_position": told["position"]})
    assert shown.headers["etag"] == '"1"'
    report = shown.json()["report"]
    assert (report["light"], report["earliest_start"], report["hours"]) == (
        "oranje",
        "2026-11-23",
        12,
    )
    assert report["exceptions"] == [
        {"skill": "wond", "dagdeel": "nacht", "light": "rood", "earliest_start": None}
    ]
    assert (report["freshness"], report["source"]) == ("vers", "api")
    clock.turn(timedelta(days=2))
    assert (await provider.get(path)).json()["report"]["freshness"] == "onbevestigd"
    check_problem(await provider.post(f"{path}/confirmation"), 428, Code.VERSION_REQUIRED)
    confirmed = await provider.post(f"{path}/confirmation", headers={"if-match": '"1"'})
    assert (confirmed.json()["outcome"], confirmed.json()["version"]) == ("accepted", 2)

    changed = await operator.put(
        path, json={**NEW, "name": "Team West"}, headers={"if-match": '"1"'}
    )
    assert (changed.json()["name"], changed.json()["version"]) == ("Team West", 2)
    check_problem(await operator.put(path, json=NEW), 428, Code.VERSION_REQUIRED)
    owner = {"organisation_id": str(served.other.organisation_id)}
    given = await operator.put(f"{path}/owner", json=owner)
    assert given.json()["organisation_id"] == owner["organisation_id"]
    check_problem(await provider.put(f"{path}/report", json=SAID), 404, Code.NOT_FOUND)
    closed = await operator.post(f"{path}/closure")
    assert (closed.json()["status"], closed.json()["version"]) == ("ended", 4)
    check_problem(await operator.post(f"{path}/closure"), 409, Code.ALREADY_CLOSED)
    listed = {"min_position": closed.json()["position"]}
    assert (await provider.get("/v1/home-care-teams", params=listed)).json()["items"] == []


async def test_teams_are_listed_by_owner_postcode_and_skill(
    provider: httpx.AsyncClient, served: World, team: TeamId
) -> None:
    elsewhere = await make_team(
        served,
        served.other,
        coverage=Coverage(frozenset({"2712"}), frozenset({Skill.MSVT}), frozenset(Dagdeel)),
    )
    for query, expected in (
        ({}, {team, elsewhere}),
        ({"organisation_id": str(served.other.organisation_id)}, {elsewhere}),
        ({"pc4": "2725"}, {team}),
        ({"skill": "msvt"}, {elsewhere}),
        ({"skill": "msvt", "pc4": "2725"}, set()),
    ):
        found = await provider.get("/v1/home-care-teams", params=query)
        assert {item["id"] for item in found.json()["items"]} == {str(one) for one in expected}


async def test_by_own_code_it_is_the_same_team(
    provider: httpx.AsyncClient, served: World, team: TeamId
) -> None:
    code = (await provider.get(f"/v1/home-care-teams/{team}")).json()["external_id"]
    said = {**SAID, "observed_at": served.container.now().isoformat()}
    path = f"/v1/organisations/{served.provider.agb}/home-care-teams/{code}/report"
    assert (await provider.put(path, json=said)).json()["team_id"] == str(team)
    again = await provider.put(f"/v1/home-care-teams/{team}/report", json=said)
    assert again.json()["outcome"] == "repeated"


async def test_history_tells_all_that_was_said_page_by_page(
    provider: httpx.AsyncClient, team: TeamId
) -> None:
    path = f"/v1/home-care-teams/{team}"
    for minutes in (5, 1, 9):
        at = (NINE - timedelta(minutes=minutes)).isoformat()
        await provider.put(f"{path}/report", json={**SAID, "observed_at": at, "note": "x"})
    page = (await provider.get(f"{path}/reports", params={"limit": "2"})).json()
    cursor = {"cursor": page["next_cursor"]}
    rest = (await provider.get(f"{path}/reports", params=cursor)).json()
    items = page["items"] + rest["items"]
    assert [item["stated_at"] for item in items] == [
        f"2026-11-18T08:{minute}:00Z" for minute in (59, 55, 51)
    ]
    assert [item["outcome"] for item in items] == ["accepted", "accepted", "superseded"]
    assert (items[0]["note"], items[0]["exceptions"][0]["light"]) == ("x", "rood")
    assert rest["next_cursor"] is None


async def test_bad_input_and_somebody_elses_team(
    provider: httpx.AsyncClient,
    operator: httpx.AsyncClient,
    api: Serving,
    served: World,
    team: TeamId,
) -> None:
    path = f"/v1/home-care-teams/{team}/report"
    for body, pointer in (
        ({"light": "geel"}, "/light"),
        ({}, "/light"),
        ({"light": "rood", "earliest_start": "2199-01-01"}, "/earliest_start"),
        ({"light": "rood", "hours": -1}, "/hours"),
        ({"light": "rood", "exceptions": [{"light": "rood"}]}, "/exceptions/0"),
        ({"light": "rood", "exceptions": [{"skill": "wond"}]}, "/exceptions/0/light"),
    ):
        problem = check_problem(await provider.put(path, json=body), 400, Code.INVALID_INPUT)
        assert [error["pointer"] for error in problem["errors"]] == [pointer]
    async with api.client(served.other.key) as stranger:
        wrong = {"light": "rood", "exceptions": [{"light": "rood"}]}
        check_problem(await stranger.put(path, json=wrong), 404, Code.NOT_FOUND)
    new = {**NEW, "organisation_id": str(served.provider.organisation_id)}
    for change, pointer in (
        ({"pc4s": ["272"]}, "/pc4s/0"),
        ({"telephone": "bel"}, "/telephone"),
        ({"time_to_live_minutes": 14}, "/time_to_live_minutes"),
        ({"region_id": 9}, "/region_id"),
        ({"external_id": "a/b"}, "/external_id"),
    ):
        answer = await operator.post("/v1/home-care-teams", json={**new, **change})
        problem = check_problem(answer, 400, Code.INVALID_INPUT)
        assert [error["pointer"] for error in problem["errors"]] == [pointer]
