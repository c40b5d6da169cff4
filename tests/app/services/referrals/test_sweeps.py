"""The clocks of a referral: what is due is done at its moment, once, and told to whom it concerns."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from app.container import Container
from app.services.norms import set_norms
from app.services.referrals import (
    answers,
    appointments,
    claims,
    desk,
    offers,
    rounds,
    stays,
    sweeps,
    triages,
)
from app.services.referrals.answers import Acceptance
from app.services.referrals.appointments import Appointment
from app.services.referrals.rounds import AskedPlace, Round
from app.services.referrals.stays import Arrival
from app.services.referrals.sweeps import sweep
from app.services.referrals.triages import Triage
from domain.actors import Actor
from domain.care_types import CareType
from domain.needs import Urgency
from domain.norms import Norms
from domain.offers import Refusal
from tests.factories.parties import intake_desk
from tests.factories.referrals import (
    ELV_LAAG_FACTS,
    accepted,
    actor_of,
    column,
    filed,
    offered,
    triaged,
    with_places,
)
from tests.factories.world import REGION, World, make_pool
from tests.support.clock import Clock
from tests.support.clocks import ANSWER, MINUTE, by_the_clock, open_alerts, swept
from tests.support.database import Database

ACUUT = Urgency.ACUUT


async def test_an_offer_that_nobody_answers_ends_at_its_deadline(
    container: Container, world: World, clock: Clock, database: Database
) -> None:
    referral_id, (offer_id,) = await offered(world)
    deadline = await column(world, "offer", offer_id, "deadline_at")
    assert isinstance(deadline, datetime)
    clock.set(deadline - MINUTE)
    assert await swept(container) == 0
    assert await column(world, "offer", offer_id, "state") == "gevraagd"
    before = await container.read(
        lambda connection: connection.fetchval("SELECT number FROM stream WHERE region_id = 1")
    )
    clock.set(deadline)
    assert await swept(container) == 1
    assert await swept(container) == 0
    offer = await database.one("SELECT * FROM offer WHERE id = $1", offer_id)
    assert (offer["state"], offer["ending"], offer["refusal"]) == (
        "verlopen",
        "geen-antwoord",
        None,
    )
    referral = await database.one("SELECT * FROM referral WHERE id = $1", referral_id)
    assert (referral["state"], referral["next_action"]) == ("getrieerd", "verder-zoeken")
    assert referral["waits_on"] == "coordinatiepunt"
    assert await open_alerts(database, referral_id) == {"niemand-antwoordde"}
    assert await by_the_clock(database, referral_id) == {"offer-expired geen-antwoord": 1}
    told = await database.all(
        "SELECT kind, owner_id FROM event WHERE number > $1 ORDER BY 1", before
    )
    assert {(row["kind"], row["owner_id"]) for row in told} == {
        ("referral", world.coordinator.organisation_id),
        ("offer", world.provider.organisation_id),
    }
    audit = await database.all(
        "SELECT role FROM audit WHERE object_id = $1 AND role = 'system'", str(referral_id)
    )
    assert len(audit) == 1


async def test_an_acuut_offer_that_nobody_looks_at_is_to_be_phoned_about(
    container: Container, world: World, clock: Clock, database: Database
) -> None:
    pool_ids = world.pool_id, await make_pool(container, world.location_id)
    referral_id, (first, second) = await offered(world, *pool_ids, urgency=ACUUT)
    spoed, _ = await offered(world)
    coordinator = await actor_of(world)
    clock.turn(9 * MINUTE)
    assert await swept(container) == 0
    await offers.see(container, await intake_desk(world, world.provider), second)
    clock.turn(MINUTE)
    assert await swept(container) == 1
    assert await swept(container) == 0
    alert = await database.one("SELECT * FROM alert WHERE kind = 'acuut-niet-gezien'")
    assert (alert["referral_id"], alert["offer_id"]) == (referral_id, first)
    assert alert["owner_id"] == world.coordinator.organisation_id
    assert await column(world, "referral", referral_id, "next_action") == "aanbieder-bellen"
    assert await by_the_clock(database, referral_id) == {"alerted acuut-niet-gezien": 1}
    assert await by_the_clock(database, spoed) == {}
    version = await column(world, "offer", first, "version")
    assert version == 1, "its provider has nothing new to see"
    await answers.refuse(container, coordinator, first, Refusal.GEEN_PLEK)
    assert await open_alerts(database, referral_id) == set()
    assert await column(world, "referral", referral_id, "next_action") == "antwoord-afwachten"


async def test_a_held_place_comes_back_when_its_time_is_over(
    container: Container, world: World, clock: Clock, database: Database
) -> None:
    await with_places(world, 3)
    coordinator = await actor_of(world)
    held = [(await triaged(world)).referral_id for _ in range(2)]
    for referral_id in held:
        await claims.claim(container, coordinator, referral_id, world.pool_id)
    assert await world.balance() == 1
    clock.turn(30 * MINUTE)
    # Together, in one commit: the pool's row counts them one by one.
    assert (await sweep(container)).count == 2
    assert await world.balance() == 3
    assert await swept(container) == 0
    for referral_id in held:
        assert await by_the_clock(database, referral_id) == {"claim-expired": 1}
        assert await column(world, "referral", referral_id, "state") == "getrieerd"
    assert await database.value("SELECT count(*) FROM claim WHERE state = 'expired'") == 2


async def asked_with_another_to_follow(world: World, coordinator: Actor) -> UUID:
    """A spoed referral with one place asked, and whom to ask next."""
    referral_id = (await triaged(world)).referral_id
    next_pool = await make_pool(world.container, world.location_id)
    await world.settled()
    round_ = Round(
        [AskedPlace(pool_id=world.pool_id)],
        argument="gevraagd in een test",
        following=[AskedPlace(pool_id=next_pool)],
    )
    await rounds.offer(world.container, coordinator, referral_id, round_)
    return referral_id


async def test_the_next_round_begins_by_itself_where_the_norms_say_so(
    container: Container, world: World, clock: Clock, database: Database
) -> None:
    coordinator = await actor_of(world)
    by_itself = {**Norms().next_round, Urgency.SPOED: True}
    by_hand = await asked_with_another_to_follow(world, coordinator)
    clock.turn(ANSWER[Urgency.SPOED])
    assert await swept(container) == 1
    assert await open_alerts(database, by_hand) == {"niemand-antwoordde"}
    await set_norms(container, None, REGION, replace(Norms(), next_round=by_itself), 0)
    going_on = await asked_with_another_to_follow(world, coordinator)
    clock.turn(ANSWER[Urgency.SPOED])
    assert await swept(container) == 1
    assert await column(world, "referral", going_on, "state") == "aangeboden"
    assert await open_alerts(database, going_on) == set()
    assert await by_the_clock(database, going_on) == {
        "offer-expired geen-antwoord": 1,
        "offered": 1,
    }
    clock.turn(ANSWER[Urgency.SPOED])
    assert await swept(container) == 1
    # Nobody is left to ask.
    assert await open_alerts(database, going_on) == {"niemand-antwoordde"}
    # A board that isn't there yet can't say whether the next one may be asked.
    unseen = await asked_with_another_to_follow(world, coordinator)
    clock.turn(ANSWER[Urgency.SPOED])
    board = container.board.regions.pop(REGION)
    try:
        assert await swept(container) == 1
    finally:
        container.board.regions.setdefault(REGION, board)
    assert await column(world, "referral", unseen, "state") == "getrieerd"
    assert "niemand-antwoordde" in await open_alerts(database, unseen)


async def test_the_watchdog_tells_each_thing_once_at_its_moment(
    container: Container, world: World, clock: Clock, database: Database
) -> None:
    await with_places(world, 3)
    coordinator, house = await actor_of(world), await intake_desk(world, world.provider)
    begun = container.now()
    referral_id = (await filed(world)).referral_id

    async def come(alert: str, at: timedelta, *, instead_of: str | None = None) -> None:
        """Turns to just before a moment and to the moment: the alert holds from then on."""
        before = await open_alerts(database, referral_id)
        clock.set(begun + at - MINUTE)
        assert await swept(container) == 0
        clock.set(begun + at + MINUTE)
        assert await swept(container) == 1
        assert await open_alerts(database, referral_id) == before - {instead_of} | {alert}
        assert await swept(container) == 0
        again = await column(world, "referral", referral_id, "watch_at")
        assert again is None or (isinstance(again, datetime) and again > container.now())

    async def gone(alert: str) -> None:
        assert alert not in await open_alerts(database, referral_id)

    await desk.leave(container, coordinator, referral_id)
    await come("geen-eigenaar", 30 * MINUTE)
    await desk.take(container, coordinator, referral_id)
    await gone("geen-eigenaar")
    await come("triage-te-laat", 60 * MINUTE)
    given = Triage(ELV_LAAG_FACTS, CareType.ELV_LAAG)
    await triages.triage(container, coordinator, referral_id, given)
    await gone("triage-te-laat")
    await desk.call_back(container, coordinator, referral_id, begun + 90 * MINUTE)
    await come("terugbellen", 90 * MINUTE)
    await desk.call_back(container, coordinator, referral_id, None)
    await gone("terugbellen")
    target = timedelta(hours=48)
    await come("doeltijd-nadert", target * 0.67)
    await come("doeltijd-voorbij", target, instead_of="doeltijd-nadert")
    _, (offer_id,) = await offered(world, referral_id=referral_id)
    await accepted(world, offer_id, Acceptance(over_free=True))
    agreed = timedelta(hours=60)
    await appointments.appoint(container, coordinator, offer_id, Appointment(begun + agreed))
    await come("niet-aangekomen", agreed + 120 * MINUTE)
    assert await column(world, "referral", referral_id, "next_action") == "opname-navragen"
    clock.set(begun + timedelta(hours=63))
    await stays.admit(container, coordinator, offer_id, Arrival())
    assert await open_alerts(database, referral_id) == set()
    await come("evaluatie", timedelta(hours=63, days=21))
    await desk.review(container, house, referral_id, None)
    assert await open_alerts(database, referral_id) == set()
    told = (
        *("geen-eigenaar", "triage-te-laat", "terugbellen", "doeltijd-nadert"),
        *("doeltijd-voorbij", "niet-aangekomen", "evaluatie"),
    )
    assert await by_the_clock(database, referral_id) == {f"alerted {kind}": 1 for kind in told}


async def test_a_figure_that_nobody_confirms_is_told_of_once_until_there_is_a_newer_one(
    container: Container, world: World, clock: Clock, database: Database
) -> None:
    await with_places(world, 3)
    other_id = await make_pool(container, world.location_id)
    assert await sweeps.tell_stale(container) == 0
    valid_until = await column(world, "pool", world.pool_id, "valid_until")
    assert isinstance(valid_until, datetime)
    clock.set(valid_until + 59 * MINUTE)
    assert await sweeps.tell_stale(container) == 0
    clock.turn(MINUTE)
    told = await asyncio.gather(*(sweeps.tell_stale(container) for _ in range(3)))
    assert sum(told) == 1
    assert await sweeps.tell_stale(container) == 0
    alert = await database.one("SELECT * FROM alert WHERE cleared_at IS NULL")
    assert (alert["kind"], alert["pool_id"]) == ("capaciteit-onbevestigd", world.pool_id)
    assert (alert["region_id"], alert["owner_id"], alert["referral_id"]) == (REGION, None, None)
    await with_places(world, 4)
    assert await sweeps.tell_stale(container) == 1
    assert await database.value("SELECT count(*) FROM alert WHERE cleared_at IS NULL") == 0
    # One of which nothing was ever told has no figure that could grow old.
    assert await column(world, "pool", other_id, "valid_until") is None
    assert await database.value("SELECT count(*) FROM alert") == 1
