"""Why a team fits or doesn't, in words: one line for each thing that was asked."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from babel.lists import format_list

from api.web import labels
from api.web.home_care.answer import FoundTeam
from api.web.home_care.question import CareQuestion
from api.web.language import translations
from api.web.rendering import Spoken
from api.web.times import clock
from domain.calendar import AMSTERDAM
from domain.capacity import SourceKind
from domain.combined_care import Need
from domain.home_care import Reason, Skill

_ONE_MINUTE = timedelta(minutes=1)


class Mark(StrEnum):
    """What a line says before it is read: the shape that stands in front of it."""

    YES = "ja"
    NO = "nee"
    CAREFUL = "let"
    UNCONFIRMED = "onb"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Line:
    """A reason for or against."""

    mark: Mark
    text: str


class Reasons:
    """Puts reasons into words for one reader, as of one moment."""

    def __init__(self, question: CareQuestion, now: datetime, language: str) -> None:
        self._question = question
        self._now = now
        self._language = language
        self._spoken = Spoken(now, language)
        self._: Callable[[str], str] = translations(language).gettext

    def of(self, team: FoundTeam) -> list[Line]:
        """The lines of a team: whether it may be believed, then where, what, when and how far."""
        lines = [*self._believed(team)]
        lines.append(Line(Mark.YES, self._("werkt in %(pc4)s") % {"pc4": self._question.pc4}))
        lines += self._coverage(team)
        lines += self._lights(team)
        lines += self._reported(team)
        return lines

    def _believed(self, team: FoundTeam) -> Iterable[Line]:
        if team.fit.those_with(Reason.NEVER_REPORTED):
            yield Line(Mark.UNCONFIRMED, self._("heeft nog nooit iets gemeld: bel het team"))
        elif team.fit.those_with(Reason.UNCONFIRMED) and team.observed_at is not None:
            told = self._("onbevestigd: laatst gemeld %(moment)s (%(age)s), bel eerst")
            yield Line(
                Mark.UNCONFIRMED,
                told
                % {
                    "moment": self._spoken.moment(team.observed_at),
                    "age": self._age(team.observed_at),
                },
            )

    def _coverage(self, team: FoundTeam) -> Iterable[Line]:
        asked = self._question
        done = [skill for skill in asked.skills if skill in team.coverage.skills]
        if done:
            yield Line(Mark.YES, self._list(self._skill(skill) for skill in done))
        for skill in asked.skills:
            if skill not in done:
                told = self._("doet dit niet: %(care)s")
                yield Line(Mark.NO, told % {"care": self._skill(skill)})
        comes = [dagdeel for dagdeel in asked.dagdelen if dagdeel in team.coverage.dagdelen]
        if comes:
            when = self._list(self._(labels.DAGDEEL_WHEN[dagdeel]) for dagdeel in comes)
            yield Line(Mark.YES, self._("komt %(when)s") % {"when": when})
        for dagdeel in asked.dagdelen:
            if dagdeel not in comes:
                told = self._("komt niet %(when)s")
                yield Line(Mark.NO, told % {"when": self._(labels.DAGDEEL_WHEN[dagdeel])})

    def _lights(self, team: FoundTeam) -> Iterable[Line]:
        """Of what the team does at all."""
        fits = {
            need: fit
            for need, fit in team.fit.parts
            if not {Reason.NO_SKILL, Reason.NO_DAGDEEL} & set(fit.reasons)
        }
        full: dict[date | None, list[Need]] = {}
        later: dict[date | None, list[Need]] = {}
        consult: list[Need] = []
        for need, fit in fits.items():
            if Reason.ROOD in fit.reasons:
                full.setdefault(fit.start, []).append(need)
            elif Reason.LATER in fit.reasons:
                later.setdefault(fit.start, []).append(need)
            if Reason.ORANJE in fit.reasons:
                consult.append(need)
        for start, needs in full.items():
            yield Line(Mark.NO, self._full(start) + self._for(needs, fits))
        for start, needs in later.items():
            yield Line(Mark.CAREFUL, self._later(start) + self._for(needs, fits))
        if consult:
            told = self._("in overleg: bel eerst") + self._for(consult, fits)
            yield Line(Mark.CAREFUL, told)

    def _reported(self, team: FoundTeam) -> Iterable[Line]:
        if team.observed_at is None or team.fit.those_with(Reason.UNCONFIRMED):
            return
        room = not any(map(team.fit.those_with, (Reason.ROOD, Reason.ORANJE, Reason.LATER)))
        told = (
            self._("ruimte gemeld %(at)s (%(age)s)") if room else self._("gemeld %(at)s (%(age)s)")
        )
        said = told % {"at": self._at(team.observed_at), "age": self._age(team.observed_at)}
        if team.source is SourceKind.PHONE:
            said += self._(", telefonisch")
        yield Line(Mark.YES if room else Mark.INFO, said)
        if room and team.hours is not None:
            hours = self._("nog %(hours)s uur per week") % {"hours": team.hours}
            yield Line(Mark.INFO, hours)

    def _full(self, start: date | None) -> str:
        # A day from which on it has room that has come without word of it says nothing.
        if start is None or start <= self._now.astimezone(AMSTERDAM).date():
            return self._("vol: neemt nu geen cliënten aan")
        return self._("vol tot %(day)s") % {"day": self._spoken.day(start)}

    def _later(self, start: date | None) -> str:
        asked = self._spoken.day(self._question.start_by)
        told = self._("pas %(day)s, later dan u vroeg (%(asked)s)")
        return told % {"day": self._spoken.day(start) if start else "?", "asked": asked}

    def _for(self, needs: Sequence[Need], all_needs: Iterable[Need]) -> str:
        """For which of several needs something holds; empty when it holds for all."""
        everything = list(all_needs)
        if len(needs) == len(everything):
            return ""
        told = []
        for skill in dict.fromkeys(need.skill for need in needs):
            mine = [need for need in needs if need.skill is skill]
            whole = len(mine) == sum(need.skill is skill for need in everything)
            if whole and skill is not None:
                told.append(self._skill(skill))
                continue
            for need in mine:
                parts = [self._skill(skill)] if skill is not None else []
                if need.dagdeel is not None:
                    parts.append(self._(labels.DAGDEEL_WHEN[need.dagdeel]))
                told.append(" ".join(parts))
        return f" ({self._list(told)})"

    def _at(self, moment: datetime) -> str:
        """`om 17:20` of today, with its day otherwise."""
        if moment.astimezone(AMSTERDAM).date() == self._now.astimezone(AMSTERDAM).date():
            return self._("om %(time)s") % {"time": clock(moment)}
        return self._spoken.moment(moment)

    def _age(self, since: datetime) -> str:
        if self._now - since < _ONE_MINUTE:
            return self._("zojuist")
        return self._("%(age)s geleden") % {"age": self._spoken.age(since)}

    def _skill(self, skill: Skill) -> str:
        return self._(labels.SKILL_CARE[skill])

    def _list(self, items: Iterable[str]) -> str:
        return format_list(list(items), locale=self._language)
