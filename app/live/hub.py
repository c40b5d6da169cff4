"""The hub: who is subscribed to what, and the one loop that hands each event to all of them.

Nobody gets a task or a queue of their own for live events: a message is made once for all who
listen to the same, and written to each connection at once. A connection that doesn't take it is
dropped by its own bound and hurts nobody.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Protocol
from uuid import UUID

import structlog

from app.live import messages
from app.live.board import Board
from app.live.closing import Close
from app.live.messages import Event, Message
from domain.events import Topic
from domain.identifiers import OrganisationId, RegionId

HEARTBEAT_SECONDS = 10.0
#: Latest-mode sends at most this often; when sending takes long it stretches to the second figure.
TICK_SECONDS = 0.05
MAX_TICK_SECONDS = 0.25
#: A tick lasts at least this many times what its sending took, so that screens can't fill a core.
_TICK_REST = 4
#: Why who follows an organisation's own begins again: it took over what another one had.
MERGED = "organisation-merged"

log = structlog.get_logger()


class Connection(Protocol):
    """Where messages go. Both calls return at once, whatever the other side does."""

    #: None until it has signed in.
    credential_id: UUID | None

    def write(self, message: Message) -> None:
        """Sends, or closes with `Close.SLOW` when too much is waiting already."""

    def close(self, reason: Close, /) -> None:
        """Ends the connection."""

    def restart(self, reason: str) -> None:
        """The stream was replaced: tell why and begin again with a snapshot."""


@dataclass(frozen=True, slots=True)
class Audience:
    """What a subscription asks for; all who ask for the same share each message.

    `owner_id` is whose events of owned topics it gets; None where it asks for no such topic.
    """

    region_id: RegionId
    topics: frozenset[Topic]
    latest: bool
    owner_id: OrganisationId | None = None

    def heard(self, events: Iterable[Event]) -> list[Event]:
        """Those of a region's events that are for this audience."""
        return [
            event
            for event in events
            if event.topic in self.topics and event.owner_id in (None, self.owner_id)
        ]


class _Channel:
    def __init__(self, audience: Audience) -> None:
        self.audience = audience
        self.connections: set[Connection] = set()
        self.pending: dict[tuple[str, str], Event] = {}
        self.tick: asyncio.TimerHandle | None = None
        self.tick_seconds = TICK_SECONDS

    def write(self, message: Message) -> None:
        for connection in tuple(self.connections):
            try:
                connection.write(message)
            except Exception:
                # One connection's trouble is not that of the others, nor of the board.
                log.exception("subscriber failed")
                connection.close(Close.SLOW)


def _restart(channel: _Channel, reason: str) -> None:
    channel.pending.clear()
    for connection in tuple(channel.connections):
        connection.restart(reason)


class Hub:
    """Hands events, heartbeats and revocations to the connections of this process."""

    def __init__(self, board: Board, now: Callable[[], datetime]) -> None:
        self._board = board
        self._now = now
        self._channels: dict[RegionId, dict[Audience, _Channel]] = defaultdict(dict)
        self._by_credential: dict[UUID, set[Connection]] = defaultdict(set)

    def register(self, connection: Connection) -> None:
        """From here on a revocation of its credential closes the connection."""
        assert connection.credential_id is not None
        self._by_credential[connection.credential_id].add(connection)

    def forget(self, connection: Connection) -> None:
        """The connection is gone."""
        if connection.credential_id is None:
            return
        registered = self._by_credential[connection.credential_id]
        registered.discard(connection)
        if not registered:
            del self._by_credential[connection.credential_id]

    def join(self, connection: Connection, audience: Audience) -> None:
        """Live from the board's present position on; the connection must be complete up to it."""
        channels = self._channels[audience.region_id]
        if audience in channels:
            # What is pending, the newcomer has already. Sending it may empty the channel and end it.
            self._flush(channels[audience])
        channel = channels.setdefault(audience, _Channel(audience))
        channel.connections.add(connection)

    def leave(self, connection: Connection, audience: Audience) -> None:
        """No longer live; joining again later is fine."""
        channels = self._channels[audience.region_id]
        channel = channels.get(audience)
        if channel is None:
            return
        channel.connections.discard(connection)
        if not channel.connections:
            if channel.tick is not None:
                channel.tick.cancel()
            del channels[audience]

    def publish(self, region_id: RegionId, events: Sequence[Event]) -> None:
        """Hands on what the board has just taken in.

        An event for one owner sets that owner's listeners apart; all others still share messages.
        """
        owners = {event.owner_id for event in events}
        mergers = {event.gone_id: event.heir_id for event in events if event.gone_id is not None}

        @cache
        def heard(audience: Audience) -> list[Event]:
            return audience.heard(events)

        @cache
        def made(audience: Audience) -> list[Message]:
            return list(self._messages(region_id, heard(audience)))

        for channel in tuple(self._channels[region_id].values()):
            audience = channel.audience
            if audience.owner_id in mergers:
                # Told no more, so that they come back as the heir with a position from before this.
                for connection in tuple(channel.connections):
                    connection.close(Close.RECHECK)
                continue
            if audience.owner_id in mergers.values():
                # Some may have listened for who is gone until just now, and lack what the heir had.
                _restart(channel, MERGED)
                continue
            alike = audience if audience.owner_id in owners else replace(audience, owner_id=None)
            if not heard(alike):
                continue
            if audience.latest:
                self._collect(channel, heard(alike))
            else:
                for message in made(alike):
                    channel.write(message)

    def restart(self, region_id: RegionId, reason: str) -> None:
        """The region's stream was replaced: everybody begins again with a snapshot."""
        for channel in tuple(self._channels[region_id].values()):
            _restart(channel, reason)

    def revoke(self, credential_id: UUID) -> None:
        """Closes all that was opened with a credential."""
        for connection in tuple(self._by_credential.get(credential_id, ())):
            connection.close(Close.REVOKED)

    def dismiss(self, credential_id: UUID | None = None) -> None:
        """Sends everybody, or all of one credential, away to come back and be checked anew."""
        of = tuple(self._by_credential) if credential_id is None else (credential_id,)
        for one in of:
            for connection in tuple(self._by_credential.get(one, ())):
                connection.close(Close.RECHECK)

    def beat(self) -> None:
        """Tells every live connection how far it is complete."""
        for region_id, channels in self._channels.items():
            region = self._board.regions.get(region_id)
            if region is None or not channels:
                continue
            for channel in tuple(channels.values()):
                self._flush(channel)
                channel.write(messages.heartbeat(region.progress, self._now()))

    async def run(self) -> None:
        """Beats until cancelled."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            self.beat()

    def count(self) -> int:
        """How many connections are live."""
        return sum(
            len(channel.connections)
            for channels in self._channels.values()
            for channel in channels.values()
        )

    def _messages(self, region_id: RegionId, events: Sequence[Event]) -> Iterator[Message]:
        region = self._board.regions[region_id]
        for part in messages.chunks(events):
            # Complete up to the board's position only once the last part has arrived.
            last = part[-1] is events[-1]
            position = region.position if last else part[-1].position
            progress = messages.Progress(position, region.complete_at)
            yield messages.events([e.text for e in part], progress, self._now())

    def _collect(self, channel: _Channel, events: Iterable[Event]) -> None:
        for event in events:
            # Taken out first, so that the order stays that of the last change.
            channel.pending.pop(event.subject, None)
            channel.pending[event.subject] = event
        if channel.tick is None:
            loop = asyncio.get_running_loop()
            channel.tick = loop.call_later(channel.tick_seconds, self._flush, channel)

    def _flush(self, channel: _Channel) -> None:
        if channel.tick is not None:
            channel.tick.cancel()
            channel.tick = None
        if not channel.pending:
            return
        events, channel.pending = list(channel.pending.values()), {}
        started = time.perf_counter()
        for message in self._messages(channel.audience.region_id, events):
            channel.write(message)
        spent = time.perf_counter() - started
        channel.tick_seconds = min(MAX_TICK_SECONDS, max(TICK_SECONDS, _TICK_REST * spent))
