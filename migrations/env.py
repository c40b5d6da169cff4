"""Runs migrations as the owner, one process at a time, giving way to what the service is doing."""

import asyncio

import sqlalchemy as sa
from alembic import context
from sqlmodel import SQLModel

import app.db.tables  # noqa: F401  # registers the tables on the metadata
from app.db.engine import create_engine
from app.settings import get_settings

#: Any number will do, as long as no other program locks it: two starts must not migrate at once.
_ADVISORY_LOCK = 7_246_113


def _run(connection: sa.Connection) -> None:
    context.configure(connection=connection, target_metadata=SQLModel.metadata)
    with context.begin_transaction():
        connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
        connection.execute(sa.text("SET LOCAL lock_timeout = '5s'"))
        connection.execute(sa.text("SET LOCAL statement_timeout = '10min'"))
        context.run_migrations()


async def _run_online() -> None:
    # The alembic command itself, as when a revision is made, goes by the settings.
    owner_url = context.config.attributes.get("owner_url") or get_settings().database_owner_url
    engine = create_engine(owner_url, size=1)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_run)
    finally:
        await engine.dispose()


asyncio.run(_run_online())
