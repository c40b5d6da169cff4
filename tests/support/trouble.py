"""What goes wrong at a database: rows that others hold, connections that end, answers that get lost."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from tests.support.database import Database


async def until(true: Callable[[], Awaitable[Any]], seconds: float = 10) -> None:
    """Looks until it is so. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not await true():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def holding_pool(database: Database, *pool_ids: UUID) -> AsyncIterator[Any]:
    """A transaction that holds pools as an act on an offer does; it commits when this is left.

    Yields its connection, to do to the rows what the act does.
    """
    async with database.connect() as connection, connection.transaction():
        await connection.execute(
            "SELECT FROM pool WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE",
            pool_ids,
        )
        yield connection


async def waiting_backends(database: Database) -> list[int]:
    """The backends of this database that wait for somebody's lock."""
    async with database.connect(database.admin_url) as connection:
        rows = await connection.fetch(
            "SELECT pid FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'",
            database.name,
        )
    return [row["pid"] for row in rows]


async def until_waiting(database: Database, count: int = 1) -> list[int]:
    """Waits until so many backends wait for a lock, and says which."""

    async def enough() -> bool:
        return len(await waiting_backends(database)) >= count

    await until(enough)
    return await waiting_backends(database)


async def end_backends(database: Database, *pids: int) -> None:
    """Ends the server's side of connections, as an administrator or a crash would."""
    async with database.connect(database.admin_url) as connection:
        for pid in pids:
            assert await connection.fetchval("SELECT pg_terminate_backend($1, 5000)", pid)


async def notice_deadlocks_soon(database: Database) -> None:
    """New connections find a deadlock after 50 ms instead of a second."""
    async with database.connect(database.admin_url) as connection:
        await connection.execute(f'ALTER DATABASE "{database.name}" SET deadlock_timeout = 50')


class Line:
    """A line to PostgreSQL that can lose the server's answers. Everything asked still arrives."""

    def __init__(self) -> None:
        self.url = ""
        self._deaf_from: bytes | None = None
        self._deaf = False

    def lose_answers(self, after: bytes | None = None) -> None:
        """From now on, or from the first question that holds these bytes, answers get lost."""
        self._deaf_from = after
        self._deaf = after is None

    def restore(self) -> None:
        """New connections hear the server again."""
        self._deaf, self._deaf_from = False, None

    async def _relay_questions(
        self, source: asyncio.StreamReader, server: asyncio.StreamWriter
    ) -> None:
        while data := await source.read(65_536):
            if self._deaf_from is not None and self._deaf_from in data:
                self._deaf = True
            server.write(data)
            await server.drain()

    async def _relay_answers(
        self, server: asyncio.StreamReader, client: asyncio.StreamWriter
    ) -> None:
        while data := await server.read(65_536):
            if self._deaf:
                # The server has done what was asked; the caller never hears of it.
                client.transport.abort()
                return
            client.write(data)
            await client.drain()

    async def serve(
        self, folder: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """One connection through this line."""
        server_reader, server_writer = await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.5432")
        try:
            async with asyncio.TaskGroup() as tasks:
                asking = tasks.create_task(self._relay_questions(reader, server_writer))
                await self._relay_answers(server_reader, writer)
                asking.cancel()
        except* OSError:
            pass
        finally:
            server_writer.close()
            writer.close()


@asynccontextmanager
async def line_to(database_url: str) -> AsyncIterator[Line]:
    """A line to an embedded database; `url` is its address on this side."""
    parts = urlsplit(database_url)
    (folder,) = parse_qs(parts.query)["host"]
    line = Line()
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        with suppress(asyncio.CancelledError):
            await line.serve(folder, reader, writer)
        serving.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    line.url = parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{port}").geturl()
    try:
        yield line
    finally:
        server.close()
        for task in tuple(serving):
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
