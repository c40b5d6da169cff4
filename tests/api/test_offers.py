"""Offers over HTTP: who is asked, who sees what of it and when, and whom to call."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest

from domain.errors import Code
from domain.needs import Urgency
from tests.factories.referrals import accepted, offered, triaged
from tests.factories.times import NINE
from tests.factories.world import World, make_pool
from tests.support.calls import check_problem, everything
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.offering import Desks, desks_of
from tests.support.serving import Serving

#: What is left of an offer for a provider that lost it.
LEFT = {
    *("id", "state", "version", "offered_at", "deadline_at", "seen_at", "answered_at", "ended_at"),
    *("late", "refusal", "ending"),
}


@pytest.fixture
async def desks(api: Serving, served: World) -> AsyncIterator[Desks]:
    """A coordination point and two intake desks."""
    async with desks_of(api, served) as opened:
        yield opened


async def read(client: httpx.AsyncClient, offer_id: object) -> dict[str, object]:
    """An offer as somebody sees it."""
    answer = await client.get(f"/v1/offers/{offer_id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


async def test_a_provider_sees_a_need_without_a_name_and_more_once_it_promised(
    desks: Desks, database: Database
) -> None:
    _, one, _ = await desks.asked()
    asked = await read(desks.first, one)
    assert asked["need"] == {
        "age_from": 80,
        "age_to": 89,
        "sex": "vrouw",
        "pc4": "2725",
        "setting": "seh",
        "since": None,
        "needed_by": None,
        "infection": "geen",
        "behaviour": "rustig",
        "features": [],
        "skills": [],
        "dagdelen": [],
        "legal_status": "vrijwillig",
        "urgency": "acuut",
    }
    assert asked["texts"] == {
        "what_happened": "Val thuis, bovenarm gebroken",
        "help_needed": "Wassen, kleden, transfer",
        "remark": None,
    }
    assert asked["asked"] == 2
    hidden = ("birth_year", "callback", "referral_id", "coordination")
    assert [asked[name] for name in hidden] == [None] * 4
    assert "1942" not in str(asked)
    listed = (await desks.first.get("/v1/offers")).json()["items"]
    assert "1942" not in str(listed)

    await desks.first.post(f"/v1/offers/{one}/acceptance", json={})
    promised = await read(desks.first, one)
    assert promised["birth_year"] == 1942
    assert promised["callback"] == "070 123 45 67"
    assert promised["referral_id"]
    assert promised["coordination"] is None
    assert promised["held"] is True
    async with database.connect() as connection:
        kept = await connection.fetch(
            "SELECT object_kind, object_id, purpose, role FROM audit"
            " WHERE action = 'offer.read' ORDER BY recorded_at, id"
        )
    own = str(desks.world.provider.organisation_id)
    desk = ("referral", "provider-intake")
    assert [tuple(row) for row in kept] == [
        ("offer", str(one), *desk),
        ("offers", own, *desk),
        ("offer", str(one), *desk),
    ]


async def test_who_loses_loses_what_it_saw_at_once(desks: Desks) -> None:
    _, one, two = await desks.asked()
    await desks.second.post(f"/v1/offers/{two}/questions", json={"text": "Tillift nodig?"})
    assert (await read(desks.second, two))["need"]
    await desks.first.post(f"/v1/offers/{one}/acceptance", json={})
    lost = await read(desks.second, two)
    assert lost["ending"] == "elders-geaccepteerd"
    assert {name for name, value in lost.items() if value is not None} <= {*LEFT, "questions"}
    assert lost["questions"] == []
    (listed,) = (await desks.second.get("/v1/offers")).json()["items"]
    assert {name for name, value in listed.items() if value is not None} <= LEFT

    released = {"reason": "aanbieder-kan-niet"}
    assert (await desks.first.post(f"/v1/offers/{one}/release", json=released)).status_code == 200
    after = await read(desks.first, one)
    assert {name for name, value in after.items() if value is not None} <= {*LEFT, "questions"}


async def test_a_provider_cannot_tell_what_another_answered(desks: Desks) -> None:
    referral_id, one, two = await desks.asked()
    before = await read(desks.first, one)
    for path, body in (
        ("sight", None),
        ("questions", {"text": "Tillift nodig?"}),
        ("refusal", {"code": "geen-plek"}),
    ):
        answer = await desks.second.post(f"/v1/offers/{two}/{path}", json=body)
        assert answer.is_success
        told = answer.json()
        assert [told[name] for name in ("referral_id", "number", "state", "version")] == [None] * 4
        assert "etag" not in answer.headers
    assert await read(desks.first, one) == before
    # Not by another being asked instead, either: as many as before are asked now.
    third = await make_pool(desks.world.container, desks.world.location_id)
    await offered(desks.world, third, referral_id=referral_id)
    assert await read(desks.first, one) == before


async def test_only_who_is_asked_and_who_asks_may_know_of_an_offer(
    desks: Desks, clock: Clock
) -> None:
    _, one, _ = await desks.asked()
    for client in (desks.second, desks.coordinator):
        theirs = await client.get(f"/v1/offers/{one if client is desks.second else uuid4()}")
        check_problem(theirs, 404, Code.NOT_FOUND)
    _, own = await offered(desks.world)
    clock.turn(timedelta(minutes=1))
    _, latest = await offered(desks.world)
    await accepted(desks.world, own[0])
    await desks.coordinator.post(f"/v1/offers/{own[0]}/release", json={"reason": "client-weigert"})

    pages: list[str] = []
    following: str | None = None
    while following or not pages:
        page = await desks.first.get(
            "/v1/offers", params={"limit": 1, **({"cursor": following} if following else {})}
        )
        pages += [item["id"] for item in page.json()["items"]]
        following = page.json()["next_cursor"]
    assert pages == [str(latest[0]), str(own[0]), str(one)]

    async def ids(client: httpx.AsyncClient, **params: str) -> list[str]:
        found = (await client.get("/v1/offers", params=params)).json()["items"]
        return [item["id"] for item in found]

    assert await ids(desks.first, open="true") == [str(latest[0]), str(one)]
    assert await ids(desks.first, open="false") == [str(own[0])]
    assert len(await ids(desks.coordinator)) == 4
    assert len(await ids(desks.second)) == 1


async def test_the_coordination_point_is_shown_whom_to_call_at_that_moment(
    desks: Desks, clock: Clock
) -> None:
    clock.set(NINE)
    _, one, _ = await desks.asked()
    day = {"wo": [["08:30", "17:00"]]}
    location = [{"name": "Intake", "telephone": "079 111 11 11", "hours": day}]
    organisation = [{"name": "Avonddienst", "telephone": "079 222 22 22"}]

    async def write(connection: Any) -> None:
        await connection.execute(
            "UPDATE location SET on_call = $1::jsonb WHERE id = $2",
            orjson.dumps(location).decode(),
            desks.world.location_id,
        )
        await connection.execute(
            "UPDATE organisation SET on_call = $1::jsonb WHERE id = $2",
            orjson.dumps(organisation).decode(),
            desks.world.provider.organisation_id,
        )

    await desks.world.container.read(write)

    async def whom() -> object:
        told = await read(desks.coordinator, one)
        coordination = told["coordination"]
        assert isinstance(coordination, dict)
        return coordination["on_call"]

    assert await whom() == {"name": "Intake", "telephone": "079 111 11 11"}
    clock.turn(timedelta(hours=9))
    assert await whom() == {"name": "Avonddienst", "telephone": "079 222 22 22"}
    told = await read(desks.coordinator, one)
    assert told["birth_year"] == 1942
    coordination = told["coordination"]
    assert isinstance(coordination, dict)
    assert coordination["round"] == 1
    assert coordination["posted"]["free"] == 5


async def test_a_round_is_made_once_or_refused_with_nothing_changed(
    desks: Desks, database: Database
) -> None:
    done = await triaged(desks.world, Urgency.ACUUT)
    path = f"/v1/referrals/{done.referral_id}/offers"
    both = [{"pool_id": str(desks.world.pool_id)}, {"pool_id": str(desks.second_pool_id)}]
    good = {"to": both, "argument": "In de buurt"}
    many = [*both, *({"pool_id": str(uuid4())} for _ in range(3))]
    before = await everything(database)
    bed = {"team_id": str(uuid4()), "bed_id": str(uuid4())}
    for body, pointer in (
        ({"to": []}, "/to"),
        ({"to": [both[0], {}]}, "/to/1"),
        ({"to": [both[0], bed]}, "/to/1/bed_id"),
        ({"to": [both[0], {"pool_id": str(uuid4())}], "argument": "Zo"}, "/to/1/pool_id"),
        ({"to": [both[0], both[0]], "argument": "Zo"}, "/to/1"),
        ({**good, "following": [{**both[0], "team_id": str(uuid4())}]}, "/following/0"),
    ):
        answer = await desks.coordinator.post(path, json=body)
        problem = check_problem(answer, 400, Code.INVALID_INPUT)
        assert problem["errors"][0]["pointer"] == pointer
    for body, status, code in (
        ({"to": many, "argument": "Zo"}, 409, Code.TOO_MANY_OFFERS),
        ({"to": both, "care_type": "grz"}, 400, Code.ARGUMENT_REQUIRED),
        ({"to": both, "care_type": "mfb", "argument": "Zo"}, 409, Code.BOARD_CHECK_REQUIRED),
    ):
        check_problem(await desks.coordinator.post(path, json=body), status, code)
    stale = {"if-match": f'"{done.version - 1}"'}
    answer = await desks.coordinator.post(path, json=good, headers=stale)
    check_problem(answer, 412, Code.VERSION_CHANGED)
    assert await everything(database) == before

    headers = {"if-match": f'"{done.version}"', "idempotency-key": "ronde"}
    made = await desks.coordinator.post(path, json=good, headers=headers)
    assert made.status_code == 201, made.text
    assert made.json()["state"] == "aangeboden"
    assert len(made.json()["offers"]) == 2
    assert made.headers["etag"] == f'"{made.json()["version"]}"'
    again = await desks.coordinator.post(path, json=good, headers=headers)
    assert again.json()["offers"] == made.json()["offers"]
    other = await desks.coordinator.post(path, json={**good, "argument": "Anders"}, headers=headers)
    check_problem(other, 409, Code.IDEMPOTENCY_MISMATCH)
