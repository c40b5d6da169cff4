"""What is asked about home nursing, as an address holds it: four digits of a postcode, never its letters."""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from api.web.days import read_day
from domain.errors import InvalidInput
from domain.home_care import Dagdeel, Skill

Code = TypeVar("Code", Skill, Dagdeel)

PATH = "/wijkverpleging"
#: Days that the form offers, today with them.
DAYS = 14
#: No team tells a start that is further off.
_FURTHEST = timedelta(days=366)
_DIGITS = re.compile(r"\s*([1-9][0-9]{3})(?![0-9])")
_HALF = re.compile(r"\s*[1-9]?[0-9]{0,2}\s*")


@dataclass(frozen=True, slots=True)
class CareQuestion:
    """Which care is looked for, where, in which dagdelen, and by when it has to begin.

    pc4: empty while there is none. complete: no more digits are to come. misread: the address asks
    for something that doesn't exist, and the answer is about the rest.
    """

    pc4: str
    complete: bool
    skills: tuple[Skill, ...]
    dagdelen: tuple[Dagdeel, ...]
    start_by: date
    misread: bool

    @property
    def address(self) -> str:
        """The page's path with this question."""
        return f"{PATH}?{urlencode(self._asked())}"

    def filing(self, team_id: str = "") -> str:
        """The address of the form that files it, for a team or for whoever can."""
        told = [*self._asked(), *([("team", team_id)] if team_id else [])]
        return f"{PATH}/aanmelden?{urlencode(told)}"

    def _asked(self) -> list[tuple[str, str]]:
        return [
            *([("pc4", self.pc4)] if self.pc4 else []),
            *(("zorg", skill.value) for skill in self.skills),
            *(("dagdeel", dagdeel.value) for dagdeel in self.dagdelen),
            ("vanaf", self.start_by.isoformat()),
        ]

    def elsewhere(self, pc4: str) -> str:
        """The address of the same question about another postcode."""
        return replace(self, pc4=pc4).address

    def days(self, today: date) -> list[date]:
        """The days to choose from, with the chosen one."""
        offered = {today + timedelta(days=ahead) for ahead in range(DAYS)}
        return sorted(offered | {self.start_by})


def read_question(asked: QueryParams, today: date) -> CareQuestion:
    """The question in an address. A day that has passed is today; without one tomorrow is meant."""
    typed = asked.get("pc4", "")
    digits = _DIGITS.match(typed)
    skills, all_skills = _codes(asked.getlist("zorg"), Skill)
    dagdelen, all_dagdelen = _codes(asked.getlist("dagdeel"), Dagdeel)
    start_by, day_read = _day(asked.get("vanaf", ""), today)
    return CareQuestion(
        pc4=digits[1] if digits else "",
        complete=digits is not None or not _HALF.fullmatch(typed),
        skills=skills,
        dagdelen=dagdelen,
        start_by=start_by,
        misread=not (all_skills and all_dagdelen and day_read),
    )


def tells_too_much(asked: QueryParams) -> bool:
    """Whether an address holds more of a postcode than its digits."""
    return len(asked.get("pc4", "").strip()) > 4


def _codes(told: list[str], kind: type[Code]) -> tuple[tuple[Code, ...], bool]:
    """Those that exist, in their own order, and whether all do."""
    known = {code.value for code in kind}
    return tuple(code for code in kind if code.value in told), known.issuperset(told)


def _day(text: str, today: date) -> tuple[date, bool]:
    tomorrow = today + timedelta(days=1)
    try:
        day = read_day(text, today, "vanaf")
    except InvalidInput:
        return tomorrow, False
    if day is None:
        return tomorrow, True
    return (max(day, today), True) if day <= today + _FURTHEST else (tomorrow, False)
