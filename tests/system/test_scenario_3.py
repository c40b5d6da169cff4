"""Scenario 3: on day 40 of an ELV the Wlz is granted. The payer changes, and the bed stays occupied."""

from typing import Any

from tests.support.scenarios import Desk, Region, heard
from tests.system.test_scenario_1 import FACTS

NEED: dict[str, Any] = {
    "sex": "vrouw",
    "pc4": "2725",
    "setting": "ziekenhuis",
    "infection": "geen",
    "urgency": "spoed",
    "route": "phone",
}
GRANTED = {"status": "afgegeven", "decided_on": "2027-01-04", "profile": "5VV"}


async def test_a_wlz_decision_during_an_elv_changes_the_payer_and_the_place_stays_taken(
    region: Region,
) -> None:
    region.at("2026-11-25T14:00:00")
    coordinator = region.coordinator
    vesting = await region.organisation("provider", "De Vesting", "provider-intake")
    capacity = await region.key(vesting.organisation_id, "provider-capacity")
    contracted = await region.pool(vesting, "De Es", "elv-laag", wlz_contract=True)
    other = await region.pool(vesting, "De Berk", "elv-laag")
    pools = (contracted, other)
    for pool in pools:
        await capacity.put(f"/pools/{pool}/report", {"operable": 3, "occupied": 1, "planned": 0})
    await region.settled()
    staying = [
        await _admitted(region, vesting, contracted, 1938),
        await _admitted(region, vesting, other, 1941),
    ]

    # Day 40. The feed knows that both are there, and thinks that they leave on Wednesday.
    region.at("2027-01-04T14:00:00")
    forecast: dict[str, Any] = {
        "operable": 3,
        "occupied": 2,
        "planned": 0,
        "discharges": [{"on": "2027-01-06", "places": 1}],
    }
    _, told = [await capacity.put(f"/pools/{pool}/report", forecast) for pool in pools]
    assert await _outlook(coordinator, contracted, told) == (1, 1, 2, 2)

    # The intake desk records what CIZ decided.
    async with region.listening(coordinator, "referrals") as coordination:
        _, done = [await vesting.put(f"{path}/wlz", GRANTED) for path in staying]
        assert await heard(coordination, done) == ["opgenomen", "opgenomen"]
    es, berk = [await coordinator.get(path) for path in staying]
    assert (es["payer"], _flags(es)) == ("wlz", {"betaler-wijzigt"})
    assert (berk["payer"], _flags(berk)) == ("zvw", {"betaler-wijzigt", "geen-wlz-contract"})
    for shown in (es, berk):
        assert shown["stay"]["payer"] == shown["payer"]
        assert (shown["wlz_decided_on"], shown["wlz_profile"]) == ("2027-01-04", "5VV")
        assert shown["state"] == "opgenomen"

    # The alarm is somebody's to take up.
    alarms = (await coordinator.get("/alerts", kind="geen-wlz-contract"))["items"]
    assert [alarm["referral_id"] for alarm in alarms] == [berk["id"]]
    await coordinator.post(f"/alerts/{alarms[0]['id']}/handling")
    (alarm,) = (await coordinator.get("/alerts", kind="geen-wlz-contract"))["items"]
    assert alarm["taken_by"] is not None

    # There is no Wlz place; what follows is tied to what it follows on.
    body = {
        "care_type": "wlz-vv",
        "urgency": "spoed",
        "ready_since": "2027-01-04T12:00:00Z",
        "reason": "doorstroom-elv",
    }
    made = await coordinator.post(f"{staying[1]}/successor", body, **{"idempotency-key": "een"})
    again = await coordinator.post(f"{staying[1]}/successor", body, **{"idempotency-key": "een"})
    assert made["id"] == again["id"] != berk["id"]
    follows = await coordinator.get(f"/referrals/{made['id']}")
    assert follows["previous_id"] == berk["id"]
    assert follows["episode_id"] == berk["episode_id"]
    assert (follows["urgency"], follows["care_types"]["asked"]) == ("spoed", "wlz-vv")
    assert [wait["care_type"] for wait in follows["discharge_waits"]] == ["wlz-vv"]
    left = {"awaited": "wlz-vv", "ready_at": "2027-01-04T12:00:00Z"}
    await vesting.post(f"{staying[1]}/discharge-readiness", left)
    wlz = dict(FACTS) | {"wlz": "geindiceerd", "gevaar": False}
    triaged = {"facts": wlz, "chosen": "wlz-tijdelijk"}
    await coordinator.post(f"/referrals/{made['id']}/triage", triaged)
    check = (await coordinator.post(f"/referrals/{made['id']}/board-checks", {}))["check"]
    assert [product["fits"] for product in check["products"]] == [0, 0]

    # The bed stays occupied, and is told to be for longer: by the house, since its feed is what
    # the outlook of a count is made of.
    later = await vesting.put(f"{staying[1]}/expected-discharge", {"expected": "2027-02-15"})
    assert (await coordinator.get(staying[1]))["stay"]["expected_discharge"] == "2027-02-15"
    assert await _outlook(coordinator, other, later) == (1, 1, 2, 2)
    forecast["discharges"] = [{"on": "2027-02-15", "places": 1}]
    told = await capacity.put(f"/pools/{other}/report", forecast)
    assert await _outlook(coordinator, other, told) == (1, 1, 1, 1)
    steps = (await coordinator.get(f"{staying[1]}/history"))["items"]
    (revised,) = [step for step in steps if step["step"] == "discharge-expected"]
    assert revised["data"] == {"before": "2027-01-06", "expected": "2027-02-15"}


async def _admitted(region: Region, vesting: Desk, pool_id: str, birth_year: int) -> str:
    """The path of the referral of somebody who came on day 1."""
    coordinator = region.coordinator
    filed = await coordinator.post("/referrals", {**NEED, "birth_year": birth_year})
    path = f"/referrals/{filed['referral_id']}"
    await coordinator.post(f"{path}/triage", {"facts": FACTS, "chosen": "elv-laag"})
    asked = await coordinator.post(f"{path}/offers", {"to": [{"pool_id": pool_id}]})
    (offer_id,) = asked["offers"]
    await vesting.post(f"/offers/{offer_id}/acceptance", {})
    came = {"expected_discharge": "2027-01-06"}
    admitted = await vesting.post(f"/offers/{offer_id}/admission", came)
    assert admitted["referral_id"] == filed["referral_id"]
    await vesting.post(f"{path}/reviews", {"next_at": "2027-01-11T09:00:00Z"})
    return path


def _flags(shown: Any) -> set[str]:
    return {alert["kind"] for alert in shown["alerts"]}


async def _outlook(coordinator: Desk, pool_id: str, done: Any) -> tuple[int, int, int, int]:
    """Places of a pool now, in one day, in three days and in a week."""
    told = await coordinator.get("/outlook", care_type="elv-laag", min_position=done["position"])
    (found,) = [item["outlook"] for item in told["items"] if item["id"] == pool_id]
    return found["now"], found["in_24_hours"], found["in_72_hours"], found["in_a_week"]
