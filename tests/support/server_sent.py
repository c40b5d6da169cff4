"""A client of server-sent events, as a browser's EventSource reads them."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.support.serving import Serving, Subscriber


class EventSource:
    """One response that is read message by message."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.last_id: str | None = None
        self.knows = Subscriber(None)  # type: ignore[arg-type]  # it only takes messages in
        self._lines = response.aiter_lines()

    async def receive(self) -> Any:
        """The next message; None when the server has ended the stream."""
        fields: dict[str, str] = {}
        async for line in self._lines:
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
                continue
            message = json.loads(fields["data"])
            assert message["type"] == fields["event"]
            self.last_id = fields.get("id", self.last_id)
            self.knows.take(message)
            return message
        return None

    async def until(self, kind: str) -> Any:
        """Takes messages in up to and with the next one of this type."""
        while (message := await self.receive()) is not None:
            if message["type"] == kind:
                return message
        raise AssertionError(f"the stream ended before {kind}")


@asynccontextmanager
async def event_source(
    api: Serving, key: str, last_id: str | None = None, **parameters: Any
) -> AsyncIterator[EventSource]:
    """Opens `/v1/events` as a stream."""
    headers = {"accept": "text/event-stream"}
    if last_id is not None:
        headers["last-event-id"] = last_id
    async with (
        api.client(key) as client,
        client.stream("GET", "/v1/events", params=parameters, headers=headers) as response,
    ):
        yield EventSource(response)
