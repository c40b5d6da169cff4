"""Vasthouden: one of two who press gets the place, and nobody learns for whom it is held."""

import asyncio
from datetime import timedelta

import pytest

from app.services.referrals import claims, decisions
from app.services.referrals.answers import Acceptance
from app.services.referrals.sweeps import sweep
from domain.actors import Role
from domain.care_types import CareType
from domain.errors import AlreadyExists, InvalidInput, NoPlaceLeft, NotFound, WrongState
from domain.identifiers import PoolId
from tests.factories.beds import FREE, make_beds, say
from tests.factories.referrals import (
    accepted,
    actor_of,
    column,
    offered,
    triaged,
    with_places,
)
from tests.factories.world import World, counts, make_party, make_pool
from tests.support.clock import Clock
from tests.support.conserved import check_conserved


async def last_mfb(world: World) -> PoolId:
    """A pool with one bed, which is free, and another pool with one more."""
    pools = [await make_pool(world.container, world.location_id, CareType.MFB) for _ in range(2)]
    await world.settled()
    for pool_id in pools:
        (bed_id,) = await make_beds(world, 1, pool_id)
        await say(world, bed_id, FREE)
    await world.settled()
    return pools[0]


async def test_of_two_who_press_one_gets_the_last_mfb_bed_and_the_other_hears_no_names(
    world: World, clock: Clock
) -> None:
    pool_id = await last_mfb(world)
    coordinator = await actor_of(world)
    mfb = [(await triaged(world)).referral_id for _ in range(2)]
    heard = await asyncio.gather(
        *(claims.claim(world.container, coordinator, one, pool_id) for one in mfb),
        return_exceptions=True,
    )
    (refused,) = [one for one in heard if isinstance(one, NoPlaceLeft)]
    (claimed,) = [one for one in heard if not isinstance(one, BaseException)]
    until = await column(world, "claim", claimed.id, "expires_at")
    assert refused.facts["free"] == 0
    assert refused.facts["held_until"] == until
    told = str(refused.facts)
    number = await column(world, "referral", claimed.referral_id, "number")
    for secret in (claimed.referral_id, claimed.id, number, "1942", "2725"):
        assert str(secret) not in told
    await check_conserved(world.container)
    # Whoever waits until then gets it.
    clock.turn(timedelta(minutes=31))
    await sweep(world.container)
    (loser,) = set(mfb) - {claimed.referral_id}
    await claims.claim(world.container, coordinator, loser, pool_id)
    rows = await check_conserved(world.container)
    assert [row["referral_id"] for row in rows["claim"]] == [loser]


async def test_a_held_place_is_used_by_the_acceptance_it_was_held_for(world: World) -> None:
    await with_places(world, 1)
    coordinator = await actor_of(world)
    referral_id = (await triaged(world)).referral_id
    done = await claims.claim(world.container, coordinator, referral_id, world.pool_id)
    assert await world.balance() == 0
    # Asked with a clock that runs longer, it stays held as long.
    _, (offer_id,) = await offered(world, referral_id=referral_id)
    expires = await column(world, "claim", done.id, "expires_at")
    assert expires == await column(world, "offer", offer_id, "deadline_at")
    # Nobody else is given it meanwhile.
    _, (other_offer,) = await offered(world)
    with pytest.raises(NoPlaceLeft):
        await accepted(world, other_offer)
    assert await column(world, "offer", other_offer, "state") == "gevraagd"
    await accepted(world, offer_id)
    assert await column(world, "claim", done.id, "state") == "used"
    assert await world.balance() == 0
    await check_conserved(world.container)


async def test_what_is_held_elsewhere_is_let_go_of_when_a_place_is_promised(world: World) -> None:
    await with_places(world, 2)
    elsewhere = await make_pool(world.container, world.location_id)
    await world.settled()
    await world.report(counts(2, 0), pool_id=elsewhere)
    referral_id, (offer_id,) = await offered(world)
    held = await claims.claim(world.container, await actor_of(world), referral_id, elsewhere)
    await accepted(world, offer_id)
    assert await column(world, "claim", held.id, "state") == "released"
    assert await column(world, "pool", elsewhere, "balance") == 2
    await check_conserved(world.container)


async def test_what_cannot_be_held_is_refused(world: World, clock: Clock) -> None:
    await with_places(world, 2)
    coordinator, container = await actor_of(world), world.container
    referral_id, (offer_id,) = await offered(world)
    held = await claims.claim(container, coordinator, referral_id, world.pool_id)
    with pytest.raises(AlreadyExists):
        await claims.claim(container, coordinator, referral_id, world.pool_id)
    with pytest.raises(InvalidInput):
        await claims.claim(container, coordinator, referral_id, referral_id)
    other = await actor_of(world, await make_party(container, Role.COORDINATOR))
    with pytest.raises(NotFound):
        await claims.claim(container, other, referral_id, world.pool_id)
    await claims.release(container, coordinator, referral_id, held.id)
    with pytest.raises(NotFound):
        await claims.release(container, coordinator, referral_id, held.id)
    # A figure that nobody confirmed isn't believed.
    clock.turn(timedelta(days=5))
    with pytest.raises(NoPlaceLeft) as raised:
        await claims.claim(container, coordinator, referral_id, world.pool_id)
    assert raised.value.facts["free"] is None
    # With a place promised nothing more is held, also while the client has to say yes.
    await accepted(world, offer_id, Acceptance(over_free=True))
    await decisions.ask_client(container, coordinator, offer_id)
    with pytest.raises(WrongState):
        await claims.claim(container, coordinator, referral_id, world.pool_id)
    await check_conserved(container)
