"""match_2000, match_growth: CPU of one match against every pool of a region, and how it grows.

All pools share the care type that is asked. In memory alone: a match waits for nothing.
"""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import orjson

from app.db.event_log import Subject
from app.demo_postcodes import POSTCODES
from app.live.board import RegionBoard
from app.live.match_inputs import match_inputs
from app.live.matching import Found, match
from app.matching_weights import current
from bench.figures import Figure, Target, alternately
from bench.stage import Stage
from domain.care_types import CareType
from domain.events import Kind, Position
from domain.features import Feature
from domain.home_care import Dagdeel, Skill
from domain.identifiers import RegionId
from domain.matching.ranking import Ranking
from domain.matching.scoring import Asked
from domain.matching.weights import Weights
from domain.matching.wishes import Wishes
from domain.needs import Infection, LegalStatus, Need, Setting, Sex

CARE_TYPE = CareType.ELV_LAAG
_FEW, _MANY = 2_000, 20_000
_POOLS_A_LOCATION, _LOCATIONS_A_PROVIDER = 4, 5
_TEAMS = 60
_ROUNDS = 5
_MATCHES = 100
#: Matches that are compared with looking at each pool, which takes long.
_CHECKED = 10
_SHOWN = 20
#: A Thursday afternoon.
NOW = datetime(2026, 11, 26, 14, 3, 12, tzinfo=UTC)
_RULES: tuple[dict[str, Any] | None, ...] = (
    None,
    {"days": ["ma", "di", "wo", "do", "vr"], "opens": "10:00", "closes": "16:00"},
    {"days": ["ma", "di", "wo", "do", "vr"], "apply_before": "12:00", "apply_days_ahead": 1},
    {"opens": "08:00", "closes": "20:00", "max_per_day": 2, "holidays": True},
)


async def matching(stage: Stage) -> list[Figure]:  # noqa: ARG001 - asks nothing of the machine
    """Both figures; each region's matches are first held against brute force."""
    few = _Region(_FEW)
    few.check()

    async def by_itself() -> float:
        return few.milliseconds()

    async def one_by_one() -> float:
        return few.one_by_one()

    # By itself: no process has a second region that is ten times as large in its caches.
    alone, each_looked_at = await alternately(_ROUNDS, by_itself, one_by_one)
    many = _Region(_MANY)
    many.check()

    async def small() -> float:
        return few.milliseconds()

    async def large() -> float:
        return many.milliseconds()

    large_runs, small_runs = await alternately(_ROUNDS, large, small)
    return [
        Figure("match_2000", "ms", alone, each_looked_at, Target("value", "at most", 3.0)),
        Figure("match_growth", "ms", large_runs, small_runs, Target("ratio", "at most", 8.0)),
    ]


class _Region:
    """A region with so many pools, and who is looked for."""

    def __init__(self, pools: int) -> None:
        self._random = Random(pools)
        known = list(subjects(self._random, pools))
        self._board = RegionBoard(Position(RegionId(1), 1, 1, 7), known, NOW)
        self._asked = [asked(self._random) for _ in range(_MATCHES)]
        self._weights: Weights = current(NOW.date())

    def check(self) -> None:
        """Raises AssertionError at the first match that isn't what looking at each pool finds."""
        for one in self._asked[:_CHECKED]:
            inputs = match_inputs(self._board, one, (CARE_TYPE,), self._weights, NOW)
            expected, home = inputs.rank(), inputs.home()
            found = match(self._board, one, (CARE_TYPE,), self._weights, NOW, limit=_SHOWN)
            assert home is not None
            assert found.home is not None
            _same(found.found, expected)
            _same(found.home, home)

    def milliseconds(self) -> float:
        """CPU of a match, each for somebody else and at a later moment."""
        began = time.process_time()
        for number, one in enumerate(self._asked):
            now = NOW + timedelta(seconds=number)
            match(self._board, one, (CARE_TYPE,), self._weights, now, limit=_SHOWN)
        return (time.process_time() - began) * 1000 / len(self._asked)

    def one_by_one(self) -> float:
        """CPU of looking at each pool, all of them read already."""
        inputs = match_inputs(self._board, self._asked[0], (CARE_TYPE,), self._weights, NOW)
        began = time.process_time()
        inputs.rank()
        return (time.process_time() - began) * 1000


def _same(found: Found, expected: Ranking) -> None:
    assert found.looked_at == expected.looked_at
    assert found.counts == expected.counts
    pairs: Sequence[tuple[Any, Any]] = (
        (found.fits, expected.fits),
        (found.near, expected.near),
        (found.failed, expected.failed),
    )
    for page, everything in pairs:
        assert page.total == len(everything)
        assert page.items == everything[:_SHOWN]


def asked(random: Random) -> Asked:
    """Somebody in the region, with one wish or another."""
    home = random.choice(POSTCODES)
    partner = random.choice(POSTCODES) if random.random() < 0.3 else None
    need = Need(
        1941,
        random.choice(list(Sex)),
        home.pc4,
        Setting.ZIEKENHUIS,
        needed_by=random.choice((None, NOW + timedelta(hours=random.randint(1, 120)))),
        infection=random.choice((Infection.GEEN, Infection.GEEN, Infection.MRSA)),
        features=frozenset(random.sample(_ASKED_FEATURES, random.randint(0, 2))),
        skills=frozenset(random.sample(list(Skill), random.randint(0, 2))),
        dagdelen=frozenset(random.sample(list(Dagdeel), random.randint(0, 2))),
        legal_status=random.choice((*[LegalStatus.VRIJWILLIG] * 5, LegalStatus.WZD_RM)),
    )
    wishes = Wishes(
        partner_pc4=None if partner is None else partner.pc4,
        gemeente=random.choice((None, home.gemeente)),
        known_to=frozenset({_id(1, random.randrange(20))}),
    )
    return Asked(
        need, wishes, home.point, None if partner is None else partner.point, home.gemeente
    )


def subjects(random: Random, pools: int) -> Iterator[Subject]:
    """So many pools with all that a board has around them, most of them reported today."""
    locations = pools // _POOLS_A_LOCATION
    providers = locations // _LOCATIONS_A_PROVIDER
    for number in range(providers):
        yield _subject(Kind.ORGANISATION, _id(1, number), _provider(number))
        yield _subject(Kind.DELIVERY_RECORD, _id(1, number), _record(random, number))
    for number in range(locations):
        yield _subject(Kind.LOCATION, _id(2, number), _location(random, number, providers))
        if random.random() < 0.05:
            yield _subject(Kind.ADMISSION_STOP, _id(2, number), _stop(number))
    for number in range(pools):
        yield _subject(Kind.POOL, _id(3, number), _pool(random, number, providers))
        yield _subject(Kind.CAPACITY, _id(3, number), _capacity(random))
    for number in range(_TEAMS):
        yield _subject(Kind.HOME_CARE_TEAM, _id(4, number), _team(random, number, providers))
        yield _subject(Kind.HOME_CARE, _id(4, number), _said(random))


def _provider(number: int) -> dict[str, Any]:
    return {
        "id": str(_id(1, number)),
        "agb": f"{41_000_000 + number}",
        "name": f"Zorg {number}",
        "telephone": "079-0000000",
    }


def _record(random: Random, number: int) -> dict[str, Any]:
    called = random.choice((4, 20, 60))
    return {
        "organisation_id": str(_id(1, number)),
        "since": "2026-08-28",
        "until": "2026-11-25",
        "asked": called,
        "answered": called,
        "unanswered": 1,
        "called_on": called,
        "refused_while_free": random.randrange(4),
        "late": 1,
        "not_arrived": random.randrange(3),
        "admissions_due": called // 2,
        "median_answer_minutes": 95,
        "slow_answer_minutes": 240,
    }


def _location(random: Random, number: int, providers: int) -> dict[str, Any]:
    postcode = random.choice(POSTCODES)
    return {
        "id": str(_id(2, number)),
        "organisation_id": str(_id(1, number % providers)),
        "name": f"Huis {number}",
        "address": f"Markt {number}",
        "postcode": f"{postcode.pc4}ZX",
        "place": postcode.place,
        "gemeente": postcode.gemeente,
        "latitude": postcode.point.latitude + random.uniform(-0.005, 0.005),
        "longitude": postcode.point.longitude + random.uniform(-0.005, 0.005),
        "telephone": None,
        "wlz_contract": random.random() < 0.5,
        "status": "active",
    }


def _stop(number: int) -> dict[str, Any]:
    return {
        "location_id": str(_id(2, number)),
        "reason": "uitbraak",
        "note": None,
        "since": (NOW - timedelta(days=2)).isoformat(),
        "expected_until": (NOW + timedelta(days=3)).date().isoformat(),
        "source": "page",
    }


def _pool(random: Random, number: int, providers: int) -> dict[str, Any]:
    location = number // _POOLS_A_LOCATION
    return {
        "id": str(_id(3, number)),
        "organisation_id": str(_id(1, location % providers)),
        "location_id": str(_id(2, location)),
        "external_id": f"P{number}",
        "name": f"Afdeling {number}",
        "care_types": [CARE_TYPE, random.choice((CareType.ELV_HOOG, CareType.WLZ_VV))],
        "features": random.sample(list(Feature), random.randint(4, len(Feature))),
        "admission_rules": random.choice(_RULES),
        "posting_schedule": "werkdagen-tweemaal",
        "time_to_live_minutes": None,
        "status": "active",
        "version": 1,
    }


def _capacity(random: Random) -> dict[str, Any]:
    observed = NOW - timedelta(minutes=random.randint(1, 1200))
    balance = random.choice((-1, 0, 0, 0, 1, 1, 2, 3))
    day = (NOW + timedelta(days=random.randint(1, 6))).date().isoformat()
    return {
        "version": 3,
        "source": "api",
        "observed_at": observed.isoformat(),
        "received_at": observed.isoformat(),
        "valid_until": (observed + timedelta(hours=18)).isoformat(),
        "operable": 20,
        "occupied": 20 - balance,
        "planned": 0,
        "claimed": random.choice((0, 0, 1)),
        "promised": random.choice((0, 0, 0, 1, 2)),
        "free": max(0, balance),
        "balance": balance,
        "available_from": None,
        "forecast": {"discharges": [{"on": day, "places": 1}], "admissions": []}
        if random.random() < 0.3
        else None,
    }


def _team(random: Random, number: int, providers: int) -> dict[str, Any]:
    return {
        "id": str(_id(4, number)),
        "organisation_id": str(_id(1, number % providers)),
        "name": f"Team {number}",
        "telephone": "079-0000001",
        "pc4s": [postcode.pc4 for postcode in random.sample(POSTCODES, 12)],
        "skills": random.sample(list(Skill), random.randint(2, 6)),
        "dagdelen": random.sample(list(Dagdeel), random.randint(2, 4)),
        "status": "active",
    }


def _said(random: Random) -> dict[str, Any]:
    return {
        "version": 2,
        "source": "page",
        "observed_at": (NOW - timedelta(hours=5)).isoformat(),
        "valid_until": (NOW + timedelta(hours=random.randint(-2, 20))).isoformat(),
        "light": random.choice(("groen", "groen", "oranje", "rood")),
        "earliest_start": (NOW + timedelta(days=random.randint(0, 9))).date().isoformat(),
        "hours": None,
        "exceptions": [],
    }


def _subject(kind: Kind, subject_id: UUID, state: dict[str, Any]) -> Subject:
    return Subject(kind, str(subject_id), orjson.dumps(state).decode())


def _id(space: int, number: int) -> UUID:
    """Not in the order of the numbers."""
    return UUID(int=(number * 0x9E3779B97F4A7C15 % 2**64) << 64 | space << 32 | number)


_ASKED_FEATURES = (Feature.ZUURSTOF, Feature.TILLIFT, Feature.ROLSTOEL, Feature.EENPERSOONSKAMER)
