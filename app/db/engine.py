"""Connections to PostgreSQL: raw asyncpg for what is hot, a SQLAlchemy engine for registers."""

import contextlib
from typing import TYPE_CHECKING

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.db.event_log import Connection

if TYPE_CHECKING:
    ConnectionPool = asyncpg.Pool[asyncpg.Record]

#: Errors after which the connection is gone and a statement's fate is not known.
LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server ended the connection while it was idle
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    # No connection is to be had: the server is full, or the database is being put back.
    asyncpg.TooManyConnectionsError,
    asyncpg.ObjectNotInPrerequisiteStateError,
    asyncpg.InvalidCatalogNameError,
    OSError,
    TimeoutError,
)
#: Errors after which the whole act is done again: nothing of it has happened.
RETRIED = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)

_SERVER_SETTINGS = {"timezone": "UTC", "application_name": "verkeerstoren"}
CONNECT_SECONDS = 5.0


async def connect(database_url: str, **server_settings: str) -> Connection:
    """A connection of its own, for a loop that keeps it. Raises one of LOST."""
    return await asyncpg.connect(
        database_url,
        server_settings={**_SERVER_SETTINGS, **server_settings},
        timeout=CONNECT_SECONDS,
    )


async def disconnect(connection: Connection) -> None:
    """Says goodbye to the server, or cuts the line when it doesn't answer within a second."""
    with contextlib.suppress(*LOST):
        await connection.close(timeout=1)


def create_engine(database_url: str, *, size: int = 10) -> AsyncEngine:
    """The engine of the registers; its connections are made as all others are."""

    async def made() -> Connection:
        return await connect(database_url)

    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=made,
        pool_size=size,
        max_overflow=0,
        pool_pre_ping=True,
    )


async def create_pool(database_url: str, *, size: int = 8) -> "ConnectionPool":
    """The pool of raw connections for reads. It connects at first use, so a start needs no database."""
    return await asyncpg.create_pool(
        database_url,
        min_size=0,
        max_size=size,
        server_settings=_SERVER_SETTINGS,
        timeout=CONNECT_SECONDS,
        command_timeout=10,
    )
