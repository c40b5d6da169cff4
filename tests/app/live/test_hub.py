"""The hub: each event to all who asked for it, and nobody's trouble becomes another's."""

import asyncio
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from app.live import hub as hub_module
from app.live.closing import Close
from app.live.hub import Audience, Hub
from app.live.messages import MAX_ITEMS, Message
from domain.events import Kind, Topic
from domain.identifiers import RegionId
from tests.factories.stream import NOON, REGION, board, logged, position
from tests.support.listening import KEY, Listener

CAPACITY = frozenset({Topic.CAPACITY})
REGISTERS = frozenset({Topic.REGISTERS})


class Stage:
    """A hub with a board of its own."""

    def __init__(self) -> None:
        self.board = board()
        self.hub = Hub(self.board, lambda: NOON)

    def join(
        self, client: Listener, *, topics: frozenset[Topic] = CAPACITY, latest: bool = False
    ) -> Audience:
        audience = Audience(REGION, topics, latest)
        self.hub.register(client)
        self.hub.join(client, audience)
        return audience

    def happen(self, *subjects: int, kind: Kind = Kind.CAPACITY) -> None:
        """One commit with an event for each of these subjects."""
        region = self.board.regions[REGION]
        first = region.position.number + 1
        events = [logged(first + n, subject, kind=kind) for n, subject in enumerate(subjects)]
        self.hub.publish(REGION, region.apply(events, NOON))


async def ticks(seconds: float) -> None:
    """Lets the latest-mode's tick come round."""
    await asyncio.sleep(seconds)


def positions(messages: Iterable[Any]) -> list[str]:
    return [message["position"] for message in messages]


def test_every_event_goes_to_all_who_asked_for_its_topic_and_to_nobody_else() -> None:
    stage, one, two, other = Stage(), Listener(), Listener(), Listener()
    stage.join(one)
    stage.join(two)
    stage.join(other, topics=REGISTERS)
    stage.happen(1, 2)
    stage.happen(3, kind=Kind.LOCATION)
    assert one.got == two.got
    assert one.numbers == [1, 2]
    assert other.numbers == [3]
    assert positions(one.got) == [str(position(2))]


def test_a_region_hears_nothing_of_another() -> None:
    stage, client = Stage(), Listener()
    elsewhere = Audience(RegionId(2), CAPACITY, False)
    stage.hub.join(client, elsewhere)
    stage.happen(1)
    assert client.got == []


def test_who_leaves_gets_nothing_more_and_may_join_again() -> None:
    stage, client = Stage(), Listener()
    audience = stage.join(client)
    stage.hub.leave(client, audience)
    stage.happen(1)
    stage.hub.leave(client, audience)
    assert (client.got, stage.hub.count()) == ([], 0)
    stage.join(client)
    stage.happen(2)
    assert client.numbers == [2]


def test_many_events_go_in_several_messages_and_only_the_last_reaches_the_head() -> None:
    stage, client = Stage(), Listener()
    stage.join(client)
    stage.happen(*range(2 * MAX_ITEMS + 1))
    assert client.numbers == list(range(1, 2 * MAX_ITEMS + 2))
    assert positions(client.got) == [
        str(position(MAX_ITEMS)),
        str(position(2 * MAX_ITEMS)),
        str(position(2 * MAX_ITEMS + 1)),
    ]


def test_a_client_that_ends_while_it_is_written_to_hurts_nobody() -> None:
    stage, well = Stage(), Listener()

    class Slow(Listener):
        def write(self, message: Message) -> None:
            stage.hub.leave(self, audience)
            stage.hub.forget(self)

    audience = stage.join(well)
    for _ in range(5):
        stage.join(Slow())
    stage.happen(1)
    stage.happen(2)
    assert well.numbers == [1, 2]
    assert stage.hub.count() == 1


def test_a_client_whose_line_breaks_while_it_is_written_to_hurts_nobody() -> None:
    stage, well = Stage(), Listener()

    class Broken(Listener):
        def write(self, message: Message) -> None:
            raise RuntimeError("the handler is closed")

    broken = Broken()
    stage.join(broken)
    stage.join(well)
    stage.happen(1)
    stage.hub.beat()
    assert well.numbers == [1]
    assert broken.closed == [Close.SLOW, Close.SLOW]
    assert stage.board.regions[REGION].position == position(1)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> float:
    """Ticks of a few milliseconds, and how long to wait for one."""
    monkeypatch.setattr(hub_module, "TICK_SECONDS", 0.005)
    return 0.05


async def test_latest_mode_sends_the_last_state_of_each_subject_once_a_tick(quick: float) -> None:
    stage, screen = Stage(), Listener()
    stage.join(screen, latest=True)
    stage.happen(1, 2)
    stage.happen(3)
    stage.happen(1)
    assert screen.got == []
    await ticks(quick)
    (message,) = screen.got
    assert screen.numbers == [2, 3, 4], "subject 1 with its last state only, in order of change"
    assert message["position"] == str(position(4))
    await ticks(quick)
    assert len(screen.got) == 1


async def test_latest_mode_never_tells_a_position_ahead_of_what_it_delivered(quick: float) -> None:
    """Whatever a screen was told last, the events after it are all still to come."""
    stage, screen = Stage(), Listener()
    stage.join(screen, latest=True)
    told = [0]
    for round_number in range(20):
        stage.happen(*((round_number * 7 + n) % 11 for n in range(round_number % 4)))
        if round_number % 3 == 0:
            stage.hub.beat()
        if round_number % 5 == 0:
            await ticks(quick)
        delivered: dict[int, int] = {}
        for message in screen.got:
            for event in message.get("events", ()):
                number = int(event["position"].split(":")[2])
                delivered[UUID(event["id"]).int] = number
            told.append(int(message["position"].split(":")[2]))
        for subject, number in last_change(stage, told[-1]).items():
            assert delivered.get(subject, 0) >= number
    assert told[-1] > 0


def last_change(stage: Stage, up_to: int) -> dict[int, int]:
    """The number of each subject's last event up to and with a number."""
    return {
        UUID(event.subject[1]).int: event.position.number
        for event in stage.board.regions[REGION].ring._events
        if event.position.number <= up_to
    }


async def test_latest_mode_in_several_messages_is_resumable_after_each(quick: float) -> None:
    stage, screen = Stage(), Listener()
    stage.join(screen, latest=True)
    stage.happen(*range(MAX_ITEMS + 1))
    stage.happen(0)
    await ticks(quick)
    first, second = screen.got
    assert len(first["events"]) == MAX_ITEMS
    assert first["position"] == first["events"][-1]["position"] == str(position(MAX_ITEMS + 1))
    assert second["position"] == str(position(MAX_ITEMS + 2))


async def test_who_joins_between_two_ticks_gets_only_what_comes_after(quick: float) -> None:
    stage, early, late = Stage(), Listener(), Listener()
    stage.join(early, latest=True)
    stage.happen(1)
    stage.join(late, latest=True)
    stage.happen(2)
    await ticks(quick)
    assert early.numbers == [1, 2]
    assert late.numbers == [2]


async def test_who_joins_just_as_the_last_other_is_dropped_still_gets_what_comes_after(
    quick: float,
) -> None:
    """What waits is sent to the others first, which may be the end of them and of their channel."""
    stage, late = Stage(), Listener()

    class Slow(Listener):
        def write(self, message: Message) -> None:
            stage.hub.leave(self, audience)

    audience = stage.join(Slow(), latest=True)
    stage.happen(1)
    stage.join(late, latest=True)
    stage.happen(2)
    await ticks(quick)
    assert late.numbers == [2]
    assert stage.hub.count() == 1


async def test_a_tick_stretches_with_what_its_sending_takes_and_no_further(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moments = iter([0.0, 0.03, 1.0, 100.0, 100.0, 100.0])
    monkeypatch.setattr(hub_module, "time", SimpleNamespace(perf_counter=lambda: next(moments)))
    stage, screen = Stage(), Listener()
    stage.join(screen, latest=True)
    (channel,) = stage.hub._channels[REGION].values()
    lasted = []
    for _ in range(3):
        stage.happen(1)
        stage.hub.beat()
        lasted.append(channel.tick_seconds)
    assert lasted == [pytest.approx(0.12), hub_module.MAX_TICK_SECONDS, hub_module.TICK_SECONDS]


async def test_a_heartbeat_comes_after_all_that_was_waiting() -> None:
    stage, screen, quiet = Stage(), Listener(), Listener()
    stage.join(screen, latest=True)
    stage.join(quiet, topics=REGISTERS)
    stage.happen(1)
    stage.hub.beat()
    assert [message["type"] for message in screen.got] == ["events", "heartbeat"]
    assert positions(quiet.got) == [str(position(1))], "the quiet one is moved on"
    assert screen.got[-1]["complete_at"] == "2026-03-02T12:00:00Z"


async def test_a_board_built_anew_restarts_everybody_and_drops_what_was_waiting(
    quick: float,
) -> None:
    stage, screen, client = Stage(), Listener(), Listener()
    stage.join(screen, latest=True)
    stage.join(client)
    stage.happen(1)
    stage.hub.restart(REGION, "stream-replaced")
    await ticks(quick)
    assert screen.restarts == client.restarts == ["stream-replaced"]
    assert screen.got == []


def test_a_revocation_closes_all_of_its_key_live_or_not_and_no_other() -> None:
    stage, live, starting, other = Stage(), Listener(), Listener(), Listener(UUID(int=6))
    stage.join(live)
    stage.hub.register(starting)
    stage.join(other)
    stage.hub.revoke(KEY)
    stage.hub.revoke(UUID(int=99))
    assert live.closed == starting.closed == [Close.REVOKED]
    assert other.closed == []


def test_who_is_gone_is_not_held_on_to() -> None:
    stage, client = Stage(), Listener()
    audience = stage.join(client)
    stage.hub.leave(client, audience)
    stage.hub.forget(client)
    stage.hub.forget(client)
    stage.hub.revoke(KEY)
    assert client.closed == []
    assert not stage.hub._by_credential
    assert not stage.hub._channels[REGION]


def test_when_any_key_may_have_been_revoked_all_come_back_to_be_checked() -> None:
    stage, live, starting = Stage(), Listener(), Listener(UUID(int=6))
    stage.join(live)
    stage.hub.register(starting)
    stage.hub.dismiss()
    assert live.closed == starting.closed == [Close.RECHECK]
    assert Close.RECHECK.come_back


def test_when_what_one_credential_stands_for_changed_only_its_own_come_back() -> None:
    stage, mine, other = Stage(), Listener(), Listener(UUID(int=6))
    stage.join(mine)
    stage.join(other)
    stage.hub.dismiss(KEY)
    stage.hub.dismiss(UUID(int=99))
    assert (mine.closed, other.closed) == ([Close.RECHECK], [])
    assert set(stage.hub._by_credential) == {KEY, UUID(int=6)}


class Leaving(Listener):
    """Over its bound: the next message ends it, as it does a socket."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage

    def write(self, message: Message) -> None:
        self._stage.hub.leave(self, Audience(REGION, CAPACITY, latest=True))


async def test_who_joins_while_the_last_one_is_sent_away_is_not_forgotten() -> None:
    stage, newcomer = Stage(), Listener()
    stage.join(Leaving(stage), latest=True)
    stage.happen(1)
    stage.join(newcomer, latest=True)
    assert stage.hub.count() == 1
    stage.happen(2)
    stage.hub.beat()
    assert newcomer.got


class Broken(Listener):
    """Fails in a way that nobody foresaw."""

    def write(self, message: Message) -> None:
        raise RuntimeError("unforeseen")


def test_a_connection_that_fails_hurts_nobody_else_and_is_closed() -> None:
    stage, broken, one = Stage(), Broken(), Listener()
    stage.join(broken)
    stage.join(one)
    stage.happen(1)
    assert one.got
    assert broken.closed
