"""A match of a referral: from the board, kept for who acts on it, and the same when it is read again."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from app.services.referrals import claims, endings, filing, matches, needs, rounds
from app.services.referrals.rounds import AskedPlace, Round
from domain.care_types import CareType
from domain.cases import WithdrawalReason
from domain.errors import InvalidInput, NotFound, WrongState
from domain.identifiers import PoolId
from domain.matching.criteria import Criterion
from domain.matching.wishes import Wishes
from domain.needs import Urgency
from domain.referrals import ReferralState
from tests.factories.referrals import actor_of, filed, make_intake, make_need, triaged
from tests.factories.world import World, counts, make_pool
from tests.support.clock import Clock
from tests.support.database import Database


async def a_place(world: World, free: int = 1) -> PoolId:
    """Another pool for ELV laag at the world's location, with so many places free."""
    pool_id = await make_pool(world.container, world.location_id, CareType.ELV_LAAG)
    await world.settled()
    await world.report(counts(5, 5 - free), pool_id=pool_id)
    await world.settled()
    return pool_id


async def test_it_is_kept_for_who_acts_on_it_and_stays_what_it_was(
    world: World, clock: Clock, database: Database
) -> None:
    container, coordinator = world.container, await actor_of(world)
    first, full = await a_place(world), await a_place(world, 0)
    referral_id = (await triaged(world)).referral_id
    found = await matches.match_referral(container, coordinator, referral_id, limit=10)
    assert found.care_types[0] is CareType.ELV_LAAG
    assert [one.id for one in found.found.fits.items] == [first]
    assert found.found.counts[Criterion.VOL] >= 1
    assert full in found.found.ids
    assert found.names.keys() == found.found.ids | (found.home.ids if found.home else set())
    unused = await matches.match_referral(container, coordinator, referral_id, limit=10)
    round_ = Round([AskedPlace(pool_id=first)], match_id=found.id)
    offered = await rounds.offer(container, coordinator, referral_id, round_)

    # However the board changes, what was acted on stays what it was; the other is forgotten.
    await world.report(counts(5, 5), pool_id=first)
    await world.settled()
    clock.turn(timedelta(days=1, minutes=1))
    assert await matches.forget_unused(container) == 1
    assert await matches.forget_unused(container) == 0
    again = await matches.get_match(
        container, coordinator, referral_id, found.id, limit=10, offset=0
    )
    assert (again.found, again.home) == (found.found, found.home)
    assert (again.position, again.at) == (found.position, found.at)
    assert again.acted_at is not None
    assert again.acted_on == offered.offer_ids
    (acted,) = await matches.acted_on(container, None)
    assert acted.again() == acted.shown == (first,)
    with pytest.raises(NotFound):
        await matches.get_match(container, coordinator, referral_id, unused.id, limit=10, offset=0)
    page = await matches.get_match(
        container, coordinator, referral_id, found.id, limit=10, offset=1
    )
    assert (page.found.fits.total, page.found.fits.items) == (1, ())


async def test_only_its_own_match_is_acted_on_and_only_by_whose_referral_it_is(
    world: World, database: Database
) -> None:
    container, coordinator = world.container, await actor_of(world)
    pool_id = await a_place(world, 3)
    one, other = [(await triaged(world)).referral_id for _ in range(2)]
    found = await matches.match_referral(container, coordinator, one, limit=10)
    for match_id in (found.id, uuid4()):
        round_ = Round([AskedPlace(pool_id=pool_id)], match_id=match_id)
        with pytest.raises(InvalidInput) as refused:
            await rounds.offer(container, coordinator, other, round_)
        assert refused.value.pointer == "/match_id"
        with pytest.raises(InvalidInput):
            await claims.claim(container, coordinator, other, pool_id, match_id=match_id)
    assert await database.value("SELECT count(*) FROM offer") == 0
    await claims.claim(container, coordinator, one, pool_id, match_id=found.id)
    assert await database.value("SELECT count(*) FROM match WHERE acted_at IS NOT NULL") == 1
    stranger = replace(coordinator, organisation_id=world.other.organisation_id)
    for call in (
        matches.match_referral(container, stranger, one, limit=10),
        matches.get_match(container, stranger, one, found.id, limit=10, offset=0),
        matches.get_match(container, coordinator, other, found.id, limit=10, offset=0),
    ):
        with pytest.raises(NotFound):
            await call


async def test_what_it_looks_for_is_what_triage_chose_or_what_is_named(world: World) -> None:
    container, coordinator = world.container, await actor_of(world)
    untriaged = (await filed(world)).referral_id
    with pytest.raises(InvalidInput) as refused:
        await matches.match_referral(container, coordinator, untriaged, limit=10)
    assert refused.value.pointer == "/care_types"
    named = (CareType.GRZ, CareType.WIJKVERPLEGING)
    found = await matches.match_referral(container, coordinator, untriaged, named, limit=10)
    assert found.care_types == named
    assert found.home is None, "what is at home is among what was asked"
    triaged_id = (await triaged(world)).referral_id
    by_itself = await matches.match_referral(container, coordinator, triaged_id, limit=10)
    assert by_itself.care_types[0] is CareType.ELV_LAAG
    assert CareType.MFB not in by_itself.care_types, "somebody has to choose the safety net"
    await endings.withdraw(container, coordinator, untriaged, WithdrawalReason.VERGISSING)
    with pytest.raises(WrongState):
        await matches.match_referral(container, coordinator, untriaged, named, limit=10)


async def test_wishes_are_kept_and_changed_without_triage_again(
    world: World, database: Database
) -> None:
    container, coordinator = world.container, await actor_of(world)
    wishes = Wishes(partner_pc4="2711", gemeente="0637", known_to=frozenset({uuid4()}))
    intake = replace(make_intake(), wishes=wishes)
    done = await filing.file(container, coordinator, intake)
    row = await database.one("SELECT * FROM referral WHERE id = $1", done.referral_id)
    assert '"partner_pc4": "2711"' in row["wishes"]
    triaged_id = (await triaged(world)).referral_id
    before = await database.one("SELECT * FROM referral WHERE id = $1", triaged_id)
    need = make_need()
    await needs.change(container, coordinator, triaged_id, need, Urgency.SPOED, {}, wishes)
    after = await database.one("SELECT * FROM referral WHERE id = $1", triaged_id)
    assert after["state"] == ReferralState.GETRIEERD
    assert (after["needs_triage"], after["triage_by"]) == (False, before["triage_by"])
    changed = await database.value(
        "SELECT data FROM referral_step WHERE referral_id = $1 ORDER BY id DESC LIMIT 1", triaged_id
    )
    assert '"changed": ["wishes"]' in changed
    found = await matches.match_referral(container, coordinator, triaged_id, limit=1)
    kept = await database.value("SELECT kept -> 'wishes' FROM match WHERE id = $1", found.id)
    assert '"partner_pc4": "2711"' in kept
    # Told nothing, they stay; told that there are none, they go.
    for told in (None, Wishes()):
        await needs.change(container, coordinator, triaged_id, need, Urgency.SPOED, {}, told)
        kept = await database.value("SELECT wishes FROM referral WHERE id = $1", triaged_id)
        assert (kept is None) == (told is not None)
