"""Several needs at once: the hardest decides, and each that isn't met is told."""

from datetime import date, timedelta
from itertools import product

import pytest

from domain.capacity import Freshness
from domain.combined_care import CombinedFit, Group, Need, combined_fit, needs_of
from domain.home_care import (
    Coverage,
    Dagdeel,
    Light,
    Reason,
    Skill,
    TeamException,
    TeamReport,
    fit,
)

TODAY = date(2026, 11, 22)
MONDAY = TODAY + timedelta(days=8)
COVERAGE = Coverage(
    frozenset({"2725"}),
    frozenset({Skill.BASIS, Skill.WOND}),
    frozenset({Dagdeel.OCHTEND, Dagdeel.AVOND}),
)


def combined(
    report: TeamReport | None,
    *needs: Need,
    freshness: Freshness = Freshness.FRESH,
    start_by: date | None = TODAY,
) -> CombinedFit:
    return combined_fit(COVERAGE, report, freshness, needs, start_by=start_by, today=TODAY)


def test_every_skill_is_needed_in_every_dagdeel() -> None:
    both = needs_of((Skill.WOND, Skill.BASIS), (Dagdeel.OCHTEND, Dagdeel.AVOND))
    assert {(need.skill, need.dagdeel) for need in both} == set(
        product((Skill.WOND, Skill.BASIS), (Dagdeel.OCHTEND, Dagdeel.AVOND))
    )
    assert needs_of((), ()) == (Need(None, None),)
    assert needs_of((), (Dagdeel.NACHT,)) == (Need(None, Dagdeel.NACHT),)


def test_the_worst_skill_decides_and_the_care_begins_when_all_of_it_can() -> None:
    report = TeamReport(
        Light.GROEN,
        exceptions=(TeamException(Light.ORANJE, skill=Skill.WOND, earliest_start=MONDAY),),
    )
    found = combined(report, *needs_of((Skill.BASIS, Skill.WOND), ()))
    assert (found.rank, found.start, found.group) == (1, MONDAY, Group.PARTLY)
    assert found.those_with(Reason.ORANJE) == (Need(Skill.WOND, None),)
    assert found.those_with(Reason.LATER) == (Need(Skill.WOND, None),)
    assert found.those_with(Reason.ROOD) == ()


def test_a_start_that_is_unknown_for_one_need_is_unknown_for_all() -> None:
    report = TeamReport(Light.GROEN, exceptions=(TeamException(Light.ROOD, skill=Skill.WOND),))
    found = combined(report, *needs_of((Skill.BASIS, Skill.WOND), ()))
    assert (found.rank, found.start) == (4, None)
    assert found.group is Group.PARTLY, "basiszorg can be done"


@pytest.mark.parametrize(
    ("report", "freshness", "skills", "group"),
    [
        (TeamReport(Light.GROEN), Freshness.FRESH, (Skill.WOND,), Group.FITS),
        (TeamReport(Light.ORANJE), Freshness.FRESH, (Skill.WOND,), Group.PARTLY),
        (TeamReport(Light.GROEN, MONDAY), Freshness.FRESH, (Skill.WOND,), Group.PARTLY),
        (TeamReport(Light.GROEN), Freshness.UNCONFIRMED, (Skill.WOND,), Group.UNCONFIRMED),
        (None, Freshness.NEVER_REPORTED, (Skill.WOND,), Group.UNCONFIRMED),
        (TeamReport(Light.GROEN), Freshness.FRESH, (Skill.WOND, Skill.NACHT), Group.PARTLY),
        (
            *(TeamReport(Light.GROEN), Freshness.UNCONFIRMED),
            *((Skill.WOND, Skill.NACHT), Group.UNCONFIRMED),
        ),
        (TeamReport(Light.GROEN), Freshness.FRESH, (Skill.NACHT,), Group.NOT),
        (TeamReport(Light.ROOD, MONDAY), Freshness.FRESH, (Skill.WOND,), Group.NOT),
        (TeamReport(Light.ROOD), Freshness.UNCONFIRMED, (Skill.WOND,), Group.NOT),
    ],
)
def test_the_group_says_how_an_answer_is_to_be_read(
    report: TeamReport | None, freshness: Freshness, skills: tuple[Skill, ...], group: Group
) -> None:
    assert combined(report, *needs_of(skills, ()), freshness=freshness).group is group


def test_of_one_need_it_is_that_need_s_own_answer() -> None:
    for light, skill, dagdeel in product(Light, (None, *Skill), (None, *Dagdeel)):
        report = TeamReport(light, MONDAY)
        own = fit(
            *(COVERAGE, report, Freshness.FRESH),
            skill=skill,
            dagdeel=dagdeel,
            start_by=TODAY,
            today=TODAY,
        )
        found = combined(report, Need(skill, dagdeel))
        assert (found.rank, found.start, found.parts[0][1]) == (own.rank, own.start, own)
