"""A match from the columns is what looking at each place and team gives, on every page."""

import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from app.db.event_log import LoggedEvent
from app.live.board import RegionBoard
from app.live.match_inputs import match_inputs
from app.live.matching import Found, match
from app.live.place_reading import Names
from app.matching_weights import versions
from domain.care_types import CareType
from domain.events import Kind
from domain.matching.criteria import Criterion
from domain.matching.near_misses import Change
from domain.matching.ranking import Ranking, rank
from domain.matching.replay import inputs_from, replay
from domain.matching.scoring import Asked, Tier
from domain.needs import Sex
from tests.factories.places import CARE_TYPES, NOW, MadeRegion
from tests.factories.stream import position
from tests.support.matching_worlds import any_asked, scored_places, scored_teams

HOME = CareType.WIJKVERPLEGING
WEIGHTS = versions()["2026-1"]
EVERYTHING = 10_000


def world(seed: int) -> tuple[MadeRegion, RegionBoard]:
    """A region of which some providers have a record, and one too few cases for it."""
    region = MadeRegion(random.Random(seed))
    region.fill(organisations=9, locations=20, pools=120, teams=40)
    draw = random.Random(seed)
    for (kind, organisation_id), _ in list(region.seen.items()):
        if kind == Kind.ORGANISATION and draw.random() < 0.7:
            region.seen[Kind.DELIVERY_RECORD, organisation_id] = record(
                organisation_id, draw.choice([4, 20]), draw.randrange(4)
            )
    return region, region.board()


def record(organisation_id: str, of: int, count: int) -> str:
    counts = {
        "asked": of,
        "answered": of,
        "unanswered": 0,
        "called_on": of,
        "refused_while_free": count,
        "late": 0,
        "not_arrived": count // 2,
        "admissions_due": of // 2,
        "median_answer_minutes": None,
        "slow_answer_minutes": None,
    }
    days = {"since": "2026-08-01", "until": "2026-10-30"}
    return json.dumps({"organisation_id": organisation_id, **days, **counts})


def brute(
    board: RegionBoard, asked: Asked, care_types: Sequence[CareType], now: datetime
) -> Ranking:
    teams = scored_teams(board, asked.need.pc4, now)
    return rank(asked, care_types, scored_places(board, now), teams, WEIGHTS, now)


def same(found: Found, expected: Ranking, span: slice) -> None:
    assert found.looked_at == expected.looked_at
    assert found.counts == expected.counts
    assert found.fits.items == expected.fits[span]
    assert found.near.items == expected.near[span]
    assert found.failed.items == expected.failed[span]
    totals = found.fits.total, found.near.total, found.failed.total
    assert totals == (len(expected.fits), len(expected.near), len(expected.failed))


def test_a_match_is_what_looking_at_each_gives_whatever_happens_and_whenever() -> None:
    seen: Counter[object] = Counter()
    for seed in range(3):
        region, board = world(seed)
        now, draw = NOW, random.Random(seed)
        for _ in range(8):
            asked = any_asked(draw, now)
            care_types = [*draw.sample(CARE_TYPES[:6], 3), HOME][: draw.choice([1, 2, 4])]
            draw.shuffle(care_types)
            expected = brute(board, asked, care_types, now)
            home = brute(board, asked, [HOME], now) if HOME not in care_types else None
            for limit, offset in ((EVERYTHING, 0), (3, 0), (2, 3), (5, 40)):
                found = match(board, asked, care_types, WEIGHTS, now, limit=limit, offset=offset)
                span = slice(offset, offset + limit)
                same(found.found, expected, span)
                assert (found.home is None) == (home is None)
                if found.home is not None and home is not None:
                    same(found.home, home, span)
                assert found.position == board.position
            inputs = match_inputs(board, asked, care_types, WEIGHTS, now)
            assert inputs.places == tuple(
                place
                for place in scored_places(board, now)
                if place.candidate.care_types & set(care_types)
            )
            seen.update(near.miss.change for near in expected.near)
            seen.update(fit.tier for fit in expected.fits)
            seen.update(expected.counts)
            board.apply(list(region.events(draw.choice([0, 5, 60]))), now)
            now += timedelta(minutes=draw.choice([0, 29, 240, 900]))
            region.now = now
    assert set(Change) <= seen.keys(), set(Change) - seen.keys()
    assert {Tier.WIJK, Tier.REGIO} <= seen.keys()
    assert seen[Tier.WIJK] + seen[Tier.REGIO] > 150
    assert Criterion.WLZ_CONTRACT in seen


def test_what_is_kept_makes_what_was_shown_once_more_when_the_board_moved_on() -> None:
    region, board = world(11)
    compared = 0
    for number in range(8):
        asked = any_asked(random.Random(number), NOW)
        order = [*CARE_TYPES[number % 3 : 6], HOME]
        found = match(board, asked, order, WEIGHTS, NOW, limit=EVERYTHING)
        inputs = match_inputs(board, asked, order, WEIGHTS, NOW)
        assert inputs.rank() == brute(board, asked, order, NOW)
        kept = json.loads(json.dumps(inputs.to_json()))
        board.apply(list(region.events(40)), NOW)
        assert replay(kept) == [fit.id for fit in found.found.fits.items]
        assert inputs_from(kept).rank().counts == found.found.counts
        compared += len(found.found.fits.items)
    assert compared > 10


def test_a_record_that_comes_in_or_goes_counts_at_the_next_match() -> None:
    region = MadeRegion(random.Random(3), odd=False)
    region.fill(organisations=9, locations=20, pools=60, teams=0)
    board, asked = region.board(), Asked(any_asked(random.Random(1), NOW).need)
    anybody = Asked(replace(asked.need, needed_by=None, features=frozenset(), sex=Sex.VROUW))
    first = match(board, anybody, CARE_TYPES, WEIGHTS, NOW, limit=EVERYTHING).found.fits.items
    owner = {view.id: view.organisation_id for view in board.pool_views.all(NOW)}
    organisation_id = str(owner[first[0].id])

    def points(data: str | None, number: int) -> dict[UUID, int]:
        event = LoggedEvent(
            position(number), Kind.DELIVERY_RECORD, organisation_id, None, NOW, data
        )
        board.apply([event], NOW)
        found = match(board, anybody, CARE_TYPES, WEIGHTS, NOW, limit=EVERYTHING).found.fits
        expected = brute(board, anybody, CARE_TYPES, NOW).fits
        assert found.items == expected
        return {fit.id: fit.points for fit in found.items}

    start = board.position.number
    bad, few = record(organisation_id, 20, 9), record(organisation_id, 4, 4)
    before = {fit.id: fit.points for fit in first}
    after = points(bad, start + 1)
    mine = {one for one in before if str(owner[one]) == organisation_id}
    assert {one for one in before if after[one] < before[one]} == mine
    assert {one for one in before if after[one] > before[one]} == set()
    assert points(few, start + 2) == before, "too few cases say nothing"
    points(bad, start + 3)
    assert points(None, start + 4) == before


def test_what_is_on_a_page_is_named_with_whom_to_call() -> None:
    region, board = world(7)
    asked = any_asked(region.draw, NOW)
    found = match(board, asked, CARE_TYPES[:6], WEIGHTS, NOW, limit=5)
    assert found.home is not None
    shown = found.found.ids | found.home.ids
    assert found.names.keys() == shown
    views = {view.id: view for view in board.pool_views.all(NOW)}
    teams = {view.id: view for view in board.team_views.all(NOW)}
    assert len(shown & views.keys()) >= 5
    assert shown & teams.keys()
    for one in shown & views.keys():
        view = views[one]
        assert found.names[one] == Names(
            view.name, view.organisation, view.telephone, view.location, view.place
        )
    for one in shown & teams.keys():
        team = teams[one]
        assert found.names[one] == Names(team.name, team.organisation, team.telephone)


def test_without_any_place_or_team_nothing_is_found_and_nothing_breaks() -> None:
    board = MadeRegion(random.Random(1)).board()
    found = match(board, any_asked(random.Random(1), NOW), [CareType.GRZ, HOME], WEIGHTS, NOW)
    assert (found.found.looked_at, found.found.counts, found.home) == (0, {}, None)
    board = world(1)[1]
    visit = match(board, any_asked(random.Random(1), NOW), [CareType.SPOEDCONSULT_SO], WEIGHTS, NOW)
    assert visit.found.looked_at == 0
