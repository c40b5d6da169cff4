"""Regions full of made-up pools and teams, as the states of a board: drawn from a seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from app.db.event_log import LoggedEvent, Subject
from app.live.board import RegionBoard
from app.live.places import PlaceQuestion, Sort
from app.live.teams import TeamQuestion
from domain.care_types import CareType
from domain.events import Kind
from domain.features import Feature
from domain.geography import GEMEENTEN, Point
from domain.home_care import Dagdeel, Light, Skill
from tests.factories.stream import position

NOW = datetime(2026, 11, 22, 9, 30, 12, 345678, tzinfo=UTC)
CARE_TYPES = [care_type for care_type in CareType if care_type.has_places]
PC4S = [str(number) for number in range(2700, 2730)]
_RULES: list[dict[str, Any]] = [
    {"days": ["ma", "di", "wo", "do", "vr"], "opens": "10:00", "closes": "16:00"},
    {"days": ["ma", "di", "wo", "do", "vr"], "apply_before": "12:00", "apply_days_ahead": 1},
    {"days": ["ma", "wo"], "opens": "09:00", "closes": "15:00", "max_per_day": 1},
    {"opens": "10:00", "closes": "24:00", "holidays": True, "max_per_day": 2},
    {"days": ["zo"], "closes": "11:00"},
]


@dataclass(slots=True)
class MadeRegion:
    """Draws subjects, and events about them; `seen` is what a board that saw them all would hold."""

    draw: random.Random
    now: datetime = NOW
    odd: bool = True
    seen: dict[tuple[str, str], str] = field(default_factory=dict)
    _number: int = 0

    def fill(self, *, organisations: int, locations: int, pools: int, teams: int) -> None:
        """So many of each, all active and most of them reported."""
        for kind, count in (
            (Kind.ORGANISATION, organisations),
            (Kind.LOCATION, locations),
            (Kind.POOL, pools),
            (Kind.HOME_CARE_TEAM, teams),
        ):
            for number in range(count):
                self._keep(kind, _id(kind, number), self._state(kind, number))
        for number in range(pools):
            self._keep(Kind.CAPACITY, _id(Kind.POOL, number), self.capacity())
        for number in range(teams):
            self._keep(Kind.HOME_CARE, _id(Kind.HOME_CARE_TEAM, number), self.home_care())
        for number in range(locations):
            if self.draw.random() < 0.15:
                self._keep(Kind.ADMISSION_STOP, _id(Kind.LOCATION, number), self.stop(number))

    def board(self) -> RegionBoard:
        """A board from all that was seen, as a snapshot gives it."""
        subjects = [Subject(kind, key, data) for (kind, key), data in self.seen.items()]
        return RegionBoard(position(self._number), subjects, self.now)

    def events(self, count: int) -> Iterator[LoggedEvent]:
        """So many changes, some of them tombstones, some of subjects that weren't there yet."""
        for _ in range(count):
            kind = self.draw.choice(_CHANGED)
            of, most = _ABOUT.get(kind, (kind, 30))
            number = self.draw.randrange(most)
            gone = self.draw.random() < (0.5 if kind == Kind.ADMISSION_STOP else 0.1)
            self._number += 1
            data = None if gone else orjson.dumps(self._state(kind, number)).decode()
            if data is None:
                self.seen.pop((kind, _id(of, number)), None)
            else:
                self.seen[kind, _id(of, number)] = data
            yield LoggedEvent(position(self._number), kind, _id(of, number), None, self.now, data)

    def capacity(self) -> dict[str, Any]:
        """A pool's figures: unknown, onbevestigd, short, full of plans, or simply free."""
        draw = self.draw
        balance = draw.choice([None, -2, 0, 0, 1, 1, 2, 3, 5, 12])
        observed = self.now - timedelta(minutes=draw.randrange(3 * 24 * 60))
        never = draw.random() < 0.05
        return {
            "version": 0 if never else 3,
            "source": None if never else draw.choice(["api", "page", "file", "phone"]),
            "observed_at": None if never else observed.isoformat(),
            "received_at": None if never else observed.isoformat(),
            "valid_until": None if never else self._valid_until(),
            "operable": draw.choice([None, 20]),
            "occupied": 10,
            "planned": draw.choice([None, 0, 1, 3]),
            "free": None if never or balance is None else max(0, balance),
            "balance": None if never else balance,
            "claimed": (balance or 0) % 3,
            "promised": (balance or 0) % 2,
            "available_from": self._day(0, 9) if draw.random() < 0.2 else None,
            "forecast": self._forecast() if draw.random() < 0.5 else None,
        }

    def home_care(self) -> dict[str, Any]:
        """What a team says, or that it never said anything."""
        draw = self.draw
        if draw.random() < 0.1:
            names = ("source", "observed_at", "valid_until", "light", "earliest_start", "hours")
            return {"version": 0, "exceptions": [], **dict.fromkeys(names)}
        return {
            "version": 2,
            "source": "page",
            "observed_at": (self.now - timedelta(hours=5)).isoformat(),
            "valid_until": self._valid_until(),
            "light": draw.choice(list(Light)),
            "earliest_start": self._day(-3, 20) if draw.random() < 0.5 else None,
            "hours": draw.choice([None, 4, 30]),
            "exceptions": [self._exception() for _ in range(draw.choice([0, 0, 1, 2, 3]))],
        }

    def stop(self, number: int) -> dict[str, Any]:
        """An opnamestop: long since, or announced; with an end, or with one that passed, or none."""
        return {
            "location_id": _id(Kind.LOCATION, number),
            "reason": "uitbraak",
            "note": None,
            "since": (self.now + timedelta(hours=self.draw.randint(-200, 60))).isoformat(),
            "expected_until": self._day(-2, 12) if self.draw.random() < 0.6 else None,
            "source": "page",
        }

    def place_question(self) -> PlaceQuestion:
        """A question, as often as not a hard one."""
        draw = self.draw
        near = draw.choice([None, Point(52.06, 4.5), Point(52.1, 4.3)])
        sorts = list(Sort) if near else [Sort.SOONEST, Sort.FREEST]
        return PlaceQuestion(
            draw.choice(CARE_TYPES[:4]),
            frozenset(draw.sample(list(Feature)[:4], draw.choice([0, 0, 1, 2]))),
            draw.choice([None, None, "0637", "0518", "9999"]),
            near,
            draw.choice([None, 5.0, 12.5]) if near else None,
            draw.choice([1, 1, 1, 2, 3, 13]),
            draw.choice([None, self.now + timedelta(hours=draw.randint(-2, 200))]),
            draw.choice(sorts),
            draw.choice([1, 2, 5, 100]),
        )

    def team_question(self) -> TeamQuestion:
        """A question about one of PC4S, or about one where nobody works."""
        draw = self.draw
        return TeamQuestion(
            draw.choice([*PC4S, "9999"]),
            draw.choice([None, *Skill]),
            draw.choice([None, *Dagdeel]),
            draw.choice([None, (self.now + timedelta(days=draw.randint(-1, 12))).date()]),
            draw.choice([1, 2, 5, 100]),
        )

    def _state(self, kind: Kind, number: int) -> dict[str, Any]:
        draw = self.draw
        organisation = _id(Kind.ORGANISATION, draw.randrange(9))
        match kind:
            case Kind.ORGANISATION:
                return {
                    "id": _id(kind, number),
                    "agb": f"{41_000_000 + number}",
                    "name": f"Zorg «{number}» {draw.randrange(9)}",
                    "telephone": draw.choice([None, "079-0000000"]),
                }
            case Kind.LOCATION:
                point = draw.random() < 0.9
                return {
                    "id": _id(kind, number),
                    "organisation_id": organisation,
                    "name": f'Huis "{number}"',
                    "address": "Markt 10",
                    "postcode": f"{PC4S[number % len(PC4S)]}CZ",
                    "place": "Zoetermeer",
                    "gemeente": draw.choice([None, *GEMEENTEN]),
                    # A few points only, so that some places are equally far.
                    "latitude": round(draw.uniform(52.0, 52.1), 2) if point else None,
                    "longitude": round(draw.uniform(4.3, 4.6), 1) if point else None,
                    "telephone": None,
                    "wlz_contract": draw.random() < 0.5,
                    "status": "ended" if self.odd and draw.random() < 0.05 else "active",
                }
            case Kind.POOL:
                return self._pool(number, organisation)
            case Kind.HOME_CARE_TEAM:
                return self._team(number, organisation)
            case Kind.ADMISSION_STOP:
                return self.stop(number)
            case Kind.CAPACITY:
                return self.capacity()
            case _:
                return self.home_care()

    def _pool(self, number: int, organisation: str) -> dict[str, Any]:
        draw = self.draw
        care_types = draw.sample(CARE_TYPES[:6], draw.choice([1, 1, 2]))
        features = draw.sample(list(Feature)[:6], draw.randrange(5))
        return {
            "id": _id(Kind.POOL, number),
            "organisation_id": organisation,
            "location_id": _id(Kind.LOCATION, draw.randrange(20)),
            "external_id": f"P{number}",
            "name": f"Afdeling {number}",
            "care_types": [*care_types, "zorg-van-later"] if self._newer() else care_types,
            "features": [*features, "kenmerk-van-later"] if self._newer() else features,
            "admission_rules": (
                {"regel-van-later": 1} if self._newer() else draw.choice([None, *_RULES])
            ),
            "posting_schedule": "werkdagen-tweemaal",
            "time_to_live_minutes": None,
            "status": "ended" if self.odd and draw.random() < 0.05 else "active",
            "version": 1,
        }

    def _team(self, number: int, organisation: str) -> dict[str, Any]:
        draw = self.draw
        skills = draw.sample(list(Skill), draw.randint(1, 7))
        return {
            "id": _id(Kind.HOME_CARE_TEAM, number),
            "organisation_id": organisation,
            "name": f"Team {number}",
            "telephone": draw.choice([None, "079-0000001"]),
            "pc4s": draw.sample(PC4S, draw.randint(1, 12)),
            "skills": [*skills, "kunde-van-later"] if self._newer() else skills,
            "dagdelen": draw.sample(list(Dagdeel), draw.randint(1, 4)),
            "status": "ended" if self.odd and draw.random() < 0.05 else "active",
        }

    def _exception(self) -> dict[str, Any]:
        draw = self.draw
        skill, dagdeel = draw.choice(list(Skill)), draw.choice(list(Dagdeel))
        about = draw.choice([(skill, None), (None, dagdeel), (skill, dagdeel)])
        return {
            "light": "paars" if self._newer() else draw.choice(list(Light)),
            "skill": "kunde-van-later" if self._newer() else about[0],
            "dagdeel": about[1] or (None if about[0] else dagdeel),
            "earliest_start": self._day(-3, 20) if draw.random() < 0.5 else None,
        }

    def _forecast(self) -> dict[str, Any]:
        return {name: self._dates() for name in ("discharges", "admissions")}

    def _dates(self) -> list[dict[str, Any]]:
        days = sorted({self._day(-3, 12) for _ in range(self.draw.randrange(4))})
        return [{"on": day, "places": self.draw.randint(1, 3)} for day in days]

    def _valid_until(self) -> str:
        return (self.now + timedelta(minutes=self.draw.randint(-300, 3000))).isoformat()

    def _day(self, first: int, last: int) -> str:
        return (self.now + timedelta(days=self.draw.randint(first, last))).date().isoformat()

    def _newer(self) -> bool:
        return self.odd and self.draw.random() < 0.05

    def _keep(self, kind: Kind, subject_id: str, state: dict[str, Any]) -> None:
        self.seen[kind, subject_id] = orjson.dumps(state).decode()


_SPACES = {
    Kind.ORGANISATION: 1,
    Kind.LOCATION: 2,
    Kind.POOL: 3,
    Kind.HOME_CARE_TEAM: 4,
}
#: Of which noun the events of a kind are, and how many of them may be there.
_ABOUT = {
    Kind.ORGANISATION: (Kind.ORGANISATION, 9),
    Kind.LOCATION: (Kind.LOCATION, 20),
    Kind.ADMISSION_STOP: (Kind.LOCATION, 20),
    Kind.POOL: (Kind.POOL, 60),
    Kind.CAPACITY: (Kind.POOL, 60),
    Kind.HOME_CARE_TEAM: (Kind.HOME_CARE_TEAM, 40),
    Kind.HOME_CARE: (Kind.HOME_CARE_TEAM, 40),
}
_CHANGED = [
    *(Kind.CAPACITY, Kind.CAPACITY, Kind.CAPACITY, Kind.HOME_CARE, Kind.HOME_CARE),
    *(Kind.POOL, Kind.POOL, Kind.HOME_CARE_TEAM, Kind.LOCATION, Kind.ADMISSION_STOP),
    Kind.ORGANISATION,
]


def _id(kind: Kind, number: int) -> str:
    """Not in the order of the numbers, so that order by id is order by id."""
    return str(UUID(int=(number * 0x9E3779B97F4A7C15 % 2**64) << 64 | _SPACES[kind] << 32 | number))
