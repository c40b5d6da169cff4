"""Norms over HTTP: the defaults, set by who saw them, and who set which when."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app.db.norms import norms_in, read_norms
from app.db.unit_of_work import UnitOfWork
from app.services.norms import set_norms
from app.services.regions import create_region
from domain.actors import Role
from domain.deadlines import deadline
from domain.errors import Code
from domain.identifiers import RegionId
from domain.needs import Urgency
from domain.norms import Norms
from tests.factories.world import REGION, World, make_party
from tests.support.calls import check_problem, everything
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.serving import Serving

NORMS, HISTORY = f"/v1/regions/{REGION}/norms", f"/v1/regions/{REGION}/norm-history"
ELSEWHERE = RegionId(2)
SPOED = {"answer": {"spoed": {"minutes": 120, "hours": "altijd"}}}


@pytest.fixture
async def operator(api: Serving, served: World) -> AsyncIterator[httpx.AsyncClient]:
    """Who keeps the norms."""
    async with api.client(served.operator.key) as client:
        yield client


async def put(
    client: httpx.AsyncClient, norms: dict[str, Any], version: int, **more: Any
) -> httpx.Response:
    """Sets norms, seen at a version."""
    return await client.put(
        NORMS, json={"norms": norms, **more}, headers={"if-match": f'"{version}"'}
    )


async def test_a_region_begins_with_the_defaults_which_nobody_set(
    operator: httpx.AsyncClient,
) -> None:
    answer = await operator.get(NORMS)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"0"')
    assert answer.json() == {
        "region_id": REGION,
        "version": 0,
        "norms": Norms().to_json(),
        "set_at": None,
        "set_by": None,
        "note": None,
    }
    assert (await operator.get(HISTORY)).json() == {"items": [], "next_cursor": None}


async def test_norms_that_are_set_hold_with_who_set_them_and_when(
    operator: httpx.AsyncClient, served: World, database: Database, clock: Clock
) -> None:
    clock.set(datetime(2026, 11, 23, 9, tzinfo=UTC))
    done = await put(operator, SPOED, 0, note="overleg van 23 november")
    assert (done.status_code, done.headers["etag"]) == (200, '"1"')
    body = done.json()
    assert body["norms"] == Norms.from_json(SPOED).to_json()
    assert (body["version"], body["note"]) == (1, "overleg van 23 november")
    assert body["set_by"] == str(served.operator.key_id)
    assert timedelta(0) <= clock.now() - datetime.fromisoformat(body["set_at"]) < timedelta(hours=1)
    read = await operator.get(NORMS)
    assert (read.json(), read.headers["etag"]) == (body, '"1"')
    audit = await database.one("SELECT * FROM audit WHERE action = 'norm.write'")
    assert (audit["object_kind"], audit["object_id"]) == ("norms", str(REGION))
    assert (audit["actor_id"], audit["address"]) == (served.operator.key_id, "127.0.0.1")


async def test_what_a_change_leaves_out_is_the_default_again(operator: httpx.AsyncClient) -> None:
    assert (await put(operator, SPOED, 0)).is_success
    again = await put(operator, {"claim_minutes": 45}, 1, note="")
    assert again.json()["norms"] == {**Norms().to_json(), "claim_minutes": 45}
    assert again.json()["note"] is None


async def test_a_change_needs_the_version_that_was_shown(
    operator: httpx.AsyncClient, database: Database
) -> None:
    before = await everything(database)
    check_problem(await operator.put(NORMS, json={"norms": {}}), 428, Code.VERSION_REQUIRED)
    ahead = await put(operator, SPOED, 1)
    assert check_problem(ahead, 412, Code.VERSION_CHANGED)["current"] == 0
    assert ahead.headers["etag"] == '"0"'
    assert await everything(database) == before
    assert (await put(operator, SPOED, 0)).is_success
    late = await put(operator, {}, 0)
    assert check_problem(late, 412, Code.VERSION_CHANGED)["current"] == 1


async def test_of_several_at_once_one_is_first(
    operator: httpx.AsyncClient, database: Database
) -> None:
    answers = await asyncio.gather(
        *[put(operator, {"claim_minutes": minutes}, 0) for minutes in range(1, 9)]
    )
    (first,) = [answer for answer in answers if answer.is_success]
    for answer in answers:
        if answer is not first:
            assert check_problem(answer, 412, Code.VERSION_CHANGED)["current"] == 1
    assert (await operator.get(NORMS)).json() == first.json()
    assert await database.value("SELECT count(*) FROM norm_set") == 1
    assert await database.value("SELECT count(*) FROM audit WHERE action = 'norm.write'") == 1


async def test_the_history_is_paged_with_the_newest_first(operator: httpx.AsyncClient) -> None:
    made = [(await put(operator, {"claim_minutes": n + 1}, n)).json() for n in range(5)]
    pages: list[list[Any]] = []
    cursor: str | None = None
    while not pages or cursor is not None:
        params = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = (await operator.get(HISTORY, params=params)).json()
        pages.append(page["items"])
        cursor = page["next_cursor"]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [item for page in pages for item in page] == made[::-1]
    for wrong in ("LTF8", "2aF8", "OTk5OTk5OTk5OTk5OTk5fA"):  # -1, no digits, too long
        check_problem(
            await operator.get(HISTORY, params={"cursor": wrong}), 400, Code.INVALID_INPUT
        )


async def test_nonsense_is_refused_by_its_place_in_the_body(
    operator: httpx.AsyncClient, database: Database
) -> None:
    before = await everything(database)
    wrong: dict[str, dict[str, Any]] = {
        "/norms/next_round/acuut": {"next_round": {"acuut": True}},
        "/norms/most_at_once/acuut": {"most_at_once": {"acuut": 4}},
        "/norms/answer/acuut/hours": {"answer": {"acuut": {"minutes": 20, "hours": "intake-uren"}}},
        "/norms/answer/spoed/minutes": {"answer": {"spoed": {"minutes": "2", "hours": "altijd"}}},
        "/norms/onbekend": {"onbekend": 1},
    }
    for pointer, norms in wrong.items():
        problem = check_problem(await put(operator, norms, 0), 400, Code.INVALID_INPUT)
        assert [error["pointer"] for error in problem["errors"]] == [pointer]
    nowhere = await operator.put(
        "/v1/regions/99/norms", json={"norms": {}}, headers={"if-match": '"0"'}
    )
    check_problem(nowhere, 404, Code.NOT_FOUND)
    check_problem(await operator.get("/v1/regions/99/norms"), 404, Code.NOT_FOUND)
    check_problem(await operator.get("/v1/regions/99/norm-history"), 404, Code.NOT_FOUND)
    check_problem(await operator.get("/v1/regions/0/norms"), 400, Code.INVALID_INPUT)
    assert await everything(database) == before


async def test_who_works_in_a_region_reads_its_norms_and_only_the_operator_sets_them(
    api: Serving, served: World, operator: httpx.AsyncClient
) -> None:
    await create_region(served.container, None, ELSEWHERE, "twee", "Twee")
    stranger = await make_party(served.container, Role.COORDINATOR, ELSEWHERE)
    await served.settled()
    assert (await put(operator, SPOED, 0)).is_success
    async with api.client(stranger.key) as client:
        for path in (NORMS, HISTORY):
            check_problem(await client.get(path), 404, Code.NOT_FOUND)
        assert (await client.get(f"/v1/regions/{ELSEWHERE}/norms")).json()["version"] == 0
        history = await client.get(f"/v1/regions/{ELSEWHERE}/norm-history")
        assert history.json()["items"] == []
    for party in (served.coordinator, served.provider):
        async with api.client(party.key) as client:
            assert (await client.get(NORMS)).json()["version"] == 1
            assert len((await client.get(HISTORY)).json()["items"]) == 1
            check_problem(await put(client, SPOED, 1), 403, Code.NOT_ALLOWED)


async def test_an_act_copies_the_norms_that_hold_and_a_change_leaves_the_copy_alone(
    served: World, database: Database
) -> None:
    async def copied(work: UnitOfWork) -> tuple[Norms, int]:
        return await norms_in(work, REGION)

    container = served.container
    norms, version = await container.act(copied)
    assert (norms, version) == (Norms(), 0)
    start = datetime(2026, 11, 23, 9, tzinfo=UTC)
    running = deadline(norms.answer[Urgency.SPOED], start, None, version)
    changed = Norms.from_json(SPOED)
    await set_norms(container, None, REGION, Norms(claim_minutes=5), 0)
    await set_norms(container, None, REGION, changed, 1)
    assert await container.act(copied) == (changed, 2)
    assert await container.read(lambda connection: read_norms(connection, REGION)) == (changed, 2)
    assert await container.read(lambda connection: read_norms(connection, ELSEWHERE)) == (
        Norms(),
        0,
    )
    assert (running.at, running.norms_version) == (start + timedelta(hours=4), 0)
    by_nobody = await database.one("SELECT set_by FROM norm_set WHERE version = 2")
    assert by_nobody["set_by"] is None
