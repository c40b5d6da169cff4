"""Brings the database to the newest version, and says whether it is there."""

from pathlib import Path

import alembic.command
from alembic.config import Config
from alembic.script import ScriptDirectory

from app.db.event_log import Connection

_CONFIG = Path(__file__).parents[2] / "alembic.ini"


def configuration(owner_url: str) -> Config:
    """Alembic's configuration for a database. `owner_url` names the owner role."""
    config = Config(_CONFIG)
    config.attributes["owner_url"] = owner_url
    return config


def upgrade(owner_url: str) -> None:
    """Applies what is missing; does nothing when the database is up to date. Not from within a loop."""
    alembic.command.upgrade(configuration(owner_url), "head")


def newest_version() -> str:
    """The version that this code needs."""
    head = ScriptDirectory.from_config(Config(_CONFIG)).get_current_head()
    assert head is not None
    return head


async def current_version(connection: Connection) -> str | None:
    """The version that the database has; None before the first migration."""
    if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
        return None
    version: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    return version
