"""What simulated providers decide: the same for the same seed, possible, and in all the ways that occur."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import islice, pairwise

import pytest

from domain.capacity import Figures, check_figures
from domain.care_types import CareType, ClosedReason
from domain.errors import InvalidInput
from domain.posting import PostingSchedule
from workers.simulator.acts import Confirm, Phone, PoolAct, Repeat, Report, Visit
from workers.simulator.habits import MONDAY_AT_EIGHT as START
from workers.simulator.habits import Habit, Played, cast, visits
from workers.simulator.ward import DAY, HOUR

FEED = Played("47990001", "A", CareType.GRZ, 12, PostingSchedule.DAILY_TWICE, Habit.FEED)
PERSON = replace(FEED, agb="45990004", code="B", habit=Habit.PERSON)
ON_WORKDAYS = replace(PERSON, schedule=PostingSchedule.WORKDAYS_TWICE)
SILENT = replace(PERSON, habit=Habit.SILENT)


def weeks(pool: Played, seed: int = 1, number: int = 4) -> list[Visit[PoolAct]]:
    """All visits of some weeks."""
    found = []
    for visit in visits(pool, seed):
        if visit.at > START + number * 7 * DAY:
            break
        found.append(visit)
    return found


@pytest.mark.parametrize("pool", [FEED, PERSON, SILENT])
def test_the_seed_decides_everything(pool: Played) -> None:
    assert list(islice(visits(pool, 7), 200)) == list(islice(visits(pool, 7), 200))
    assert list(islice(visits(pool, 7), 200)) != list(islice(visits(pool, 8), 200))


def test_pools_don_t_move_in_step() -> None:
    other = replace(FEED, code="Z")
    assert list(islice(visits(FEED, 1), 50)) != list(islice(visits(other, 1), 50))


@pytest.mark.parametrize("pool", [FEED, PERSON, SILENT])
def test_everybody_posts_at_the_start(pool: Played) -> None:
    first = next(visits(pool, 1))
    assert first.at == START
    assert isinstance(first.acts[0], Report)


@pytest.mark.parametrize("pool", [FEED, PERSON, ON_WORKDAYS])
@pytest.mark.parametrize("seed", range(5))
def test_what_is_said_is_true_unless_it_is_meant_to_be_refused(pool: Played, seed: int) -> None:
    for visit in weeks(pool, seed):
        for act in visit.acts:
            if isinstance(act, Report) and act.wrong:
                with pytest.raises(InvalidInput):
                    check_figures(act.figures)
            elif isinstance(act, Report | Confirm):
                check_figures(act.figures)
        assert visit.acts


def test_visits_come_in_order() -> None:
    for pool in (FEED, PERSON, ON_WORKDAYS):
        moments = [visit.at for visit in weeks(pool)]
        assert moments == sorted(moments)


def test_a_feed_gives_counts_every_quarter_and_sometimes_errs() -> None:
    found = weeks(FEED)
    gaps = {later.at - earlier.at for earlier, later in pairwise(found[1:])}
    assert gaps == {timedelta(minutes=15)}
    kinds: Counter[str] = Counter()
    for visit in found:
        match visit.acts:
            case (Report(wrong=False, age=age) as report,) if not age:
                kinds["plain"] += 1
                assert None not in (
                    report.figures.physical,
                    report.figures.operable,
                    report.figures.occupied,
                    report.figures.planned,
                    report.figures.closed,
                )
                assert report.figures.free is None
            case (Report(wrong=True), Report(wrong=False)):
                kinds["corrected"] += 1
            case (Report(age=first), Report(age=second)) if second > first:
                kinds["overtaken"] += 1
            case (Report(), Repeat()):
                kinds["repeated"] += 1
            case other:
                pytest.fail(f"unexpected: {other}")
    assert min(kinds[kind] for kind in ("corrected", "overtaken", "repeated")) > 0
    assert kinds["plain"] > 0.9 * len(found)


def test_a_person_says_vrij_nu_by_day_and_confirms_what_still_holds() -> None:
    said = None
    confirmed = 0
    for visit in weeks(PERSON):
        assert 7 <= visit.at % DAY / HOUR < 21
        (act,) = visit.acts
        if isinstance(act, Confirm):
            confirmed += 1
            assert act.figures == said
        else:
            assert isinstance(act, Report)
            assert act.figures.free is not None
            assert act.figures.operable is None
            assert (act.available_in_days is None) == (act.figures.free > 0)
            said = act.figures
    assert confirmed > 20


def test_who_posts_on_workdays_has_a_weekend() -> None:
    weekdays = {visit.at // DAY % 7 for visit in weeks(ON_WORKDAYS)}
    assert weekdays == {0, 1, 2, 3, 4}
    assert {visit.at // DAY % 7 for visit in weeks(PERSON)} == set(range(7))


def test_the_silent_ones_said_something_days_ago_and_then_only_the_phone_tells() -> None:
    first, *calls = weeks(SILENT)
    (act,) = first.acts
    assert isinstance(act, Report)
    assert act.age >= 4 * DAY
    assert 7 < len(calls) < 60
    for call in calls:
        (told,) = call.acts
        assert isinstance(told, Phone)
        assert told.figures.free is not None
        assert told.note
        assert call.at // DAY % 7 < 5
        assert 9 <= call.at % DAY / HOUR < 17


def test_a_feed_foresees_what_it_knows() -> None:
    for visit in weeks(FEED):
        for act in visit.acts:
            if isinstance(act, Report) and not act.wrong:
                assert act.figures.occupied == sum(places for _, places in act.discharges)
                assert act.figures.planned == sum(places for _, places in act.admissions)
                assert min((days for days, _ in act.discharges), default=0) >= 0
    places = replace(FEED, care_type=CareType.WLZ_VV)
    assert not any(
        act.discharges for visit in weeks(places) for act in visit.acts if isinstance(act, Report)
    )


def test_the_play_goes_on_from_what_the_board_shows() -> None:
    shown = Figures(15, 14, 9, 2, 1, ClosedReason.ONDERHOUD)
    (report,) = next(visits(replace(FEED, shown=shown), 1)).acts
    assert isinstance(report, Report)
    assert report.figures == shown
    # A person who has posted looks again when it is time, and not because the play began.
    follows = next(visits(replace(PERSON, shown=Figures(free=12)), 1))
    assert follows.at > START
    (act,) = follows.acts
    assert isinstance(act, Report | Confirm)
    assert (act.figures.free or 0) >= 10
    (call,) = next(visits(replace(SILENT, shown=Figures(free=0)), 1)).acts
    assert isinstance(call, Phone)


def test_figures_of_others_that_no_ward_can_have_are_made_possible() -> None:
    shown = Figures(10, 8, 8, 3, 4, ClosedReason.PERSONEEL)
    for visit in islice(visits(replace(FEED, shown=shown), 1), 50):
        for act in visit.acts:
            if isinstance(act, Report) and not act.wrong:
                check_figures(act.figures)


def test_the_play_begins_at_any_hour_of_the_week() -> None:
    sunday = 6 * DAY + 23 * HOUR
    for pool in (FEED, PERSON, ON_WORKDAYS, SILENT):
        moments = [visit.at for visit in islice(visits(pool, 1, sunday), 20)]
        assert moments[0] == sunday
        assert moments == sorted(moments)
    assert next(visits(replace(ON_WORKDAYS, shown=Figures(free=1)), 1, sunday)).at > 7 * DAY


def test_the_parts_are_given_by_seed() -> None:
    pools = [replace(PERSON, code=str(number)) for number in range(18)]
    pools += [replace(FEED, agb=f"4799000{number}") for number in range(4)]
    parts = cast(pools, 1)
    assert parts == cast(pools, 1)
    assert parts != cast(pools, 2)
    assert [(part.agb, part.code) for part in parts] == [(pool.agb, pool.code) for pool in pools]
    assert sum(part.habit is Habit.SILENT for part in parts) == 3
    together = [replace(pool, together=True) for pool in pools]
    assert cast(together, 1) == together
    wrong = [part for part in parts if part.clock_ahead]
    assert [part.habit for part in wrong] == [Habit.FEED]
    assert cast([], 1) == []
