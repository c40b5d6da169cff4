"""Which home-care teams can start: the index answers what asking each team would."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from app.live.board import RegionBoard
from app.live.teams import TeamQuestion
from tests.factories.places import NOW, MadeRegion
from tests.support import brute_force


def made(seed: int) -> MadeRegion:
    region = MadeRegion(random.Random(seed))
    region.fill(organisations=9, locations=0, pools=0, teams=40)
    return region


def check(board: RegionBoard, question: TeamQuestion, now: datetime) -> int:
    """All pages together are what brute force finds; answers with how many items there were."""
    expected = brute_force.home_care(board, question, now)
    items: list[Any] = []
    while True:
        page = board.teams.ask(question, now)
        assert len(page.items) <= question.limit
        assert len(items) <= len(expected), "pages go round"
        items += [orjson.loads(item) for item in page.items]
        if page.following is None:
            break
        question = replace(question, after=page.following)
    assert items == expected
    return len(items)


@pytest.mark.parametrize("seed", range(12))
def test_the_index_answers_what_brute_force_does_whatever_happens_and_whenever(seed: int) -> None:
    region = made(seed)
    board = region.board()
    now = NOW
    found = 0
    for _ in range(12):
        for _ in range(20):
            found += check(board, region.team_question(), now)
        board.apply(list(region.events(region.draw.choice([0, 1, 5, 60]))), now)
        now += timedelta(minutes=region.draw.choice([0, 1, 240, 900]))
        region.now = now
    assert found > 500, "hardly anything was compared"


def test_a_board_that_followed_answers_as_one_built_afresh() -> None:
    region = made(21)
    followed = region.board()
    for _ in range(6):
        followed.apply(list(region.events(40)), NOW)
        afresh = region.board()
        for _ in range(20):
            question = region.team_question()
            assert followed.teams.ask(question, NOW) == afresh.teams.ask(question, NOW)
