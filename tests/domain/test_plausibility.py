"""Figures that deserve a second look: each warning by name, and nothing in between."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.capacity import MAX_PLACES, Figures, check_figures
from domain.care_types import ClosedReason
from domain.outlook import Forecast
from domain.plausibility import ODDITY_LABELS, Doubt, Oddity, doubts, is_jump
from tests.factories.figures import figures

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
any_count = st.integers(0, MAX_PLACES)


def only(name: str, count: int) -> Figures:
    """Figures of which nothing else is known."""
    said: dict[str, Any] = {name: count}
    return Figures(**said)


@pytest.mark.parametrize(
    ("was", "now"),
    [(0, 8), (1, 9), (9, 17), (9, 1), (8, 0), (5, 13), (5, 9999), (0, 9999)],
)
def test_from_0_to_9_beyond_seven_up_or_down_is_a_jump(was: int, now: int) -> None:
    assert is_jump(was, now)


@pytest.mark.parametrize(("was", "now"), [(0, 7), (0, 0), (9, 16), (9, 2), (7, 0), (2, 9), (9, 9)])
def test_from_0_to_9_seven_up_or_down_is_none(was: int, now: int) -> None:
    assert not is_jump(was, now)


@pytest.mark.parametrize(
    ("was", "now"), [(20, 40), (20, 41), (20, 10), (20, 0), (21, 42), (21, 10), (100, 50)]
)
def test_from_20_up_doubling_and_halving_are_jumps(was: int, now: int) -> None:
    assert is_jump(was, now)


@pytest.mark.parametrize(
    ("was", "now"), [(20, 39), (20, 11), (21, 41), (21, 11), (100, 199), (100, 51), (20, 20)]
)
def test_from_20_up_less_than_doubling_or_halving_is_none(was: int, now: int) -> None:
    assert not is_jump(was, now)


@given(was=st.integers(10, 19), now=any_count)
def test_from_10_to_19_nothing_is_a_jump(was: int, now: int) -> None:
    assert not is_jump(was, now)


@given(was=any_count)
def test_what_stays_is_no_jump_and_what_moves_farther_is_one_as_well(was: int) -> None:
    assert not is_jump(was, was)
    for direction in (range(was, min(was + 60, MAX_PLACES)), range(was, max(was - 60, 0), -1)):
        found = [is_jump(was, now) for now in direction]
        assert found == sorted(found)


@given(said=figures())
def test_the_first_report_has_nothing_to_jump_from(said: Figures) -> None:
    assert Oddity.JUMP not in {doubt.oddity for doubt in doubts(said, None)}
    assert doubts(said, None) == doubts(said, Figures())


@pytest.mark.parametrize("name", ["physical", "operable", "occupied", "free"])
def test_each_count_is_held_against_what_stands_of_it(name: str) -> None:
    before, now = only(name, 9), only(name, 17)
    assert doubts(now, before) == (Doubt(Oddity.JUMP, name, 9, 17),)
    assert doubts(only(name, 16), before) == ()


@pytest.mark.parametrize("name", ["physical", "operable", "occupied", "free"])
def test_unknown_is_no_number_to_jump_from_or_to(name: str) -> None:
    known = only(name, 17)
    assert doubts(known, Figures()) == ()
    assert doubts(Figures(), known) == ()


def test_of_each_count_that_jumps_there_is_a_warning() -> None:
    before = Figures(physical=30, operable=25, occupied=9, planned=0)
    now = Figures(physical=60, operable=49, occupied=20, planned=15)
    assert doubts(now, before) == (
        Doubt(Oddity.JUMP, "physical", 30, 60),
        Doubt(Oddity.JUMP, "occupied", 9, 20),
    )


WITHIN = [
    (
        Figures(physical=10, operable=8, closed=3, closed_reason=ClosedReason.ANDERS),
        Figures(physical=10, operable=7, closed=3, closed_reason=ClosedReason.ANDERS),
        Doubt(Oddity.CLOSED_AND_OPERABLE, "closed"),
    ),
    (
        Figures(operable=8, planned=9),
        Figures(operable=8, planned=8),
        Doubt(Oddity.PLANNED_BEYOND_OPERABLE, "planned"),
    ),
    (
        Figures(operable=8, occupied=6, planned=3),
        Figures(operable=8, occupied=6, planned=2),
        Doubt(Oddity.SHORTAGE, "occupied"),
    ),
    (
        Figures(planned=3, forecast=Forecast.of(admissions={MONDAY: 2, TUESDAY: 2})),
        Figures(planned=4, forecast=Forecast.of(admissions={MONDAY: 2, TUESDAY: 2})),
        Doubt(Oddity.ADMISSIONS_BEYOND_PLANNED, "admissions"),
    ),
    (
        Figures(occupied=3, forecast=Forecast.of(discharges={MONDAY: 2, TUESDAY: 2})),
        Figures(occupied=4, forecast=Forecast.of(discharges={MONDAY: 2, TUESDAY: 2})),
        Doubt(Oddity.DISCHARGES_BEYOND_OCCUPIED, "discharges"),
    ),
    (
        Figures(free=1, available_from=MONDAY),
        Figures(free=0, available_from=MONDAY),
        Doubt(Oddity.FREE_AND_AVAILABLE_FROM, "available_from"),
    ),
]


@pytest.mark.parametrize(("odd", "even", "doubt"), WITHIN)
def test_what_does_not_go_together_is_told_and_what_just_does_is_not(
    odd: Figures, even: Figures, doubt: Doubt
) -> None:
    check_figures(odd)
    assert doubts(odd, None) == (doubt,)
    assert doubts(even, None) == ()


def test_more_planned_than_staffed_is_told_once_and_not_as_a_shortage_too() -> None:
    said = Figures(operable=8, occupied=6, planned=9)
    assert doubts(said, None) == (Doubt(Oddity.PLANNED_BEYOND_OPERABLE, "planned"),)


def test_what_is_unknown_is_not_doubted() -> None:
    many = {MONDAY: 20}
    said = Figures(
        closed=5,
        closed_reason=ClosedReason.ANDERS,
        forecast=Forecast.of(many, many),
        available_from=MONDAY,
    )
    assert doubts(said, None) == ()


@given(said=figures(), before=st.none() | figures())
def test_a_doubt_names_a_field_that_was_given_and_is_told_once(
    said: Figures, before: Figures | None
) -> None:
    found = doubts(said, before)
    assert len({str(doubt) for doubt in found}) == len(found)
    for doubt in found:
        assert getattr(said, doubt.field) is not None
        assert (doubt.was is None) == (doubt.oddity is not Oddity.JUMP)
        # History keeps them joined by semicolons, each as code and field.
        assert str(doubt) == f"{doubt.oddity}:{doubt.field}"
        assert ";" not in str(doubt)


def test_every_oddity_has_a_label() -> None:
    assert set(ODDITY_LABELS) == set(Oddity)
    assert all(label[:1].islower() and not label.endswith(".") for label in ODDITY_LABELS.values())
