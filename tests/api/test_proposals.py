"""The whole waiting list over HTTP: what it gains in sum, made once a key, adopted in part."""

from typing import Any

from domain.errors import Code
from tests.factories.referrals import with_places
from tests.factories.world import REGION, World
from tests.support.referral_calls import BODIES
from tests.support.scenarios import Desk

INTAKE = BODIES["POST", "/v1/referrals"]
TRIAGE = BODIES["POST", "/v1/referrals/{referral_id}/triage"]


async def waiting(point: Desk, urgency: str) -> str:
    """Somebody who was triaged to ELV laag."""
    intake = {**INTAKE, "features": [], "urgency": urgency}
    referral_id: str = (await point.post("/referrals", intake))["id"]
    await point.post(f"/referrals/{referral_id}/triage", TRIAGE)
    return referral_id


async def test_a_proposal_is_made_read_and_adopted(served: World, point: Desk) -> None:
    await with_places(served, 2)
    spoed, acuut, regulier = [await waiting(point, one) for one in ("spoed", "acuut", "regulier")]
    path = f"/regions/{REGION}/proposals"
    made: dict[str, Any] = await point.post(path, **{"idempotency-key": "een-keer"})
    assert made == await point.post(path, **{"idempotency-key": "een-keer"})
    found = await point.get(f"/proposals/{made['id']}")
    assert found == made
    assert [item["referral_id"] for item in made["items"]] == [acuut, spoed, regulier]
    assert made["together"] == {"placed": 2, "acuut": 1, "spoed": 1, "km": 0}
    assert made["one_by_one"] == made["together"]
    first, _, last = made["items"]
    assert first["proposed"]["pool_id"] == str(served.pool_id)
    # Nobody told where that postcode is.
    assert first["proposed"]["km"] is None
    assert (last["proposed"], last["unplaced"]) == (None, "naar-wie-eerder-komt")

    adoption = f"/proposals/{made['id']}/adoption"
    problem = await point.refused(
        Code.INVALID_INPUT, "POST", adoption, {"items": [spoed, made["id"]]}
    )
    assert problem["errors"][0]["pointer"] == "/items/1"
    (done,) = (await point.post(adoption, {"items": [spoed]}))["items"]
    (offer,) = (await point.get("/offers", referral_id=spoed))["items"]
    assert done == {
        "referral_id": spoed,
        "outcome": "gevraagd",
        "offer_id": offer["id"],
        "failures": [],
    }
    whole = (await point.post(adoption, {}))["items"]
    assert [(one["referral_id"], one["outcome"]) for one in whole] == [
        (acuut, "gevraagd"),
        (spoed, "gevraagd"),
    ]
    assert whole[1] == done
    kept = (await point.get(f"/proposals/{made['id']}"))["items"]
    assert [item["offer_id"] is not None for item in kept] == [True, True, False]
