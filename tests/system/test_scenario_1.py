"""Scenario 1: a SEH phones on Friday at 17:30 about a broken arm, and an MFB catches what nothing else can."""

from typing import Any

from tests.support.scenarios import Desk, Region, heard

#: She can't be at home without somebody at night; one condition, and she goes home again.
FACTS: dict[str, Any] = {
    "medisch-specialistische-zorg": False,
    "acute-psychiatrie": False,
    "crisismaatregel": False,
    "thuis-mogelijk": False,
    "val-met-onzekerheid": False,
    "wlz": "geen",
    "levensverwachting-korter-dan-3-maanden": False,
    "revalidatiedoel": False,
    "medische-noodzaak": True,
    "terugkeer-naar-huis": True,
    "aandoeningen": "enkelvoudig",
}
OFFICE_HOURS = {"days": ["ma", "di", "wo", "do", "vr"], "opens": "10:00", "closes": "16:00"}


async def test_a_seh_that_phones_on_friday_evening_has_a_place_within_two_hours(
    region: Region,
) -> None:
    region.at("2026-11-27T14:50:00")
    coordinator = region.coordinator
    seh = await region.organisation("hospital", "Ziekenhuis", "referrer")
    consultant = await region.organisation("provider", "De Specialisten", "provider-intake")
    vesting = await region.organisation("provider", "De Vesting", "provider-intake")
    linde = await region.organisation("provider", "De Linde", "provider-intake")
    capacity = await region.key(vesting.organisation_id, "provider-capacity")
    pool = await region.pool(vesting, "ELV", "elv-laag", admission_rules=OFFICE_HOURS)
    teams = [
        await region.team(
            vesting, name, skills=["basis", "acuut"], dagdelen=["ochtend", "avond", *more]
        )
        for name, more in (("Acuut", ["nacht"]), ("Oost", []))
    ]
    beds_of: dict[str, tuple[str, list[str]]] = {}
    for desk in (vesting, linde):
        beds_of[desk.organisation_id] = await region.beds(desk, "MFB", 2)
    mfb, (bed, other) = beds_of[vesting.organisation_id]

    # What everybody posts before the weekend.
    await capacity.put(f"/pools/{pool}/report", {"free": 2})
    no_night = {"light": "groen", "exceptions": [{"dagdeel": "nacht", "light": "rood"}]}
    await capacity.put(f"/home-care-teams/{teams[0]}/report", no_night)
    await capacity.put(f"/home-care-teams/{teams[1]}/report", {"light": "groen"})
    for desk in (vesting, linde):
        posting = await region.key(desk.organisation_id, "provider-capacity")
        for one in beds_of[desk.organisation_id][1]:
            await posting.put(f"/beds/{one}", {"state": "free"})
    await region.settled()

    # The SEH phones; the coordinator types.
    region.at("2026-11-27T17:30:00")
    filed = await coordinator.post(
        "/referrals",
        {
            "birth_year": 1942,
            "sex": "vrouw",
            "pc4": "2725",
            "setting": "seh",
            "needed_by": "2026-11-27T22:00:00Z",
            "infection": "geen",
            "behaviour": "rustig",
            "skills": ["acuut", "basis"],
            "dagdelen": ["avond", "nacht"],
            "urgency": "acuut",
            "what_happened": "Gevallen, bovenarm gebroken, geen operatie",
            "help_needed": "Woont alleen; hulp bij alles met twee handen, ook 's nachts",
            "callback": "079 123 45 67",
            "requested_by": seh.organisation_id,
            "route": "phone",
        },
    )
    path = f"/referrals/{filed['referral_id']}"
    assert filed["state"] == "ingediend"
    async with (
        region.listening(seh, "referral-statuses") as status,
        region.listening(linde, "offers") as loser,
    ):
        await _home_and_the_regular_places_are_looked_at(region, path, pool, teams, mfb)

        # A specialist ouderengeneeskunde is asked what she thinks: one call.
        region.at("2026-11-27T18:40:00")
        spoken = {
            "kind": "call-out",
            "outcome": "spoken",
            "organisation_id": consultant.organisation_id,
            "seconds": 300,
            "text": "Kan naar een MFB; pijnstilling nakijken",
        }
        await coordinator.post(f"{path}/contacts", spoken)

        # Two are asked at once, and each sees that it isn't the only one.
        region.at("2026-11-27T19:10:00")
        others = beds_of[linde.organisation_id][0]
        asked = await coordinator.post(
            f"{path}/offers", {"to": [{"pool_id": mfb}, {"pool_id": others}]}
        )
        won, lost = asked["offers"]
        for desk, offer_id in ((vesting, won), (linde, lost)):
            (item,) = (await desk.get("/offers", open=True))["items"]
            assert (item["id"], item["asked"], item["birth_year"]) == (offer_id, 2, None)
        seen = await linde.get(f"/offers/{lost}")
        assert (seen["need"]["age_from"], seen["need"]["pc4"]) == (80, "2725")
        assert seen["texts"]["what_happened"].startswith("Gevallen")
        assert seen["callback"] is seen["referral_id"] is seen["coordination"] is None
        await linde.post(f"/offers/{lost}/sight")

        # Ten minutes later the coordinator is told to phone the one who hasn't looked.
        await region.sweep()
        assert await _alerts(coordinator, path) == []
        region.at("2026-11-27T19:20:30")
        await region.sweep()
        await region.sweep()
        assert await _alerts(coordinator, path) == ["acuut-niet-gezien"]
        shown = await coordinator.get(path)
        assert shown["next_action"] == "aanbieder-bellen"
        for outcome, left in (("no-answer", ["acuut-niet-gezien"]), ("spoken", [])):
            phoned = {"kind": "call-out", "outcome": outcome, "offer_id": won}
            await coordinator.post(f"{path}/contacts", phoned)
            assert await _alerts(coordinator, path) == left

        # Promised at 19:30. The place counts at once, and the SEH knows.
        region.at("2026-11-27T19:30:00")
        before = (await coordinator.get(f"/pools/{mfb}"))["capacity"]
        assert (before["free"], before["promised"]) == (2, 0)
        promised = await vesting.post(
            f"/offers/{won}/acceptance", {"admission_at": "2026-11-27T20:00:00Z", "bed_id": bed}
        )
        after = await coordinator.get(f"/pools/{mfb}", **_once(promised))
        assert (after["capacity"]["free"], after["capacity"]["promised"]) == (1, 1)
        assert (await coordinator.get(f"/beds/{bed}"))["shown"] == "promised"
        states = await heard(status, promised)
        assert states[-1] == "geaccepteerd"
        assert "aangeboden" in states
        told = await seh.get(path)
        assert told["state"] == "geaccepteerd"
        assert (told["place"]["organisation"], told["place"]["location"]) == ("De Vesting", "MFB")
        assert told["place"]["telephone"] == "079 111 22 33"
        assert told["place"]["promised_at"].startswith("2026-11-27T18:30:")
        assert told["place"]["admission_at"] == "2026-11-27T20:00:00Z"
        assert told.keys().isdisjoint({"offers", "alerts", "board_check", "birth_year"})

        # Who lost knows that it did, and no more.
        assert (await heard(loser, promised))[-1] == "ingetrokken"
        gone = await linde.get(f"/offers/{lost}")
        assert gone["ending"] == "elders-geaccepteerd"
        kept = {name for name, value in gone.items() if value not in (None, [])}
        assert kept == {
            *("id", "state", "version", "offered_at", "deadline_at", "seen_at", "ended_at"),
            *("late", "ending"),
        }
        assert (await linde.get("/offers", open=True))["items"] == []
        await linde.refused("offer-ended", "POST", f"/offers/{lost}/acceptance", {})
        await linde.refused("not-found", "GET", f"/offers/{won}")

    await _comes_and_is_looked_at_again_on_monday(region, vesting, path, won, mfb, bed, other)


async def _home_and_the_regular_places_are_looked_at(
    region: Region, path: str, pool: str, teams: list[str], mfb: str
) -> None:
    """Home first, then the board; an MFB not before that was recorded."""
    coordinator = region.coordinator
    advice = await coordinator.post("/triage-advice", {"facts": FACTS})
    assert [one["outcome"] for one in advice["outcomes"]] == ["elv-laag", "mfb"]
    assert [one["usable"] for one in advice["outcomes"]] == [True, False]
    assert advice["asks"] == []
    (home,) = [one for one in advice["excluded"] if one["outcome"] == "wijkverpleging"]
    assert [reason["code"] for reason in home["reasons"]] == ["thuis-gaat-niet"]
    await coordinator.refused(
        "invalid-input", "POST", f"{path}/triage", {"facts": FACTS, "chosen": "mfb"}
    )
    await coordinator.post(f"{path}/triage", {"facts": FACTS, "chosen": "elv-laag"})
    at_home = {"postcode": "2725", "skill": "acuut", "dagdeel": "nacht"}
    found = (await coordinator.get("/home-care", **at_home))["items"]
    reasons = {team["id"]: [reason["code"] for reason in team["reasons"]] for team in found}
    assert reasons == {teams[0]: ["rood"], teams[1]: ["niet-in-dit-dagdeel"]}
    asked = {"to": [{"pool_id": mfb}], "care_type": "mfb", "argument": "met spoed"}
    await coordinator.refused("board-check-required", "POST", f"{path}/offers", asked)

    looked = await coordinator.post(f"{path}/board-checks", {"care_types": ["wijkverpleging"]})
    check = looked["check"]
    assert check["regular_failed"] is True
    failed = {
        place["id"]: [failure["criterion"] for failure in place["failures"]]
        for place in check["places"]
    }
    assert failed[pool] == ["vroegste-opname"]
    assert failed[teams[0]] == ["stoplicht"]
    assert failed[teams[1]] == ["dagdeel"]
    (late,) = [place["failures"][0]["detail"] for place in check["places"] if place["id"] == pool]
    assert late["earliest"] == "2026-11-30T09:00:00Z", "Monday at ten"
    assert (await coordinator.get(path))["board_check"]["found"] == check
    # Now it needs no argument any more.
    done = await coordinator.post(f"{path}/triage", {"facts": FACTS, "chosen": "mfb"})
    assert done["state"] == "getrieerd"


async def _comes_and_is_looked_at_again_on_monday(
    region: Region, vesting: Desk, path: str, won: str, mfb: str, bed: str, other: str
) -> None:
    """Admitted with a day to leave; the review is on Monday, and home is the goal."""
    coordinator = region.coordinator
    settled = {"transport": True, "medication_list": True, "doctors_spoke": True}
    agreed = {"admission_at": "2026-11-27T20:00:00Z", "settled": settled}
    await vesting.put(f"/offers/{won}/appointment", agreed)
    region.at("2026-11-27T21:10:00")
    came = await vesting.post(f"/offers/{won}/admission", {"expected_discharge": "2026-12-01"})
    # By the norm it would be in the evening, three days after she came.
    assert (await coordinator.get(path))["review_at"].startswith("2026-11-30T20:10:")
    monday = {"next_at": "2026-11-30T09:00:00Z", "text": "Doel: naar huis met wijkverpleging"}
    await vesting.post(f"{path}/reviews", monday)
    assert (await coordinator.get(f"/beds/{bed}", **_once(came)))["shown"] == "occupied"
    assert await _outlook(coordinator, mfb, came) == (1, 1, 1, 2)
    shown = await coordinator.get(path)
    assert (shown["state"], shown["next_action"]) == ("opgenomen", "evalueren")
    assert shown["next_at"] == "2026-11-30T09:00:00Z"
    assert shown["triage"]["facts"]["terugkeer-naar-huis"] is True
    assert shown["contacts"] == {"calls": 2, "attempts": 1}
    assert shown["care_types"] == {"asked": None, "triaged": "mfb", "placed": "mfb"}

    region.at("2026-11-30T10:00:30")
    await region.sweep()
    assert await _alerts(coordinator, path) == ["evaluatie"]
    await vesting.post(f"{path}/reviews", {"next_at": None, "text": "Kan woensdag naar huis"})
    assert await _alerts(coordinator, path) == []
    # When she is expected to leave shifts what is foreseen of the beds.
    posting = await region.key(vesting.organisation_id, "provider-capacity")
    await posting.put(f"/beds/{other}", {"state": "free"})
    for expected, foreseen in (("2026-12-01", (1, 1, 2, 2)), ("2026-12-04", (1, 1, 1, 2))):
        told = await vesting.put(f"{path}/expected-discharge", {"expected": expected})
        assert await _outlook(coordinator, mfb, told) == foreseen
    region.at("2026-12-01T11:00:00")
    asked = (await coordinator.get(f"/offers/{won}"))["coordination"]
    assert (asked["posted"]["free"], asked["posted_at_answer"]["free"]) == (2, 2)
    left = await vesting.post(f"{path}/discharge", {"destination": "thuis"})
    shown = await coordinator.get(f"/beds/{bed}", **_once(left))
    assert shown["shown"] == "cleaning"
    assert (await coordinator.get(path))["state"] == "afgesloten"


async def _alerts(coordinator: Desk, path: str) -> list[str]:
    """What the coordination point is told about a referral, without what a clock of its target says."""
    items = (await coordinator.get("/alerts"))["items"]
    mine = [item for item in items if item["referral_id"] and path.endswith(item["referral_id"])]
    return [item["kind"] for item in mine if not item["kind"].startswith("doeltijd")]


def _once(done: Any) -> dict[str, str]:
    """What asks for an answer that shows an act."""
    return {"min_position": done["position"]}


async def _outlook(coordinator: Desk, pool_id: str, done: Any) -> tuple[int, int, int, int]:
    """Places of a pool now, in one day, in three days and in a week."""
    items = (await coordinator.get("/outlook", care_type="mfb", **_once(done)))["items"]
    (found,) = [item["outlook"] for item in items if item["id"] == pool_id]
    return found["now"], found["in_24_hours"], found["in_72_hours"], found["in_a_week"]
