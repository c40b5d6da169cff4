"""What is answered to an offer, over HTTP: yes, no, something else, a question, and too late."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from domain.errors import Code
from tests.factories.referrals import column, offered
from tests.factories.times import NINE
from tests.factories.world import World, make_pool
from tests.support.calls import check_problem, everything
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.offering import Desks, desks_of
from tests.support.serving import Serving


@pytest.fixture
async def desks(api: Serving, served: World) -> AsyncIterator[Desks]:
    """A coordination point and two intake desks, with two places each."""
    async with desks_of(api, served, places=2) as opened:
        yield opened


async def say(
    client: httpx.AsyncClient, offer_id: UUID, act: str, body: object = None
) -> httpx.Response:
    """An act on an offer."""
    return await client.post(f"/v1/offers/{offer_id}/{act}", json=body)


async def state(desks: Desks, referral_id: UUID) -> object:
    """Where a referral is."""
    return await column(desks.world, "referral", referral_id, "state")


async def test_one_of_two_that_accept_at_once_wins_and_the_other_hears_what_happened(
    desks: Desks,
) -> None:
    referral_id, one, two = await desks.asked()
    yes = {"text": "Kom maar", "if_doctor_agrees": False}
    answers = await asyncio.gather(
        say(desks.first, one, "acceptance", yes),
        say(desks.second, two, "acceptance", yes),
        say(desks.coordinator, one, "acceptance", yes),
    )
    won = [answer for answer in answers if answer.status_code == 200]
    assert len(won) == 1
    assert won[0].json()["offer"]["state"] == "toegezegd"
    for answer in answers:
        if answer not in won:
            told = check_problem(answer, 409, Code.OFFER_ENDED)
            ours = answer.url.path == won[0].url.path
            expected = ("toegezegd", None) if ours else ("ingetrokken", "elders-geaccepteerd")
            assert (told["state"], told["reason"]) == expected
    assert await state(desks, referral_id) == "geaccepteerd"


async def test_a_yes_after_the_deadline_counts_and_is_marked(desks: Desks, clock: Clock) -> None:
    clock.set(NINE)
    _, (offer_id,) = await offered(desks.world)
    clock.turn(timedelta(hours=5))
    admission = (clock.now() + timedelta(hours=2)).isoformat()
    early = (NINE - timedelta(hours=1)).isoformat()
    answer = await say(desks.first, offer_id, "acceptance", {"happened_at": early})
    problem = check_problem(answer, 400, Code.INVALID_INPUT)
    assert problem["errors"][0]["pointer"] == "/happened_at"
    answer = await say(desks.first, offer_id, "acceptance", {"admission_at": admission})
    assert answer.json()["offer"] == {
        "id": str(offer_id),
        "state": "toegezegd",
        "version": 2,
        "late": True,
    }
    assert answer.json()["state"] is None
    told = (await desks.coordinator.get(f"/v1/offers/{offer_id}")).json()
    assert told["late"] is True
    assert told["coordination"]["by_phone"] is False
    assert told["admission_at"][:16] == admission[:16]


async def test_a_no_has_a_code_and_a_question_is_answered(desks: Desks) -> None:
    referral_id, one, two = await desks.asked()
    seen = await say(desks.first, one, "sight")
    assert seen.json()["offer"]["version"] == 2
    assert (await say(desks.first, one, "sight")).json()["offer"]["version"] == 2
    asked = await say(desks.first, one, "questions", {"text": "Tillift nodig?"})
    assert asked.status_code == 201
    reply = f"/v1/referrals/{referral_id}/questions/{asked.json()['id']}/answer"
    assert (await desks.coordinator.post(reply, json={"text": "Nee."})).is_success
    (question,) = (await desks.first.get(f"/v1/offers/{one}")).json()["questions"]
    assert (question["text"], question["answer"]) == ("Tillift nodig?", "Nee.")
    assert (await desks.second.get(f"/v1/offers/{two}")).json()["questions"] == []

    no = {"code": "geen-personeel", "text": "Twee zieken"}
    answer = await say(desks.first, one, "refusal", no)
    assert answer.json()["offer"]["state"] == "geweigerd"
    told = check_problem(await say(desks.first, one, "refusal", no), 409, Code.OFFER_ENDED)
    assert (told["state"], told["reason"]) == ("geweigerd", "geen-personeel")
    by_phone = await say(desks.coordinator, two, "refusal", {"code": "geen-plek"})
    assert by_phone.json()["state"] == "getrieerd"
    assert (await desks.coordinator.get(f"/v1/offers/{two}")).json()["coordination"]["by_phone"]


async def test_something_else_is_promised_once_the_coordination_point_agrees(
    desks: Desks, clock: Clock
) -> None:
    world = desks.world
    other_pool = await make_pool(world.container, world.location_id)
    _, (offer_id,) = await offered(world)
    tomorrow = (clock.now() + timedelta(days=1)).isoformat()
    nothing = await say(desks.first, offer_id, "counter-proposal", {"text": "Liever niet"})
    check_problem(nothing, 400, Code.INVALID_INPUT)
    theirs = await say(
        desks.first, offer_id, "counter-proposal", {"pool_id": str(desks.second_pool_id)}
    )
    assert check_problem(theirs, 400, Code.INVALID_INPUT)["errors"][0]["pointer"] == "/pool_id"
    proposed = {"pool_id": str(other_pool), "admission_at": tomorrow}
    assert (await say(desks.first, offer_id, "counter-proposal", proposed)).is_success
    agreed = {"agreed": True}
    check_problem(
        await say(desks.first, offer_id, "counter-decision", agreed), 403, Code.NOT_ALLOWED
    )
    answer = await say(desks.coordinator, offer_id, "counter-decision", agreed)
    assert answer.json()["state"] == "geaccepteerd"
    told = (await desks.first.get(f"/v1/offers/{offer_id}")).json()
    assert told["place"]["pool_id"] == str(other_pool)
    assert told["admission_at"][:16] == tomorrow[:16]


async def test_client_and_doctor_have_their_say(desks: Desks) -> None:
    referral_id, one, _ = await desks.asked()
    condition = {"if_doctor_agrees": True}
    answer = await say(desks.first, one, "acceptance", condition)
    assert (await desks.first.get(f"/v1/offers/{one}")).json()["awaiting"] == "arts"
    assert await state(desks, referral_id) == "onder-voorbehoud-arts"
    admission = await say(desks.first, one, "admission", {})
    told = check_problem(admission, 409, Code.WRONG_STATE)
    assert told["state"] == "onder-voorbehoud-arts"
    assert (await say(desks.first, one, "doctor-answer", {"agreed": True})).is_success
    asked = await say(desks.coordinator, one, "client-question")
    assert asked.json()["state"] == "wacht-op-client"
    answer = await say(desks.coordinator, one, "client-answer", {"agreed": False})
    assert answer.json()["offer"]["state"] == "losgelaten"
    assert await desks.world.balance() == 2


async def test_what_cannot_be_is_told_clearly_and_changes_nothing(
    desks: Desks, database: Database
) -> None:
    world = desks.world
    asked = [(await offered(world))[1][0] for _ in range(3)]
    offer_id, _, last = asked
    for one in asked[:2]:
        assert (await say(desks.first, one, "acceptance", {})).is_success
    before = await everything(database)
    full = await say(desks.first, last, "acceptance", {})
    assert check_problem(full, 409, Code.NO_PLACE_LEFT)["free"] == 0
    bed = await say(desks.first, last, "acceptance", {"bed_id": str(last)})
    assert bed.status_code == 400 or bed.status_code == 409
    check_problem(await say(desks.second, last, "acceptance", {}), 404, Code.NOT_FOUND)
    check_problem(
        await say(desks.first, offer_id, "release", {"reason": "vergissing"}),
        *(400, Code.INVALID_INPUT),
    )
    check_problem(
        await say(desks.coordinator, last, "withdrawal", {"reason": "elders-geaccepteerd"}),
        *(400, Code.INVALID_INPUT),
    )
    check_problem(
        await say(desks.coordinator, offer_id, "withdrawal", {"reason": "vergissing"}),
        *(409, Code.OFFER_ENDED),
    )
    check_problem(
        await say(desks.first, last, "withdrawal", {"reason": "vergissing"}),
        *(403, Code.NOT_ALLOWED),
    )
    assert await everything(database) == before
    over = await say(desks.first, last, "acceptance", {"over_free": True})
    assert over.status_code == 200
    assert await world.balance() == -1
