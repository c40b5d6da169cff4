"""Who could go where is what asking each pool for each referral by the domain's rules gives."""

import random
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from app.live.board_checks import check_board
from app.live.feasibility import UNKNOWN_KM, AskedReferral, feasible, fit_somewhere
from domain.calendar import AMSTERDAM
from domain.care_types import CareType
from domain.geography import distance_km
from domain.matching.criteria import failures
from domain.outlook import steps
from tests.factories.places import CARE_TYPES, NOW, MadeRegion
from tests.support.brute_force import Place, open_places
from tests.support.matching_worlds import any_asked, candidate_of, scored_places

TODAY = NOW.astimezone(AMSTERDAM).date()


def room_that_day(
    place: Place, at: datetime, agreed: Mapping[tuple[UUID, date | None], int]
) -> float:
    """How many more may come on the day of a moment, by the rules of a place."""
    most = (place.pool["admission_rules"] or {}).get("max_per_day")
    if most is None:
        return float("inf")
    day, pool_id = at.astimezone(AMSTERDAM).date(), UUID(place.pool["id"])
    foreseen = dict(place.expected.forecast.admissions).get(day, 0)
    come = agreed.get((pool_id, day), 0) + agreed.get((pool_id, None), 0)
    return float(max(0, most - foreseen - come))


def test_each_pool_for_each_referral_is_as_the_criteria_say_whatever_happens() -> None:
    fits = 0
    for seed in range(3):
        region = MadeRegion(random.Random(seed))
        region.fill(organisations=9, locations=20, pools=60, teams=0)
        board, now, draw = region.board(), NOW, random.Random(seed)
        for _ in range(4):
            asked = [
                AskedReferral(
                    UUID(int=number), any_asked(draw, now), tuple(draw.sample(CARE_TYPES[:6], 2))
                )
                for number in range(12)
            ]
            found = feasible(board, asked, now)
            there = {place.candidate.id: place for place in scored_places(board, now)}
            assert found.pool_ids == sorted(found.pool_ids)
            for row, each in enumerate(asked):
                for column, pool_id in enumerate(found.pool_ids):
                    place = there[pool_id]
                    ways = [
                        care_type
                        for care_type in each.care_types
                        if not failures(each.asked.need, care_type, place.candidate, now)
                    ]
                    assert found.mask[row, column] == bool(ways)
                    if ways:
                        fits += 1
                        assert found.care_type(row, column) == ways[0]
                    points = (each.asked.home, each.asked.partner)
                    km = [distance_km(one, place.where) for one in points if one and place.where]
                    expected = min(km, default=UNKNOWN_KM)
                    assert found.km[row, column] == pytest.approx(expected, rel=1e-3, abs=1e-3)
            board.apply(list(region.events(20)), now)
            now += timedelta(minutes=draw.choice([0, 240, 900]))
            region.now = now
    assert fits > 100


def test_as_many_places_are_free_as_stay_free_from_the_first_moment_on_and_may_come_that_day() -> (
    None
):
    several = limited = 0
    more = random.Random(7)
    for seed in range(3):
        region = MadeRegion(random.Random(100 + seed))
        region.fill(organisations=9, locations=20, pools=60, teams=0)
        board = region.board()
        everything = [AskedReferral(UUID(int=1), any_asked(region.draw, NOW), tuple(CARE_TYPES))]
        agreed = {
            (UUID(place.pool["id"]), more.choice([None, TODAY, TODAY + timedelta(days=1)])): 1
            for place in open_places(board)
        }
        found = feasible(board, everything, NOW, agreed)
        there = {UUID(place.pool["id"]): place for place in open_places(board)}
        assert set(found.pool_ids) == set(there), "all of some care type"
        for column, pool_id in enumerate(found.pool_ids):
            place = there[pool_id]
            candidate = candidate_of(place, NOW)
            if candidate.earliest is None or candidate.stop is not None:
                assert found.free[column] == 0
                continue
            course = steps(place.expected, NOW)
            at_first = [balance for at, balance in course if at <= candidate.earliest][-1]
            later = [balance for at, balance in course if at > candidate.earliest]
            stay = min([at_first, *later])
            assert found.free[column] == min(stay, room_that_day(place, candidate.earliest, agreed))
            limited += found.free[column] < stay
            several += found.free[column] > 1
    assert several > 20
    assert limited > 10


def test_nobody_waits_and_nothing_is_asked() -> None:
    region = MadeRegion(random.Random(5))
    region.fill(organisations=9, locations=20, pools=10, teams=0)
    found = feasible(region.board(), [], NOW)
    assert (found.mask.shape, found.pool_ids) == ((0, 0), [])
    home = AskedReferral(UUID(int=1), any_asked(region.draw, NOW), (CareType.WIJKVERPLEGING,))
    assert feasible(region.board(), [home], NOW).mask.shape == (1, 0)


def test_what_fits_somewhere_is_what_a_look_at_the_board_finds() -> None:
    draw = random.Random(11)
    region = MadeRegion(draw)
    region.fill(organisations=9, locations=20, pools=60, teams=60)
    board, home = region.board(), CareType.WIJKVERPLEGING
    ways = [(home,), (CARE_TYPES[0],), (CARE_TYPES[1], home)]
    asked = [AskedReferral(UUID(int=n), any_asked(draw, NOW), ways[n % 3]) for n in range(90)]
    found = fit_somewhere(board, asked, NOW)
    looked = [check_board(board, each.asked.need, each.care_types, NOW)[0] for each in asked]
    assert found == [any(product.fits for product in one.products) for one in looked]
    assert {(each.care_types, fits) for each, fits in zip(asked, found, strict=True)} >= {
        *((ways[0], True), (ways[0], False), (ways[1], True), (ways[1], False))
    }
