"""The answer: the teams of a postcode and how far each fits, or whom to call when there is none.

From the boards in memory alone: it is asked while somebody types.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import orjson

from api.web.home_care.question import CareQuestion
from app.live.board import Board, RegionBoard
from app.live.teams import TeamQuestion, team_report
from domain.actors import OrganisationKind
from domain.calendar import AMSTERDAM
from domain.capacity import Freshness, SourceKind
from domain.combined_care import CombinedFit, Group, combined_fit, needs_of
from domain.errors import InvalidInput
from domain.events import Kind
from domain.geography import Point, distance_km
from domain.home_care import Coverage, Dagdeel, Reason, Skill
from domain.identifiers import EVERYWHERE

#: More than any postcode has.
_ALL = 10_000
_NEIGHBOURS = 3


@dataclass(frozen=True, slots=True)
class FoundTeam:
    """A team that works in the postcode, with what it said last."""

    id: str
    region_id: int
    name: str
    organisation: str
    telephone: str | None
    coverage: Coverage
    fit: CombinedFit
    hours: int | None
    source: SourceKind | None
    observed_at: datetime | None

    @property
    def can_be_asked(self) -> bool:
        """Whether it can do it, if later; anything else is for a call."""
        return all(set(fit.reasons) <= {Reason.LATER} for _, fit in self.fit.parts)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A postcode nearby in which teams do work."""

    pc4: str
    place: str
    kilometres: float


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to call."""

    name: str
    telephone: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What there is to say. place: empty for a postcode that the register doesn't have.

    complete_at: up to when every board was known to be complete. neighbours: only without teams.
    """

    place: str
    teams: tuple[FoundTeam, ...]
    neighbours: tuple[Neighbour, ...]
    points: tuple[Contact, ...]
    complete_at: datetime

    def of(self, group: Group) -> list[FoundTeam]:
        """The teams of a group, soonest first."""
        return [team for team in self.teams if team.fit.group is group]


def answer(
    board: Board, regions: Sequence[RegionBoard], question: CareQuestion, now: datetime
) -> Answer:
    """The answer from these regions, at least one."""
    registers = board.regions.get(EVERYWHERE)
    teams: tuple[FoundTeam, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    if question.pc4:
        teams = tuple(_teams(regions, question, now))
        if not teams:
            neighbours = tuple(_neighbours(registers, regions, question.pc4))
    return Answer(
        place=str(_postcode(registers, question.pc4).get("place", "")),
        teams=teams,
        neighbours=neighbours,
        points=tuple(points_of(regions, question.pc4)),
        complete_at=min(region.complete_at for region in regions),
    )


def _teams(
    regions: Sequence[RegionBoard], question: CareQuestion, now: datetime
) -> list[FoundTeam]:
    found = {
        team.id: team
        for region in regions
        for item in region.teams.ask(TeamQuestion(question.pc4, limit=_ALL), now).items
        for team in [_team(orjson.loads(item), region.region_id, question, now)]
    }
    return sorted(
        found.values(), key=lambda team: (team.fit.rank, team.fit.start or date.max, team.id)
    )


def _team(item: dict[str, Any], region_id: int, question: CareQuestion, now: datetime) -> FoundTeam:
    """`item` answers the widest question, so that light and start are those of the report itself."""
    coverage = Coverage(
        frozenset((question.pc4,)),
        frozenset(map(Skill, item["skills"])),
        frozenset(map(Dagdeel, item["dagdelen"])),
    )
    fit = combined_fit(
        coverage,
        team_report({**item, "earliest_start": item["start"]}),
        Freshness(item["freshness"]),
        needs_of(question.skills, question.dagdelen),
        start_by=question.start_by,
        today=now.astimezone(AMSTERDAM).date(),
    )
    observed_at = item["observed_at"]
    return FoundTeam(
        id=item["id"],
        region_id=region_id,
        name=item["name"],
        organisation=item["organisation"]["name"],
        telephone=item["telephone"] or item["organisation"]["telephone"],
        coverage=coverage,
        fit=fit,
        hours=item["hours"],
        source=SourceKind(item["source"]) if item["source"] else None,
        observed_at=datetime.fromisoformat(observed_at).astimezone(UTC) if observed_at else None,
    )


def _neighbours(
    registers: RegionBoard | None, regions: Sequence[RegionBoard], pc4: str
) -> list[Neighbour]:
    here = _point(_postcode(registers, pc4))
    if here is None:
        return []
    served = {
        other
        for region in regions
        for _, team in region.all(Kind.HOME_CARE_TEAM)
        if team["status"] == "active"
        for other in team["pc4s"]
    }
    found = []
    for other in served:
        data = _postcode(registers, other)
        point = _point(data)
        if point is not None:
            found.append(Neighbour(other, data["place"], distance_km(here, point)))
    return sorted(found, key=lambda one: (one.kilometres, one.pc4))[:_NEIGHBOURS]


def points_of(regions: Sequence[RegionBoard], pc4: str) -> list[Contact]:
    """The coordination points that serve the postcode; all of these regions when none does."""
    found = {
        Contact(data["name"], data["telephone"]): pc4 in data["pc4s"]
        for region in regions
        for _, data in region.all(Kind.ORGANISATION)
        if data.get("kind") == OrganisationKind.COORDINATION_POINT
        and data["status"] == "active"
        and data["telephone"]
    }
    serving = [contact for contact, serves in found.items() if serves]
    return sorted(serving or found, key=lambda contact: contact.name)


def _postcode(registers: RegionBoard | None, pc4: str) -> dict[str, Any]:
    text = registers.get(Kind.POSTCODE, pc4) if registers is not None and pc4 else None
    found: dict[str, Any] = orjson.loads(text) if text else {}
    return found


def _point(postcode: dict[str, Any]) -> Point | None:
    try:
        return Point(postcode["latitude"], postcode["longitude"])
    except (KeyError, InvalidInput):
        return None
