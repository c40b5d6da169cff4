"""Acts in a unit of work, as a service does them, and what they leave behind."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from app.container import utc_now
from app.db import registers
from app.db.unit_of_work import UnitOfWork, perform
from domain.actors import Action
from domain.events import Kind
from domain.identifiers import RegionId
from tests.factories.world import REGION
from tests.support.database import Database

T = TypeVar("T")
Act = Callable[[UnitOfWork], Awaitable[T]]


class Doing:
    """Performs acts on an engine, and writes down what was announced."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.told: list[RegionId] = []

    async def __call__(self, act: Act[T]) -> T:
        return await perform(self.engine, utc_now, self.told.append, act)


async def claim(work: UnitOfWork, pool_id: UUID) -> None:
    """Takes a place of a pool, without the commit."""
    row = await registers.lock_pool(work, pool_id)
    row.claimed += 1
    work.touch(Kind.CAPACITY, pool_id, REGION)
    work.audit(None, Action.CAPACITY_REPORT, "pool", pool_id)


def claiming(*pool_ids: UUID, pause: Callable[[], Awaitable[object]] | None = None) -> Act[Any]:
    """An act that takes a place of each pool in this order, pausing once after its first lock."""
    paused = False

    async def act(work: UnitOfWork) -> Any:
        nonlocal paused
        for pool_id in pool_ids:
            await claim(work, pool_id)
            await work.session.flush()
            if pause and not paused:
                paused = True
                await pause()
        return await work.commit()

    return act


async def traces(database: Database) -> tuple[Any, ...]:
    """Claims, the stream's head, events and audit rows: what an act leaves behind."""
    return tuple(
        await database.one(
            "SELECT (SELECT sum(claimed) FROM pool), (SELECT number FROM stream WHERE region_id = 1),"
            " (SELECT count(*) FROM event), (SELECT count(*) FROM audit)"
        )
    )


async def left_by(database: Database, before: tuple[Any, ...]) -> tuple[int, ...]:
    """What came since: claims, stream numbers, events, audit rows."""
    now = await traces(database)
    return tuple(int(b) - int(a) for a, b in zip(before, now, strict=True))
