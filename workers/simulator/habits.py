"""How providers report their pools: when they look, and what they then say. Pure.

All follows from the seed, from the moment at which the play begins, and from what a board then showed.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from random import Random

from domain.capacity import Figures
from domain.care_types import CareType
from domain.posting import PostingSchedule
from workers.simulator.acts import (
    Batch,
    Confirm,
    DeskAct,
    Phone,
    PoolAct,
    Repeat,
    RepeatBatch,
    Report,
    Round,
    Visit,
    seeded,
)
from workers.simulator.ward import DAY, HOUR, Ward, is_weekend, live, opening, ward_of

#: A play of its own, such as a test's, begins on a Monday at eight.
MONDAY_AT_EIGHT = 8 * HOUR
FEED_EVERY = HOUR / 4
BATCH_EVERY = HOUR
#: How far the clock of one of the feeds is ahead; it says so by `sent_at`.
CLOCK_AHEAD = timedelta(minutes=12)
#: The silent ones have posted this long ago, longer than any posting schedule lets a figure live.
SILENT_FOR = timedelta(days=5)

_CHANCE_OF_MISTAKE = 0.01
_CHANCE_OF_LATE = 0.02
_CHANCE_OF_REPEAT = 0.02
_CHANCE_TO_TELL_CHANGE = 0.85
_CHANCE_TO_CONFIRM = 0.5
_CHANCE_TO_FORGET_ROUND = 0.1
_ROUNDS_AT = (8.5, 14.5)


class Habit(StrEnum):
    """FEED: software that reports counts. PERSON: types vrij nu. SILENT: did so once."""

    FEED = "feed"
    PERSON = "person"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Played:
    """A pool that is played. Agb and code make it another one, whatever its id is in a database.

    together: its organisation says all its pools at once. shown: the figures that a board showed
    when the play began; None: never reported.
    """

    agb: str
    code: str
    care_type: CareType
    places: int
    schedule: PostingSchedule
    habit: Habit
    clock_ahead: timedelta = timedelta(0)
    together: bool = False
    shown: Figures | None = None


def cast(pools: Collection[Played], seed: int) -> list[Played]:
    """Gives some a part: a few pools of people fall silent, one feed's clock is wrong."""
    random = seeded(seed, "cast")
    people = sorted(
        (pool.agb, pool.code) for pool in pools if pool.habit is Habit.PERSON and not pool.together
    )
    silent = set(random.sample(people, k=len(people) // 6))
    feeds = sorted({pool.agb for pool in pools if pool.habit is Habit.FEED and not pool.together})
    wrong_clock = random.choice(feeds) if feeds else None
    return [
        replace(
            pool,
            habit=Habit.SILENT if (pool.agb, pool.code) in silent else pool.habit,
            clock_ahead=CLOCK_AHEAD if pool.agb == wrong_clock else timedelta(0),
        )
        for pool in pools
    ]


def visits(pool: Played, seed: int, start: timedelta = MONDAY_AT_EIGHT) -> Iterator[Visit[PoolAct]]:
    """All that will be said of a pool by itself, in order; without end."""
    random = seeded(seed, pool.agb, pool.code)
    ward = _at_start(pool, start, random)
    match pool.habit:
        case Habit.FEED:
            yield from _feed(pool, ward, start, random)
        case Habit.PERSON:
            yield from _person(pool, ward, start, random)
        case Habit.SILENT:
            yield from _silent(pool, ward, start, random)


def desk_visits(
    pools: Sequence[Played], seed: int, start: timedelta = MONDAY_AT_EIGHT
) -> Iterator[Visit[DeskAct]]:
    """All that an organisation says of its pools together, in order; without end."""
    random = seeded(seed, pools[0].agb, "together")
    wards = {pool.code: _at_start(pool, start, random) for pool in pools}
    if pools[0].habit is Habit.FEED:
        yield from _batches(pools, wards, start, random)
    else:
        yield from _rounds(pools, wards, start, random)


def _at_start(pool: Played, start: timedelta, random: Random) -> Ward:
    """As the board shows it, so that nothing jumps when the play is begun again."""
    if pool.shown is None:
        return opening(pool.places, pool.care_type, start, random)
    shown = pool.shown
    if shown.free is not None:
        places = max(pool.places, shown.free)
        return ward_of(places, places - shown.free, 0, pool.care_type, start, random)
    if shown.physical is None or shown.operable is None:
        return opening(pool.places, pool.care_type, start, random)
    # Somebody else's figures may hold more than fits in a ward.
    occupied = shown.occupied or 0
    closed = max(0, min(shown.closed or 0, shown.physical - occupied))
    planned = min(shown.planned or 0, shown.physical - closed - occupied)
    ward = ward_of(shown.physical, occupied, planned, pool.care_type, start, random)
    return replace(ward, closed=closed, closed_reason=shown.closed_reason if closed else None)


# ---------------------------------------------------------------- one by one


def _feed(pool: Played, ward: Ward, start: timedelta, random: Random) -> Iterator[Visit[PoolAct]]:
    yield Visit(start, (_counts(ward, start),))
    # Each at a moment of its own within the quarter.
    last, at = start, start + FEED_EVERY * random.random()
    while True:
        before, ward = ward, live(ward, pool.care_type, last, at, random)
        yield Visit(at, _feed_says(before, ward, at, random))
        last, at = at, at + FEED_EVERY


def _feed_says(before: Ward, ward: Ward, at: timedelta, random: Random) -> tuple[PoolAct, ...]:
    report = _counts(ward, at)
    chance = random.random()
    if chance < _CHANCE_OF_MISTAKE:
        # Counts somebody twice, and is corrected after the refusal.
        return _mistaken(report), report
    chance -= _CHANCE_OF_MISTAKE
    if chance < _CHANCE_OF_LATE:
        # Two messages overtake each other: the older comes in last.
        return report, replace(_counts(before, at), age=timedelta(seconds=20))
    chance -= _CHANCE_OF_LATE
    if chance < _CHANCE_OF_REPEAT:
        return report, Repeat()
    return (report,)


def _person(pool: Played, ward: Ward, start: timedelta, random: Random) -> Iterator[Visit[PoolAct]]:
    said = _vrij_nu(ward)
    if pool.shown is None:
        yield Visit(start, (_person_says(ward, start, random),))
    last, at = start, _next_look(start, pool.schedule, random)
    while True:
        ward = live(ward, pool.care_type, last, at, random)
        if _vrij_nu(ward) == said:
            if random.random() < _CHANCE_TO_CONFIRM:
                yield Visit(at, (Confirm(said),))
        elif random.random() < _CHANCE_TO_TELL_CHANGE:
            said = _vrij_nu(ward)
            yield Visit(at, (_person_says(ward, at, random),))
        last, at = at, _next_look(at, pool.schedule, random)


def _silent(pool: Played, ward: Ward, start: timedelta, random: Random) -> Iterator[Visit[PoolAct]]:
    """Posted once; now and then the coordination point phones, by day on workdays."""
    if pool.shown is None:
        yield Visit(start, (Report(_vrij_nu(ward), age=SILENT_FOR),))
    last, at = start, start
    while True:
        at = _by_day(at + DAY * random.uniform(0.4, 2.5), random)
        ward = live(ward, pool.care_type, last, at, random)
        yield Visit(at, (Phone(_vrij_nu(ward), "gebeld met de afdeling"),))
        last = at


def _person_says(ward: Ward, at: timedelta, random: Random) -> Report:
    if ward.free > 0:
        return Report(_vrij_nu(ward))
    known = [days for days, _ in ward.discharges_in(at // DAY) if days > 0]
    return Report(_vrij_nu(ward), available_in_days=min(known, default=random.randint(1, 6)))


def _next_look(at: timedelta, schedule: PostingSchedule, random: Random) -> timedelta:
    """About once an hour by day; pools that are due on workdays have their weekend."""
    following = at + HOUR * random.uniform(0.5, 1.5)
    hour = following % DAY / HOUR
    if not 7 <= hour < 21:
        midnight = following - following % DAY + (DAY if hour >= 21 else timedelta(0))
        following = midnight + HOUR * random.uniform(7, 8)
    return _after_weekend(following) if schedule is PostingSchedule.WORKDAYS_TWICE else following


def _by_day(at: timedelta, random: Random) -> timedelta:
    at = _after_weekend(at)
    return at - at % DAY + HOUR * random.uniform(9, 17) if not 9 <= at % DAY / HOUR < 17 else at


def _after_weekend(at: timedelta) -> timedelta:
    return at + (7 - at // DAY % 7) * DAY if is_weekend(at) else at


# ---------------------------------------------------------------- all at once


def _batches(
    pools: Sequence[Played], wards: dict[str, Ward], start: timedelta, random: Random
) -> Iterator[Visit[DeskAct]]:
    yield Visit(start, (_batch(pools, wards, start),))
    last, at = start, start + BATCH_EVERY * random.random()
    while True:
        _live_on(pools, wards, last, at, random)
        batch = _batch(pools, wards, at)
        chance = random.random()
        if chance < 2 * _CHANCE_OF_MISTAKE:
            # One line can't be true; the others count, and the one is corrected at once.
            number = random.randrange(len(batch.reports))
            code, report = batch.reports[number]
            lines = list(batch.reports)
            lines[number] = (code, _mistaken(report))
            yield Visit(at, (Batch(tuple(lines)), Batch(((code, report),))))
        elif chance < 2 * (_CHANCE_OF_MISTAKE + _CHANCE_OF_REPEAT):
            yield Visit(at, (batch, RepeatBatch()))
        else:
            yield Visit(at, (batch,))
        last, at = at, at + BATCH_EVERY


def _rounds(
    pools: Sequence[Played], wards: dict[str, Ward], start: timedelta, random: Random
) -> Iterator[Visit[DeskAct]]:
    said = {pool.code: pool.shown for pool in pools}
    unknown = [pool for pool in pools if pool.shown is None]
    last, at = start, start
    if unknown:
        yield Visit(start, (_round(unknown, wards, said, start, random),))
    while True:
        at = _next_round(at, random)
        due = [
            pool
            for pool in pools
            if not (is_weekend(at) and pool.schedule is PostingSchedule.WORKDAYS_TWICE)
        ]
        _live_on(pools, wards, last, at, random)
        last = at
        if due and random.random() >= _CHANCE_TO_FORGET_ROUND:
            yield Visit(at, (_round(due, wards, said, at, random),))


def _round(
    pools: Sequence[Played],
    wards: dict[str, Ward],
    said: dict[str, Figures | None],
    at: timedelta,
    random: Random,
) -> Round:
    changed: list[tuple[str, Report]] = []
    same: list[tuple[str, Report]] = []
    for pool in pools:
        report = _person_says(wards[pool.code], at, random)
        stands = said[pool.code]
        held = stands is not None and stands.free == report.figures.free
        (same if held else changed).append((pool.code, report))
        said[pool.code] = report.figures
    return Round(tuple(changed), tuple(same))


def _next_round(at: timedelta, random: Random) -> timedelta:
    midnight = at - at % DAY
    moments = [midnight + HOUR * hour for hour in _ROUNDS_AT] + [
        midnight + DAY + HOUR * _ROUNDS_AT[0]
    ]
    # Half an hour of play at most, or a round could come again after itself.
    first = next(moment for moment in moments if moment > at + HOUR / 2)
    return first + HOUR * random.uniform(0, 0.4)


def _live_on(
    pools: Sequence[Played],
    wards: dict[str, Ward],
    begin: timedelta,
    end: timedelta,
    random: Random,
) -> None:
    for pool in pools:
        wards[pool.code] = live(wards[pool.code], pool.care_type, begin, end, random)


def _batch(pools: Sequence[Played], wards: dict[str, Ward], at: timedelta) -> Batch:
    return Batch(tuple((pool.code, _counts(wards[pool.code], at)) for pool in pools))


# ---------------------------------------------------------------- figures


def _mistaken(report: Report) -> Report:
    operable = report.figures.operable or 0
    return Report(replace(report.figures, occupied=operable + 1), wrong=True)


def _counts(ward: Ward, at: timedelta) -> Report:
    figures = Figures(
        physical=ward.physical,
        operable=ward.operable,
        occupied=ward.occupied,
        planned=ward.planned,
        closed=ward.closed,
        closed_reason=ward.closed_reason,
    )
    today = at // DAY
    return Report(
        figures, discharges=ward.discharges_in(today), admissions=ward.admissions_in(today)
    )


def _vrij_nu(ward: Ward) -> Figures:
    return Figures(free=max(0, ward.free))
