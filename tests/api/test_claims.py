"""Looking at the board and holding a place, over HTTP: once, for some minutes, never telling for whom."""

from datetime import datetime
from uuid import uuid4

from domain.errors import Code
from tests.factories.referrals import with_places
from tests.factories.world import World
from tests.support.calls import check_problem, everything
from tests.support.database import Database
from tests.support.referral_calls import BODIES
from tests.support.scenarios import Desk

INTAKE = BODIES["POST", "/v1/referrals"]
TRIAGE = BODIES["POST", "/v1/referrals/{referral_id}/triage"]


async def triaged(point: Desk) -> str:
    """A referral that was triaged to ELV laag."""
    referral_id: str = (await point.post("/referrals", {**INTAKE, "features": []}))["id"]
    await point.post(f"/referrals/{referral_id}/triage", TRIAGE)
    return referral_id


async def test_a_look_at_the_board_is_kept_with_what_stood_in_the_way(
    served: World, point: Desk, neighbour: Desk
) -> None:
    await with_places(served, 2, occupied=2)
    referral_id = await triaged(point)
    path = f"/referrals/{referral_id}/board-checks"
    done = await point.post(path, {"care_types": ["grz"]})
    check = done["check"]
    looked_at = {product["care_type"]: product for product in check["products"]}
    assert list(looked_at)[-1] == "grz"
    assert looked_at["elv-laag"]["looked_at"] == 1
    assert (check["regular_failed"], check["failed"]) == (True, 1)
    (place,) = check["places"]
    assert place["id"] == str(served.pool_id)
    assert "vol" in [failure["criterion"] for failure in place["failures"]]
    assert (await point.get(f"/referrals/{referral_id}"))["board_check"]["found"] == check
    await neighbour.refused("not-found", "POST", path, {})
    untriaged = (await point.post("/referrals", INTAKE))["id"]
    problem = await point.refused("wrong-state", "POST", f"/referrals/{untriaged}/board-checks", {})
    assert problem["state"] == "ingediend"


async def test_a_place_is_held_once_and_let_go(
    served: World, point: Desk, neighbour: Desk, database: Database
) -> None:
    await with_places(served, 1)
    first, second = await triaged(point), await triaged(point)
    body = {"pool_id": str(served.pool_id)}
    held = await point.post(f"/referrals/{first}/claims", body)
    assert await served.balance() == 0
    before = await everything(database)
    answer = await point.client.post(f"/v1/referrals/{second}/claims", json=body)
    problem = check_problem(answer, 409, Code.NO_PLACE_LEFT)
    (claim,) = (await point.get(f"/referrals/{first}"))["claims"]
    assert (claim["id"], claim["location_name"]) == (held["id"], "De Linde")
    told = {name: problem[name] for name in ("free", "alternatives")}
    assert told == {"free": 0, "alternatives": []}
    assert datetime.fromisoformat(problem["held_until"]) == datetime.fromisoformat(
        claim["expires_at"]
    )
    assert first not in answer.text
    await point.refused("already-exists", "POST", f"/referrals/{first}/claims", body)
    unknown = {"pool_id": str(uuid4())}
    await point.refused("invalid-input", "POST", f"/referrals/{first}/claims", unknown)
    for desk, referral_id in ((neighbour, first), (point, second)):
        await desk.refused("not-found", "DELETE", f"/referrals/{referral_id}/claims/{held['id']}")
    # Reading is kept in the audit; nothing else changed.
    after = await everything(database)
    assert {name for name in after if after[name] != before[name]} == {"audit"}
    gone = await point.client.delete(f"/v1/referrals/{first}/claims/{held['id']}")
    assert gone.status_code == 200
    assert await served.balance() == 1
    await point.refused("not-found", "DELETE", f"/referrals/{first}/claims/{held['id']}")
    await point.post(f"/referrals/{second}/claims", body)


async def test_a_question_waits_for_its_answer_and_the_referrer_gives_it(
    served: World, point: Desk, referrer: Desk, neighbour: Desk
) -> None:
    referral_id = (await referrer.post("/referrals", INTAKE))["id"]
    path = f"/referrals/{referral_id}/questions"
    await point.refused("invalid-input", "POST", path, {"text": " \n "})
    await neighbour.refused("not-found", "POST", path, {"text": "Sinds wanneer?"})
    asked = await point.post(path, {"text": "Sinds wanneer?"})
    assert asked["state"] == "aanvulling-gevraagd"
    followed = await referrer.get(f"/referrals/{referral_id}")
    assert [(q["text"], q["answer"]) for q in followed["questions"]] == [("Sinds wanneer?", None)]
    assert (followed["next_action"], followed["waits_on"]) == ("aanvullen", "verwijzer")
    answer = f"{path}/{asked['id']}/answer"
    await neighbour.refused("not-found", "POST", answer, {"text": "Gisteren"})
    done = await referrer.post(answer, {"text": "Gisteren\nom vier uur"})
    assert done["state"] == "ingediend"
    await referrer.refused("not-found", "POST", answer, {"text": "Vandaag"})
    (question,) = (await point.get(f"/referrals/{referral_id}"))["questions"]
    assert question["answer"] == "Gisteren\nom vier uur"
