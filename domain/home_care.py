"""Home nursing (wijkverpleging): teams, their stoplights, and how far a team fits a question.

No team keeps postcode x dagdeel x skill x hours up to date, so it says one stoplight with its
earliest start, and exceptions where a skill or a dagdeel differs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.capacity import Freshness
from domain.errors import InvalidInput
from domain.identifiers import is_pc4
from domain.observations import check_day


class Skill(StrEnum):
    """What a team can do."""

    BASIS = "basis"
    MSVT = "msvt"
    WOND = "wond"
    PALLIATIEF_TERMINAAL = "palliatief-terminaal"
    NACHT = "nacht"
    CASEMANAGEMENT_DEMENTIE = "casemanagement-dementie"
    ACUUT = "acuut"


class Dagdeel(StrEnum):
    """When a team comes."""

    OCHTEND = "ochtend"
    MIDDAG = "middag"
    AVOND = "avond"
    NACHT = "nacht"


class Light(StrEnum):
    """The stoplight: groen takes clients, oranje in overleg, rood takes none."""

    GROEN = "groen"
    ORANJE = "oranje"
    ROOD = "rood"


_REDNESS = {Light.GROEN: 0, Light.ORANJE: 1, Light.ROOD: 2}

SKILL_LABELS: dict[Skill, str] = {
    Skill.BASIS: "persoonlijke verzorging en verpleging",
    Skill.MSVT: "medisch-specialistische verpleging thuis (VAC, infuus)",
    Skill.WOND: "wondzorg",
    Skill.PALLIATIEF_TERMINAAL: "palliatief-terminale zorg",
    Skill.NACHT: "nachtzorg",
    Skill.CASEMANAGEMENT_DEMENTIE: "casemanagement dementie",
    Skill.ACUUT: "acute wijkverpleging, ongepland, dag en nacht",
}


@dataclass(frozen=True, slots=True)
class TeamException:
    """Where a team's answer differs: for a skill, a dagdeel, or that skill in that dagdeel."""

    light: Light
    skill: Skill | None = None
    dagdeel: Dagdeel | None = None
    earliest_start: date | None = None


@dataclass(frozen=True, slots=True)
class TeamReport:
    """What a team says. `earliest_start` None: at once; `hours` a week it still has, when it says so."""

    light: Light
    earliest_start: date | None = None
    exceptions: tuple[TeamException, ...] = ()
    hours: int | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a team is for: the register's side. `pc4s` is where it works."""

    pc4s: frozenset[str]
    skills: frozenset[Skill]
    dagdelen: frozenset[Dagdeel]


class Reason(StrEnum):
    """Why a team fits a question only partly."""

    ORANJE = "oranje"
    LATER = "start-later"
    UNCONFIRMED = "onbevestigd"
    NEVER_REPORTED = "nooit-gemeld"
    NO_SKILL = "doet-dit-niet"
    NO_DAGDEEL = "niet-in-dit-dagdeel"
    ROOD = "rood"


#: How far each reason keeps a team from starting; 0 is a full fit. Sorted by it, then by start.
RANK: dict[Reason, int] = {
    Reason.ORANJE: 1,
    Reason.LATER: 1,
    Reason.UNCONFIRMED: 2,
    Reason.NEVER_REPORTED: 2,
    Reason.NO_SKILL: 3,
    Reason.NO_DAGDEEL: 3,
    Reason.ROOD: 4,
}

REASON_LABELS: dict[Reason, str] = {
    Reason.ORANJE: "in overleg: bel het team",
    Reason.LATER: "kan pas later starten",
    Reason.UNCONFIRMED: "al te lang niet bevestigd: bel het team",
    Reason.NEVER_REPORTED: "heeft nog nooit iets gemeld: bel het team",
    Reason.NO_SKILL: "doet deze zorg niet",
    Reason.NO_DAGDEEL: "komt niet in dit dagdeel",
    Reason.ROOD: "neemt geen cliënten aan",
}


@dataclass(frozen=True, slots=True)
class Fit:
    """How far a team fits. `rank` 0 is fully; `start` is the first day it can begin, None: unknown."""

    rank: int
    start: date | None
    light: Light | None
    reasons: tuple[Reason, ...]


def check_coverage(coverage: Coverage) -> None:
    """Raises InvalidInput for a postcode that is none."""
    if not all(map(is_pc4, coverage.pc4s)):
        raise InvalidInput("Geef postcodes van vier cijfers, zonder letters.", "/pc4s")


def rank(report: TeamReport) -> tuple[int, ...]:
    """How little a report promises (see Observation): the redder light, then the later start."""
    return _REDNESS[report.light], _start_of(report).toordinal()


def check_team_report(report: TeamReport, observed_on: date) -> None:
    """Raises InvalidInput for exceptions that say nothing or contradict each other, and far days.

    `observed_on` is the day in Amsterdam.
    """
    check_day(report.earliest_start, observed_on, "/earliest_start")
    seen: set[tuple[Skill | None, Dagdeel | None]] = set()
    for number, exception in enumerate(report.exceptions):
        place = (exception.skill, exception.dagdeel)
        if place == (None, None):
            raise InvalidInput(
                "Een uitzondering noemt een soort zorg, een dagdeel of beide.",
                f"/exceptions/{number}",
            )
        if place in seen:
            raise InvalidInput("Deze uitzondering staat er twee keer.", f"/exceptions/{number}")
        seen.add(place)
        check_day(exception.earliest_start, observed_on, f"/exceptions/{number}/earliest_start")


def answer_for(
    report: TeamReport, skill: Skill | None, dagdeel: Dagdeel | None
) -> tuple[Light, date | None]:
    """The light and earliest start that hold for a skill in a dagdeel.

    The exception for both counts alone. Otherwise, of those for the one and for the other, the
    redder light and the later start: a place too few costs a call, one too many costs trust.
    """
    partly = []
    for exception in report.exceptions:
        if exception.skill is skill and exception.dagdeel is dagdeel:
            return exception.light, exception.earliest_start
        if (exception.skill is skill and exception.dagdeel is None) or (
            exception.skill is None and exception.dagdeel is dagdeel
        ):
            partly.append(exception)
    if not partly:
        return report.light, report.earliest_start
    light = max((e.light for e in partly), key=_REDNESS.__getitem__)
    return light, max(partly, key=_start_of).earliest_start


def fit(
    coverage: Coverage,
    report: TeamReport | None,
    freshness: Freshness,
    *,
    skill: Skill | None,
    dagdeel: Dagdeel | None,
    start_by: date | None,
    today: date,
) -> Fit:
    """How far a team that works in the postcode fits; `today` is the day in Amsterdam."""
    reasons = list(_lacking(coverage, skill, dagdeel))
    light: Light | None = None
    start: date | None = None
    if report is None:
        reasons.append(Reason.NEVER_REPORTED)
    else:
        light, start = answer_for(report, skill, dagdeel)
        if light is Light.ROOD and start is None:
            reasons.append(Reason.ROOD)
        else:
            start = max(start or today, today)
            if light is Light.ROOD:
                reasons.append(Reason.ROOD)
            elif light is Light.ORANJE:
                reasons.append(Reason.ORANJE)
            if start_by is not None and start > start_by:
                reasons.append(Reason.LATER)
        if freshness is Freshness.UNCONFIRMED:
            reasons.append(Reason.UNCONFIRMED)
    ordered = tuple(sorted(reasons, key=lambda reason: (-RANK[reason], reason)))
    return Fit(max((RANK[r] for r in ordered), default=0), start, light, ordered)


def _start_of(said: TeamReport | TeamException) -> date:
    """Its earliest start, to compare by. Without one, rood is never and the others are at once."""
    if said.earliest_start is not None:
        return said.earliest_start
    return date.max if said.light is Light.ROOD else date.min


def _lacking(coverage: Coverage, skill: Skill | None, dagdeel: Dagdeel | None) -> Iterator[Reason]:
    if skill is not None and skill not in coverage.skills:
        yield Reason.NO_SKILL
    if dagdeel is not None and dagdeel not in coverage.dagdelen:
        yield Reason.NO_DAGDEEL
