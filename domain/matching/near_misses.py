"""What nearly fits: the one change that would make it fit, or none.

Never one in isolation, sex or legal status: nobody is asked to give those up.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.calendar import AMSTERDAM, MIDNIGHT, at_local
from domain.features import Feature
from domain.home_care import Light
from domain.matching.criteria import (
    Criterion,
    Detail,
    Failure,
    TeamCandidate,
    team_failures,
)
from domain.matching.scoring import ScoredPlace, ScoredTeam, minute_of
from domain.needs import Need


class Change(StrEnum):
    """What would have to be otherwise, the smallest change first."""

    BEVESTIGD = "bevestigd"
    IN_OVERLEG = "in-overleg"
    LATER = "later"
    LATER_START = "later-start"
    STOP_VOORBIJ = "stop-voorbij"
    ZONDER_VOORZIENING = "zonder-voorziening"


#: A call settles it; it takes patience; somebody has to do without.
STEP: dict[Change, int] = {
    Change.BEVESTIGD: 0,
    Change.IN_OVERLEG: 0,
    Change.LATER: 1,
    Change.LATER_START: 1,
    Change.STOP_VOORBIJ: 1,
    Change.ZONDER_VOORZIENING: 2,
}

#: Asked for by name, and never to be done without.
NEVER_WITHOUT = frozenset({Feature.ISOLATIE, Feature.WZD, Feature.WVGGZ})

_DAY_MINUTES = 24 * 60
#: So long a figure holds that is confirmed in thought.
_CONFIRMED_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class NearMiss:
    """The one change. delay: minutes that somebody has to wait longer than wished, or for a stop to end."""

    change: Change
    delay: int
    params: Detail


def near_miss(
    need: Need, place: ScoredPlace, found: tuple[Failure, ...], now: datetime
) -> NearMiss | None:
    """What would make a pool fit that fails on what was found (`criteria.failures`); None: no one thing."""
    if len(found) != 1:
        return None
    (failure,), candidate = found, place.candidate
    earliest = candidate.earliest
    match failure.criterion:
        case Criterion.ONBEVESTIGD if _in_time(place.once_confirmed, need, now):
            params: Detail = {**failure.detail, "earliest": place.once_confirmed}
            return NearMiss(Change.BEVESTIGD, 0, params)
        case Criterion.VROEGSTE_OPNAME if earliest is not None and need.needed_by is not None:
            delay = minute_of(earliest) - minute_of(max(need.needed_by, now))
            params = {"earliest": earliest, "needed_by": need.needed_by}
            return NearMiss(Change.LATER, delay, params)
        case Criterion.OPNAMESTOP if candidate.stop is not None and earliest is not None:
            params = {"expected_until": candidate.stop.expected_until, "earliest": earliest}
            delay = minute_of(earliest) - minute_of(now)
            return NearMiss(Change.STOP_VOORBIJ, delay, params)
    feature = _FEATURE_OF.get(failure.criterion)
    if feature is None or feature not in need.features:
        return None
    return NearMiss(Change.ZONDER_VOORZIENING, 0, {"feature": feature.value})


def team_near_miss(
    need: Need, team: ScoredTeam, found: tuple[Failure, ...], now: datetime
) -> NearMiss | None:
    """The same of a team, by `criteria.team_failures`."""
    if len(found) != 1:
        return None
    (failure,) = found
    match failure.criterion:
        case Criterion.ONBEVESTIGD if not team_failures(need, _fresh(team.candidate, now), now):
            return NearMiss(Change.BEVESTIGD, 0, failure.detail)
        case Criterion.STOPLICHT if failure.detail["light"] == Light.ORANJE:
            params = {name: failure.detail[name] for name in ("skills", "dagdelen")}
            return NearMiss(Change.IN_OVERLEG, 0, params)
        case Criterion.STARTDATUM:
            start = failure.detail["earliest"]
            assert isinstance(start, date)
            assert need.needed_by is not None
            days = (start - _day_of(max(need.needed_by, now))).days
            return NearMiss(Change.LATER_START, days * _DAY_MINUTES, failure.detail)
    return None


def changed(
    need: Need, place: ScoredPlace, miss: NearMiss, now: datetime
) -> tuple[Need, ScoredPlace]:
    """The need and the pool with the one change made: then nothing fails."""
    candidate = place.candidate
    match miss.change:
        case Change.BEVESTIGD:
            candidate = replace(
                candidate,
                observed_at=now,
                valid_until=now + _CONFIRMED_FOR,
                earliest=place.once_confirmed,
            )
        case Change.LATER:
            need = replace(need, needed_by=candidate.earliest)
        case Change.STOP_VOORBIJ:
            candidate = replace(candidate, stop=None)
        case Change.ZONDER_VOORZIENING:
            given_up = Feature(str(miss.params["feature"]))
            need = replace(need, features=need.features - {given_up})
        case Change.IN_OVERLEG | Change.LATER_START:
            raise ValueError(f"{miss.change} is said of teams")
    return need, replace(place, candidate=candidate)


def team_changed(
    need: Need, team: ScoredTeam, miss: NearMiss, now: datetime
) -> tuple[Need, ScoredTeam]:
    """The need and the team with the one change made: then nothing fails."""
    candidate = team.candidate
    match miss.change:
        case Change.BEVESTIGD:
            candidate = _fresh(candidate, now)
        case Change.IN_OVERLEG:
            candidate = _willing(candidate)
        case Change.LATER_START:
            start = miss.params["earliest"]
            assert isinstance(start, date)
            need = replace(need, needed_by=at_local(start, MIDNIGHT))
        case Change.LATER | Change.STOP_VOORBIJ | Change.ZONDER_VOORZIENING:
            raise ValueError(f"{miss.change} is said of places")
    return need, replace(team, candidate=candidate)


def _in_time(earliest: datetime | None, need: Need, now: datetime) -> bool:
    return earliest is not None and (need.needed_by is None or earliest <= max(need.needed_by, now))


def _fresh(candidate: TeamCandidate, now: datetime) -> TeamCandidate:
    return replace(candidate, observed_at=now, valid_until=now + _CONFIRMED_FOR)


def _willing(candidate: TeamCandidate) -> TeamCandidate:
    """What the team says, with all that is in overleg agreed."""
    report = candidate.report
    assert report is not None
    exceptions = tuple(replace(one, light=_agreed(one.light)) for one in report.exceptions)
    return replace(
        candidate, report=replace(report, light=_agreed(report.light), exceptions=exceptions)
    )


def _agreed(light: Light) -> Light:
    return Light.GROEN if light is Light.ORANJE else light


def _day_of(moment: datetime) -> date:
    return moment.astimezone(AMSTERDAM).date()


_FEATURE_OF = {
    Criterion(feature.value): feature
    for feature in Feature
    if feature.value in set(Criterion) and feature not in NEVER_WITHOUT
}
