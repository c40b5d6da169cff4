"""What happens to a database from outside: connections that die, and a database that is away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.db.event_log import Connection
from tests.support.database import Database

#: Of the service itself; a test's own connections have no such name.
_OURS = "application_name = 'verkeerstoren' AND datname = $1"


async def kill_connections(database: Database, *, at_most: int = 1000) -> int:
    """Ends connections of the service as an administrator may, busy ones first; answers how many."""
    async with database.connect(_elsewhere(database)) as admin:
        ended = await admin.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            f" WHERE {_OURS} ORDER BY state <> 'active', random() LIMIT $2",
            database.name,
            at_most,
        )
        return len(ended)


@asynccontextmanager
async def away(database: Database) -> AsyncIterator[None]:
    """The database refuses everybody, and has dropped who was there."""
    async with database.connect(_elsewhere(database)) as admin:
        await admin.execute(f'ALTER DATABASE "{database.name}" ALLOW_CONNECTIONS false')
        try:
            await _drop_all(admin, database.name)
            yield
        finally:
            await admin.execute(f'ALTER DATABASE "{database.name}" ALLOW_CONNECTIONS true')


@asynccontextmanager
async def full(database: Database) -> AsyncIterator[None]:
    """The database has dropped the service and takes no connection more of it."""
    async with database.connect(_elsewhere(database)) as admin:
        await admin.execute(f'ALTER DATABASE "{database.name}" CONNECTION LIMIT 0')
        try:
            await _drop_all(admin, database.name)
            yield
        finally:
            await admin.execute(f'ALTER DATABASE "{database.name}" CONNECTION LIMIT -1')


class Backup:
    """A copy of a database at a moment, to be put in its place later: what a restore does."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.copy = Database(
            name=f"{database.name}_backup",
            url=_renamed(database.url, database.name),
            owner_url=_renamed(database.owner_url, database.name),
            admin_url=_renamed(database.admin_url, database.name),
        )

    async def take(self) -> None:
        """Copies the database as it is now."""
        async with away(self.database), self.database.connect(_elsewhere(self.database)) as admin:
            await admin.execute(
                f'CREATE DATABASE "{self.copy.name}" TEMPLATE "{self.database.name}"'
            )

    async def drop(self) -> None:
        """Throws the copy away, when it wasn't put back."""
        async with self.database.connect(_elsewhere(self.database)) as admin:
            await admin.execute(f'DROP DATABASE IF EXISTS "{self.copy.name}" WITH (FORCE)')

    async def restore(self) -> None:
        """Puts the copy, with whatever happened in it since, where the database was."""
        name, copy = self.database.name, self.copy.name
        async with away(self.database), self.database.connect(_elsewhere(self.database)) as admin:
            await _drop_all(admin, copy)
            await admin.execute(f'ALTER DATABASE "{name}" RENAME TO "{name}_lost"')
            await admin.execute(f'ALTER DATABASE "{copy}" RENAME TO "{name}"')
            await admin.execute(f'DROP DATABASE "{name}_lost" WITH (FORCE)')


async def _drop_all(admin: Connection, name: str) -> None:
    await admin.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", name
    )


def _elsewhere(database: Database) -> str:
    """The maintenance database: nobody can rename or block the one they are in."""
    return database.admin_url.replace(f"/{database.name}?", "/postgres?")


def _renamed(url: str, name: str) -> str:
    return url.replace(f"/{name}?", f"/{name}_backup?")
