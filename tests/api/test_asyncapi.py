"""The AsyncAPI document says what the socket does: every message that is really sent, every code."""

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from api import live
from api.asyncapi import document
from api.audiences import TOPIC_ACTIONS
from app.live.closing import Close
from app.live.messages import Message
from app.services import keys
from domain.events import OWNED, TOPIC_OF, Kind, Topic
from tests.factories.world import World, counts, make_pool
from tests.support.serving import Serving
from tests.support.sockets import ending_of, opened, subscribe

FORMATS = jsonschema.FormatChecker()
DOCUMENT = document("https://voorbeeld.nl/")
MESSAGES: dict[str, Any] = DOCUMENT["channels"]["live"]["messages"]


@FORMATS.checks("date-time")
def is_utc(text: object) -> bool:
    """RFC 3339 in UTC, as we write it."""
    return isinstance(text, str) and bool(re.fullmatch(r"[-0-9]{10}T[0-9:]{8}(\.[0-9]+)?Z", text))


def check(message: Any, name: str) -> None:
    """The message is what the document says, and the document says all that is in it."""
    payload = MESSAGES[name]["payload"]
    schema = {**payload, "components": DOCUMENT.get("components", {})}
    jsonschema.Draft202012Validator(schema, format_checker=FORMATS).validate(message)
    assert set(message) <= set(payload["properties"]), "a member that the document doesn't know"


def nested(value: Any) -> Iterator[Any]:
    """Every object in a document."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict | list):
            yield from nested(inner)


def resolve(pointer: str) -> Any:
    """What a reference in the document points at."""
    found: Any = DOCUMENT
    for step in pointer.removeprefix("#/").split("/"):
        found = found[step]
    return found


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every message that goes out over a socket from here on."""
    messages: list[Any] = []
    write = live.LiveSocket.write

    def recorded(socket: live.LiveSocket, message: Message) -> None:
        messages.append(json.loads(message.text))
        write(socket, message)

    monkeypatch.setattr(live.LiveSocket, "write", recorded)
    return messages


async def test_every_message_that_is_sent_is_in_the_document(
    api: Serving, world: World, sent: list[Any]
) -> None:
    assert api.container is not None
    position = (await world.report(counts(4, 1))).position
    unknown = replace(position, tag=position.tag ^ 1)
    options: list[dict[str, Any]] = [
        {"latest": True},
        {"after": str(position)},
        {"after": str(unknown)},
    ]
    for occupied, option in enumerate(options):
        async with api.subscribe(world.coordinator.key, **option) as subscriber:
            while not api.container.hub.count():
                await asyncio.sleep(0.005)
            await world.report(counts(4, occupied))
            await make_pool(world.container, world.location_id)
            await subscriber.until("events")
            api.container.hub.beat()
            await subscriber.until("heartbeat")
        while api.container.hub.count():
            await asyncio.sleep(0.005)
    revocations: dict[str, Any] = {"region": 0, "topics": ("registers", "revocations")}
    async with api.subscribe(world.operator.key, **revocations) as operator:
        await operator.until("snapshot")
        await keys.revoke_key(world.container, None, world.other.key_id)
        await operator.until("events")
    await ending_of(api, "hallo")
    for message in sent:
        check(message, message["type"])
    assert {message["type"] for message in sent} == {
        name for name in MESSAGES if name != "subscribe"
    }


async def test_what_the_document_says_of_subscribe_is_what_is_taken(
    api: Serving, world: World
) -> None:
    good = [
        subscribe(world.coordinator.key),
        subscribe(world.coordinator.key, region=1, latest=True, after=None),
    ]
    for text in good:
        check(json.loads(text), "subscribe")
        async with opened(api) as ws:
            await ws.send(text)
            assert json.loads(await ws.recv())["type"] == "subscribed"
    for text in (
        subscribe(None),
        subscribe(world.coordinator.key, topics=[]),
        subscribe(world.coordinator.key, topics=["alles"]),
        subscribe(world.coordinator.key, region=-1),
        subscribe(world.coordinator.key, something=1),
    ):
        with pytest.raises((jsonschema.ValidationError, AssertionError)):
            check(json.loads(text), "subscribe")
        assert (await ending_of(api, text)).code == Close.BAD_MESSAGE


def test_every_close_code_is_listed_with_what_to_do_about_it() -> None:
    described = DOCUMENT["info"]["description"]
    for close in Close:
        advice = "come back" if close.come_back else "stop"
        assert f"- {close.value} {close.reason}: {advice}" in described
    assert len({close.value for close in Close}) == len(Close)
    assert {close for close in Close if close.come_back} == {
        Close.SLOW,
        Close.STARTING,
        Close.RECHECK,
    }
    assert all(f"{code}, " in described for code in (1009, 1011, 1012)), "the protocol's own"


def test_every_kind_is_listed_with_its_topic_and_every_topic_asks_a_permission() -> None:
    described = DOCUMENT["info"]["description"]
    for kind in Kind:
        topic = TOPIC_OF[kind]
        assert (f"- `{kind}`: topic `{topic}`" in described) == (topic is not None)
        own = f"- `{kind}`: topic `{topic}`, your own only\n" in described
        assert own == (topic in OWNED), kind
    assert set(TOPIC_ACTIONS) == set(Topic)


def test_every_reference_in_the_document_points_at_something() -> None:
    references = [found["$ref"] for found in nested(DOCUMENT) if "$ref" in found]
    assert len(references) > len(MESSAGES)
    for reference in references:
        assert reference.startswith("#/")
        assert resolve(reference), reference


def test_every_schema_in_the_document_is_one() -> None:
    for message in MESSAGES.values():
        jsonschema.Draft202012Validator.check_schema(message["payload"])
        assert message["summary"]


async def test_the_document_is_there_for_everybody_and_tells_the_address(api: Serving) -> None:
    async with api.client() as client:
        answer = await client.get("/v1/asyncapi.json")
    assert answer.status_code == 200
    assert answer.json()["asyncapi"] == "3.0.0"
    assert answer.json()["channels"]["live"]["address"] == "/v1/live"
    assert DOCUMENT["servers"]["here"] == {"host": "voorbeeld.nl", "protocol": "wss"}
