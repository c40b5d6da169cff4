"""A proposal adopted, whole or in part: each asked once, and what came in between told."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from app.db.tables import OfferRow
from app.live.board import RegionBoard
from app.services import admission_stops, pools
from app.services.referrals import (
    adoptions,
    answers,
    claims,
    endings,
    filing,
    handovers,
    needs,
    plans,
    proposals,
    rounds,
    stays,
    triages,
)
from app.services.referrals.adoptions import ItemAdopted
from app.services.referrals.answers import Acceptance
from app.services.referrals.stays import Arrival
from app.services.referrals.triages import Triage
from domain.actors import Role
from domain.admission import AdmissionRules
from domain.admission_stops import Stop
from domain.capacity import Figures
from domain.care_types import CareType, ClosedReason
from domain.cases import HandoverReason, WithdrawalReason
from domain.errors import InvalidInput
from domain.features import Feature
from domain.identifiers import LocationId
from domain.matching.proposals import Adopted
from domain.needs import Urgency
from domain.offers import Refusal
from domain.pools import Pool
from tests.factories.referrals import (
    ELV_LAAG_FACTS,
    accepted,
    actor_of,
    make_intake,
    make_need,
    offer_ids,
    offered,
)
from tests.factories.waiting import TILLIFT, Region, item_of, make_region, pools_of, waits
from tests.factories.world import REGION, World, make_party
from tests.support.clock import Clock
from tests.support.conserved import check_conserved


@pytest.fixture
async def region(world: World, clock: Clock) -> Region:
    """The world with its two places."""
    return await make_region(world, clock)


async def test_adopting_asks_each_once_and_tells_what_can_not_be_any_more(region: Region) -> None:
    world, container, coordinator = region.world, region.world.container, region.coordinator
    first = await waits(world, Urgency.ACUUT)
    second, third = [await waits(world, Urgency.SPOED, Feature.TILLIFT) for _ in range(2)]
    found = await region.propose()
    with pytest.raises(InvalidInput, match="staat niet in dit voorstel") as unknown:
        await region.adopt(found, first, found.id)
    assert unknown.value.pointer == "/items/1"
    # In part.
    (done,) = await region.adopted(found, second)
    assert (done.outcome, [done.offer_id]) == (Adopted.GEVRAAGD, await offer_ids(world, second))
    kept = item_of(await proposals.get_proposal(container, coordinator, found.id), second)
    assert (kept.offer_id, kept.adopted_by) == (done.offer_id, coordinator.id)
    assert kept.adopted_at is not None
    # The rest of it: what was adopted is told as it was.
    assert await region.adopted(found) == [
        ItemAdopted(first, Adopted.GEVRAAGD, (await offer_ids(world, first))[0]),
        done,
    ]
    assert await region.adopt(found, third) == [(third, Adopted.GEEN_PLAATS)]
    assert len(await offer_ids(world, second)) == 1
    await check_conserved(container)

    # A newer one, of which nothing is as it was when it is adopted.
    for pool_id in (region.near, region.far):
        await world.report(Figures(free=19), pool_id=pool_id)
    waiting = [await waits(world) for _ in range(8)]
    withdrawn, asked, refused, again, other, held, leaving, full = waiting
    later = await region.propose()
    assert {item.unplaced for item in later.items} == {None}
    await endings.withdraw(container, coordinator, withdrawn, WithdrawalReason.VERGISSING)
    await offered(world, region.far, referral_id=asked)
    _, (offer_id,) = await offered(world, region.near, referral_id=refused)
    await answers.refuse(container, coordinator, offer_id, Refusal.TE_COMPLEX)
    given = Triage(ELV_LAAG_FACTS, CareType.GRZ, "heeft een revalidatiedoel")
    await triages.triage(container, coordinator, other, given)
    other_need = make_need(features=TILLIFT)
    await needs.change(container, coordinator, again, other_need, Urgency.SPOED, {})
    await claims.claim(container, coordinator, held, region.far)
    to = await make_party(container, Role.COORDINATOR)
    leaves = await handovers.hand_over(
        container, coordinator, leaving, to.organisation_id, HandoverReason.DIENST
    )
    expected = {
        third: Adopted.PLAATS_WEG,
        withdrawn: Adopted.WACHT_NIET_MEER,
        asked: Adopted.AL_GEVRAAGD,
        refused: Adopted.AL_GEWEIGERD,
        again: Adopted.OPNIEUW_TRIEREN,
        other: Adopted.ANDERE_ZORG,
        held: Adopted.PLEK_VASTGEHOUDEN,
        leaving: Adopted.OVERDRACHT_LOOPT,
        full: Adopted.PLAATS_WEG,
    }
    await world.report(Figures(free=0), pool_id=region.near)
    assert dict(await region.adopt(later)) == expected
    (gone,) = await region.adopted(later, full)
    assert [failure["criterion"] for failure in gone.failures] == ["vol"]
    # Other reasons than that it is full: nobody has looked for too long.
    await handovers.accept(container, await actor_of(world, to), leaves.id)
    region.clock.turn(timedelta(days=2))
    assert dict(await region.adopt(later, leaving, full)) == {
        leaving: Adopted.NIET_MEER_VAN_U,
        full: Adopted.PAST_NIET_MEER,
    }
    assert await offer_ids(world, full) == []
    await check_conserved(container)


async def test_two_who_adopt_at_once_ask_for_each_place_once(region: Region) -> None:
    world, container = region.world, region.world.container
    waiting = [await waits(world, Urgency.ACUUT), await waits(world, Urgency.SPOED)]
    colleague = await actor_of(world)
    found = await region.propose()
    both = await asyncio.gather(region.adopted(found), region.adopted(found, by=colleague))
    assert both[0] == both[1]
    assert {one.outcome for one in both[0]} == {Adopted.GEVRAAGD}
    assert [len(await offer_ids(world, one)) for one in waiting] == [1, 1]

    # Two coordination points that see the same last place each have it in a proposal.
    await world.report(Figures(free=2), pool_id=region.near)
    other = await make_party(container, Role.COORDINATOR)
    theirs = Region(world, await actor_of(world, other), region.near, region.far, region.clock)
    made = []
    for one in (region, theirs):
        done = await filing.file(container, one.coordinator, make_intake())
        given = Triage(ELV_LAAG_FACTS, CareType.ELV_LAAG)
        await triages.triage(container, one.coordinator, done.referral_id, given)
        made.append(await one.propose())
    assert [pools_of(item)[0] for found in made for item in found.items] == [region.near] * 2
    told = await asyncio.gather(region.adopt(made[0]), theirs.adopt(made[1]))
    assert sorted(outcome for ((_, outcome),) in told) == [Adopted.GEVRAAGD, Adopted.PLAATS_WEG]
    await check_conserved(container)


async def test_no_more_are_asked_for_than_may_come_on_one_day(region: Region) -> None:
    world, container, coordinator = region.world, region.world.container, region.coordinator
    await world.report(Figures(free=5), pool_id=region.near)
    await world.report(Figures(free=0), pool_id=region.far)
    waiting = [await waits(world, Urgency.ACUUT) for _ in range(4)]
    unruled = await region.propose()
    assert [item.unplaced for item in unruled.items] == [None] * 4
    rules = AdmissionRules(max_per_day=2, holidays=True)
    ruled = Pool("Nabij", "Nabij", (CareType.ELV_LAAG,), admission_rules=rules)
    await pools.change_pool(container, None, region.near, ruled, 1)
    assert [pools_of(item)[0] for item in (await region.propose()).items] == [
        *(region.near, region.near),
        *(None, None),
    ]
    assert [outcome for _, outcome in await region.adopt(unruled)] == [
        *(Adopted.GEVRAAGD, Adopted.GEVRAAGD),
        *(Adopted.PLAATS_WEG, Adopted.PLAATS_WEG),
    ]
    (first,), (second,) = [await offer_ids(world, referral_id) for referral_id in waiting[:2]]

    async def room() -> int:
        return sum(item.together is not None for item in (await region.propose()).items)

    # Promised without a day, for another day, come today, and held: only another day leaves room.
    assert await room() == 0
    await accepted(world, first)
    await accepted(world, second, Acceptance(admission_at=container.now() + timedelta(days=2)))
    assert await room() == 1
    await stays.admit(container, coordinator, first, Arrival())
    assert await room() == 1
    await claims.claim(container, coordinator, waiting[2], region.near)
    assert await room() == 0
    assert await region.adopt(unruled, waiting[3]) == [(waiting[3], Adopted.PLAATS_WEG)]


async def test_what_changes_while_it_is_adopted_stops_that_item_alone(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, container, coordinator = region.world, region.world.container, region.coordinator
    first, second = await waits(world, Urgency.ACUUT), await waits(world, Urgency.SPOED)
    found = await region.propose()
    assert [pools_of(item)[0] for item in found.items] == [region.near, region.far]
    place = item_of(found, first).together
    assert place is not None
    location = await admission_stops.find_location(container, LocationId(place.location_id))
    credential = await world.credential(world.provider)
    looked = rounds.offered

    async def stopped_first(*given: Any) -> list[OfferRow]:
        monkeypatch.setattr(rounds, "offered", looked)
        since = container.now() - timedelta(minutes=5)
        stop = Stop(ClosedReason.UITBRAAK, None, since)
        await admission_stops.set_stop(container, credential, location, stop)
        await world.settled()
        return await looked(*given)

    monkeypatch.setattr(rounds, "offered", stopped_first)
    assert await region.adopt(found) == [
        (first, Adopted.PAST_NIET_MEER),
        (second, Adopted.GEVRAAGD),
    ]
    assert await offer_ids(world, first) == []
    board = container.board.regions[REGION]
    gone = uuid4()
    assert plans.free_places(board, make_need(), CareType.ELV_LAAG, gone, {}, container.now()) == 0

    # The last place was promised so short ago that the board hasn't heard of it.
    await world.report(Figures(free=3), pool_id=region.far)
    third, other = await waits(world), await waits(world, Urgency.REGULIER)
    newer = await region.propose()
    assert pools_of(item_of(newer, third))[0] == region.far
    _, (offer_id,) = await offered(world, region.far, referral_id=other)
    await world.report(Figures(free=2), pool_id=region.far)
    await world.settled()
    monkeypatch.setattr(RegionBoard, "apply", lambda *_: [])
    await accepted(world, offer_id)
    assert [
        one.outcome for one in await adoptions.adopt(container, coordinator, newer.id, [third])
    ] == [Adopted.PLAATS_WEG]
