"""What goes on at beds that are followed one by one, and how their provider tells it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from heapq import merge
from random import Random

from domain.beds import BedState
from domain.care_types import ClosedReason
from workers.simulator.acts import BedAct, ConfirmBeds, SayBed, Visit, seeded
from workers.simulator.ward import DAY, HOUR, is_weekend

_STAY_DAYS = 10.0
#: How long a bed is free on average before somebody comes, in hours of the day.
_FREE_HOURS = 30.0
_CHANCE_TO_CLOSE = 0.08
_CHANCE_OF_SLIP = 0.3
_CONFIRMED_AT = (8.75, 14.75)
_CHANCE_TO_FORGET = 0.1


@dataclass(frozen=True, slots=True)
class PlayedBeds:
    """A pool of beds that is played. shown: each bed by code as a board showed it, None: never said."""

    agb: str
    code: str
    beds: Mapping[str, SayBed | None]


def bed_visits(pool: PlayedBeds, seed: int, start: timedelta) -> Iterator[Visit[BedAct]]:
    """All that will be said of a pool of beds, in order; without end."""
    lives = [_bed(pool, code, seed, start) for code in sorted(pool.beds)]
    told = _confirmations(seeded(seed, pool.agb, pool.code, "confirm"), start)
    yield from merge(*lives, told, key=lambda visit: visit.at)


def _bed(pool: PlayedBeds, code: str, seed: int, start: timedelta) -> Iterator[Visit[BedAct]]:
    random = seeded(seed, pool.agb, pool.code, code)
    at, state = start, pool.beds[code]
    if state is None:
        state = _first(code, random)
        yield Visit(at, (state,))
    while True:
        at, following = _next(state, at, random)
        yield Visit(at, (following,))
        state = following


def _first(code: str, random: Random) -> SayBed:
    if random.random() < 0.3:
        return SayBed(code, BedState.FREE)
    return SayBed(code, BedState.OCCUPIED, leaves_in_days=random.randint(0, int(_STAY_DAYS)))


def _next(state: SayBed, at: timedelta, random: Random) -> tuple[timedelta, SayBed]:
    """When a bed changes, and to what."""
    match state.state:
        case BedState.FREE if random.random() < _CHANCE_TO_CLOSE:
            reason = random.choice((ClosedReason.ONDERHOUD, ClosedReason.PERSONEEL))
            closed = replace(state, state=BedState.CLOSED, closed_reason=reason)
            return at + HOUR * random.uniform(4, _FREE_HOURS), closed
        case BedState.FREE:
            comes = _awake(at + HOUR * random.expovariate(1 / _FREE_HOURS), random)
            days = max(1, round(random.gauss(_STAY_DAYS, _STAY_DAYS / 3)))
            return comes, SayBed(state.code, BedState.OCCUPIED, leaves_in_days=days)
        case BedState.OCCUPIED:
            due = at - at % DAY + DAY * (state.leaves_in_days or 0)
            morning = max(at + HOUR, due + HOUR * random.uniform(9, 12))
            if random.random() < _CHANCE_OF_SLIP or is_weekend(morning):
                # On the day itself it turns out that it takes longer.
                return morning, replace(state, leaves_in_days=random.randint(1, 3))
            return morning, SayBed(state.code, BedState.CLEANING)
        case BedState.CLEANING:
            return at + HOUR * random.uniform(1, 4), SayBed(state.code, BedState.FREE)
        case BedState.CLOSED:
            opens = _awake(at + DAY * random.uniform(0.5, 2), random)
            return opens, SayBed(state.code, BedState.FREE)


def _confirmations(random: Random, start: timedelta) -> Iterator[Visit[BedAct]]:
    day = start // DAY
    while True:
        for hour in _CONFIRMED_AT:
            at = day * DAY + HOUR * (hour + random.uniform(0, 0.4))
            if at > start and random.random() >= _CHANCE_TO_FORGET:
                yield Visit(at, (ConfirmBeds(),))
        day += 1


def _awake(at: timedelta, random: Random) -> timedelta:
    """That moment, or one in the morning after when it is in the night."""
    hour = at % DAY / HOUR
    if 8 <= hour < 21:
        return at
    midnight = at - at % DAY + (DAY if hour >= 21 else timedelta(0))
    return midnight + HOUR * random.uniform(8, 10)
