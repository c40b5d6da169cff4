"""One act, one transaction: state, numbered events and audit rows are committed together.

The only place that commits, besides the hot statement (`app/db/reports.py`), which is one commit
by itself.
"""

import asyncio
import random
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import orjson
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, NoResultFound
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.engine import LOST, RETRIED
from app.db.event_log import Connection
from app.db.states import STATES
from app.db.tables import AuditRow
from app.db.tables.columns import table_of
from domain.actors import Action, Actor, basis
from domain.errors import AlreadyExists, NotFound, OutcomeUnknown, Unavailable
from domain.events import OWNED, TOPIC_OF, Kind, Position
from domain.identifiers import RegionId

T = TypeVar("T")

#: SQLAlchemy opens the transaction with the first statement that it runs itself.
_BEGIN = sa.text("SELECT")
_RETRIES = 8
#: Used in more than one place of a statement, where PostgreSQL would infer different types.
_REGION = "$1::smallint"


@dataclass(frozen=True, slots=True)
class _Touched:
    region_id: RegionId
    kind: Kind
    subject_id: str
    owner_id: UUID | None


class UnitOfWork:
    """An open transaction. Leaving it without `commit` rolls back."""

    def __init__(
        self, session: AsyncSession, now: datetime, announce: Callable[[RegionId], None]
    ) -> None:
        self.session = session
        self.now = now
        self._announce = announce
        #: In order of the first touch; a dict, since a subject touched twice is one event.
        self._touched: dict[_Touched, None] = {}
        self._audited: list[dict[str, Any]] = []
        self._driver: Connection | None = None

    async def add(self, row: SQLModel) -> None:
        """Inserts a row now, so that what the database generates can be read from it."""
        self.session.add(row)
        await self.session.flush()
        await self.session.refresh(row)

    def touch(
        self, kind: Kind, subject_id: object, region_id: int, owner_id: UUID | None = None
    ) -> None:
        """This act changed a subject whose row the transaction has locked: an event will tell.

        The new state is read from the row at the commit. A kind without a state (a revocation) is
        told without data: no snapshot holds it, so no copy kept from events may hold it either.

        A subject that only its owner may know of is touched for each who had it or has it now:
        whose it is not at the commit hears that it is gone. Without an owner there is nobody to tell.
        """
        if owner_id is None and TOPIC_OF[kind] in OWNED:
            return
        self._touched[_Touched(RegionId(region_id), kind, str(subject_id), owner_id)] = None

    def audit(
        self,
        actor: Actor | None,
        action: Action,
        object_kind: str,
        object_id: object,
        *,
        address: str | None = None,
        outcome: str = "done",
        purpose: str = "administration",
        confirmation: bool = False,
    ) -> None:
        """Keeps who did this; without an actor it was the system itself (installation, a clock).

        A "klopt nog" asks leave to report, and is told from other reports.
        """
        self._audited.append(
            {
                "happened_at": self.now,
                "recorded_at": self.now,
                "action": "capacity.confirm" if confirmation else action,
                "outcome": outcome,
                "actor_id": actor.id if actor else None,
                "role": actor.role if actor else "system",
                "organisation_id": actor.organisation_id if actor else None,
                "purpose": purpose,
                "basis": basis(actor, action) if actor else "system: all",
                "address": address,
                "object_kind": object_kind,
                "object_id": str(object_id),
            }
        )

    async def commit(self) -> dict[RegionId, Position]:
        """Writes the events under the streams' rows, in region order, and commits.

        Answers with the position at which each touched region holds this act. Raises AlreadyExists
        when a unique constraint says so and OutcomeUnknown when the connection is lost meanwhile.
        """
        await self.session.flush()
        await self.insert_many(AuditRow, self._audited)
        positions: dict[RegionId, Position] = {}
        for region_id in sorted({touched.region_id for touched in self._touched}):
            positions[region_id] = await self._log(region_id)
        try:
            await self.session.commit()
        except (DBAPIError, *LOST) as error:
            if _is_lost(error):
                raise OutcomeUnknown() from error
            raise
        for region_id in positions:
            self._announce(region_id)
        return positions

    async def _log(self, region_id: RegionId) -> Position:
        touched = [t for t in self._touched if t.region_id == region_id]
        tags = [secrets.randbits(32) for _ in touched]
        found = await self.fetch(
            _log_statement(frozenset(subject.kind for subject in touched)),
            region_id,
            self.now,
            len(touched),
            tags,
            [subject.kind for subject in touched],
            [subject.subject_id for subject in touched],
            [subject.owner_id for subject in touched],
        )
        if not found:
            raise NoResultFound(f"region {region_id} has no stream")
        epoch, last = found[0]["epoch"], found[0]["number"]
        return Position(region_id, epoch, last, tags[-1])

    async def fetch(self, statement: str, *values: object) -> Sequence[asyncpg.Record]:
        """Runs a statement that was written by hand within this transaction; JSON comes as values.

        Past SQLAlchemy, which takes longer over a short statement than PostgreSQL does.
        """
        if self._driver is None:
            connection = await self.session.connection()
            await connection.execute(_BEGIN)
            self._driver = (await connection.get_raw_connection()).driver_connection
        assert self._driver is not None
        found: Sequence[asyncpg.Record] = await self._driver.fetch(statement, *values)
        return found

    async def insert_many(self, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
        """Adds rows with the same columns in one statement, however many."""
        if rows:
            written = orjson.dumps(rows, default=str).decode()
            await self.fetch(_insert(table, tuple(rows[0])), written)


@cache
def _insert(table: type[SQLModel], columns: tuple[str, ...]) -> str:
    name = table_of(table).name
    listed = ", ".join(columns)
    return (
        f"INSERT INTO {name} ({listed}) SELECT {listed}"
        f" FROM json_populate_recordset(CAST(NULL AS {name}), CAST($1 AS json))"
    )


@cache
def _log_statement(kinds: frozenset[Kind]) -> str:
    """Takes the next numbers of a stream and writes events of these kinds, with the state of each."""
    states = " ".join(f"WHEN '{kind}' THEN {_state(kind)}" for kind in sorted(kinds))
    return f"""
WITH head AS (
  UPDATE stream SET number = number + $3::int, tag = ($4::bigint[])[$3]
  WHERE region_id = {_REGION} RETURNING epoch, number
), logged AS (
  INSERT INTO event (region_id, number, epoch, tag, kind, subject_id, owner_id, at, data)
  SELECT {_REGION}, h.number - $3 + n.ord, h.epoch, n.tag, n.kind, n.subject, n.owner,
      $2::timestamptz, CASE n.kind {states} END
  FROM head h, unnest($4, $5::text[], $6::text[], $7::uuid[])
      WITH ORDINALITY AS n(tag, kind, subject, owner, ord)
)
SELECT epoch, number FROM head
"""


def _state(kind: Kind) -> str:
    """The state of subject n of a kind, as the transaction leaves it; NULL when it is gone."""
    state = STATES.get(kind)
    if state is None:
        # With a type, should no kind of the commit have a state.
        return "CAST(NULL AS json)"
    owned = f" AND {state.owner} = n.owner" if state.owner else ""
    return (
        f"(SELECT {state.json} FROM {state.source}"
        f" WHERE {state.key} = CAST(n.subject AS {state.key_type})"
        f" AND {state.region} = {_REGION}{owned})"
    )


async def perform(
    engine: AsyncEngine,
    now: Callable[[], datetime],
    announce: Callable[[RegionId], None],
    act: Callable[[UnitOfWork], Awaitable[T]],
) -> T:
    """Runs an act in a transaction of its own, again from its start after a deadlock.

    `announce` is told of each region that has new events, once they are committed. The act must call `commit` to have any effect, and do nothing that a second run would double.
    """
    for attempt in range(_RETRIES):
        try:
            async with AsyncSession(engine, expire_on_commit=False) as session:
                return await act(UnitOfWork(session, now(), announce))
        except (DBAPIError, asyncpg.PostgresError) as error:
            cause = _driver_error(error)
            if isinstance(cause, RETRIED) and attempt + 1 < _RETRIES:
                # Apart at random, or the two would meet again.
                await asyncio.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311
                continue
            if _sqlstate(error) == asyncpg.UniqueViolationError.sqlstate:
                raise AlreadyExists() from error
            if _sqlstate(error) == asyncpg.ForeignKeyViolationError.sqlstate:
                raise NotFound() from error
            if _is_lost(error):
                raise Unavailable() from error
            raise
        except (sa.exc.TimeoutError, *LOST) as error:
            # The former: no connection came free in time.
            raise Unavailable() from error
    raise AssertionError("the last attempt returns or raises")


def _driver_error(error: BaseException) -> BaseException | None:
    if not isinstance(error, DBAPIError):
        return error
    return error.orig.__cause__ if error.orig is not None else None


def _sqlstate(error: BaseException) -> str | None:
    return getattr(_driver_error(error), "sqlstate", None)


def _is_lost(error: BaseException) -> bool:
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or isinstance(_driver_error(error), LOST)
    return isinstance(error, LOST)
