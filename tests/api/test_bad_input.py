"""Bad input at every call: a clear problem, and nothing changed."""

import itertools
from collections.abc import AsyncIterator, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import pytest

from domain.errors import Code
from tests.support.bad_values import WRONG, broken, kind_of, nullable, written
from tests.support.calls import (
    CALLS,
    DOCUMENT,
    WITH_BODY,
    Call,
    Example,
    check_problem,
    everything,
    named,
    shares,
)
from tests.support.database import Database
from tests.support.serving import Serving

T = TypeVar("T")


@pytest.fixture
async def client(api: Serving) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a key."""
    async with api.client() as client:
        yield client


def _takes_an_object(call: Call) -> bool:
    content = call.operation["requestBody"]["content"]
    return "$ref" in content.get("application/json", {}).get("schema", {})


#: Lists and files are tested where they are taken in.
WITH_OBJECT = [call for call in WITH_BODY if _takes_an_object(call)]


def schema_of(call: Call) -> dict[str, Any]:
    """The schema of the call's body."""
    reference = call.operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    found: dict[str, Any] = DOCUMENT["components"]["schemas"][reference.rpartition("/")[2]]
    return found


#: What is read by the same code at every call is tried in turns, so many at each.
TURNS = itertools.count()


def turn_of(values: Sequence[T], many: int) -> list[T]:
    """So many of the values, others at each call, so that all have their turn."""
    if len(values) <= many:
        return list(values)
    first = next(TURNS) * many
    return [values[(first + number) % len(values)] for number in range(many)]


async def _what_is_no_json_object_of_this_call_is_refused(
    client: httpx.AsyncClient, example: Example, database: Database, call: Call
) -> None:
    good = written(example.body(call))
    before = await everything(database)
    wrong = {}
    for why, body in turn_of(list(broken(good).items()), 5):
        answer = await example.send(client, call, content=body)
        if answer.status_code != 400:
            wrong[why] = (answer.status_code, answer.text[:200])
            continue
        problem = check_problem(answer, 400, Code.INVALID_INPUT)
        assert problem["errors"], why
        assert all(error["detail"] for error in problem["errors"]), why
        assert len(answer.content) < 20_000, why
    assert wrong == {}
    assert await everything(database) == before


@pytest.mark.parametrize("calls", shares(WITH_OBJECT))
async def test_what_is_no_json_object_of_this_call_is_refused(
    client: httpx.AsyncClient, example: Example, database: Database, calls: list[Call]
) -> None:
    for call in calls:
        with named(call):
            await _what_is_no_json_object_of_this_call_is_refused(client, example, database, call)


#: One call of those that take the same body.
OF_EACH_BODY = list({str(schema_of(call)): call for call in WITH_OBJECT}.values())


async def _a_wrong_value_is_refused_by_the_name_of_its_field(
    client: httpx.AsyncClient, example: Example, database: Database, call: Call
) -> None:
    before = await everything(database)
    taken, misnamed = [], []
    for field, schema in schema_of(call)["properties"].items():
        values = list(WRONG[kind_of(schema, DOCUMENT)])
        if not nullable(schema):
            values.append(None)
        if field == "note":
            values.remove("")  # no note
        for value in turn_of(values, 6):
            body = {**example.body(call), field: value}
            answer = await example.send(client, call, content=written(body))
            if answer.status_code != 400:
                taken.append((field, value, answer.status_code))
                continue
            problem = check_problem(answer, 400, Code.INVALID_INPUT)
            pointers = [error["pointer"] for error in problem["errors"]]
            # A number of thousands of digits may be no number to begin with.
            if not any(p in (f"/{field}", "") or p.startswith(f"/{field}/") for p in pointers):
                misnamed.append((field, value, pointers))
    assert taken == []
    assert misnamed == []
    assert await everything(database) == before


@pytest.mark.parametrize("calls", shares(OF_EACH_BODY))
async def test_a_wrong_value_is_refused_by_the_name_of_its_field(
    client: httpx.AsyncClient, example: Example, database: Database, calls: list[Call]
) -> None:
    for call in calls:
        with named(call):
            await _a_wrong_value_is_refused_by_the_name_of_its_field(
                client, example, database, call
            )


async def _a_required_field_that_is_missing_is_named(
    client: httpx.AsyncClient, example: Example, call: Call
) -> None:
    required = schema_of(call).get("required", [])
    for field in required:
        body = {name: value for name, value in example.body(call).items() if name != field}
        answer = await example.send(client, call, content=written(body))
        problem = check_problem(answer, 400, Code.INVALID_INPUT)
        assert problem["errors"] == [
            {"pointer": f"/{field}", "code": "missing", "detail": "Dit veld ontbreekt."}
        ]
    empty = await example.send(client, call, content=b"{}")
    one_of = "anyOf" in schema_of(call)
    assert (empty.status_code == 400) == (bool(required) or one_of)


@pytest.mark.parametrize("calls", shares(WITH_OBJECT))
async def test_a_required_field_that_is_missing_is_named(
    client: httpx.AsyncClient, example: Example, calls: list[Call]
) -> None:
    for call in calls:
        with named(call):
            await _a_required_field_that_is_missing_is_named(client, example, call)


OTHER_MEDIA = [
    None,
    "",
    "text/plain",
    "text/json",
    "application/xml",
    "application/jsonx",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "json",
    "image/svg+json",
]
MEDIA = ["application/json; charset=utf-8", "Application/JSON", "application/a+json"]


async def _another_media_type_is_told_which_one_to_send(
    client: httpx.AsyncClient, example: Example, database: Database, call: Call
) -> None:
    before = await everything(database)
    good = written(example.body(call))
    for media_type in turn_of(OTHER_MEDIA, 3):
        answer = await example.send(
            client, call, content=good, headers={"content-type": media_type}
        )
        check_problem(answer, 415, Code.UNSUPPORTED_MEDIA_TYPE)
    assert await everything(database) == before
    for media_type in turn_of(MEDIA, 1):
        answer = await example.send(
            client, call, content=good, headers={"content-type": media_type}
        )
        # The second time there may be nothing left to do; it is understood all the same.
        assert answer.status_code != 415, media_type
        assert answer.status_code != 400, media_type


@pytest.mark.parametrize("calls", shares(WITH_OBJECT))
async def test_another_media_type_is_told_which_one_to_send(
    client: httpx.AsyncClient, example: Example, database: Database, calls: list[Call]
) -> None:
    for call in calls:
        with named(call):
            await _another_media_type_is_told_which_one_to_send(client, example, database, call)


def parameters(call: Call, where: str) -> list[dict[str, Any]]:
    """The call's parameters in its path, query or headers."""
    return [p for p in call.operation.get("parameters", []) if p["in"] == where]


BAD_TEXTS = ["\x00", "a\x00b", "%", "\ufffd", "' OR 1=1 --", "../../x", "x" * 5000]
BAD_CURSORS = [
    "x",
    "!!!!",
    "YQ",  # no separator
    "YXxifGM",  # one too many
    "MDAwMS0wMS0wMVQwMDowMDowMHwwMA",  # a year 1 without a zone
    "MjAyNi0xMS0yMVQwODowMDowMHwwMA",  # without a zone
    "MDAwMS0wMS0wMVQwMDowMDowMCsyMzo1OXwwMA",  # before the beginning
    "OTk5OS0xMi0zMVQyMzo1OTo1OS0yMzo1OXwwMA",  # after the end
    "/w",
    "_w",
    "AHwA",
    "\N{SNOWMAN}",
]
#: What isn't taken, by the name of a parameter, else by its kind.
BAD_PARAMETERS: dict[str, list[str]] = {
    "cursor": [*BAD_CURSORS, *BAD_TEXTS],
    "min_position": ["x", "1:1:1", "1:1:-1:00000000", "1:1:1:0000000g", *BAD_TEXTS],
    "after": ["x", "1:1:1", "1:1:-1:00000000", "1:1:1:0000000g", *BAD_TEXTS],
    "topics": ["", ",", "capacity,onbekend", "Capacity", *BAD_TEXTS],
    "agb": ["1", "1234567", "123456789", "1234567x", "\N{ARABIC-INDIC DIGIT ONE}" * 8],
    **{
        f"{of}external_id": ["x" * 65, "\x00", "a\x00b", "a\nb"]
        for of in ("", "pool_", "bed_", "team_")
    },
    "pc4": ["", "272", "27255", "0725", "272x", *BAD_TEXTS],
    "If-Match": ["x", "*", '"-1"', '"1", "2"', 'W/"1"', '"99999999999"', "''", '""', '"1.0"'],
    "idempotency-key": ["a b", "x" * 129, "\N{LATIN SMALL LETTER E WITH ACUTE}"],
    "gemeente": ["", "637", "06370", "063x", *BAD_TEXTS],
    "postcode": ["", "272", "0725", "2711SS", *BAD_TEXTS],
    "handler": ["", "mij", "ME", "01a2005b-4ea1-7582-b9ab-04ae8eb23b2", *BAD_TEXTS],
    "number": ["", "2611", "2611-0001", "2611-1234567890", *BAD_TEXTS],
    "near": ["", "272", "0725", "2711SS", "2799", *BAD_TEXTS],
    "within_km": ["", "x", "nan", "inf", "1e999", "-1", "0", "501", "9" * 5000],
    "feature": ["", "onbekend", *BAD_TEXTS],
    "start_by": ["", "x", "20261123", "1790000000", "2026-02-30", "0001-01-01", *BAD_TEXTS],
    "admit_by": ["", "x", "2026-11-23", "1790000000", "2026-11-23T10:00:00", *BAD_TEXTS],
    "step": ["", "x", "PT1M", "P0D", "1h", "-PT1H", "PT1H\x00", *BAD_TEXTS],
    "date": ["", "x", "20261123", "1790000000", "2026-02-30", *BAD_TEXTS],
    "date-time": ["", "x", "2026-11-23", "1790000000", "2026-11-23T10:00:00", *BAD_TEXTS],
    "integer": ["", "x", "1.5", "1e2", "-1", "0x1", "100000", "9" * 30, "9" * 5000, "1\x00"],
    "boolean": ["", "x", "2", "nee?", "\x00"],
    "uuid": ["", "x", "1", "01a2005b-4ea1-7582-b9ab-04ae8eb23b2", *BAD_TEXTS],
    "enum": ["", "onbekend", "GRZ", *BAD_TEXTS],
}


async def test_a_wrong_parameter_is_refused_by_its_name(
    client: httpx.AsyncClient, example: Example, database: Database
) -> None:
    before = await everything(database)
    wrong: list[tuple[Call, str, str, object]] = []
    for call in CALLS:
        for parameter in call.operation.get("parameters", []):
            wrong += [
                (call, parameter["name"], value[:80], found)
                for value, found in await mistaken(client, example, call, parameter)
            ]
    assert wrong == []
    assert await everything(database) == before


async def mistaken(
    client: httpx.AsyncClient, example: Example, call: Call, parameter: dict[str, Any]
) -> list[tuple[str, object]]:
    """Wrong values of a parameter that aren't refused by its name, with what was answered."""
    wrong: list[tuple[str, object]] = []
    name, where = parameter["name"], parameter["in"]
    kind = kind_of(parameter["schema"], DOCUMENT)
    for value in turn_of(BAD_PARAMETERS.get(name) or BAD_PARAMETERS[kind], 5):
        if where == "path":
            if value in ("", "../../x"):
                continue  # another path
            changes: dict[str, Any] = {"path": example.path(call, **{name: _quoted(value)})}
        elif where == "query":
            changes = {"params": {name: value}}
        else:
            changes = {"headers": {name.lower(): value.encode()}}
        answer = await example.send(client, call, **changes)
        if answer.status_code != 400:
            wrong.append((value, answer.status_code))
            continue
        problem = check_problem(answer, 400, Code.INVALID_INPUT)
        named = [error["pointer"] for error in problem.get("errors", [])]
        if not any(pointer.lower().endswith(name.lower()) for pointer in named):
            wrong.append((value, named))
    return wrong


def _quoted(value: str) -> str:
    return quote(value, safe="")
