"""Each near miss, its one change made, becomes a match; nobody gives up isolation, sex or status."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from hypothesis import given, settings

from domain.care_types import CareType
from domain.features import Feature
from domain.home_care import Light, TeamReport
from domain.matching.criteria import Criterion, failures, team_failures
from domain.matching.near_misses import (
    NEVER_WITHOUT,
    Change,
    changed,
    near_miss,
    team_changed,
    team_near_miss,
)
from domain.matching.scoring import ScoredPlace, ScoredTeam
from domain.needs import Need
from tests.domain.matching.test_criteria import GOOD, GOOD_TEAM, HOME, NEED, STOP, TONIGHT
from tests.domain.matching.test_criteria import NOW as THEN
from tests.factories import matching
from tests.factories.matching import NOW, with_candidate

LAAG = CareType.ELV_LAAG


@settings(max_examples=300)
@given(matching.draws)
def test_a_place_that_nearly_fits_fits_once_the_one_thing_changed(draw: Random) -> None:
    need, place = matching.any_need(draw), matching.any_place(draw)
    care_type = draw.choice(sorted(place.candidate.care_types))
    found = failures(need, care_type, place.candidate, NOW)
    miss = near_miss(need, place, found, NOW)
    if miss is None:
        return
    other_need, other = changed(need, place, miss, NOW)
    assert failures(other_need, care_type, other.candidate, NOW) == ()
    assert (other_need == need) != (other == place), "one thing, of the one or of the other"
    assert miss.delay >= 0
    (failure,) = found
    assert failure.criterion not in (Criterion.KAMER, Criterion.WZD_WVGGZ, Criterion.WLZ_CONTRACT)
    if miss.change is Change.ZONDER_VOORZIENING:
        (given_up,) = need.features - other_need.features
        assert given_up not in NEVER_WITHOUT
        assert given_up in other_need.required or given_up not in place.candidate.features


@settings(max_examples=300)
@given(matching.draws)
def test_a_team_that_nearly_fits_fits_once_the_one_thing_changed(draw: Random) -> None:
    need, team = matching.any_need(draw), matching.any_team(draw)
    found = team_failures(need, team.candidate, NOW)
    miss = team_near_miss(need, team, found, NOW)
    if miss is None:
        return
    other_need, other = team_changed(need, team, miss, NOW)
    assert team_failures(other_need, other.candidate, NOW) == ()
    assert (other_need == need) != (other == team)
    assert miss.delay >= 0


PLACE = ScoredPlace(GOOD, UUID(int=1), None, None, None)
TEAM = ScoredTeam(GOOD_TEAM, UUID(int=1))
TUESDAY = datetime(2026, 12, 1, 9, tzinfo=UTC)


def place(**changes: object) -> ScoredPlace:
    return with_candidate(PLACE, **changes)


def said(need: Need, there: ScoredPlace) -> tuple[Change, int] | None:
    found = near_miss(need, there, failures(need, LAAG, there.candidate, THEN), THEN)
    return None if found is None else (found.change, found.delay)


def said_of_team(need: Need, **changes: object) -> tuple[Change, int] | None:
    team = replace(TEAM, candidate=replace(GOOD_TEAM, **changes))  # type: ignore[arg-type]  # each by its own type
    found = team_near_miss(need, team, team_failures(need, team.candidate, THEN), THEN)
    return None if found is None else (found.change, found.delay)


def test_what_each_change_is_said_for() -> None:
    old = replace(place(valid_until=THEN), once_confirmed=THEN)
    lacking = place(features=GOOD.features - {Feature.TILLIFT})
    hoist = replace(NEED, features=frozenset({Feature.TILLIFT}))
    later = (TUESDAY - TONIGHT) // timedelta(minutes=1)
    assert said(NEED, place(earliest=TUESDAY)) == (Change.LATER, later)
    assert said(NEED, old) == (Change.BEVESTIGD, 0)
    assert said(hoist, lacking) == (Change.ZONDER_VOORZIENING, 0)
    whenever = replace(NEED, needed_by=None)
    wait = (TUESDAY - THEN) // timedelta(minutes=1)
    assert said(whenever, place(stop=STOP, earliest=TUESDAY)) == (Change.STOP_VOORBIJ, wait)
    assert said_of_team(HOME, report=TeamReport(Light.ORANJE)) == (Change.IN_OVERLEG, 0)
    assert said_of_team(HOME, valid_until=THEN) == (Change.BEVESTIGD, 0)
    tuesday = TeamReport(Light.GROEN, TUESDAY.date())
    assert said_of_team(HOME, report=tuesday) == (Change.LATER_START, 4 * 24 * 60)


def test_what_takes_more_than_one_change_or_may_not_be_changed_is_none() -> None:
    isolated = replace(NEED, features=frozenset({Feature.ISOLATIE}))
    assert said(isolated, place(features=GOOD.features - {Feature.ISOLATIE})) is None
    assert said(NEED, replace(place(valid_until=THEN), once_confirmed=TUESDAY)) is None
    assert said(NEED, place(stop=STOP, earliest=TUESDAY)) is None, "too late as well"
    assert said(NEED, place(stop=STOP, earliest=None)) is None, "nobody knows until when"
    assert said(NEED, place(balance=0, earliest=None)) is None
    assert said(NEED, PLACE) is None, "it fits"
    assert said_of_team(HOME, report=TeamReport(Light.ROOD)) is None
    assert said_of_team(HOME, report=TeamReport(Light.ORANJE), valid_until=THEN) is None
