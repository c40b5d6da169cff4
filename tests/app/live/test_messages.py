"""What goes over the wire: JSON that parses, frames that a client's own parser takes, and SSE."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side

from app.live import messages
from app.live.messages import MAX_ITEMS, Message, Progress
from domain.events import OWNED, TOPIC_OF, Kind, Topic
from tests.factories.stream import NOON, logged, position

PROGRESS = Progress(position(7), NOON)
LATER = NOON + timedelta(seconds=2)


def parsed(data: bytes) -> list[Frame]:
    """The frames that the `websockets` library's client finds in these bytes."""
    client = Protocol(Side.CLIENT, max_size=None)
    client.receive_data(data)
    assert client.parser_exc is None
    events = client.events_received()
    frames = [event for event in events if isinstance(event, Frame)]
    assert len(frames) == len(events)
    return frames


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 65_537, 1_000_000])
def test_a_frame_is_one_whole_unmasked_text_message_at_every_length(size: int) -> None:
    text = "x" * size
    (frame,) = parsed(Message("events", None, text).frame)
    assert frame == Frame(Opcode.TEXT, text.encode(), fin=True)


@given(st.lists(st.text(max_size=200), max_size=5))
def test_frames_one_after_another_come_out_as_the_texts_that_went_in(texts: list[str]) -> None:
    data = b"".join(Message("events", None, text).frame for text in texts)
    assert [bytes(frame.data).decode() for frame in parsed(data)] == texts


def test_the_length_of_a_frame_is_that_of_its_bytes_not_of_its_letters() -> None:
    text = "é" * 63  # 126 bytes
    (frame,) = parsed(Message("events", None, text).frame)
    assert bytes(frame.data).decode() == text


@given(st.text(min_size=1).map(lambda text: json.dumps(text, ensure_ascii=False)))
def test_a_server_sent_event_is_three_lines_whatever_it_carries(text: str) -> None:
    lines = Message("events", position(3), text).server_sent.decode().split("\n")
    assert lines == ["event: events", f"id: {position(3)}", f"data: {text}", "", ""]


def test_only_what_completes_a_position_has_an_id_to_resume_from() -> None:
    """A browser resumes from the last id it saw, so nothing half may carry one."""
    halfway = messages.snapshot_part(["{}"], PROGRESS, LATER, part=1, last=False)
    whole = messages.snapshot_part(["{}"], PROGRESS, LATER, part=2, last=True)
    opening = messages.subscribed(
        PROGRESS, LATER, topics=[Topic.CAPACITY], latest=False, heartbeat_seconds=10
    )
    resync = messages.resync("why", PROGRESS, LATER)
    error = messages.error("code", "detail", LATER)
    for message in (halfway, opening, resync, error):
        assert b"\nid:" not in message.server_sent
    for message in (
        whole,
        messages.events(["{}"], PROGRESS, LATER),
        messages.heartbeat(PROGRESS, LATER),
    ):
        assert f"\nid: {position(7)}\n".encode() in message.server_sent


@pytest.mark.parametrize(
    "message",
    [
        messages.subscribed(
            PROGRESS, LATER, topics=[Topic.REGISTERS], latest=True, heartbeat_seconds=10
        ),
        messages.snapshot_part(['{"a":1}', '{"b":2}'], PROGRESS, LATER, part=1, last=True),
        messages.snapshot_part([], PROGRESS, LATER, part=1, last=True),
        messages.events(['{"a":1}'], PROGRESS, LATER),
        messages.heartbeat(PROGRESS, LATER),
        messages.resync("stream-replaced", PROGRESS, LATER),
    ],
    ids=lambda message: message.kind,
)
def test_every_message_tells_its_type_the_time_the_position_and_when_that_was_complete(
    message: Message,
) -> None:
    body = json.loads(message.text)
    assert body["type"] == message.kind
    assert body["server_time"] == "2026-03-02T12:00:02Z"
    assert body["position"] == "1:1:7:00000007"
    assert body["complete_at"] == "2026-03-02T12:00:00Z"


def test_an_error_tells_what_and_why_even_with_quotes_in_it() -> None:
    body = json.loads(messages.error("bad-message", 'Dit "klopt"\nniet.', LATER).text)
    assert body == {
        "type": "error",
        "code": "bad-message",
        "detail": 'Dit "klopt"\nniet.',
        "server_time": "2026-03-02T12:00:02Z",
    }


def test_an_event_holds_the_state_as_the_database_wrote_it() -> None:
    data = '{"free":  1,"name":"Zorg \\"é\\"","planned":1.0}'
    event = messages.render(logged(9, data=data))
    assert event.text.endswith(f'"data":{data}}}')
    body = json.loads(event.text)
    assert body["position"] == str(position(9)) == str(event.position)
    assert (body["kind"], body["id"]) == event.subject
    assert body["at"] == "2026-03-02T12:00:00Z"
    assert event.topic is Topic.CAPACITY


def test_a_subject_that_is_gone_has_no_data() -> None:
    assert json.loads(messages.render(logged(9, data=None)).text)["data"] is None


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_goes_to_its_own_topic(kind: Kind) -> None:
    event = messages.render(logged(1, kind=kind, owner=UUID(int=3)))
    assert (event.topic, event.owner_id) == (TOPIC_OF[kind], UUID(int=3))


def test_what_is_one_owners_without_an_owner_goes_to_nobody() -> None:
    for kind, topic in TOPIC_OF.items():
        rendered = messages.render(logged(1, kind=kind))
        assert rendered.topic is (None if topic in OWNED else topic), kind


def test_an_event_tells_which_organisation_was_taken_over_and_by_whom() -> None:
    heir = UUID(int=8)
    found = [
        (event.gone_id, event.heir_id)
        for kind, data in (
            (Kind.ORGANISATION, f'{{"merged_into":"{heir}"}}'),
            (Kind.ORGANISATION, '{"merged_into":null}'),
            (Kind.ORGANISATION, None),
            (Kind.POOL, f'{{"merged_into":"{heir}"}}'),
        )
        for event in [messages.render(logged(1, 7, data, kind))]
    ]
    assert found == [(UUID(int=7), heir), *[(None, None)] * 3]


def test_a_kind_of_a_newer_release_reaches_nobody_yet_and_harms_nothing() -> None:
    event = messages.render(logged(1, kind="bed-of-the-future"))
    assert event.topic is None
    assert json.loads(event.text)["kind"] == "bed-of-the-future"


def test_times_are_utc_whatever_zone_they_came_in() -> None:
    summer = timezone(timedelta(hours=2))
    at = datetime(2026, 7, 1, 14, 0, 0, 5, tzinfo=summer)
    assert messages.moment(at) == "2026-07-01T12:00:00.000005Z"
    event = messages.render(replace(logged(1), at=at))
    assert json.loads(event.text)["at"] == "2026-07-01T12:00:00.000005Z"
    assert datetime.fromisoformat(messages.moment(at)) == at.astimezone(UTC)


@given(st.lists(st.integers(), max_size=3 * MAX_ITEMS))
def test_chunks_are_all_the_items_in_order_and_never_too_many(items: list[int]) -> None:
    parts = list(messages.chunks(items))
    assert [item for part in parts for item in part] == items
    assert all(1 <= len(part) <= MAX_ITEMS for part in parts)
