"""Triage over HTTP: advised while asking, decided with an argument, kept with its reasons."""

from tests.factories.referrals import ELV_LAAG_FACTS
from tests.factories.world import World
from tests.support.calls import everything
from tests.support.database import Database
from tests.support.referral_calls import BODIES
from tests.support.scenarios import Desk

INTAKE = BODIES["POST", "/v1/referrals"]
FACTS = dict(ELV_LAAG_FACTS)


async def test_who_is_still_asking_is_told_what_to_ask_and_nothing_is_kept(
    served: World, point: Desk, referrer: Desk, database: Database
) -> None:
    before = await everything(database)
    rules = await referrer.get("/triage-rules")
    facts = {fact["name"]: fact for fact in rules["facts"]}
    # The check of the board is recorded, never told.
    assert "regulier-bekeken" not in facts
    assert facts["wlz"]["values"]["geen"] == "geen Wlz-indicatie"
    assert facts["gevaar"]["values"] is None
    first = await point.post("/triage-advice", {"facts": {}})
    assert (first["version"], first["outcomes"]) == (rules["version"], [])
    assert first["asks"][0]["question"] == facts[first["asks"][0]["fact"]]["question"]
    closed = {"birth_year": 1942, "sex": "man", "pc4": "2725", "setting": "ggz"}
    flagged = await point.post(
        "/triage-advice", {"facts": {}, "need": {**closed, "legal_status": "wvggz-cm"}}
    )
    assert all(one["red_flag"] for one in flagged["outcomes"])
    assert "ggz-crisisdienst" in [one["outcome"] for one in flagged["outcomes"]]
    advised = await point.post("/triage-advice", {"facts": FACTS})
    assert [one["outcome"] for one in advised["outcomes"]][:1] == ["elv-laag"]
    assert all(one["reasons"][0]["text"] and one["source"] for one in advised["outcomes"])
    mfb = [one for one in advised["outcomes"] if one["outcome"] == "mfb"]
    assert [one["usable"] for one in mfb] == [False]
    for body, pointer in (
        ({"facts": {"onbekend": True}}, "/facts/onbekend"),
        ({"facts": {"wlz": True}}, "/facts/wlz"),
        ({"facts": {"regulier-bekeken": True}}, "/facts/regulier-bekeken"),
        ({"facts": {}, "need": {**closed, "features": ["kamer-man"]}}, "/need/features"),
    ):
        problem = await point.refused("invalid-input", "POST", "/triage-advice", body)
        assert problem["errors"][0]["pointer"] == pointer
    assert await everything(database) == before


async def test_a_choice_beside_the_advice_needs_its_argument(
    served: World, point: Desk, neighbour: Desk, database: Database
) -> None:
    referral_id = (await point.post("/referrals", INTAKE))["id"]
    path = f"/referrals/{referral_id}/triage"
    chosen = {"facts": FACTS, "chosen": "grz"}
    before = await everything(database)
    for body, pointer in (
        (chosen, "/argument"),
        ({**chosen, "argument": "   "}, "/argument"),
        ({**chosen, "chosen": "hotel"}, "/chosen"),
        # Nobody says that the board was looked at: that is recorded.
        ({**chosen, "facts": {"regulier-bekeken": True}}, "/facts/regulier-bekeken"),
    ):
        problem = await point.refused("invalid-input", "POST", path, body)
        assert problem["errors"][0]["pointer"] == pointer
    stale = await point.client.post(f"/v1{path}", json=chosen, headers={"if-match": '"7"'})
    assert stale.status_code == 412
    await neighbour.refused("not-found", "POST", path, {**chosen, "argument": "dichtbij"})
    assert await everything(database) == before
    done = await point.post(
        path, {**chosen, "argument": "geriater zag haar"}, **{"if-match": '"1"'}
    )
    assert (done["state"], done["version"]) == ("getrieerd", 2)
    whole = await point.get(f"/referrals/{referral_id}")
    kept = whole["triage"]
    assert (kept["id"], kept["chosen"], kept["deviates"]) == (done["id"], "grz", True)
    assert kept["argument"] == "geriater zag haar"
    assert kept["advice"][0]["outcome"] == "elv-laag"
    assert whole["care_types"] == {"asked": "elv-laag", "triaged": "grz", "placed": None}


async def test_who_belongs_in_hospital_is_closed_by_triage(served: World, point: Desk) -> None:
    referral_id = (await point.post("/referrals", INTAKE))["id"]
    facts = {**FACTS, "medisch-specialistische-zorg": True}
    done = await point.post(
        f"/referrals/{referral_id}/triage", {"facts": facts, "chosen": "ziekenhuis"}
    )
    assert done["state"] == "afgesloten"
    whole = await point.get(f"/referrals/{referral_id}")
    assert (whole["ended_reason"], whole["next_action"]) == ("naar-ziekenhuis", None)
