"""What a stranger found when told to break it: each holds now."""

from datetime import timedelta

import pytest

from app.services import beds as bed_services
from app.services import pools as pool_services
from app.services.mergers import merge_organisation
from app.services.referrals import (
    acceptances,
    answers,
    appointments,
    claims,
    decisions,
    endings,
    handovers,
    offers,
    rounds,
    stays,
)
from app.services.referrals.acceptances import Accepting
from app.services.referrals.answers import Acceptance, Counter
from app.services.referrals.rounds import AskedPlace, Round
from app.services.referrals.stays import Arrival
from domain.actors import Role
from domain.care_types import CareType
from domain.cases import Destination, HandoverReason, TargetGroup
from domain.errors import InvalidInput, NoPlaceLeft, NotAllowed, NotFound, StillInUse
from domain.needs import Urgency
from domain.offers import Refusal
from tests.app.services.referrals.test_answers import alerts_of
from tests.app.services.referrals.test_stays import for_mfb, mfb_bed
from tests.factories.beds import CLEANING, OCCUPIED, say
from tests.factories.parties import intake_desk
from tests.factories.referrals import (
    accepted,
    actor_of,
    column,
    filed,
    offer_ids,
    offered,
    promised,
    triaged,
    with_places,
)
from tests.factories.world import REGION, World, counts, make_party, make_pool
from tests.support.clock import Clock
from tests.support.clocks import swept
from tests.support.conserved import check_conserved


async def test_an_acceptance_that_is_refused_leaves_no_trace_beside_one_that_is_not(
    world: World, clock: Clock
) -> None:
    await with_places(world, 2)
    desk = await intake_desk(world)
    _, (good,) = await offered(world)
    referral_id, (bad,) = await offered(world)
    before_it_was_asked = clock.now() - timedelta(hours=2)
    first, second = await acceptances.accept_all(
        world.container,
        [
            Accepting(desk, good, Acceptance(), None, None),
            Accepting(desk, bad, Acceptance(), None, before_it_was_asked),
        ],
    )
    assert not isinstance(first, Exception)
    assert isinstance(second, InvalidInput)
    assert await column(world, "offer", bad, "state") == "gevraagd"
    assert await column(world, "referral", referral_id, "state") == "aangeboden"
    await check_conserved(world.container)


async def test_of_two_other_proposals_one_is_agreed_to_while_the_client_thinks_of_the_other(
    world: World, clock: Clock
) -> None:
    await with_places(world, 2)
    elsewhere = await make_pool(world.container, world.location_id)
    await world.settled()
    await world.report(counts(2, 0), pool_id=elsewhere)
    coordinator, desk = await actor_of(world), await intake_desk(world)
    referral_id, asked = await offered(world, world.pool_id, elsewhere, urgency=Urgency.ACUUT)
    tomorrow = clock.now() + timedelta(days=1)
    for offer_id in asked:
        await answers.counter(world.container, desk, offer_id, Counter(admission_at=tomorrow))
    await decisions.ask_client(world.container, coordinator, asked[0])
    await decisions.decide_counter(world.container, coordinator, asked[1], agreed=True)
    assert await column(world, "referral", referral_id, "state") == "geaccepteerd"
    await check_conserved(world.container)


async def test_a_held_bed_that_was_taken_meanwhile_is_not_promised(
    world: World, clock: Clock
) -> None:
    pool_id, bed_id = await mfb_bed(world)
    coordinator = await actor_of(world)
    referral_id = await for_mfb(world, coordinator)
    await claims.claim(world.container, coordinator, referral_id, pool_id)
    await rounds.offer(
        world.container, coordinator, referral_id, Round([AskedPlace(pool_id=pool_id)])
    )
    (offer_id,) = await offer_ids(world, referral_id)
    clock.turn(timedelta(minutes=1))
    await say(world, bed_id, OCCUPIED)
    with pytest.raises(NoPlaceLeft):
        await accepted(world, offer_id)


async def test_another_moment_for_a_bed_names_the_bed(world: World, clock: Clock) -> None:
    pool_id, bed_id = await mfb_bed(world)
    coordinator, desk = await actor_of(world), await intake_desk(world)
    referral_id = await for_mfb(world, coordinator)
    await rounds.offer(
        world.container, coordinator, referral_id, Round([AskedPlace(pool_id=pool_id)])
    )
    (offer_id,) = await offer_ids(world, referral_id)
    at = clock.now() + timedelta(hours=5)
    with pytest.raises(InvalidInput) as refused:
        await answers.counter(world.container, desk, offer_id, Counter(admission_at=at))
    assert refused.value.pointer == "/bed_id"
    given = Counter(admission_at=at, bed_id=bed_id)
    await answers.counter(world.container, desk, offer_id, given)
    await decisions.decide_counter(world.container, coordinator, offer_id, agreed=True)
    assert await column(world, "offer", offer_id, "bed_id") == bed_id


async def test_who_stays_in_a_bed_that_was_ended_can_still_leave(
    world: World, clock: Clock
) -> None:
    pool_id, bed_id = await mfb_bed(world)
    coordinator = await actor_of(world)
    referral_id = await for_mfb(world, coordinator)
    await rounds.offer(
        world.container, coordinator, referral_id, Round([AskedPlace(pool_id=pool_id)])
    )
    (offer_id,) = await offer_ids(world, referral_id)
    await accepted(world, offer_id)
    await stays.admit(world.container, coordinator, offer_id, Arrival())
    clock.turn(timedelta(hours=1))
    await say(world, bed_id, CLEANING)
    await bed_services.close_bed(world.container, None, bed_id)
    await stays.discharge(world.container, coordinator, referral_id, None, Destination.THUIS)
    assert await column(world, "referral", referral_id, "state") == "afgesloten"


async def test_a_promise_without_a_moment_is_asked_after_too(world: World, clock: Clock) -> None:
    await with_places(world, 3)
    referral_id, _ = await promised(world)
    clock.turn(timedelta(days=2, hours=3))
    await swept(world.container)
    assert "niet-aangekomen" in await alerts_of(world, referral_id)


async def test_a_word_that_does_not_come_is_told(world: World, clock: Clock) -> None:
    await with_places(world, 3)
    referral_id, (offer_id,) = await offered(world)
    await accepted(world, offer_id, Acceptance(if_doctor_agrees=True))
    clock.turn(timedelta(hours=3))
    await swept(world.container)
    assert "wacht-te-lang" not in await alerts_of(world, referral_id)
    clock.turn(timedelta(hours=2))
    await swept(world.container)
    assert "wacht-te-lang" in await alerts_of(world, referral_id)


async def test_nobody_came_and_the_place_is_given_back_not_in_silence(world: World) -> None:
    await with_places(world, 3)
    referral_id, offer_id = await promised(world)
    desk = await intake_desk(world)
    await appointments.not_arrived(world.container, desk, offer_id, expected_at=None)
    assert await alerts_of(world, referral_id) == ["toezegging-vervallen"]


async def test_a_pool_takes_along_what_it_was_asked_and_has_promised(world: World) -> None:
    await with_places(world, 3)
    _, promise_id = await promised(world)
    _, (asked_id,) = await offered(world)
    old, new = await intake_desk(world), await intake_desk(world, world.other)
    await pool_services.transfer_pool(
        world.container, None, world.pool_id, world.other.organisation_id
    )
    await world.settled()
    with pytest.raises(NotFound):
        await acceptances.accept(world.container, old, asked_id, Acceptance())
    await acceptances.accept(world.container, new, asked_id, Acceptance())
    await stays.admit(world.container, new, promise_id, Arrival())
    await check_conserved(world.container)


async def test_once_more_in_vain_takes_nobody_off_the_register(world: World) -> None:
    await with_places(world, 1)
    coordinator = await actor_of(world)
    referral_id = (await triaged(world)).referral_id
    await endings.register_no_place(world.container, coordinator, referral_id, TargetGroup.GEDRAG)
    _, (offer_id,) = await offered(world, referral_id=referral_id)
    desk = await intake_desk(world)
    await answers.refuse(world.container, desk, offer_id, Refusal.GEDRAG_WZD)
    assert await column(world, "referral", referral_id, "state") == "geen-plek"


async def test_only_who_was_asked_can_have_seen_it(world: World) -> None:
    await with_places(world, 1)
    _, (offer_id,) = await offered(world)
    with pytest.raises(NotAllowed):
        await offers.see(world.container, await actor_of(world), offer_id)
    with pytest.raises(NotFound):
        await offers.see(world.container, await intake_desk(world, world.other), offer_id)
    await offers.see(world.container, await intake_desk(world), offer_id)


async def test_nothing_is_told_of_the_time_before_a_referral_was_filed(
    world: World, clock: Clock
) -> None:
    done = await filed(world)
    with pytest.raises(InvalidInput):
        await endings.died(
            world.container,
            await actor_of(world),
            done.referral_id,
            happened_at=clock.now() - timedelta(days=3),
        )


async def test_an_organisation_that_gives_no_care_is_not_asked_for_it(world: World) -> None:
    referral_id = (await triaged(world)).referral_id
    asked = AskedPlace(organisation_id=world.coordinator.organisation_id)
    with pytest.raises(InvalidInput):
        await rounds.offer(
            world.container,
            await actor_of(world),
            referral_id,
            Round([asked], CareType.SPOEDCONSULT_SO, "een consult"),
        )


async def test_two_points_that_hand_over_to_each_other_finish_that_before_they_merge(
    world: World,
) -> None:
    point = await make_party(world.container, Role.COORDINATOR, REGION)
    await world.settled()
    referral_id = (await filed(world)).referral_id
    handed = await handovers.hand_over(
        world.container,
        await actor_of(world),
        referral_id,
        point.organisation_id,
        HandoverReason.WOONPLAATS,
    )
    merging = (world.container, None, point.organisation_id, world.coordinator.organisation_id)
    with pytest.raises(StillInUse):
        await merge_organisation(*merging)
    receiver = await actor_of(world, point)
    await handovers.refuse(world.container, receiver, handed.id)
    await merge_organisation(*merging)
