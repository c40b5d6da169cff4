"""What a socket has been sent, checked once for all the sockets that were sent the same.

Every socket stands on a node; a message moves it to the next. Thousands of sockets that receive the same bytes walk the
same nodes, so a message is parsed and checked once, and for the others costs one look-up: every socket is checked in
full and the client stays out of the server's way.
"""

from dataclasses import dataclass, field
from typing import Any

import orjson


def number_of(position: str) -> int:
    """The number in `region:epoch:number:tag`."""
    return int(position.split(":", 3)[2])


class StreamError(RuntimeError):
    """A subscriber was sent something that breaks the promise of the stream."""


@dataclass(slots=True, eq=False)
class History:
    """A series of `events` messages. `last` is the position's number; None until the first message tells one."""

    last: int | None
    latest: bool
    messages: int = 0
    payload: bytes = b""
    parent: "History | None" = None
    _next: "dict[bytes, History]" = field(default_factory=dict)

    def after(self, payload: bytes) -> "History":
        """The node that this message leads to; raises StreamError when it doesn't continue this history."""
        known = self._next.get(payload)
        if known is not None:
            return known
        message: dict[str, Any] = orjson.loads(payload)
        kind = message["type"]
        position = number_of(message["position"])
        if kind == "heartbeat":
            if self.last is not None and not self._may_stand_at(position, self.last):
                raise StreamError(f"heartbeat says {position}, last event was {self.last}")
            return self
        if kind != "events":
            raise StreamError(f"unexpected message: {payload[:300]!r}")
        last = self.last
        for event in message["events"]:
            at = number_of(event["position"])
            if last is not None and (at <= last if self.latest else at != last + 1):
                raise StreamError(f"event {at} follows {last}")
            last = at
        if last is None or position < last:
            raise StreamError(f"complete until {position}, but its last event is {last}")
        node = History(position, self.latest, self.messages + 1, payload, self)
        self._next[payload] = node
        return node

    def _may_stand_at(self, position: int, last: int) -> bool:
        return position >= last if self.latest else position == last

    def payloads(self) -> list[bytes]:
        """The payloads that led here, first to last."""
        payloads: list[bytes] = []
        node: History | None = self
        while node is not None and node.payload:
            payloads.append(node.payload)
            node = node.parent
        return payloads[::-1]

    def versions(self) -> dict[str, int]:
        """The last version of each capacity that was sent since the start of this history."""
        versions: dict[str, int] = {}
        for payload in self.payloads():
            for event in orjson.loads(payload)["events"]:
                if event["kind"] == "capacity" and event["data"] is not None:
                    versions[event["id"]] = event["data"]["version"]
        return versions
