"""The desk over HTTP: who has it in hand, calls, notes, waits, alerts, and what the next shift gets."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from app.services.referrals import stays
from app.services.referrals.stays import Arrival
from tests.factories.referrals import actor_of, offered, promised, with_places
from tests.factories.world import World
from tests.support.calls import everything
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.referral_calls import BODIES
from tests.support.scenarios import Desk

INTAKE = BODIES["POST", "/v1/referrals"]
TRIAGE = BODIES["POST", "/v1/referrals/{referral_id}/triage"]


async def test_what_is_done_at_the_desk_is_read_with_the_referral(
    served: World, point: Desk, clock: Clock
) -> None:
    path = f"/referrals/{(await point.post('/referrals', INTAKE))['id']}"
    mine = (await point.get(path))["handler"]["id"]
    await point.client.delete(f"/v1{path}/handling")
    assert (await point.get(path))["handler"] is None
    await point.post(f"{path}/handling")
    later, past = (_at(clock, days) for days in (2, -2))
    await point.put(f"{path}/call-back", {"at": later, "text": "Dochter bellen"})
    await point.post(f"{path}/notes", {"text": "Wil naar de Linde"})
    for outcome in ("spoken", "no-answer", "voicemail"):
        await point.post(f"{path}/contacts", {"kind": "call-out", "outcome": outcome})
    await point.post(f"{path}/discharge-waits", {"care_type": "grz", "since": past})
    twice = {"care_type": "grz", "since": past}
    await point.refused("already-exists", "POST", f"{path}/discharge-waits", twice)
    ended = {"until": _at(clock, -1)}
    await point.post(f"{path}/discharge-waits/grz/end", ended)
    await point.refused("not-found", "POST", f"{path}/discharge-waits/grz/end", ended)
    decided = {"status": "afgegeven", "decided_on": past[:10], "profile": "5VV"}
    await point.put(f"{path}/wlz", decided)
    await point.post(f"{path}/reviews", {"next_at": later})
    whole = await point.get(path)
    assert whole["handler"]["id"] == mine
    assert whole["contacts"] == {"calls": 1, "attempts": 2}
    assert [(w["care_type"], w["until"] is None) for w in whole["discharge_waits"]] == [
        ("grz", False)
    ]
    assert [whole[name] for name in ("ciz_status", "wlz_profile")] == ["afgegeven", "5VV"]
    assert _moments(whole, "call_back_at", "review_at") == [later, later]
    history = (await point.get(f"{path}/history"))["items"]
    assert [t["text"] for step in history[1:] for t in step["texts"]] == [
        "Dochter bellen",
        "Wil naar de Linde",
    ]


async def test_what_cannot_be_is_refused_by_its_name_and_nothing_changes(
    served: World, point: Desk, neighbour: Desk, referrer: Desk, clock: Clock, database: Database
) -> None:
    path = f"/referrals/{(await point.post('/referrals', INTAKE))['id']}"
    before = await everything(database)
    called = {"kind": "call-out", "outcome": "spoken"}
    far, past = _at(clock, 400), _at(clock, -40)
    for method, act, body, pointer in (
        ("PUT", "call-back", {"at": far}, "/at"),
        ("POST", "notes", {"text": "  "}, "/text"),
        ("POST", "contacts", {**called, "started_at": past}, "/started_at"),
        ("POST", "contacts", {**called, "organisation_id": str(uuid4())}, "/organisation_id"),
        ("POST", "discharge-waits", {"care_type": "grz", "since": far}, "/since"),
        ("PUT", "wlz", {"status": "afgegeven"}, "/decided_on"),
        ("PUT", "wlz", {"status": "aangevraagd", "profile": "Jansen"}, "/profile"),
        ("POST", "reviews", {"next_at": past}, "/next_at"),
        ("POST", "withdrawal", {"reason": "vergissing", "happened_at": past}, "/happened_at"),
    ):
        problem = await point.refused("invalid-input", method, f"{path}/{act}", body)
        assert [error["pointer"] for error in problem["errors"]] == [pointer], act
    unknown = {**called, "offer_id": str(uuid4())}
    await point.refused("not-found", "POST", f"{path}/contacts", unknown)
    refused: list[tuple[str, str, Any]] = [
        ("POST", "handling", None),
        ("PUT", "call-back", {"at": None}),
        ("POST", "notes", {"text": "x"}),
        ("POST", "contacts", called),
        ("PUT", "wlz", {"status": "aangevraagd"}),
        ("POST", "death", {}),
        ("POST", "no-place", {"target_group": "gedrag"}),
    ]
    for method, act, asked in refused:
        await neighbour.refused("not-found", method, f"{path}/{act}", asked)
        await referrer.refused("not-allowed", method, f"{path}/{act}", asked)
    # Who didn't ask for it can't take it back either.
    taken_back = {"reason": "vergissing"}
    await referrer.refused("not-found", "POST", f"{path}/withdrawal", taken_back)
    await point.refused("wrong-state", "POST", f"{path}/no-place", {"target_group": "gedrag"})
    assert await everything(database) == before


async def test_an_ended_referral_lets_go_of_all_it_had(
    served: World, point: Desk, referrer: Desk
) -> None:
    await with_places(served, 2)
    referral_id, _ = await promised(served)
    path = f"/referrals/{referral_id}"
    await point.refused("wrong-state", "POST", f"{path}/closure", {"outcome": "dubbel"})
    assert await served.balance() == 1
    died = await point.post(f"{path}/death", {"text": "Vannacht"})
    assert (died["state"], await served.balance()) == ("overleden", 2)
    await point.refused("wrong-state", "POST", f"{path}/withdrawal", {"reason": "vergissing"})
    (offer,) = (await point.get(path))["offers"]
    assert (offer["state"], offer["ending"]) == ("losgelaten", "aanmelding-beeindigd")
    own = await referrer.post("/referrals", INTAKE)
    back = await referrer.post(f"/referrals/{own['id']}/withdrawal", {"reason": "niet-meer-nodig"})
    assert back["state"] == "ingetrokken"
    closing = await point.post("/referrals", INTAKE)
    closed = await point.post(f"/referrals/{closing['id']}/closure", {"outcome": "zelf-geregeld"})
    assert closed["state"] == "afgesloten"
    body = {"care_type": "wlz-vv", "urgency": "regulier"}
    follows = f"/referrals/{closing['id']}/successor"
    first = await point.post(follows, body, **{"idempotency-key": "vervolg"})
    again = await point.post(follows, body, **{"idempotency-key": "vervolg"})
    assert (again["id"], first["state"]) == (first["id"], "ingediend")
    new = await point.get(f"/referrals/{first['id']}")
    assert (new["previous_id"], new["episode_id"]) == (closing["id"], closing["id"])
    assert new["texts"]["callback"] == INTAKE["callback"]


async def test_who_has_no_place_stands_on_the_register_with_what_was_tried(
    served: World, point: Desk, neighbour: Desk
) -> None:
    ids = []
    for group in ("gedrag", "gedrag", "isolatie"):
        referral_id = (await point.post("/referrals", INTAKE))["id"]
        await point.post(f"/referrals/{referral_id}/triage", TRIAGE)
        await point.post(f"/referrals/{referral_id}/no-place", {"target_group": group})
        ids.append(referral_id)
    page = await point.get("/no-place-register", limit=2)
    assert [one["id"] for one in page["items"]] == ids[:2]
    assert page["counts"] == {"gedrag": 2, "isolatie": 1}
    assert [step["step"] for step in page["items"][0]["path"]] == ["filed", "triaged", "no-place"]
    rest = await point.get("/no-place-register", limit=2, cursor=page["next_cursor"])
    assert ([one["id"] for one in rest["items"]], rest["next_cursor"]) == (ids[2:], None)
    (only,) = (await point.get("/no-place-register", target_group="isolatie"))["items"]
    assert only["id"] == ids[2]
    assert (await neighbour.get("/no-place-register"))["items"] == []
    # It stays open, and goes on being looked for.
    assert (await point.get(f"/referrals/{ids[0]}"))["next_action"] == "plek-blijven-zoeken"


async def test_the_next_shift_gets_all_that_is_open_with_whom_to_call(
    served: World, point: Desk, neighbour: Desk
) -> None:
    await with_places(served, 5)
    referral_id, _ = await offered(served)
    for number in range(4):
        await point.post(f"/referrals/{referral_id}/notes", {"text": f"notitie {number}"})
    ended = await point.post("/referrals", INTAKE)
    await point.post(f"/referrals/{ended['id']}/withdrawal", {"reason": "vergissing"})
    (one,) = (await point.get("/shift-handover"))["items"]
    assert one["referral"]["id"] == str(referral_id)
    assert one["referral"]["next_action"] == "antwoord-afwachten"
    assert [note["text"] for note in one["notes"]] == ["notitie 3", "notitie 2", "notitie 1"]
    (asked,) = one["offers"]
    assert (asked["state"], asked["location_name"]) == ("gevraagd", "De Linde")
    assert (await neighbour.get("/shift-handover"))["items"] == []


async def test_an_alert_is_taken_up_by_one_and_seen_by_its_own_desk_alone(
    served: World, point: Desk, neighbour: Desk
) -> None:
    for _ in range(3):
        await point.post("/referrals", INTAKE)
    first = await point.get("/alerts", limit=1)
    second = await point.get("/alerts", limit=1, cursor=first["next_cursor"])
    (one,), (other,) = first["items"], second["items"]
    assert one["id"] != other["id"]
    assert (one["kind"], one["taken_by"], second["next_cursor"]) == ("mogelijk-dubbel", None, None)
    assert (await point.get("/alerts", kind="terugbellen"))["items"] == []
    assert (await neighbour.get("/alerts"))["items"] == []
    taking = f"/alerts/{one['id']}/handling"
    await neighbour.refused("not-found", "POST", taking)
    await point.post(taking)
    (taken, _) = (await point.get("/alerts"))["items"]
    assert taken["taken_by"] == str((await served.credential(served.coordinator)).actor.id)
    await point.post(taking)
    assert (await point.get("/alerts"))["items"][0] == taken


async def test_a_capacity_alert_is_for_every_desk_of_its_region_and_no_other(
    served: World, point: Desk, neighbour: Desk, elsewhere: Desk
) -> None:
    alert_id = await served.container.read(
        lambda connection: connection.fetchval(
            "INSERT INTO alert (region_id, pool_id, kind, raised_at)"
            " VALUES (1, $1, 'capaciteit-onbevestigd', now()) RETURNING id::text",
            served.pool_id,
        )
    )
    (alert,) = (await neighbour.get("/alerts"))["items"]
    assert (alert["id"], alert["location_name"]) == (alert_id, "De Linde")
    assert (await elsewhere.get("/alerts"))["items"] == []
    await elsewhere.refused("not-found", "POST", f"/alerts/{alert_id}/handling")
    await neighbour.post(f"/alerts/{alert_id}/handling")
    assert (await point.get("/alerts"))["items"][0]["taken_by"] is not None


async def test_the_house_that_somebody_stays_in_reviews_and_tells_of_ciz(
    served: World, point: Desk, provider: Desk, clock: Clock
) -> None:
    await with_places(served, 2)
    referral_id, offer_id = await promised(served)
    path = f"/referrals/{referral_id}"
    later = {"next_at": _at(clock, 5)}
    await provider.refused("not-found", "POST", f"{path}/reviews", later)
    await stays.admit(served.container, await actor_of(served), offer_id, Arrival())
    await provider.post(f"{path}/reviews", later)
    decided = {"status": "afgegeven", "decided_on": _at(clock, -1)[:10]}
    await provider.put(f"{path}/wlz", decided)
    whole = await point.get(path)
    assert "betaler-wijzigt" in [alert["kind"] for alert in whole["alerts"]]
    assert whole["stay"]["provider_id"] == provider.organisation_id
    assert _moments(whole, "review_at") == [later["next_at"]]
    assert (await provider.client.get(f"/v1{path}")).status_code == 403


def _at(clock: Clock, days: int) -> str:
    return (clock.now() + timedelta(days=days)).replace(microsecond=0).isoformat()


def _moments(body: dict[str, Any], *names: str) -> list[str]:
    return [datetime.fromisoformat(body[name]).isoformat() for name in names]
