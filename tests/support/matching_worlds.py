"""What matches are held against: pools and teams of a board read one by one, without any index."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from app.live.board import RegionBoard
from app.live.teams import team_report
from domain import places
from domain.admission import AdmissionRules
from domain.admission_stops import Stop
from domain.calendar import AMSTERDAM
from domain.care_types import CareType, ClosedReason
from domain.delivery_records import Share
from domain.errors import InvalidInput
from domain.events import Kind
from domain.features import Feature
from domain.geography import GEMEENTEN, Point
from domain.home_care import Coverage, Dagdeel, Skill
from domain.matching.criteria import Candidate, TeamCandidate
from domain.matching.scoring import Asked, ScoredPlace, ScoredTeam
from domain.matching.wishes import Wishes
from domain.needs import Infection, LegalStatus, Need, Setting, Sex
from tests.factories.places import PC4S
from tests.support.brute_force import Place, open_places


def scored_places(board: RegionBoard, now: datetime) -> list[ScoredPlace]:
    """Every open pool."""
    return [_scored(board, place, now) for place in open_places(board)]


def candidate_of(place: Place, now: datetime) -> Candidate:
    """A pool as the criteria look at it."""
    told, stop = place.figures, None
    if place.stop is not None and place.stop.since <= now:
        until = place.stop.until
        last = None if until is None else (until - timedelta(hours=12)).date()
        stop = Stop(ClosedReason.UITBRAAK, None, place.stop.since, last)
    return Candidate(
        UUID(place.pool["id"]),
        frozenset(CareType(c) for c in place.pool["care_types"] if c in set(CareType)),
        frozenset(Feature(f) for f in place.pool["features"] if f in set(Feature)),
        place.location["wlz_contract"],
        told.get("balance"),
        _at(told.get("observed_at")),
        _at(told.get("valid_until")),
        stop,
        _earliest(place, now) if place.known(now) else None,
    )


def _scored(board: RegionBoard, place: Place, now: datetime) -> ScoredPlace:
    candidate, location = candidate_of(place, now), place.location
    old = (
        candidate.valid_until is not None
        and candidate.balance is not None
        and candidate.valid_until <= now
    )
    refused, not_arrived = _record(board, place.organisation["id"])
    return ScoredPlace(
        candidate,
        UUID(place.organisation["id"]),
        location["postcode"][:4],
        location["gemeente"],
        _point(location),
        (place.figures.get("claimed") or 0) + (place.figures.get("promised") or 0),
        refused,
        not_arrived,
        _earliest(place, now, confirmed=True) if old else None,
    )


def scored_teams(board: RegionBoard, pc4: str, now: datetime) -> list[ScoredTeam]:
    """The teams that work in a postcode."""
    found = []
    for team_id, team in board.all(Kind.HOME_CARE_TEAM):
        organisation = board.get(Kind.ORGANISATION, team["organisation_id"])
        if team["status"] != "active" or organisation is None or pc4 not in team["pc4s"]:
            continue
        told = orjson.loads(board.get(Kind.HOME_CARE, team_id) or "{}")
        coverage = Coverage(
            frozenset(team["pc4s"]),
            frozenset(Skill(code) for code in team["skills"] if code in set(Skill)),
            frozenset(Dagdeel(code) for code in team["dagdelen"] if code in set(Dagdeel)),
        )
        candidate = TeamCandidate(
            UUID(team_id),
            coverage,
            team_report(told),
            _at(told.get("observed_at")),
            _at(told.get("valid_until")),
        )
        found.append(
            ScoredTeam(
                candidate, UUID(team["organisation_id"]), *_record(board, team["organisation_id"])
            )
        )
    return found


def any_asked(draw: random.Random, now: datetime) -> Asked:
    """Somebody who is looked for, with and without a home, a partner and wishes."""
    need = Need(
        1941,
        draw.choice(list(Sex)),
        draw.choice(PC4S),
        Setting.ZIEKENHUIS,
        needed_by=draw.choice([None, now + timedelta(hours=draw.randint(-5, 200))]),
        infection=draw.choice([*[Infection.GEEN] * 5, Infection.MRSA]),
        features=frozenset(draw.sample(list(Feature)[3:6], draw.choice([0, 0, 0, 1, 2]))),
        skills=frozenset(draw.sample(list(Skill), draw.randrange(3))),
        dagdelen=frozenset(draw.sample(list(Dagdeel), draw.randrange(3))),
        legal_status=draw.choice([LegalStatus.VRIJWILLIG] * 9 + [LegalStatus.WZD_RM]),
    )
    wishes = Wishes(
        gemeente=draw.choice([None, *GEMEENTEN]),
        pc4s=frozenset(draw.sample(PC4S, draw.choice([0, 0, 2]))),
        known_to=frozenset(
            UUID(int=(number * 0x9E3779B97F4A7C15 % 2**64) << 64 | 1 << 32 | number)
            for number in draw.sample(range(9), draw.choice([0, 1, 2]))
        ),
    )
    return Asked(
        need,
        wishes,
        draw.choice([None, Point(52.06, 4.5), Point(52.1, 4.3)]),
        draw.choice([None, None, Point(52.0, 4.6)]),
        draw.choice([None, "0637"]),
    )


def _earliest(place: Place, now: datetime, *, confirmed: bool = False) -> datetime | None:
    try:
        rules = place.pool["admission_rules"]
        given = None if rules is None else AdmissionRules.from_json(rules)
    except InvalidInput:
        return None
    expected = place.expected
    if confirmed:
        expected = replace(expected, observed_on=now.astimezone(AMSTERDAM).date())
    return places.first_admission(expected, given, place.stop, 1, now).at


def _record(board: RegionBoard, organisation_id: str) -> tuple[Share, Share]:
    told: dict[str, Any] = orjson.loads(board.get(Kind.DELIVERY_RECORD, organisation_id) or "{}")
    refused = Share(told.get("refused_while_free", 0), told.get("called_on", 0))
    return refused, Share(told.get("not_arrived", 0), told.get("admissions_due", 0))


def _point(location: dict[str, Any]) -> Point | None:
    if location["latitude"] is None:
        return None
    return Point(location["latitude"], location["longitude"])


def _at(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
