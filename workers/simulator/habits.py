"""How providers report: when they look, and what they then say. Pure; all follows from the seed."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from random import Random

from domain.capacity import Figures
from domain.care_types import CareType
from domain.posting import PostingSchedule
from workers.simulator.ward import DAY, HOUR, Ward, live, opening

#: The play begins on a Monday at eight.
START = 8 * HOUR
FEED_EVERY = HOUR / 4
#: How far the clock of one of the feeds is ahead; it says so by `sent_at`.
CLOCK_AHEAD = timedelta(minutes=12)
#: The silent ones have posted this long ago, longer than any posting schedule lets a figure live.
SILENT_FOR = timedelta(days=5)

_CHANCE_OF_MISTAKE = 0.01
_CHANCE_OF_LATE = 0.02
_CHANCE_OF_REPEAT = 0.02
_CHANCE_TO_TELL_CHANGE = 0.85
_CHANCE_TO_CONFIRM = 0.5


class Habit(StrEnum):
    """FEED: software that reports counts. PERSON: types vrij nu. SILENT: did so once."""

    FEED = "feed"
    PERSON = "person"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Played:
    """A pool that is played. Agb and code make it another one, whatever its id is in a database."""

    agb: str
    code: str
    care_type: CareType
    places: int
    schedule: PostingSchedule
    habit: Habit
    clock_ahead: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Report:
    """Says figures.

    age: how long ago, by the real clock, they were true. available_in_days: vrij vanaf, from today.
    wrong: they can't be true, so the service is to refuse them.
    """

    figures: Figures
    age: timedelta = timedelta(0)
    available_in_days: int | None = None
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class Confirm:
    """Says "klopt nog" to these figures, or says them again if others are shown by now."""

    figures: Figures


@dataclass(frozen=True, slots=True)
class Repeat:
    """Says the last report again to the letter, as a feed that missed the answer does."""


Act = Report | Confirm | Repeat


@dataclass(frozen=True, slots=True)
class Visit:
    """What a provider does about a pool at a simulated moment."""

    at: timedelta
    acts: tuple[Act, ...]


def seeded(seed: int, *what: str) -> Random:
    """Numbers of their own for each subject, so that none depends on who came first."""
    return Random(":".join((str(seed), *what)))  # noqa: S311 (a play, no secret)


def cast(pools: Collection[Played], seed: int) -> list[Played]:
    """Gives some a part: a few pools of people fall silent, one feed's clock is wrong."""
    random = seeded(seed, "cast")
    people = sorted((pool.agb, pool.code) for pool in pools if pool.habit is Habit.PERSON)
    silent = set(random.sample(people, k=len(people) // 6))
    feeds = sorted({pool.agb for pool in pools if pool.habit is Habit.FEED})
    wrong_clock = random.choice(feeds) if feeds else None
    return [
        replace(
            pool,
            habit=Habit.SILENT if (pool.agb, pool.code) in silent else pool.habit,
            clock_ahead=CLOCK_AHEAD if pool.agb == wrong_clock else timedelta(0),
        )
        for pool in pools
    ]


def visits(pool: Played, seed: int) -> Iterator[Visit]:
    """All that will be said of a pool, in order; without end, unless the pool is a silent one."""
    random = seeded(seed, pool.agb, pool.code)
    ward = opening(pool.places, pool.care_type, START, random)
    match pool.habit:
        case Habit.FEED:
            yield from _feed(pool, ward, random)
        case Habit.PERSON:
            yield from _person(pool, ward, random)
        case Habit.SILENT:
            yield Visit(START, (Report(_vrij_nu(ward), age=SILENT_FOR),))


def _feed(pool: Played, ward: Ward, random: Random) -> Iterator[Visit]:
    yield Visit(START, (Report(_counts(ward)),))
    # Each at a moment of its own within the quarter.
    last, at = START, START + FEED_EVERY * random.random()
    while True:
        before, ward = ward, live(ward, pool.care_type, last, at, random)
        yield Visit(at, _feed_says(before, ward, random))
        last, at = at, at + FEED_EVERY


def _feed_says(before: Ward, ward: Ward, random: Random) -> tuple[Act, ...]:
    report = Report(_counts(ward))
    chance = random.random()
    if chance < _CHANCE_OF_MISTAKE:
        # Counts somebody twice, and is corrected after the refusal.
        twice = replace(_counts(ward), occupied=ward.operable + 1)
        return Report(twice, wrong=True), report
    chance -= _CHANCE_OF_MISTAKE
    if chance < _CHANCE_OF_LATE:
        # Two messages overtake each other: the older comes in last.
        return report, Report(_counts(before), age=timedelta(seconds=20))
    chance -= _CHANCE_OF_LATE
    if chance < _CHANCE_OF_REPEAT:
        return report, Repeat()
    return (report,)


def _person(pool: Played, ward: Ward, random: Random) -> Iterator[Visit]:
    said = _vrij_nu(ward)
    yield Visit(START, (_person_says(ward, random),))
    last, at = START, _next_look(START, pool.schedule, random)
    while True:
        ward = live(ward, pool.care_type, last, at, random)
        if _vrij_nu(ward) == said:
            if random.random() < _CHANCE_TO_CONFIRM:
                yield Visit(at, (Confirm(said),))
        elif random.random() < _CHANCE_TO_TELL_CHANGE:
            said = _vrij_nu(ward)
            yield Visit(at, (_person_says(ward, random),))
        last, at = at, _next_look(at, pool.schedule, random)


def _person_says(ward: Ward, random: Random) -> Report:
    in_days = random.randint(1, 6) if ward.free == 0 else None
    return Report(_vrij_nu(ward), available_in_days=in_days)


def _next_look(at: timedelta, schedule: PostingSchedule, random: Random) -> timedelta:
    """About once an hour by day; pools that are due on workdays have their weekend."""
    following = at + HOUR * random.uniform(0.5, 1.5)
    hour = following % DAY / HOUR
    if not 7 <= hour < 21:
        midnight = following - following % DAY + (DAY if hour >= 21 else timedelta(0))
        following = midnight + HOUR * random.uniform(7, 8)
    weekday = following // DAY % 7
    if schedule is PostingSchedule.WORKDAYS_TWICE and weekday >= 5:
        following += (7 - weekday) * DAY
    return following


def _counts(ward: Ward) -> Figures:
    return Figures(
        physical=ward.physical,
        operable=ward.operable,
        occupied=ward.occupied,
        planned=ward.planned,
        closed=ward.closed,
        closed_reason=ward.closed_reason,
    )


def _vrij_nu(ward: Ward) -> Figures:
    return Figures(free=ward.free)
