"""Where the benchmarks play: embedded servers, a database for each figure, and the processes beside them."""

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import asyncpg

from app.db.migrate import upgrade
from app.embedded.servers import DATABASE, EmbeddedServers
from bench.processes import Server


@dataclass(frozen=True, slots=True)
class Database:
    """A migrated database: as the application, as the owner of its schema, and as the superuser."""

    url: str
    owner_url: str
    admin_url: str


class Stage:
    """PostgreSQL and Valkey with their default durability, in a folder of the benchmarks' own.

    Their data is thrown away at the end; the logs stay.
    """

    def __init__(self, home: Path) -> None:
        self.logs = home / "log"
        self._servers = EmbeddedServers(home / "servers", log_folder=self.logs)

    async def __aenter__(self) -> Self:
        shutil.rmtree(self.logs, ignore_errors=True)
        self.logs.mkdir(parents=True)
        await asyncio.to_thread(self._servers.start)
        await asyncio.to_thread(upgrade, self._servers.owner_url)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.to_thread(self._servers.reset)

    async def database(self, name: str) -> Database:
        """A database as migrations leave it, in the place of an earlier run's."""
        servers = self._servers
        await self.as_admin(
            servers.admin_url,
            f"DROP DATABASE IF EXISTS {name} WITH (FORCE)",
            f"CREATE DATABASE {name} OWNER verkeerstoren_owner TEMPLATE {DATABASE}",
        )
        return Database(
            servers.url("verkeerstoren_app", name),
            servers.url("verkeerstoren_owner", name),
            servers.url("postgres", name),
        )

    async def as_admin(self, admin_url: str, *statements: str) -> None:
        """Run statements one by one as the superuser."""
        connection = await asyncpg.connect(admin_url)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    @property
    def pgbench(self) -> str:
        """PostgreSQL's own load generator."""
        return str(self._servers.pg_bin("pgbench"))

    def settings(self, database: Database) -> dict[str, str]:
        """The environment of a process on that database."""
        return {
            "VERKEERSTOREN_ENVIRONMENT": "test",
            "VERKEERSTOREN_LOG_LEVEL": "warning",
            "DATABASE_URL": database.url,
            "DATABASE_OWNER_URL": "",
            "REDIS_URL": self._servers.redis_url,
        }

    def api(self, database: Database) -> Server:
        """An API process on that database."""
        return Server("api", self.logs, self.settings(database), ready="/health/ready")

    def reference(self, name: str, *, commanded: bool = False) -> Server:
        """A process of `bench/reference/`."""
        return Server(f"bench.reference.{name}", self.logs, commanded=commanded)
