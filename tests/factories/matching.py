"""Made-up people who look for a place, and places and teams for them, for hypothesis."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TypeVar
from uuid import UUID

from hypothesis import strategies as st

from domain.admission_stops import Stop
from domain.care_types import CareType, ClosedReason
from domain.delivery_records import Share
from domain.features import Feature
from domain.geography import Point
from domain.home_care import Coverage, Dagdeel, Light, Skill, TeamException, TeamReport
from domain.matching.criteria import Candidate, TeamCandidate
from domain.matching.replay import Inputs
from domain.matching.scoring import Asked, ScoredPlace, ScoredTeam
from domain.matching.weights import Weights
from domain.matching.wishes import Wishes
from domain.needs import Infection, LegalStatus, Need, Setting, Sex

T = TypeVar("T")

#: A Friday afternoon in Amsterdam.
NOW = datetime(2026, 11, 27, 16, 30, 12, 345678, tzinfo=UTC)
CARE_TYPES = (CareType.ELV_LAAG, CareType.WLZ_VV, CareType.GRZ)
ROOMS = frozenset({Feature.KAMER_MAN, Feature.KAMER_VROUW})
PC4S = ("2711", "2725", "2583")
GEMEENTEN = ("0637", "0518")
PROVIDERS = tuple(UUID(int=number) for number in range(3))
WEIGHTS = Weights.from_data(
    {
        "version": "proef-1",
        "valid_from": "2026-01-01",
        "of": {
            "afstand": 30,
            "gemeente": 10,
            "opname": 25,
            "versheid": 10,
            "nakomen": 15,
            "spreiding": 5,
            "bekend": 5,
        },
        "neutral": {"afstand": 500, "gemeente": 500, "nakomen": 900},
        "reach_km": 30,
        "wijk_km": 3,
        "horizon_hours": 168,
    }
)

_POINTS = tuple(Point(up, across) for up in (52.0, 52.03, 52.06) for across in (4.3, 4.31, 4.5))
_ASKED_FEATURES = sorted(set(Feature) - ROOMS)


def any_need(draw: Random) -> Need:
    """Somebody, as often as not with a wish that is hard to meet."""
    return Need(
        birth_year=1941,
        sex=draw.choice(list(Sex)),
        pc4=draw.choice(PC4S),
        setting=Setting.SEH,
        needed_by=draw.choice([None, _from_now(draw, -30, -1, 0, 1, 20, 70, 300)]),
        infection=draw.choice([Infection.GEEN, Infection.GEEN, Infection.MRSA]),
        features=_some(draw, _ASKED_FEATURES, 2),
        skills=_some(draw, list(Skill)[:3], 2),
        dagdelen=_some(draw, list(Dagdeel), 2),
        legal_status=draw.choice([*[LegalStatus.VRIJWILLIG] * 4, LegalStatus.WZD_RM]),
    )


def any_asked(draw: Random) -> Asked:
    """Somebody with a home and a partner, as far as they are known, and wishes."""
    wishes = Wishes(
        gemeente=draw.choice([None, *GEMEENTEN]),
        pc4s=_some(draw, PC4S, 1),
        known_to=_some(draw, PROVIDERS, 2),
    )
    home, partner = draw.choice([None, *_POINTS]), draw.choice([None, *_POINTS])
    return Asked(any_need(draw), wishes, home, partner, draw.choice([None, *GEMEENTEN]))


def any_place(draw: Random) -> ScoredPlace:
    """A pool that lacks little, or nothing."""
    stop = Stop(
        ClosedReason.UITBRAAK,
        None,
        draw.choice([None, NOW - timedelta(days=1)]),
        draw.choice([None, date(2026, 11, 30)]),
    )
    candidate = Candidate(
        id=UUID(int=draw.getrandbits(40)),
        care_types=frozenset(draw.sample(CARE_TYPES, draw.randint(1, 3))),
        features=frozenset(Feature) - _some(draw, list(Feature), 2),
        wlz_contract=draw.random() < 0.8,
        balance=draw.choice([None, -1, 0, 1, 1, 2, 3, 5]),
        observed_at=NOW - timedelta(hours=draw.randint(0, 60)),
        valid_until=draw.choice([None, *[_from_now(draw, -20, 0, 5, 30, 30, 40)] * 7]),
        stop=draw.choice([stop, *[None] * 7]),
        earliest=draw.choice([None, *[_from_now(draw, 0, 0, 1, 20, 70)] * 7]),
    )
    return ScoredPlace(
        candidate=candidate,
        organisation_id=draw.choice(PROVIDERS),
        pc4=draw.choice([None, *PC4S]),
        gemeente=draw.choice([None, *GEMEENTEN]),
        where=draw.choice([None, *_POINTS]),
        held=draw.randint(0, 3),
        refused_while_free=_share(draw),
        not_arrived=_share(draw),
        once_confirmed=draw.choice([None, _from_now(draw, 0, 1, 20, 70)]),
    )


def any_team(draw: Random) -> ScoredTeam:
    """A team that works in each of PC4S."""
    exceptions = [
        TeamException(
            draw.choice(list(Light)),
            draw.choice([None, *list(Skill)[:2]]),
            draw.choice([None, *list(Dagdeel)[:2]]),
            _day(draw),
        )
        for _ in range(draw.randrange(3))
    ]
    report = TeamReport(draw.choice(list(Light)), _day(draw), tuple(exceptions))
    candidate = TeamCandidate(
        id=UUID(int=draw.getrandbits(40)),
        coverage=Coverage(
            frozenset(PC4S),
            draw.choice([frozenset(Skill), frozenset(list(Skill)[:2])]),
            draw.choice([frozenset(Dagdeel), frozenset(list(Dagdeel)[:2])]),
        ),
        report=draw.choice([None, report, report, report]),
        observed_at=NOW - timedelta(hours=3),
        valid_until=_from_now(draw, -20, 5, 30),
    )
    return ScoredTeam(candidate, draw.choice(PROVIDERS), _share(draw), _share(draw))


def any_inputs(draw: Random) -> Inputs:
    """A small region, and somebody who is looked for."""
    order = draw.sample([*CARE_TYPES, CareType.WIJKVERPLEGING], draw.randint(1, 4))
    return Inputs(
        asked=any_asked(draw),
        care_types=tuple(order),
        places=tuple(any_place(draw) for _ in range(draw.randint(1, 16))),
        teams=tuple(any_team(draw) for _ in range(draw.randint(0, 4))),
        weights=WEIGHTS,
        now=NOW,
    )


def _from_now(draw: Random, *hours: int) -> datetime:
    return NOW + timedelta(hours=draw.choice(hours))


def _day(draw: Random) -> date | None:
    days = draw.choice([None, -1, 0, 2, 9])
    return None if days is None else (NOW + timedelta(days=days)).date()


def _share(draw: Random) -> Share:
    return Share(draw.randint(0, 4), draw.choice([4, 10, 37]))


def _some(draw: Random, of: Sequence[T], most: int) -> frozenset[T]:
    return frozenset(draw.sample(of, draw.randint(0, most)))


#: From a number each: drawn piece by piece, making them takes longer than what is tested.
draws = st.integers(0, 2**32).map(Random)
inputs = draws.map(any_inputs)


def with_candidate(place: ScoredPlace, **changes: object) -> ScoredPlace:
    """The place with other figures."""
    return replace(place, candidate=replace(place.candidate, **changes))  # type: ignore[arg-type]  # each by its own type
