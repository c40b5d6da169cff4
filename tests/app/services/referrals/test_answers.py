"""What a provider answers, what the client and the doctor say to it, and how a round ends."""

from datetime import timedelta
from uuid import UUID

import pytest

from app.services.referrals import acceptances, answers, decisions, offers, rounds
from app.services.referrals.answers import Acceptance, Counter
from app.services.referrals.rounds import AskedPlace, Round
from app.services.referrals.sweeps import sweep
from domain.capacity import Figures
from domain.errors import InvalidInput, NoPlaceLeft, NotFound, OfferEnded, WrongState
from domain.needs import Urgency
from domain.offers import Ending, Refusal
from tests.factories.parties import intake_desk
from tests.factories.referrals import (
    accepted,
    actor_of,
    column,
    offer_ids,
    offered,
    promised,
    triaged,
    with_places,
)
from tests.factories.world import World, counts, make_pool
from tests.support.clock import Clock
from tests.support.conserved import check_conserved


async def state_of(world: World, referral_id: UUID) -> object:
    """Where a referral is."""
    return await column(world, "referral", referral_id, "state")


async def alerts_of(world: World, referral_id: UUID) -> list[str]:
    """What stands to be told of a referral."""
    rows = await check_conserved(world.container)
    return [row["kind"] for row in rows["alert"] if row["referral_id"] == referral_id]


async def test_a_conditional_acceptance_keeps_the_place_until_the_doctor_has_spoken(
    world: World,
) -> None:
    await with_places(world, 1)
    desk = await intake_desk(world)
    for agreed, state, left in ((False, "getrieerd", 1), (True, "geaccepteerd", 0)):
        referral_id, (offer_id,) = await offered(world)
        await acceptances.accept(world.container, desk, offer_id, Acceptance(if_doctor_agrees=True))
        assert await state_of(world, referral_id) == "onder-voorbehoud-arts"
        assert await column(world, "referral", referral_id, "waits_on") == "arts"
        assert await world.balance() == 0
        await decisions.hear_doctor(world.container, desk, offer_id, agreed=agreed)
        assert await state_of(world, referral_id) == state
        assert await world.balance() == left
        await check_conserved(world.container)
        # Who has spoken has spoken.
        with pytest.raises((OfferEnded, WrongState)):
            await decisions.hear_doctor(world.container, desk, offer_id, agreed=True)


async def test_a_client_who_declines_gives_the_place_back_and_is_no_refusal(world: World) -> None:
    await with_places(world, 1)
    coordinator = await actor_of(world)
    referral_id, offer_id = await promised(world)
    await decisions.ask_client(world.container, coordinator, offer_id)
    assert await state_of(world, referral_id) == "wacht-op-client"
    # Meanwhile nobody else is asked, and nobody takes it over: a place is promised.
    with pytest.raises(WrongState):
        await offered(world, referral_id=referral_id)
    await decisions.hear_client(world.container, coordinator, offer_id, agreed=False)
    assert await state_of(world, referral_id) == "getrieerd"
    assert await column(world, "offer", offer_id, "ending") == "client-weigert"
    assert await column(world, "offer", offer_id, "refusal") is None
    assert await world.balance() == 1
    # And the place is there for the next.
    _, next_id = await promised(world)
    await decisions.ask_client(world.container, coordinator, next_id)
    await decisions.hear_client(world.container, coordinator, next_id, agreed=True)
    assert await world.balance() == 0
    await check_conserved(world.container)


async def test_another_proposal_promises_nothing_until_the_coordination_point_agrees(
    world: World, clock: Clock
) -> None:
    await with_places(world, 1, occupied=1)
    elsewhere = await make_pool(world.container, world.location_id)
    await world.settled()
    await world.report(counts(3, 2), pool_id=elsewhere)
    coordinator, desk = await actor_of(world), await intake_desk(world)
    referral_id, (offer_id,) = await offered(world)
    tomorrow = clock.now() + timedelta(days=1)
    await answers.counter(
        world.container, desk, offer_id, Counter(pool_id=elsewhere, admission_at=tomorrow)
    )
    assert await state_of(world, referral_id) == "tegenvoorstel"
    assert await column(world, "pool", elsewhere, "balance") == 1
    await decisions.ask_client(world.container, coordinator, offer_id)
    assert await state_of(world, referral_id) == "wacht-op-client"
    await decisions.hear_client(world.container, coordinator, offer_id, agreed=True)
    assert await state_of(world, referral_id) == "geaccepteerd"
    assert await column(world, "offer", offer_id, "admission_at") == tomorrow
    assert await column(world, "pool", elsewhere, "balance") == 0
    assert await world.balance() == 0
    await check_conserved(world.container)


async def test_a_proposal_that_is_declined_ends_the_round(world: World) -> None:
    await with_places(world, 1)
    desk = await intake_desk(world)
    referral_id, (offer_id,) = await offered(world)
    with pytest.raises(InvalidInput):
        await answers.counter(world.container, desk, offer_id, Counter())
    strange = await make_pool(world.container, world.location_id)
    with pytest.raises(NotFound):
        await answers.counter(
            world.container,
            await intake_desk(world, world.other),
            offer_id,
            Counter(pool_id=strange),
        )
    await answers.counter(world.container, desk, offer_id, Counter(pool_id=strange))
    await decisions.decide_counter(world.container, await actor_of(world), offer_id, agreed=False)
    assert await state_of(world, referral_id) == "getrieerd"
    assert await column(world, "offer", offer_id, "ending") == "tegenvoorstel-afgewezen"
    # The desk did it itself, so nobody has to be told.
    assert not await alerts_of(world, referral_id)


async def test_more_than_is_free_is_promised_only_when_that_is_said(world: World) -> None:
    await with_places(world, 2, occupied=2)
    _, (offer_id,) = await offered(world)
    with pytest.raises(NoPlaceLeft) as raised:
        await accepted(world, offer_id)
    assert raised.value.facts["free"] == 0
    assert await column(world, "offer", offer_id, "answered_at") is None
    await accepted(world, offer_id, Acceptance(over_free=True))
    assert await world.balance() == -1
    assert await column(world, "offer", offer_id, "over_free") is True
    await check_conserved(world.container)


async def test_what_nobody_knows_to_be_free_is_promised_only_when_that_is_said(
    world: World,
) -> None:
    await world.report(Figures(physical=4, operable=4))
    await world.settled()
    _, (offer_id,) = await offered(world)
    with pytest.raises(NoPlaceLeft) as raised:
        await accepted(world, offer_id)
    assert raised.value.facts["free"] is None
    await accepted(world, offer_id, Acceptance(over_free=True))
    await check_conserved(world.container)


async def test_an_answer_after_the_deadline_counts_until_a_clock_ended_the_offer(
    world: World, clock: Clock
) -> None:
    await with_places(world, 2)
    _, (offer_id,) = await offered(world, urgency=Urgency.SPOED)
    clock.turn(timedelta(minutes=241))
    done = await accepted(world, offer_id)
    assert done.state == "geaccepteerd"
    assert await column(world, "offer", offer_id, "late") is True
    _, (missed,) = await offered(world, urgency=Urgency.SPOED)
    clock.turn(timedelta(minutes=241))
    await sweep(world.container)
    with pytest.raises(OfferEnded) as raised:
        await accepted(world, missed)
    assert (raised.value.facts["state"], raised.value.facts["reason"]) == (
        "verlopen",
        "geen-antwoord",
    )


async def test_a_round_that_ends_with_a_refusal_is_told_as_refused(
    world: World, clock: Clock
) -> None:
    await with_places(world, 2)
    elsewhere = await make_pool(world.container, world.location_id)
    await world.settled()
    referral_id, (first, second) = await offered(
        world, world.pool_id, elsewhere, urgency=Urgency.ACUUT
    )
    desk = await intake_desk(world)
    await answers.refuse(world.container, desk, first, Refusal.TE_COMPLEX, "Beademing")
    assert "alle-geweigerd" not in await alerts_of(world, referral_id)
    await answers.refuse(world.container, desk, second, Refusal.GEEN_PERSONEEL)
    assert "alle-geweigerd" in await alerts_of(world, referral_id)
    assert await state_of(world, referral_id) == "getrieerd"
    # Another round answers it.
    await offered(world, referral_id=referral_id)
    assert "alle-geweigerd" not in await alerts_of(world, referral_id)


async def test_who_is_asked_hears_how_many_are_and_nobody_more_than_the_urgency_allows(
    world: World,
) -> None:
    await with_places(world, 2)
    elsewhere = await make_pool(world.container, world.location_id)
    await world.settled()
    referral_id = (await triaged(world, Urgency.ACUUT)).referral_id
    coordinator = await actor_of(world)

    async def ask(pool_id: UUID) -> UUID:
        asked = Round([AskedPlace(pool_id=pool_id)], argument="gevraagd")
        await rounds.offer(world.container, coordinator, referral_id, asked)
        return (await offer_ids(world, referral_id))[-1]

    first = await ask(world.pool_id)
    assert await column(world, "offer", first, "asked") == 1
    with pytest.raises(InvalidInput):
        await ask(world.pool_id)
    second = await ask(elsewhere)
    assert await column(world, "offer", first, "asked") == 2
    assert await column(world, "offer", second, "asked") == 2
    await offers.withdraw(world.container, coordinator, second, Ending.NIET_PASSEND)
    with pytest.raises(InvalidInput):
        await offers.withdraw(world.container, coordinator, first, Ending.GEEN_ANTWOORD)
    assert await state_of(world, referral_id) == "aangeboden"
