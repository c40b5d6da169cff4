"""A connection of the hub without a network."""

import json
from typing import Any
from uuid import UUID

from app.live.closing import Close
from app.live.messages import Message

KEY = UUID(int=5)


class Listener:
    """A connection that writes down what it gets."""

    def __init__(self, key: UUID = KEY) -> None:
        self.credential_id: UUID | None = key
        self.got: list[Any] = []
        self.closed: list[Close] = []
        self.restarts: list[str] = []

    def write(self, message: Message) -> None:
        self.got.append(json.loads(message.text))

    def close(self, reason: Close, /) -> None:
        self.closed.append(reason)

    def restart(self, reason: str) -> None:
        self.restarts.append(reason)

    @property
    def numbers(self) -> list[int]:
        """The numbers of the events it got, in order."""
        return [
            int(event["position"].split(":")[2])
            for message in self.got
            for event in message.get("events", ())
        ]
