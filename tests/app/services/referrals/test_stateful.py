"""Random acts by random actors: whatever is done, no place is lost or given twice, and nobody is forgotten."""

import random

import pytest

from app.services.referrals import filing
from domain.actors import Role
from domain.care_types import CareType
from domain.referrals import ReferralState, Step
from tests.factories.beds import FREE, make_beds, say
from tests.factories.home_care import make_team
from tests.factories.parties import intake_desk, referrer
from tests.factories.referrals import actor_of, make_intake
from tests.factories.world import World, counts, make_party, make_pool
from tests.support.clock import Clock
from tests.support.random_acts import OFTEN, RandomActs

ACTS, SEED = 320, 6
#: The board hears of an act in its own time, so the same seed doesn't always walk the same way.
AT_MOST = 4 * ACTS


@pytest.fixture
async def walk(world: World, clock: Clock) -> RandomActs:
    """Two pools with few places, two beds, a team, two coordination points; and two referrals."""
    container = world.container
    receiver = await make_party(container, Role.COORDINATOR)
    pools = [await make_pool(container, world.location_id) for _ in range(2)]
    mfb = await make_pool(container, world.location_id, CareType.MFB)
    await world.settled()
    beds = await make_beds(world, 2, mfb)
    for bed_id in beds:
        await say(world, bed_id, FREE)
    for pool_id in pools:
        await world.report(counts(4, 2), pool_id=pool_id)
    await world.settled()
    team = await make_team(world)
    coordinator = await actor_of(world)
    for _ in range(2):
        await filing.file(container, coordinator, make_intake())
    return RandomActs(
        world,
        clock,
        random.Random(),
        coordinator,
        await actor_of(world, receiver),
        await intake_desk(world),
        await referrer(world),
        tuple(pools),
        mfb,
        tuple(beds),
        team,
    )


async def test_whatever_is_done_places_are_conserved_and_nobody_is_forgotten(
    walk: RandomActs,
) -> None:
    walk.draw = random.Random(SEED)
    steps: set[str] = set()
    reached: set[str] = set()
    # Fewer would show little.
    while len(steps) < 30 or len(reached) < len(ReferralState) - 3:
        missing = set(Step) - steps, set(ReferralState) - reached
        assert len(walk.done) < AT_MOST, missing
        await walk.walk(len(walk.done) + ACTS, OFTEN)
        steps = {row["step"] for row in walk.rows["step"]}
        reached = {state for state, count in walk.states.items() if count}
