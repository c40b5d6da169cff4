"""Reports that are combined into one commit: each caller gets what is his, whatever befalls another."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.db import report_queue
from app.db.report_queue import ReportQueue
from app.db.reports import ReportResult
from domain.errors import InvalidInput, Overloaded
from domain.identifiers import RegionId
from tests.factories.world import REGION
from tests.support.database import Database
from tests.support.queueing import (
    FEED,
    MINUTE,
    NINE,
    commits_of,
    events_of,
    good,
    running_queue,
    together,
    verdicts,
)
from tests.support.reporting import report_item
from tests.support.trouble import holding_pool, until_waiting


async def test_reports_that_come_in_together_are_one_commit(
    queue: ReportQueue, database: Database, pools: list[UUID]
) -> None:
    *sixteen, holder = pools
    answers = await together(queue, database, holder, [good(pool) for pool in sixteen])
    assert verdicts(answers) == ["accepted"] * 16
    assert await commits_of(database, sixteen) == [16]
    assert await events_of(database, sixteen) == 16


async def test_one_that_the_verdict_refuses_leaves_fifteen_in_the_same_commit(
    queue: ReportQueue, database: Database, pools: list[UUID]
) -> None:
    bad, *fifteen, holder = pools
    items = [good(bad)._replace(owner_id=uuid4()), *[good(pool) for pool in fifteen]]
    answers = await together(queue, database, holder, items)
    assert verdicts(answers) == ["not-found", *["accepted"] * 15]
    assert await commits_of(database, pools[:16]) == [16]
    assert await events_of(database, pools[:16]) == 15


BAD: dict[str, dict[str, Any]] = {
    "a constraint of the database": {"occupied": 11},
    "a missing value": {"source_kind": None},
    "a number that is too large for its column": {"physical": 40_000},
    "a value of the wrong type": {"occupied": "drie"},
    "a text that PostgreSQL can't hold": {"address": "\x00"},
    "half a character": {"address": "\ud800"},
}


@pytest.mark.parametrize(
    ("what", "place"), [*[(what, 7) for what in BAD], (next(iter(BAD)), 0), (next(iter(BAD)), 15)]
)
async def test_one_that_the_database_refuses_leaves_fifteen_as_they_are(
    queue: ReportQueue, database: Database, pools: list[UUID], what: str, place: int
) -> None:
    *sixteen, holder = pools
    items = [good(pool) for pool in sixteen]
    items[place] = items[place]._replace(**BAD[what])
    answers = await together(queue, database, holder, items)
    expected: list[Any] = ["accepted"] * 16
    expected[place] = InvalidInput
    assert verdicts(answers) == expected
    others = [pool for pool in sixteen if pool != sixteen[place]]
    assert await events_of(database, others) == 15
    assert await commits_of(database, others) == [1] * 15
    assert await events_of(database, [sixteen[place]]) == 0
    untouched = await database.one("SELECT report_version FROM pool WHERE id = $1", sixteen[place])
    assert untouched["report_version"] == 0
    # The lane goes on as if nothing had been.
    assert (await queue.submit(REGION, good(sixteen[place]))).verdict == "accepted"


async def test_reports_of_one_pool_keep_their_order_through_several_commits(
    queue: ReportQueue, database: Database, pools: list[UUID]
) -> None:
    pool, *_, holder = pools
    items = [good(pool, NINE + n * MINUTE) for n in range(4)]
    confirmation = report_item(pool, None, FEED, NINE + 9 * MINUTE, expected_version=4)
    answers = await together(
        queue, database, holder, [*items, confirmation, good(pool, NINE + 10 * MINUTE)]
    )
    assert verdicts(answers) == ["accepted"] * 6
    assert [a.version for a in answers if isinstance(a, ReportResult)] == [1, 2, 3, 4, 5, 6]
    assert await commits_of(database, [pool]) == [1] * 6


async def test_reports_and_confirmations_of_different_pools_all_get_their_answer(
    queue: ReportQueue, database: Database, pools: list[UUID]
) -> None:
    *sixteen, holder = pools
    for pool in sixteen[::2]:
        await queue.submit(REGION, good(pool))
    items = [
        report_item(pool, None, FEED, NINE + MINUTE, expected_version=1)
        if n % 2 == 0
        else good(pool)
        for n, pool in enumerate(sixteen)
    ]
    answers = await together(queue, database, holder, items)
    assert verdicts(answers) == ["accepted"] * 16
    versions = [a.version for a in answers if isinstance(a, ReportResult)]
    assert versions == [2, 1] * 8


async def test_a_caller_who_goes_while_waiting_leaves_nothing_and_hurts_nobody(
    queue: ReportQueue, database: Database, pools: list[UUID]
) -> None:
    gone, other, *_, holder = pools
    async with holding_pool(database, holder):
        first = asyncio.create_task(queue.submit(REGION, good(holder)))
        await until_waiting(database)
        leaving = asyncio.create_task(queue.submit(REGION, good(gone)))
        staying = asyncio.create_task(queue.submit(REGION, good(other)))
        await asyncio.sleep(0)
        leaving.cancel()
    assert (await first).verdict == (await staying).verdict == "accepted"
    assert leaving.cancelled()
    assert await events_of(database, [gone]) == 0


async def test_a_caller_who_goes_mid_batch_has_one_event_and_hurts_nobody(
    queue: ReportQueue, database: Database, pools: list[UUID]
) -> None:
    sixteen = pools[:16]
    async with holding_pool(database, sixteen[15]):
        blocked = asyncio.create_task(queue.submit(REGION, good(sixteen[15])))
        await until_waiting(database)
        callers = [asyncio.create_task(queue.submit(REGION, good(p))) for p in sixteen[:15]]
        await asyncio.sleep(0)
        blocked.cancel()
    answers = await asyncio.gather(*callers)
    assert verdicts(answers) == ["accepted"] * 15
    assert await events_of(database, sixteen) == 16
    # Repeated by whoever came back, it still is one.
    assert (await queue.submit(REGION, good(sixteen[15]))).verdict == "repeated"
    assert await events_of(database, [sixteen[15]]) == 1


async def test_a_lane_that_is_full_says_so_and_loses_nobody(
    queue: ReportQueue, database: Database, pools: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_queue, "MAX_WAITING", 3)
    *others, holder = pools
    answers = await together(queue, database, holder, [good(pool) for pool in others[:5]])
    assert verdicts(answers) == ["accepted"] * 3 + [Overloaded] * 2
    assert await events_of(database, others) == 3


async def test_nobodys_hurry_holds_up_the_others(
    queue: ReportQueue, database: Database, pools: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_queue, "MAX_WAITING_FOR_POOL", 3)
    hasty, other, *_, holder = pools
    hurry = [good(hasty, NINE + n * MINUTE) for n in range(5)]
    answers = await together(queue, database, holder, [*hurry, good(other)])
    assert verdicts(answers) == [*["accepted"] * 3, Overloaded, Overloaded, "accepted"]
    # What was taken makes room again.
    again = await together(
        queue, database, holder, [good(hasty, NINE + n * MINUTE) for n in (5, 6)]
    )
    assert verdicts(again) == ["accepted"] * 2
    assert await events_of(database, [hasty]) == 5


async def test_callers_who_have_gone_make_room_too(
    queue: ReportQueue, database: Database, pools: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_queue, "MAX_WAITING_FOR_POOL", 2)
    pool, *_, holder = pools
    async with holding_pool(database, holder):
        first = asyncio.create_task(queue.submit(REGION, good(holder)))
        await until_waiting(database)
        gone = [asyncio.create_task(queue.submit(REGION, good(pool))) for _ in range(2)]
        await asyncio.sleep(0)
        for caller in gone:
            caller.cancel()
    await first
    assert (await queue.submit(REGION, good(pool))).verdict == "accepted"
    assert await events_of(database, [pool]) == 1


async def test_what_is_far_behind_in_the_queue_is_reached_all_the_same(
    queue: ReportQueue, database: Database, pools: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_queue, "_MAX_LOOKED_AT", 4)
    first, last, *_, holder = pools
    items = [*[good(first, NINE + n * MINUTE) for n in range(6)], good(last)]
    answers = await together(queue, database, holder, items)
    assert verdicts(answers) == ["accepted"] * 7


async def test_more_than_a_batch_holds_is_several_commits(
    queue: ReportQueue, database: Database, pools: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_queue, "MAX_BATCH", 6)
    *sixteen, holder = pools
    answers = await together(queue, database, holder, [good(pool) for pool in sixteen])
    assert verdicts(answers) == ["accepted"] * 16
    assert await commits_of(database, sixteen) == [4, 6, 6]


async def test_the_committed_are_announced_and_the_refused_are_not(
    database: Database, pools: list[UUID]
) -> None:
    told: list[RegionId] = []
    async with running_queue(database.url, told) as queue:
        await queue.submit(REGION, good(pools[0]))
        assert told == [REGION]
        with pytest.raises(InvalidInput):
            await queue.submit(REGION, good(pools[1])._replace(occupied=11))
        assert told == [REGION]
