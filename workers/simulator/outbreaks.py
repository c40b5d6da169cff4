"""Outbreaks: once in a while a location of an organisation admits nobody, until it is over. Pure."""

from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta

from domain.care_types import ClosedReason
from workers.simulator.acts import LiftStop, SetStop, StopAct, Visit, seeded
from workers.simulator.ward import DAY, HOUR

#: A location has an outbreak this often.
_DAYS_BETWEEN = 250.0
_REASONS = (
    (ClosedReason.UITBRAAK, "norovirus op de afdeling"),
    (ClosedReason.UITBRAAK, "influenza op twee afdelingen"),
    (ClosedReason.PERSONEEL, "te veel zieken in het rooster"),
)


def stop_visits(
    agb: str,
    locations: Sequence[str],
    standing: Collection[str],
    seed: int,
    start: timedelta,
) -> Iterator[Visit[StopAct]]:
    """All stops that an organisation will set and lift, in order and never two at once; without end.

    standing: the locations that a board showed a stop of when the play began; they are lifted.
    """
    random = seeded(seed, agb, "outbreaks")
    names = sorted(locations)
    for name in sorted(standing):
        at = start + DAY * random.uniform(0.2, 2)
        yield Visit(at, (LiftStop(name),))
        start = at
    while names:
        begins = start + DAY * random.expovariate(len(names) / _DAYS_BETWEEN)
        begins += HOUR * (random.uniform(8, 20) - begins % DAY / HOUR)
        begins = max(begins, start + HOUR)
        reason, note = random.choice(_REASONS)
        days = random.randint(2, 8)
        name = random.choice(names)
        yield Visit(begins, (SetStop(name, reason, note, days),))
        # It is over a day sooner or later than was thought, in the afternoon.
        start = begins - begins % DAY + DAY * max(1, days + random.randint(-1, 1)) + 14 * HOUR
        yield Visit(start, (LiftStop(name),))
