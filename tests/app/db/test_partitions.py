"""History by the month: the database's own functions, and that nobody can do more with them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from app.db.partitions import History
from tests.factories.past import (
    audit_at,
    keep,
    months_of,
    past_bed_report,
    past_report,
    past_team_report,
)
from tests.support.database import Database

EARLY_2003 = datetime(2003, 1, 1, tzinfo=UTC)
ROWS = {
    "pool_report": past_report,
    "bed_report": past_bed_report,
    "home_care_report": past_team_report,
}
ADD = "SELECT history_add_month($1, $2)"
FORGET = "SELECT history_forget($1, $2)"
EVENTS = "SELECT events_forget($1, $2, $3)"


@pytest.fixture
async def app(database: Database) -> AsyncIterator[Any]:
    """A connection as the application."""
    async with database.connect() as connection:
        yield connection


async def where(database: Database, table: str) -> list[str]:
    """In which partition each row of a table is, oldest first."""
    moment = "happened_at" if table == "audit" else "stated_at"
    async with database.connect(database.owner_url) as owner:
        rows = await owner.fetch(f"SELECT tableoid::regclass::text FROM {table} ORDER BY {moment}")
    return [row[0].removeprefix(table) for row in rows]


async def put(database: Database, table: str, *moments: datetime) -> None:
    """A row for each moment."""
    if table == "audit":
        await audit_at(database, *moments)
    else:
        await keep(database, table, *(ROWS[table](uuid4(), at) for at in moments))


@pytest.mark.parametrize("table", list(History))
async def test_what_came_before_its_month_was_made_moves_into_it(
    database: Database, app: Any, table: str
) -> None:
    march = datetime(2003, 3, 1, tzinfo=UTC)
    moments = (march - timedelta(microseconds=1), march, datetime(2003, 3, 31, 23, 59, tzinfo=UTC))
    await put(database, table, *moments, datetime(2003, 4, 1, tzinfo=UTC))
    assert await where(database, table) == ["_other"] * 4
    assert await app.fetchval(ADD, table, date(2003, 3, 17)) is True
    assert await where(database, table) == ["_other", "_2003_03", "_2003_03", "_other"]
    assert await app.fetchval(ADD, table, date(2003, 3, 1)) is False
    await put(database, table, march + timedelta(days=9))
    assert (await where(database, table)).count("_2003_03") == 3


@pytest.mark.parametrize("table", list(History))
async def test_a_month_that_was_added_is_as_the_others(
    database: Database, app: Any, table: str
) -> None:
    """Keys, indexes, checks and what may not be null: a partition lacks nothing of its table."""
    await app.execute(ADD, table, date(2003, 3, 1))

    async def parts(name: str) -> set[str]:
        rows = await database.all(
            "SELECT replace(pg_get_constraintdef(oid), $1, '') AS part FROM pg_constraint"
            " WHERE conrelid = $1::text::regclass UNION ALL"
            " SELECT regexp_replace(indexdef, '^.* USING', '') FROM pg_indexes WHERE tablename = $1"
            " UNION ALL SELECT concat(attname, atttypid, attnotnull, attidentity) FROM pg_attribute"
            " WHERE attrelid = $1::text::regclass AND attnum > 0",
            name,
        )
        return {row["part"] for row in rows}

    assert await parts(f"{table}_2003_03") == await parts(table)
    assert await database.value("SELECT count(*) FROM pg_constraint WHERE NOT convalidated") == 0


async def test_the_same_report_is_refused_twice_wherever_it_is(
    database: Database, app: Any
) -> None:
    row = past_report(uuid4(), datetime(2003, 3, 5, tzinfo=UTC))
    await keep(database, "pool_report", row)
    await app.execute(ADD, "pool_report", date(2003, 3, 1))
    with pytest.raises(asyncpg.UniqueViolationError):
        await keep(database, "pool_report", row)


async def test_audit_rows_keep_their_numbers_and_get_new_ones(database: Database, app: Any) -> None:
    await audit_at(database, EARLY_2003)
    before = await database.value("SELECT id FROM audit WHERE happened_at = $1", EARLY_2003)
    await app.execute(ADD, "audit", date(2003, 1, 1))
    await audit_at(database, EARLY_2003 + timedelta(hours=1))
    rows = await database.all("SELECT id FROM audit WHERE happened_at < '2004-01-01' ORDER BY id")
    assert next(row["id"] for row in rows) == before
    assert len(rows) == 2


@pytest.mark.parametrize("table", list(History))
async def test_whole_months_are_forgotten_and_what_has_no_month_by_its_own_moment(
    database: Database, app: Any, table: str
) -> None:
    for month in (1, 2, 3):
        await app.execute(ADD, table, date(2003, month, 1))
    moments = [datetime(2003, month, 15, tzinfo=UTC) for month in range(1, 6)]
    await put(database, table, EARLY_2003 - timedelta(days=1), *moments)
    kept = await months_of(database, table)
    before = datetime(2003, 2, 28, 23, 59, 59, tzinfo=UTC)
    assert await app.fetchval(FORGET, table, before) == 1
    assert await where(database, table) == ["_2003_02", "_2003_03", "_other", "_other"]
    assert await app.fetchval(FORGET, table, datetime(2003, 4, 30, tzinfo=UTC)) == 2
    assert await where(database, table) == ["_other"]
    assert await months_of(database, table) == [m for m in kept if not m.startswith("2003")]


async def test_the_database_keeps_five_years_of_audit_whatever_it_is_asked(
    database: Database, app: Any
) -> None:
    now = datetime.now(UTC)
    await audit_at(database, now - timedelta(days=5 * 365 - 2), now - timedelta(days=5 * 365 + 40))
    for before in (datetime(2300, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
        await app.execute(FORGET, "audit", before)
    assert await where(database, "audit") == ["_other"]
    await app.execute("SELECT history_forget('audit', 'infinity')")
    assert await database.value("SELECT count(*) FROM audit") == 1


async def test_the_database_keeps_a_month_of_reports_whatever_it_is_asked(
    database: Database, app: Any
) -> None:
    now = datetime.now(UTC)
    await put(database, "pool_report", now - timedelta(days=20), now - timedelta(days=120))
    before = await months_of(database, "pool_report")
    await app.execute("SELECT history_forget('pool_report', 'infinity')")
    assert await database.value("SELECT count(*) FROM pool_report") == 1
    assert before[1:] == (await months_of(database, "pool_report"))[-len(before) + 1 :]


@pytest.mark.parametrize(
    "name",
    ["pool", "event", "POOL_REPORT", "pool_report_other", "audit; DROP TABLE pool", "", '"audit"'],
)
async def test_only_the_known_tables_are_history(database: Database, app: Any, name: str) -> None:
    for call, argument in ((ADD, date(2003, 1, 1)), (FORGET, datetime.max.replace(tzinfo=UTC))):
        with pytest.raises(asyncpg.RaiseError, match="no history"):
            await app.execute(call, name, argument)
    assert await database.value("SELECT count(*) FROM pool") == 0


@pytest.mark.parametrize(
    "month", ["infinity", "-infinity", "1999-12-31", "2200-01-01", "0001-01-01"]
)
async def test_only_months_of_this_time_are_made(app: Any, month: str) -> None:
    with pytest.raises(asyncpg.RaiseError, match="no month"):
        await app.execute(f"SELECT history_add_month('audit', '{month}')")


async def test_nothing_is_done_about_nothing(database: Database, app: Any) -> None:
    await put(database, "pool_report", EARLY_2003)
    for call in (
        "history_add_month(NULL, '2003-01-01')",
        "history_add_month('audit', NULL)",
        "history_forget('pool_report', NULL)",
        "history_forget(NULL, now())",
        "events_forget(0::smallint, NULL, 10)",
        "events_forget(0::smallint, now(), NULL)",
    ):
        assert await app.fetchval(f"SELECT {call}") is None
    assert await database.value("SELECT count(*) FROM pool_report") == 1


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE pool_report_other",
        "DROP TABLE audit",
        "DELETE FROM audit",
        "TRUNCATE pool_report",
        "UPDATE pool_report SET free = 1",
        "DELETE FROM event",
        "SELECT FROM pool_report_other",
        "INSERT INTO audit_other OVERRIDING SYSTEM VALUE SELECT * FROM audit",
        "ALTER TABLE pool_report DETACH PARTITION pool_report_other",
        "CREATE TABLE pool_report_2003_01 (LIKE pool_report)",
        "CREATE OR REPLACE FUNCTION history_forget(int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ],
)
async def test_the_application_can_do_nothing_else_to_history(app: Any, statement: str) -> None:
    with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.InvalidTableDefinitionError)):
        await app.execute(statement)


async def test_nobody_else_may_call_the_functions(database: Database) -> None:
    rights = await database.all(
        "SELECT p.proname, coalesce(r.rolname, 'PUBLIC') AS who, p.prosecdef, o.rolname AS owner,"
        " p.proconfig FROM pg_proc p JOIN pg_roles o ON o.oid = p.proowner"
        " CROSS JOIN LATERAL aclexplode(p.proacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee"
        " WHERE p.proname IN ('history_add_month', 'history_forget', 'events_forget') ORDER BY 1, 2"
    )
    assert [(row["proname"], row["who"]) for row in rows_of(rights)] == [
        (name, who)
        for name in ("events_forget", "history_add_month", "history_forget")
        for who in ("verkeerstoren_app", "verkeerstoren_owner")
    ]
    for row in rights:
        assert row["prosecdef"]
        assert row["owner"] == "verkeerstoren_owner"
        # Nobody's own schema may come between the function and its tables.
        assert "search_path=public, pg_temp" in row["proconfig"]


def rows_of(found: list[Any]) -> list[Any]:
    """Rows in an order that doesn't hang on the server's collation."""
    return sorted(found, key=lambda row: (row["proname"], row["who"]))


@pytest.mark.parametrize("table", list(History))
async def test_the_functions_give_way_to_a_long_transaction(
    database: Database, app: Any, table: str
) -> None:
    await app.execute(ADD, table, date(2003, 1, 1))
    await put(database, table, EARLY_2003)
    async with database.connect() as other:
        async with other.transaction():
            await other.execute(f"SELECT count(*) FROM {table}")
            with pytest.raises(asyncpg.LockNotAvailableError):
                await app.execute(ADD, table, date(2003, 2, 1))
            with pytest.raises(asyncpg.LockNotAvailableError):
                await app.execute(FORGET, table, datetime(2003, 6, 1, tzinfo=UTC))
        assert await app.fetchval(ADD, table, date(2003, 2, 1)) is True
        assert await app.fetchval(FORGET, table, datetime(2003, 6, 1, tzinfo=UTC)) == 2


async def test_two_at_once_never_hinder_each_other_into_an_error(database: Database) -> None:
    """Months are made and dropped by several at once: each is made once, and nobody deadlocks."""

    async def work(number: int) -> int:
        made = 0
        async with database.connect() as connection:
            for month in range(1, 13):
                try:
                    made += await connection.fetchval(ADD, "pool_report", date(2003, month, 1))
                    if number % 2:
                        await connection.execute(FORGET, "pool_report", EARLY_2003)
                except asyncpg.LockNotAvailableError:
                    continue
        return made

    made = await asyncio.gather(*(work(number) for number in range(4)))
    found = [m for m in await months_of(database, "pool_report") if m.startswith("2003")]
    assert sum(made) == len(found) > 0


async def test_a_stream_is_forgotten_from_its_beginning_and_never_its_newest_event(
    database: Database, app: Any
) -> None:
    old, new = datetime(2025, 1, 1, tzinfo=UTC), datetime.now(UTC)
    await stream(database, [old, old, new, old, old])
    assert await app.fetchval(EVENTS, 7, new - timedelta(days=2), 100) == 2
    assert await numbers(database) == [2, 3, 4]
    await stream(database, [old] * 5)
    assert await app.fetchval(EVENTS, 7, old, 100) == 0
    assert await app.fetchval(EVENTS, 7, new, 3) == 3
    assert await app.fetchval(EVENTS, 7, new, 3) == 1
    assert await app.fetchval(EVENTS, 7, new, 3) == 0
    assert await numbers(database) == [4]
    assert await database.value("SELECT count(*) FROM event WHERE region_id = 0") == 1


async def test_a_day_of_events_stays_whatever_is_asked(database: Database, app: Any) -> None:
    now = datetime.now(UTC)
    await stream(database, [now - timedelta(hours=25), now - timedelta(hours=23), now])
    assert await app.fetchval("SELECT events_forget(7::smallint, 'infinity', 100)") == 1
    assert await numbers(database) == [1, 2]


async def stream(database: Database, moments: list[datetime]) -> None:
    """A region 7 whose events are of these moments, numbered from 0."""
    async with database.connect(database.owner_url) as owner:
        await owner.execute("DELETE FROM event WHERE region_id = 7")
        await owner.execute(
            "INSERT INTO region VALUES (7, 'zeven', 'Zeven') ON CONFLICT DO NOTHING"
        )
        await owner.execute(
            "INSERT INTO stream VALUES (7, 1, $1, 9)"
            " ON CONFLICT (region_id) DO UPDATE SET number = excluded.number",
            len(moments) - 1,
        )
        for number, at in enumerate(moments):
            await owner.execute(
                "INSERT INTO event (region_id, number, epoch, tag, kind, subject_id, at)"
                " VALUES (7, $1, 1, 9, 'capacity', 'x', $2)",
                number,
                at,
            )


async def numbers(database: Database) -> list[int]:
    """The events of region 7 that are left."""
    rows = await database.all("SELECT number FROM event WHERE region_id = 7 ORDER BY number")
    return [row["number"] for row in rows]
