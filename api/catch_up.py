"""Bringing one subscriber from where it is to live: the same for WebSocket and SSE.

Between the last look at the ring and joining the hub there is no `await`, so nothing can fall in
between.
"""

import asyncio
from collections.abc import Awaitable, Callable

from app.container import Container
from app.db import event_log
from app.db.event_log import Connection
from app.live import messages
from app.live.board import RegionBoard
from app.live.hub import MERGED, Audience
from app.live.messages import Event, Message, Progress
from app.live.resume import AskLog, Continue, Resync, Wait
from domain.errors import Unavailable
from domain.events import Position
from domain.identifiers import RegionId

#: Events read from the database at once.
_MAX_LOGGED = 2_000
_SHORTLY = 0.05

Deliver = Callable[[Message], Awaitable[None]]


class Replaced(Exception):
    """The position can't be continued; a snapshot must follow. `reason` is for the subscriber."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


async def next_events(
    container: Container, audience: Audience, after: Position, limit: int
) -> list[Event]:
    """The events of an audience's region after a position, also those that are not for it.

    None: complete up to this process's board. Raises Replaced, and Unavailable when only the database
    could tell and it is away, or as `check_there`.
    """
    events = await _events(container, audience.region_id, after, limit)
    check_there(_board(container, audience.region_id), audience)
    if audience.owner_id is not None:
        mergers = {event.gone_id: event.heir_id for event in events if event.gone_id is not None}
        if audience.owner_id in mergers:
            raise Unavailable
        if audience.owner_id in mergers.values():
            # Whoever comes back may have followed the organisation that is gone.
            raise Replaced(MERGED)
    return events


def check_there(board: RegionBoard, audience: Audience) -> None:
    """Raises Unavailable for who still asks as an organisation that another one took over.

    In a moment its key stands for the heir. A position of after the merger would then hide from it
    that it lacks what the heir had before.
    """
    if board.is_gone(audience.owner_id):
        raise Unavailable


async def _events(
    container: Container, region_id: RegionId, after: Position, limit: int
) -> list[Event]:
    while True:
        board = _board(container, region_id)
        match board.ring.after(after):
            case Continue(events):
                return events[:limit]
            case Resync(reason):
                raise Replaced(reason)
            case Wait():
                await _wait(container, board, after)
            case AskLog():
                events = await _logged(container, after, limit)
                if events:
                    return events
                # Nothing yet, as of a moment ago; only memory can say so of this very moment.
                await asyncio.sleep(_SHORTLY)


async def catch_up(
    container: Container, audience: Audience, after: Position | None, deliver: Deliver
) -> Position:
    """Delivers all up to the board's present position and answers with that; then join at once.

    Without `after`, and after a position of another history, a snapshot comes first.
    """
    if after is None:
        after = await _deliver_snapshot(container, audience, deliver)
    while True:
        try:
            events = await next_events(container, audience, after, _MAX_LOGGED)
        except Replaced as replaced:
            board = _board(container, audience.region_id)
            await deliver(messages.resync(replaced.reason, board.progress, container.now()))
            after = await _deliver_snapshot(container, audience, deliver)
            continue
        if not events:
            return after
        board = _board(container, audience.region_id)
        after = events[-1].position
        wanted = audience.heard(events)
        if audience.latest:
            last = {event.subject: event for event in wanted}
            wanted = [event for event in wanted if event is last[event.subject]]
        for part in messages.chunks(wanted):
            # Complete up to the end only once the last part has arrived.
            position = after if part[-1] is wanted[-1] else part[-1].position
            progress = Progress(position, board.complete_at)
            texts = [event.text for event in part]
            await deliver(messages.events(texts, progress, container.now()))


async def _wait(container: Container, board: RegionBoard, after: Position) -> None:
    """Until this process knows of a position that another may have given out. Raises as above."""
    asked_at = container.now()
    container.follower.wake(board.region_id)
    if await board.reach(after.number) or _board(container, board.region_id) is not board:
        return
    if board.complete_at < asked_at:
        raise Unavailable
    raise Replaced("ahead-of-stream")


async def _deliver_snapshot(container: Container, audience: Audience, deliver: Deliver) -> Position:
    board = _board(container, audience.region_id)
    check_there(board, audience)
    progress, subjects = board.snapshot(audience.topics, audience.owner_id)
    parts = list(messages.chunks(subjects)) or [[]]
    for number, part in enumerate(parts, start=1):
        last = number == len(parts)
        await deliver(
            messages.snapshot_part(part, progress, container.now(), part=number, last=last)
        )
    return progress.position


async def _logged(container: Container, after: Position, limit: int) -> list[Event]:
    async def query(connection: Connection) -> list[Event] | None:
        logged = await event_log.read_after(connection, after, limit)
        return None if logged is None else [messages.render(event) for event in logged]

    async with container.log_readers:
        events = await container.read(query)
    if events is None:
        raise Replaced("unknown-position")
    return events


def _board(container: Container, region_id: RegionId) -> RegionBoard:
    return container.board.regions[region_id]
