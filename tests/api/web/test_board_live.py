"""`/bord/live`: who may listen, from where, until when, and what they miss in between."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import websockets

from api.web.board import live
from api.web.board.live import BoardViewer
from app.live.closing import Close
from domain.actors import Role
from domain.identifiers import OrganisationId
from tests.factories.people import MadePerson, make_person, signed_in
from tests.factories.world import World, counts
from tests.support.database import Database
from tests.support.outages import away
from tests.support.serving import Serving
from tests.support.visiting import visiting


@asynccontextmanager
async def listening(
    api: Serving, token: str | None, *, origin: str | None = None, **asked: object
) -> AsyncIterator[websockets.ClientConnection]:
    """A page's socket. `origin` empty: none is told."""
    told = api.base_url if origin is None else origin
    headers = {"cookie": f"x=1; vt_session={token}"} if token else {}
    if told:
        headers["origin"] = told
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    address = api.base_url.replace("http", "ws") + f"/bord/live?{query}"
    async with websockets.connect(
        address, additional_headers=headers, max_size=None, ping_interval=None
    ) as ws:
        yield ws


async def received(ws: websockets.ClientConnection) -> Any:
    async with asyncio.timeout(10):
        return json.loads(await ws.recv())


async def closed(ws: websockets.ClientConnection) -> int | None:
    async with asyncio.timeout(10):
        await ws.wait_closed()
    return ws.close_code


async def refusal(api: Serving, token: str | None, **asked: Any) -> int | None:
    async with listening(api, token, **asked) as ws:
        return await closed(ws)


async def person_of(
    served: World, role: Role = Role.COORDINATOR, at: OrganisationId | None = None
) -> MadePerson:
    return await make_person(served.container, role, at or served.coordinator.organisation_id)


async def token_of(served: World, person: MadePerson) -> str:
    return (await signed_in(served.container, person)).token


async def test_only_who_may_see_a_board_hears_of_it_and_only_on_a_page_of_ours(
    api: Serving, served: World
) -> None:
    token = await token_of(served, await person_of(served))
    referrer = await token_of(served, await person_of(served, Role.AUDITOR))
    hats = (served.coordinator.organisation_id, served.other.organisation_id)
    unchosen = await make_person(served.container, Role.COORDINATOR, *hats)
    refused = {
        "no cookie": await refusal(api, None, regio=1),
        "no session": await refusal(api, "A" * 43, regio=1),
        "foreign page": await refusal(api, token, origin="https://elsewhere.example", regio=1),
        "no page": await refusal(api, token, origin="", regio=1),
        "another role": await refusal(api, referrer, regio=1),
        "no organisation chosen": await refusal(api, await token_of(served, unchosen), regio=1),
        "another region": await refusal(api, token, regio=2),
        "everywhere": await refusal(api, token, regio=0),
        "no region": await refusal(api, token, regio="%C2%B2"),
        "no number": await refusal(api, token, regio="9" * 5000),
    }
    signed_out = {"no cookie", "no session"}
    assert refused == {
        why: Close.NOT_SIGNED_IN if why in signed_out else Close.NOT_ALLOWED for why in refused
    }


async def test_a_page_goes_on_where_it_was_and_misses_nothing(api: Serving, served: World) -> None:
    token = await token_of(served, await person_of(served))
    told: Any = None
    for na in ("0", "%C2%B2", "-1", "9" * 5000, ""):
        async with listening(api, token, regio=1, feed="nothing", na=na) as ws:
            told = await received(ws)
            assert told["type"] == "reload"
    at = {"regio": 1, "feed": told["feed"], "na": told["seq"]}
    async with listening(api, token, **at) as ws:
        assert (await received(ws))["rows"] == []
        await served.report(counts(10, 4))
        patch = await received(ws)
        ((row, group, html),) = patch["rows"]
        assert row == f"p-{served.pool_id}-elv-laag"
        assert (group, 'data-b="6"' in html) == ("elv-laag", True)
        assert {key for key, _ in patch["sums"]} == {"g-elv-laag", "t-elv-laag", "t-"}
        at["na"] = patch["seq"]
    await served.report(counts(10, 5))
    await served.report(counts(10, 9))
    await served.settled()
    async with listening(api, token, **at) as ws:
        missed = await received(ws)
        ((row, _, html),) = missed["rows"]
        assert 'data-b="1"' in html
        assert missed["seq"] > at["na"]


async def test_a_session_that_ends_anywhere_closes_its_boards(api: Serving, served: World) -> None:
    person = await person_of(served)
    async with visiting(api, person) as here:
        token = here.client.cookies["vt_session"]
        async with listening(api, token, regio=1) as ws:
            await received(ws)
            await here.post("/uitloggen", {}, await here.token("/weergave"))
            assert await closed(ws) == Close.REVOKED
    hats = (served.coordinator.organisation_id, served.other.organisation_id)
    person = await make_person(served.container, Role.COORDINATOR, *hats)
    async with visiting(api, person) as here:
        token = here.client.cookies["vt_session"]
        form = await here.token("/organisatie")
        await here.post("/organisatie", {"keuze": str(person.memberships[0])}, form)
        async with listening(api, token, regio=1) as ws:
            await received(ws)
            form = await here.token("/organisatie")
            await here.post("/organisatie", {"keuze": str(person.memberships[1])}, form)
            assert await closed(ws) == Close.RECHECK, "come back and be looked at anew"


async def test_an_open_board_keeps_its_session_and_outlives_the_database(
    api: Serving, served: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "STILL_THERE_SECONDS", 0.02)
    token = await token_of(served, await person_of(served))
    asked = 0
    find = served.container.sessions.find

    async def counted(token: str) -> Any:
        nonlocal asked
        asked += 1
        return await find(token)

    monkeypatch.setattr(served.container.sessions, "find", counted)

    async def until_asked(times: int) -> None:
        async with asyncio.timeout(10):
            while asked < times:
                await asyncio.sleep(0.01)

    async with listening(api, token, regio=1) as ws:
        await received(ws)
        async with away(database):
            served.container.sessions.forget(None)
            await until_asked(asked + 5)
            assert ws.state.name == "OPEN"
        monkeypatch.setattr(served.container.sessions, "_look_up", _nobody)
        served.container.sessions.forget(None)
        assert await closed(ws) == Close.NOT_SIGNED_IN


async def _nobody(hashed: bytes) -> None:
    return None


async def test_a_page_that_stops_reading_is_sent_away_and_the_others_stay(
    api: Serving, served: World
) -> None:
    token = await token_of(served, await person_of(served))
    async with listening(api, token, regio=1) as slow, listening(api, token, regio=1) as quick:
        await received(slow)
        await received(quick)
        first = next(iter(_viewers(served)))

        class Full:
            def __init__(self, writer: Any) -> None:
                self.close = writer.close

            def write(self, frame: bytes) -> bool:
                return False

        first._writer = Full(first._writer)  # type: ignore[assignment]  # a writer whose client has stopped reading
        await served.report(counts(10, 4))
        done, waiting = await asyncio.wait(
            [asyncio.create_task(closed(ws)) for ws in (slow, quick)],
            return_when=asyncio.FIRST_COMPLETED,
        )
        assert [task.result() for task in done] == [Close.SLOW]
        for task in waiting:
            task.cancel()
        stays = quick if slow.close_code else slow
        told = await received(stays)
        assert told["type"] == "patch"


def _viewers(served: World) -> set[BoardViewer]:
    found = served.container.hub._by_credential.values()
    return {one for several in found for one in several if isinstance(one, BoardViewer)}
