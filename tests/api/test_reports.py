"""Capacity in, over HTTP: receipts, versions, history."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from domain.care_types import CareType
from domain.errors import Code
from tests.factories.world import World, make_pool
from tests.support.calls import check_problem, everything
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.serving import Serving

NINE = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
COUNTS = {"physical": 12, "operable": 10, "occupied": 8, "planned": 1, "closed": 0}


@pytest.fixture
async def provider(api: Serving, served: World) -> AsyncIterator[httpx.AsyncClient]:
    """The first pool's owner."""
    async with api.client(served.provider.key) as client:
        yield client


@pytest.fixture
def report(served: World) -> str:
    """Where the first pool is reported."""
    return f"/v1/pools/{served.pool_id}/report"


@pytest.fixture
def confirmation(served: World) -> str:
    """Where the first pool is confirmed."""
    return f"/v1/pools/{served.pool_id}/confirmation"


async def test_the_receipt_of_a_first_report(
    provider: httpx.AsyncClient, served: World, clock: Clock, report: str
) -> None:
    clock.set(NINE)
    answer = await provider.put(report, json={**COUNTS, "observed_at": "2026-11-18T09:58:00+01:00"})
    assert answer.status_code == 200
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body["received_at"].startswith("2026-11-18T09:00:0")
    assert body["server_time"] == body["received_at"]
    assert body["position"].startswith("1:1:")
    assert {n: body[n] for n in body if n not in ("received_at", "server_time", "position")} == {
        "outcome": "accepted",
        "pool_id": str(served.pool_id),
        "version": 1,
        "observed_at": "2026-11-18T08:58:00Z",
        "valid_until": "2026-11-18T15:00:00Z",
        "free": 1,
        "balance": 1,
        "warnings": [],
    }


async def test_the_board_at_the_receipts_position_shows_the_report(
    provider: httpx.AsyncClient, served: World, report: str
) -> None:
    receipt = (await provider.put(report, json=COUNTS)).json()
    shown = await provider.get(
        f"/v1/pools/{served.pool_id}", params={"min_position": receipt["position"]}
    )
    assert shown.headers["etag"] == '"1"'
    capacity = shown.json()["capacity"]
    assert (capacity["version"], capacity["free"], capacity["freshness"]) == (1, 1, "vers")
    assert {name: capacity[name] for name in COUNTS} == COUNTS
    assert capacity["observed_at"] == receipt["observed_at"]


async def test_a_report_by_the_owners_own_code_is_the_same_report(
    provider: httpx.AsyncClient, served: World, report: str
) -> None:
    code = (await served.pool()).external_id
    said = {**COUNTS, "observed_at": served.container.now().isoformat()}
    by_code = await provider.put(
        f"/v1/organisations/{served.provider.agb}/pools/{code}/report", json=said
    )
    assert by_code.json()["outcome"] == "accepted"
    assert by_code.json()["pool_id"] == str(served.pool_id)
    assert (await provider.put(report, json=said)).json()["outcome"] == "repeated"


@pytest.mark.parametrize("code", ["a b", "a%b", "a/b", "é", "a?b#c"])
async def test_an_own_code_may_hold_what_people_put_in_codes(
    provider: httpx.AsyncClient, served: World, database: Database, code: str
) -> None:
    async with database.connect() as connection:
        await connection.execute("UPDATE pool SET external_id = $1", code)
    path = f"/v1/organisations/{served.provider.agb}/pools/{quote(code, safe='')}/report"
    answer = await provider.put(path, json=COUNTS)
    if code == "a/b":
        # A slash is a step in a path whoever escapes it; such a pool goes by its id.
        assert answer.status_code == 404
    else:
        assert answer.status_code == 200, answer.text


async def test_unknown_stays_unknown(provider: httpx.AsyncClient, report: str) -> None:
    body = (await provider.put(report, json={"operable": 10, "occupied": None})).json()
    assert (body["outcome"], body["free"], body["balance"]) == ("accepted", None, None)


async def test_free_as_people_see_it(provider: httpx.AsyncClient, report: str) -> None:
    said = {"free": 2, "available_from": "2026-11-23", "closed": 1, "closed_reason": "personeel"}
    body = (await provider.put(report, json=said)).json()
    assert (body["free"], body["balance"]) == (2, 2)


async def test_figures_that_cannot_be_true_are_refused_by_name_in_dutch(
    provider: httpx.AsyncClient, report: str, database: Database
) -> None:
    before = await everything(database)
    answer = await provider.put(report, json={"operable": 10, "occupied": 11})
    problem = check_problem(answer, 400, Code.INVALID_INPUT)
    assert problem["errors"] == [
        {"pointer": "/occupied", "detail": "occupied kan niet groter zijn dan operable."}
    ]
    assert await everything(database) == before


async def test_a_future_observation_is_refused_with_the_servers_time(
    provider: httpx.AsyncClient, report: str, clock: Clock, database: Database
) -> None:
    clock.set(NINE)
    before = await everything(database)
    answer = await provider.put(report, json={**COUNTS, "observed_at": "2026-11-18T09:05:30Z"})
    problem = check_problem(answer, 400, Code.OBSERVED_IN_FUTURE)
    assert problem["observed_at"] == "2026-11-18T09:05:30Z"
    assert problem["server_time"].startswith("2026-11-18T09:00:0")
    assert await everything(database) == before
    # The same with its own clock told is a report of half a minute ago.
    told = {"observed_at": "2026-11-18T09:05:30Z", "sent_at": "2026-11-18T09:06:00Z"}
    assert (await provider.put(report, json={**COUNTS, **told})).json()["outcome"] == "accepted"


async def test_repeated_late_and_superseded_are_told_with_what_stands(
    provider: httpx.AsyncClient, report: str, clock: Clock, database: Database
) -> None:
    clock.set(NINE)
    first = {**COUNTS, "observed_at": "2026-11-18T08:50:00Z"}
    newer = {**COUNTS, "occupied": 9, "observed_at": "2026-11-18T08:55:00Z"}
    late = {**COUNTS, "occupied": 2, "observed_at": "2026-11-18T08:00:00Z"}
    outcomes = []
    for said in (first, first, newer, first, late, newer):
        answer = await provider.put(report, json=said)
        body = answer.json()
        outcomes.append((body["outcome"], body["version"], body["free"], answer.headers["etag"]))
    assert outcomes == [
        ("accepted", 1, 1, '"1"'),
        ("repeated", 1, 1, '"1"'),
        ("accepted", 2, 0, '"2"'),
        ("superseded", 2, 0, '"2"'),
        ("superseded", 2, 0, '"2"'),
        ("repeated", 2, 0, '"2"'),
    ]
    assert await database.value("SELECT count(*) FROM pool_report") == 3


async def test_if_match_lets_only_the_version_through_that_was_shown(
    provider: httpx.AsyncClient, report: str, database: Database
) -> None:
    assert (await provider.put(report, json=COUNTS, headers={"if-match": '"0"'})).is_success
    stood = await database.one("SELECT * FROM pool")
    head = await database.value("SELECT number FROM stream WHERE region_id = 1")
    for version in ('"0"', '"2"', "7"):
        answer = await provider.put(report, json={"free": 5}, headers={"if-match": version})
        problem = check_problem(answer, 412, Code.VERSION_CHANGED)
        assert (problem["current"], answer.headers["etag"]) == (1, '"1"')
    assert await database.one("SELECT * FROM pool") == stood
    assert await database.value("SELECT number FROM stream WHERE region_id = 1") == head
    assert (await provider.put(report, json={"free": 5}, headers={"if-match": '"1"'})).is_success


async def test_a_confirmation_needs_the_version_that_was_shown(
    provider: httpx.AsyncClient, report: str, confirmation: str, database: Database
) -> None:
    early = await provider.post(confirmation, headers={"if-match": '"0"'})
    check_problem(early, 409, Code.NOTHING_TO_CONFIRM)
    await provider.put(report, json=COUNTS)
    stood = await database.one("SELECT * FROM pool")
    check_problem(await provider.post(confirmation), 428, Code.VERSION_REQUIRED)
    other = await provider.post(confirmation, headers={"if-match": '"2"'})
    problem = check_problem(other, 412, Code.VERSION_CHANGED)
    assert (problem["current"], other.headers["etag"]) == (1, '"1"')
    assert await database.one("SELECT * FROM pool") == stood
    answer = await provider.post(confirmation, headers={"if-match": '"1"'})
    assert (answer.json()["outcome"], answer.headers["etag"]) == ("accepted", '"2"')
    # Sent again by a caller that missed the answer.
    again = await provider.post(confirmation, headers={"if-match": '"1"'})
    assert (again.json()["outcome"], again.json()["version"]) == ("repeated", 2)


async def test_the_etag_changes_with_reports_only(
    provider: httpx.AsyncClient, served: World, report: str, database: Database
) -> None:
    await provider.put(report, json=COUNTS)
    async with database.connect() as connection:
        await connection.execute("UPDATE pool SET claimed = 1")
    answer = await provider.put(report, json={**COUNTS, "occupied": 7}, headers={"if-match": '"1"'})
    assert (answer.headers["etag"], answer.json()["free"]) == ('"2"', 1)


async def test_a_pool_that_takes_no_reports_says_why(
    api: Serving, provider: httpx.AsyncClient, served: World, report: str, database: Database
) -> None:
    beds = await make_pool(served.container, served.location_id, CareType.MFB)
    answer = await provider.put(f"/v1/pools/{beds}/report", json=COUNTS)
    check_problem(answer, 409, Code.FIGURES_FROM_BEDS)
    async with database.connect() as connection:
        await connection.execute("UPDATE pool SET status = 'ended'")
    check_problem(await provider.put(report, json=COUNTS), 409, Code.POOL_CLOSED)


async def test_the_history_shows_every_report_once_page_by_page(
    provider: httpx.AsyncClient, served: World, report: str, confirmation: str, clock: Clock
) -> None:
    clock.set(NINE)
    for minute in (1, 3, 2, 5, 4):
        observed_at = f"2026-11-18T08:0{minute}:00Z"
        for _ in range(2):
            await provider.put(report, json={**COUNTS, "observed_at": observed_at})
    await provider.post(confirmation, headers={"if-match": '"3"'})
    seen: list[Any] = []
    cursor = None
    pages = 0
    while True:
        params = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = (await provider.get(f"/v1/pools/{served.pool_id}/reports", params=params)).json()
        seen += page["items"]
        pages += 1
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert pages == 3
    assert [(r["stated_at"][11:16], r["outcome"], r["version"]) for r in seen] == [
        ("09:00", "accepted", 4),
        ("08:05", "accepted", 3),
        ("08:04", "superseded", None),
        ("08:03", "accepted", 2),
        ("08:02", "superseded", None),
        ("08:01", "accepted", 1),
    ]
    assert [report["confirmation"] for report in seen] == [True] + [False] * 5
    assert all(report["source"] == "api" for report in seen)
    assert {name: seen[1][name] for name in COUNTS} == COUNTS


async def test_the_history_tells_what_was_stated_and_what_was_believed(
    provider: httpx.AsyncClient, served: World, report: str, clock: Clock
) -> None:
    clock.set(NINE)
    told = {"observed_at": "2026-11-18T09:02:00Z", "sent_at": "2026-11-18T09:03:00Z"}
    await provider.put(report, json={"free": 1, **told})
    (past,) = (await provider.get(f"/v1/pools/{served.pool_id}/reports")).json()["items"]
    assert past["stated_at"] == "2026-11-18T09:02:00Z"
    believed = datetime.fromisoformat(past["observed_at"])
    assert abs(believed - (NINE - timedelta(minutes=1))) < timedelta(seconds=10)


async def test_warnings_are_told_with_their_label_and_the_report_counts(
    provider: httpx.AsyncClient, served: World, report: str
) -> None:
    await provider.put(report, json={"operable": 9, "occupied": 9, "planned": 0})
    await served.settled()
    answer = await provider.put(report, json={"operable": 17, "occupied": 9, "planned": 9})
    assert answer.json()["outcome"] == "accepted"
    label = "wijkt sterk af van de vorige melding"
    assert answer.json()["warnings"] == [
        {"code": "sprong", "field": "operable", "label": label, "was": 9, "now": 17},
        {
            "code": "tekort",
            "field": "occupied",
            "label": "er is meer bezet en gepland dan er bemand is",
            "was": None,
            "now": None,
        },
    ]


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"discharges": [{"on": "2026-11-23", "places": 0}]}, "/discharges/0/places"),
        ({"discharges": [{"on": "2026-11-23"}]}, "/discharges/0/places"),
        ({"admissions": [{"on": "morgen", "places": 1}]}, "/admissions/0/on"),
        ({"admissions": [{"on": "2026-11-23", "places": 1, "x": 1}]}, "/admissions/0/x"),
        ({"admissions": [{"on": "2026-11-23", "places": 1}] * 61}, "/admissions"),
        ({"admissions": [{"on": "2026-11-23", "places": 1}] * 2}, "/admissions"),
        ({"discharges": [{"on": "2199-11-23", "places": 1}]}, "/discharges"),
        ({"note": "a\nb"}, "/note"),
        ({"note": "x" * 201}, "/note"),
        ({"operable": 2, "free": 3}, "/free"),
        ({"physical": 4, "closed": 2, "closed_reason": "uitbraak", "free": 3}, "/free"),
    ],
)
async def test_what_comes_along_is_refused_by_name(
    provider: httpx.AsyncClient, report: str, said: dict[str, Any], pointer: str
) -> None:
    problem = check_problem(await provider.put(report, json=said), 400, Code.INVALID_INPUT)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
