"""The whole waiting list at once: who gets which place, and why others get none."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.db.idempotency import Request
from app.services import mergers
from app.services.referrals import (
    adoptions,
    answers,
    claims,
    desk,
    endings,
    handovers,
    needs,
    plans,
    proposals,
    stays,
    triages,
    waiting_list,
)
from app.services.referrals.plans import Planned
from app.services.referrals.stays import Arrival
from app.services.referrals.triages import Triage
from domain.actors import Role
from domain.capacity import Figures
from domain.care_types import CareType
from domain.cases import HandoverReason, WithdrawalReason
from domain.errors import NotAllowed, NotFound
from domain.features import Feature
from domain.identifiers import RegionId
from domain.matching.assignment import VERSION
from domain.matching.proposals import Adopted, LeftOut, Unplaced
from domain.needs import Urgency
from domain.offers import Refusal
from tests.factories.beds import FREE, make_beds, say
from tests.factories.referrals import (
    ELV_LAAG_FACTS,
    accepted,
    actor_of,
    board_checked,
    filed,
    make_need,
    offered,
    triaged,
)
from tests.factories.waiting import TILLIFT, Region, item_of, make_region, pools_of, waits
from tests.factories.world import REGION, World, make_party
from tests.support.clock import Clock


@pytest.fixture
async def region(world: World, clock: Clock) -> Region:
    """The world with its two places."""
    return await make_region(world, clock)


async def test_a_proposal_makes_room_for_who_comes_later_and_tells_of_the_others_why_not(
    region: Region,
) -> None:
    world, container, coordinator = region.world, region.world.container, region.coordinator
    regular = await waits(world, Urgency.REGULIER)
    # The first could go either way; the next two have a lift at the near one only.
    third, second = [await waits(world, Urgency.SPOED, Feature.TILLIFT) for _ in range(2)]
    first = await waits(world, Urgency.ACUUT)
    nowhere = await waits(world, Urgency.SPOED, Feature.ZUURSTOF)
    mfb = (await filed(world)).referral_id
    given = Triage(ELV_LAAG_FACTS, CareType.MFB, "geen andere plaats vannacht")
    await triages.triage(container, coordinator, mfb, given)
    # In a wrong bed for two days, so before who was filed in the same minute.
    since = container.now() - timedelta(days=2)
    await desk.begin_wait(container, coordinator, second, CareType.ELV_LAAG, since)
    found = await region.propose()

    order = [first, second, third, nowhere, mfb, regular]
    assert [(item.rank, item.referral_id) for item in found.items] == list(enumerate(order, 1))
    assert [pools_of(item) for item in found.items] == [
        (region.far, region.near),
        (region.near, None),
        (None, None),
        (None, None),
        (None, None),
        (None, region.far),
    ]
    assert [item.unplaced for item in found.items] == [
        *(None, None, Unplaced.NAAR_WIE_EERDER_KOMT, Unplaced.NIETS_PAST),
        *(Unplaced.BORDCONTROLE_NODIG, Unplaced.NAAR_WIE_EERDER_KOMT),
    ]
    together = found.items[0].together
    assert together is not None
    assert (together.km, together.location_name) == (10.0, "Ver")
    assert found.items[3].failed == {"zuurstof": 3, "onbekend": 1}
    near = found.items[3].near or ()
    assert [(one["pool_name"], one["change"], one["detail"]) for one in near] == [
        ("Nabij", "zonder-voorziening", {"feature": "zuurstof"}),
        ("Ver", "zonder-voorziening", {"feature": "zuurstof"}),
    ]
    assert [item.failed for item in found.items if item.referral_id != nowhere] == [None] * 5
    assert [item.wrong_bed_days for item in found.items] == [0, 2, 0, 0, 0, 0]
    assert [item.norm_minutes for item in found.items] == [1_440, *[2_880] * 4, 20_160]
    position = str(container.board.regions[REGION].position)
    assert (found.position, found.algorithm, found.left_out) == (position, VERSION, [])

    # It stays as it was made, whatever happens since.
    await endings.withdraw(container, coordinator, second, WithdrawalReason.VERGISSING)
    again = await proposals.get_proposal(container, coordinator, found.id)
    assert again == found
    # Nor does a look at the board open the safety net, when there is something regular on it.
    assert not await board_checked(world, mfb)
    newer = await region.propose()
    assert item_of(newer, third).together == item_of(found, second).together
    assert item_of(newer, mfb).unplaced == Unplaced.REGULIER_PAST


async def test_who_is_in_hand_otherwise_is_left_out_and_so_is_a_place_that_is_asked_for(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, container, coordinator = region.world, region.world.container, region.coordinator
    waiting = await waits(world)
    await filed(world)
    again = await waits(world)
    other_need = make_need(features=TILLIFT)
    await needs.change(container, coordinator, again, other_need, Urgency.SPOED, {})
    home = (await filed(world)).referral_id
    given = Triage(ELV_LAAG_FACTS, CareType.WIJKVERPLEGING, "wil naar huis")
    await triages.triage(container, coordinator, home, given)
    leaving = await waits(world)
    to = await make_party(container, Role.COORDINATOR)
    await handovers.hand_over(
        container, coordinator, leaving, to.organisation_id, HandoverReason.DIENST
    )
    held = await waits(world)
    await claims.claim(container, coordinator, held, region.far)
    found = await region.propose()
    assert [pools_of(item) for item in found.items] == [(region.near, region.near)]
    assert {one.referral_id: one.reason for one in found.left_out} == {
        again: LeftOut.OPNIEUW_TRIEREN,
        home: LeftOut.ZORG_AAN_HUIS,
        leaving: LeftOut.OVERDRACHT_LOOPT,
        held: LeftOut.PLEK_VASTGEHOUDEN,
    }
    # Whoever is asked for the near one may say yes to it tomorrow.
    await offered(world, region.near)
    (item,) = (await region.propose()).items
    assert (item.referral_id, item.unplaced) == (waiting, Unplaced.NAAR_WIE_EERDER_KOMT)

    # Whoever said no isn't asked again: not today, or not until somebody triages again.
    both = [await waits(world, Urgency.ACUUT), await waits(world, Urgency.ACUUT, Feature.TILLIFT)]
    for referral_id, refusal in zip(both, (Refusal.GEEN_PLEK, Refusal.TE_COMPLEX), strict=True):
        _, (offer_id,) = await offered(world, region.near, referral_id=referral_id)
        await answers.refuse(container, coordinator, offer_id, refusal)
    await endings.withdraw(container, coordinator, held, WithdrawalReason.VERGISSING)
    await world.report(Figures(free=5), pool_id=region.near)
    refused = [item_of(await region.propose(), referral_id) for referral_id in both]
    assert [pools_of(item)[0] for item in refused] == [region.far, None]
    assert refused[1].unplaced == Unplaced.AL_GEWEIGERD

    # What was advised beside what was chosen will do when there is nothing of that.
    fell = {**ELV_LAAG_FACTS, "val-met-onzekerheid": True}
    observed = (await triaged(world, chosen=CareType.OBSERVATIE, facts=fell)).referral_id
    place = item_of(await region.propose(), observed).together
    assert place is not None
    assert (place.pool_id, place.care_type) == (region.near, CareType.ELV_LAAG)

    # Who comes first, when there are more than one proposal takes.
    monkeypatch.setattr(waiting_list, "MOST_WAITING", 1)
    short = await region.propose()
    assert [item.referral_id for item in short.items] == [both[0]]
    later = {one.referral_id for one in short.left_out if one.reason == LeftOut.VOLGENDE_KEER}
    assert later == {both[1], waiting, observed}

    # Whose it is, and who may.
    theirs = await actor_of(world, to)
    assert (await proposals.propose(container, theirs, REGION)).items == []
    with pytest.raises(NotFound):
        await proposals.get_proposal(container, theirs, found.id)
    with pytest.raises(NotFound):
        await adoptions.adopt(container, theirs, found.id)
    with pytest.raises(NotFound):
        await proposals.propose(container, coordinator, RegionId(2))
    with pytest.raises(NotAllowed):
        await proposals.propose(container, await actor_of(world, world.provider), REGION)
    # Told twice with one key is made once.
    named = Request(coordinator.id, "een-keer", b"x")
    one, two = [await proposals.propose(container, coordinator, REGION, named) for _ in range(2)]
    assert one == two
    assert one.id != found.id


async def test_it_goes_by_what_the_board_has_now_and_by_who_lies_where(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, container, coordinator = region.world, region.world.container, region.coordinator
    for bed_id in await make_beds(world, 2):
        await say(world, bed_id, FREE)
    for pool_id in (region.near, region.far):
        await world.report(Figures(free=0), pool_id=pool_id)
    advised, chose = await waits(world, Urgency.ACUUT), (await filed(world)).referral_id
    given = Triage(ELV_LAAG_FACTS, CareType.MFB, "geen andere plaats vannacht")
    await triages.triage(container, coordinator, chose, given)
    await world.settled()
    assert [await board_checked(world, one) for one in (advised, chose)] == [True, True]
    in_vain = await region.propose()
    assert [item.together and item.together.care_type for item in in_vain.items] == ["mfb"] * 2

    # A regular place since then: nobody gets an MFB, not even to make room for who comes later.
    region.clock.turn(timedelta(minutes=50))
    await world.report(Figures(free=1), pool_id=region.near)
    later = await waits(world)
    found = await region.propose()
    assert [(item.referral_id, pools_of(item)[0], item.unplaced) for item in found.items] == [
        (advised, region.near, None),
        (chose, None, Unplaced.REGULIER_PAST),
        (later, None, Unplaced.NAAR_WIE_EERDER_KOMT),
    ]
    assert await region.adopt(in_vain) == [
        (advised, Adopted.REGULIER_PAST),
        (chose, Adopted.REGULIER_PAST),
    ]

    # Who waits in a place isn't proposed for that one.
    _, (offer_id,) = await offered(world, region.near, referral_id=advised)
    await accepted(world, offer_id)
    await stays.admit(container, coordinator, offer_id, Arrival(temporary=True))
    await world.report(Figures(free=2), pool_id=region.near)
    there = item_of(await region.propose(), advised)
    assert (there.together, there.unplaced) == (None, Unplaced.AL_GEWEIGERD)
    assert await region.adopt(found, advised) == [(advised, Adopted.AL_GEWEIGERD)]

    # Whom nothing fitted when it was looked at, though it does by the time that it is told why.
    def nothing_fits(listed: list[object], _: object) -> list[Planned]:
        return [Planned(None, None, Unplaced.NIETS_PAST) for _ in listed]

    with monkeypatch.context() as patched:
        patched.setattr(plans, "plan", nothing_fits)
        told = item_of(await region.propose(), later)
    assert (told.unplaced, told.failed, told.near) == (Unplaced.NIETS_PAST, None, None)

    # They go over with the cases that they are about.
    newest = await region.propose()
    heir = await make_party(container, Role.COORDINATOR)
    await mergers.merge_organisation(
        container, None, world.coordinator.organisation_id, heir.organisation_id
    )
    by = await actor_of(world, heir)
    assert await proposals.get_proposal(container, by, newest.id) == replace(
        newest, owner_id=heir.organisation_id
    )
    assert await region.adopt(newest, later, by=by) == [(later, Adopted.GEVRAAGD)]
