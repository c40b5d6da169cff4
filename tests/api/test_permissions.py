"""Every call declares what it asks, and each role gets what the domain's table gives it."""

import re
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from fastapi.routing import APIRoute

from api.routing import GuardedRoute, asked_of
from app.services.keys import NewKey, issue_key
from app.services.regions import create_region
from domain.actors import Action, Role, Target, may, scope_of
from domain.errors import Code
from domain.identifiers import RegionId
from tests.factories.world import REGION, World, make_party
from tests.support.calls import (
    APP,
    CALLS,
    FILES,
    GUARDED,
    OF_A_CASE,
    Call,
    Example,
    check_problem,
    named,
    shares,
)
from tests.support.referral_calls import serve
from tests.support.serving import Serving

OPEN = {"/v1/openapi.json", "/v1/asyncapi.json", "/health/live", "/health/ready"}
KEY_ROLES = [role for role in Role if role is not Role.SYSTEM]
ELSEWHERE = RegionId(2)


@pytest.fixture
async def client(api: Serving) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a key."""
    async with api.client() as client:
        yield client


@pytest.fixture
async def elsewhere(served: World) -> None:
    """A second region where the first one's people don't work."""
    await create_region(served.container, None, ELSEWHERE, "twee", "Twee")
    # Referrers file there too, so somebody has to serve their postcode.
    there = await make_party(served.container, Role.COORDINATOR, ELSEWHERE)
    await serve(served.container, there, ELSEWHERE)
    await served.settled()


def test_every_route_declares_what_it_asks_or_is_open() -> None:
    routes = [*APP.state.routes, *(r for r in APP.routes if isinstance(r, APIRoute))]
    assert {route.path for route in routes if asked_of(route) is None} <= OPEN
    assert all(isinstance(r, GuardedRoute) for r in routes if r.path not in OPEN)
    plain = {
        getattr(route, "path", None) for route in APP.routes if not isinstance(route, APIRoute)
    }
    assert plain - {None} <= OPEN


def test_what_is_asked_fits_what_is_done() -> None:
    writing = {
        *(Action.CAPACITY_REPORT, Action.REGISTER_WRITE, Action.POSTING_WRITE),
        *(Action.SOURCE_RELEASE, Action.KEY_ISSUE, Action.KEY_REVOKE, Action.NORM_WRITE),
        *(Action.REFERRAL_FILE, Action.REFERRAL_REPLY, Action.REFERRAL_WRITE, Action.OFFER_ANSWER),
        *(Action.OFFER_SEE, Action.NOTICE_MARK, Action.WORD_WRITE, Action.PROPOSAL_WRITE),
    }
    for call in GUARDED:
        assert (call.asks in writing) == call.changes, call


async def own_key(world: World, role: Role) -> str:
    """A key of the first pool's owner."""
    new = NewKey(world.provider.organisation_id, role, f"{role}")
    issued = await issue_key(world.container, None, new)
    assert issued.key is not None
    return issued.key


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("role", KEY_ROLES)
async def test_each_role_gets_what_the_table_gives_it(
    client: httpx.AsyncClient, served: World, example: Example, role: Role
) -> None:
    keys = {
        "the owner": await own_key(served, role),
        "another in the region": (await make_party(served.container, role)).key,
        "another elsewhere": (await make_party(served.container, role, ELSEWHERE)).key,
    }
    await served.settled()
    wrong = []
    for whose, key in keys.items():
        actor = (await served.container.keys.find(key)).actor
        for call in GUARDED:
            assert call.asks is not None
            answer = await example.send(client, call, headers={"authorization": f"Bearer {key}"})
            # The one before may have taken the version on, or made or ended the very thing.
            found = {412: 200, 409: 200}.get(answer.status_code, answer.status_code)
            if call.key in FILES and found == 400:
                # A file is answered by its rows: somebody else's pool is one that isn't there.
                found = 404
                check_problem(answer, 400, Code.BAD_SPREADSHEET)
            if scope_of(actor, call.asks) is None:
                expected = 403
            elif may(actor, call.asks, target_of(call, served)):
                expected = 200
            else:
                expected = 404
            if (found if found >= 400 else 200) != expected:
                wrong.append((whose, str(call), answer.status_code, expected))
            if found == 403:
                check_problem(answer, 403, Code.NOT_ALLOWED)
            elif found == 404 and answer.status_code == 404:
                check_problem(answer, 404, Code.NOT_FOUND)
    assert wrong == []


def target_of(call: Call, world: World) -> Target:
    """What the example of a call touches. Without a region it is about the caller's own."""
    if re.search(
        r"{(referral|offer|handover|alert|notice|endpoint|delivery|proposal)_id}", call.path
    ):
        asked = call.asks in (Action.OFFER_READ, Action.OFFER_ANSWER, Action.OFFER_SEE)
        party = world.provider if asked else world.coordinator
        return Target(REGION, party.organisation_id)
    owned = (
        *("{pool_id}", "external_id}", "{bed_id}", "{team_id}"),
        *("/admission-stop", "/course", "/imports/"),
    )
    if any(name in call.path for name in owned):
        return Target(REGION, world.provider.organisation_id)
    if "{source_id}" in call.path:
        return Target(None, world.provider.organisation_id)
    if "{location_id}" in call.path or "{organisation_id}" in call.path:
        return Target(REGION)
    if call.path == "/v1/events" or "/{region_id}/" in call.path:
        return Target(REGION)
    return Target()


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("calls", shares([call for call in GUARDED if "{" in call.path]))
async def test_somebody_elses_is_answered_as_what_is_not_there(
    client: httpx.AsyncClient, served: World, example: Example, calls: list[Call]
) -> None:
    for call in calls:
        with named(call):
            await _answered_as_what_is_not_there(client, served, example, call)


async def _answered_as_what_is_not_there(
    client: httpx.AsyncClient, served: World, example: Example, call: Call
) -> None:
    stranger = await stranger_to(call, served)
    nothing = {
        **{name: str(uuid4()) for name in re.findall(r"{(\w+_id)}", call.path)},
        "region_id": "9",
        **{f"{of}external_id": "niets" for of in ("", "pool_", "bed_", "team_")},
    }
    headers = {"authorization": f"Bearer {stranger}"}
    missing = await example.send(
        client,
        call,
        headers=headers,
        path=example.path(call, **{k: v for k, v in nothing.items() if f"{{{k}}}" in call.path}),
    )
    check_problem(missing, 404, Code.NOT_FOUND)
    if stranger == served.operator.key or "{region_id}" in call.path:
        return  # the operator's, whose they all are, or everybody's
    theirs = await example.send(client, call, headers=headers)
    assert theirs.content == missing.content
    if call.has_body and "operable" in example.body(call):
        # Nor does what is wrong with the figures tell that there is such a pool.
        wrong = await example.send(
            client, call, headers=headers, content=b'{"operable": 1, "occupied": 2}'
        )
        assert wrong.content == missing.content
    assert {n: v for n, v in theirs.headers.items() if n != "date"} == {
        n: v for n, v in missing.headers.items() if n != "date"
    }


async def stranger_to(call: Call, world: World) -> str:
    """Who may do this to some, and not to the example's."""
    match call.asks:
        case Action.CAPACITY_READ | Action.REGISTER_READ:
            return (await make_party(world.container, Role.REFERRER, ELSEWHERE)).key
        case Action.REGISTER_WRITE | Action.KEY_REVOKE | Action.SOURCE_RELEASE | Action.NORM_WRITE:
            return world.operator.key
        case Action.OFFER_SEE:
            return (await make_party(world.container, Role.PROVIDER_INTAKE)).key
        case action if action in OF_A_CASE:
            return (await make_party(world.container, Role.COORDINATOR)).key
        case _:
            return world.other.key


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("path", ["organisations", "locations", "pools", "snapshot"])
async def test_another_region_is_answered_as_one_that_is_not_there(
    client: httpx.AsyncClient, served: World, example: Example, path: str
) -> None:
    headers = {"authorization": f"Bearer {served.provider.key}"}
    theirs = await client.get(f"/v1/{path}", params={"region": ELSEWHERE}, headers=headers)
    missing = await client.get(f"/v1/{path}", params={"region": 99}, headers=headers)
    check_problem(theirs, 404, Code.NOT_FOUND)
    assert theirs.content == missing.content
    own = await client.get(f"/v1/{path}", params={"region": REGION}, headers=headers)
    assert own.status_code == 200


async def test_who_may_not_is_told_so_before_the_body_is_looked_at(
    client: httpx.AsyncClient, served: World, example: Example
) -> None:
    auditor = {"authorization": f"Bearer {(await make_party(served.container, Role.AUDITOR)).key}"}
    for call in CALLS:
        if call.has_body:
            answer = await example.send(client, call, headers=auditor, content=b"\xff{")
            check_problem(answer, 403, Code.NOT_ALLOWED)
