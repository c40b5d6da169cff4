"""What questions of a board must answer: every subject looked at, one by one, by the domain's rules."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson

from app.live.board import RegionBoard
from app.live.messages import moment
from app.live.places import PlaceQuestion, Sort
from app.live.teams import TeamQuestion, team_report
from domain import places
from domain.admission import AdmissionRules
from domain.calendar import AMSTERDAM
from domain.capacity import Freshness, freshness
from domain.care_types import CareType
from domain.errors import InvalidInput
from domain.events import Kind
from domain.features import Feature
from domain.geography import Point, projected
from domain.home_care import REASON_LABELS, Coverage, Dagdeel, Skill, fit
from domain.outlook import Expected, Forecast, Outlook
from domain.places import Stop

#: Beyond this many metres, or minutes from now, nothing is nearer or sooner than anything else.
FURTHEST = 2**20 - 1


@dataclass(frozen=True, slots=True)
class Place:
    """A pool that is open, with all that a question may look at."""

    pool: dict[str, Any]
    location: dict[str, Any]
    organisation: dict[str, Any]
    figures: dict[str, Any]
    stop: Stop | None

    def known(self, now: datetime) -> bool:
        """Whether its figure may be believed, and says anything."""
        return self.freshness(now) is Freshness.FRESH and self.figures["balance"] is not None

    def freshness(self, now: datetime) -> Freshness:
        """How far its figure may be believed."""
        until = self.figures.get("valid_until")
        return freshness(datetime.fromisoformat(until) if until else None, now)

    @property
    def expected(self) -> Expected:
        """What its report foresees."""
        told = self.figures
        available = told["available_from"]
        observed = datetime.fromisoformat(told["observed_at"])
        return Expected(
            told["balance"],
            0 if told["operable"] is None or told["occupied"] is None else told["planned"] or 0,
            Forecast.from_data(told["forecast"]),
            date.fromisoformat(available) if available else None,
            observed.astimezone(AMSTERDAM).date(),
        )

    def outlook(self, now: datetime) -> Outlook:
        """Its outlook, all None when it can't be known."""
        if not self.known(now):
            return Outlook(None, None, None, None)
        return places.outlook(self.expected, self.stop, now)


def open_places(board: RegionBoard) -> Iterator[Place]:
    """The pools that a question may find, by id."""
    for pool_id, pool in board.all(Kind.POOL):
        location = _get(board, Kind.LOCATION, pool["location_id"])
        organisation = _get(board, Kind.ORGANISATION, pool["organisation_id"])
        if pool["status"] != "active" or organisation is None or location is None:
            continue
        if location["status"] == "active" and set(pool["care_types"]) & set(CareType):
            figures = _get(board, Kind.CAPACITY, pool_id) or {}
            stop = _get(board, Kind.ADMISSION_STOP, location["id"])
            yield Place(pool, location, organisation, figures, _stop(stop) if stop else None)


def availability(
    board: RegionBoard, question: PlaceQuestion, now: datetime
) -> tuple[list[dict[str, Any]], int]:
    """All items in order, whatever the limit and the page, and how many were left out unconfirmed."""
    found: list[tuple[tuple[int, int, str], dict[str, Any]]] = []
    unconfirmed = 0
    for place in open_places(board):
        metres = _metres(place, question)
        if not _asked(place, question, metres):
            continue
        if not place.known(now):
            unconfirmed += 1
            continue
        first = _first_admission(place, question.min_free, now)
        if first is None or first.at is None:
            continue
        if question.admit_by is not None and first.at > question.admit_by:
            continue
        distance = min(metres, FURTHEST)
        minutes = min(math.ceil((first.at - now) / timedelta(minutes=1)), FURTHEST)
        key = {
            Sort.NEAREST: (distance, minutes),
            Sort.SOONEST: (minutes, distance),
            Sort.FREEST: (-first.free, distance),
        }[question.sort]
        unknown = question.near is None or metres >= FURTHEST
        item = _item(place, now) | {
            "distance_km": None if unknown else round(metres / 1000, 1),
            "earliest_admission": moment(first.at),
            "admissible_now": first.at == now,
            "free_at_admission": first.free,
        }
        found.append(((*key, place.pool["id"]), item))
    return [item for _, item in sorted(found, key=lambda pair: pair[0])], unconfirmed


def home_care(board: RegionBoard, question: TeamQuestion, now: datetime) -> list[dict[str, Any]]:
    """All teams of the PC4 in order, whatever the limit and the page."""
    found: list[tuple[tuple[int, date, str], dict[str, Any]]] = []
    for team_id, team in board.all(Kind.HOME_CARE_TEAM):
        organisation = _get(board, Kind.ORGANISATION, team["organisation_id"])
        if team["status"] != "active" or organisation is None:
            continue
        if question.pc4 not in team["pc4s"]:
            continue
        told = _get(board, Kind.HOME_CARE, team_id) or {}
        report = team_report(told)
        until = told.get("valid_until")
        fresh = freshness(datetime.fromisoformat(until) if until and report else None, now)
        answer = fit(
            Coverage(
                frozenset(team["pc4s"]),
                frozenset(Skill(code) for code in team["skills"] if code in set(Skill)),
                frozenset(Dagdeel(code) for code in team["dagdelen"] if code in set(Dagdeel)),
            ),
            report,
            fresh,
            skill=question.skill,
            dagdeel=question.dagdeel,
            start_by=question.start_by,
            today=now.astimezone(AMSTERDAM).date(),
        )
        item = {
            **{name: team[name] for name in ("id", "name", "telephone")},
            "organisation": {name: organisation[name] for name in ("id", "name", "telephone")},
            "skills": [code for code in team["skills"] if code in set(Skill)],
            "dagdelen": [code for code in team["dagdelen"] if code in set(Dagdeel)],
            "light": answer.light,
            "start": answer.start and answer.start.isoformat(),
            "fits": answer.rank == 0,
            "reasons": [{"code": r, "label": REASON_LABELS[r]} for r in answer.reasons],
            "exceptions": orjson.loads(orjson.dumps(report.exceptions)) if report else [],
            **{name: told.get(name) for name in ("hours", "source")},
            "observed_at": _utc(told.get("observed_at")),
            "valid_until": _utc(told.get("valid_until")),
            "freshness": fresh,
        }
        found.append(((answer.rank, answer.start or date.max, team_id), item))
    return [item for _, item in sorted(found, key=lambda pair: pair[0])]


def _asked(place: Place, question: PlaceQuestion, metres: int) -> bool:
    return (
        question.care_type in place.pool["care_types"]
        and question.features <= set(place.pool["features"])
        and question.gemeente in (None, place.location["gemeente"])
        and (question.within_km is None or metres <= round(question.within_km * 1000))
    )


def _first_admission(place: Place, min_free: int, now: datetime) -> places.FirstAdmission | None:
    try:
        rules = place.pool["admission_rules"]
        given = None if rules is None else AdmissionRules.from_json(rules)
    except InvalidInput:
        return None
    return places.first_admission(place.expected, given, place.stop, min_free, now)


def _metres(place: Place, question: PlaceQuestion) -> int:
    """Without a point, or with one abroad, it is further than anything."""
    if question.near is None:
        return 0
    latitude, longitude = place.location["latitude"], place.location["longitude"]
    if latitude is None:
        return FURTHEST
    try:
        east, north = projected(Point(latitude, longitude))
    except InvalidInput:
        return FURTHEST
    here_east, here_north = projected(question.near)
    across, up = east - here_east, north - here_north
    return round(math.sqrt(across * across + up * up) * 1000)


def _item(place: Place, now: datetime) -> dict[str, Any]:
    outlook = place.outlook(now)
    return {
        **{name: place.pool[name] for name in ("id", "name", "external_id", "admission_rules")},
        "organisation": {name: place.organisation[name] for name in ("id", "name", "telephone")},
        "location": {
            name: place.location[name]
            for name in (
                *("id", "name", "address", "postcode", "place", "gemeente", "telephone"),
                *("latitude", "longitude", "wlz_contract"),
            )
        },
        "care_types": [code for code in place.pool["care_types"] if code in set(CareType)],
        "features": [code for code in place.pool["features"] if code in set(Feature)],
        **{name: place.figures[name] for name in ("free", "balance", "source")},
        "freshness": "vers",
        "observed_at": _utc(place.figures["observed_at"]),
        "valid_until": _utc(place.figures["valid_until"]),
        "outlook": {
            name: getattr(outlook, name)
            for name in ("now", "in_24_hours", "in_72_hours", "in_a_week")
        },
    }


def _stop(told: dict[str, Any]) -> Stop:
    until = told["expected_until"]
    since = datetime.fromisoformat(told["since"]).astimezone(UTC)
    return Stop.expected(since, date.fromisoformat(until) if until else None)


def _get(board: RegionBoard, kind: Kind, subject_id: str) -> dict[str, Any] | None:
    text = board.get(kind, subject_id)
    return None if text is None else orjson.loads(text)


def _utc(text: str | None) -> str | None:
    return None if text is None else moment(datetime.fromisoformat(text))
