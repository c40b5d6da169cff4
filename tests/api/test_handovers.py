"""Hand-over between coordination points over HTTP: the sender has it until somebody else accepts."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import httpx
import pytest

from app.services import regions
from domain.actors import Role
from domain.errors import Code
from tests.factories.referrals import column, offered, promised, triaged, with_places
from tests.factories.world import REGION, TWO, Party, World, make_party
from tests.support.calls import check_problem, everything
from tests.support.database import Database
from tests.support.serving import Serving


@dataclass(frozen=True, slots=True)
class Points:
    """Two coordination points, each in a region of its own, and a third that has nothing to do with it."""

    world: World
    receiver_party: Party
    sender: httpx.AsyncClient
    receiver: httpx.AsyncClient
    stranger: httpx.AsyncClient

    async def hand_over(self, referral_id: UUID) -> str:
        """Offers a referral to the receiver; the hand-over's id."""
        body = {
            "to": str(self.receiver_party.organisation_id),
            "reason": "andere-regio",
            "text": "Dochter woont bij u",
        }
        answer = await self.sender.post(f"/v1/referrals/{referral_id}/handover", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


@pytest.fixture
async def points(api: Serving, served: World) -> AsyncIterator[Points]:
    """Opens the clients."""
    await regions.create_region(served.container, None, TWO, "twee", "Twee")
    await served.settled()
    there = await make_party(served.container, Role.COORDINATOR, TWO)
    third = await make_party(served.container, Role.COORDINATOR)
    async with (
        api.client(served.coordinator.key) as sender,
        api.client(there.key) as receiver,
        api.client(third.key) as stranger,
    ):
        yield Points(served, there, sender, receiver, stranger)


async def owner(points: Points, referral_id: UUID) -> tuple[object, object]:
    """Whose a referral is, and where."""
    return (
        await column(points.world, "referral", referral_id, "owner_id"),
        await column(points.world, "referral", referral_id, "region_id"),
    )


async def test_the_sender_has_it_until_another_region_accepts(points: Points) -> None:
    referral_id, (offer_id,) = await offered(points.world)
    handover_id = await points.hand_over(referral_id)
    path = f"/v1/handovers/{handover_id}"
    sender = points.world.coordinator.organisation_id
    assert await owner(points, referral_id) == (sender, REGION)

    seen = (await points.receiver.get(path)).json()
    assert seen["need"]["age_from"] == 80
    assert seen["text"] == "Dochter woont bij u"
    assert (seen["birth_year"], seen["referral_id"]) == (None, None)
    assert "Val thuis" not in str(seen)
    assert "1942" not in str(seen)
    (listed,) = (await points.receiver.get("/v1/handovers", params={"direction": "in"})).json()[
        "items"
    ]
    assert listed == seen
    out = await points.receiver.get("/v1/handovers", params={"direction": "out"})
    assert out.json() == {"items": [], "next_cursor": None}
    for act in ("acceptance", "refusal"):
        body: dict[str, str] | None = {} if act == "refusal" else None
        for client in (points.sender, points.stranger):
            answer = await client.post(f"{path}/{act}", json=body)
            check_problem(answer, 404, Code.NOT_FOUND)
    check_problem(await points.stranger.get(path), 404, Code.NOT_FOUND)
    assert (await points.stranger.get("/v1/handovers")).json()["items"] == []
    assert await owner(points, referral_id) == (sender, REGION)

    taken = await points.receiver.post(f"{path}/acceptance")
    assert taken.json()["state"] == "overgedragen"
    receiver = points.receiver_party.organisation_id
    assert await owner(points, referral_id) == (receiver, TWO)
    assert await column(points.world, "offer", offer_id, "ending") == "overgedragen"
    mine = (await points.receiver.get(path)).json()
    assert (mine["birth_year"], mine["referral_id"]) == (1942, str(referral_id))
    left = (await points.sender.get(path)).json()
    assert (left["state"], left["need"], left["birth_year"]) == ("geaccepteerd", None, None)
    gone = await points.sender.post(f"/v1/referrals/{referral_id}/offers", json={"to": [{}]})
    assert gone.status_code in (400, 404)


async def test_who_answers_too_late_hears_how_it_ended(points: Points, database: Database) -> None:
    withdrawn = f"/v1/handovers/{await points.hand_over((await triaged(points.world)).referral_id)}"
    declined_id = (await triaged(points.world)).referral_id
    declined = f"/v1/handovers/{await points.hand_over(declined_id)}"
    assert (await points.sender.post(f"{withdrawn}/withdrawal")).is_success
    answer = await points.receiver.post(f"{declined}/refusal", json={"text": "Wij zijn vol"})
    assert answer.json()["state"] is None
    before = await everything(database)
    for client, path, act, state in (
        (points.receiver, withdrawn, "acceptance", "ingetrokken"),
        (points.receiver, declined, "acceptance", "geweigerd"),
        (points.sender, declined, "withdrawal", "geweigerd"),
    ):
        told = check_problem(await client.post(f"{path}/{act}"), 409, Code.WRONG_STATE)
        assert told["state"] == state
    assert await everything(database) == before
    for path in (withdrawn, declined):
        seen = (await points.receiver.get(path)).json()
        assert (seen["need"], seen["text"], seen["number"]) == (None, None, None)
    open_ones = await points.sender.get("/v1/handovers", params={"open": "true"})
    assert open_ones.json()["items"] == []
    alerts = await points.world.container.read(
        lambda connection: connection.fetch(
            "SELECT kind FROM alert WHERE referral_id = $1 AND cleared_at IS NULL", declined_id
        )
    )
    assert "overdracht-geweigerd" in [row["kind"] for row in alerts]


async def test_what_cannot_be_handed_over_is_told_clearly(
    points: Points, database: Database
) -> None:
    referral_id = (await triaged(points.world)).referral_id
    path = f"/v1/referrals/{referral_id}/handover"
    there = str(points.receiver_party.organisation_id)
    await with_places(points.world, 1)
    taken, _ = await promised(points.world)
    before = await everything(database)
    for body, pointer in (
        ({"to": str(points.world.coordinator.organisation_id)}, "/to"),
        ({"to": str(points.world.provider.organisation_id)}, "/to"),
        ({"to": str(referral_id)}, "/to"),
        ({"to": there, "region_id": REGION}, "/region_id"),
    ):
        answer = await points.sender.post(path, json={**body, "reason": "dienst"})
        problem = check_problem(answer, 400, Code.INVALID_INPUT)
        assert problem["errors"][0]["pointer"] == pointer
    good = {"to": there, "reason": "dienst"}
    answer = await points.sender.post(f"/v1/referrals/{taken}/handover", json=good)
    check_problem(answer, 409, Code.WRONG_STATE)
    assert await everything(database) == before
    headers = {"idempotency-key": "overdracht"}
    first = await points.sender.post(path, json=good, headers=headers)
    again = await points.sender.post(path, json=good, headers=headers)
    assert (first.status_code, again.json()["id"]) == (201, first.json()["id"])
    check_problem(await points.sender.post(path, json=good), 409, Code.ALREADY_EXISTS)
