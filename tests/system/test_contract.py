"""The OpenAPI document against a real server: whatever is sent, the answer is one it announces."""

import asyncio
from collections.abc import Callable
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.container import Container
from app.settings import Settings
from tests.factories.world import World
from tests.support.calls import CALLS, DOCUMENT, Call, Example
from tests.support.serving import api_process

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
#: For each call: there are many calls, and what is wrong with one is wrong with most.
EXAMPLES = 3
#: The calls are done in so many parts, each a test, so that they can go beside each other.
PARTS = 3
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)


def sender(base_url: str, call: Call, example: Example) -> Callable[[], None]:
    """Sends generated requests of one call, some of them to things that are really there.

    All are right by the document: what is wrong is tried field by field in tests/api/test_bad_input.py.
    """
    operation = SCHEMA[call.path][call.method]
    here = {name: value for name, value in example.values.items() if f"{{{name}}}" in call.path}
    session = requests.Session()
    session.trust_env = False

    @hypothesis.settings(
        max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @hypothesis.given(
        case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE), real=st.booleans()
    )
    def send(case: Case[Any], real: bool) -> None:
        if real:
            case.path_parameters = {**(case.path_parameters or {}), **here}
            case.query = {**(case.query or {}), **example.query(call)}
            if isinstance(case.body, dict) and "organisation_id" in case.body:
                case.body["organisation_id"] = example.values["organisation_id"]
        headers = {"authorization": f"Bearer {example.party(call).key}"}
        answer = case.call(base_url=base_url, session=session, headers=headers, timeout=20)
        case.validate_response(answer, checks=CHECKS)

    return send


@pytest.mark.parametrize("part", range(PARTS))
async def test_every_answer_is_one_that_the_document_announces(
    settings: Settings, container: Container, world: World, part: int
) -> None:
    example = await Example.of(world)
    failures: dict[str, Any] = {}
    async with api_process(settings) as server:
        for call in CALLS[part::PARTS]:
            send = sender(server.base_url, call, example)
            try:
                await asyncio.to_thread(send)
            except Exception as failure:
                failures[str(call)] = failure
    assert failures == {}
