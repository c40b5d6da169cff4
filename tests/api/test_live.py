"""`WS /v1/live`: who may subscribe to what, what a good one gets, and how a bad one ends."""

import asyncio
from typing import Any

import pytest

from api import live
from app.container import Container
from app.live.closing import Close
from app.services import keys
from domain.actors import Role
from domain.identifiers import RegionId
from tests.factories.world import World, make_party
from tests.support.serving import Serving, number_of
from tests.support.sockets import ending, ending_of, opened, subscribe


async def report(api: Serving, world: World, occupied: int) -> Any:
    """A report through the API; answers with the receipt."""
    async with api.client(world.provider.key) as client:
        figures = {"operable": 10, "occupied": occupied, "planned": 0}
        answer = await client.put(f"/v1/pools/{world.pool_id}/report", json=figures)
        assert answer.status_code == 200, answer.text
        return answer.json()


async def test_a_subscriber_gets_the_whole_state_and_then_each_event(
    api: Serving, world: World
) -> None:
    async with api.subscribe(world.coordinator.key) as subscriber:
        opening = await subscriber.receive()
        assert opening["type"] == "subscribed"
        assert opening["region"] == 1
        assert opening["topics"] == ["capacity", "registers"]
        assert opening["latest"] is False
        assert opening["heartbeat_seconds"] == 10
        await subscriber.until("snapshot")
        kinds = {kind for kind, _ in subscriber.subjects}
        assert kinds == {"organisation", "location", "pool", "capacity"}
        receipt = await report(api, world, occupied=4)
        message = await subscriber.until("events")
        (event,) = message["events"]
        assert (event["kind"], event["id"]) == ("capacity", str(world.pool_id))
        assert (event["data"]["free"], event["data"]["version"]) == (6, 1)
        assert event["position"] == message["position"] == receipt["position"]


async def test_only_the_topics_that_were_asked_for_come(api: Serving, world: World) -> None:
    async with api.subscribe(world.coordinator.key, topics=("capacity",)) as subscriber:
        await subscriber.until("snapshot")
        assert {kind for kind, _ in subscriber.subjects} == {"capacity"}
        await make_party(world.container, Role.REFERRER)
        receipt = await report(api, world, occupied=1)
        await subscriber.until_number(number_of(receipt["position"]))
        assert [event["kind"] for event in subscriber.events] == ["capacity"]


async def test_a_heartbeat_moves_a_quiet_subscriber_on(api: Serving, world: World) -> None:
    assert api.container is not None
    async with api.subscribe(world.coordinator.key, topics=("registers",)) as quiet:
        await quiet.until("snapshot")
        receipt = await report(api, world, occupied=1)
        assert await api.container.board.regions[RegionId(1)].reach(number_of(receipt["position"]))
        api.container.hub.beat()
        beat = await quiet.until("heartbeat")
        assert beat["position"] == receipt["position"]
        assert quiet.events == []


async def test_a_region_may_be_left_out_named_or_told_by_the_position(
    api: Serving, world: World
) -> None:
    head = str(world.container.board.regions[RegionId(1)].position)
    for choice in ({}, {"region": 1}, {"after": head}):
        async with api.subscribe(world.provider.key, **choice) as subscriber:
            assert (await subscriber.until("subscribed"))["region"] == 1
    async with api.subscribe(world.operator.key, region=0, topics=("revocations",)) as operator:
        assert (await operator.until("subscribed"))["region"] == 0
        await operator.until("snapshot")
        await keys.revoke_key(world.container, None, world.other.key_id)
        (event,) = (await operator.until("events"))["events"]
        assert (event["kind"], event["id"]) == ("key-revoked", str(world.other.key_id))
        assert event["data"] is None


WRONG: dict[str, str | bytes] = {
    "not JSON": "hallo",
    "an empty text": "",
    "a list": "[]",
    "another type": subscribe("vt_x", type="publish"),
    "no type": subscribe("vt_x", type=...),
    "no token": subscribe(None),
    "a token of a thousand letters": subscribe("v" * 1000),
    "no topics": subscribe("vt_x", topics=...),
    "an empty list of topics": subscribe("vt_x", topics=[]),
    "an unknown topic": subscribe("vt_x", topics=["alles"]),
    "eleven topics": subscribe("vt_x", topics=["capacity"] * 11),
    "a region that is no number": subscribe("vt_x", region="haaglanden"),
    "a region below zero": subscribe("vt_x", region=-1),
    "an unknown member": subscribe("vt_x", after_all=1),
    "latest that is no truth": subscribe("vt_x", latest="misschien"),
    "a number that is none": subscribe("vt_x")[:-1] + ',"region":NaN}',
    "half a character": subscribe("vt_x")[:-1] + ',"after":"\\ud800"}',
    "bottomless nesting": '{"type":' + "[" * 1500 + "]" * 1500 + "}",
    "four thousand letters too many": subscribe("vt_x", after="x" * 4100),
    "a binary frame": subscribe("vt_x").encode(),
}


async def test_a_first_message_that_is_wrong_is_told_so_and_ended(api: Serving) -> None:
    for what, message in WRONG.items():
        ended = await ending_of(api, message)
        assert (ended.code, ended.reason) == (Close.BAD_MESSAGE, "bad-message"), what
        assert ended.problem == "invalid-input", what


async def test_a_message_that_outgrows_every_subscribe_is_not_even_read(api: Serving) -> None:
    ended = await ending_of(api, subscribe("vt_x", after="x" * 70_000))
    assert (ended.code, ended.messages) == (1009, [])


async def test_a_position_that_is_none_of_ours_is_a_bad_message(api: Serving, world: World) -> None:
    for after in ("", "1", "1:1:1", "1:1:1:zzzzzzzz", "1:1:-1:00000000", "x" * 64):
        ended = await ending_of(api, subscribe(world.coordinator.key, after=after))
        assert (ended.code, ended.problem) == (Close.BAD_MESSAGE, "invalid-input"), after


async def test_who_shows_no_valid_key_is_not_signed_in(api: Serving) -> None:
    for token in ("vt_", "vt_" + "A" * 43, "geheim", "vt_é", "vt_\u0000"):
        ended = await ending_of(api, subscribe(token))
        assert (ended.code, ended.reason) == (Close.NOT_SIGNED_IN, "not-signed-in"), token
        assert ended.problem == "not-signed-in"
        assert [message["type"] for message in ended.messages] == ["error"]


async def test_a_revoked_key_is_not_signed_in(api: Serving, world: World) -> None:
    await keys.revoke_key(world.container, None, world.provider.key_id)
    ended = await ending_of(api, subscribe(world.provider.key))
    assert (ended.code, ended.problem) == (Close.NOT_SIGNED_IN, "not-signed-in")


async def test_what_a_key_may_not_follow_it_is_refused(api: Serving, two_regions: World) -> None:
    for role, changes in (
        (Role.COORDINATOR, {"region": 2}),
        (Role.COORDINATOR, {"region": 31_000}),
        (Role.COORDINATOR, {"topics": ["capacity", "revocations"]}),
        (Role.PROVIDER_CAPACITY, {"region": 0, "topics": ["revocations"]}),
        (Role.AUDITOR, {"topics": ["capacity"]}),
    ):
        party = await make_party(two_regions.container, role)
        ended = await ending_of(api, subscribe(party.key, **changes))
        assert (ended.code, ended.reason) == (Close.NOT_ALLOWED, "not-allowed"), changes
        assert [message["type"] for message in ended.messages] == ["error"]


async def test_who_may_follow_every_region_may_choose_one(api: Serving, two_regions: World) -> None:
    async with api.subscribe(two_regions.operator.key, region=2) as subscriber:
        snapshot = await subscriber.until("snapshot")
        assert snapshot["position"].startswith("2:")


@pytest.fixture
async def two_regions(api: Serving, container: Container, world: World) -> World:
    """A second region beside that of the world, which the server knows too."""
    await World.create(container, RegionId(2))
    assert api.container is not None
    while RegionId(2) not in api.container.board.regions:
        await asyncio.sleep(0.01)
    return world


async def test_who_says_nothing_in_time_is_ended(
    api: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "SIGN_IN_SECONDS", 0.05)
    ended = await ending_of(api)
    assert (ended.code, ended.reason, ended.problem) == (Close.TOO_LATE, "too-late", "too-late")


async def test_who_subscribed_in_time_is_left_alone(
    api: Serving, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "SIGN_IN_SECONDS", 0.2)
    async with api.subscribe(world.coordinator.key) as subscriber:
        await subscriber.until("snapshot")
        await asyncio.sleep(0.3)
        await report(api, world, occupied=2)
        await subscriber.until("events")


async def test_a_second_message_is_one_too_many(api: Serving, world: World) -> None:
    async with opened(api) as ws:
        await ws.send(subscribe(world.coordinator.key))
        await ws.recv()
        await ws.send(subscribe(world.coordinator.key))
        ended = await ending(ws)
    assert (ended.code, ended.problem) == (Close.BAD_MESSAGE, "bad-message")
    assert await gone(api)


async def test_who_leaves_at_any_moment_is_forgotten(api: Serving, world: World) -> None:
    for until in (None, "subscribed", "snapshot"):
        async with api.subscribe(world.coordinator.key) as subscriber:
            if until:
                await subscriber.until(until)
    async with opened(api):
        pass
    assert await gone(api)


async def gone(api: Serving) -> bool:
    """Waits until the server holds on to no socket."""
    assert api.container is not None
    hub = api.container.hub
    async with asyncio.timeout(5):
        while hub.count() or hub._by_credential:
            await asyncio.sleep(0.01)
    return True
