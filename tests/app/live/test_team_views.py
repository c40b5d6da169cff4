"""What a screen shows of home-care teams is what they said, for as long as that may be believed."""

import random
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from app.live.board import RegionBoard
from app.live.team_views import TeamState
from app.live.teams import TeamQuestion
from domain.calendar import AMSTERDAM
from domain.home_care import Light
from tests.factories.places import NOW, PC4S, MadeRegion
from tests.support import brute_force

_OF_LIGHT = {Light.ROOD: TeamState.RED, Light.ORANJE: TeamState.ORANGE}


def check(board: RegionBoard, now: datetime) -> Counter[TeamState]:
    """Each view agrees with what is answered to who asks where its team works."""
    today = now.astimezone(AMSTERDAM).date()
    answers = {
        item["id"]: item
        for pc4 in PC4S
        for item in brute_force.home_care(board, TeamQuestion(pc4), now)
    }
    views = {str(view.id): view for view in board.team_views.all(now)}
    assert views.keys() == answers.keys()
    for team_id, item in answers.items():
        view = views[team_id]
        assert view.light == item["light"]
        assert [str(skill) for skill in view.skills] == item["skills"]
        start = view.start.isoformat() if view.start else None
        assert start == item["start"]
        if view.light is None:
            assert view.state is TeamState.UNKNOWN
        elif item["freshness"] != "vers":
            assert view.state is TeamState.UNCONFIRMED
        elif view.light is Light.GROEN:
            soon = view.start is None or view.start <= today
            assert view.state is (TeamState.NOW if soon else TeamState.LATER)
        else:
            assert view.state is _OF_LIGHT[view.light]
    return Counter(view.state for view in views.values())


def test_views_agree_with_the_answers_whatever_happens_and_whenever() -> None:
    seen: Counter[TeamState] = Counter()
    for seed in range(4):
        region = MadeRegion(random.Random(seed))
        region.fill(organisations=9, locations=5, pools=0, teams=40)
        board, now = region.board(), NOW
        for _ in range(8):
            seen += check(board, now)
            board.apply(list(region.events(40)), now)
            now += timedelta(minutes=region.draw.choice([1, 240, 900]))
            region.now = now
    assert seen.keys() == set(TeamState), "every state came by"


def test_a_view_holds_until_it_says() -> None:
    region = MadeRegion(random.Random(9))
    region.fill(organisations=9, locations=5, pools=0, teams=40)
    board = region.board()
    changed = 0
    for view in board.team_views.all(NOW):
        shown = replace(view, holds_until=NOW)
        for part in (0.1, 0.5, 0.99999):
            (later,) = board.team_views.some(
                [str(view.id)], NOW + part * (view.holds_until - NOW)
            ).values()
            assert later is not None
            assert replace(later, holds_until=NOW) == shown
        (then,) = board.team_views.some([str(view.id)], view.holds_until).values()
        changed += then is not None and replace(then, holds_until=NOW) != shown
    assert changed > 5
