"""What comes in, changes, is asked, follows on another, and ends on the register of those without a place."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.services.referrals import (
    board_checks,
    desk,
    endings,
    filing,
    needs,
    questions,
    rounds,
    stays,
    triages,
)
from app.services.referrals.filing import Successor
from app.services.referrals.rounds import AskedPlace, Round
from app.services.referrals.stays import Arrival
from app.services.referrals.triages import Triage
from domain.care_types import CareType
from domain.cases import Closure, Destination, TargetGroup, TextKind, WithdrawalReason
from domain.errors import (
    ArgumentRequired,
    BoardCheckRequired,
    InvalidInput,
    NotFound,
    VersionChanged,
    WrongState,
)
from domain.features import Feature
from domain.needs import Urgency
from tests.factories.beds import FREE, make_beds, say
from tests.factories.parties import intake_desk
from tests.factories.referrals import (
    ELV_LAAG_FACTS,
    TEXTS,
    actor_of,
    column,
    filed,
    make_intake,
    make_need,
    offered,
    promised,
    triaged,
    with_places,
)
from tests.factories.world import World, counts, make_pool
from tests.support.clock import Clock
from tests.support.conserved import check_conserved


async def alerts_of(world: World, referral_id: UUID) -> set[str]:
    """What stands to be told of a referral."""
    rows = await check_conserved(world.container)
    return {row["kind"] for row in rows["alert"] if row["referral_id"] == referral_id}


async def test_a_need_that_changes_is_triaged_again_with_new_clocks(
    world: World, clock: Clock
) -> None:
    await with_places(world, 2)
    container, coordinator = world.container, await actor_of(world)
    referral_id, (offer_id,) = await offered(world, urgency=Urgency.SPOED)
    shown = await column(world, "referral", referral_id, "version")
    deadline = await column(world, "offer", offer_id, "deadline_at")
    told = await column(world, "offer", offer_id, "version")
    clock.turn(timedelta(minutes=20))
    need = make_need(features=frozenset({Feature.TILLIFT}))

    async def change(expected_version: object = None) -> None:
        assert expected_version is None or isinstance(expected_version, int)
        await needs.change(
            container,
            coordinator,
            referral_id,
            need,
            Urgency.ACUUT,
            {},
            expected_version=expected_version,
        )

    with pytest.raises(VersionChanged):
        await change(1)
    await change(shown)
    assert await column(world, "referral", referral_id, "needs_triage") is True
    assert await column(world, "referral", referral_id, "next_action") == "opnieuw-trieren"
    assert await column(world, "offer", offer_id, "version") == told + 1  # type: ignore[operator]
    assert await column(world, "offer", offer_id, "norm_minutes") == 30
    assert await column(world, "offer", offer_id, "deadline_at") < deadline  # type: ignore[operator]
    # Until it is triaged again nobody more is asked; then the state follows from the offers.
    with pytest.raises(WrongState):
        await offered(world, referral_id=referral_id)
    await triages.triage(
        container, coordinator, referral_id, Triage(ELV_LAAG_FACTS, CareType.ELV_LAAG)
    )
    assert await column(world, "referral", referral_id, "state") == "aangeboden"
    # The same once more starts no clock.
    by = await column(world, "referral", referral_id, "triage_by")
    clock.turn(timedelta(minutes=1))
    await change()
    assert await column(world, "referral", referral_id, "triage_by") == by
    assert await column(world, "referral", referral_id, "needs_triage") is False
    await check_conserved(container)


async def test_an_mfb_is_offered_after_a_look_at_the_board_and_with_a_reason(
    world: World, clock: Clock
) -> None:
    pool_id = await make_pool(world.container, world.location_id, CareType.MFB)
    await world.settled()
    (bed_id,) = await make_beds(world, 1, pool_id)
    await say(world, bed_id, FREE)
    await with_places(world, 2)
    container, coordinator = world.container, await actor_of(world)
    referral_id = (await triaged(world)).referral_id
    mfb = Round([AskedPlace(pool_id=pool_id)], CareType.MFB)
    with pytest.raises(BoardCheckRequired):
        await rounds.offer(container, coordinator, referral_id, replace(mfb, argument="vol"))
    checked = await board_checks.check(container, coordinator, referral_id)
    assert checked.check.to_json()["regular_failed"] is False
    with pytest.raises(ArgumentRequired):
        await rounds.offer(container, coordinator, referral_id, mfb)
    # A look says nothing any more after two hours.
    clock.turn(timedelta(hours=2))
    with pytest.raises(BoardCheckRequired):
        await rounds.offer(container, coordinator, referral_id, replace(mfb, argument="vol"))
    clock.turn(timedelta(hours=-2))
    await world.report(counts(2, 2))
    await world.settled()
    await board_checks.check(container, coordinator, referral_id)
    await rounds.offer(container, coordinator, referral_id, mfb)
    await check_conserved(container)


async def test_what_deviates_from_triage_or_crosses_a_criterion_asks_for_one_line(
    world: World,
) -> None:
    await with_places(world, 2, occupied=2)
    container, coordinator = world.container, await actor_of(world)
    referral_id = (await triaged(world)).referral_id
    full = Round([AskedPlace(pool_id=world.pool_id)])
    with pytest.raises(ArgumentRequired) as raised:
        await rounds.offer(container, coordinator, referral_id, full)
    failures: Any = raised.value.facts["failures"]
    assert [one["criterion"] for one in failures] == ["vol"]
    hoog = await make_pool(container, world.location_id, CareType.ELV_HOOG)
    await world.settled()
    other = Round([AskedPlace(pool_id=hoog)], CareType.ELV_HOOG)
    with pytest.raises(ArgumentRequired):
        await rounds.offer(container, coordinator, referral_id, other)
    # Here that care isn't given at all: no line makes it so.
    wrong = Round([AskedPlace(pool_id=hoog)], argument="toch")
    with pytest.raises(InvalidInput):
        await rounds.offer(container, coordinator, referral_id, wrong)
    await rounds.offer(container, coordinator, referral_id, replace(full, argument="morgen leeg"))
    assert await column(world, "referral", referral_id, "state") == "aangeboden"


async def test_a_possible_duplicate_and_somebody_again_are_told_of(
    world: World, clock: Clock
) -> None:
    container, coordinator = world.container, await actor_of(world)
    first = await filed(world, pc4="2719")
    assert "mogelijk-dubbel" not in await alerts_of(world, first.referral_id)
    second = await filed(world, pc4="2719")
    assert "mogelijk-dubbel" in await alerts_of(world, second.referral_id)
    other = await filed(world, pc4="2719", birth_year=1941)
    assert "mogelijk-dubbel" not in await alerts_of(world, other.referral_id)
    for done in (first, second):
        await endings.withdraw(
            container, coordinator, done.referral_id, WithdrawalReason.NIET_MEER_NODIG
        )
    clock.turn(timedelta(days=29))
    again = await alerts_of(world, (await filed(world, pc4="2719")).referral_id)
    assert "opnieuw-binnen-30-dagen" in again
    assert "mogelijk-dubbel" not in again


async def test_a_successor_goes_on_with_the_same_episode(world: World, clock: Clock) -> None:
    await with_places(world, 2)
    container, coordinator = world.container, await actor_of(world)
    referral_id, offer_id = await promised(world)
    await stays.admit(container, coordinator, offer_id, Arrival())
    ready = clock.now() - timedelta(hours=1)
    done = await filing.succeed(
        container,
        coordinator,
        referral_id,
        Successor(CareType.WIJKVERPLEGING, Urgency.REGULIER, ready_since=ready),
    )
    assert done.referral_id != referral_id
    assert await column(world, "referral", done.referral_id, "episode_id") == referral_id
    assert await column(world, "referral", done.referral_id, "previous_id") == referral_id
    assert await column(world, "referral", done.referral_id, "state") == "ingediend"
    assert await column(world, "referral", referral_id, "state") == "opgenomen"
    await stays.discharge(container, coordinator, referral_id, None, Destination.THUIS)
    # Also after it ended; but not after a death.
    third = await filing.succeed(
        container, coordinator, referral_id, Successor(CareType.WLZ_VV, Urgency.REGULIER)
    )
    assert await column(world, "referral", third.referral_id, "episode_id") == referral_id
    await endings.died(container, coordinator, third.referral_id)
    with pytest.raises(WrongState):
        await filing.succeed(
            container, coordinator, third.referral_id, Successor(CareType.GRZ, Urgency.SPOED)
        )
    await check_conserved(container)


async def test_a_question_holds_up_what_was_not_triaged_and_is_answered_by_who_may(
    world: World,
) -> None:
    await with_places(world, 2)
    container, coordinator = world.container, await actor_of(world)
    new = (await filed(world)).referral_id
    asked = await questions.ask(container, coordinator, new, "Welke medicatie?")
    assert await column(world, "referral", new, "state") == "aanvulling-gevraagd"
    assert await column(world, "referral", new, "waits_on") == "verwijzer"
    await questions.answer(container, coordinator, new, asked.id, "Geen.")
    assert await column(world, "referral", new, "state") == "ingediend"
    with pytest.raises(NotFound):
        await questions.answer(container, coordinator, new, asked.id, "Geen.")
    referral_id, (offer_id,) = await offered(world)
    desk_of = await intake_desk(world)
    about = await questions.ask_about(container, desk_of, offer_id, "Kan traplopen?")
    assert await column(world, "referral", referral_id, "state") == "aangeboden"
    assert await column(world, "referral", referral_id, "next_action") == "vraag-beantwoorden"
    with pytest.raises(InvalidInput):
        await questions.answer(container, coordinator, referral_id, about.id, " ")
    await questions.answer(container, coordinator, referral_id, about.id, "Nee.")
    assert await column(world, "referral", referral_id, "next_action") == "antwoord-afwachten"
    await check_conserved(container)


async def test_who_is_on_the_register_stays_open_and_is_still_looked_for(world: World) -> None:
    await with_places(world, 2)
    container, coordinator = world.container, await actor_of(world)
    referral_id = (await triaged(world)).referral_id
    await endings.register_no_place(container, coordinator, referral_id, TargetGroup.GEDRAG, "?")
    assert await column(world, "referral", referral_id, "state") == "geen-plek"
    assert await column(world, "referral", referral_id, "next_action") == "plek-blijven-zoeken"
    since = await column(world, "referral", referral_id, "no_place_since")
    _, (offer_id,) = await offered(world, referral_id=referral_id)
    assert await column(world, "referral", referral_id, "state") == "aangeboden"
    assert await column(world, "referral", referral_id, "no_place_since") == since
    await endings.close(container, coordinator, referral_id, Closure.THUIS_MET_HULP)
    assert await column(world, "offer", offer_id, "ending") == "aanmelding-beeindigd"
    # After the end one may still write something down, and nothing else.
    await desk.note(container, coordinator, referral_id, "Dochter gebeld.")
    with pytest.raises(WrongState):
        await desk.take(container, coordinator, referral_id)
    await check_conserved(container)


async def test_what_cannot_be_is_not_filed_and_leaves_nothing(world: World, clock: Clock) -> None:
    container, coordinator = world.container, await actor_of(world)
    wrong = [
        make_intake(birth_year=1800),
        make_intake(since=clock.now() + timedelta(hours=1)),
        replace(make_intake(), texts={**TEXTS, TextKind.CALLBACK: "bel me"}),
        replace(make_intake(), texts={TextKind.NOTE: "x"}),
        replace(make_intake(), first_contact_at=clock.now() + timedelta(hours=1)),
        replace(make_intake(), requested_by_id=world.location_id),
    ]
    for intake in wrong:
        with pytest.raises(InvalidInput):
            await filing.file(container, coordinator, intake)
    rows = await check_conserved(container)
    assert not rows["referral"]
