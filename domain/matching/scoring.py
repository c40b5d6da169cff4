"""The soft side of a match: how good a place is for somebody, in points that can be told.

Only whole numbers, so that whoever computes the same for many places at once gets the same points.
Nothing here makes a place fit, or not (criteria.py).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

from domain.delivery_records import Share
from domain.geography import Point, projected
from domain.matching.criteria import Candidate, TeamCandidate
from domain.matching.weights import FULL, Component, Weights
from domain.matching.wishes import NO_WISHES, Wishes
from domain.needs import Need

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND, _MINUTE = timedelta(seconds=1), timedelta(minutes=1)

NO_CASES = Share(0, 0)


class Tier(StrEnum):
    """Wijk first, region next."""

    WIJK = "wijk"
    REGIO = "regio"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is looked for, with what is known of where they live. Unknown points and gemeente: None."""

    need: Need
    wishes: Wishes = NO_WISHES
    home: Point | None = None
    partner: Point | None = None
    home_gemeente: str | None = None

    @property
    def gemeente(self) -> str | None:
        """The one that is wished, or else that of the home."""
        return self.wishes.gemeente or self.home_gemeente

    @property
    def wijk(self) -> frozenset[str]:
        """The postcodes of the wijk."""
        return self.wishes.pc4s or frozenset({self.need.pc4})


@dataclass(frozen=True, slots=True)
class ScoredPlace:
    """A pool with what it is weighed by besides the hard criteria.

    held: places claimed and promised, which the balance has taken off. refused_while_free,
    not_arrived: of the provider's record. once_confirmed: the vroegste opname if the figures that
    stand were confirmed now; only asked of a figure that is onbevestigd.
    """

    candidate: Candidate
    organisation_id: UUID
    pc4: str | None
    gemeente: str | None
    where: Point | None
    held: int = 0
    refused_while_free: Share = NO_CASES
    not_arrived: Share = NO_CASES
    once_confirmed: datetime | None = None


@dataclass(frozen=True, slots=True)
class ScoredTeam:
    """A home-care team that works in the postcode, with what it is weighed by."""

    candidate: TeamCandidate
    organisation_id: UUID
    refused_while_free: Share = NO_CASES
    not_arrived: Share = NO_CASES


#: What a reason goes by: codes, figures, moments (UTC). None: unknown.
Params = Mapping[str, str | int | bool | datetime | None]


@dataclass(frozen=True, slots=True)
class Reason:
    """What a component adds. points: thousandths; of: as many as it can add."""

    code: Component
    points: int
    of: int
    params: Params


@dataclass(frozen=True, slots=True)
class Scored:
    """points: thousandths, the sum of what the reasons add. metres: to home or partner; None: unknown."""

    tier: Tier
    points: int
    metres: int | None
    reasons: tuple[Reason, ...]


def score(asked: Asked, place: ScoredPlace, weights: Weights, now: datetime) -> Scored:
    """How good a place is that fits."""
    metres, to = distance(asked, place.where)
    candidate = place.candidate
    parts = [
        _distance(metres, to, weights),
        _gemeente(asked.gemeente, place.gemeente, weights),
        _admission(asked.need.needed_by, candidate.earliest, weights, now),
        _freshness(candidate.observed_at, candidate.valid_until, now),
        _record(place.refused_while_free, place.not_arrived, weights),
        _spread(max(0, candidate.balance or 0), place.held),
        _known(asked.wishes, place.organisation_id),
    ]
    return _sum(tier_of(asked, place.pc4, metres, weights), metres, parts, weights)


def score_team(
    asked: Asked, team: ScoredTeam, start: datetime, weights: Weights, now: datetime
) -> Scored:
    """How good a team is that fits; it comes to the home, so distance says nothing.

    start: the day on which it can do all that is asked, as the moment at which that day begins.
    """
    candidate = team.candidate
    parts = [
        _admission(asked.need.needed_by, start, weights, now),
        _freshness(candidate.observed_at, candidate.valid_until, now),
        _record(team.refused_while_free, team.not_arrived, weights),
        _known(asked.wishes, team.organisation_id),
    ]
    return _sum(Tier.WIJK, None, parts, weights)


def distance(asked: Asked, where: Point | None) -> tuple[int | None, str | None]:
    """Metres to home or partner, whichever is less, and which; None: unknown."""
    found = [
        (_metres(point, where), name)
        for name, point in (("thuis", asked.home), ("partner", asked.partner))
        if point is not None and where is not None
    ]
    return min(found, key=lambda pair: pair[0]) if found else (None, None)


def tier_of(asked: Asked, pc4: str | None, metres: int | None, weights: Weights) -> Tier:
    """The wijk: one of its postcodes, or as near as it."""
    near = metres is not None and metres <= weights.wijk_km * 1000
    return Tier.WIJK if near or pc4 in asked.wijk else Tier.REGIO


def record_score(share: Share, neutral: int) -> int:
    """What part of what was asked of a provider went well, of FULL; too few cases say nothing."""
    return neutral if share.value is None else FULL - FULL * share.count // share.of


def minute_of(moment: datetime) -> int:
    """Whole minutes since 1970."""
    return (moment - _EPOCH) // _MINUTE


def second_of(moment: datetime) -> int:
    """Whole seconds since 1970."""
    return (moment - _EPOCH) // _SECOND


def admission_span(needed_by: datetime | None, weights: Weights, now: datetime) -> int:
    """Minutes from now within which an admission scores anything."""
    if needed_by is None:
        return weights.horizon_hours * 60
    return max(1, minute_of(needed_by) - minute_of(now))


_Part = tuple[Component, int, Params]


def _sum(tier: Tier, metres: int | None, parts: list[_Part], weights: Weights) -> Scored:
    reasons = tuple(
        Reason(code, weights.of[code] * value, weights.of[code] * FULL, params)
        for code, value, params in parts
    )
    return Scored(tier, sum(reason.points for reason in reasons), metres, reasons)


def _metres(a: Point, b: Point) -> int:
    (east, north), (other_east, other_north) = _projected(a), _projected(b)
    across, up = other_east - east, other_north - north
    return round(math.sqrt(across * across + up * up) * 1000)


#: The same homes and houses come back in match after match.
_projected = lru_cache(maxsize=4096)(projected)


def _distance(metres: int | None, to: str | None, weights: Weights) -> _Part:
    if metres is None:
        value = weights.neutral[Component.AFSTAND]
    else:
        value = max(0, FULL - FULL * metres // (weights.reach_km * 1000))
    return Component.AFSTAND, value, {"metres": metres, "to": to}


def _gemeente(wished: str | None, gemeente: str | None, weights: Weights) -> _Part:
    if wished is None or gemeente is None:
        value = weights.neutral[Component.GEMEENTE]
    else:
        value = FULL if wished == gemeente else 0
    return Component.GEMEENTE, value, {"wished": wished, "gemeente": gemeente}


def _admission(
    needed_by: datetime | None, earliest: datetime | None, weights: Weights, now: datetime
) -> _Part:
    span = admission_span(needed_by, weights, now)
    wait = span if earliest is None else max(0, minute_of(earliest) - minute_of(now))
    value = max(0, FULL - FULL * wait // span)
    return Component.OPNAME, value, {"earliest": earliest, "needed_by": needed_by}


def _freshness(observed_at: datetime | None, valid_until: datetime | None, now: datetime) -> _Part:
    value = 0
    if observed_at is not None and valid_until is not None:
        life = max(1, second_of(valid_until) - second_of(observed_at))
        age = max(0, second_of(now) - second_of(observed_at))
        value = max(0, FULL - FULL * age // life)
    return Component.VERSHEID, value, {"observed_at": observed_at, "valid_until": valid_until}


def _record(refused: Share, not_arrived: Share, weights: Weights) -> _Part:
    neutral = weights.neutral[Component.NAKOMEN]
    value = (record_score(refused, neutral) + record_score(not_arrived, neutral)) // 2
    params: Params = {
        "refused": refused.count,
        "called_on": refused.of,
        "not_arrived": not_arrived.count,
        "due": not_arrived.of,
        "known": refused.value is not None or not_arrived.value is not None,
    }
    return Component.NAKOMEN, value, params


def _spread(free: int, held: int) -> _Part:
    value = FULL * free // max(1, free + held)
    return Component.SPREIDING, value, {"free": free, "held": held}


def _known(wishes: Wishes, organisation_id: UUID) -> _Part:
    known = organisation_id in wishes.known_to
    return Component.BEKEND, FULL if known else 0, {"known": known}
