"""Many reports through the service at once, and what they leave behind, laid beside each other."""

import itertools
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.services.report_batches import Answer, PoolReference, Shown, report_many
from app.services.reports import Given
from domain.errors import Problem
from domain.identifiers import PoolId
from tests.factories.world import Party, World
from tests.support.database import Database
from tests.support.reporting import another_pool

Item = tuple[PoolReference, Given | Shown] | Problem


def pool(pool_id: UUID) -> PoolReference:
    """A pool by our id."""
    return PoolReference(PoolId(pool_id))


async def batch(world: World, given: Iterable[Item], *, by: Party | None = None) -> list[Answer]:
    """Reports all of these at once."""
    credential = await world.credential(by or world.provider)
    return await report_many(world.container, credential, given, address="127.0.0.1")


def outcomes(answers: Iterable[Answer]) -> list[str]:
    """Each answer in a word: its outcome, or the code of its problem."""
    return [str(a.code if isinstance(a, Problem) else a.outcome) for a in answers]


async def new_pools(database: Database, world: World, count: int) -> list[UUID]:
    """Pools beside the first one, by id. No event tells of them, so that no board knows them."""
    async with database.connect() as connection:
        return sorted([await another_pool(connection, world.pool_id) for _ in range(count)])


def stop_clock(world: World, at: datetime) -> None:
    """From now on the service receives everything at this moment."""
    world.container.now = lambda: at


def tick_clock(world: World, at: datetime) -> None:
    """From now on each report comes in a microsecond after the one before, the first at this moment."""
    ticks = itertools.count()
    world.container.now = lambda: at + timedelta(microseconds=next(ticks))


#: What two pools can't have in common.
_OWN = ("id", "pool_id", "object_id", "external_id", "subject_id", "number", "tag", "recorded_at")


async def left_by(database: Database, pool_id: UUID) -> list[Any]:
    """Every row that tells of a pool, in the order in which they were written, but for its own id."""
    queries = (
        "SELECT * FROM pool WHERE id::text = $1",
        "SELECT * FROM pool_report WHERE pool_id::text = $1 ORDER BY version, stated_at, digest",
        "SELECT * FROM event WHERE kind = 'capacity' AND subject_id = $1 ORDER BY number",
        "SELECT * FROM audit WHERE action LIKE 'capacity.%' AND object_id = $1 ORDER BY id",
    )
    async with database.connect() as connection:
        return [
            [
                {name: value for name, value in row.items() if name not in _OWN}
                for row in await connection.fetch(query, str(pool_id))
            ]
            for query in queries
        ]


async def states_told(database: Database, pool_id: UUID) -> list[Any]:
    """The states that events told of a pool's reports, oldest first."""
    rows = await database.all(
        "SELECT data FROM event WHERE kind = 'capacity' AND subject_id = $1 ORDER BY number",
        str(pool_id),
    )
    return [state for row in rows if (state := json.loads(row["data"]))["version"] > 0]
