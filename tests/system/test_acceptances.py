"""Two hundred acceptances over ten places, from several processes at once: ten promises, and none below."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from uuid import UUID

from app.db.unit_of_work import UnitOfWork
from app.services.referrals import filing, rounds, triages
from app.services.referrals.acting import begin, finish
from app.services.referrals.rounds import AskedPlace, Round
from app.services.referrals.triages import Triage
from app.settings import Settings
from domain.care_types import CareType
from domain.identifiers import PoolId
from domain.needs import Urgency
from tests.factories.referrals import ELV_LAAG_FACTS, actor_of, make_intake
from tests.factories.world import REGION, World, counts, make_pool
from tests.support.accepting import accept_all, accepting
from tests.support.conserved import check_conserved
from tests.support.database import Database

#: Places left in each pool: ten together.
PLACES = (4, 3, 2, 1)
#: Besides this one, which accepts as well.
PROCESSES = 2


async def ask(world: World, asked_together: Sequence[Sequence[PoolId]]) -> list[UUID]:
    """A referral for each round, all in one commit; the offers."""
    coordinator = await actor_of(world)
    made: list[UUID] = []

    async def act(work: UnitOfWork) -> None:
        begun = await begin(work, coordinator, REGION, None)
        cases = []
        for number, pools in enumerate(asked_together):
            intake = make_intake(Urgency.ACUUT, birth_year=1920 + number % 60)
            case = await filing.open_case(begun, REGION, world.coordinator.organisation_id, intake)
            await triages.triaged(begun, case, Triage(ELV_LAAG_FACTS, CareType.ELV_LAAG))
            asked = Round([AskedPlace(pool_id=one) for one in pools], argument="voor de toets")
            made.extend(one.id for one in await rounds.offered(world.container, begun, case, asked))
            cases.append(case)
        await finish(begun, cases)

    await world.container.act(act)
    return made


async def test_ten_places_are_promised_ten_times(
    settings: Settings, world: World, database: Database
) -> None:
    pools = [await make_pool(world.container, world.location_id) for _ in PLACES]
    await world.settled()

    async def report(extra: int) -> None:
        """Each pool is counted anew: more beds, with more people in them, and as many places left."""
        for pool_id, places in zip(pools, PLACES, strict=True):
            await world.report(counts(9 + extra, 9 + extra - places), pool_id=pool_id)

    await report(0)
    await world.settled()
    # Forty are asked in three pools at once, the others in one: two hundred offers.
    several = list(itertools.islice(itertools.cycle(itertools.combinations(pools, 3)), 40))
    alone = list(itertools.islice(itertools.cycle((pool_id,) for pool_id in pools), 80))
    offer_ids = await ask(world, [*several, *alone])
    assert len(offer_ids) == 200
    async with AsyncExitStack() as stack:
        processes = await asyncio.gather(
            *(
                stack.enter_async_context(accepting(settings, world.coordinator.key))
                for _ in range(PROCESSES)
            )
        )
        done = asyncio.Event()

        async def go_on_reporting() -> None:
            for extra in itertools.count(1):
                await report(extra % 20)
                if done.is_set():
                    return

        reporting = asyncio.create_task(go_on_reporting())
        # Dealt out so that the three offers of one referral are accepted in three processes.
        here, *there = (offer_ids[start :: PROCESSES + 1] for start in range(PROCESSES + 1))
        heard = await asyncio.gather(
            accept_all(world.container, await actor_of(world), here),
            *(process.accept(mine) for process, mine in zip(processes, there, strict=True)),
        )
        done.set()
        await reporting
    told = Counter(what for answers in heard for _, what in answers)
    assert set(told) <= {"done", "no-place-left", "offer-ended"}, told
    assert told["done"] == sum(PLACES)
    assert told.total() == len(offer_ids)
    rows = await check_conserved(world.container)
    balances = {row["id"]: row["balance"] for row in rows["pool"]}
    assert [balances[pool_id] for pool_id in pools] == [0] * len(pools)
    promised = {row["id"] for row in rows["offer"] if row["state"] == "toegezegd"}
    assert promised == {one for answers in heard for one, what in answers if what == "done"}
    states = Counter(row["state"] for row in rows["referral"])
    assert states == {"geaccepteerd": 10, "aangeboden": 110}
    # The lock order holds, so nobody even waited in vain.
    deadlocks = await database.value(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    )
    assert deadlocks == 0
