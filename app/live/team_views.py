"""What a screen shows of a home-care team at a moment: its stoplight, its first day, and how old that is."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson

from app.live.place_rows import Subjects
from app.live.teams import team_report
from domain.calendar import AMSTERDAM, MIDNIGHT, at_local
from domain.capacity import SourceKind
from domain.events import Kind
from domain.home_care import Dagdeel, Light, Skill, TeamException

_ONE_DAY = timedelta(days=1)
_SKILLS = {skill.value for skill in Skill}
_DAGDELEN = {dagdeel.value for dagdeel in Dagdeel}


class TeamState(StrEnum):
    """What matters of a team at a glance; the first that holds, in this order."""

    UNKNOWN = "onbekend"
    UNCONFIRMED = "onbevestigd"
    RED = "rood"
    ORANGE = "oranje"
    LATER = "later"
    NOW = "nu"


@dataclass(frozen=True, slots=True)
class TeamView:
    """A team as a screen shows it, true until `holds_until` unless an event comes.

    start: the first day on which it can begin, today at the earliest; None: not known.
    """

    id: UUID
    name: str
    organisation_id: UUID
    organisation: str
    telephone: str | None
    pc4s: tuple[str, ...]
    skills: tuple[Skill, ...]
    dagdelen: tuple[Dagdeel, ...]
    state: TeamState
    light: Light | None
    start: date | None
    exceptions: tuple[TeamException, ...]
    source: SourceKind | None
    observed_at: datetime | None
    valid_until: datetime | None
    version: int
    holds_until: datetime


class TeamViews:
    """Makes views of a region's teams from its board."""

    def __init__(self, subjects: Subjects) -> None:
        """`subjects` as the board keeps them: JSON text by kind and id."""
        self._subjects = subjects

    def all(self, now: datetime) -> Iterator[TeamView]:
        """Every team that works."""
        views = self.some(self._subjects[Kind.HOME_CARE_TEAM], now)
        return (view for view in views.values() if view is not None)

    def some(self, team_ids: Iterable[str], now: datetime) -> dict[str, TeamView | None]:
        """These teams; None for one that doesn't work (any more)."""
        return {team_id: self._view(team_id, now) for team_id in team_ids}

    def standing(self, owned: set[str]) -> set[str]:
        """The teams of these organisations, whether they work or not."""
        teams = self._subjects[Kind.HOME_CARE_TEAM]
        return {
            team_id
            for team_id, text in teams.items()
            if owned and orjson.loads(text)["organisation_id"] in owned
        }

    def _view(self, team_id: str, now: datetime) -> TeamView | None:
        team = self._read(Kind.HOME_CARE_TEAM, team_id)
        organisation = self._read(Kind.ORGANISATION, team.get("organisation_id", ""))
        if team.get("status") != "active" or not organisation:
            return None
        said = self._read(Kind.HOME_CARE, team_id)
        report = team_report(said)
        light = report.light if report else None
        start = report.earliest_start if report else None
        today = now.astimezone(AMSTERDAM).date()
        if light is not None and (light is not Light.ROOD or start is not None):
            start = max(start or today, today)
        valid_until = _moment(said.get("valid_until"))
        until = at_local(today + _ONE_DAY, MIDNIGHT)
        if valid_until is not None and valid_until > now:
            until = min(until, valid_until)
        return TeamView(
            id=UUID(team_id),
            name=team["name"],
            organisation_id=UUID(team["organisation_id"]),
            organisation=organisation["name"],
            telephone=team["telephone"] or organisation["telephone"],
            pc4s=tuple(team["pc4s"]),
            skills=tuple(Skill(s) for s in team["skills"] if s in _SKILLS),
            dagdelen=tuple(Dagdeel(d) for d in team["dagdelen"] if d in _DAGDELEN),
            state=_state(light, start, valid_until, now, today),
            light=light,
            start=start,
            exceptions=report.exceptions if report else (),
            source=SourceKind(said["source"]) if said.get("source") else None,
            observed_at=_moment(said.get("observed_at")),
            valid_until=valid_until,
            version=said.get("version") or 0,
            holds_until=until,
        )

    def _read(self, kind: str, subject_id: str) -> dict[str, Any]:
        text = self._subjects[kind].get(subject_id)
        found: dict[str, Any] = {} if text is None else orjson.loads(text)
        return found


def _state(
    light: Light | None,
    start: date | None,
    valid_until: datetime | None,
    now: datetime,
    today: date,
) -> TeamState:
    if light is None or valid_until is None:
        return TeamState.UNKNOWN
    if valid_until <= now:
        return TeamState.UNCONFIRMED
    match light:
        case Light.ROOD:
            return TeamState.RED
        case Light.ORANJE:
            return TeamState.ORANGE
        case Light.GROEN:
            return TeamState.LATER if start is not None and start > today else TeamState.NOW


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)
