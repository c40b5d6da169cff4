"""Achteraf vastleggen over HTTP: a morning on the telephone in one form, all of it or nothing."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain.errors import Code
from tests.factories.referrals import ELV_LAAG_FACTS, column, triaged, with_places
from tests.factories.times import NINE
from tests.factories.world import World
from tests.support.calls import check_problem, everything
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.serving import Serving

INTAKE = {
    "birth_year": 1942,
    "sex": "man",
    "pc4": "2725",
    "setting": "thuis",
    "urgency": "spoed",
    "route": "phone",
    "callback": "070 123 45 67",
}


def minutes(count: int) -> str:
    """So many minutes after nine."""
    return (NINE + timedelta(minutes=count)).isoformat()


def morning(world: World) -> list[dict[str, Any]]:
    """What a coordinator did: triage, two calls, a yes, an admission."""
    triage = {"kind": "triage", "facts": ELV_LAAG_FACTS, "chosen": "elv-laag"}
    asked = {"kind": "offer", "to": [{"pool_id": str(world.pool_id)}], "argument": "Gebeld"}
    steps: list[dict[str, Any]] = [
        triage,
        {"kind": "contact", "how": "call-out", "outcome": "no-answer", "seconds": 20},
        asked,
        {"kind": "acceptance", "admission_at": minutes(90), "text": "Kom maar"},
        {"kind": "admission", "expected_discharge": "2026-12-01"},
    ]
    return [{**step, "happened_at": minutes(10 * n)} for n, step in enumerate(steps)]


async def test_a_morning_on_the_telephone_is_one_form(
    api: Serving, served: World, clock: Clock, database: Database
) -> None:
    clock.set(NINE + timedelta(hours=3))
    await with_places(served, 3)
    form = {"intake": {**INTAKE, "happened_at": minutes(-5)}, "steps": morning(served)}
    async with api.client(served.coordinator.key) as client:
        headers = {"idempotency-key": "ochtend"}
        made = await client.post("/v1/referral-records", json=form, headers=headers)
        again = await client.post("/v1/referral-records", json=form, headers=headers)
    assert made.status_code == 201, made.text
    assert made.json()["state"] == "opgenomen"
    assert again.json()["id"] == made.json()["id"]
    # Who counted three at noon had seen who came at twenty to ten.
    assert await served.balance() == 3
    async with database.connect() as connection:
        steps = await connection.fetch(
            "SELECT step, happened_at, recorded_at FROM referral_step WHERE referral_id = $1"
            " ORDER BY happened_at, id",
            UUID(made.json()["referral_id"]),
        )
    assert [row["step"] for row in steps] == [
        *("filed", "triaged", "contacted", "offered", "offer-accepted", "admitted"),
    ]
    told = [row["happened_at"] for row in steps[1:]]
    assert told == [datetime.fromisoformat(minutes(10 * n)) for n in range(5)]
    assert {row["recorded_at"] for row in steps} == {steps[0]["recorded_at"]}
    assert steps[0]["recorded_at"] >= NINE + timedelta(hours=3)


async def test_one_step_that_cannot_be_refuses_them_all_and_is_named(
    api: Serving, served: World, clock: Clock, database: Database
) -> None:
    clock.set(NINE)
    referral_id = str((await triaged(served)).referral_id)
    clock.set(NINE + timedelta(hours=3))
    await with_places(served, 3)
    steps = morning(served)
    note = {"kind": "note", "text": "Zo", "happened_at": minutes(5)}
    before = await everything(database)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"steps": steps}, ""),
        ({"intake": INTAKE, "referral_id": referral_id, "steps": steps}, ""),
        ({"referral_id": referral_id, "steps": []}, "/steps"),
        ({"referral_id": referral_id, "steps": [note] * 31}, "/steps"),
        ({"referral_id": referral_id, "steps": [note, {"kind": "x"}]}, "/steps/1/kind"),
        ({"referral_id": referral_id, "steps": [{**note, "x": 1}]}, "/steps/0/x"),
        (
            {"referral_id": referral_id, "steps": [{"kind": "note", "text": "Zo"}]},
            "/steps/0/happened_at",
        ),
        (
            {"referral_id": referral_id, "steps": [note, {**note, "happened_at": minutes(4)}]},
            "/steps/1/happened_at",
        ),
        ({"intake": INTAKE, "steps": [{**steps[0], "facts": {"x": 1}}]}, "/steps/0/facts/x"),
        (
            {"intake": INTAKE, "steps": [steps[0], {**steps[2], "to": [{}]}]},
            "/steps/1/to/0",
        ),
        (
            {"intake": {**INTAKE, "since": minutes(600)}, "steps": steps},
            "/intake/since",
        ),
        ({"intake": INTAKE, "steps": [*steps[:4], {**steps[4], "index": 3}]}, "/steps/4/index"),
    ]
    async with api.client(served.coordinator.key) as client:
        for form, pointer in wrong:
            answer = await client.post("/v1/referral-records", json=form)
            problem = check_problem(answer, 400, Code.INVALID_INPUT)
            assert [e["pointer"] for e in problem.get("errors", [{"pointer": ""}])] == [pointer]
        twice = {"intake": INTAKE, "steps": [*steps[:4], {**steps[3], "happened_at": minutes(40)}]}
        told = check_problem(
            await client.post("/v1/referral-records", json=twice), 409, Code.OFFER_ENDED
        )
        assert told["step"] == 4
    async with api.client(served.provider.key) as client:
        answer = await client.post("/v1/referral-records", json={"steps": steps})
        check_problem(answer, 403, Code.NOT_ALLOWED)
    assert await everything(database) == before
    assert await column(served, "referral", UUID(referral_id), "state") == "getrieerd"
