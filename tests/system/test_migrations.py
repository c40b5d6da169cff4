"""Migrations: from empty to what the tables say, once, however often and by however many at once."""

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import alembic.command
import asyncpg
import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

import app.db.tables  # noqa: F401  # registers the tables on the metadata
from app.db.engine import create_engine
from app.db.migrate import configuration, current_version, newest_version, upgrade
from app.embedded import EmbeddedServers
from tests.support.database import Database
from tests.support.serving import ROOT

_UPGRADE = "import sys; from app.db.migrate import upgrade; upgrade(sys.argv[1])"
_COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated,
    a.attidentity, pg_get_expr(d.adbin, d.adrelid)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
"""
_CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace
"""
#: Months come and go by themselves, each made from its parent.
_PARTITION = re.compile("_(other|[0-9]{4}_[0-9]{2})$")
_INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
_FUNCTIONS = (
    "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
)


@pytest.fixture
async def empty(servers: EmbeddedServers, database: Database) -> AsyncIterator[Database]:
    """A database with nothing in it, as roles.sql leaves it."""
    name = f"{database.name}_empty"
    connection = await asyncpg.connect(servers.admin_url)
    await connection.execute(f'CREATE DATABASE "{name}" OWNER verkeerstoren_owner')
    yield Database(
        name=name,
        url=servers.url("verkeerstoren_app", name),
        owner_url=servers.url("verkeerstoren_owner", name),
        admin_url=servers.url("postgres", name),
    )
    await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await connection.close()


async def migrate(database: Database) -> None:
    """As `verkeerstoren migrate` does."""
    await asyncio.to_thread(upgrade, database.owner_url)


async def shape(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that a database's tables are made of."""
    found = {}
    async with database.connect(database.owner_url) as connection:
        for what, query in (
            ("columns", _COLUMNS),
            ("constraints", _CONSTRAINTS),
            ("indexes", _INDEXES),
        ):
            rows = await connection.fetch(query)
            found[what] = sorted(
                (
                    tuple(row)
                    for row in rows
                    if row[0] != "alembic_version" and not _PARTITION.search(row[0])
                ),
                key=repr,
            )
    return found


async def content(database: Database) -> dict[str, Any]:
    """What a new installation begins with."""
    async with database.connect(database.owner_url) as connection:
        return {
            table: [tuple(row) for row in await connection.fetch(f"SELECT * FROM {table}")]
            for table in ("alembic_version", "region", "stream", "event")
        }


async def test_from_empty_to_the_newest_version_where_a_region_for_everybody_is_open(
    empty: Database,
) -> None:
    async with empty.connect(empty.owner_url) as connection:
        assert await current_version(connection) is None
    await migrate(empty)
    async with empty.connect() as application:
        assert await current_version(application) == newest_version()
    found = await content(empty)
    assert found["region"] == [(0, "landelijk", "Heel Nederland", 1)]
    (stream,), (event,) = found["stream"], found["event"]
    region, epoch, number, tag = stream
    assert (region, epoch, number) == (0, 1, 0)
    assert event[:5] == (0, 0, 1, tag, "stream-opened")


async def test_alembic_finds_nothing_to_add(empty: Database) -> None:
    await migrate(empty)
    await asyncio.to_thread(alembic.command.check, configuration(empty.owner_url))


async def test_the_migrated_tables_are_the_declared_tables_to_the_last_constraint(
    empty: Database, database: Database
) -> None:
    """Alembic looks at neither checks nor generated columns; the tables are what the code relies on."""
    async with (
        database.connect(database.owner_url) as migrated,
        empty.connect(empty.owner_url) as declared,
    ):
        for row in await migrated.fetch(_FUNCTIONS):
            await declared.execute(row[0])
    engine = create_engine(empty.owner_url)
    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    await engine.dispose()
    assert await shape(database) == await shape(empty)


async def test_doing_it_again_is_harmless(empty: Database) -> None:
    await migrate(empty)
    before = (await shape(empty), await content(empty))
    await migrate(empty)
    assert (await shape(empty), await content(empty)) == before


async def test_three_at_once_make_one_database(empty: Database, database: Database) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _UPGRADE, empty.owner_url],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for _ in range(3)
    ]
    outputs = await asyncio.gather(*[asyncio.to_thread(p.communicate, None, 60) for p in processes])
    told = [
        (process.returncode, output[0]) for process, output in zip(processes, outputs, strict=True)
    ]
    assert [code for code, _ in told] == [0, 0, 0], told
    assert await shape(empty) == await shape(database)
    assert len((await content(empty))["region"]) == 1


async def test_only_the_owner_migrates(empty: Database) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="permission denied"):
        await asyncio.to_thread(upgrade, empty.url)
    async with empty.connect(empty.owner_url) as connection:
        assert await current_version(connection) is None


async def test_a_migration_gives_way_to_who_is_at_work(empty: Database) -> None:
    """One that can't get its lock fails within seconds and leaves nothing half done."""
    await migrate(empty)
    before = await shape(empty)
    async with (
        empty.connect(empty.owner_url) as connection,
        connection.transaction(),
    ):
        await connection.execute("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(sa.exc.DBAPIError, match="lock timeout"):
            await asyncio.wait_for(migrate(empty), 20)
    assert await shape(empty) == before
    await migrate(empty)
