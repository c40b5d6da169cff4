"""The queue stays everybody's: one caller can't fill it, and one unforeseen failure doesn't end it."""

import asyncio
from uuid import UUID

import pytest

from app.db.report_queue import MAX_WAITING_FOR_POOL, ReportQueue
from domain.errors import Overloaded
from tests.factories.world import REGION
from tests.support.database import Database
from tests.support.queueing import events_of, good
from tests.support.trouble import holding_pool, until_waiting


async def test_a_flood_for_one_pool_is_refused_and_the_others_are_served(
    queue: ReportQueue, database: Database, pools: list[UUID]
) -> None:
    flooded, other, *_ = pools
    async with holding_pool(database, flooded):
        first = asyncio.create_task(queue.submit(REGION, good(flooded)))
        await until_waiting(database)
        waiting = [
            asyncio.create_task(queue.submit(REGION, good(flooded)))
            for _ in range(MAX_WAITING_FOR_POOL)
        ]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await queue.submit(REGION, good(flooded))
        late = asyncio.create_task(queue.submit(REGION, good(other)))
        await asyncio.sleep(0)
        assert not late.done()
    assert (await late).verdict == "accepted"
    await asyncio.gather(first, *waiting)
    # And the room they took is free again.
    assert (await queue.submit(REGION, good(flooded))).verdict in {"accepted", "repeated"}


async def test_a_migration_under_the_prepared_statement_costs_nobody_a_report(
    queue: ReportQueue, database: Database, pools: list[UUID]
) -> None:
    pool, *_ = pools
    assert (await queue.submit(REGION, good(pool))).verdict == "accepted"
    async with database.connect(database.owner_url) as owner:
        await owner.execute("ALTER TABLE pool ALTER report_version TYPE bigint")
    for _ in range(3):
        await queue.submit(REGION, good(pool))
    assert await events_of(database, [pool]) >= 1
