"""Follows each region's event log: reading guarantees, waking only makes it soon.

The only writer of the board. It reads on from the board's own position, so a lost wake, a lost
connection or a restarted database costs time and never an event; when the position is no longer
one of the stream (a restore), the board is built anew and everybody is told.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import structlog

from app.db import event_log
from app.db.engine import LOST, connect, disconnect
from app.db.event_log import Connection, LoggedEvent
from app.live.board import Board, RegionBoard
from app.live.hub import Hub
from app.loops import Loops
from domain.events import Kind
from domain.identifiers import EVERYWHERE, RegionId

#: Without a wake the log is read this often.
POLL_SECONDS = 1.0
#: Events read at once; more wait for the next round.
READ_EVENTS = 5_000
#: A read that takes longer is given up with its connection.
READ_SECONDS = 10.0
#: The first step on a new connection may build the board of a whole region.
BUILD_SECONDS = 60.0

log = structlog.get_logger()


class _RegionGone(Exception):
    pass


class Follower:
    """Keeps the board of all regions at the head of their streams."""

    def __init__(
        self,
        database_url: str,
        board: Board,
        hub: Hub,
        now: Callable[[], datetime],
        on_revoked: Callable[[UUID | None], None],
    ) -> None:
        """`on_revoked` hears of each key and session that was ended or changed, or None when any may
        have been."""
        self._url = database_url
        self._board = board
        self._hub = hub
        self._now = now
        self._on_revoked = on_revoked
        self._wakes: dict[RegionId, asyncio.Event] = {}
        self._distrusted: set[RegionId] = set()
        self._loops: Loops | None = None
        self._ready = asyncio.Event()
        self._built = asyncio.Event()

    @property
    def ready(self) -> bool:
        """Whether every known region has been read at least once."""
        return self._ready.is_set() and self._wakes.keys() <= self._board.regions.keys()

    async def until_ready(self) -> None:
        """Waits until every known region has been read; for ever without a database."""
        while not self.ready:
            self._built.clear()
            await self._built.wait()

    def wake(self, region_id: RegionId | None) -> None:
        """Read this region soon; None: all of them."""
        if region_id is None:
            for event in self._wakes.values():
                event.set()
        elif region_id in self._wakes:
            self._wakes[region_id].set()

    def known_at(self, region_id: RegionId) -> datetime | None:
        """The last moment at which the board was known to be at the head of a region's stream."""
        region = self._board.regions.get(region_id)
        return region.complete_at if region else None

    async def run(self) -> None:
        """Follows until cancelled. Region 0 tells which other regions there are."""
        async with Loops() as loops:
            self._loops = loops
            self._follow(EVERYWHERE)
            await loops.watch()

    def _follow(self, region_id: RegionId) -> None:
        if region_id not in self._wakes:
            assert self._loops is not None
            self._wakes[region_id] = asyncio.Event()
            self._loops.start(f"follower {region_id}", self._keep(region_id))

    async def _keep(self, region_id: RegionId) -> None:
        failures = 0
        while True:
            connection: Connection | None = None
            try:
                connection = await connect(self._url)
                async with asyncio.timeout(BUILD_SECONDS):
                    await self._advance(connection, region_id)
                failures = 0
                await self._read(connection, region_id)
            except _RegionGone:
                self._drop(region_id)
                return
            except LOST as error:
                failures += 1
                if failures == 1 or failures % 60 == 0:
                    log.warning("stream lost", region=region_id, error=repr(error))
            except Exception:
                # A defect of ours (such as a gap): the board can't be trusted, so it is built anew.
                failures += 1
                self._distrusted.add(region_id)
                log.exception("follower failed", region=region_id)
            finally:
                if connection is not None:
                    await disconnect(connection)
            await asyncio.sleep(min(POLL_SECONDS, 0.05 * 2 ** min(failures, 5)))

    async def _read(self, connection: Connection, region_id: RegionId) -> None:
        wake = self._wakes[region_id]
        while True:
            wake.clear()
            async with asyncio.timeout(READ_SECONDS):
                more = await self._advance(connection, region_id)
            if not more:
                try:
                    async with asyncio.timeout(POLL_SECONDS):
                        await wake.wait()
                except TimeoutError:
                    pass

    async def _advance(self, connection: Connection, region_id: RegionId) -> bool:
        """One step; True when there may be more at once."""
        asked_at = self._now()
        board = self._board.regions.get(region_id)
        if board is None or region_id in self._distrusted:
            await self._build(connection, region_id)
            if board is not None:
                self._hub.restart(region_id, "board-rebuilt")
            return True
        events = await event_log.read_after(connection, board.position, READ_EVENTS)
        if events is None:
            log.warning("stream replaced", region=region_id, position=str(board.position))
            await self._build(connection, region_id)
            # A restored database may never have issued a key or session that is remembered here.
            self._on_revoked(None)
            self._hub.restart(region_id, "stream-replaced")
            return True
        more = len(events) == READ_EVENTS
        # With more to come nobody may think this is all there was.
        complete_at = board.complete_at if more else asked_at
        self._hub.publish(region_id, board.apply(events, complete_at))
        if region_id == EVERYWHERE:
            self._obey(events)
        return more

    async def _build(self, connection: Connection, region_id: RegionId) -> None:
        asked_at = self._now()
        snapshot = await event_log.read_snapshot(connection, region_id)
        if snapshot is None:
            if region_id == EVERYWHERE:
                raise ConnectionError("this database isn't one of ours, or not migrated yet")
            raise _RegionGone
        others: list[RegionId] = []
        if region_id == EVERYWHERE:
            # Before the board is there: were the connection lost in between, nobody would ask again.
            rows = await connection.fetch("SELECT id FROM region WHERE id <> 0")
            others = [RegionId(row["id"]) for row in rows]
        position, subjects = snapshot
        self._board.regions[region_id] = RegionBoard(position, subjects, asked_at)
        self._distrusted.discard(region_id)
        log.info("board built", region=region_id, position=str(position), subjects=len(subjects))
        if region_id == EVERYWHERE:
            # Revocations may have been missed, so everybody shows their key again.
            self._on_revoked(None)
            self._hub.dismiss()
            for other in others:
                self._follow(other)
            self._ready.set()
        self._built.set()

    def _drop(self, region_id: RegionId) -> None:
        """A restored database may not know a region any more; region 0 tells when it comes back."""
        log.warning("region gone", region=region_id)
        del self._wakes[region_id]
        self._distrusted.discard(region_id)
        self._board.regions.pop(region_id, None)
        self._hub.dismiss()

    def _obey(self, events: Sequence[LoggedEvent]) -> None:
        for event in events:
            if event.kind in (Kind.KEY_REVOKED, Kind.SESSION_ENDED):
                credential_id = UUID(event.subject_id)
                self._on_revoked(credential_id)
                self._hub.revoke(credential_id)
            elif event.kind == Kind.SESSION_CHANGED:
                session_id = UUID(event.subject_id)
                self._on_revoked(session_id)
                self._hub.dismiss(session_id)
            elif event.kind == Kind.KEYS_CHANGED:
                # What any key or session stands for may be another now: everybody shows theirs again.
                self._on_revoked(None)
                self._hub.dismiss()
            elif event.kind == Kind.REGION:
                self._follow(RegionId(int(event.subject_id)))
