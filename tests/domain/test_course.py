"""The course of capacity: intervals that cover the range, and thinning that shows what stood."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.capacity import Freshness
from domain.course import (
    LONGEST,
    Standing,
    Stretch,
    check_range,
    parse_step,
    stretches,
    summed,
    thinned,
)
from domain.errors import InvalidInput
from tests.factories.times import HOUR, MINUTE, NINE

QUARTER = 15 * MINUTE
FRESH, OLD, NEVER = Freshness.FRESH, Freshness.UNCONFIRMED, Freshness.NEVER_REPORTED
END = NINE + 6 * HOUR


def stood(version: int, minutes: int, base: int | None = 3, *, fresh: int | None = 600) -> Standing:
    """A report that stood from so many minutes after nine, believed for `fresh` minutes."""
    since = NINE + minutes * MINUTE
    until = None if fresh is None else since + fresh * MINUTE
    return Standing(version, since, until, "api", operable=5, occupied=1, planned=0, base=base)


@st.composite
def histories(draw: st.DrawFn) -> list[Standing]:
    """A pool's accepted reports, one or more of them long ago, some at the same moment."""
    minutes = sorted(draw(st.lists(st.integers(-240, 500), max_size=8)))
    first = draw(st.integers(1, 2))
    return [
        stood(
            first + n,
            minute,
            draw(st.none() | st.integers(-2, 5)),
            fresh=draw(st.none() | st.integers(0, 200)),
        )
        for n, minute in enumerate(minutes)
    ]


steps = st.sampled_from([QUARTER, HOUR, 70 * MINUTE, 24 * HOUR])


def slow(reports: list[Standing], moment: datetime) -> tuple[Standing | None, Freshness]:
    """What stood at a moment, by asking every report."""
    before = [report for report in reports if report.since <= moment]
    if not before:
        lost = reports and min(report.version for report in reports) > 1
        return None, OLD if lost else NEVER
    last = max(before, key=lambda report: report.version)
    believed = last.valid_until is None or moment < last.valid_until
    return last, FRESH if believed else OLD


@given(histories(), st.permutations(range(8)))
def test_stretches_cover_the_range_without_gap_or_overlap(
    reports: list[Standing], order: list[int]
) -> None:
    shuffled = [reports[n] for n in order if n < len(reports)]
    course = list(stretches(shuffled, NINE, END))
    assert course[0].since == NINE
    assert course[-1].until == END
    assert all(earlier.until == later.since for earlier, later in pairwise(course))
    assert all(stretch.since < stretch.until for stretch in course)


@given(histories(), st.integers(0, 359))
def test_a_stretch_tells_what_stood_at_each_of_its_moments(
    reports: list[Standing], minute: int
) -> None:
    moment = NINE + minute * MINUTE
    (found,) = [s for s in stretches(reports, NINE, END) if s.since <= moment < s.until]
    assert (found.report, found.freshness) == slow(reports, moment)


@given(histories(), steps)
def test_thinning_shows_what_stood_at_each_step(reports: list[Standing], step: timedelta) -> None:
    course = list(thinned(stretches(reports, NINE, END), NINE, END, step))
    assert [stretch.since for stretch in course] == [
        NINE + n * step for n in range(-(-(END - NINE) // step))
    ]
    assert course[-1].until == END
    assert all(earlier.until == later.since for earlier, later in pairwise(course))
    for stretch in course:
        assert (stretch.report, stretch.freshness) == slow(reports, stretch.since)


@given(st.lists(histories(), max_size=4), steps)
def test_a_sum_is_the_sum_of_its_parts(parts: list[list[Standing]], step: timedelta) -> None:
    courses = [list(stretches(part, NINE, END)) for part in parts]
    totals = list(summed(courses, [], NINE, END, step))
    each = [list(thinned(course, NINE, END, step)) for course in courses]
    for number, total in enumerate(totals):
        at = [course[number] for course in each]
        known = [stretch.report for stretch in at if stretch.report is not None]
        bases = [report.base for report in known if report.base is not None]
        assert (total.since, total.pools) == (NINE + number * step, len(parts))
        assert total.balance == sum(bases)
        assert total.free == sum(max(0, base) for base in bases)
        assert total.unknown == len(parts) - len(bases)
        assert total.unconfirmed == sum(stretch.freshness is OLD for stretch in at)
        assert total.operable == 5 * len(known)
        assert 0 <= total.free_unconfirmed <= total.free
        if total.unconfirmed == 0:
            assert total.free_unconfirmed == 0
    assert totals[-1].until == END


def test_before_its_first_report_a_pool_was_never_reported() -> None:
    never, fresh = stretches([stood(1, 60)], NINE, END)
    assert (never.freshness, never.report, never.until) == (NEVER, None, NINE + HOUR)
    assert fresh.freshness is FRESH


def test_what_is_kept_no_longer_was_reported_all_the_same() -> None:
    lost, _ = stretches([stood(7, 60)], NINE, END)
    assert (lost.freshness, lost.report) == (OLD, None)


def test_a_figure_is_unconfirmed_from_its_end_until_the_next() -> None:
    found = [
        (s.since, s.freshness, s.report and s.report.version)
        for s in stretches([stood(1, -30, fresh=60), stood(2, 90, fresh=None)], NINE, END)
    ]
    assert found == [
        (NINE, FRESH, 1),
        (NINE + 30 * MINUTE, OLD, 1),
        (NINE + 90 * MINUTE, FRESH, 2),
    ]


def test_a_figure_may_be_old_when_it_comes() -> None:
    (stretch,) = stretches([stood(1, -60, fresh=30)], NINE, END)
    assert (stretch.since, stretch.freshness) == (NINE, OLD)


def test_of_two_reports_of_one_moment_the_last_that_was_accepted_stood() -> None:
    course = list(stretches([stood(2, 30, base=1), stood(1, 30, base=4)], NINE, END))
    assert [s.report.version for s in course if s.report] == [2]


def test_clocks_that_differ_don_t_bring_back_what_was_replaced() -> None:
    course = list(stretches([stood(1, 60), stood(2, 59), stood(3, 90)], NINE, END))
    assert [s.report.version for s in course if s.report] == [2, 3]


def test_without_pools_nothing_is_summed() -> None:
    total, *_ = summed([], [], NINE, END, HOUR)
    assert (total.pools, total.free, total.unknown) == (0, 0, 0)


def test_a_pool_counts_until_it_was_closed() -> None:
    open_, closed = stood(1, -10, base=2), stood(1, -10, base=5)
    parts = [
        list(stretches([open_], NINE, END)),
        list(stretches([closed], NINE, NINE + HOUR)),
        [],
    ]
    totals = list(summed(parts, [], NINE, END, HOUR))
    assert [(t.pools, t.free) for t in totals[:2]] == [(2, 7), (1, 2)]


def test_an_admission_stop_is_told_while_it_is_in_force() -> None:
    stops = [(NINE + HOUR, NINE + 2 * HOUR), (NINE + 4 * HOUR, None)]
    totals = list(summed([], stops, NINE, END, HOUR))
    assert [total.admission_stop for total in totals] == [False, True, False, False, True, True]


def test_the_free_places_of_old_figures_are_told_apart() -> None:
    parts = [
        list(stretches([stood(1, -60, base=2, fresh=600)], NINE, END)),
        list(stretches([stood(1, -60, base=4, fresh=30)], NINE, END)),
        list(stretches([stood(1, -60, base=-3)], NINE, END)),
    ]
    total, *_ = summed(parts, [], NINE, END, HOUR)
    assert (total.free, total.free_unconfirmed, total.balance) == (6, 4, 3)
    assert (total.unconfirmed, total.unknown) == (1, 0)


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("PT15M", QUARTER),
        ("PT1H", HOUR),
        ("P1D", 24 * HOUR),
        ("PT90M", 90 * MINUTE),
        ("P1DT2H30M", 26 * HOUR + 30 * MINUTE),
        ("PT0H15M", QUARTER),
        ("P400D", LONGEST),
    ],
)
def test_a_step_is_an_iso_8601_duration(text: str, step: timedelta) -> None:
    assert parse_step(text) == step


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "PT",
        "P1DT",
        "PT14M",
        "PT0M",
        "P401D",
        "15",
        "PT1.5H",
        "-PT1H",
        "1H",
        "P1M",
        "pt1h",
        "PT1H ",
        "PT٣H",
        "PT9999999M",
        "P1Y",
        "PT3600S",
    ],
)
def test_another_step_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_step(text)


@pytest.mark.parametrize("length", [timedelta(0), -HOUR, LONGEST + timedelta(microseconds=1)])
def test_a_range_goes_forward_and_no_further_than_400_days(length: timedelta) -> None:
    check_range(NINE, NINE + LONGEST)
    with pytest.raises(InvalidInput):
        check_range(NINE, NINE + length)


def test_thinning_what_was_thinned_already_changes_nothing() -> None:
    """The database leaves out the reports that stood at no step; the first of all stays."""
    reports = [stood(1, 5), stood(2, 10), stood(3, 70), stood(4, 80)]
    course = list(thinned(stretches(reports, NINE, END), NINE, END, HOUR))
    fewer = [reports[0], reports[1], reports[3]]
    assert list(thinned(stretches(fewer, NINE, END), NINE, END, HOUR)) == course
    assert replace(course[0], until=END) == Stretch(NINE, END, NEVER)
