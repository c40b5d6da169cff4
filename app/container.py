"""What a process holds while it runs: settings, clock, database, board, hub, bus, keys, sessions, reports."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import asyncpg
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from app.combiner import Combiner
from app.db.engine import LOST, create_engine, create_pool
from app.db.keys import find_credential
from app.db.report_queue import ReportQueue
from app.db.sessions import find_session, record_use
from app.db.unit_of_work import UnitOfWork, perform
from app.live.board import Board
from app.live.bus import Bus
from app.live.follower import Follower
from app.live.hub import Hub
from app.loops import Loops
from app.security.keys import Credential, KeyRing
from app.security.passwords import Passwords
from app.security.sessions import SessionRing, StoredSession
from domain.errors import Unavailable
from domain.identifiers import EVERYWHERE

if TYPE_CHECKING:
    from app.db.event_log import Connection
    from app.settings import Settings

    ConnectionPool = asyncpg.Pool[asyncpg.Record]

T = TypeVar("T")

#: A board that hasn't been known to be complete for this long is not current.
CURRENT_FOR = timedelta(seconds=10)
_GOODBYE_SECONDS = 3
log = structlog.get_logger()


def utc_now() -> datetime:
    """The clock of a running process. Tests give the container another one."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Container:
    """The parts of a running process, made by `running`."""

    settings: "Settings"
    now: Callable[[], datetime]
    engine: AsyncEngine
    database: "ConnectionPool"
    board: Board
    hub: Hub
    bus: Bus
    follower: Follower
    keys: KeyRing
    sessions: SessionRing
    passwords: Passwords
    reports: ReportQueue
    failed: set[str]
    #: Who is further behind than memory reaches asks the database, this many at a time.
    log_readers: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(4))
    #: Reading a spreadsheet takes a core for seconds: one at a time.
    imports: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    #: Acceptances that come in together are one commit (app/services/referrals/acceptances.py).
    acceptances: Combiner[Any, Any] = field(default_factory=lambda: Combiner(64, 2_000))

    async def act(self, act: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        """Runs an act in one transaction (see `perform`)."""
        return await perform(self.engine, self.now, self.bus.announce, act)

    async def read(self, query: Callable[["Connection"], Awaitable[T]]) -> T:
        """Runs a query on a connection of the pool. Raises Unavailable without a database."""
        return await read(self.database, query)

    def forget(self, credential_id: UUID | None) -> None:
        """This key or session was ended or changed, None: any may have been. Here at once; the other
        processes hear of it from region 0."""
        self.keys.forget(credential_id)
        self.sessions.forget(credential_id)

    @property
    def ready(self) -> bool:
        """Whether the board is there and every background task does its work."""
        return self.follower.ready and not self.failed

    @property
    def current(self) -> bool:
        """Whether every board was known to be complete a moment ago."""
        oldest = self.now() - CURRENT_FOR
        return all(board.complete_at > oldest for board in self.board.regions.values())


async def read(database: "ConnectionPool", query: Callable[["Connection"], Awaitable[T]]) -> T:
    """Runs a query on a connection of a pool. Raises Unavailable without a database."""
    try:
        async with database.acquire(timeout=5) as connection:
            return await query(connection)  # type: ignore[arg-type]  # a pool's proxy does what a connection does
    except LOST as error:
        raise Unavailable from error


@asynccontextmanager
async def running(
    settings: "Settings", now: Callable[[], datetime] = utc_now
) -> AsyncIterator[Container]:
    """Starts everything a process needs and stops it in the end, in reverse order.

    Without a database it starts too, and isn't ready until there is one.
    """
    engine = create_engine(settings.database_url)
    database = await create_pool(settings.database_url)
    # Of its own, so that a flood of made-up keys and tokens holds up nobody who has one.
    key_database = await create_pool(settings.database_url, size=2)
    board = Board()
    hub = Hub(board, now)

    def revoked(credential_id: UUID | None) -> None:
        container.forget(credential_id)

    async def look_up(hashed: bytes) -> Credential | None:
        return await read(key_database, lambda connection: find_credential(connection, hashed))

    async def look_up_session(hashed: bytes) -> StoredSession | None:
        return await read(key_database, lambda connection: find_session(connection, hashed))

    async def session_used(session_id: UUID, at: datetime) -> None:
        async def act(work: UnitOfWork) -> None:
            await record_use(work, session_id, at)
            await work.commit()

        await container.act(act)

    follower = Follower(settings.database_url, board, hub, now, revoked)
    bus = Bus(settings.redis_url or None, follower.wake)
    keys = KeyRing(look_up, now, lambda: follower.known_at(EVERYWHERE))
    sessions = SessionRing(
        look_up_session, session_used, now, lambda: follower.known_at(EVERYWHERE)
    )
    passwords = Passwords()
    reports = ReportQueue(settings.database_url, bus.announce)
    container = Container(
        settings=settings,
        now=now,
        engine=engine,
        database=database,
        board=board,
        hub=hub,
        bus=bus,
        follower=follower,
        keys=keys,
        sessions=sessions,
        passwords=passwords,
        reports=reports,
        failed=set(),
    )
    loops = {
        "follower": follower.run,
        "bus": bus.run,
        "hub": hub.run,
        "reports": reports.run,
    }
    try:
        async with Loops() as owner:
            for name, loop in loops.items():
                owner.start(name, _watched(name, loop, container.failed))
            yield container
    finally:
        await container.acceptances.close()
        passwords.close()
        # Bounded, since it waits for queries that nobody may wait for any more.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GOODBYE_SECONDS):
                await asyncio.gather(database.close(), key_database.close())
        await engine.dispose()


async def _watched(name: str, loop: Callable[[], Awaitable[None]], failed: set[str]) -> None:
    """Runs a background loop; one that fails is logged and makes the health page say so."""
    try:
        await loop()
    except Exception:
        failed.add(name)
        log.exception("background task failed", task=name)
