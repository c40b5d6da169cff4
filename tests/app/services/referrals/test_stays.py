"""Coming and leaving: beds go along, temporary places, those who didn't come, and who pays."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from app.services.referrals import (
    appointments,
    board_checks,
    claims,
    desk,
    endings,
    rounds,
    stays,
    triages,
)
from app.services.referrals.appointments import Appointment
from app.services.referrals.desk import WlzFact
from app.services.referrals.rounds import AskedPlace, Round
from app.services.referrals.stays import Arrival
from app.services.referrals.sweeps import sweep
from app.services.referrals.triages import Triage
from domain.actors import Actor
from domain.care_types import CareType
from domain.cases import CizStatus, Closure, Destination, TargetGroup, WithdrawalReason
from domain.errors import InvalidInput, NotFound, OfferEnded, WrongState
from domain.identifiers import BedId
from tests.factories.beds import FREE, make_beds, say
from tests.factories.parties import intake_desk
from tests.factories.referrals import (
    ELV_LAAG_FACTS,
    accepted,
    actor_of,
    column,
    filed,
    offer_ids,
    offered,
    promised,
    with_places,
)
from tests.factories.world import World, counts, make_pool
from tests.support.clock import Clock
from tests.support.conserved import check_conserved


async def mfb_bed(world: World) -> tuple[UUID, BedId]:
    """A pool with one free bed."""
    pool_id = await make_pool(world.container, world.location_id, CareType.MFB)
    await world.settled()
    (bed_id,) = await make_beds(world, 1, pool_id)
    await say(world, bed_id, FREE)
    await world.settled()
    return pool_id, bed_id


async def for_mfb(world: World, by: Actor) -> UUID:
    """A referral for which the MFB was chosen, after a look at the board."""
    referral_id = (await filed(world)).referral_id
    given = Triage(ELV_LAAG_FACTS, CareType.MFB, "geen andere plaats vannacht")
    await triages.triage(world.container, by, referral_id, given)
    await board_checks.check(world.container, by, referral_id)
    return referral_id


async def test_a_bed_goes_from_held_to_cleaned(world: World, clock: Clock) -> None:
    pool_id, bed_id = await mfb_bed(world)
    coordinator, container = await actor_of(world), world.container
    referral_id = await for_mfb(world, coordinator)
    await claims.claim(container, coordinator, referral_id, pool_id)
    assert await column(world, "bed", bed_id, "hold") == "claimed"
    asked = Round([AskedPlace(pool_id=pool_id)], argument="vannacht")
    await rounds.offer(container, coordinator, referral_id, asked)
    (offer_id,) = await offer_ids(world, referral_id)
    await accepted(world, offer_id)
    assert await column(world, "bed", bed_id, "hold") == "promised"
    assert await column(world, "offer", offer_id, "bed_id") == bed_id
    await check_conserved(container)
    leaves = clock.now().date() + timedelta(days=2)
    desk_of = await intake_desk(world)
    await stays.admit(container, desk_of, offer_id, Arrival(expected_discharge=leaves))
    assert await column(world, "bed", bed_id, "hold") is None
    assert await column(world, "bed", bed_id, "state") == "occupied"
    assert await column(world, "bed", bed_id, "expected_discharge") == leaves
    await stays.expect_discharge(container, desk_of, referral_id, leaves + timedelta(days=1))
    assert await column(world, "bed", bed_id, "expected_discharge") == leaves + timedelta(days=1)
    await stays.discharge(container, desk_of, referral_id, None, Destination.THUIS)
    assert await column(world, "bed", bed_id, "state") == "cleaning"
    assert await column(world, "referral", referral_id, "state") == "afgesloten"
    assert await column(world, "referral", referral_id, "care_type_placed") == "mfb"
    rows = await check_conserved(container)
    (pool,) = [row for row in rows["pool"] if row["id"] == pool_id]
    assert (pool["claimed"], pool["promised_at"], pool["balance"]) == (0, [], 0)


async def test_who_does_not_come_is_asked_after_and_then_given_up(
    world: World, clock: Clock
) -> None:
    await with_places(world, 1)
    coordinator, container = await actor_of(world), world.container
    referral_id, offer_id = await promised(world)
    at = clock.now() + timedelta(hours=1)
    await appointments.appoint(
        container, coordinator, offer_id, Appointment(at, {"transport": True})
    )
    assert await column(world, "referral", referral_id, "next_action") == "opname-afwachten"
    with pytest.raises(InvalidInput):
        await appointments.appoint(
            container, coordinator, offer_id, Appointment(at, {"taxi": True})
        )
    clock.turn(timedelta(hours=3, minutes=1))
    await sweep(container)
    assert await column(world, "referral", referral_id, "next_action") == "opname-navragen"
    # Overdue turns red, and still counts: a person releases it.
    assert await world.balance() == 0
    later = clock.now() + timedelta(hours=1)
    await appointments.not_arrived(container, coordinator, offer_id, expected_at=later)
    assert await column(world, "referral", referral_id, "next_action") == "opname-afwachten"
    await appointments.not_arrived(container, coordinator, offer_id, expected_at=None)
    assert await column(world, "referral", referral_id, "state") == "getrieerd"
    assert await column(world, "offer", offer_id, "ending") == "niet-aangekomen"
    assert await world.balance() == 1
    with pytest.raises(OfferEnded):
        await stays.admit(container, coordinator, offer_id, Arrival())
    await check_conserved(container)


async def test_who_waits_in_a_temporary_place_leaves_it_for_the_preferred_one(
    world: World,
) -> None:
    await with_places(world, 1)
    preferred = await make_pool(world.container, world.location_id)
    await world.settled()
    await world.report(counts(1, 0), pool_id=preferred)
    coordinator, container = await actor_of(world), world.container
    referral_id, offer_id = await promised(world)
    await stays.admit(container, coordinator, offer_id, Arrival(temporary=True))
    assert await column(world, "referral", referral_id, "state") == "tijdelijk-geplaatst"
    assert await column(world, "referral", referral_id, "care_type_placed") is None
    assert await world.balance() == 0
    # Somebody who is staying somewhere isn't taken back or closed: first they leave.
    with pytest.raises(WrongState):
        await endings.withdraw(
            container, coordinator, referral_id, WithdrawalReason.NIET_MEER_NODIG
        )
    with pytest.raises(WrongState):
        await endings.close(container, coordinator, referral_id, Closure.ZELF_GEREGELD)
    await offered(world, preferred, referral_id=referral_id)
    (second,) = set(await offer_ids(world, referral_id)) - {offer_id}
    await accepted(world, second)
    await check_conserved(container)
    await stays.admit(container, coordinator, second, Arrival())
    assert await column(world, "referral", referral_id, "state") == "opgenomen"
    assert await world.balance() == 1
    rows = await check_conserved(container)
    assert [row["pool_id"] for row in rows["stay"]] == [preferred]


async def test_who_stays_where_they_waited_ends_the_search_and_what_is_held(world: World) -> None:
    await with_places(world, 1)
    elsewhere = await make_pool(world.container, world.location_id)
    await world.settled()
    await world.report(counts(1, 0), pool_id=elsewhere)
    coordinator, container = await actor_of(world), world.container
    for registered in (False, True):
        referral_id, offer_id = await promised(world)
        await stays.admit(container, coordinator, offer_id, Arrival(temporary=True))
        await claims.claim(container, coordinator, referral_id, elsewhere)
        if registered:
            await endings.register_no_place(container, coordinator, referral_id, TargetGroup.GEDRAG)
        await stays.keep(container, coordinator, referral_id)
        assert await column(world, "referral", referral_id, "state") == "opgenomen"
        assert await column(world, "pool", elsewhere, "balance") == 1
        await check_conserved(container)
        await desk.note(container, coordinator, referral_id, "Blijft.")
        await stays.discharge(container, coordinator, referral_id, None, Destination.THUIS)
        await check_conserved(container)


async def test_times_of_coming_and_leaving_are_the_actual_ones(world: World, clock: Clock) -> None:
    await with_places(world, 2)
    coordinator, container = await actor_of(world), world.container
    referral_id, offer_id = await promised(world)
    for wrong in (timedelta(minutes=5), timedelta(days=-40)):
        with pytest.raises(InvalidInput):
            await stays.admit(container, coordinator, offer_id, Arrival(clock.now() + wrong))
    # After what was counted, or the count would hold it already.
    clock.turn(timedelta(hours=2))
    came = clock.now() - timedelta(hours=1)
    await stays.admit(container, coordinator, offer_id, Arrival(came))
    with pytest.raises(InvalidInput):
        await stays.discharge(
            container, coordinator, referral_id, came - timedelta(minutes=1), Destination.THUIS
        )
    # Another house has nothing to do with it.
    with pytest.raises(NotFound):
        await stays.discharge(
            container,
            await intake_desk(world, world.other),
            referral_id,
            None,
            Destination.THUIS,
        )
    await endings.died(container, coordinator, referral_id)
    assert await world.balance() == 2
    rows = await check_conserved(container)
    assert not rows["stay"]


async def test_a_wlz_decision_changes_who_pays_where_there_is_a_contract(world: World) -> None:
    await with_places(world, 3)
    coordinator, container = await actor_of(world), world.container
    fact = WlzFact(CizStatus.AFGEGEVEN, date(2026, 11, 20), "5")
    for contract, payer in ((False, "zvw"), (True, "wlz")):
        await _contract(world, contract)
        referral_id, offer_id = await promised(world)
        await stays.admit(container, coordinator, offer_id, Arrival())
        with pytest.raises(InvalidInput):
            await desk.record_wlz(container, coordinator, referral_id, WlzFact(CizStatus.AFGEGEVEN))
        await desk.record_wlz(container, await intake_desk(world), referral_id, fact)
        assert await column(world, "referral", referral_id, "payer") == payer
        rows = await check_conserved(container)
        raised = {row["kind"] for row in rows["alert"] if row["referral_id"] == referral_id}
        assert ("geen-wlz-contract" in raised) is not contract
        assert "betaler-wijzigt" in raised


async def _contract(world: World, contract: bool) -> None:
    await world.container.read(
        lambda connection: connection.execute(
            "UPDATE location SET wlz_contract = $2 WHERE id = $1", world.location_id, contract
        )
    )
