"""Many reports at once, over the API."""

import json
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from api.gate import MAX_BODY_BYTES
from api.rest.report_batches import MAX_ITEMS
from app.settings import Settings
from domain.care_types import CareType
from domain.errors import Code
from tests.factories.world import World, make_pool
from tests.support.batching import new_pools
from tests.support.calls import check_problem, everything
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.queueing import commits_of, events_of
from tests.support.serving import Serving, serving

NDJSON = {"content-type": "application/x-ndjson"}
JSON = {"content-type": "application/json"}
NDJSON_BYTES = 16 * 1024 * 1024
COUNTS = {"physical": 10, "operable": 9, "occupied": 5, "planned": 1}
NINE = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)


@pytest.fixture
async def provider(api: Serving, served: World) -> AsyncIterator[httpx.AsyncClient]:
    """The first pool's owner."""
    async with api.client(served.provider.key) as client:
        yield client


def lines_of(items: Iterable[Any]) -> bytes:
    """Items as NDJSON."""
    return b"".join(json.dumps(item).encode() + b"\n" for item in items)


async def send(client: httpx.AsyncClient, body: bytes, path: str = "/v1/reports") -> Sequence[Any]:
    """The results of an NDJSON body, in order."""
    answer = await client.post(path, content=body, headers=NDJSON)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    results = [json.loads(line) for line in answer.text.splitlines()]
    assert [result["index"] for result in results] == list(range(len(results)))
    return results


def said(results: Iterable[Any]) -> list[str]:
    """Each result in a word: its outcome, or the code of its problem."""
    return [
        result["receipt"]["outcome"]
        if "receipt" in result
        else result["problem"]["type"].rpartition(":")[2]
        for result in results
    ]


async def test_each_item_is_answered_as_if_it_came_alone(
    provider: httpx.AsyncClient, served: World
) -> None:
    mfb = await make_pool(served.container, served.location_id, CareType.MFB)
    lines = [
        {"pool_id": str(served.pool_id), **COUNTS},
        {"pool_id": str(served.pool_id), **COUNTS, "occupied": 10},
        {"pool_id": str(mfb), **COUNTS},
        {"external_id": "bestaat-niet", **COUNTS},
        {**COUNTS},
        {"pool_id": str(served.pool_id), "free": 2, "expected_version": 7},
        {"pool_id": str(served.pool_id), **COUNTS, "observed_at": "2100-01-01T00:00:00Z"},
    ]
    results = await send(provider, lines_of(lines))
    assert [result["status"] for result in results] == [200, 400, 409, 404, 400, 412, 400]
    assert said(results) == [
        *("accepted", "invalid-input", "figures-from-beds", "not-found", "invalid-input"),
        *("version-changed", "observed-in-future"),
    ]
    assert results[5]["problem"]["current"] == 1


async def test_a_receipt_and_a_problem_say_what_those_of_a_single_report_say(
    provider: httpx.AsyncClient, served: World, clock: Clock
) -> None:
    clock.set(NINE)
    good = {**COUNTS, "observed_at": "2026-11-18T08:58:00Z"}
    bad = {**COUNTS, "occupied": 10}
    path = f"/v1/pools/{served.pool_id}/report"
    pool = {"pool_id": str(served.pool_id)}
    results = await send(provider, lines_of([{**pool, **good}, {**pool, **bad}]))
    alone = (await provider.put(path, json=good)).json()
    varies = {"received_at", "server_time", "outcome"}
    together = results[0]["receipt"]
    assert {name: together[name] for name in together.keys() - varies} == {
        name: alone[name] for name in alone.keys() - varies
    }
    assert together.keys() == alone.keys()
    assert results[1]["problem"] == (await provider.put(path, json=bad)).json()


MALFORMED: dict[str, tuple[bytes, str]] = {
    "half": (b'{"free":', "json_invalid"),
    "nothing like it": (b"vrij: 3", "json_invalid"),
    "a list": (b"[]", "model_type"),
    "two in a line": (b'{"free":1} {"free":2}', "json_invalid"),
    "NaN": (b'{"external_id":"x","free":NaN}', "int_type"),
    "Infinity": (b'{"external_id":"x","free":1e400}', "int_type"),
    "half a character": (b'{"external_id":"\xc3","free":1}', "json_invalid"),
    "a surrogate": (b'{"external_id":"\\ud800","free":1}', "json_invalid"),
    "a member twice": (b'{"external_id":"x","free":1,"free":2}', "member_twice"),
    "a text twice": (b'{"external_id":"x","note":"a","note":null}', "member_twice"),
    "a text twice, null first": (b'{"external_id":"x","note":null,"note":"a"}', "member_twice"),
    "twice by an escape": (b'{"external_id":"x","free":1,"fre\\u0065":2}', "member_twice"),
    "twice inside": (
        b'{"external_id":"x","discharges":[{"on":"2026-11-23","places":1,"places":2}]}',
        "member_twice",
    ),
    "unknown member": (b'{"external_id":"x","vrij":1}', "extra_forbidden"),
    "deep": (b'{"external_id":"x","free":' + b"[" * 9000 + b"]" * 9000 + b"}", "json_invalid"),
}


async def test_a_malformed_line_is_refused_alone(
    provider: httpx.AsyncClient, served: World, database: Database
) -> None:
    good = json.dumps({"pool_id": str(served.pool_id), **COUNTS}).encode()
    body = b"\n".join([*(line for line, _ in MALFORMED.values()), good])
    *bad, last = await send(provider, body)
    assert last["receipt"]["outcome"] == "accepted"
    found = {}
    for why, result in zip(MALFORMED, bad, strict=True):
        assert result["status"] == 400
        found[why] = result["problem"]["errors"][0]["code"]
    assert found == {why: code for why, (_, code) in MALFORMED.items()}
    assert await database.value("SELECT count(*) FROM pool_report") == 1


async def test_a_quote_in_a_text_is_no_member_twice(
    provider: httpx.AsyncClient, served: World
) -> None:
    line = {"pool_id": str(served.pool_id), **COUNTS, "note": 'zei "vol"', "closed": None}
    assert said(await send(provider, lines_of([line]))) == ["accepted"]


async def test_empty_lines_and_carriage_returns_are_no_items(
    provider: httpx.AsyncClient, served: World
) -> None:
    seen = {"observed_at": "2026-11-18T09:00:00Z"}
    good = json.dumps({"pool_id": str(served.pool_id), **COUNTS, **seen}).encode()
    results = await send(provider, b"\r\n" + good + b"\r\n \t\r\n\n" + b"{}\r\n" + good)
    assert said(results) == ["accepted", "invalid-input", "repeated"]
    assert await send(provider, b"") == await send(provider, b" \r\n\n") == []


async def test_a_byte_order_mark_costs_its_line(provider: httpx.AsyncClient, served: World) -> None:
    good = json.dumps({"pool_id": str(served.pool_id), **COUNTS}).encode()
    results = await send(provider, b"\xef\xbb\xbf" + good + b"\n" + good)
    assert said(results) == ["invalid-input", "accepted"]


async def test_a_line_is_32_kb_at_most(provider: httpx.AsyncClient, served: World) -> None:
    good = json.dumps({"pool_id": str(served.pool_id), **COUNTS})
    lines = [good + " " * (size - len(good)) for size in (32 * 1024, 32 * 1024 + 1)]
    assert said(await send(provider, "\n".join(lines).encode())) == ["accepted", "invalid-input"]


async def test_a_line_full_of_mistakes_names_the_first_fifty(
    provider: httpx.AsyncClient, served: World
) -> None:
    line = {f"f{n}": n for n in range(2000)}
    (result,) = await send(provider, lines_of([line]))
    assert len(result["problem"]["errors"]) == 50


async def test_a_json_list_is_answered_as_a_whole_with_sums(
    provider: httpx.AsyncClient, served: World, clock: Clock
) -> None:
    clock.set(NINE)
    pool = {"pool_id": str(served.pool_id)}
    newer = {**pool, **COUNTS, "observed_at": "2026-11-18T08:30:00Z"}
    older = {**pool, **COUNTS, "observed_at": "2026-11-18T08:00:00Z"}
    items = [newer, older, newer, {"free": 1}, {**pool, "free": -1}, 7]
    answer = await provider.post("/v1/reports", json=items)
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    results = body.pop("results")
    assert body == {"accepted": 1, "superseded": 1, "repeated": 1, "sandbox": 0, "refused": 3}
    assert [result["index"] for result in results] == list(range(6))
    assert said(results) == ["accepted", "superseded", "repeated", *["invalid-input"] * 3]
    assert results[4]["problem"]["errors"][0]["pointer"] == "/free"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'"x"',
        b"[",
        b"[{]",
        b'[{"free":1,"free":2}]',
        b'[{"free":NaN}]',
        b'[{"free":1e400}]',
        b'[{"note":"\\ud800"}]',
        b'[{"note":"\xe9"}]',
        b"\xef\xbb\xbf[]",
        b'[{"free":' + b"[" * 300 + b"]" * 300 + b"}]",
        b"[" * 100_000 + b"]" * 100_000,
    ],
)
async def test_what_is_no_list_of_items_is_refused_as_a_whole(
    provider: httpx.AsyncClient, database: Database, body: bytes
) -> None:
    before = await everything(database)
    answer = await provider.post("/v1/reports", content=body, headers=JSON)
    check_problem(answer, 400, Code.INVALID_INPUT)
    assert await everything(database) == before


@pytest.mark.parametrize("media_type", [None, "text/csv", "application/ndjson", "text/json"])
async def test_another_media_type_is_not_taken(
    provider: httpx.AsyncClient, media_type: str | None
) -> None:
    headers = {"content-type": media_type} if media_type else {}
    answer = await provider.post("/v1/reports", content=b"[]", headers=headers)
    check_problem(answer, 415, Code.UNSUPPORTED_MEDIA_TYPE)


@pytest.mark.parametrize("path", ["/v1/reports", "/v1/confirmations"])
async def test_ten_thousand_and_one_items_are_refused_as_a_whole(
    provider: httpx.AsyncClient, served: World, database: Database, path: str
) -> None:
    before = await everything(database)
    item = {"pool_id": str(served.pool_id), "free": 1}
    answer = await provider.post(path, content=lines_of([item] * 10_001), headers=NDJSON)
    check_problem(answer, 400, Code.INVALID_INPUT)
    answer = await provider.post(path, content=json.dumps([{}] * 10_001), headers=JSON)
    check_problem(answer, 400, Code.INVALID_INPUT)
    assert await everything(database) == before


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 256 * 1024):
        yield body[start : start + 256 * 1024]


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(
    ("headers", "most"),
    [
        ({"content-type": "application/x-ndjson; charset=utf-8"}, NDJSON_BYTES),
        (JSON, MAX_BODY_BYTES),
    ],
)
async def test_a_body_may_be_as_large_as_promised_and_no_larger(
    provider: httpx.AsyncClient,
    served: World,
    database: Database,
    headers: dict[str, str],
    most: int,
    *,
    chunked: bool,
) -> None:
    item = json.dumps({"pool_id": str(served.pool_id), **COUNTS}).encode()
    good = item if most == NDJSON_BYTES else b"[" + item + b"]"
    for size in (most + 1, most):
        body = good + b"\n" * (size - len(good))
        content = _pieces(body) if chunked else body
        answer = await provider.post("/v1/reports", content=content, headers=headers)
        if size > most:
            check_problem(answer, 413, Code.BODY_TOO_LARGE)
            assert await database.value("SELECT count(*) FROM pool_report") == 0
        else:
            assert answer.status_code == 200
    assert await database.value("SELECT count(*) FROM pool_report") == 1


async def test_only_lists_of_reports_may_be_that_large(
    provider: httpx.AsyncClient, served: World
) -> None:
    body = b" " * (MAX_BODY_BYTES + 1)
    for path in (f"/v1/pools/{served.pool_id}/report", "/v1/reports/", "/v1/reports/x"):
        answer = await provider.put(path, content=body, headers=NDJSON)
        assert answer.status_code == 413


async def test_many_confirmations_are_answered_one_by_one(
    provider: httpx.AsyncClient, served: World, database: Database
) -> None:
    pools = await new_pools(database, served, 3)
    await send(
        provider,
        lines_of({"pool_id": str(pool), **COUNTS} for pool in (*pools[:2], served.pool_id)),
    )
    code = (await served.pool()).external_id
    shown = [
        {"pool_id": str(pools[0]), "version": 1},
        {"pool_id": str(pools[1]), "version": 2},
        {"pool_id": str(pools[2]), "version": 0},
        {"pool_id": str(pools[0]), "version": 1},
        {"external_id": code, "version": 1},
        {"external_id": code, "agb": served.provider.agb, "version": 2},
        {"external_id": "niets", "version": 1},
        {"pool_id": str(pools[0])},
        {"pool_id": str(pools[0]), "version": 1, "free": 2},
        {"pool_id": str(pools[0]), "version": 1.0},
    ]
    results = await send(provider, lines_of(shown), "/v1/confirmations")
    assert said(results) == [
        *("accepted", "version-changed", "nothing-to-confirm", "repeated", "accepted"),
        *("accepted", "not-found", "invalid-input", "invalid-input", "invalid-input"),
    ]
    assert [result["status"] for result in results[:5]] == [200, 412, 409, 200, 200]
    body = (await provider.post("/v1/confirmations", json=shown[:1])).json()
    assert (body["repeated"], body["refused"]) == (1, 0)


async def test_a_report_is_no_confirmation(provider: httpx.AsyncClient, served: World) -> None:
    item = {"pool_id": str(served.pool_id), "version": 1}
    assert said(await send(provider, lines_of([item]))) == ["invalid-input"]


@pytest.fixture
async def many(
    settings: Settings, clock: Clock, served: World, database: Database
) -> AsyncIterator[tuple[httpx.AsyncClient, list[UUID]]]:
    """A server whose board knows five hundred pools, and a client of their owner."""
    pools = await new_pools(database, served, 500)
    async with serving(settings, clock.now) as server, server.client(served.provider.key) as client:
        client.timeout = httpx.Timeout(60)
        yield client, pools


async def test_ten_thousand_lines_are_ten_thousand_reports(
    many: tuple[httpx.AsyncClient, list[UUID]], database: Database, clock: Clock
) -> None:
    client, pools = many
    clock.set(NINE)
    lines = [
        {
            "pool_id": str(pool),
            **COUNTS,
            "occupied": turn % 8,
            "observed_at": (NINE - timedelta(minutes=20 - turn)).isoformat(),
        }
        for turn in range(20)
        for pool in pools
    ]
    assert len(lines) == MAX_ITEMS
    body = lines_of(lines)
    results = await send(client, body)
    assert set(said(results)) == {"accepted"}
    assert [result["receipt"]["version"] for result in results[::500]] == list(range(1, 21))
    assert [result["receipt"]["pool_id"] for result in results[:500]] == [str(p) for p in pools]
    assert await events_of(database, pools) == MAX_ITEMS
    assert await commits_of(database, pools) == [500] * 20
    again = said(await send(client, body))
    assert set(again[:-500]) == {"superseded"}
    assert set(again[-500:]) == {"repeated"}
    assert await events_of(database, pools) == MAX_ITEMS
    assert await database.value("SELECT count(*) FROM pool_report") == MAX_ITEMS
