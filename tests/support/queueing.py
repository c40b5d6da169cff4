"""Reports through a queue: several at once, and what became of each."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.db.report_queue import ReportQueue
from app.db.reports import ReportItem, ReportResult
from domain.identifiers import RegionId
from tests.factories.world import REGION, counts
from tests.support.database import Database
from tests.support.reporting import feed, report_item
from tests.support.trouble import holding_pool, until_waiting

NINE = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FEED = feed()
Answer = ReportResult | BaseException


@asynccontextmanager
async def running_queue(url: str, told: list[RegionId] | None = None) -> AsyncIterator[ReportQueue]:
    """A queue of its own, as a process has one."""
    queue = ReportQueue(url, (told if told is not None else []).append)
    task = asyncio.create_task(queue.run())
    await asyncio.sleep(0)
    try:
        yield queue
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def good(pool_id: UUID, at: datetime = NINE) -> ReportItem:
    """A report that nothing is wrong with."""
    return report_item(pool_id, counts(10, 6), FEED, at)


async def together(
    queue: ReportQueue, database: Database, holder: UUID, items: Sequence[ReportItem]
) -> list[Answer]:
    """Submits reports while the lane is busy with another, so that they make one batch."""
    async with asyncio.timeout(30):
        async with holding_pool(database, holder):
            first = asyncio.create_task(queue.submit(REGION, good(holder)))
            await until_waiting(database)
            others = [asyncio.create_task(queue.submit(REGION, item)) for item in items]
            await asyncio.sleep(0)
        await first
        return await asyncio.gather(*others, return_exceptions=True)


def verdicts(answers: Sequence[Answer]) -> list[Any]:
    """The verdict of each answer, or the class of its failure."""
    return [a.verdict if isinstance(a, ReportResult) else type(a) for a in answers]


async def commits_of(database: Database, pools: Sequence[UUID]) -> list[int]:
    """How many reports each commit held."""
    rows = await database.all(
        "SELECT count(*) FROM audit WHERE action LIKE 'capacity.%' AND object_id = ANY($1::text[])"
        " GROUP BY xmin::text ORDER BY 1",
        [str(pool_id) for pool_id in pools],
    )
    return [row["count"] for row in rows]


async def events_of(database: Database, pools: Sequence[UUID]) -> int:
    """How many events tell of these pools."""
    count: int = await database.value(
        "SELECT count(*) FROM event WHERE kind = 'capacity' AND subject_id = ANY($1::text[])",
        [str(pool_id) for pool_id in pools],
    )
    return count
