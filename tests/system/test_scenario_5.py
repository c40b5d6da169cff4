"""Scenario 5: places that nobody confirms, a call that restores one, and two who want it at once."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
from httpx import codes

from tests.factories.clock import amsterdam
from tests.factories.world import World
from tests.support.clock import Clock
from tests.support.scenarios import Desk, Region
from tests.support.serving import Serving

THURSDAY = amsterdam("2026-11-26T14:30:00")


async def found(client: httpx.AsyncClient, position: str | None = None) -> dict[str, Any]:
    """Who can take somebody for eerstelijnsverblijf."""
    asked = {"care_type": "elv-laag"} | ({"min_position": position} if position else {})
    answer = await client.get("/v1/availability", params=asked)
    assert answer.status_code == codes.OK, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_three_free_on_thursday_are_not_believed_on_sunday_until_somebody_phones(
    api: Serving, world: World, clock: Clock
) -> None:
    pool = f"/v1/pools/{world.pool_id}"
    async with (
        api.client(world.provider.key) as provider,
        api.client(world.coordinator.key) as coordinator,
    ):
        clock.set(THURSDAY)
        posted = await provider.put(f"{pool}/report", json={"free": 3})
        assert posted.status_code == codes.OK
        answer = await found(coordinator, posted.json()["position"])
        assert [item["free"] for item in answer["items"]] == [3]
        assert answer["items"][0]["freshness"] == "vers"

        clock.set(THURSDAY + timedelta(days=3))
        shown = (await coordinator.get(pool)).json()["capacity"]
        assert (shown["freshness"], shown["free"]) == ("onbevestigd", 3)
        answer = await found(coordinator)
        assert answer["items"] == []

        told = {"free": 2, "note": "gebeld met de dienstdoende verpleegkundige"}
        phoned = await coordinator.put(f"{pool}/report", json=told)
        assert phoned.status_code == codes.OK
        answer = await found(coordinator, phoned.json()["position"])
        (item,) = answer["items"]
        assert (item["free"], item["source"], item["freshness"]) == (2, "phone", "vers")

        past = (await coordinator.get(f"{pool}/reports")).json()["items"]
        assert [(report["source"], report["free"]) for report in past] == [("phone", 2), ("api", 3)]
        assert past[0]["note"] == told["note"]


NEED: dict[str, Any] = {
    "sex": "man",
    "pc4": "2725",
    "setting": "huisartsenpost",
    "infection": "geen",
    "behaviour": "rustig",
    "urgency": "acuut",
    "route": "phone",
    "callback": "079 987 65 43",
}
#: What triage knows of somebody for whom nothing but an MFB is left.
FACTS: dict[str, Any] = {
    "medisch-specialistische-zorg": False,
    "acute-psychiatrie": False,
    "thuis-mogelijk": False,
    "val-met-onzekerheid": False,
    "wlz": "geen",
    "levensverwachting-korter-dan-3-maanden": False,
    "revalidatiedoel": False,
    "medische-noodzaak": False,
    "mantelzorg-weggevallen": False,
}


async def test_of_two_coordinators_who_hold_the_last_mfb_one_has_it(region: Region) -> None:
    region.at("2026-11-26T14:30:00")
    first = region.coordinator
    second = await region.organisation("coordination-point", "Punt Den Haag", "coordinator")
    silent = await region.organisation("provider", "De Stille", "provider-capacity")
    linde = await region.organisation("provider", "De Linde", "provider-capacity")
    mfb, beds = await region.beds(silent, "De Stille", 3)
    further, (other,) = await region.beds(linde, "De Linde", 1)
    *_, posted = [await silent.put(f"/beds/{bed}", {"state": "free"}) for bed in beds]
    assert await _free(first, posted) == {mfb: 3}

    # Sunday: silent for three days, so nobody is matched with it, and nobody holds it.
    region.at("2026-11-29T14:30:00")
    told = await linde.put(f"/beds/{other}", {"state": "free"})
    assert await _free(first, told) == {further: 1}
    await region.tell_stale()
    stale = (await first.get("/alerts", kind="capaciteit-onbevestigd"))["items"]
    assert [alert["pool_id"] for alert in stale] == [mfb]
    shown = (await first.get(f"/pools/{mfb}"))["capacity"]
    assert (shown["freshness"], shown["free"]) == ("onbevestigd", 3)
    callers = [(desk, await _waiting(desk, year)) for desk, year in ((first, 1936), (second, 1939))]
    for desk, path in callers:
        problem = await desk.refused("no-place-left", "POST", f"{path}/claims", {"pool_id": mfb})
        assert problem["free"] is None, "nobody knows"

    # By telephone one of the three turns out to be free, and that is said.
    note = {"note": "gebeld met de nachtdienst"}
    for bed, said in zip(beds, ("occupied", "occupied", "free"), strict=True):
        told = await first.put(f"/beds/{bed}", {"state": said, **note})
    assert await _free(first, told) == {mfb: 1, further: 1}
    await region.tell_stale()
    assert (await first.get("/alerts", kind="capaciteit-onbevestigd"))["items"] == []
    report = (await first.get(f"/beds/{beds[2]}"))["report"]
    assert (report["source"], report["freshness"]) == ("phone", "vers")

    # Two press "vasthouden" at once, and again: one claim, whoever was first.
    now = region.at("2026-11-29T14:40:00")
    answers = await asyncio.gather(
        *(
            desk.client.post(f"/v1{path}/claims", json={"pool_id": mfb})
            for _ in range(2)
            for desk, path in callers
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    (held,) = [answer.json() for answer in answers if answer.status_code == codes.CREATED]
    whose = [path for _, path in callers].index(f"/referrals/{held['referral_id']}")
    (winner, won), (loser, lost) = callers[whose], callers[1 - whose]
    for answer in (answers[1 - whose], answers[3 - whose]):
        problem = answer.json()
        assert problem["type"].endswith(":no-place-left")
        until = datetime.fromisoformat(problem["held_until"])
        assert timedelta(minutes=29) < until - now < timedelta(minutes=31)
        (else_,) = problem["alternatives"]
        assert (else_["pool_id"], else_["free"]) == (further, 1)
        assert else_.keys() == {"pool_id", "name", "location", "free", "telephone"}
        # When, and what else; never who it is, nor for whom.
        assert problem.keys() <= {
            *("type", "title", "status", "detail", "instance"),
            *("free", "held_until", "alternatives"),
        }
        for word in (held["referral_id"], held["number"], "079 987"):
            assert word not in answer.text
    twice = await winner.refused("already-exists", "POST", f"{won}/claims", {"pool_id": mfb})
    assert twice["status"] == codes.CONFLICT
    await loser.refused("not-found", "GET", won)
    assert await _free(loser, held) == {further: 1}
    assert (await loser.get(f"/beds/{beds[2]}"))["shown"] == "claimed"

    # Nobody asked for it in half an hour, so the clock lets go of it, and the other may.
    region.at("2026-11-29T15:10:30")
    await region.sweep()
    await region.settled()
    claimed = await loser.post(f"{lost}/claims", {"pool_id": mfb, "bed_id": beds[2]})
    await loser.client.delete(f"/v1{lost}/claims/{claimed['id']}")
    steps = [step["step"] for step in (await winner.get(f"{won}/history"))["items"]]
    assert [step for step in steps if step.startswith("claim")] == ["claimed", "claim-expired"]


async def _waiting(desk: Desk, birth_year: int) -> str:
    """The path of the referral of somebody for whom the board has nothing regular."""
    filed = await desk.post("/referrals", {**NEED, "birth_year": birth_year})
    path = f"/referrals/{filed['referral_id']}"
    triaged = {"facts": FACTS, "chosen": "mfb", "argument": "Niets anders past"}
    await desk.post(f"{path}/triage", triaged)
    return path


async def _free(desk: Desk, done: Any) -> dict[str, int]:
    """The MFB places that somebody can be matched with."""
    asked = {"care_type": "mfb", "min_position": done["position"]}
    return {
        item["id"]: item["free"] for item in (await desk.get("/availability", **asked))["items"]
    }
