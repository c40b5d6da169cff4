"""Pools and teams of a board with all that a match weighs, each as the domain has it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from app.live.board import RegionBoard
from app.live.hard_masks import Standing, standing
from app.live.place_moments import AT_ONCE, NOT_FORESEEN
from app.live.place_reading import at
from app.live.teams import team_report
from domain.admission_stops import Stop
from domain.care_types import CareType, ClosedReason
from domain.delivery_records import Share
from domain.events import Kind
from domain.home_care import Coverage, Dagdeel, Skill
from domain.matching.criteria import Candidate, TeamCandidate
from domain.matching.replay import Inputs
from domain.matching.scoring import NO_CASES, Asked, ScoredPlace, ScoredTeam
from domain.matching.weights import Weights


def match_inputs(
    board: RegionBoard,
    asked: Asked,
    care_types: Sequence[CareType],
    weights: Weights,
    now: datetime,
) -> Inputs:
    """All that a match goes by, to keep; of the board's position, so ask in one go with the match."""
    places = standing(board, care_types, now)
    return Inputs(
        asked,
        tuple(dict.fromkeys(care_types)),
        tuple(scored_place(board, places, number) for number in range(len(places.at))),
        tuple(scored_teams(board, asked.need.pc4)),
        weights,
        now,
    )


def scored_place(board: RegionBoard, places: Standing, number: int) -> ScoredPlace:
    """One of the pools, by its number among them."""
    rows, row = board.places.rows, int(places.serving.rows[number])
    facts, posted = rows.facts(row), rows.posted(row)
    once_confirmed = None
    if places.known[number] and not places.believed[number]:
        found = board.places.moments.once_confirmed(places.serving.rows[number : number + 1])
        once_confirmed = _admission(float(found.at[row]), places.now)
    refused, not_arrived = rows.records.shares[places.serving.organisation[number]]
    return ScoredPlace(
        candidate_of_pool(board, places, number),
        facts.organisation_id,
        facts.pc4,
        facts.gemeente,
        facts.where,
        posted.held,
        refused,
        not_arrived,
        once_confirmed,
    )


def candidate_of_pool(board: RegionBoard, places: Standing, number: int) -> Candidate:
    """One of the pools as the criteria look at it."""
    rows, row = board.places.rows, int(places.serving.rows[number])
    facts, posted = rows.facts(row), rows.posted(row)
    return Candidate(
        facts.id,
        facts.care_types,
        facts.features,
        facts.wlz_contract,
        posted.balance,
        posted.observed_at,
        posted.valid_until,
        _stop(board, facts.location_id) if places.stopped[number] else None,
        _admission(float(places.at[number]), places.now),
    )


def scored_teams(board: RegionBoard, pc4: str) -> list[ScoredTeam]:
    """The teams that work in a postcode."""
    found = []
    for team_id in board.teams.working_in(pc4):
        text = board.get(Kind.HOME_CARE_TEAM, team_id)
        assert text is not None
        candidate, organisation_id = _team(text, board.get(Kind.HOME_CARE, team_id))
        found.append(ScoredTeam(candidate, organisation_id, *shares(board, organisation_id)))
    return found


@lru_cache(maxsize=4096)
def _team(text: str, said: str | None) -> tuple[TeamCandidate, UUID]:
    """A team by its states, and whose it is; the same few come back in match after match."""
    team = orjson.loads(text)
    told: dict[str, Any] = {} if said is None else orjson.loads(said)
    coverage = Coverage(
        frozenset(team["pc4s"]),
        frozenset(Skill(code) for code in team["skills"] if code in _SKILLS),
        frozenset(Dagdeel(code) for code in team["dagdelen"] if code in _DAGDELEN),
    )
    observed, until = told.get("observed_at"), told.get("valid_until")
    candidate = TeamCandidate(
        UUID(team["id"]),
        coverage,
        team_report(told),
        observed and at(observed),
        until and at(until),
    )
    return candidate, UUID(team["organisation_id"])


def shares(board: RegionBoard, organisation_id: UUID) -> tuple[Share, Share]:
    """Of an organisation's record: refused while posted free, and admissions that didn't come."""
    record = board.records.of(organisation_id)
    if record is None:
        return NO_CASES, NO_CASES
    return record.refused_while_free, record.not_arrived


def _stop(board: RegionBoard, location_id: str) -> Stop:
    told = orjson.loads(board.get(Kind.ADMISSION_STOP, location_id) or "{}")
    until = told["expected_until"]
    return Stop(
        ClosedReason(told["reason"]),
        told["note"],
        at(told["since"]),
        date.fromisoformat(until) if until else None,
    )


def _admission(moment: float, now: datetime) -> datetime | None:
    if moment == NOT_FORESEEN:
        return None
    return now if moment == AT_ONCE else datetime.fromtimestamp(moment, UTC)


_SKILLS = {skill.value for skill in Skill}
_DAGDELEN = {dagdeel.value for dagdeel in Dagdeel}
