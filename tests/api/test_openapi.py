"""The OpenAPI document says what the calls do."""

import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from api.problems import MEDIA_TYPE, TEXTS
from domain.errors import Code
from tests.support.calls import CALLS, DOCUMENT, GUARDED, Call, Example
from tests.support.serving import Serving


def problems_of(call: Call) -> Iterator[tuple[int, dict[str, Any]]]:
    """The responses of a call that are problems."""
    for status, response in call.operation["responses"].items():
        if MEDIA_TYPE in response.get("content", {}):
            yield int(status), response["content"][MEDIA_TYPE]["schema"]


def codes_of(call: Call) -> set[Code]:
    """The problems that a call says it may answer with."""
    prefix = "urn:verkeerstoren:problem:"
    return {
        Code(urn.removeprefix(prefix))
        for _, schema in problems_of(call)
        for urn in schema["allOf"][1]["properties"]["type"]["enum"]
    }


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema with the document's components beside it."""
    return {**schema, "components": DOCUMENT["components"]}


async def test_it_is_open_and_the_same_as_the_one_that_is_tested_here(api: Serving) -> None:
    async with api.client() as client:
        answer = await client.get("/v1/openapi.json")
    assert answer.status_code == 200
    served = answer.json()
    assert served["paths"] == DOCUMENT["paths"]
    assert served["components"] == DOCUMENT["components"]
    assert served["openapi"].startswith("3.1")
    assert served["info"]["version"] == answer.headers["api-version"]


def test_every_call_is_in_it_and_nothing_else() -> None:
    documented = {
        (method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods
    }
    assert documented == {call.key for call in CALLS}


def test_paths_are_kebab_case_without_a_slash_at_the_end() -> None:
    for path in DOCUMENT["paths"]:
        assert re.fullmatch(r"(/([a-z0-9]+(-[a-z0-9]+)*|\{[a-z_]+\}))+", path), path


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_every_call_is_explained_and_its_own(call: Call) -> None:
    operation = call.operation
    assert operation["description"]
    assert [c.operation["operationId"] for c in CALLS].count(operation["operationId"]) == 1
    assert "422" not in operation["responses"]
    assert any(status.startswith("2") for status in operation["responses"])
    for response in operation["responses"].values():
        assert "API-Version" in response["headers"]


@pytest.mark.parametrize("call", GUARDED, ids=str)
def test_a_guarded_call_says_what_it_asks_and_that_it_may_refuse(call: Call) -> None:
    assert call.operation["security"] == [{"key": []}]
    assert call.operation["x-asks"] == call.asks
    assert codes_of(call) >= {Code.NOT_SIGNED_IN, Code.NOT_ALLOWED, Code.UNAVAILABLE}
    if call.has_body:
        assert codes_of(call) >= {Code.BODY_TOO_LARGE, Code.UNSUPPORTED_MEDIA_TYPE}
    if call.operation.get("parameters") or call.has_body:
        assert Code.INVALID_INPUT in codes_of(call)


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_each_problem_stands_under_its_own_status(call: Call) -> None:
    for status, schema in problems_of(call):
        reference, narrowed = schema["allOf"]
        assert reference == {"$ref": "#/components/schemas/Problem"}
        for urn in narrowed["properties"]["type"]["enum"]:
            assert TEXTS[Code(urn.rpartition(":")[2])].status == status


def test_every_problem_is_documented_somewhere() -> None:
    documented = {code for call in CALLS for code in codes_of(call)}
    # These are nobody's in particular, and people sign in on a page.
    elsewhere = {Code.SIGN_IN_REFUSED, Code.TOO_MANY_ATTEMPTS}
    assert documented == set(Code) - {Code.INTERNAL, Code.METHOD_NOT_ALLOWED} - elsewhere


async def test_every_example_answers_as_its_schema_says(api: Serving, example: Example) -> None:
    async with api.client() as client:
        for call in CALLS:
            answer = await example.send(client, call)
            response = call.operation["responses"][str(answer.status_code)]
            if answer.status_code == 204:
                assert answer.content == b""
                continue
            media_type = answer.headers["content-type"].partition(";")[0]
            schema = response["content"][media_type].get("schema", {})
            if media_type == "application/json":
                assert schema, call
                checked = jsonschema.Draft202012Validator(resolved(schema))
                checked.validate(answer.json())


async def test_it_is_shown_once_that_a_version_is_needed_and_once_that_it_may_be_given() -> None:
    by_need = {
        str(call): parameter["required"]
        for call in CALLS
        for parameter in call.operation.get("parameters", [])
        if parameter["name"] == "If-Match"
    }
    assert by_need == {
        "PUT /v1/pools/{pool_id}/report": False,
        "PUT /v1/organisations/{agb}/pools/{external_id}/report": False,
        "POST /v1/pools/{pool_id}/confirmation": True,
        "PUT /v1/regions/{region_id}": True,
        "PUT /v1/organisations/{organisation_id}": True,
        "POST /v1/organisations/{organisation_id}/merger": False,
        "POST /v1/organisations/{organisation_id}/closure": False,
        "PUT /v1/locations/{location_id}": True,
        "PUT /v1/locations/{location_id}/owner": False,
        "POST /v1/locations/{location_id}/closure": False,
        "PUT /v1/beds/{bed_id}": False,
        "PUT /v1/organisations/{agb}/pools/{pool_external_id}/beds/{bed_external_id}": False,
        "PUT /v1/beds/{bed_id}/details": True,
        "POST /v1/beds/{bed_id}/closure": False,
        "PUT /v1/home-care-teams/{team_id}": True,
        "PUT /v1/home-care-teams/{team_id}/owner": False,
        "POST /v1/home-care-teams/{team_id}/closure": False,
        "PUT /v1/home-care-teams/{team_id}/report": False,
        "PUT /v1/organisations/{agb}/home-care-teams/{team_external_id}/report": False,
        "POST /v1/home-care-teams/{team_id}/confirmation": True,
        "PUT /v1/locations/{location_id}/admission-stop": False,
        "DELETE /v1/locations/{location_id}/admission-stop": False,
        "PUT /v1/pools/{pool_id}": True,
        "PUT /v1/pools/{pool_id}/posting": True,
        "PUT /v1/pools/{pool_id}/owner": False,
        "POST /v1/pools/{pool_id}/closure": False,
        "PUT /v1/regions/{region_id}/norms": True,
        "PUT /v1/referrals/{referral_id}/needs": True,
        "POST /v1/referrals/{referral_id}/triage": False,
        "POST /v1/referrals/{referral_id}/offers": False,
        "PUT /v1/word-settings/organisation": True,
        "PUT /v1/webhook-endpoints/{endpoint_id}": True,
    }
