"""Going on from a position: whoever comes back gets each event after it once, or is told to begin anew."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.live.messages import MAX_ITEMS
from app.live.resume import AskLog, Continue, Resync, Ring, Wait
from tests.factories.stream import event, position

START = st.integers(0, 10**15)
LENGTH = st.integers(0, 60)
SIZE = st.integers(1, 40)


def ring_of(start: int, length: int, size: int = 10**6) -> Ring:
    ring = Ring(position(start), size)
    for number in range(start + 1, start + length + 1):
        ring.append(event(number))
    return ring


@given(START, LENGTH, SIZE, st.integers(-70, 70))
def test_every_position_is_continued_asked_waited_for_or_refused(
    start: int, length: int, size: int, offset: int
) -> None:
    ring = ring_of(start, length, size)
    head = start + length
    number = max(0, start + offset)
    match ring.after(position(number)):
        case Continue(events):
            remembered = [e.position.number for e in events]
            assert remembered == list(range(number + 1, head + 1))
        case AskLog():
            assert number < ring.start.number
        case Wait():
            assert number > head
        case Resync():
            raise AssertionError("the position is one of this stream")


@given(START, LENGTH, SIZE)
def test_what_is_remembered_is_the_newest_without_a_gap(start: int, length: int, size: int) -> None:
    ring = ring_of(start, length, size)
    assert ring.head == position(start + length)
    assert ring.start == position(start + length - min(length, size))
    held = [ring.at(n) for n in range(ring.start.number, ring.head.number + 1)]
    assert held == [position(n) for n in range(ring.start.number, ring.head.number + 1)]
    assert ring.at(ring.start.number - 1) is ring.at(ring.head.number + 1) is None


@given(START, st.integers(0, 30), st.integers(0, 30), st.integers(1, 99))
def test_a_position_of_another_history_is_refused_wherever_it_is_remembered(
    start: int, length: int, back: int, history: int
) -> None:
    ring = ring_of(start, length)
    number = start + max(0, length - back)
    assert ring.after(position(number, history=history)) == Resync("unknown-position")
    assert ring.after(position(number, epoch=2)) == Resync("unknown-position")


@given(START, LENGTH)
def test_a_position_of_another_region_is_refused(start: int, length: int) -> None:
    ring = ring_of(start, length)
    for number in (start, start + length, start + length + 1, max(0, start - 1)):
        assert ring.after(position(number, region=2)) == Resync("other-region")


@given(START, LENGTH, st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=20))
def test_dropping_and_resuming_anywhere_yields_each_event_once(
    start: int, length: int, rounds: list[tuple[int, int]]
) -> None:
    """A subscriber takes some of what it is given, is gone while more happens, and comes back."""
    ring = ring_of(start, length)
    at, seen = position(start), []
    for taken, more in [*rounds, (10**6, 0)]:
        found = ring.after(at)
        assert isinstance(found, Continue)
        for had in found.events[:taken]:
            seen.append(had.position.number)
            at = had.position
        for _ in range(more):
            ring.append(event(ring.head.number + 1))
    assert seen == list(range(start + 1, at.number + 1))
    assert at == ring.head


def test_no_answer_holds_more_than_one_message() -> None:
    ring = ring_of(0, MAX_ITEMS + 1)
    first = ring.after(position(0))
    assert isinstance(first, Continue)
    assert len(first.events) == MAX_ITEMS
    second = ring.after(first.events[-1].position)
    assert isinstance(second, Continue)
    assert [e.position.number for e in second.events] == [MAX_ITEMS + 1]


@pytest.mark.parametrize("number", [5, 4, 7])
def test_a_gap_or_a_repetition_is_never_taken_in(number: int) -> None:
    ring = ring_of(0, 5)
    with pytest.raises(AssertionError, match="gap in stream"):
        ring.append(event(number))
    assert ring.head == position(5)


def test_a_ring_remembers_no_more_than_its_size() -> None:
    ring = ring_of(0, 1000, size=10)
    assert len(ring._events) == 10
    assert isinstance(ring.after(position(989)), AskLog)
    assert isinstance(ring.after(position(990)), Continue)
