"""Referrals over HTTP: filed, listed, read by each as is theirs to know, and changed."""

from typing import Any
from uuid import UUID

from tests.factories.referrals import accepted, offered, with_places
from tests.factories.world import World, make_pool
from tests.support.calls import everything
from tests.support.database import Database
from tests.support.referral_calls import BODIES
from tests.support.scenarios import Desk

INTAKE: dict[str, Any] = BODIES["POST", "/v1/referrals"]
SAID = (INTAKE["what_happened"], INTAKE["callback"])


async def audited(world: World, party_id: str) -> list[tuple[str, str, str]]:
    """What an organisation read, as the audit keeps it."""
    rows = await world.container.read(
        lambda connection: connection.fetch(
            "SELECT action, object_kind, object_id FROM audit"
            " WHERE organisation_id = $1 AND action = 'referral.read' AND purpose = 'referral'"
            " ORDER BY id",
            party_id,
        )
    )
    return [tuple(row) for row in rows]


async def test_each_reads_of_a_referral_what_is_theirs_to_know(
    served: World, point: Desk, referrer: Desk, neighbour: Desk
) -> None:
    done = await referrer.post("/referrals", {**INTAKE, "remark": "Slechthorend"})
    assert (done["state"], done["version"]) == ("ingediend", 1)
    path = f"/referrals/{done['id']}"
    whole = await point.get(path)
    assert whole["audience"] == "coordinator"
    assert whole["requested_by"] == referrer.organisation_id
    assert whole["coordination_point"]["id"] == point.organisation_id
    assert (whole["birth_year"], whole["next_action"]) == (1942, "trieren")
    assert whole["texts"] == {
        "what_happened": SAID[0],
        "help_needed": None,
        "remark": "Slechthorend",
        "callback": SAID[1],
    }
    followed = await referrer.get(path)
    assert followed["audience"] == "referrer"
    assert (followed["state"], followed["place"]) == ("ingediend", None)
    assert (followed["age_from"], followed["age_to"]) == (80, 89)
    assert {"offers", "alerts", "texts", "triage", "handler"}.isdisjoint(followed)
    missing = await neighbour.refused("not-found", "GET", path)
    assert await neighbour.refused("not-found", "GET", f"{path}/history") == missing
    assert (await neighbour.get("/referrals"))["items"] == []
    assert [one["id"] for one in (await referrer.get("/referrals"))["items"]] == [done["id"]]
    # That it was read is kept, of one and of a list.
    assert await audited(served, referrer.organisation_id) == [
        ("referral.read", "referral", done["id"]),
        ("referral.read", "referrals", referrer.organisation_id),
    ]
    assert await audited(served, neighbour.organisation_id) == [
        ("referral.read", "referrals", neighbour.organisation_id)
    ]


async def test_a_referrer_never_hears_who_answered_what(
    served: World, point: Desk, referrer: Desk, provider: Desk
) -> None:
    await with_places(served, 3)
    other = await make_pool(served.container, served.location_id)
    referral_id = (await referrer.post("/referrals", {**INTAKE, "urgency": "acuut"}))["id"]
    path = f"/referrals/{referral_id}"
    triage = BODIES["POST", "/v1/referrals/{referral_id}/triage"]
    await point.post(f"{path}/triage", triage)
    _, (refusing, promising) = await offered(
        served, other, served.pool_id, referral_id=UUID(referral_id)
    )
    await provider.post(f"/offers/{refusing}/questions", {"text": "Heeft zij BRMO gehad?"})
    assert (await point.get(path))["questions"][0]["text"] == "Heeft zij BRMO gehad?"
    await point.post(f"/offers/{refusing}/refusal", {"code": "geen-plek", "text": "vol vanavond"})
    await accepted(served, promising)
    place = (await referrer.get(path))["place"]
    assert (place["location"], place["care_type"]) == ("De Linde", "elv-laag")
    for seen in (path, f"{path}/history", "/referrals"):
        answer = await referrer.client.get(f"/v1{seen}")
        for word in ("geen-plek", "vol vanavond", "BRMO", "offer-", str(refusing), "geweigerd"):
            assert word not in answer.text, (seen, word)
    (listed,) = (await referrer.get("/referrals"))["items"]
    assert [listed[name] for name in ("alerts", "open_offers", "handler", "birth_year")] == [
        None
    ] * 4
    own = await point.get(path)
    assert [(o["state"], o["refusal"]) for o in own["offers"]] == [
        ("geweigerd", "geen-plek"),
        ("toegezegd", None),
    ]
    assert own["triage"]["chosen"] == "elv-laag"
    assert own["triage"]["advice"][0]["reasons"][0]["text"]
    history = (await point.get(f"{path}/history"))["items"]
    steps = [step["step"] for step in history]
    assert steps[:3] == ["filed", "triaged", "offered"]
    refused = history[steps.index("offer-refused")]
    assert refused["texts"] == [{"kind": "refusal", "text": "vol vanavond"}]
    assert {text["kind"] for text in history[0]["texts"]} == {"what-happened", "callback"}
    pages = await _pages(point, f"{path}/history", 3)
    assert [step["id"] for step in pages] == [step["id"] for step in history]
    # What was typed goes no other way than this.
    told = await served.container.read(
        lambda connection: connection.fetch("SELECT data::text FROM event WHERE data IS NOT NULL")
    )
    everything_told = "".join(row["data"] for row in told)
    assert referral_id in everything_told
    assert not any(text in everything_told for text in (*SAID, "vol vanavond", "Val thuis"))


async def test_what_has_to_be_done_first_comes_first_on_every_page(
    served: World, point: Desk
) -> None:
    made = {}
    for name, urgency in (("r", "regulier"), ("a", "acuut"), ("s", "spoed"), ("e", "spoed")):
        made[name] = (await point.post("/referrals", {**INTAKE, "urgency": urgency}))["id"]
    draft = await point.post("/referrals", {**INTAKE, "draft": True})
    assert draft["state"] == "concept"
    await point.post(f"/referrals/{made['e']}/withdrawal", {"reason": "vergissing"})
    by_id = {referral_id: name for name, referral_id in made.items()} | {draft["id"]: "d"}
    every = await _pages(point, "/referrals", 2)
    # A draft has no moment; what ended has to be done never.
    assert [by_id[one["id"]] for one in every] == ["d", "a", "s", "r", "e"]
    newest = await _pages(point, "/referrals", 2, sort="newest")
    assert [by_id[one["id"]] for one in newest] == ["d", "e", "s", "a", "r"]
    number = every[1]["number"]
    for asked, found in (
        ({"open": "true"}, ["d", "a", "s", "r"]),
        ({"open": "false"}, ["e"]),
        ({"state": "concept"}, ["d"]),
        ({"urgency": "acuut"}, ["a"]),
        ({"number": number}, ["a"]),
        ({"pc4": "2725"}, []),
        ({"handler": "me", "open": "true"}, ["d", "a", "s", "r"]),
        ({"handler": "none"}, []),
        ({"alerts": "true"}, ["a", "s"]),
    ):
        items = (await point.get("/referrals", **asked))["items"]
        assert [by_id[one["id"]] for one in items if by_id[one["id"]]] == found, asked
    await point.client.delete(f"/v1/referrals/{made['s']}/handling")
    (free,) = (await point.get("/referrals", handler="none"))["items"]
    assert (by_id[free["id"]], free["handler"]) == ("s", None)


async def test_needs_change_only_for_who_saw_them(
    served: World, point: Desk, referrer: Desk, neighbour: Desk, database: Database
) -> None:
    done = await point.post("/referrals", INTAKE)
    path = f"/referrals/{done['id']}/needs"
    needs = BODIES["PUT", "/v1/referrals/{referral_id}/needs"]
    before = await everything(database)
    await point.refused("version-required", "PUT", path, needs)
    stale = await point.client.put(f"/v1{path}", json=needs, headers={"if-match": '"9"'})
    assert (stale.status_code, stale.headers["etag"]) == (412, '"1"')
    for wrong in (
        {"callback": "bel mij"},
        {"remark": "a\x07b"},
        {"remark": "x" * 2001},
        {"birth_year": 1890},
        {"features": ["kamer-man"]},
    ):
        (name,) = wrong
        answer = await point.client.put(
            f"/v1{path}", json={**needs, **wrong}, headers={"if-match": '"1"'}
        )
        problem: dict[str, Any] = answer.json()
        assert [error["pointer"] for error in problem["errors"]] == [f"/{name}"], wrong
    theirs = await neighbour.client.put(f"/v1{path}", json=needs, headers={"if-match": '"1"'})
    assert theirs.status_code == 404
    assert (await referrer.client.put(f"/v1{path}", json=needs)).status_code == 403
    assert await everything(database) == before
    changed = await point.put(path, {**needs, "urgency": "acuut"}, **{"if-match": '"1"'})
    assert changed["version"] == 2
    whole = await point.get(f"/referrals/{done['id']}")
    assert (whole["urgency"], whole["infection"], whole["needs_triage"]) == ("acuut", "mrsa", True)
    # What is left out of the texts stays as it was.
    assert whole["texts"]["callback"] == SAID[1]


async def test_who_may_file_for_whom_and_once(
    served: World, point: Desk, referrer: Desk, database: Database
) -> None:
    before = await everything(database)
    nobody = await referrer.refused(
        "invalid-input", "POST", "/referrals", {**INTAKE, "pc4": "9999"}
    )
    assert nobody["errors"][0]["pointer"] == "/pc4"
    for name, value in (
        ("requested_by", point.organisation_id),
        ("region_id", 2),
        ("happened_at", "2199-01-01T00:00:00Z"),
        ("first_contact_at", "2001-01-01T00:00:00Z"),
    ):
        problem = await referrer.refused(
            "invalid-input", "POST", "/referrals", {**INTAKE, name: value}
        )
        assert problem["errors"][0]["pointer"] == f"/{name}"
    assert await everything(database) == before
    for _ in range(2):
        key = {"idempotency-key": "een"}
        answer = await point.client.post("/v1/referrals", json=INTAKE, headers=key)
        assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    other = await point.client.post(
        "/v1/referrals", json={**INTAKE, "pc4": "2725"}, headers={"idempotency-key": "een"}
    )
    assert other.status_code == 409
    assert len((await point.get("/referrals"))["items"]) == 1
    draft = await referrer.post("/referrals", {**INTAKE, "draft": True})
    submitted = await referrer.post(f"/referrals/{draft['id']}/submission")
    assert (submitted["state"], submitted["version"]) == ("ingediend", 2)
    await referrer.refused("wrong-state", "POST", f"/referrals/{draft['id']}/submission")


async def _pages(desk: Desk, path: str, limit: int, **asked: str) -> list[dict[str, Any]]:
    """All of a list, page by page."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = await desk.get(path, limit=limit, **asked, **cursor)
        assert 0 < len(page["items"]) <= limit
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}
