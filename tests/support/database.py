"""A test's own database, and raw connections to it for what the service can't do yet."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg


@dataclass(frozen=True, slots=True)
class Database:
    """Addresses of one database for the three roles."""

    name: str
    url: str
    owner_url: str
    admin_url: str

    @asynccontextmanager
    async def connect(self, url: str | None = None) -> AsyncIterator[Any]:
        """A raw connection, by default as the application."""
        connection = await asyncpg.connect(url or self.url, server_settings={"timezone": "UTC"})
        try:
            yield connection
        finally:
            connection.terminate()

    async def one(self, query: str, *arguments: object) -> Any:
        """The first row of a query."""
        async with self.connect() as connection:
            return await connection.fetchrow(query, *arguments)

    async def all(self, query: str, *arguments: object) -> list[Any]:
        """All rows of a query."""
        async with self.connect() as connection:
            return list(await connection.fetch(query, *arguments))

    async def value(self, query: str, *arguments: object) -> Any:
        """The first column of the first row."""
        async with self.connect() as connection:
            return await connection.fetchval(query, *arguments)


async def register_admission(
    connection: Any, pool_id: UUID, at: datetime, promised_at: datetime | None = None
) -> None:
    """What an admission does to its pool's row: the open promise ends, the admission counts.

    The act itself comes with referrals; until then tests do to the row what it will do. No event.
    """
    await connection.execute(
        "UPDATE pool SET promised_at = array_remove(promised_at, $3),"
        " admitted_at = admitted_at || $2::timestamptz,"
        " admission_promised_at = admission_promised_at || $3::timestamptz WHERE id = $1",
        pool_id,
        at,
        promised_at,
    )


async def register_promise(connection: Any, pool_id: UUID, at: datetime) -> None:
    """What an acceptance does to its pool's row. No event."""
    await connection.execute(
        "UPDATE pool SET promised_at = promised_at || $2::timestamptz WHERE id = $1", pool_id, at
    )


async def log_events(database: Database, count: int, *, subjects: int = 10, size: int = 2) -> int:
    """Events of made-up subjects of region 1, in one commit; answers with the last number.

    `size` is how many bytes of state each carries. No process is woken.
    """
    number: int = await database.value(
        """
WITH made AS (
  SELECT n, floor(random() * 4294967296)::bigint AS tag FROM generate_series(1, $1::int) AS n
), head AS (
  UPDATE stream SET number = number + $1, tag = (SELECT tag FROM made WHERE n = $1)
  WHERE region_id = 1 RETURNING epoch, number
), logged AS (
  INSERT INTO event (region_id, number, epoch, tag, kind, subject_id, at, data)
  SELECT 1, head.number - $1 + n, head.epoch, made.tag, 'capacity', (n % $2::int)::text, now(),
      json_build_object('n', n, 'padding', repeat('x', $3))
  FROM made, head
)
SELECT number FROM head
""",
        count,
        subjects,
        size,
    )
    return number
