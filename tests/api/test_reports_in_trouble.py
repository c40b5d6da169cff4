"""Reports over HTTP when things go wrong: callers that hang up, a database that goes away."""

import asyncio
import json
from typing import Any

import httpx
import structlog

from domain.errors import Code
from tests.factories.world import World, make_pool
from tests.support.calls import check_problem
from tests.support.database import Database, register_promise
from tests.support.serving import Serving
from tests.support.trouble import end_backends, holding_pool, until, until_waiting

COUNTS = {"operable": 10, "occupied": 8, "planned": 1}


async def events_of(database: Database, pool_id: object) -> list[Any]:
    """The states that were told of a pool since it was reported."""
    rows = await database.all(
        "SELECT data FROM event WHERE kind = 'capacity' AND subject_id = $1 ORDER BY number",
        str(pool_id),
    )
    states = [json.loads(row["data"]) for row in rows]
    return [state for state in states if state["version"] > 0]


async def test_a_report_that_waits_for_an_acceptance_is_shown_with_it(
    api: Serving, served: World, database: Database
) -> None:
    async with api.client(served.provider.key) as client:
        async with holding_pool(database, served.pool_id) as acceptance:
            path = f"/v1/pools/{served.pool_id}/report"
            report = asyncio.create_task(client.put(path, json=COUNTS))
            await until_waiting(database)
            await register_promise(acceptance, served.pool_id, served.container.now())
        receipt = (await report).json()
        shown = await client.get(
            f"/v1/pools/{served.pool_id}", params={"min_position": receipt["position"]}
        )
    assert (receipt["free"], receipt["balance"]) == (0, 0)
    (state,) = await events_of(database, served.pool_id)
    assert (state["promised"], state["free"], state["balance"]) == (1, 0, 0)
    assert shown.json()["capacity"]["promised"] == 1


async def hang_up(api: Serving, key: str, call: str, body: bytes, length: int) -> Any:
    """A client that sends (part of) a body and doesn't wait for the answer."""
    host, port = api.base_url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    head = (
        f"{call} HTTP/1.1\r\nhost: {host}\r\n"
        f"authorization: Bearer {key}\r\ncontent-type: application/json\r\n"
        f"content-length: {length}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()
    return writer


async def test_a_client_that_hangs_up_mid_batch_leaves_one_event_and_hurts_nobody(
    api: Serving, served: World, database: Database
) -> None:
    other = await make_pool(served.container, served.location_id)
    await served.settled()
    body = json.dumps({**COUNTS, "observed_at": served.container.now().isoformat()}).encode()
    async with api.client(served.provider.key) as client:
        async with holding_pool(database, served.pool_id):
            call = f"PUT /v1/pools/{served.pool_id}/report"
            writer = await hang_up(api, served.provider.key, call, body, len(body))
            await until_waiting(database)
            report = asyncio.create_task(client.put(f"/v1/pools/{other}/report", json=COUNTS))
            await asyncio.sleep(0)
            writer.transport.abort()
        assert (await report).json()["outcome"] == "accepted"

        async def written() -> bool:
            return len(await events_of(database, served.pool_id)) == 1

        await until(written)
        # Whoever hung up comes back and says it again.
        path = f"/v1/pools/{served.pool_id}/report"
        again = await client.put(path, content=body, headers={"content-type": "application/json"})
        assert (again.json()["outcome"], again.json()["version"]) == ("repeated", 1)
        assert len(await events_of(database, served.pool_id)) == 1
        assert len(await events_of(database, other)) == 1


async def test_a_client_that_hangs_up_in_the_middle_of_its_body_leaves_nothing(
    api: Serving, served: World, database: Database
) -> None:
    body = json.dumps(COUNTS).encode()
    calls = {
        f"PUT /v1/pools/{served.pool_id}/report": served.provider.key,
        f"PUT /v1/pools/{served.pool_id}/owner": served.operator.key,
    }
    with structlog.testing.capture_logs() as logged:
        async with api.client(served.provider.key) as client:
            for call, key in calls.items():
                for sent in (0, 1, len(body) - 1):
                    writer = await hang_up(api, key, call, body[:sent], len(body))
                    await asyncio.sleep(0.02)
                    writer.transport.abort()
            answer = await client.put(f"/v1/pools/{served.pool_id}/report", json={"free": 1})
            await asyncio.sleep(0.02)
    assert answer.json()["version"] == 1
    assert len(await events_of(database, served.pool_id)) == 1
    # It happens all day, so it is no defect of ours to be looked into.
    assert [entry for entry in logged if entry["log_level"] in ("error", "critical")] == []


async def test_a_database_that_goes_away_mid_commit_is_outcome_unknown_and_repeating_is_safe(
    api: Serving, served: World, database: Database
) -> None:
    said = {**COUNTS, "observed_at": served.container.now().isoformat()}
    path = f"/v1/pools/{served.pool_id}/report"
    async with api.client(served.provider.key) as client:
        async with holding_pool(database, served.pool_id):
            report = asyncio.create_task(client.put(path, json=said))
            await end_backends(database, *await until_waiting(database))
            lost = await report
        check_problem(lost, 503, Code.OUTCOME_UNKNOWN)
        assert lost.headers["retry-after"] == "1"
        assert "Herhalen is veilig" in lost.json()["detail"]
        again = await client.put(path, json=said)
        assert again.json()["outcome"] in ("accepted", "repeated")
        once_more = await client.put(path, json=said)
    assert (once_more.json()["outcome"], once_more.json()["version"]) == ("repeated", 1)
    assert len(await events_of(database, served.pool_id)) == 1
    assert await database.value("SELECT count(*) FROM pool_report") == 1


async def test_sixteen_callers_at_once_each_get_their_own_answer(
    api: Serving, served: World, database: Database
) -> None:
    pools = [await make_pool(served.container, served.location_id) for _ in range(16)]
    await served.settled()

    async def report(client: httpx.AsyncClient, n: int) -> httpx.Response:
        # Every third one is impossible, every fifth somebody else's.
        said = {"operable": 10, "occupied": 11 if n % 3 == 0 else n % 10, "planned": 0}
        key = served.other.key if n % 5 == 0 else served.provider.key
        return await client.put(
            f"/v1/pools/{pools[n]}/report", json=said, headers={"authorization": f"Bearer {key}"}
        )

    async with api.client() as client:
        answers = await asyncio.gather(*[report(client, n) for n in range(16)])
    for n, answer in enumerate(answers):
        if n % 5 == 0:
            check_problem(answer, 404, Code.NOT_FOUND)
        elif n % 3 == 0:
            check_problem(answer, 400, Code.INVALID_INPUT)
        else:
            body = answer.json()
            assert (body["pool_id"], body["free"]) == (str(pools[n]), 10 - n % 10)
            assert len(await events_of(database, pools[n])) == 1
