"""A match: every pool and team looked at, one by one. This is the definition of the whole result.

app/live/matching.py finds the same for a page of it, of many pools at once.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from domain.calendar import AMSTERDAM, MIDNIGHT, at_local
from domain.capacity import Freshness
from domain.care_types import CareType
from domain.combined_care import combined_fit, needs_of
from domain.matching.board_checks import FailedPlace
from domain.matching.criteria import (
    Criterion,
    Failure,
    TeamCandidate,
    failures,
    team_failures,
)
from domain.matching.near_misses import STEP, NearMiss, near_miss, team_near_miss
from domain.matching.scoring import (
    Asked,
    Reason,
    ScoredPlace,
    ScoredTeam,
    Tier,
    distance,
    score,
    score_team,
    tier_of,
)
from domain.matching.weights import Weights
from domain.needs import Need

#: In order of distance, one that isn't known comes after all that are; so many metres are none.
FURTHEST = (1 << 20) - 1


@dataclass(frozen=True, slots=True)
class Fit:
    """A pool, or a team, that fits. earliest: vroegste opname, or the moment the first day begins."""

    care_type: CareType
    id: UUID
    tier: Tier
    points: int
    metres: int | None
    earliest: datetime
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class NearFit:
    """A pool, or a team, that would fit with one change."""

    care_type: CareType
    id: UUID
    tier: Tier
    metres: int | None
    miss: NearMiss


@dataclass(frozen=True, slots=True)
class Ranking:
    """Each pool and team once, for the care type for which it fails least, the first of those asked.

    fits: by care type in the order asked, the wijk before the region, most points first. near: by
    how little has to change. failed: what neither fits nor nearly does, what fails least first.
    counts: of all that doesn't fit, by criterion; one with several failures counts at each.
    """

    looked_at: int
    fits: tuple[Fit, ...]
    near: tuple[NearFit, ...]
    failed: tuple[FailedPlace, ...]
    counts: Mapping[Criterion, int]


def rank(
    asked: Asked,
    care_types: Sequence[CareType],
    places: Iterable[ScoredPlace],
    teams: Iterable[ScoredTeam],
    weights: Weights,
    now: datetime,
) -> Ranking:
    """Looks at each pool that serves one of the care types, and for wijkverpleging at each team.

    teams: those that work in the postcode.
    """
    order = {care_type: number for number, care_type in enumerate(dict.fromkeys(care_types))}
    fits: list[Fit] = []
    near: list[NearFit] = []
    failed: list[FailedPlace] = []
    counts: Counter[Criterion] = Counter()
    for place in places:
        served = [care_type for care_type in order if care_type in place.candidate.care_types]
        if not served:
            continue
        care_type, found = _least(asked.need, served, place, now)
        if not found:
            fits.append(fit_of(asked, care_type, place, weights, now))
            continue
        counts.update(failure.criterion for failure in found)
        miss = near_miss(asked.need, place, found, now)
        if miss is None:
            failed.append(FailedPlace(care_type, place.candidate.id, found))
        else:
            near.append(near_of(asked, care_type, place, miss, weights))
    for team in teams if CareType.WIJKVERPLEGING in order else ():
        found = team_failures(asked.need, team.candidate, now)
        if not found:
            fits.append(_team_fit(asked, team, weights, now))
            continue
        counts.update(failure.criterion for failure in found)
        miss = team_near_miss(asked.need, team, found, now)
        home, team_id = CareType.WIJKVERPLEGING, team.candidate.id
        if miss is None:
            failed.append(FailedPlace(home, team_id, found))
        else:
            near.append(NearFit(home, team_id, Tier.WIJK, None, miss))
    return Ranking(
        len(fits) + len(near) + len(failed),
        tuple(sorted(fits, key=lambda one: fit_key(one, order))),
        tuple(sorted(near, key=lambda one: near_key(one, order))),
        tuple(sorted(failed, key=lambda one: (len(one.failures), one.id))),
        {criterion: counts[criterion] for criterion in Criterion if counts[criterion]},
    )


def fit_key(fit: Fit, order: Mapping[CareType, int]) -> tuple[int, bool, int, UUID]:
    """What fits are sorted by."""
    return order[fit.care_type], fit.tier is Tier.REGIO, -fit.points, fit.id


def near_key(near: NearFit, order: Mapping[CareType, int]) -> tuple[int, int, int, bool, int, UUID]:
    """What near misses are sorted by."""
    return (
        STEP[near.miss.change],
        near.miss.delay,
        order[near.care_type],
        near.tier is Tier.REGIO,
        FURTHEST if near.metres is None else near.metres,
        near.id,
    )


def _least(
    need: Need, served: Sequence[CareType], place: ScoredPlace, now: datetime
) -> tuple[CareType, tuple[Failure, ...]]:
    judged = [(care_type, failures(need, care_type, place.candidate, now)) for care_type in served]
    return min(judged, key=lambda pair: len(pair[1]))


def fit_of(
    asked: Asked, care_type: CareType, place: ScoredPlace, weights: Weights, now: datetime
) -> Fit:
    """A pool that fits for this care type."""
    scored, earliest = score(asked, place, weights, now), place.candidate.earliest
    assert earliest is not None
    return Fit(
        care_type,
        place.candidate.id,
        scored.tier,
        scored.points,
        scored.metres,
        earliest,
        scored.reasons,
    )


def near_of(
    asked: Asked, care_type: CareType, place: ScoredPlace, miss: NearMiss, weights: Weights
) -> NearFit:
    """A pool that nearly fits for this care type."""
    metres, _ = distance(asked, place.where)
    tier = tier_of(asked, place.pc4, metres, weights)
    return NearFit(care_type, place.candidate.id, tier, metres, miss)


def _team_fit(asked: Asked, team: ScoredTeam, weights: Weights, now: datetime) -> Fit:
    start = at_local(first_day(asked.need, team.candidate, now), MIDNIGHT)
    scored = score_team(asked, team, start, weights, now)
    return Fit(
        CareType.WIJKVERPLEGING,
        team.candidate.id,
        scored.tier,
        scored.points,
        None,
        start,
        scored.reasons,
    )


def first_day(need: Need, candidate: TeamCandidate, now: datetime) -> date:
    """The first day in Amsterdam on which a team that fits can do all that is asked."""
    today = now.astimezone(AMSTERDAM).date()
    start = combined_fit(
        candidate.coverage,
        candidate.report,
        Freshness.FRESH,
        needs_of(sorted(need.skills), sorted(need.dagdelen)),
        start_by=None,
        today=today,
    ).start
    assert start is not None
    return start
