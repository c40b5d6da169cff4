"""The queue in trouble: connections that end, answers that get lost, deadlocks, a process that stops."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.db import report_queue
from app.db.report_queue import ReportQueue
from app.db.reports import ReportResult, write_reports
from domain.errors import OutcomeUnknown, Unavailable
from domain.identifiers import RegionId
from tests.factories.world import REGION, counts
from tests.support.database import Database
from tests.support.queueing import (
    MINUTE,
    NINE,
    commits_of,
    events_of,
    good,
    running_queue,
    verdicts,
)
from tests.support.reporting import feed, hot_statement, report_item
from tests.support.trouble import (
    end_backends,
    holding_pool,
    line_to,
    notice_deadlocks_soon,
    until,
    until_waiting,
)

FEED = feed()


async def test_a_lost_connection_is_outcome_unknown_and_repeating_counts_once(
    queue: ReportQueue, database: Database, pools: list[UUID]
) -> None:
    one, two, *_ = pools
    async with holding_pool(database, one):
        waiting = asyncio.create_task(queue.submit(REGION, good(one)))
        (pid,) = await until_waiting(database)
        behind = asyncio.create_task(queue.submit(REGION, good(two)))
        await asyncio.sleep(0)
        await end_backends(database, pid)
        with pytest.raises(OutcomeUnknown):
            await waiting
        # Who was not in that batch notices nothing.
        assert (await behind).verdict == "accepted"
    assert await events_of(database, [one]) == 0
    assert (await queue.submit(REGION, good(one))).verdict == "accepted"
    assert await events_of(database, [one, two]) == 2


async def test_an_answer_lost_after_the_commit_is_outcome_unknown_and_counts_once(
    database: Database, pools: list[UUID]
) -> None:
    async with line_to(database.url) as line, running_queue(line.url) as queue:
        pool, before, *_ = pools
        assert (await queue.submit(REGION, good(before))).verdict == "accepted"
        line.lose_answers()
        with pytest.raises(OutcomeUnknown):
            await queue.submit(REGION, good(pool))
        line.restore()

        async def committed() -> bool:
            return await events_of(database, [pool]) == 1

        await until(committed)
        again = await queue.submit(REGION, good(pool))
        assert (again.verdict, again.version) == ("repeated", 1)
        assert await events_of(database, [pool]) == 1
        assert (
            await database.value("SELECT count(*) FROM pool_report WHERE pool_id = $1", pool) == 1
        )


async def test_without_a_database_nothing_happened_and_the_caller_is_told_so() -> None:
    async with running_queue("postgresql://niemand@127.0.0.1:1/niets") as queue:
        with pytest.raises(Unavailable):
            await queue.submit(REGION, good(uuid4()))


async def test_a_queue_that_does_not_run_takes_nothing(database: Database) -> None:
    with pytest.raises(Unavailable):
        await ReportQueue(database.url, lambda _: None).submit(REGION, good(uuid4()))


async def test_what_waits_when_the_process_stops_is_told_what_is_known(
    database: Database, pools: list[UUID]
) -> None:
    one, two, *_ = pools
    async with holding_pool(database, one):
        async with running_queue(database.url) as queue:
            written = asyncio.create_task(queue.submit(REGION, good(one)))
            await until_waiting(database)
            waiting = asyncio.create_task(queue.submit(REGION, good(two)))
            await asyncio.sleep(0)
        answers = await asyncio.gather(written, waiting, return_exceptions=True)
    assert verdicts(answers) == [OutcomeUnknown, Unavailable]
    assert await events_of(database, [two]) == 0


async def test_a_batch_that_meets_a_deadlock_is_done_again_and_counts_once(
    queue: ReportQueue, database: Database, pools: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    async def counted(statement: Any, region_id: RegionId, items: Any) -> list[ReportResult]:
        tries.append(len(items))
        return await write_reports(statement, region_id, items)

    monkeypatch.setattr(report_queue, "write_reports", counted)
    await notice_deadlocks_soon(database)
    one, two, *_ = pools
    async with database.connect(database.admin_url) as act, act.transaction():
        # Against all rules this act takes the stream first. It is patient, so the batch gives way.
        await act.execute("SET LOCAL deadlock_timeout = '60s'")
        await act.execute("SELECT FROM stream WHERE region_id = 1 FOR UPDATE")
        async with holding_pool(database, two):
            batch = asyncio.gather(*[queue.submit(REGION, good(pool)) for pool in (one, two)])
            await until_waiting(database)
            claim = "UPDATE pool SET claimed = 1 WHERE id = $1"
            acting = asyncio.create_task(act.execute(claim, one))
            await until_waiting(database, 2)
        # Now the batch goes on to the stream, which the act has while it waits for the batch.
        await acting
    answers = await batch
    assert verdicts(answers) == ["accepted", "accepted"]
    assert [answer.balance for answer in answers] == [3, 4]
    assert await events_of(database, [one, two]) == 2
    assert await commits_of(database, [one, two]) == [2]
    assert await database.value("SELECT count(*) FROM pool_report") == 2
    assert tries == [2, 2]


async def test_a_migration_under_the_statement_costs_no_report(
    queue: ReportQueue, database: Database, pools: list[UUID]
) -> None:
    one, two, *_ = pools
    assert (await queue.submit(REGION, good(one))).verdict == "accepted"
    async with database.connect(database.owner_url) as owner:
        await owner.execute("ALTER TABLE stream ALTER COLUMN epoch TYPE bigint")
    assert (await queue.submit(REGION, good(two))).verdict == "accepted"
    assert await events_of(database, [one, two]) == 2


async def test_a_repetition_that_history_refuses_is_told_superseded(
    queue: ReportQueue, database: Database, pools: list[UUID]
) -> None:
    pool, *_ = pools
    first = report_item(pool, counts(10, 6), FEED, NINE, received_at=NINE)
    async with hot_statement(database) as other, other.connection.transaction():
        await other.one(first)
        await other.one(report_item(pool, counts(10, 9), feed(), NINE + MINUTE))
        skewed = first._replace(observed_at=NINE + 2 * MINUTE, received_at=NINE + 2 * MINUTE)
        waiting = asyncio.create_task(queue.submit(REGION, skewed))
        await until_waiting(database)
    result = await waiting
    assert (result.verdict, result.version, result.balance) == ("superseded", 2, 1)
    assert await events_of(database, [pool]) == 2
