"""Which pools can take someone: the index answers what looking at each pool would."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from app.db.event_log import LoggedEvent
from app.live.board import RegionBoard
from app.live.places import PlaceQuestion, PlacesFound
from domain.care_types import CareType
from domain.events import Kind
from tests.factories.places import NOW, MadeRegion
from tests.factories.stream import position
from tests.support import brute_force


def made(seed: int, **sizes: int) -> MadeRegion:
    region = MadeRegion(random.Random(seed))
    region.fill(**{"organisations": 9, "locations": 20, "pools": 60, "teams": 0, **sizes})
    return region


def pages(board: RegionBoard, question: PlaceQuestion, now: datetime) -> Iterator[PlacesFound]:
    found = board.places.ask(question, now)
    yield found
    while found.following is not None:
        found = board.places.ask(replace(question, after=found.following), now)
        yield found


def check(board: RegionBoard, question: PlaceQuestion, now: datetime) -> int:
    """All pages together are what brute force finds; answers with how many items there were."""
    expected, unconfirmed = brute_force.availability(board, question, now)
    items: list[Any] = []
    for page in pages(board, question, now):
        assert len(page.items) <= question.limit
        assert page.unconfirmed == unconfirmed
        assert len(items) <= len(expected), "pages go round"
        items += [orjson.loads(item) for item in page.items]
    assert items == expected
    return len(items)


@pytest.mark.parametrize("seed", range(12))
def test_the_index_answers_what_brute_force_does_whatever_happens_and_whenever(seed: int) -> None:
    region = made(seed)
    board = region.board()
    now = NOW
    found = 0
    for _ in range(12):
        for _ in range(30):
            found += check(board, region.place_question(), now)
        board.apply(list(region.events(region.draw.choice([0, 1, 5, 60]))), now)
        now += timedelta(minutes=region.draw.choice([0, 1, 29, 30, 240, 900]))
        region.now = now
    assert found > 50, "hardly anything was compared"


def test_a_board_that_followed_answers_as_one_built_afresh() -> None:
    region = made(21)
    followed = region.board()
    for _ in range(6):
        followed.apply(list(region.events(40)), NOW)
        afresh = region.board()
        for _ in range(20):
            question = region.place_question()
            assert followed.places.ask(question, NOW) == afresh.places.ask(question, NOW)


def test_a_clock_that_is_set_back_makes_nothing_of_the_future_true() -> None:
    region = made(22)
    board = region.board()
    for minutes in (0, 600, -300, 4000, 3990):
        for _ in range(20):
            check(board, region.place_question(), NOW + timedelta(minutes=minutes))


def test_figures_count_from_the_pool_on_whichever_came_first() -> None:
    region = made(23)
    states = sorted(region.seen.items(), key=lambda item: item[0][0] != Kind.CAPACITY)
    board = RegionBoard(position(0), (), NOW)
    for number, ((kind, subject_id), data) in enumerate(states, start=1):
        board.apply([LoggedEvent(position(number), kind, subject_id, None, NOW, data)], NOW)
        board.places.ask(region.place_question(), NOW)
    question = region.place_question()
    assert board.places.ask(question, NOW) == region.board().places.ask(question, NOW)
    assert check(board, PlaceQuestion(CareType.GRZ), NOW) > 3


def test_a_report_costs_the_board_no_reading_until_somebody_asks() -> None:
    region = made(24)
    board = region.board()
    before = board.places.rows.free.tolist()
    board.apply(list(region.events(40)), NOW)
    assert board.places.rows.free.tolist() == before
    board.places.sync(NOW)
    assert board.places.rows.free.tolist() != before
