"""The form of an aanmelding for home nursing: what the question told already, and what intake asks."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from api.web import labels
from api.web.fields import (
    TICKED,
    Choice,
    Choices,
    Day,
    Field,
    Lines,
    Number,
    Raw,
    Text,
    Tick,
    pointer_of,
)
from api.web.home_care.question import CareQuestion
from api.web.language import marked
from app.services.referrals.filing import Intake
from domain.calendar import AMSTERDAM, MIDNIGHT, at_local
from domain.care_types import CareType
from domain.cases import Route, TextKind
from domain.errors import InvalidInput
from domain.home_care import Dagdeel, Skill
from domain.identifiers import is_pc4
from domain.needs import Behaviour, Infection, Need, Setting, Sex, Urgency

#: By when the care has to have begun on its first day.
_END_OF_DAY = time(23, 59)
#: Further ahead is a slip, or no question of today.
_FURTHEST = timedelta(days=60)


class Often(StrEnum):
    """How often care is needed."""

    DAILY = "dagelijks"
    TWICE_DAILY = "tweemaal-daags"
    MORE = "vaker"
    SOME_DAYS = "paar-keer-per-week"
    WEEKLY = "wekelijks"
    ONCE = "eenmalig"


OFTEN: dict[Often, str] = {
    Often.DAILY: marked("1× per dag"),
    Often.TWICE_DAILY: marked("2× per dag"),
    Often.MORE: marked("3× per dag of vaker"),
    Often.SOME_DAYS: marked("een paar keer per week"),
    Often.WEEKLY: marked("1× per week"),
    Often.ONCE: marked("eenmalig"),
}
#: Told to who reads the aanmelding, in Dutch whatever language the page had.
_FIXED = "op een vast tijdstip"


def _options(words: Mapping[Any, str]) -> list[tuple[str, str]]:
    return [(code.value, text) for code, text in words.items()]


ASKED: tuple[Field, ...] = (
    Choices(
        name="skills", label=marked("Welke zorg?"), options=_options(labels.SKILL), required=True
    ),
    Choices(
        name="dagdelen",
        label=marked("Welk dagdeel?"),
        options=_options(labels.DAGDEEL),
        hint=marked("Niets aangekruist: maakt niet uit."),
    ),
    Text(name="pc4", label=marked("Postcode"), most=4, inputmode="numeric", required=True),
    Day(name="start", label=marked("Start uiterlijk"), required=True),
    Choice(name="often", label=marked("Hoe vaak?"), options=_options(OFTEN), required=True),
    Choice(
        name="urgency",
        label=marked("Hoe dringend?"),
        options=_options(labels.URGENCY),
        required=True,
    ),
    Tick(name="fixed", label=marked("Op een vast tijdstip (tijdgebonden)")),
)
CLIENT: tuple[Field, ...] = (
    Number(name="birth_year", label=marked("Geboortejaar"), least=1880, most=2200, required=True),
    Choice(name="sex", label=marked("Geslacht"), options=_options(labels.SEX), required=True),
    Choice(
        name="setting",
        label=marked("Waar is de cliënt nu?"),
        options=_options(labels.SETTING),
        required=True,
    ),
    Day(name="since", label=marked("Sinds wanneer?")),
    Lines(name="what_happened", label=marked("Wat is er gebeurd?")),
    Lines(name="help_needed", label=marked("Welke hulp is nodig?")),
    Choice(
        name="infection",
        label=marked("Infectie"),
        options=_options(labels.INFECTION),
        required=True,
    ),
    Choice(
        name="behaviour",
        label=marked("Gedrag"),
        options=_options(labels.BEHAVIOUR),
        required=True,
    ),
    Text(
        name="callback",
        label=marked("Terugbelnummer"),
        most=25,
        type="tel",
        required=True,
        hint=marked("Op dit nummer bereikt het team of het coördinatiepunt u."),
    ),
)
FIELDS = (*ASKED, *CLIENT)


def preset(question: CareQuestion, today: date, callback: str) -> Raw:
    """The form as it begins: what was asked before, and what mostly holds."""
    urgency = Urgency.REGULIER
    if Skill.ACUUT in question.skills:
        urgency = Urgency.ACUUT
    elif (question.start_by - today).days <= 1:
        urgency = Urgency.SPOED
    return {
        "pc4": question.pc4,
        **{f"skills.{skill}": TICKED for skill in question.skills},
        **{f"dagdelen.{dagdeel}": TICKED for dagdeel in question.dagdelen},
        "often": Often.DAILY,
        "start": question.start_by.isoformat(),
        "urgency": urgency,
        "setting": Setting.THUIS,
        "infection": Infection.ONBEKEND,
        "behaviour": Behaviour.ONBEKEND,
        "callback": callback,
    }


def question_of(raw: Raw) -> CareQuestion | None:
    """The question that a form goes on, as it is filled in by now; None while it isn't one."""
    pc4 = raw.get("pc4", "")
    try:
        start = date.fromisoformat(raw.get("start", ""))
    except ValueError:
        return None
    if not is_pc4(pc4):
        return None
    skills = tuple(skill for skill in Skill if raw.get(f"skills.{skill}") == TICKED)
    dagdelen = tuple(dagdeel for dagdeel in Dagdeel if raw.get(f"dagdelen.{dagdeel}") == TICKED)
    return CareQuestion(pc4, True, skills, dagdelen, start, misread=False)


def need_of(question: CareQuestion) -> Need:
    """A question as the criteria of teams look at it; who it is for decides on none of them."""
    return Need(
        1900,
        Sex.ANDERS,
        question.pc4,
        Setting.THUIS,
        needed_by=at_local(question.start_by, _END_OF_DAY),
        skills=frozenset(question.skills),
        dagdelen=frozenset(question.dagdelen),
    )


def intake_of(given: Mapping[str, Any], team_id: UUID | None, now: datetime) -> Intake:
    """What was filled in, as the service takes it. Raises InvalidInput by the names of the fields."""
    start: date = given["start"]
    if start < now.astimezone(AMSTERDAM).date():
        raise InvalidInput("Deze dag is al voorbij.", "/start")
    if start > now.astimezone(AMSTERDAM).date() + _FURTHEST:
        raise InvalidInput("Vraag hoogstens twee maanden vooruit.", "/start")
    since: date | None = given["since"]
    need = Need(
        birth_year=given["birth_year"],
        sex=Sex(given["sex"]),
        pc4=given["pc4"],
        setting=Setting(given["setting"]),
        since=at_local(since, MIDNIGHT) if since else None,
        needed_by=at_local(start, _END_OF_DAY),
        infection=Infection(given["infection"]),
        behaviour=Behaviour(given["behaviour"]),
        skills=frozenset(map(Skill, given["skills"])),
        dagdelen=frozenset(map(Dagdeel, given["dagdelen"])),
    )
    rhythm = OFTEN[Often(given["often"])] + (f", {_FIXED}" if given["fixed"] else "")
    texts = {
        TextKind.WHAT_HAPPENED: given["what_happened"],
        TextKind.HELP_NEEDED: f"{rhythm.capitalize()}.\n{given['help_needed'] or ''}".strip(),
        TextKind.CALLBACK: given["callback"],
    }
    return Intake(
        need=need,
        urgency=Urgency(given["urgency"]),
        texts={kind: text for kind, text in texts.items() if text},
        care_type_asked=CareType.WIJKVERPLEGING,
        route=Route.PAGE,
        team_id=team_id,
    )


def by_field(problem: InvalidInput) -> InvalidInput:
    """The domain's word about a need, at the field that it was read from."""
    if problem.pointer == "/needed_by":
        return InvalidInput(problem.detail, pointer_of("start"))
    return problem
