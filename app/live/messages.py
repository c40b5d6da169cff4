"""What goes over a subscription, as text that is made once for all who get it.

Every message carries the server's time, the position up to which the subscriber is complete with
it, and `complete_at`: the last moment at which that position was known to be the newest.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TypeVar
from uuid import UUID

import orjson

from app.db.event_log import LoggedEvent
from domain.events import OWNED, TOPIC_OF, Kind, Position, Topic
from domain.identifiers import OrganisationId

T = TypeVar("T")

#: No message holds more events or subjects than this, so that none outgrows a client's frame limit.
MAX_ITEMS = 500

_KINDS = frozenset(kind.value for kind in Kind)


def moment(at: datetime) -> str:
    """A time as it stands in messages: UTC, RFC 3339."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Event:
    """An event ready to be sent: `text` is its JSON, rendered once for the whole process.

    `owner_id` is who alone may get it, None when that is everybody. Of a merger `gone_id` is the
    organisation that ended and `heir_id` who took over all that it had.
    """

    position: Position
    topic: Topic | None
    subject: tuple[str, str]
    text: str
    owner_id: OrganisationId | None = None
    gone_id: OrganisationId | None = None
    heir_id: OrganisationId | None = None


def render(event: LoggedEvent) -> Event:
    """Makes an event's JSON around the state that PostgreSQL wrote."""
    text = (
        f'{{"position":"{event.position}","kind":"{event.kind}","id":"{event.subject_id}",'
        f'"at":"{moment(event.at)}","data":{event.data or "null"}}}'
    )
    topic = TOPIC_OF[Kind(event.kind)] if event.kind in _KINDS else None
    if topic in OWNED and event.owner_id is None:
        # Nobody's, so nobody gets it.
        topic = None
    owner_id = OrganisationId(event.owner_id) if event.owner_id else None
    subject = (event.kind, event.subject_id)
    return Event(event.position, topic, subject, text, owner_id, *_merger(event))


def _merger(event: LoggedEvent) -> tuple[OrganisationId, OrganisationId] | tuple[None, None]:
    if event.kind != Kind.ORGANISATION or event.data is None:
        return None, None
    heir_id = orjson.loads(event.data).get("merged_into")
    if heir_id is None:
        return None, None
    return OrganisationId(UUID(event.subject_id)), OrganisationId(UUID(heir_id))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a subscriber is with a message."""

    position: Position
    complete_at: datetime

    def text(self, now: datetime) -> str:
        """The members that every message has."""
        return (
            f'"server_time":"{moment(now)}","position":"{self.position}",'
            f'"complete_at":"{moment(self.complete_at)}"'
        )


class Message:
    """A message in the forms that transports need, each made once."""

    def __init__(self, kind: str, position: Position | None, text: str) -> None:
        self.kind = kind
        self.position = position
        self.text = text

    @cached_property
    def frame(self) -> bytes:
        """As one unmasked, unfragmented WebSocket text frame (RFC 6455, section 5.2)."""
        payload = self.text.encode()
        size = len(payload)
        if size < 126:
            head = bytes((0x81, size))
        elif size < 65536:
            head = b"\x81\x7e" + size.to_bytes(2, "big")
        else:
            head = b"\x81\x7f" + size.to_bytes(8, "big")
        return head + payload

    @cached_property
    def server_sent(self) -> bytes:
        """As a server-sent event, its id the position to resume from."""
        id_line = f"id: {self.position}\n" if self.position else ""
        return f"event: {self.kind}\n{id_line}data: {self.text}\n\n".encode()


def subscribed(
    progress: Progress,
    now: datetime,
    *,
    topics: Iterable[Topic],
    latest: bool,
    heartbeat_seconds: float,
) -> Message:
    """The answer to `subscribe`. It has no id: nothing has been delivered yet."""
    facts = orjson.dumps(
        {
            "type": "subscribed",
            "region": progress.position.region_id,
            "topics": sorted(topics),
            "latest": latest,
            "heartbeat_seconds": heartbeat_seconds,
        }
    ).decode()
    return Message("subscribed", None, f"{facts[:-1]},{progress.text(now)}}}")


def snapshot_part(
    subjects: Sequence[str], progress: Progress, now: datetime, *, part: int, last: bool
) -> Message:
    """A part of a snapshot; only the last one moves the position."""
    text = (
        f'{{"type":"snapshot","part":{part},"last":{"true" if last else "false"},'
        f'{progress.text(now)},"subjects":[{",".join(subjects)}]}}'
    )
    return Message("snapshot", progress.position if last else None, text)


def events(texts: Sequence[str], progress: Progress, now: datetime) -> Message:
    """A list of events, oldest first."""
    text = f'{{"type":"events",{progress.text(now)},"events":[{",".join(texts)}]}}'
    return Message("events", progress.position, text)


def heartbeat(progress: Progress, now: datetime) -> Message:
    """Moves quiet subscribers on, and tells them how old "complete" is."""
    return Message("heartbeat", progress.position, f'{{"type":"heartbeat",{progress.text(now)}}}')


def resync(reason: str, progress: Progress, now: datetime) -> Message:
    """What the subscriber holds can't be continued; a snapshot follows."""
    text = f'{{"type":"resync","reason":"{reason}",{progress.text(now)}}}'
    return Message("resync", None, text)


def error(code: str, detail: str, now: datetime) -> Message:
    """Why the socket is about to close."""
    body = {"type": "error", "code": code, "detail": detail, "server_time": moment(now)}
    return Message("error", None, orjson.dumps(body).decode())


def chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Slices of at most MAX_ITEMS, in order."""
    for start in range(0, len(items), MAX_ITEMS):
        yield items[start : start + MAX_ITEMS]
