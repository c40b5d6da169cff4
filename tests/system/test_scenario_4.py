"""Scenario 4: a huisarts looks for wound care from tomorrow, files once, and never phones."""

from typing import Any

from tests.support.scenarios import Region, heard

AT_HOME: dict[str, Any] = {
    "medisch-specialistische-zorg": False,
    "acute-psychiatrie": False,
    "crisismaatregel": False,
    "thuis-mogelijk": True,
    "thuis-wijkverpleging": True,
    "thuis-so-consult": False,
}
WOUND_CARE = {"skills": ["basis", "wond"], "dagdelen": ["ochtend", "middag"]}
SATURDAY = "2026-11-28"


async def test_a_huisarts_has_wound_care_at_home_by_one_call_to_file_it(region: Region) -> None:
    region.at("2026-11-26T08:30:00")
    coordinator = region.coordinator
    practice = await region.organisation("general-practice", "De Praktijk", "referrer")
    vesting = await region.organisation("provider", "De Vesting", "provider-intake")
    capacity = await region.key(vesting.organisation_id, "provider-capacity")
    teams = {}
    for name, said in (
        ("Rood", {"light": "rood"}),
        ("Later", {"light": "groen", "earliest_start": "2026-11-30"}),
        ("Overleg", {"light": "oranje"}),
        ("Groen", {"light": "groen", "earliest_start": "2026-11-27"}),
    ):
        teams[name] = await region.team(vesting, name, **WOUND_CARE)
        await capacity.put(f"/home-care-teams/{teams[name]}/report", said)
    await region.settled()

    # The earliest first, each with its reason.
    region.at("2026-11-26T09:30:00")
    asked: dict[str, Any] = {
        "postcode": "2725",
        "skill": "wond",
        "dagdeel": "ochtend",
        "start_by": "2026-11-27",
    }
    found = (await practice.get("/home-care", **asked))["items"]
    assert [(team["name"], team["fits"], team["start"]) for team in found] == [
        ("Groen", True, "2026-11-27"),
        ("Overleg", False, "2026-11-26"),
        ("Later", False, "2026-11-30"),
        ("Rood", False, None),
    ]
    assert [[reason["label"] for reason in team["reasons"]] for team in found] == [
        [],
        ["in overleg: bel het team"],
        ["kan pas later starten"],
        ["neemt geen cliënten aan"],
    ]

    # One aanmelding, however often the button is pressed.
    need = {
        "birth_year": 1951,
        "sex": "man",
        "pc4": "2725",
        "setting": "thuis",
        "needed_by": "2026-11-27T11:00:00Z",
        "skills": ["wond"],
        "dagdelen": ["ochtend"],
        "urgency": "spoed",
        "help_needed": "Wond aan het been, dagelijks verbinden",
        "care_type_asked": "wijkverpleging",
    }
    once = {"idempotency-key": "een-aanmelding"}
    filed = await practice.post("/referrals", need, **once)
    assert (await practice.post("/referrals", need, **once))["id"] == filed["id"]
    assert [one["id"] for one in (await practice.get("/referrals"))["items"]] == [filed["id"]]
    path = f"/referrals/{filed['id']}"
    # Asking a team is for the coordination point, unless a region sets it otherwise.
    to_team = {"to": [{"team_id": teams["Groen"]}]}
    await practice.refused("not-allowed", "POST", f"{path}/offers", to_team)

    async with region.listening(practice, "referral-statuses") as status:
        (waiting,) = (await coordinator.get("/referrals", state="ingediend"))["items"]
        assert (waiting["id"], waiting["handler"]) == (filed["id"], None)
        await coordinator.post(f"{path}/handling")
        advice = await coordinator.post("/triage-advice", {"facts": AT_HOME})
        assert [one["outcome"] for one in advice["outcomes"]] == ["wijkverpleging", "thuis"]
        triaged = {"facts": AT_HOME, "chosen": "wijkverpleging"}
        await coordinator.post(f"{path}/triage", triaged)
        asked = await coordinator.post(f"{path}/offers", to_team)
        (offer_id,) = asked["offers"]

        # The wijkverpleegkundige can come the day after.
        region.at("2026-11-26T10:30:00")
        seen = await vesting.get(f"/offers/{offer_id}")
        assert (seen["place"]["team_name"], seen["need"]["skills"]) == ("Groen", ["wond"])
        await vesting.post(
            f"/offers/{offer_id}/counter-proposal", {"admission_at": f"{SATURDAY}T08:00:00Z"}
        )
        question = await coordinator.post(
            f"{path}/questions", {"text": "Zaterdag pas. Kan de praktijk morgen verbinden?"}
        )
        told = await practice.get(path)
        assert told["state"] == "tegenvoorstel"
        assert [one["text"] for one in told["questions"]] == [
            "Zaterdag pas. Kan de praktijk morgen verbinden?"
        ]
        bridged = {"text": "Ja, de assistente verbindt morgen"}
        await practice.post(f"{path}/questions/{question['id']}/answer", bridged)
        (answered,) = (await coordinator.get(path))["questions"]
        assert answered["answer"] == bridged["text"]
        agreed = await coordinator.post(f"/offers/{offer_id}/counter-decision", {"agreed": True})

        # What is going on is told, so that nobody has to ask.
        assert await heard(status, agreed) == [
            "ingediend",
            "getrieerd",
            "aangeboden",
            *(["tegenvoorstel"] * 3),
            "geaccepteerd",
        ]
        told = await practice.get(path)
        assert told["place"]["organisation"] == "De Vesting"
        assert told["place"]["admission_at"] == f"{SATURDAY}T08:00:00Z"
        assert told["place"]["telephone"] == "079 444 55 66"
        assert [one["answer"] for one in told["questions"]] == [bridged["text"]]

        region.at(f"{SATURDAY}T09:10:00")
        started = await vesting.post(f"/offers/{offer_id}/admission", {})
        assert (await heard(status, started))[-1] == "opgenomen"
    shown = await coordinator.get(path)
    assert shown["contacts"] == {"calls": 0, "attempts": 0}
    assert shown["stay"]["team_id"] == teams["Groen"]
    # By the stream's history too, for who wasn't there to hear it.
    events = await practice.get("/events", after=filed["position"], topics="referral-statuses")
    assert [event["data"]["state"] for event in events["events"]][-1] == "opgenomen"
    assert {event["id"] for event in events["events"]} == {filed["id"]}
