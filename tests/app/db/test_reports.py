"""The hot statement: what one commit of reports does, and what it waits for."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from app.db.reports import ReportItem
from domain.capacity import Figures
from tests.factories.world import World, counts
from tests.support.database import Database, register_admission, register_promise
from tests.support.reporting import (
    HotStatement,
    another_pool,
    feed,
    hot_statement,
    report_item,
)
from tests.support.trouble import holding_pool, until_waiting

NINE = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
FEED, OTHER_FEED = feed(), feed()


async def events_of(database: Database, pool_id: UUID) -> list[Any]:
    """The states that the stream tells of a pool since its making, oldest first."""
    rows = await database.all(
        "SELECT data FROM event WHERE kind = 'capacity' AND subject_id = $1::text ORDER BY number",
        str(pool_id),
    )
    return [json.loads(row["data"]) for row in rows if json.loads(row["data"])["version"] > 0]


async def test_one_commit_holds_state_event_history_and_audit(
    hot: HotStatement, world: World, database: Database
) -> None:
    pools = [world.pool_id, *[await another_pool(hot.connection, world.pool_id) for _ in range(3)]]
    before = await database.one("SELECT number FROM stream WHERE region_id = 1")
    items = [report_item(p, counts(10, 6 + n), FEED, NINE) for n, p in enumerate(pools)]
    results = await hot.write(*items)

    assert [r.verdict for r in results] == ["accepted"] * 4
    assert [r.balance for r in results] == [4, 3, 2, 1]
    rows = await database.all(
        "SELECT e.number, e.tag, e.subject_id, e.at, e.data, p.xmin = e.xmin AND h.xmin = e.xmin"
        " AND a.xmin = e.xmin AND s.xmin = e.xmin AS together FROM event e"
        " JOIN pool p ON p.id = e.subject_id::uuid JOIN pool_report h ON h.pool_id = p.id"
        " JOIN audit a ON a.object_id = e.subject_id AND a.action = 'capacity.report'"
        " JOIN stream s ON s.region_id = e.region_id WHERE e.number > $1 ORDER BY e.number",
        before["number"],
    )
    assert [row["together"] for row in rows] == [True] * 4
    assert [row["number"] - before["number"] for row in rows] == [1, 2, 3, 4]
    assert [UUID(row["subject_id"]) for row in rows] == sorted(pools)
    by_pool = {UUID(row["subject_id"]): row for row in rows}
    for item, result in zip(items, results, strict=True):
        row = by_pool[item.pool_id]
        assert result.position is not None
        assert (result.position.number, result.position.tag) == (row["number"], row["tag"])
        assert json.loads(row["data"])["balance"] == result.balance
    head = await database.one("SELECT number, tag FROM stream WHERE region_id = 1")
    assert (head["number"], head["tag"]) == (rows[-1]["number"], rows[-1]["tag"])


async def test_a_report_replaces_all_figures_and_leaves_the_ledger(
    hot: HotStatement, world: World
) -> None:
    await register_promise(hot.connection, world.pool_id, NINE - HOUR)
    await hot.one(report_item(world.pool_id, counts(10, 6, 1), FEED, NINE))
    await hot.one(report_item(world.pool_id, Figures(free=2), OTHER_FEED, NINE + MINUTE))
    row = await hot.connection.fetchrow("SELECT * FROM pool WHERE id = $1", world.pool_id)
    named = ("physical", "operable", "occupied", "planned", "closed")
    assert [row[name] for name in named] == [None] * 5
    assert (row["free"], row["balance"], len(row["promised_at"])) == (2, 1, 1)
    assert row["source_id"] == OTHER_FEED.id


async def test_a_late_report_goes_to_history_and_makes_no_event(
    hot: HotStatement, world: World, database: Database
) -> None:
    standing = await hot.one(report_item(world.pool_id, counts(10, 6), FEED, NINE))
    late = await hot.one(report_item(world.pool_id, counts(10, 2), FEED, NINE - MINUTE))
    assert late.verdict == "superseded"
    assert (late.version, late.balance, late.observed_at) == (1, 4, NINE)
    assert late.position == standing.position
    assert [state["balance"] for state in await events_of(database, world.pool_id)] == [4]
    kept = await database.all("SELECT outcome, version FROM pool_report ORDER BY stated_at DESC")
    assert [tuple(row) for row in kept] == [("accepted", 1), ("superseded", None)]


async def test_the_same_report_at_once_again_is_repeated(
    hot: HotStatement, world: World, database: Database
) -> None:
    item = report_item(world.pool_id, counts(10, 6), FEED, NINE, received_at=NINE)
    assert (await hot.one(item)).verdict == "accepted"
    later = item._replace(observed_at=NINE + MINUTE, received_at=NINE + MINUTE)
    again = await hot.one(later)
    assert (again.verdict, again.version, again.observed_at) == ("repeated", 1, NINE)
    assert len(await events_of(database, world.pool_id)) == 1
    assert await database.value("SELECT count(*) FROM pool_report") == 1


@pytest.mark.parametrize("skew", [-2, 0, 2])
async def test_the_same_report_after_others_came_in_between_counts_once(
    hot: HotStatement, world: World, database: Database, skew: int
) -> None:
    first = report_item(world.pool_id, counts(10, 6), FEED, NINE, received_at=NINE)
    between = report_item(world.pool_id, counts(10, 9), OTHER_FEED, NINE + MINUTE)
    assert (await hot.one(first)).verdict == "accepted"
    assert (await hot.one(between)).verdict == "accepted"
    # Sent anew, `sent_at` makes its observation come out a little otherwise.
    observed_at = NINE + skew * MINUTE
    again = await hot.one(first._replace(observed_at=observed_at, received_at=NINE + HOUR))
    assert (again.verdict, again.version, again.balance) == ("superseded", 2, 1)
    assert len(await events_of(database, world.pool_id)) == 2
    assert await database.value("SELECT count(*) FROM pool_report") == 2
    audited = await database.all("SELECT outcome FROM audit WHERE action LIKE 'capacity%'")
    assert [row["outcome"] for row in audited] == ["accepted", "accepted", "superseded"]


async def test_the_same_report_after_klopt_nog_of_the_same_moment_counts_once(
    hot: HotStatement, world: World
) -> None:
    first = report_item(world.pool_id, counts(10, 6), FEED, NINE)
    await hot.one(first)
    confirmed = await hot.one(report_item(world.pool_id, None, FEED, NINE, expected_version=1))
    assert (await hot.one(first)).verdict == "superseded"
    row = await hot.connection.fetchrow("SELECT * FROM pool WHERE id = $1", world.pool_id)
    assert (row["report_version"], row["balance"]) == (confirmed.version, 4) == (2, 4)


REFUSALS = [
    ("not-found", {"owner_id": uuid4()}, ""),
    ("not-found", {"pool_id": uuid4()}, ""),
    ("pool-closed", {}, "UPDATE pool SET status = 'ended'"),
    ("figures-from-beds", {}, "UPDATE pool SET care_types = '{grz,mfb}'"),
    ("version-changed", {"expected_version": 1}, ""),
]


@pytest.mark.parametrize(("verdict", "change", "update"), REFUSALS)
async def test_a_refused_report_changes_nothing_and_leaves_the_others_alone(
    hot: HotStatement,
    world: World,
    database: Database,
    verdict: str,
    change: dict[str, Any],
    update: str,
) -> None:
    good = await another_pool(hot.connection, world.pool_id)
    if update:
        await hot.connection.execute(f"{update} WHERE id = $1", world.pool_id)
    bad_item = report_item(world.pool_id, counts(10, 6), FEED, NINE)._replace(**change)
    bad, taken = await hot.write(bad_item, report_item(good, counts(10, 6), FEED, NINE))
    assert (bad.verdict, bad.version) == (verdict, 0)
    assert (taken.verdict, taken.version) == ("accepted", 1)
    assert await events_of(database, world.pool_id) == []
    assert await database.value("SELECT count(*) FROM pool_report") == 1
    untouched = await database.one("SELECT * FROM pool WHERE id = $1", world.pool_id)
    assert (untouched["report_version"], untouched["observed_at"]) == (0, None)


async def test_a_pool_of_another_region_is_not_found(
    hot: HotStatement, world: World, database: Database
) -> None:
    async with database.connect(database.owner_url) as connection:
        await connection.execute("INSERT INTO region (id, code, name) VALUES (2, 'twee', 'Twee')")
        await connection.execute("UPDATE pool SET region_id = 2 WHERE id = $1", world.pool_id)
    result = await hot.one(report_item(world.pool_id, counts(10, 6), FEED, NINE))
    assert result.verdict == "not-found"
    assert await database.value("SELECT count(*) FROM pool_report") == 0


async def test_klopt_nog_needs_a_report_and_the_version_that_stands(
    hot: HotStatement, world: World
) -> None:
    def confirm(version: int, minutes: int) -> ReportItem:
        return report_item(
            world.pool_id, None, FEED, NINE + minutes * MINUTE, expected_version=version
        )

    assert (await hot.one(confirm(0, 1))).verdict == "nothing-to-confirm"
    await hot.one(report_item(world.pool_id, counts(10, 6), FEED, NINE))
    assert (await hot.one(confirm(2, 1))).verdict == "version-changed"
    assert (await hot.one(confirm(1, 1))).version == 2
    # The same confirmation sent again is one; an older one than what stands is refused.
    assert (await hot.one(confirm(1, 2))).verdict == "repeated"
    await hot.one(report_item(world.pool_id, counts(10, 7), FEED, NINE + HOUR))
    assert (await hot.one(confirm(1, 61))).verdict == "version-changed"


async def test_a_report_that_waits_for_an_acceptance_tells_of_it(
    hot: HotStatement, world: World, database: Database
) -> None:
    await hot.one(report_item(world.pool_id, counts(10, 6), FEED, NINE))
    async with holding_pool(database, world.pool_id) as acceptance:
        item = report_item(world.pool_id, counts(10, 5), FEED, NINE + HOUR)
        report = asyncio.create_task(hot.one(item))
        await until_waiting(database)
        await register_promise(acceptance, world.pool_id, NINE + HOUR)
    result = await report
    assert (result.verdict, result.balance) == ("accepted", 4)
    state = (await events_of(database, world.pool_id))[-1]
    assert (state["promised"], state["balance"], state["free"]) == (1, 4, 4)
    row = await database.one("SELECT promised_at, balance FROM pool WHERE id = $1", world.pool_id)
    assert (row["promised_at"], row["balance"]) == ([NINE + HOUR], 4)


async def test_klopt_nog_that_waits_for_an_admission_folds_it_in(
    hot: HotStatement, world: World, database: Database
) -> None:
    await hot.one(report_item(world.pool_id, counts(10, 6), FEED, NINE))
    async with holding_pool(database, world.pool_id) as act:
        item = report_item(world.pool_id, None, FEED, NINE + HOUR, expected_version=1)
        confirmation = asyncio.create_task(hot.one(item))
        await until_waiting(database)
        await register_admission(act, world.pool_id, NINE + MINUTE)
    assert (await confirmation).balance == 3
    state = (await events_of(database, world.pool_id))[-1]
    assert (state["occupied"], state["balance"]) == (7, 3)


async def test_a_report_that_waits_for_another_one_is_judged_against_it(
    hot: HotStatement, world: World, database: Database
) -> None:
    async with hot_statement(database) as other, other.connection.transaction():
        newer = report_item(world.pool_id, counts(10, 9), OTHER_FEED, NINE + MINUTE)
        await other.one(newer)
        older = report_item(world.pool_id, counts(10, 6), FEED, NINE)
        waiting = asyncio.create_task(hot.one(older))
        await until_waiting(database)
    result = await waiting
    assert (result.verdict, result.version, result.balance) == ("superseded", 1, 1)


async def test_history_refuses_a_report_that_got_in_while_its_repetition_waited(
    hot: HotStatement, world: World, database: Database
) -> None:
    first = report_item(world.pool_id, counts(10, 6), FEED, NINE, received_at=NINE)
    async with hot_statement(database) as other, other.connection.transaction():
        await other.one(first)
        await other.one(report_item(world.pool_id, counts(10, 9), OTHER_FEED, NINE + MINUTE))
        skewed = first._replace(observed_at=NINE + 2 * MINUTE, received_at=NINE + HOUR)
        waiting = asyncio.create_task(hot.once(skewed))
        await until_waiting(database)
    with pytest.raises(asyncpg.UniqueViolationError):
        await waiting
    assert (await hot.one(skewed)).verdict == "superseded"


@pytest.mark.parametrize("held", [0, 1])
async def test_pools_are_locked_in_the_order_of_their_ids(
    hot: HotStatement, world: World, database: Database, held: int
) -> None:
    pools = sorted([world.pool_id, await another_pool(hot.connection, world.pool_id)])
    async with holding_pool(database, pools[held]):
        items = [report_item(pool, counts(10, 6), FEED, NINE) for pool in reversed(pools)]
        batch = asyncio.create_task(hot.write(*items))
        await until_waiting(database)
        async with database.connect() as probe:
            taken = await probe.fetch(
                "SELECT id FROM pool WHERE id = $1 FOR NO KEY UPDATE SKIP LOCKED", pools[1 - held]
            )
        assert bool(taken) == (held == 0)
    assert [r.verdict for r in await batch] == ["accepted", "accepted"]


async def test_the_stream_is_taken_after_the_pools(
    hot: HotStatement, world: World, database: Database
) -> None:
    async with holding_pool(database, world.pool_id):
        item = report_item(world.pool_id, counts(10, 6), FEED, NINE)
        batch = asyncio.create_task(hot.one(item))
        await until_waiting(database)
        async with database.connect() as probe:
            free = await probe.fetch(
                "SELECT number FROM stream WHERE region_id = 1 FOR UPDATE SKIP LOCKED"
            )
        assert free
    assert (await batch).verdict == "accepted"
