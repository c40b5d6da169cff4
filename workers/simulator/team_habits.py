"""How home-care teams say whether they take clients: a stoplight, twice a day at most. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from domain.home_care import Dagdeel, Light, Skill
from domain.posting import PostingSchedule
from workers.simulator.acts import ConfirmTeam, Differs, SayTeam, TeamAct, Visit, seeded
from workers.simulator.ward import DAY, HOUR, is_weekend

_TOLD_AT = (8.5, 14.5)
_CHANCE_TO_FORGET = 0.15
_CHANCE_OF_CHANGE = 0.15
_LIGHTS = (Light.GROEN, Light.ORANJE, Light.ROOD)
_WEIGHTS = (5, 4, 3)


@dataclass(frozen=True, slots=True)
class PlayedTeam:
    """A team that is played. shown: what a board showed when the play began; None: never reported."""

    agb: str
    code: str
    skills: tuple[Skill, ...]
    dagdelen: tuple[Dagdeel, ...]
    schedule: PostingSchedule
    shown: SayTeam | None = None


def team_visits(team: PlayedTeam, seed: int, start: timedelta) -> Iterator[Visit[TeamAct]]:
    """All that will be said of a team, in order; without end."""
    random = seeded(seed, team.agb, team.code)
    said = team.shown
    if said is None:
        said = _something(team, random)
        yield Visit(start, (said,))
    day = start // DAY
    while True:
        for hour in _TOLD_AT:
            at = day * DAY + HOUR * (hour + random.uniform(0, 0.45))
            rests = team.schedule is PostingSchedule.WORKDAYS_TWICE and is_weekend(at)
            if at <= start or rests or random.random() < _CHANCE_TO_FORGET:
                continue
            if random.random() < _CHANCE_OF_CHANGE:
                said = _something(team, random)
                yield Visit(at, (said,))
            else:
                yield Visit(at, (ConfirmTeam(said),))
        day += 1


def _something(team: PlayedTeam, random: Random) -> SayTeam:
    light = random.choices(_LIGHTS, _WEIGHTS)[0]
    return SayTeam(
        light,
        _start(light, random),
        random.randint(2, 30) if light is Light.GROEN and random.random() < 0.4 else None,
        tuple(_exceptions(team, light, random)),
    )


def _exceptions(team: PlayedTeam, light: Light, random: Random) -> Iterator[Differs]:
    others = [other for other in _LIGHTS if other is not light]
    if random.random() < 0.25 and len(team.skills) > 1:
        other = random.choice(others)
        skill = random.choice(team.skills)
        yield Differs(other, skill=skill, starts_in_days=_start(other, random))
    if random.random() < 0.2 and len(team.dagdelen) > 1:
        other = random.choice(others)
        dagdeel = random.choice(team.dagdelen)
        yield Differs(other, dagdeel=dagdeel, starts_in_days=_start(other, random))


def _start(light: Light, random: Random) -> int | None:
    """Groen is mostly at once; rood mostly doesn't say when."""
    if random.random() < (0.2 if light is Light.ORANJE else 0.7):
        return None
    return random.randint(1, 14)
