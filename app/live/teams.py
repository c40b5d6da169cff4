"""Which home-care teams can start: questions about a PC4, answered from the board alone.

The rules are those of `domain.home_care.fit`, for all teams of a PC4 at once. Kept by row: the light
and the first day for each skill (or none) in each dagdeel (or none), as the team's exceptions say.
"""

import sys
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from app.live.messages import moment
from app.live.place_rows import LONG_AGO, ORGANISATION_MEMBERS, Subjects
from app.live.rows import PLACE_BITS, PLACE_MASK, RowBook, Rows, grown
from domain.calendar import AMSTERDAM
from domain.capacity import Freshness
from domain.events import Kind
from domain.home_care import (
    RANK,
    REASON_LABELS,
    Dagdeel,
    Light,
    Reason,
    Skill,
    TeamException,
    TeamReport,
    answer_for,
)

_LIGHTS = list(Light)
_LIGHT_NUMBER = {light.value: number for number, light in enumerate(_LIGHTS)}
#: Stands in the column of lights for a team that never reported.
_SILENT = len(_LIGHTS)
_SKILL_NUMBER = {skill: number for number, skill in enumerate([None, *Skill])}
_DAGDEEL_NUMBER = {dagdeel: number for number, dagdeel in enumerate([None, *Dagdeel])}
_COMBINATIONS = len(_SKILL_NUMBER) * len(_DAGDEEL_NUMBER)
_SKILL_BIT = {skill.value: 1 << number for number, skill in enumerate(Skill)}
_DAGDEEL_BIT = {dagdeel.value: 1 << number for number, dagdeel in enumerate(Dagdeel)}

_DAY_BITS = 20
#: Days are kept as `date.toordinal()`; 0 is at once.
_NO_DAY = (1 << _DAY_BITS) - 1

_REASON_BIT = {reason: 1 << number for number, reason in enumerate(Reason)}


def _reasons_of(bits: int) -> list[Reason]:
    """In the order of `fit`: what keeps a team furthest from starting comes first."""
    reasons = [reason for reason, bit in _REASON_BIT.items() if bits & bit]
    return sorted(reasons, key=lambda reason: (-RANK[reason], reason))


_EVERY_SET = [_reasons_of(bits) for bits in range(1 << len(Reason))]
_RANK_OF = np.array([max((RANK[r] for r in found), default=0) for found in _EVERY_SET], np.int64)
_TEXT_OF = [
    orjson.dumps([{"code": r, "label": REASON_LABELS[r]} for r in found]).decode()
    for found in _EVERY_SET
]
_OF_LIGHT = np.array(
    [
        0,
        _REASON_BIT[Reason.ORANJE],
        _REASON_BIT[Reason.ROOD],
        _REASON_BIT[Reason.NEVER_REPORTED],
    ],
    np.uint8,
)


@dataclass(frozen=True, slots=True)
class AfterTeam:
    """Where a page ended: the last item's rank, its first day (`date.toordinal()`), and its id."""

    rank: int
    day: int
    team_id: str


@dataclass(frozen=True, slots=True)
class TeamQuestion:
    """Who can start in a PC4; None: whatever the skill or the dagdeel, whenever the start."""

    pc4: str
    skill: Skill | None = None
    dagdeel: Dagdeel | None = None
    start_by: date | None = None
    limit: int = 20
    after: AfterTeam | None = None


@dataclass(frozen=True, slots=True)
class TeamsFound:
    """Teams as JSON texts, full fits first."""

    items: list[str]
    following: AfterTeam | None


class TeamIndex:
    """The home-care teams of a region, for questions."""

    def __init__(self, subjects: Subjects) -> None:
        self._subjects = subjects
        self._book = RowBook()
        self._light = np.full((_COMBINATIONS, 0), _SILENT, np.uint8)
        self._day = np.zeros((_COMBINATIONS, 0), np.int32)
        self._skills = np.zeros(0, np.uint8)
        self._dagdelen = np.zeros(0, np.uint8)
        self._valid_until = np.zeros(0)
        self._area: list[tuple[str, ...]] = []
        self._organisation: list[str] = []
        self._register_text: list[str | None] = []
        self._report_text: list[str | None] = []
        self._teams_of: dict[str, set[str]] = defaultdict(set)
        self._teams_in: dict[str, set[str]] = defaultdict(set)
        self._of_pc4: dict[str, tuple[Rows, list[str]]] = {}
        self._registers: set[str] = set()
        self._reports: set[str] = set()
        self._owned: set[str] = set()

    def touch(self, kind: str, subject_id: str) -> None:
        """Notes that a subject of the board changed or went."""
        if kind == Kind.HOME_CARE:
            self._reports.add(subject_id)
        elif kind == Kind.HOME_CARE_TEAM:
            self._registers.add(subject_id)
        elif kind == Kind.ORGANISATION:
            self._owned.add(subject_id)

    def sync(self) -> None:
        """Takes in what changed; before every question, and once when a board is made."""
        for organisation_id in self._owned:
            self._registers |= self._teams_of.get(organisation_id, set())
        for team_id in self._registers:
            self._read_register(team_id)
        for team_id in self._reports:
            row = self._book.get(team_id)
            if row is not None:
                self._read_report(row, team_id)
        for noted in (self._owned, self._registers, self._reports):
            noted.clear()

    def ask(self, question: TeamQuestion, now: datetime) -> TeamsFound:
        """Answers a question as of now."""
        self.sync()
        rows, ids = self._of(question.pc4)
        combination = _combination(question.skill, question.dagdeel)
        light = self._light[combination, rows]
        day = self._day[combination, rows]
        today = now.astimezone(AMSTERDAM).date().toordinal()
        day = np.where(day == _NO_DAY, _NO_DAY, np.maximum(day, today))

        reasons = _OF_LIGHT[light]
        stale = (self._valid_until[rows] <= now.timestamp()) & (light != _SILENT)
        reasons[stale] |= _REASON_BIT[Reason.UNCONFIRMED]
        if question.skill is not None:
            lacking = (self._skills[rows] & _SKILL_BIT[question.skill]) == 0
            reasons[lacking] |= _REASON_BIT[Reason.NO_SKILL]
        if question.dagdeel is not None:
            lacking = (self._dagdelen[rows] & _DAGDEEL_BIT[question.dagdeel]) == 0
            reasons[lacking] |= _REASON_BIT[Reason.NO_DAGDEEL]
        if question.start_by is not None:
            later = (day > question.start_by.toordinal()) & (day != _NO_DAY)
            reasons[later] |= _REASON_BIT[Reason.LATER]

        keys = _key(_RANK_OF[reasons], day.astype(np.int64)) + np.arange(len(rows))
        if question.after is not None:
            after = question.after
            keys = keys[keys >= _key(after.rank, after.day) + bisect_right(ids, after.team_id)]
        more = len(keys) > question.limit
        if more:
            keys = np.partition(keys, question.limit - 1)[: question.limit]
        keys.sort()
        chosen = keys & PLACE_MASK
        items = self._write(
            rows[chosen], light[chosen], day[chosen], reasons[chosen], stale[chosen]
        )
        following = None
        if more:
            last = int(chosen[-1])
            following = AfterTeam(int(_RANK_OF[reasons[last]]), int(day[last]), ids[last])
        return TeamsFound(items, following)

    def working_in(self, pc4: str) -> list[str]:
        """The teams that work in a PC4, by id."""
        self.sync()
        return self._of(pc4)[1]

    def _of(self, pc4: str) -> tuple[Rows, list[str]]:
        """The teams that work in a PC4 in order of id, with their ids."""
        found = self._of_pc4.get(pc4)
        if found is None:
            ids = sorted(self._teams_in.get(pc4, ()))
            rows = np.array([self._book.get(team_id) for team_id in ids], np.int32)
            found = rows, ids
            if ids:
                self._of_pc4[pc4] = found
        return found

    def _write(
        self,
        rows: Rows,
        light: npt.NDArray[np.uint8],
        day: npt.NDArray[np.int32],
        reasons: npt.NDArray[np.uint8],
        stale: npt.NDArray[np.bool_],
    ) -> list[str]:
        items = []
        for row, shown, ordinal, why, old in zip(
            *(column.tolist() for column in (rows, light, day, reasons, stale)), strict=True
        ):
            start = "null" if ordinal == _NO_DAY else f'"{date.fromordinal(ordinal)}"'
            colour = "null" if shown == _SILENT else f'"{_LIGHTS[shown]}"'
            freshness = (
                Freshness.NEVER_REPORTED
                if shown == _SILENT
                else (Freshness.UNCONFIRMED if old else Freshness.FRESH)
            )
            items.append(
                f'{{{self._written_register(row)},"light":{colour},"start":{start},'
                f'"fits":{"false" if why else "true"},"reasons":{_TEXT_OF[why]},'
                f'{self._written_report(row)},"freshness":"{freshness}"}}'
            )
        return items

    def _read_register(self, team_id: str) -> None:
        text = self._subjects[Kind.HOME_CARE_TEAM].get(team_id)
        if text is None:
            row = self._book.give_back(team_id)
            if row is not None:
                self._place(row, team_id, "", ())
            return
        team: dict[str, Any] = orjson.loads(text)
        known = self._book.get(team_id) is not None
        row = self._book.take(team_id)
        if not known:
            self._make_room(row)
            self._reports.add(team_id)
        organisation_id = team["organisation_id"]
        works = team["status"] == "active" and organisation_id in self._subjects[Kind.ORGANISATION]
        self._place(
            row, team_id, organisation_id, tuple(map(sys.intern, team["pc4s"])) if works else ()
        )
        self._skills[row] = _bits(team["skills"], _SKILL_BIT)
        self._dagdelen[row] = _bits(team["dagdelen"], _DAGDEEL_BIT)
        self._register_text[row] = None

    def _read_report(self, row: int, team_id: str) -> None:
        text = self._subjects[Kind.HOME_CARE].get(team_id)
        told: dict[str, Any] = {} if text is None else orjson.loads(text)
        until = told.get("valid_until")
        self._valid_until[row] = LONG_AGO if until is None else _at(until).timestamp()
        report = team_report(told)
        lights, days = [_SILENT] * _COMBINATIONS, [_NO_DAY] * _COMBINATIONS
        if report is not None:
            lights = [_LIGHT_NUMBER[report.light]] * _COMBINATIONS
            days = [_day(report.light, report.earliest_start)] * _COMBINATIONS
            for skill, dagdeel in _touched(report):
                light, start = answer_for(report, skill, dagdeel)
                combination = _combination(skill, dagdeel)
                lights[combination], days[combination] = _LIGHT_NUMBER[light], _day(light, start)
        self._light[:, row], self._day[:, row] = lights, days
        self._report_text[row] = None

    def _place(self, row: int, team_id: str, organisation_id: str, area: tuple[str, ...]) -> None:
        """Puts the team where it works, away from where it worked."""
        if self._organisation[row] != organisation_id:
            self._teams_of[self._organisation[row]].discard(team_id)
            if organisation_id:
                self._teams_of[organisation_id].add(team_id)
            self._organisation[row] = organisation_id
        if self._area[row] != area:
            for pc4 in self._area[row]:
                self._teams_in[pc4].discard(team_id)
            for pc4 in area:
                self._teams_in[pc4].add(team_id)
            for pc4 in (*self._area[row], *area):
                self._of_pc4.pop(pc4, None)
            self._area[row] = area

    def _make_room(self, row: int) -> None:
        if row == len(self._area):
            self._area.append(())
            self._organisation.append("")
            self._register_text.append(None)
            self._report_text.append(None)
        size = self._book.size
        if len(self._skills) < size:
            self._light = grown(self._light, size, _SILENT)
            self._day = grown(self._day, size, _NO_DAY)
            self._skills = grown(self._skills, size, 0)
            self._dagdelen = grown(self._dagdelen, size, 0)
            self._valid_until = grown(self._valid_until, size, LONG_AGO)

    def _written_register(self, row: int) -> str:
        text = self._register_text[row]
        if text is None:
            team = orjson.loads(self._subjects[Kind.HOME_CARE_TEAM][self._book.ids[row]])
            organisation = orjson.loads(self._subjects[Kind.ORGANISATION][team["organisation_id"]])
            text = self._register_text[row] = _members(
                {
                    **{name: team[name] for name in ("id", "name", "telephone")},
                    "organisation": {name: organisation[name] for name in ORGANISATION_MEMBERS},
                    "skills": [code for code in team["skills"] if code in _SKILL_BIT],
                    "dagdelen": [code for code in team["dagdelen"] if code in _DAGDEEL_BIT],
                }
            )
        return text

    def _written_report(self, row: int) -> str:
        text = self._report_text[row]
        if text is None:
            state = self._subjects[Kind.HOME_CARE].get(self._book.ids[row])
            told: dict[str, Any] = {} if state is None else orjson.loads(state)
            report = team_report(told)
            times = {
                name: told.get(name) and moment(_at(told[name]))
                for name in ("observed_at", "valid_until")
            }
            text = self._report_text[row] = _members(
                {
                    "exceptions": [] if report is None else report.exceptions,
                    **{name: told.get(name) for name in ("hours", "source")},
                    **times,
                }
            )
        return text


def team_report(told: dict[str, Any]) -> TeamReport | None:
    """What a team says, from its state; None: nothing. What a newer release says is passed over."""
    if told.get("light") not in _LIGHT_NUMBER:
        return None
    exceptions = tuple(
        TeamException(
            Light(item["light"]),
            Skill(item["skill"]) if item.get("skill") else None,
            Dagdeel(item["dagdeel"]) if item.get("dagdeel") else None,
            _date(item.get("earliest_start")),
        )
        for item in told.get("exceptions") or ()
        if item["light"] in _LIGHT_NUMBER
        and (item.get("skill") or Skill.BASIS) in _SKILL_BIT
        and (item.get("dagdeel") or Dagdeel.OCHTEND) in _DAGDEEL_BIT
    )
    return TeamReport(
        Light(told["light"]), _date(told.get("earliest_start")), exceptions, told.get("hours")
    )


def _touched(report: TeamReport) -> set[tuple[Skill | None, Dagdeel | None]]:
    """The questions for which an exception may make a difference."""
    found: set[tuple[Skill | None, Dagdeel | None]] = set()
    for exception in report.exceptions:
        skills = _SKILL_NUMBER if exception.skill is None else (exception.skill,)
        dagdelen = _DAGDEEL_NUMBER if exception.dagdeel is None else (exception.dagdeel,)
        found.update((skill, dagdeel) for skill in skills for dagdeel in dagdelen)
    return found


def _combination(skill: Skill | None, dagdeel: Dagdeel | None) -> int:
    return _SKILL_NUMBER[skill] * len(_DAGDEEL_NUMBER) + _DAGDEEL_NUMBER[dagdeel]


def _day(light: Light, start: date | None) -> int:
    """A first day as the column holds it. Who takes none and tells no day, has none."""
    if start is None:
        return _NO_DAY if light is Light.ROOD else 0
    return min(start.toordinal(), _NO_DAY - 1)


def _key(rank: Any, day: Any) -> Any:
    """What to sort by, of arrays as well as of single values, with room for the place in the list."""
    return (rank << _DAY_BITS | day) << PLACE_BITS


def _bits(codes: list[str], bits: dict[str, int]) -> int:
    return sum({bits.get(code, 0) for code in codes})


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _members(data: dict[str, Any]) -> str:
    """JSON of an object without its braces."""
    return orjson.dumps(data).decode()[1:-1]
