"""The door: who are you, how much do you bring, and is there such a call at all."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from api.gate import MAX_BODY_BYTES
from api.problems import MEDIA_TYPE
from app.services import keys
from domain.errors import Code
from tests.factories.world import World
from tests.support.calls import (
    APP,
    CALLS,
    FILES,
    GUARDED,
    WITH_BODY,
    Example,
    check_problem,
    everything,
)
from tests.support.database import Database
from tests.support.serving import Serving

OPEN = {"/v1/openapi.json", "/v1/asyncapi.json", "/health/live", "/health/ready"}
BROKEN = b'{"operable": \xc3'
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


@pytest.fixture
async def client(api: Serving) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a key."""
    async with api.client() as client:
        yield client


async def test_every_call_works_as_its_example_says(
    client: httpx.AsyncClient, example: Example
) -> None:
    failed = {}
    for call in CALLS:
        answer = await example.send(client, call)
        if answer.status_code == 412:
            # One of the calls before took the version on.
            shown = f'"{answer.json()["current"]}"'
            answer = await example.send(client, call, headers={"if-match": shown})
        in_use = answer.status_code == 409 and call.path.endswith("/closure")
        if not answer.is_success and not in_use:
            failed[str(call)] = answer.text
        assert answer.headers["api-version"] == "1.0.0"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert failed == {}


async def wrong_keys(served: World) -> dict[str, str | None]:
    """Everything that opens nothing."""
    await keys.revoke_key(served.container, None, served.other.key_id)
    good = served.operator.key
    return {
        "absent": None,
        "empty": "",
        "scheme only": "Bearer",
        "another scheme": f"Basic {good}",
        "no scheme": good,
        "one letter more": f"Bearer {good}x",
        "other letters": f"Bearer {good.swapcase()}",
        "unknown": "Bearer vt_" + "x" * 43,
        "two keys": f"Bearer {good} {good}",
        "not ascii": "Bearer vt_\N{LATIN SMALL LETTER E WITH ACUTE}",
        "long": "Bearer vt_" + "x" * 5000,
        "revoked": f"Bearer {served.other.key}",
    }


async def test_a_wrong_revoked_or_absent_key_is_told_so_whatever_else_is_wrong(
    client: httpx.AsyncClient, served: World, example: Example, database: Database
) -> None:
    wrong = await wrong_keys(served)
    before = await everything(database)
    for why, key in wrong.items():
        for call in GUARDED if why in {"absent", "unknown", "revoked"} else WITH_BODY[:1]:
            answer = await example.send(
                client,
                call,
                headers={"authorization": key and key.encode("latin-1"), "content-type": None},
                content=BROKEN if call.has_body else None,
            )
            assert answer.status_code == 401, (why, call)
            check_problem(answer, 401, Code.NOT_SIGNED_IN)
    assert await everything(database) == before


async def test_two_keys_leave_open_who_it_is(client: httpx.AsyncClient, served: World) -> None:
    good = ("authorization", f"Bearer {served.provider.key}")
    for others in ([good], [("authorization", "Bearer x")]):
        for headers in ([good, *others], [*others, good]):
            answer = await client.get("/v1/care-types", headers=headers)
            check_problem(answer, 401, Code.NOT_SIGNED_IN)


@pytest.mark.parametrize("path", ["/v1", "/v1/niets", "/v2/pools", "/metrics/x"])
async def test_without_a_key_nobody_learns_which_paths_there_are(
    client: httpx.AsyncClient, served: World, path: str
) -> None:
    for method in ("GET", "POST", "DELETE"):
        check_problem(await client.request(method, path), 401, Code.NOT_SIGNED_IN)
    known = {"authorization": f"Bearer {served.provider.key}"}
    check_problem(await client.get(path, headers=known), 404, Code.NOT_FOUND)


async def test_too_large_is_told_after_who_are_you(
    client: httpx.AsyncClient, served: World, example: Example
) -> None:
    for call in CALLS:
        if call.asks is None:
            continue
        answer = await example.send(
            client, call, headers={"authorization": None}, content=b" " * (MAX_BODY_BYTES + 1)
        )
        check_problem(answer, 401, Code.NOT_SIGNED_IN)


def padded(body: dict[str, Any], size: int) -> bytes:
    """The same JSON with spaces behind it, so many bytes long."""
    text = json.dumps(body).encode()
    return text + b" " * (size - len(text))


async def pieces(body: bytes) -> AsyncIterator[bytes]:
    """A body whose length nobody is told."""
    for start in range(0, len(body), 65_536):
        yield body[start : start + 65_536]


async def test_a_megabyte_is_taken_and_a_byte_more_is_not(
    client: httpx.AsyncClient, example: Example, database: Database
) -> None:
    # Files have a bound of their own.
    calls = [call for call in WITH_BODY if call.key not in FILES]
    for number, call in enumerate(calls):
        # With its length, and in pieces.
        told = number % 2 == 0
        before = await everything(database)
        large = padded(example.body(call), MAX_BODY_BYTES + 1)
        answer = await example.send(client, call, content=large if told else pieces(large))
        check_problem(answer, 413, Code.BODY_TOO_LARGE)
        assert await everything(database) == before
        fits = padded(example.body(call), MAX_BODY_BYTES)
        answer = await example.send(client, call, content=fits if told else pieces(fits))
        # A call before may have taken the version on, or ended what this one is about.
        assert answer.is_success or answer.status_code in (409, 412), answer.text


async def test_a_length_that_is_too_large_is_refused_at_every_call(
    client: httpx.AsyncClient, example: Example
) -> None:
    for call in GUARDED:
        answer = await example.send(client, call, content=b" " * (MAX_BODY_BYTES + 1))
        check_problem(answer, 413, Code.BODY_TOO_LARGE)


async def test_a_slash_at_the_end_is_another_path_that_is_not_there(
    client: httpx.AsyncClient, example: Example, database: Database
) -> None:
    before = await everything(database)
    for call in CALLS:
        answer = await example.send(client, call, path=example.path(call) + "/")
        if call.asks is None and answer.status_code == 401:
            continue  # an open path with a slash is no open path
        check_problem(answer, 404, Code.NOT_FOUND)
    assert await everything(database) == before


async def test_an_open_path_with_a_slash_is_not_there_either(
    client: httpx.AsyncClient, served: World
) -> None:
    known = {"authorization": f"Bearer {served.provider.key}"}
    for path in OPEN:
        check_problem(await client.get(f"{path}/", headers=known), 404, Code.NOT_FOUND)


async def test_another_method_is_refused_with_all_that_are_allowed(
    client: httpx.AsyncClient, example: Example, database: Database
) -> None:
    before = await everything(database)
    allowed: dict[str, set[str]] = {}
    for call in CALLS:
        allowed.setdefault(call.path, set()).add(call.method)
    for call in CALLS:
        for method in METHODS:
            if method in allowed[call.path]:
                continue
            answer = await client.request(method, example.path(call), headers=example.headers(call))
            assert answer.status_code == 405, (method, call.path)
            assert set(answer.headers["allow"].split(", ")) == allowed[call.path]
            if method != "HEAD":
                check_problem(answer, 405, Code.METHOD_NOT_ALLOWED)
    assert await everything(database) == before


@pytest.mark.parametrize("path", ["/v1/openapi.json", "/v1/asyncapi.json"])
async def test_documents_are_open_to_every_page_and_only_read(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(path, headers={"origin": "https://voorbeeld.test"})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["api-version"] == "1.0.0"
    refused = await client.put(path)
    assert refused.status_code == 405
    assert refused.headers["content-type"] == MEDIA_TYPE
    assert "GET" in refused.headers["allow"].split(", ")


async def test_nothing_but_the_documents_is_open_to_every_page(
    client: httpx.AsyncClient, example: Example
) -> None:
    for call in CALLS:
        answer = await example.send(client, call, headers={"origin": "https://voorbeeld.test"})
        assert "access-control-allow-origin" not in answer.headers


def test_only_these_paths_ask_nobody_who_they_are() -> None:
    assert {call.path for call in CALLS if call.asks is None} == OPEN - {
        "/v1/openapi.json",
        "/v1/asyncapi.json",
    }
    served = {getattr(route, "path", "") for route in APP.routes} | {call.path for call in CALLS}
    assert served >= OPEN


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /v1/pools HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        b"GET /v1/pools HTTP/1.1\r\nhost: x\r\ncontent-length: " + b"9" * 5000 + b"\r\n\r\n",
        b"GET /v1/pools HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        b"GET  /v1/pools HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /v1/pools%00 HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET /v1/po\xffls HTTP/1.1\r\nhost: x\r\n\r\n",
    ],
)
async def test_what_is_not_http_is_answered_as_a_bad_request_and_the_next_is_served(
    api: Serving, client: httpx.AsyncClient, raw: bytes
) -> None:
    host, port = api.base_url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(raw)
    async with asyncio.timeout(5):
        status_line = await reader.readline()
    writer.close()
    assert status_line.split(b" ")[1] in (b"400", b"401")
    assert (await client.get("/health/live")).status_code == 200
