"""Beds one by one, and the figures of their pool that follow from them."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.beds import Bed, BedReport, BedState, Hold, check_bed, pool_of, rank, shown_state
from domain.capacity import MAX_PLACES, Account, Ledger, balance, check_figures
from domain.care_types import ClosedReason
from domain.errors import InvalidInput
from domain.outlook import Forecast
from tests.factories.beds import CLEANING, CLOSED, FREE, MORNING, OCCUPIED, any_beds
from tests.factories.times import HOUR

TODAY = date(2026, 11, 18)
TOMORROW = date(2026, 11, 19)
LEAVES = replace(OCCUPIED, expected_discharge=TOMORROW)


def bed(report: BedReport | None, hold: Hold | None = None) -> Bed:
    """A bed that was reported in the morning."""
    if report is None:
        return Bed(None, hold)
    return Bed(report, hold, MORNING, MORNING + HOUR)


@pytest.mark.parametrize("report", [FREE, OCCUPIED, CLEANING, CLOSED, LEAVES])
def test_what_can_be_true_of_a_bed_is_accepted(report: BedReport) -> None:
    check_bed(report, TODAY)


@pytest.mark.parametrize(
    ("report", "pointer"),
    [
        (BedReport(BedState.CLOSED), "/closed_reason"),
        (BedReport(BedState.FREE, ClosedReason.UITBRAAK), "/closed_reason"),
        (BedReport(BedState.FREE, expected_discharge=TOMORROW), "/expected_discharge"),
        (BedReport(BedState.CLEANING, expected_discharge=TOMORROW), "/expected_discharge"),
        (replace(LEAVES, expected_discharge=TODAY + timedelta(days=367)), "/expected_discharge"),
        (replace(LEAVES, expected_discharge=date.min), "/expected_discharge"),
    ],
)
def test_what_cannot_be_true_of_a_bed_is_refused_by_name(report: BedReport, pointer: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_bed(report, TODAY)
    assert refused.value.pointer == pointer


def test_the_less_free_a_bed_is_the_higher_its_report_ranks() -> None:
    later = replace(OCCUPIED, expected_discharge=TODAY + timedelta(days=9))
    ordered = [FREE, CLEANING, LEAVES, later, OCCUPIED, CLOSED]
    assert sorted(ordered, key=rank) == ordered
    assert len({rank(report) for report in ordered}) == len(ordered)


@pytest.mark.parametrize(
    ("report", "hold", "shown"),
    [
        (None, None, None),
        (None, Hold.CLAIMED, None),
        (FREE, None, "free"),
        (FREE, Hold.CLAIMED, "claimed"),
        (FREE, Hold.PROMISED, "promised"),
        (CLEANING, Hold.PROMISED, "promised"),
        (CLEANING, None, "cleaning"),
        (OCCUPIED, Hold.PROMISED, "occupied"),
        (CLOSED, Hold.CLAIMED, "closed"),
    ],
)
def test_a_hold_hides_that_a_bed_is_free(
    report: BedReport | None, hold: Hold | None, shown: str | None
) -> None:
    assert shown_state(bed(report, hold)) == shown


def test_nothing_is_known_before_the_first_report() -> None:
    assert pool_of([]) is None
    assert pool_of([bed(None), bed(None, Hold.CLAIMED)]) is None


def test_the_pool_counts_each_bed_once() -> None:
    found = pool_of(
        [
            *(bed(FREE), bed(FREE, Hold.CLAIMED), bed(CLEANING, Hold.PROMISED), bed(CLEANING)),
            *(bed(OCCUPIED, Hold.PROMISED), bed(LEAVES), bed(CLOSED), bed(None)),
        ]
    )
    assert found is not None
    figures = found.figures
    assert (figures.physical, figures.operable, figures.occupied) == (8, 6, 3)
    assert (figures.planned, figures.closed) == (0, 1)
    assert figures.closed_reason is ClosedReason.PERSONEEL
    assert (found.claimed, found.promised) == (1, 1)
    assert found.forecast == Forecast.of(discharges={TOMORROW: 1})


def test_the_reason_of_most_closed_beds_is_the_pools() -> None:
    reasons = [ClosedReason.UITBRAAK, ClosedReason.PERSONEEL, ClosedReason.UITBRAAK]
    found = pool_of([bed(BedReport(BedState.CLOSED, reason)) for reason in reasons])
    assert found is not None
    assert found.figures.closed_reason is ClosedReason.UITBRAAK


def test_the_sum_is_believed_no_longer_than_its_weakest_part() -> None:
    weakest = Bed(FREE, None, MORNING + HOUR, MORNING + 2 * HOUR)
    found = pool_of([Bed(FREE, None, MORNING, MORNING + 3 * HOUR), weakest, bed(None)])
    assert found is not None
    assert (found.observed_at, found.valid_until) == (weakest.observed_at, weakest.valid_until)


@given(st.lists(any_beds(), max_size=12), st.randoms())
def test_the_figures_are_possible_and_free_are_the_beds_that_show_as_free(
    beds: list[Bed], random: Random
) -> None:
    found = pool_of(beds)
    if found is None:
        assert all(one.report is None for one in beds)
        return
    check_figures(found.figures)
    assert found.figures.operable is not None
    assert found.figures.operable <= MAX_PLACES
    ledger = Ledger(claimed=found.claimed, promised_at=(MORNING,) * found.promised)
    account = Account(found.figures, found.observed_at, ledger=ledger)
    assert balance(account) == sum(shown_state(one) == "free" for one in beds)
    leaving = sum(places for _, places in found.forecast.discharges)
    assert leaving == sum(bool(one.report and one.report.expected_discharge) for one in beds)
    reported = [one for one in beds if one.valid_until is not None]
    assert found.valid_until == min(one.valid_until for one in reported if one.valid_until)
    shuffled = list(beds)
    random.shuffle(shuffled)
    assert pool_of(shuffled) == found
