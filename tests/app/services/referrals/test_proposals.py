"""The whole waiting list at once: proposed, adopted whole or in part, and what came in between told."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from app.db.idempotency import Request
from app.db.proposals import StoredItem, StoredProposal
from app.services import locations, pools, postcodes
from app.services.referrals import (
    adoptions,
    answers,
    claims,
    desk,
    endings,
    filing,
    handovers,
    needs,
    proposals,
    triages,
    waiting_list,
)
from app.services.referrals.adoptions import ItemAdopted
from app.services.referrals.triages import Triage
from domain.actors import Actor, Role
from domain.capacity import Figures
from domain.care_types import CareType
from domain.cases import HandoverReason, WithdrawalReason
from domain.errors import InvalidInput, NotAllowed, NotFound
from domain.features import Feature
from domain.geography import Point, Postcode
from domain.identifiers import PoolId, RegionId
from domain.locations import Location
from domain.matching.assignment import VERSION
from domain.matching.proposals import Adopted, LeftOut, Unplaced
from domain.needs import Urgency
from domain.offers import Refusal
from domain.pools import Pool
from tests.factories.referrals import (
    ELV_LAAG_FACTS,
    actor_of,
    board_checked,
    filed,
    make_intake,
    make_need,
    offer_ids,
    offered,
    triaged,
)
from tests.factories.world import REGION, World, make_party
from tests.support.clock import Clock
from tests.support.conserved import check_conserved

HOME = Point(52.06, 4.5)
TILLIFT = frozenset({Feature.TILLIFT})


@dataclass
class Region:
    """Two places for elv-laag: one at home's door with a tillift, and one ten kilometres off."""

    world: World
    coordinator: Actor
    near: PoolId
    far: PoolId
    clock: Clock

    async def propose(self) -> StoredProposal:
        """A proposal of the coordinator."""
        await self.world.settled()
        return await proposals.propose(self.world.container, self.coordinator, REGION)

    async def adopt(
        self, proposal: StoredProposal, *referral_ids: UUID, by: Actor | None = None
    ) -> list[tuple[UUID, Adopted]]:
        """What comes of these, or of all when none is named."""
        done = await self.adopted(proposal, *referral_ids, by=by)
        return [(one.referral_id, one.outcome) for one in done]

    async def adopted(
        self, proposal: StoredProposal, *referral_ids: UUID, by: Actor | None = None
    ) -> list[ItemAdopted]:
        """The same in full."""
        await self.world.settled()
        return await adoptions.adopt(
            self.world.container, by or self.coordinator, proposal.id, referral_ids or None
        )


@pytest.fixture
async def region(world: World, clock: Clock) -> Region:
    """The world with its two places, seen by the board."""
    container = world.container
    known = Postcode("2725", "Zoetermeer", HOME, "0637", "Zoetermeer", 2026)
    await postcodes.import_postcodes(container, None, [known])
    near = await place_at(world, "Nabij", HOME, TILLIFT)
    far = await place_at(world, "Ver", Point(HOME.latitude + 0.09, HOME.longitude))
    return Region(world, await actor_of(world), near, far, clock)


async def place_at(
    world: World, name: str, point: Point, features: frozenset[Feature] = frozenset()
) -> PoolId:
    """A location there with one free place."""
    location = Location(name, "Laan 1", "2725", "Zoetermeer", "0637", 2026, point)
    made = await locations.create_location(
        world.container, None, world.provider.organisation_id, REGION, location
    )
    pool = Pool(name, name, (CareType.ELV_LAAG,), features=features)
    pool_id = (await pools.create_pool(world.container, None, made.id, pool)).id
    await world.settled()
    await world.report(Figures(free=1), pool_id=pool_id)
    return pool_id


async def waits(world: World, urgency: Urgency = Urgency.SPOED, *asked: Feature) -> UUID:
    """Somebody who waits for elv-laag."""
    return (await triaged(world, urgency, features=frozenset(asked))).referral_id


def item_of(proposal: StoredProposal, referral_id: UUID) -> StoredItem:
    """Somebody in a proposal."""
    return next(item for item in proposal.items if item.referral_id == referral_id)


def pools_of(item: StoredItem) -> tuple[UUID | None, UUID | None]:
    """Where somebody would go together, and one by one."""
    return (
        item.together.pool_id if item.together else None,
        item.alone.pool_id if item.alone else None,
    )


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
