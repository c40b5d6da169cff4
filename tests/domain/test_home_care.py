"""Teams: what they say, and how far they fit a question."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.capacity import Freshness
from domain.errors import InvalidInput
from domain.home_care import (
    RANK,
    REASON_LABELS,
    SKILL_LABELS,
    Coverage,
    Dagdeel,
    Fit,
    Light,
    Reason,
    Skill,
    TeamException,
    TeamReport,
    answer_for,
    check_coverage,
    check_team_report,
    fit,
    rank,
)

TODAY = date(2026, 11, 18)
NEXT_WEEK = TODAY + timedelta(days=7)
GREEN = TeamReport(Light.GROEN)
COVERAGE = Coverage(
    frozenset({"2725"}), frozenset({Skill.BASIS, Skill.WOND}), frozenset({Dagdeel.OCHTEND})
)

lights = st.sampled_from(Light)
starts = st.none() | st.dates(TODAY, TODAY + timedelta(days=3))
skills = st.none() | st.sampled_from([Skill.BASIS, Skill.WOND])
dagdelen = st.none() | st.sampled_from([Dagdeel.OCHTEND, Dagdeel.NACHT])
exceptions = st.builds(TeamException, lights, skills, dagdelen, starts)
reports = st.builds(
    TeamReport,
    lights,
    starts,
    st.lists(
        exceptions.filter(lambda e: (e.skill, e.dagdeel) != (None, None)),
        max_size=5,
        unique_by=lambda e: (e.skill, e.dagdeel),
    ).map(tuple),
)


def asked(
    report: TeamReport | None = GREEN,
    *,
    freshness: Freshness = Freshness.FRESH,
    skill: Skill | None = Skill.WOND,
    dagdeel: Dagdeel | None = Dagdeel.OCHTEND,
    start_by: date | None = TODAY,
) -> Fit:
    """How a team fits the question, by default for wound care this morning."""
    return fit(
        COVERAGE,
        report,
        freshness,
        skill=skill,
        dagdeel=dagdeel,
        start_by=start_by,
        today=TODAY,
    )


@given(reports)
def test_what_a_team_may_say_is_accepted(report: TeamReport) -> None:
    check_team_report(report, TODAY)


@pytest.mark.parametrize(
    ("report", "pointer"),
    [
        (replace(GREEN, exceptions=(TeamException(Light.ROOD),)), "/exceptions/0"),
        (
            replace(
                GREEN,
                exceptions=(
                    TeamException(Light.ROOD, Skill.WOND),
                    TeamException(Light.GROEN, Skill.WOND),
                ),
            ),
            "/exceptions/1",
        ),
        (replace(GREEN, earliest_start=TODAY + timedelta(days=367)), "/earliest_start"),
        (
            replace(GREEN, exceptions=(TeamException(Light.ROOD, Skill.WOND, None, date.max),)),
            "/exceptions/0/earliest_start",
        ),
    ],
)
def test_what_says_nothing_or_contradicts_itself_is_refused(
    report: TeamReport, pointer: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_team_report(report, TODAY)
    assert refused.value.pointer == pointer


@pytest.mark.parametrize("pc4", ["0725", "272", "2725AB", "", "272５"])
def test_a_postcode_that_is_none_is_refused(pc4: str) -> None:
    check_coverage(COVERAGE)
    with pytest.raises(InvalidInput) as refused:
        check_coverage(replace(COVERAGE, pc4s=frozenset({"2725", pc4})))
    assert refused.value.pointer == "/pc4s"


def test_the_redder_or_later_a_report_is_the_higher_it_ranks() -> None:
    ordered = [
        *(GREEN, replace(GREEN, earliest_start=NEXT_WEEK)),
        *(TeamReport(Light.ORANJE), TeamReport(Light.ORANJE, TODAY)),
        *(TeamReport(Light.ROOD, TODAY), TeamReport(Light.ROOD, NEXT_WEEK)),
        TeamReport(Light.ROOD),
    ]
    assert sorted(ordered, key=rank) == ordered
    assert len({rank(report) for report in ordered}) == len(ordered)


def test_without_exceptions_the_teams_own_light_holds() -> None:
    said = TeamReport(Light.ORANJE, NEXT_WEEK)
    assert answer_for(said, Skill.WOND, Dagdeel.NACHT) == (Light.ORANJE, NEXT_WEEK)
    assert answer_for(said, None, None) == (Light.ORANJE, NEXT_WEEK)


def test_an_exception_for_both_counts_alone() -> None:
    said = replace(
        GREEN,
        exceptions=(
            TeamException(Light.ROOD, Skill.WOND),
            TeamException(Light.ROOD, None, Dagdeel.NACHT),
            TeamException(Light.ORANJE, Skill.WOND, Dagdeel.NACHT, NEXT_WEEK),
        ),
    )
    assert answer_for(said, Skill.WOND, Dagdeel.NACHT) == (Light.ORANJE, NEXT_WEEK)
    assert answer_for(said, Skill.WOND, Dagdeel.AVOND) == (Light.ROOD, None)
    assert answer_for(said, Skill.BASIS, Dagdeel.AVOND) == (Light.GROEN, None)
    assert answer_for(said, None, Dagdeel.NACHT) == (Light.ROOD, None)


def test_of_two_partial_exceptions_the_redder_light_and_the_later_start_hold() -> None:
    said = replace(
        GREEN,
        exceptions=(
            TeamException(Light.ORANJE, Skill.WOND, None, NEXT_WEEK),
            TeamException(Light.GROEN, None, Dagdeel.NACHT),
        ),
    )
    assert answer_for(said, Skill.WOND, Dagdeel.NACHT) == (Light.ORANJE, NEXT_WEEK)
    never = replace(
        said, exceptions=(*said.exceptions[:1], TeamException(Light.ROOD, None, Dagdeel.NACHT))
    )
    # Rood without a day is until further notice, whatever day the other names.
    assert answer_for(never, Skill.WOND, Dagdeel.NACHT) == (Light.ROOD, None)


@given(reports, skills, dagdelen)
def test_an_answer_never_promises_more_than_what_is_said_of_each_side(
    report: TeamReport, skill: Skill | None, dagdeel: Dagdeel | None
) -> None:
    light, start = answer_for(report, skill, dagdeel)
    exact = [e for e in report.exceptions if (e.skill, e.dagdeel) == (skill, dagdeel)]
    if skill and dagdeel and exact:
        assert (light, start) == (exact[0].light, exact[0].earliest_start)
        return
    for said in report.exceptions:
        if (said.skill, said.dagdeel) in {(skill, None), (None, dagdeel)}:
            promises = rank(TeamReport(light, start))
            assert promises[0] >= rank(TeamReport(said.light))[0]
            assert promises[1] >= rank(TeamReport(said.light, said.earliest_start))[1]


def test_a_green_team_that_does_it_fits_fully_from_today() -> None:
    assert asked() == Fit(0, TODAY, Light.GROEN, ())
    assert asked(start_by=None).rank == 0
    # A day that has passed is today.
    assert asked(replace(GREEN, earliest_start=TODAY - timedelta(days=3))).start == TODAY


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (asked(TeamReport(Light.ORANJE)), Fit(1, TODAY, Light.ORANJE, (Reason.ORANJE,))),
        (
            asked(replace(GREEN, earliest_start=NEXT_WEEK)),
            Fit(1, NEXT_WEEK, Light.GROEN, (Reason.LATER,)),
        ),
        (asked(freshness=Freshness.UNCONFIRMED), Fit(2, TODAY, Light.GROEN, (Reason.UNCONFIRMED,))),
        (
            asked(None, freshness=Freshness.NEVER_REPORTED),
            Fit(2, None, None, (Reason.NEVER_REPORTED,)),
        ),
        (asked(skill=Skill.MSVT), Fit(3, TODAY, Light.GROEN, (Reason.NO_SKILL,))),
        (asked(dagdeel=Dagdeel.NACHT), Fit(3, TODAY, Light.GROEN, (Reason.NO_DAGDEEL,))),
        (asked(TeamReport(Light.ROOD)), Fit(4, None, Light.ROOD, (Reason.ROOD,))),
        (
            asked(TeamReport(Light.ROOD, NEXT_WEEK), start_by=None),
            Fit(4, NEXT_WEEK, Light.ROOD, (Reason.ROOD,)),
        ),
    ],
)
def test_each_reason_why_a_team_fits_partly(found: Fit, expected: Fit) -> None:
    assert found == expected


@given(reports | st.none(), skills, dagdelen, starts, st.sampled_from(Freshness))
def test_the_gravest_reason_comes_first_and_gives_the_rank(
    report: TeamReport | None,
    skill: Skill | None,
    dagdeel: Dagdeel | None,
    start_by: date | None,
    freshness: Freshness,
) -> None:
    found = asked(report, freshness=freshness, skill=skill, dagdeel=dagdeel, start_by=start_by)
    ranks = [RANK[reason] for reason in found.reasons]
    assert ranks == sorted(ranks, reverse=True)
    assert found.rank == max(ranks, default=0)
    if found.rank == 0:
        assert found.light is Light.GROEN
        assert freshness is not Freshness.UNCONFIRMED
        assert found.start is not None
        assert start_by is None or found.start <= max(start_by, TODAY)


def test_everything_that_is_told_has_dutch_words() -> None:
    assert set(RANK) == set(REASON_LABELS) == set(Reason)
    assert set(SKILL_LABELS) == set(Skill)
