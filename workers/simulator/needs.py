"""Who needs care: a seeded mix of stories, by the hour of the week. Pure.

A story is told in words, and whoever hears them knows the facts that triage asks for. All stories,
people and telephone numbers are made up.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from types import MappingProxyType
from typing import Any

from domain.actors import OrganisationKind
from domain.cases import TargetGroup
from domain.features import Feature
from domain.home_care import Dagdeel, Skill
from domain.needs import Behaviour, Infection, Setting, Sex, Urgency
from domain.triage.facts import Facts
from workers.simulator.acts import Visit, seeded
from workers.simulator.ward import DAY, HOUR, is_weekend

_NOT_AT_HOME: Facts = MappingProxyType(
    {
        "medisch-specialistische-zorg": False,
        "acute-psychiatrie": False,
        "thuis-mogelijk": False,
        "val-met-onzekerheid": False,
        "wlz": "geen",
        "levensverwachting-korter-dan-3-maanden": False,
        "revalidatiedoel": False,
        "grz-criteria": False,
        "medische-noodzaak": True,
        "terugkeer-naar-huis": True,
        "aandoeningen": "enkelvoudig",
    }
)
_WLZ: Facts = MappingProxyType(
    {
        **_NOT_AT_HOME,
        "wlz": "geindiceerd",
        "acute-verandering": False,
        "gevaar": False,
        "nodig-binnen-24-uur": False,
        "alternatieven-uitgeput": False,
    }
)
_REHABILITATION: Facts = MappingProxyType(
    {**_NOT_AT_HOME, "revalidatiedoel": True, "grz-criteria": True}
)


@dataclass(frozen=True, slots=True)
class Story:
    """Something that happens to people.

    often: beside the other stories. urgencies: how often it is acuut, spoed, regulier by day.
    told_late: the fact that a referrer sometimes forgets to tell. group: for whom there is no place, if so.
    """

    what_happened: str
    help_needed: str
    facts: Facts
    often: int
    urgencies: tuple[int, int, int]
    setting: Setting = Setting.THUIS
    infection: Infection = Infection.GEEN
    behaviour: Behaviour = Behaviour.RUSTIG
    features: tuple[Feature, ...] = ()
    skills: tuple[Skill, ...] = ()
    dagdelen: tuple[Dagdeel, ...] = ()
    told_late: str | None = None
    group: TargetGroup = TargetGroup.ANDERS


STORIES: Mapping[str, Story] = MappingProxyType(
    {
        "val-gebroken": Story(
            *("Val in de badkamer, bovenarm gebroken", "Wassen, kleden en opstaan"),
            _NOT_AT_HOME,
            *(5, (4, 6, 0)),
            setting=Setting.SEH,
            told_late="terugkeer-naar-huis",
        ),
        "val-onzeker": Story(
            *("Gevallen, ligt nog op de grond geweest, oorzaak onduidelijk", "Een wakend oog"),
            {**_NOT_AT_HOME, "val-met-onzekerheid": True},
            *(3, (6, 4, 0)),
            setting=Setting.HUISARTSENPOST,
        ),
        "hartfalen": Story(
            *("Hartfalen en longontsteking, kan niet alleen zijn", "Verpleging en zuurstof"),
            {**_NOT_AT_HOME, "aandoeningen": "interacterend"},
            *(4, (5, 5, 0)),
            features=(Feature.ZUURSTOF,),
            told_late="aandoeningen",
        ),
        "heup": Story(
            *("Nieuwe heup na een val, vierde dag na de operatie", "Revalideren tot traplopen"),
            _REHABILITATION,
            *(4, (0, 3, 7)),
            setting=Setting.ZIEKENHUIS,
        ),
        "mrsa": Story(
            *("Herseninfarct, MRSA gevonden bij opname", "Revalideren, apart van anderen"),
            _REHABILITATION,
            *(1, (0, 2, 8)),
            setting=Setting.ZIEKENHUIS,
            infection=Infection.MRSA,
            group=TargetGroup.ISOLATIE,
        ),
        "mantelzorg": Story(
            *("Partner die voor hem zorgt is opgenomen", "Toezicht en maaltijden"),
            {**_NOT_AT_HOME, "medische-noodzaak": False, "mantelzorg-weggevallen": True},
            *(3, (1, 5, 4)),
        ),
        "wond": Story(
            *("Open been, verband moet elke dag worden verwisseld", "Wondzorg aan huis"),
            {
                **_NOT_AT_HOME,
                "thuis-mogelijk": True,
                "thuis-wijkverpleging": True,
                "thuis-so-consult": False,
            },
            *(5, (0, 4, 6)),
            skills=(Skill.WOND,),
            dagdelen=(Dagdeel.OCHTEND,),
        ),
        "laatste-weken": Story(
            *("Uitgezaaide kanker, gezin houdt het thuis niet vol", "Verzorging tot het einde"),
            {**_NOT_AT_HOME, "levensverwachting-korter-dan-3-maanden": True},
            *(2, (2, 6, 2)),
        ),
        "wlz-wacht": Story(
            *("Dementie, wacht op een verpleeghuis, dochter is op", "Opvang tot er plaats is"),
            _WLZ,
            *(2, (0, 2, 8)),
            behaviour=Behaviour.ONRUSTIG,
            told_late="wlz",
            group=TargetGroup.WLZ_WACHT,
        ),
        "wlz-crisis": Story(
            *("Dementie, 's nachts op straat gevonden, partner in paniek", "Veilig onderdak nu"),
            {
                **_WLZ,
                "acute-verandering": True,
                "gevaar": True,
                "nodig-binnen-24-uur": True,
                "alternatieven-uitgeput": True,
            },
            *(1, (8, 2, 0)),
            behaviour=Behaviour.DWALEND,
            group=TargetGroup.GEDRAG,
        ),
        "niet-hier": Story(
            *("Acuut verward en koorts, bloeddruk zakt", "Onduidelijk"),
            {**_NOT_AT_HOME, "medisch-specialistische-zorg": True},
            *(1, (9, 1, 0)),
        ),
    }
)
_BY_WORDS = {story.what_happened: story for story in STORIES.values()}


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody through whom needs come in. pc4s: where those people live, and how many an hour by day."""

    agb: str
    kind: OrganisationKind
    pc4s: Sequence[str]
    hourly: float


@dataclass(frozen=True, slots=True)
class Need:
    """Somebody needs care. hours: within which, when that was told; minutes_ago: when it happened."""

    story: str
    urgency: Urgency
    birth_year: int
    sex: Sex
    pc4: str
    callback: str
    minutes_ago: int
    hours: int | None = None

    def body(self) -> dict[str, Any]:
        """As a referral is filed, but for its moments."""
        story = STORIES[self.story]
        return {
            "birth_year": self.birth_year,
            "sex": self.sex,
            "pc4": self.pc4,
            "setting": story.setting,
            "infection": story.infection,
            "behaviour": story.behaviour,
            "features": list(story.features),
            "skills": list(story.skills),
            "dagdelen": list(story.dagdelen),
            "urgency": self.urgency,
            "what_happened": story.what_happened,
            "help_needed": story.help_needed,
            "callback": self.callback,
        }


@dataclass(frozen=True, slots=True)
class Heard:
    """A story as it was heard. forgotten: the fact that wasn't told at first."""

    story: Story
    forgotten: str | None = None


def heard(what_happened: str | None, number: str, seed: int) -> Heard | None:
    """The story behind what somebody typed; None: it isn't one of ours, so somebody else's to play."""
    story = _BY_WORDS.get(what_happened or "")
    if story is None:
        return None
    forgets = seeded(seed, "forgotten", number).random() < _CHANCE_TO_FORGET
    return Heard(story, story.told_late if forgets else None)


_CHANCE_TO_FORGET = 0.35
_MOSTLY_AT = {
    OrganisationKind.OUT_OF_HOURS_POST: lambda at: 1.0 if _out_of_hours(at) else 0.0,
    OrganisationKind.GENERAL_PRACTICE: lambda at: 0.0 if _out_of_hours(at) else 1.0,
}


def needs_of(asker: Asker, seed: int, start: timedelta, year: int) -> Iterator[Visit[Need]]:
    """Who will need care through an asker, in order; without end. year: that in which it is played."""
    random = seeded(seed, "needs", asker.agb)
    at = start
    while True:
        at += HOUR * random.expovariate(asker.hourly)
        need = _need(asker, at, random, year)
        if random.random() < _bustle(asker.kind, at):
            yield Visit(at, (need,))


def _need(asker: Asker, at: timedelta, random: Random, year: int) -> Need:
    names = [
        name
        for name, story in STORIES.items()
        if (story.setting is Setting.ZIEKENHUIS) <= (asker.kind is OrganisationKind.HOSPITAL)
    ]
    name = random.choices(names, [STORIES[name].often for name in names])[0]
    acuut, spoed, regulier = STORIES[name].urgencies
    if _out_of_hours(at):
        # At night nobody calls about what can wait.
        acuut, regulier = 2 * acuut, 0
    weights = (acuut, spoed, regulier) if acuut + spoed + regulier else (0, 1, 0)
    urgency = random.choices(tuple(Urgency), weights)[0]
    return Need(
        story=name,
        urgency=urgency,
        birth_year=year - random.randint(68, 96),
        sex=random.choices((Sex.VROUW, Sex.MAN), (3, 2))[0],
        pc4=random.choice(asker.pc4s),
        callback=f"06 000{random.randint(0, 99_999):05}",
        minutes_ago=random.randint(10, 300),
        hours=random.choice((None, 24, 48)) if urgency is not Urgency.REGULIER else None,
    )


def _bustle(kind: OrganisationKind, at: timedelta) -> float:
    """How much comes in at this hour, beside by day."""
    mostly = _MOSTLY_AT.get(kind)
    hour = at % DAY / HOUR
    return (1.0 if 8 <= hour < 22 else 0.35) * (mostly(at) if mostly is not None else 1.0)


def _out_of_hours(at: timedelta) -> bool:
    return is_weekend(at) or not 8 <= at % DAY / HOUR < 18
