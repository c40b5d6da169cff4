"""A match as it is kept with what somebody did on it, and the same result made from that alone.

All that the result went by is kept, and no more: who was looked for, the weights themselves, and each pool and team
that was looked at. So it can be made again when the board, the rules or the weights have long changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from domain.admission_stops import Stop
from domain.care_types import CareType, ClosedReason
from domain.delivery_records import Share
from domain.features import Feature
from domain.geography import Point
from domain.home_care import Coverage, Dagdeel, Light, Skill, TeamException, TeamReport
from domain.matching.criteria import Candidate, TeamCandidate
from domain.matching.ranking import Ranking, rank
from domain.matching.scoring import Asked, ScoredPlace, ScoredTeam
from domain.matching.weights import Weights
from domain.matching.wishes import wishes_from
from domain.needs import Infection, LegalStatus, Need, Setting, Sex


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that a match goes by. places: those of the care types; teams: those of the postcode."""

    asked: Asked
    care_types: tuple[CareType, ...]
    places: tuple[ScoredPlace, ...]
    teams: tuple[ScoredTeam, ...]
    weights: Weights
    now: datetime

    def rank(self) -> Ranking:
        """The result."""
        return rank(self.asked, self.care_types, self.places, self.teams, self.weights, self.now)

    def home(self) -> Ranking | None:
        """The home alternatives; None: care at home is among what was asked."""
        if CareType.WIJKVERPLEGING in self.care_types:
            return None
        asked = (CareType.WIJKVERPLEGING,)
        return rank(self.asked, asked, (), self.teams, self.weights, self.now)

    def to_json(self) -> dict[str, Any]:
        """To keep; moments in UTC."""
        asked = self.asked
        return {
            "at": _written(self.now),
            "need": _need_json(asked.need),
            "wishes": asked.wishes.to_json(),
            "home": _point_json(asked.home),
            "partner": _point_json(asked.partner),
            "home_gemeente": asked.home_gemeente,
            "care_types": [care_type.value for care_type in self.care_types],
            "weights": self.weights.to_json(),
            "places": [_place_json(place) for place in self.places],
            "teams": [_team_json(team) for team in self.teams],
        }


def replay(kept: Mapping[str, Any]) -> list[UUID]:
    """What fitted, in the order in which it was shown."""
    return [fit.id for fit in inputs_from(kept).rank().fits]


def inputs_from(kept: Mapping[str, Any]) -> Inputs:
    """As `Inputs.to_json` wrote them."""
    asked = Asked(
        _need(kept["need"]),
        wishes_from(kept["wishes"]),
        _point(kept["home"]),
        _point(kept["partner"]),
        kept["home_gemeente"],
    )
    return Inputs(
        asked,
        tuple(CareType(code) for code in kept["care_types"]),
        tuple(_place(one) for one in kept["places"]),
        tuple(_team(one) for one in kept["teams"]),
        Weights.from_data(kept["weights"]),
        datetime.fromisoformat(kept["at"]),
    )


def _need_json(need: Need) -> dict[str, Any]:
    return {
        "sex": need.sex.value,
        "pc4": need.pc4,
        "needed_by": _written(need.needed_by),
        "infection": need.infection.value,
        "features": sorted(need.features),
        "skills": sorted(need.skills),
        "dagdelen": sorted(need.dagdelen),
        "legal_status": need.legal_status.value,
    }


def _need(kept: Mapping[str, Any]) -> Need:
    # How old somebody is, where they are and how they behave changes no match, so it isn't kept.
    return Need(
        birth_year=0,
        sex=Sex(kept["sex"]),
        pc4=kept["pc4"],
        setting=Setting.THUIS,
        needed_by=_moment(kept["needed_by"]),
        infection=Infection(kept["infection"]),
        features=frozenset(map(Feature, kept["features"])),
        skills=frozenset(map(Skill, kept["skills"])),
        dagdelen=frozenset(map(Dagdeel, kept["dagdelen"])),
        legal_status=LegalStatus(kept["legal_status"]),
    )


def _place_json(place: ScoredPlace) -> dict[str, Any]:
    candidate, stop = place.candidate, place.candidate.stop
    return {
        "id": str(candidate.id),
        "organisation_id": str(place.organisation_id),
        "care_types": sorted(candidate.care_types),
        "features": sorted(candidate.features),
        "wlz_contract": candidate.wlz_contract,
        "balance": candidate.balance,
        "held": place.held,
        "observed_at": _written(candidate.observed_at),
        "valid_until": _written(candidate.valid_until),
        "stop": stop
        and {
            "reason": stop.reason.value,
            "since": _written(stop.since),
            "expected_until": stop.expected_until and stop.expected_until.isoformat(),
        },
        "earliest": _written(candidate.earliest),
        "once_confirmed": _written(place.once_confirmed),
        "pc4": place.pc4,
        "gemeente": place.gemeente,
        "where": _point_json(place.where),
        "refused_while_free": _share_json(place.refused_while_free),
        "not_arrived": _share_json(place.not_arrived),
    }


def _place(kept: Mapping[str, Any]) -> ScoredPlace:
    stop = kept["stop"]
    candidate = Candidate(
        UUID(kept["id"]),
        frozenset(map(CareType, kept["care_types"])),
        frozenset(map(Feature, kept["features"])),
        kept["wlz_contract"],
        kept["balance"],
        _moment(kept["observed_at"]),
        _moment(kept["valid_until"]),
        None
        if stop is None
        else Stop(
            ClosedReason(stop["reason"]),
            None,
            _moment(stop["since"]),
            _day(stop["expected_until"]),
        ),
        _moment(kept["earliest"]),
    )
    return ScoredPlace(
        candidate,
        UUID(kept["organisation_id"]),
        kept["pc4"],
        kept["gemeente"],
        _point(kept["where"]),
        kept["held"],
        Share(*kept["refused_while_free"]),
        Share(*kept["not_arrived"]),
        _moment(kept["once_confirmed"]),
    )


def _team_json(team: ScoredTeam) -> dict[str, Any]:
    candidate, report = team.candidate, team.candidate.report
    return {
        "id": str(candidate.id),
        "organisation_id": str(team.organisation_id),
        "pc4s": sorted(candidate.coverage.pc4s),
        "skills": sorted(candidate.coverage.skills),
        "dagdelen": sorted(candidate.coverage.dagdelen),
        "report": report
        and {
            **_answer_json(report),
            "hours": report.hours,
            "exceptions": [
                {**_answer_json(one), "skill": one.skill, "dagdeel": one.dagdeel}
                for one in report.exceptions
            ],
        },
        "observed_at": _written(candidate.observed_at),
        "valid_until": _written(candidate.valid_until),
        "refused_while_free": _share_json(team.refused_while_free),
        "not_arrived": _share_json(team.not_arrived),
    }


def _team(kept: Mapping[str, Any]) -> ScoredTeam:
    coverage = Coverage(
        frozenset(kept["pc4s"]),
        frozenset(map(Skill, kept["skills"])),
        frozenset(map(Dagdeel, kept["dagdelen"])),
    )
    candidate = TeamCandidate(
        UUID(kept["id"]),
        coverage,
        None if kept["report"] is None else _report(kept["report"]),
        _moment(kept["observed_at"]),
        _moment(kept["valid_until"]),
    )
    return ScoredTeam(
        candidate,
        UUID(kept["organisation_id"]),
        Share(*kept["refused_while_free"]),
        Share(*kept["not_arrived"]),
    )


def _report(kept: Mapping[str, Any]) -> TeamReport:
    exceptions = tuple(
        TeamException(
            Light(one["light"]),
            one["skill"] and Skill(one["skill"]),
            one["dagdeel"] and Dagdeel(one["dagdeel"]),
            _day(one["earliest_start"]),
        )
        for one in kept["exceptions"]
    )
    start = _day(kept["earliest_start"])
    return TeamReport(Light(kept["light"]), start, exceptions, kept["hours"])


def _answer_json(said: TeamReport | TeamException) -> dict[str, Any]:
    start = said.earliest_start
    return {"light": said.light.value, "earliest_start": start and start.isoformat()}


def _share_json(share: Share) -> list[int]:
    return [share.count, share.of]


def _point_json(point: Point | None) -> list[float] | None:
    return None if point is None else [point.latitude, point.longitude]


def _point(kept: Sequence[float] | None) -> Point | None:
    return None if kept is None else Point(*kept)


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
