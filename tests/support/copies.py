"""A client's copy of a region, kept from snapshots and events to the byte of their data."""

import json
from collections.abc import Iterator
from typing import Any

import httpx

_DECODER = json.JSONDecoder()


def raw_items(body: str, member: str) -> Iterator[tuple[Any, str]]:
    """The items of an array in a message: each one parsed, and the text of its `data` as sent."""
    opening = f'"{member}":['
    at = body.index(opening) + len(opening)
    while body[at] != "]":
        item, end = _DECODER.raw_decode(body, at)
        yield item, body[at:end].partition('"data":')[2].removesuffix("}")
        at = end + (body[end] == ",")


class Copy:
    """What a client holds: the text of each subject's state, and the position it belongs to."""

    def __init__(self, snapshot: str) -> None:
        self.state = {
            (item["kind"], item["id"]): data for item, data in raw_items(snapshot, "subjects")
        }
        self.position: str = json.loads(snapshot)["position"]
        self.numbers: list[int] = []

    @classmethod
    async def taken(cls, client: httpx.AsyncClient, **parameters: Any) -> "Copy":
        """From `GET /v1/snapshot`."""
        answer = await client.get("/v1/snapshot", params=parameters)
        assert answer.status_code == 200, answer.text
        return cls(answer.text)

    def parsed(self) -> dict[tuple[str, str], Any]:
        """The state of each subject."""
        return {subject: json.loads(data) for subject, data in self.state.items()}

    async def follow(self, client: httpx.AsyncClient, **parameters: Any) -> None:
        """Takes in from `GET /v1/events` all there is after this copy's position."""
        more = True
        while more:
            answer = await client.get("/v1/events", params={"after": self.position, **parameters})
            assert answer.status_code == 200, answer.text
            for event, data in raw_items(answer.text, "events"):
                self.numbers.append(int(event["position"].split(":")[2]))
                if data == "null":
                    self.state.pop((event["kind"], event["id"]), None)
                else:
                    self.state[event["kind"], event["id"]] = data
            page = answer.json()
            self.position, more = page["position"], page["more"]
