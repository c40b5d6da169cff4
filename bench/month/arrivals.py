"""Who needs a place in the month: the simulator's stories, as far as they end in a place."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from heapq import merge
from random import Random

from app import triage_rules
from app.services.referrals.filing import Intake
from domain.actors import OrganisationKind
from domain.calendar import AMSTERDAM, at_local
from domain.care_types import CareType
from domain.cases import Route, TextKind
from domain.needs import Need
from domain.triage.advice import advise
from domain.triage.facts import Facts
from domain.triage.outcomes import care_type_of
from workers.simulator.acts import Visit, seeded
from workers.simulator.needs import STORIES, Asker, Story, needs_of
from workers.simulator.needs import Need as Told
from workers.simulator.ward import STAY_DAYS

#: Needs an hour by day, by who asks: together some sixteen a day that end in a place.
_HOURLY: Mapping[OrganisationKind, float] = {
    OrganisationKind.HOSPITAL: 0.6,
    OrganisationKind.COORDINATION_POINT: 0.45,
    OrganisationKind.OUT_OF_HOURS_POST: 0.3,
}
#: So many days of them tell how many places a region needs.
_SAMPLE_DAYS = 100
#: From here on people leave.
_MORNING = time(9)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody who needs a place. at: since the play began; care_types: what triage advises, in order."""

    at: timedelta
    told: Told
    facts: Facts
    care_types: tuple[CareType, ...]

    def intake(self, now: datetime) -> Intake:
        """As the coordination point types it."""
        story, told = STORIES[self.told.story], self.told
        need = Need(
            birth_year=told.birth_year,
            sex=told.sex,
            pc4=told.pc4,
            setting=story.setting,
            since=now - timedelta(minutes=told.minutes_ago),
            needed_by=now + timedelta(hours=told.hours) if told.hours is not None else None,
            infection=story.infection,
            behaviour=story.behaviour,
            features=frozenset(story.features),
        )
        texts = {TextKind.WHAT_HAPPENED: story.what_happened, TextKind.CALLBACK: told.callback}
        return Intake(need, told.urgency, texts, route=Route.PHONE)


def arrivals(seed: int, share: float, pc4s: list[str], today: date) -> Iterator[Arrival]:
    """All of them in order, without end. share: of what a whole region has."""
    advised = {name: _advised(story, today) for name, story in STORIES.items()}
    parts = [
        needs_of(Asker(kind, kind, pc4s, share * hourly), seed, timedelta(0), today.year)
        for kind, hourly in _HOURLY.items()
    ]
    for visit in merge(*parts, key=_at):
        (told,) = visit.acts
        care_types = advised[told.story]
        if care_types:
            yield Arrival(visit.at, told, _facts(STORIES[told.story]), care_types)


@cache
def daily(today: date) -> Mapping[CareType, float]:
    """How many people of a whole region need each type of care on a day, on average."""
    counted: Counter[CareType] = Counter()
    for arrival in arrivals(0, 1.0, ["2711"], today):
        if arrival.at >= timedelta(days=_SAMPLE_DAYS):
            break
        counted[arrival.care_types[0]] += 1
    return {care_type: count / _SAMPLE_DAYS for care_type, count in sorted(counted.items())}


def leaves_at(
    care_type: CareType, now: datetime, random: Random, *, stayed: bool = False
) -> datetime:
    """The morning on which somebody who comes now, or (`stayed`) has been there a while, will leave."""
    mean = STAY_DAYS[care_type]
    days = max(1.0, random.gauss(mean, mean / 3)) * (random.random() if stayed else 1)
    day = now.astimezone(AMSTERDAM).date() + timedelta(days=max(1, round(days)))
    return at_local(day, _MORNING) + timedelta(minutes=random.randrange(150))


def stay_random(seed: int, number: str) -> Random:
    """What decides on how long one person stays, wherever that is."""
    return seeded(seed, "stay", number)


def _at(visit: Visit[Told]) -> timedelta:
    return visit.at


def _facts(story: Story) -> Facts:
    return {**story.facts, "crisismaatregel": False}


def _advised(story: Story, today: date) -> tuple[CareType, ...]:
    """Empty when what comes first is no place: nothing that is played here. No MFB: there are none."""
    advice = advise(triage_rules.current(today), _facts(story))
    found = [care_type_of(code) for code in advice.codes]
    if found[0] is None or not found[0].has_places:
        return ()
    return tuple(one for one in found if one is not None and one is not CareType.MFB)
