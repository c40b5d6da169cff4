"""`GET /v1/home-care`: which teams can start, and why others don't fit."""

import random
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest

from api.rest.home_care import HomeCareBody
from app.live.teams import TeamQuestion
from domain.calendar import AMSTERDAM
from domain.errors import Code
from domain.home_care import Coverage, Dagdeel, Light, Skill, TeamException, TeamReport
from domain.identifiers import RegionId
from tests.factories.home_care import make_team, tell
from tests.factories.places import NOW, MadeRegion
from tests.factories.world import World
from tests.support import brute_force
from tests.support.calls import check_problem
from tests.support.clock import Clock
from tests.support.serving import Serving

MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=AMSTERDAM)
WOUND = Coverage(frozenset({"2725"}), frozenset({Skill.WOND}), frozenset({Dagdeel.OCHTEND}))
MADE = RegionId(30_000)


@pytest.fixture
async def client(api: Serving, served: World, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    """The coordinator's, on a Monday morning."""
    clock.set(MONDAY)
    async with api.client(served.coordinator.key) as client:
        yield client


async def ask(client: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    """The items of an answer, checked against what the document says of it."""
    answer = await client.get("/v1/home-care", params={"postcode": "2725", **query})
    assert answer.status_code == 200, answer.text
    HomeCareBody.model_validate_json(answer.content, extra="forbid")
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def reasons(item: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in item["reasons"]]


async def test_teams_that_fit_come_first_by_start_and_others_say_why_not(
    client: httpx.AsyncClient, served: World
) -> None:
    said = {
        "later": TeamReport(Light.GROEN, date(2026, 11, 30)),
        "now": TeamReport(Light.GROEN, hours=12),
        "maybe": TeamReport(Light.ORANJE),
        "full": TeamReport(Light.ROOD),
    }
    teams = {name: await make_team(served, name=name, coverage=WOUND) for name in said}
    silent = await make_team(served, name="silent", coverage=WOUND)
    for name, report in said.items():
        await tell(served, teams[name], report)
    await served.settled()
    found = await ask(client, skill="wond", start_by="2026-11-25")
    assert [(item["name"], item["fits"], reasons(item)) for item in found] == [
        ("now", True, []),
        ("maybe", False, ["oranje"]),
        ("later", False, ["start-later"]),
        ("silent", False, ["nooit-gemeld"]),
        ("full", False, ["rood"]),
    ]
    assert [item["start"] for item in found[:3]] == ["2026-11-23", "2026-11-23", "2026-11-30"]
    assert found[1]["reasons"][0]["label"] == "in overleg: bel het team"
    assert found[0]["hours"] == 12
    assert found[0]["organisation"]["id"] == str(served.provider.organisation_id)
    assert (found[3]["id"], found[3]["start"], found[3]["light"]) == (str(silent), None, None)


async def test_only_the_digits_of_a_postcode_count_and_teams_elsewhere_are_not_listed(
    client: httpx.AsyncClient, served: World
) -> None:
    team_id = await make_team(served, coverage=WOUND)
    for postcode in ("2725", "2725AB", "2725 ab"):
        assert [item["id"] for item in await ask(client, postcode=postcode)] == [str(team_id)]
    assert await ask(client, postcode="2711") == []


async def test_an_exception_changes_the_answer_for_what_it_is_about(
    client: httpx.AsyncClient, served: World
) -> None:
    coverage = Coverage(WOUND.pc4s, frozenset(Skill), frozenset(Dagdeel))
    team_id = await make_team(served, coverage=coverage)
    exceptions = (
        TeamException(Light.ROOD, dagdeel=Dagdeel.NACHT),
        TeamException(Light.GROEN, Skill.WOND, Dagdeel.NACHT, date(2026, 12, 1)),
    )
    await tell(served, team_id, TeamReport(Light.ORANJE, None, exceptions))
    await served.settled()
    for query, light in (
        ({}, "oranje"),
        ({"dagdeel": "nacht"}, "rood"),
        ({"skill": "wond"}, "oranje"),
        ({"skill": "wond", "dagdeel": "nacht"}, "groen"),
    ):
        (found,) = await ask(client, **query)
        assert found["light"] == light, query
    (item,) = await ask(client, skill="wond", dagdeel="nacht")
    assert (item["start"], item["fits"]) == ("2026-12-01", True)
    assert len(item["exceptions"]) == 2


async def test_what_a_team_does_not_do_is_a_reason(
    client: httpx.AsyncClient, served: World
) -> None:
    team_id = await make_team(served, coverage=WOUND)
    await tell(served, team_id, TeamReport(Light.GROEN))
    await served.settled()
    (item,) = await ask(client, skill="msvt", dagdeel="avond")
    assert reasons(item) == ["doet-dit-niet", "niet-in-dit-dagdeel"]


async def test_time_alone_makes_a_stoplight_unconfirmed_and_a_start_today(
    client: httpx.AsyncClient, served: World, clock: Clock
) -> None:
    team_id = await make_team(served, coverage=WOUND)
    await tell(served, team_id, TeamReport(Light.GROEN, date(2026, 11, 24)))
    await served.settled()
    (item,) = await ask(client)
    assert (item["start"], item["freshness"], item["fits"]) == ("2026-11-24", "vers", True)
    clock.turn(timedelta(days=9))
    (item,) = await ask(client)
    assert (item["start"], item["freshness"]) == ("2026-12-02", "onbevestigd")
    assert reasons(item) == ["onbevestigd"]


async def test_what_is_wrong_with_a_question_is_told_by_name(client: httpx.AsyncClient) -> None:
    taken = []
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"postcode": "0123"}, "postcode"),
        ({"postcode": "27"}, "postcode"),
        ({"postcode": "2711SA"}, "postcode"),
        ({"postcode": ["2711", "2712"]}, "postcode"),
        ({"skill": "koken"}, "skill"),
        ({"dagdeel": "lunch"}, "dagdeel"),
        ({"start_by": "morgen"}, "start_by"),
        ({"start_by": "20261123"}, "start_by"),
        ({"start_by": "1790000000"}, "start_by"),
        ({"start_by": "2026-11-23T00:00:00Z"}, "start_by"),
        ({"limit": "0"}, "limit"),
        ({"cursor": "x"}, "cursor"),
        ({"hours": "3"}, "hours"),
    ]
    for query, named in wrong:
        answer = await client.get("/v1/home-care", params={"postcode": "2725", **query})
        problem = check_problem(answer, 400, Code.INVALID_INPUT)
        pointers = [error["pointer"].removeprefix("") for error in problem["errors"]]
        if pointers != [named]:
            taken.append((query, pointers))
    assert taken == []
    problem = check_problem(await client.get("/v1/home-care"), 400, Code.INVALID_INPUT)
    assert [error["pointer"] for error in problem["errors"]] == ["postcode"]


async def test_pages_together_are_what_brute_force_finds(
    client: httpx.AsyncClient, served: World, clock: Clock
) -> None:
    made = MadeRegion(random.Random(1))
    made.fill(organisations=9, locations=1, pools=0, teams=100)
    board = served.container.board.regions[MADE] = made.board()
    clock.set(NOW)
    client.headers["authorization"] = f"Bearer {served.operator.key}"
    query: dict[str, Any] = {"postcode": "2710", "skill": "wond", "region": MADE, "limit": 3}
    found: list[dict[str, Any]] = []
    while True:
        answer = await client.get("/v1/home-care", params=query)
        HomeCareBody.model_validate_json(answer.content, extra="forbid")
        found += answer.json()["items"]
        query["cursor"] = answer.json()["next_cursor"]
        if query["cursor"] is None:
            break
    question = TeamQuestion("2710", Skill.WOND)
    assert found == brute_force.home_care(board, question, served.container.now())
    assert len(found) > 10
