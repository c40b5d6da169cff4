"""Hand-over between coordination points: the sender owns it until the other accepts, also across regions."""

from uuid import UUID

import pytest

from app.services import regions
from app.services.referrals import claims, decisions, handovers
from domain.actors import Actor, Role
from domain.cases import HandoverReason
from domain.errors import AlreadyExists, InvalidInput, NotFound, WrongState
from tests.factories.referrals import (
    accepted,
    actor_of,
    column,
    offered,
    promised,
    with_places,
)
from tests.factories.world import TWO, World, make_party
from tests.support.conserved import check_conserved


async def offer_to(world: World, by: Actor, referral_id: UUID, to: Actor) -> UUID:
    """Offers a referral to another coordination point; the hand-over."""
    done = await handovers.hand_over(
        world.container, by, referral_id, to.organisation_id, HandoverReason.DIENST, "tot 8 uur"
    )
    return done.id


async def test_whoever_accepts_triages_anew_and_nobody_is_asked_any_more(world: World) -> None:
    await with_places(world, 2)
    container, sender = world.container, await actor_of(world)
    receiver = await actor_of(world, await make_party(container, Role.COORDINATOR))
    referral_id, (offer_id,) = await offered(world)
    await claims.claim(container, sender, referral_id, world.pool_id)
    target = await column(world, "referral", referral_id, "target_at")
    handover_id = await offer_to(world, sender, referral_id, receiver)
    assert await column(world, "referral", referral_id, "owner_id") == sender.organisation_id
    assert await column(world, "referral", referral_id, "next_action") == "overdracht-afwachten"
    with pytest.raises(AlreadyExists):
        await offer_to(world, sender, referral_id, receiver)
    with pytest.raises(NotFound):
        await handovers.accept(container, sender, referral_id)
    with pytest.raises(NotFound):
        await handovers.withdraw(container, receiver, handover_id)
    await handovers.accept(container, receiver, handover_id)
    assert await column(world, "referral", referral_id, "owner_id") == receiver.organisation_id
    assert await column(world, "referral", referral_id, "state") == "overgedragen"
    assert await column(world, "referral", referral_id, "needs_triage") is True
    assert await column(world, "referral", referral_id, "target_at") == target
    assert await column(world, "offer", offer_id, "ending") == "overgedragen"
    assert await world.balance() == 2
    await check_conserved(container)
    with pytest.raises(NotFound):
        await claims.claim(container, sender, referral_id, world.pool_id)


async def test_a_case_that_goes_to_another_region_is_one_case_there(world: World) -> None:
    await with_places(world, 2)
    container, sender = world.container, await actor_of(world)
    await regions.create_region(container, None, TWO, "twee", "Twee")
    receiver = await actor_of(world, await make_party(container, Role.COORDINATOR, TWO))
    await world.settled()
    referral_id, (offer_id,) = await offered(world)
    handover_id = await offer_to(world, sender, referral_id, receiver)
    await handovers.accept(container, receiver, handover_id)
    assert await column(world, "referral", referral_id, "region_id") == TWO
    rows = await check_conserved(container)
    assert len(rows["referral"]) == 1
    assert {row["region_id"] for row in rows["alert"]} <= {TWO}
    # What was asked in the first region has ended; an answer hears so, and changes nothing there.
    assert await column(world, "offer", offer_id, "state") == "ingetrokken"
    events = await container.read(
        lambda connection: connection.fetch(
            "SELECT region_id, data IS NULL AS gone FROM event"
            " WHERE kind = 'referral' AND subject_id = $1 ORDER BY region_id, number",
            str(referral_id),
        )
    )
    told = [(row["region_id"], row["gone"]) for row in events]
    assert (told[-2], told[-1]) == ((1, True), (TWO, False))


async def test_a_hand_over_that_is_refused_is_told_to_who_sent_it(world: World) -> None:
    await with_places(world, 2)
    container, sender = world.container, await actor_of(world)
    receiver = await actor_of(world, await make_party(container, Role.COORDINATOR))
    referral_id, (offer_id,) = await offered(world)
    await handovers.refuse(
        container, receiver, await offer_to(world, sender, referral_id, receiver), "vol"
    )
    rows = await check_conserved(container)
    assert "overdracht-geweigerd" in {row["kind"] for row in rows["alert"]}
    again = await offer_to(world, sender, referral_id, receiver)
    await handovers.withdraw(container, sender, again)
    with pytest.raises(WrongState):
        await handovers.accept(container, receiver, again)
    # An acceptance takes back a hand-over that nobody answered.
    last = await offer_to(world, sender, referral_id, receiver)
    await accepted(world, offer_id)
    assert await column(world, "handover", last, "state") == "ingetrokken"
    await check_conserved(container)


async def test_what_is_promised_is_not_handed_over(world: World) -> None:
    await with_places(world, 2)
    container, sender = world.container, await actor_of(world)
    receiver = await actor_of(world, await make_party(container, Role.COORDINATOR))
    referral_id, offer_id = await promised(world)
    with pytest.raises(WrongState):
        await offer_to(world, sender, referral_id, receiver)
    await decisions.ask_client(container, sender, offer_id)
    with pytest.raises(WrongState):
        await offer_to(world, sender, referral_id, receiver)
    for to in (sender.organisation_id, world.provider.organisation_id, referral_id):
        with pytest.raises((InvalidInput, WrongState)):
            await handovers.hand_over(container, sender, referral_id, to, HandoverReason.WOONPLAATS)
