"""Scenario 2: MRSA and rehabilitation. A shared room can't be, and the single room is free on Tuesday."""

from typing import Any

from tests.support.scenarios import Region, heard

FACTS: dict[str, Any] = {
    "medisch-specialistische-zorg": False,
    "acute-psychiatrie": False,
    "crisismaatregel": False,
    "thuis-mogelijk": False,
    "val-met-onzekerheid": False,
    "wlz": "geen",
    "levensverwachting-korter-dan-3-maanden": False,
    "revalidatiedoel": True,
    "grz-criteria": True,
}
READY_SINCE = "2026-11-25T08:00:00Z"
TUESDAY = "2026-12-01T10:00:00Z"


async def test_with_mrsa_a_single_room_on_tuesday_is_proposed_while_the_hospital_waits(
    region: Region,
) -> None:
    region.at("2026-11-27T09:00:00")
    coordinator = region.coordinator
    hospital = await region.organisation("hospital", "Ziekenhuis", "referrer")
    vesting = await region.organisation("provider", "De Vesting", "provider-intake")
    capacity = await region.key(vesting.organisation_id, "provider-capacity")
    shared = await region.pool(vesting, "GRZ zaal", "grz", features=["kamer-vrouw"])
    single = await region.pool(
        vesting, "GRZ eenpersoons", "grz", features=["eenpersoonskamer", "isolatie"]
    )
    await capacity.put(f"/pools/{shared}/report", {"free": 2})
    await capacity.put(
        f"/pools/{single}/report",
        {"operable": 1, "occupied": 1, "planned": 0, "available_from": "2026-12-01"},
    )
    await region.settled()

    # The transferverpleegkundige files it herself.
    region.at("2026-11-27T09:30:00")
    filed = await hospital.post(
        "/referrals",
        {
            "birth_year": 1948,
            "sex": "vrouw",
            "pc4": "2725",
            "setting": "ziekenhuis",
            "needed_by": "2026-11-30T16:00:00Z",
            "infection": "mrsa",
            "behaviour": "rustig",
            "features": ["eenpersoonskamer"],
            "urgency": "spoed",
            "what_happened": "Nieuwe heup; MRSA gevonden bij opname",
            "care_type_asked": "grz",
        },
    )
    path = f"/referrals/{filed['referral_id']}"
    assert (await hospital.get(path))["next_action"] == "trieren"
    await coordinator.post(f"{path}/handling")
    wait = {"care_type": "grz", "since": READY_SINCE}
    await coordinator.post(f"{path}/discharge-waits", wait)
    await coordinator.post(f"{path}/triage", {"facts": FACTS, "chosen": "grz"})

    # The near miss comes first: it lacks one thing, and tells from when it doesn't.
    check = (await coordinator.post(f"{path}/board-checks", {}))["check"]
    near, far = check["places"]
    assert near["id"] == single
    (late,) = near["failures"]
    assert late["criterion"] == "vroegste-opname"
    assert late["detail"]["earliest"] == "2026-12-01T11:00:00Z", "Tuesday at noon"
    assert far["id"] == shared
    assert {one["criterion"] for one in far["failures"]} == {"eenpersoonskamer", "isolatie"}
    (product,) = check["products"]
    assert (product["fits"], product["failed"]["isolatie"]) == (0, 1)

    # No hard criterion is crossed silently.
    problem = await coordinator.refused(
        "argument-required", "POST", f"{path}/offers", {"to": [{"pool_id": shared}]}
    )
    assert "isolatie" in {one["criterion"] for one in problem["failures"]}
    asked = {"to": [{"pool_id": single}], "argument": "Kan er een bewoner eerder naar huis?"}
    (offer_id,) = (await coordinator.post(f"{path}/offers", asked))["offers"]
    owner_view = await coordinator.get(f"/offers/{offer_id}")
    (kept,) = owner_view["coordination"]["posted"]["failures"]
    assert kept["criterion"] == "vroegste-opname"

    async with region.listening(hospital, "referral-statuses") as status:
        region.at("2026-11-27T10:15:00")
        proposal = {"admission_at": TUESDAY, "text": "Niet eerder dan dinsdag"}
        await vesting.post(f"/offers/{offer_id}/counter-proposal", proposal)
        shown = await coordinator.get(path)
        assert (shown["state"], shown["next_action"]) == (
            "tegenvoorstel",
            "tegenvoorstel-beoordelen",
        )
        (offer,) = shown["offers"]
        assert offer["proposed_at"] == TUESDAY
        # Nothing is promised until the client, and so the coordination point, agrees.
        await coordinator.post(f"/offers/{offer_id}/client-question")
        shown = await coordinator.get(path)
        assert (shown["state"], shown["waits_on"]) == ("wacht-op-client", "client")
        assert (await coordinator.get(f"/pools/{single}"))["capacity"]["promised"] == 0
        agreed = {"agreed": True, "text": "Mevrouw wacht liever tot dinsdag"}
        done = await coordinator.post(f"/offers/{offer_id}/client-answer", agreed)
        assert done["state"] == "geaccepteerd"
        # In another state for a moment each, and all of them told.
        assert await heard(status, done) == ["tegenvoorstel", "wacht-op-client", "geaccepteerd"]
    told = await hospital.get(path)
    assert told["place"]["admission_at"] == TUESDAY
    pool = await coordinator.get(f"/pools/{single}", min_position=done["position"])
    assert pool["capacity"]["promised"] == 1

    # The wrong-bed clock runs on until she comes.
    assert await _waits(region, path) == [("grz", READY_SINCE, None)]
    region.at("2026-12-01T11:20:00")
    await region.sweep()
    assert await _waits(region, path) == [("grz", READY_SINCE, None)]
    await vesting.post(f"/offers/{offer_id}/admission", {"admitted_at": "2026-12-01T10:10:00Z"})
    assert await _waits(region, path) == [("grz", READY_SINCE, "2026-12-01T10:10:00Z")]
    steps = (await coordinator.get(f"{path}/history"))["items"]
    assert {"counter-proposed", "client-asked", "counter-accepted", "admitted"} <= {
        step["step"] for step in steps
    }


async def _waits(region: Region, path: str) -> list[tuple[str, str, str | None]]:
    """What is awaited, since when and until when."""
    waits = (await region.coordinator.get(path))["discharge_waits"]
    return [(wait["care_type"], wait["since"], wait["until"]) for wait in waits]
