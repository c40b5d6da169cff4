"""Runs migrations as the owner, one process at a time, giving way to what the service is doing."""

import asyncio
import re

import sqlalchemy as sa
from alembic import context
from sqlmodel import SQLModel

import app.db.tables  # noqa: F401  # registers the tables on the metadata
from app.db.engine import create_engine
from app.settings import get_settings

#: Any number will do, as long as no other program locks it: two starts must not migrate at once.
_ADVISORY_LOCK = 7_246_113


def _is_no_partition(name: str | None, kind: str, _parents: object) -> bool:
    """Months come and go by themselves (0003); a revision is never about one."""
    return kind != "table" or re.search("_(other|[0-9]{4}_[0-9]{2})$", name or "") is None


def _run(connection: sa.Connection) -> None:
    context.configure(
        connection=connection, target_metadata=SQLModel.metadata, include_name=_is_no_partition
    )
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
