"""Combines the reports that come in together into one commit a region.

One commit at a time a region and process: while it is under way the next reports gather. That is
where the speed on a real disk comes from, since the region's stream lets one commit through at a
time anyway.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg
import structlog

from app.db.engine import LOST, RETRIED, connect, disconnect
from app.db.reports import (
    CAREFUL_STATEMENT,
    CONFIRMATION_STATEMENT,
    REPORT_STATEMENT,
    ReportItem,
    ReportResult,
    write_reports,
)
from app.loops import Loops
from domain.errors import InvalidInput, OutcomeUnknown, Overloaded, Problem, Unavailable
from domain.identifiers import RegionId

if TYPE_CHECKING:
    from app.db.event_log import Connection

    Statement = asyncpg.prepared_stmt.PreparedStatement[asyncpg.Record]

#: Reports that come in apart are combined to commits of this many at most.
MAX_BATCH = 100
#: And those that come in together, as a feed sends them, make commits of this many at most.
MAX_CHUNK = 500
#: One plan serves every batch (PostgreSQL would else plan anew for each), and it goes by the pools'
#: ids, also when it is made while there are still few pools.
HOT_SETTINGS = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "jit": "off",
}
#: Reports waiting for a region at most; one more is told to come back.
MAX_WAITING = 5_000
#: And for one pool, of which each commit takes one: nobody's hurry may hold up the others.
MAX_WAITING_FOR_POOL = 50
#: So many waiting reports are looked at for one batch.
_MAX_LOOKED_AT = 4 * MAX_BATCH
_RETRIES = 8
_STATEMENT_SECONDS = 15.0

log = structlog.get_logger()


@dataclass(slots=True)
class _Waiting:
    """Reports that are to be committed together: mostly one, or a chunk of a feed's."""

    items: Sequence[ReportItem]
    results: asyncio.Future[list[ReportResult]]


@dataclass(slots=True)
class _Lane:
    region_id: RegionId
    waiting: deque[_Waiting] = field(default_factory=deque)
    size: int = 0
    per_pool: Counter[UUID] = field(default_factory=Counter)
    something: asyncio.Event = field(default_factory=asyncio.Event)
    connection: "Connection | None" = None
    statements: "dict[str, Statement]" = field(default_factory=dict)


class ReportQueue:
    """Takes reports in and answers each when its commit is done."""

    def __init__(self, database_url: str, committed: Callable[[RegionId], None]) -> None:
        """`committed` is told after each commit."""
        self._url = database_url
        self._committed = committed
        self._lanes: dict[RegionId, _Lane] = {}
        self._loops: Loops | None = None

    async def run(self) -> None:
        """Writes until cancelled; what then still waits is told that nothing happened."""
        try:
            async with Loops() as loops:
                self._loops = loops
                await asyncio.Event().wait()
        finally:
            self._loops = None
            for lane in self._lanes.values():
                for waiting in lane.waiting:
                    _fail(waiting, Unavailable())
                if lane.connection is not None:
                    await disconnect(lane.connection)

    async def submit(self, region_id: RegionId, item: ReportItem) -> ReportResult:
        """Waits for the commit that holds this report.

        Raises Overloaded or Unavailable (nothing happened), OutcomeUnknown (the connection was
        lost around the commit; repeating is safe) and InvalidInput (the database refused it).
        """
        (result,) = await self._enqueue(region_id, [item])
        return result

    async def submit_together(
        self, region_id: RegionId, items: Sequence[ReportItem]
    ) -> list[ReportResult | Problem]:
        """Waits for the commit that holds all of these; an answer for each, in order.

        At most MAX_CHUNK, each pool once, either all reports or all confirmations. When the
        database refuses one, they are done one by one. Raises what `submit` raises when it concerns
        them all.
        """
        lane = self._lanes.get(region_id)
        crowded = {
            item.pool_id
            for item in items
            if lane is not None and lane.per_pool[item.pool_id] >= MAX_WAITING_FOR_POOL
        }
        taken = [item for item in items if item.pool_id not in crowded]
        answers: list[ReportResult | Problem] = []
        try:
            found = iter(await self._enqueue(region_id, taken)) if taken else iter(())
            return [Overloaded() if item.pool_id in crowded else next(found) for item in items]
        except InvalidInput:
            for item in items:
                try:
                    answers.append(await self.submit(region_id, item))
                except Problem as problem:
                    answers.append(problem)
            return answers

    async def _enqueue(
        self, region_id: RegionId, items: Sequence[ReportItem]
    ) -> list[ReportResult]:
        if self._loops is None:
            raise Unavailable
        lane = self._lanes.get(region_id)
        if lane is None:
            lane = self._lanes[region_id] = _Lane(region_id)
            self._loops.start(f"reports {region_id}", self._serve(lane))
        too_many = any(lane.per_pool[item.pool_id] >= MAX_WAITING_FOR_POOL for item in items)
        if too_many or lane.size + len(items) > MAX_WAITING:
            raise Overloaded
        waiting = _Waiting(items, asyncio.get_running_loop().create_future())
        lane.waiting.append(waiting)
        lane.size += len(items)
        lane.per_pool.update(item.pool_id for item in items)
        lane.something.set()
        return await waiting.results

    async def _serve(self, lane: _Lane) -> None:
        while True:
            await lane.something.wait()
            batch = _take(lane)
            if not lane.waiting:
                lane.something.clear()
            if batch:
                try:
                    await self._commit(lane, batch)
                except asyncio.CancelledError:
                    _fail_all(batch, OutcomeUnknown, None)
                    raise
                except Exception as error:
                    # Whatever it was, the next batch begins with a connection of its own.
                    _drop(lane)
                    log.exception("report batch failed", region=lane.region_id)
                    for waiting in batch:
                        _fail(waiting, error)

    async def _commit(self, lane: _Lane, batch: Sequence[_Waiting]) -> None:
        items = [item for waiting in batch for item in waiting.items]
        sql = CONFIRMATION_STATEMENT if items[0].confirmation else REPORT_STATEMENT
        for attempt in range(_RETRIES):
            try:
                async with asyncio.timeout(_STATEMENT_SECONDS):
                    statement = await _prepared(lane, self._url, sql)
            except LOST as error:
                _drop(lane)
                _fail_all(batch, Unavailable, error)
                return
            try:
                async with asyncio.timeout(_STATEMENT_SECONDS):
                    results = await write_reports(statement, lane.region_id, items)
            except RETRIED:
                await asyncio.sleep(0.005 * 2**attempt)
                continue
            except asyncpg.UniqueViolationError:
                # History has one of these already, perhaps only since this statement began.
                sql = CONFIRMATION_STATEMENT if items[0].confirmation else CAREFUL_STATEMENT
                continue
            except asyncpg.InvalidCachedStatementError:
                # A migration changed a table under the statement: nothing was done, prepare it anew.
                _drop(lane)
                continue
            except (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError) as error:
                await self._one_by_one(lane, batch, error)
                return
            except LOST as error:
                _drop(lane)
                _fail_all(batch, OutcomeUnknown, error)
                return
            found = iter(results)
            for waiting in batch:
                mine = list(islice(found, len(waiting.items)))
                if not waiting.results.done():
                    waiting.results.set_result(mine)
            self._committed(lane.region_id)
            return
        _fail_all(batch, Unavailable, None)

    async def _one_by_one(
        self, lane: _Lane, batch: Sequence[_Waiting], error: asyncpg.PostgresError
    ) -> None:
        """One report's data was refused, which undid the whole batch: find out whose."""
        if len(batch) == 1:
            detail = (
                f"De database weigert deze melding ({error.constraint_name or error.sqlstate})."
            )
            _fail(batch[0], InvalidInput(detail))
            return
        for waiting in batch:
            if not waiting.results.done():
                await self._commit(lane, [waiting])


def _take(lane: _Lane) -> list[_Waiting]:
    """The next batch: each pool once, in order of arrival, without callers who have gone.

    Reports or confirmations, whichever comes first: each has a statement of its own. A chunk that
    is larger than a batch goes alone, when it is its turn.
    """
    batch: list[_Waiting] = []
    size = 0
    pools: set[UUID] = set()
    later: list[_Waiting] = []
    for _ in range(min(len(lane.waiting), _MAX_LOOKED_AT)):
        if size >= MAX_BATCH:
            break
        waiting = lane.waiting.popleft()
        if waiting.results.done():
            _leave(lane, waiting)
            continue
        wanted = {item.pool_id for item in waiting.items}
        other_kind = batch and waiting.items[0].confirmation != batch[0].items[0].confirmation
        too_large = batch and size + len(wanted) > MAX_BATCH
        if other_kind or too_large or not pools.isdisjoint(wanted):
            # What comes later for the same pool has to wait as well.
            pools |= wanted
            later.append(waiting)
            continue
        pools |= wanted
        batch.append(waiting)
        size += len(wanted)
        _leave(lane, waiting)
    lane.waiting.extendleft(reversed(later))
    return batch


def _leave(lane: _Lane, waiting: _Waiting) -> None:
    lane.size -= len(waiting.items)
    for item in waiting.items:
        lane.per_pool[item.pool_id] -= 1
        if lane.per_pool[item.pool_id] <= 0:
            del lane.per_pool[item.pool_id]


async def _prepared(lane: _Lane, database_url: str, sql: str) -> "Statement":
    if lane.connection is None or lane.connection.is_closed():
        _drop(lane)
        lane.connection = await connect(database_url, **HOT_SETTINGS)
    statement = lane.statements.get(sql)
    if statement is None:
        statement = lane.statements[sql] = await lane.connection.prepare(sql)
    return statement


def _drop(lane: _Lane) -> None:
    if lane.connection is not None:
        lane.connection.terminate()
    lane.connection = None
    lane.statements.clear()


def _fail(waiting: _Waiting, error: BaseException) -> None:
    if not waiting.results.done():
        waiting.results.set_exception(error)


def _fail_all(
    batch: Sequence[_Waiting],
    problem: type[Unavailable] | type[OutcomeUnknown],
    cause: BaseException | None,
) -> None:
    for waiting in batch:
        error = problem()
        error.__cause__ = cause
        _fail(waiting, error)
