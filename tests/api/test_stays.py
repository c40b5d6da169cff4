"""From a promise to leaving, over HTTP, by the provider: places count at once, also across providers."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from domain.errors import Code
from tests.factories.referrals import column, offered, promised
from tests.factories.times import NINE
from tests.factories.world import World
from tests.support.calls import check_problem, everything
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.offering import Desks, desks_of
from tests.support.serving import Serving


@pytest.fixture
async def desks(api: Serving, served: World, clock: Clock) -> AsyncIterator[Desks]:
    """A coordination point and two intake desks, on a Wednesday morning."""
    clock.set(NINE)
    async with desks_of(api, served, places=3) as opened:
        yield opened


async def told(answer: httpx.Response) -> dict[str, Any]:
    """What a call that succeeded answers."""
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_provider_takes_somebody_in_and_lets_them_go(desks: Desks, clock: Clock) -> None:
    world = desks.world
    referral_id, offer_id = await promised(world)
    offer, case = f"/v1/offers/{offer_id}", f"/v1/referrals/{referral_id}"
    at = NINE + timedelta(hours=4)
    appointment = {
        "admission_at": at.isoformat(),
        "settled": {"transport": True},
        "contact": "Transferbureau, 079 765 43 21",
    }
    await told(await desks.first.put(f"{offer}/appointment", json=appointment))
    shown = await told(await desks.first.get(offer))
    assert shown["appointment"]["transport"] is True
    assert shown["appointment"]["aids"] is False
    assert shown["contact"] == "Transferbureau, 079 765 43 21"
    clock.turn(timedelta(hours=5))
    came = {"admitted_at": at.isoformat(), "expected_discharge": "2026-12-01"}
    admitted = await desks.first.post(f"{offer}/admission", json=came)
    assert admitted.status_code == 201
    body = await told(admitted)
    assert body["offer"]["state"] == "opgenomen"
    assert (body["referral_id"], body["state"]) == (str(referral_id), None)
    assert await world.balance() == 2
    later = {"expected": "2026-12-05"}
    await told(await desks.first.put(f"{case}/expected-discharge", json=later))
    awaited = {"awaited": "wijkverpleging"}
    await told(await desks.first.post(f"{case}/discharge-readiness", json=awaited))
    check_problem(
        await desks.second.post(f"{case}/discharge", json={"destination": "thuis"}),
        *(404, Code.NOT_FOUND),
    )
    left = await told(await desks.first.post(f"{case}/discharge", json={"destination": "thuis"}))
    assert left["state"] is None
    assert await world.balance() == 3
    again = await desks.coordinator.post(f"{case}/discharge", json={"destination": "thuis"})
    assert check_problem(again, 409, Code.WRONG_STATE)["state"] == "afgesloten"


async def test_who_waits_at_one_provider_is_admitted_at_another_and_leaves_there(
    desks: Desks,
) -> None:
    world = desks.world
    referral_id, offer_id = await promised(world)
    temporary = {"temporary": True}
    await told(await desks.first.post(f"/v1/offers/{offer_id}/admission", json=temporary))
    assert await world.balance() == 2
    await offered(world, desks.second_pool_id, referral_id=referral_id)
    (offer,) = (await told(await desks.second.get("/v1/offers")))["items"]
    await told(await desks.second.post(f"/v1/offers/{offer['id']}/acceptance", json={}))
    await told(await desks.second.post(f"/v1/offers/{offer['id']}/admission", json={}))
    assert await world.balance() == 3
    assert await column(world, "pool", desks.second_pool_id, "balance") == 2
    kept = await desks.coordinator.post(f"/v1/referrals/{referral_id}/stay-kept")
    assert check_problem(kept, 409, Code.WRONG_STATE)["state"] == "opgenomen"
    check_problem(
        await desks.first.post(
            f"/v1/referrals/{referral_id}/discharge", json={"destination": "thuis"}
        ),
        *(404, Code.NOT_FOUND),
    )


async def test_who_did_not_come_is_expected_again_or_the_place_is_given_back(
    desks: Desks, database: Database
) -> None:
    world = desks.world
    _, offer_id = await promised(world)
    path = f"/v1/offers/{offer_id}"
    before = await everything(database)
    tomorrow = (NINE + timedelta(days=1)).isoformat()
    for body, pointer in (
        ({"admitted_at": tomorrow}, "/admitted_at"),
        ({"admitted_at": "2026-09-01T08:00:00Z"}, "/admitted_at"),
        ({"expected_discharge": "2029-01-01"}, "/expected_discharge"),
    ):
        answer = await desks.first.post(f"{path}/admission", json=body)
        problem = check_problem(answer, 400, Code.INVALID_INPUT)
        assert problem["errors"][0]["pointer"] == pointer
    appointment = {"admission_at": tomorrow, "settled": {"koffie": True}}
    answer = await desks.first.put(f"{path}/appointment", json=appointment)
    assert (
        check_problem(answer, 400, Code.INVALID_INPUT)["errors"][0]["pointer"] == "/settled/koffie"
    )
    assert await everything(database) == before

    again = await told(
        await desks.first.post(f"{path}/non-arrival", json={"expected_at": tomorrow})
    )
    assert again["offer"]["state"] == "toegezegd"
    assert await world.balance() == 2
    gone = await told(await desks.first.post(f"{path}/non-arrival", json={"expected_at": None}))
    assert gone["offer"]["state"] == "losgelaten"
    assert gone["referral_id"] is None
    assert await world.balance() == 3
    ended = check_problem(
        await desks.first.post(f"{path}/admission", json={}), 409, Code.OFFER_ENDED
    )
    assert ended["reason"] == "niet-aangekomen"
