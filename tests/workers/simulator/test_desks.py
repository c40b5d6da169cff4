"""Organisations that say all their pools at once: in one request, or in a round through the house."""

from dataclasses import replace
from itertools import islice

import pytest

from domain.capacity import Figures, check_figures
from domain.care_types import CareType
from domain.posting import PostingSchedule
from workers.simulator.acts import Batch, DeskAct, RepeatBatch, Round, Visit
from workers.simulator.habits import MONDAY_AT_EIGHT, Habit, Played, desk_visits
from workers.simulator.ward import DAY, HOUR

POOL = Played(
    "47990001", "A", CareType.GRZ, 12, PostingSchedule.WORKDAYS_TWICE, Habit.FEED, together=True
)
FEED = [POOL, replace(POOL, code="B", care_type=CareType.ELV_LAAG), replace(POOL, code="C")]
PEOPLE = [replace(pool, habit=Habit.PERSON) for pool in FEED]
DAILY = replace(PEOPLE[0], code="D", schedule=PostingSchedule.DAILY_TWICE)


def weeks(pools: list[Played], number: int = 4) -> list[Visit[DeskAct]]:
    """All visits of some weeks."""
    found = []
    for visit in desk_visits(pools, 1):
        if visit.at > MONDAY_AT_EIGHT + number * 7 * DAY:
            break
        found.append(visit)
    return found


@pytest.mark.parametrize("pools", [FEED, PEOPLE])
def test_the_seed_decides_everything(pools: list[Played]) -> None:
    assert list(islice(desk_visits(pools, 7), 100)) == list(islice(desk_visits(pools, 7), 100))
    assert list(islice(desk_visits(pools, 7), 100)) != list(islice(desk_visits(pools, 8), 100))


def test_a_batch_holds_every_pool_and_now_and_then_a_line_that_can_t_be_true() -> None:
    wrong = repeated = 0
    for visit in weeks(FEED):
        batch, *rest = visit.acts
        assert isinstance(batch, Batch)
        assert [code for code, _ in batch.reports] == ["A", "B", "C"]
        for _, report in batch.reports:
            if not report.wrong:
                check_figures(report.figures)
        mistakes = [code for code, report in batch.reports if report.wrong]
        match rest:
            case [Batch(reports=((code, report),))]:
                assert mistakes == [code]
                assert not report.wrong
                wrong += 1
            case [RepeatBatch()]:
                repeated += 1
            case _:
                assert not rest
                assert not mistakes
    assert wrong > 0
    assert repeated > 0


def test_a_round_comes_twice_a_day_and_says_each_pool_that_is_due_once() -> None:
    first, *rounds = weeks([*PEOPLE, DAILY])
    assert first.at == MONDAY_AT_EIGHT
    weekend = confirmed = 0
    for visit in rounds:
        (act,) = visit.acts
        assert isinstance(act, Round)
        said = sorted(code for code, _ in (*act.changed, *act.same))
        if visit.at // DAY % 7 >= 5:
            assert said == ["D"]
            weekend += 1
        else:
            assert said == ["A", "B", "C", "D"]
        assert 8 <= visit.at % DAY / HOUR < 15.5
        confirmed += len(act.same)
    assert weekend > 5
    assert confirmed > len(rounds) / 2
    # Ten workdays twice, and at weekends the pool of every day; some rounds are forgotten.
    assert 35 < len(rounds) < 56


def test_what_changed_since_the_round_before_is_said_and_not_confirmed() -> None:
    said: dict[str, Figures] = {}
    for visit in weeks(PEOPLE):
        (act,) = visit.acts
        assert isinstance(act, Round)
        for code, report in act.changed:
            assert said.get(code) != report.figures
        for code, report in act.same:
            assert said[code] == report.figures
        said |= {code: report.figures for code, report in (*act.changed, *act.same)}


def test_a_board_that_shows_all_is_not_told_again_at_the_start() -> None:
    shown = [replace(pool, shown=Figures(free=2)) for pool in PEOPLE]
    assert next(desk_visits(shown, 1)).at > MONDAY_AT_EIGHT
