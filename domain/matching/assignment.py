"""The whole waiting list at once: who gets a place, and which one.

Whoever comes first by the order given is never left out for whoever comes later: the set of those
placed is the best one by that order, which is also the largest there is (the sets that can be placed
together are a matroid, so taking them one after another, exchanging places where that helps, is
optimal). Among all ways to place that set, the most get the care that triage chose, and then they
travel the least in sum.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

#: Kept with each proposal: whoever changes what comes out counts it up.
VERSION = "2026-1"

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.intp]

#: Metres that another type of care counts as: more than all distances of a list together, while
#: sums stay whole numbers that a float64 holds.
_OTHER_CARE = 10_000_000_000


@dataclass(frozen=True, slots=True)
class Choices:
    """Who (a row) could go where (a column, in the order of the pools' ids).

    fits: no hard criterion stands in the way. free: places of each pool. other_care: it would be
    another type of care than triage chose; None: nowhere.
    """

    fits: Mask
    km: npt.NDArray[np.float32]
    free: npt.NDArray[np.integer]
    other_care: Mask | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """columns: of each row the column that it gets; None: none is left for it."""

    columns: tuple[int | None, ...]

    @property
    def placed(self) -> int:
        """How many get a place."""
        return sum(column is not None for column in self.columns)


def assign(choices: Choices, order: Sequence[int]) -> Assignment:
    """Places all at once. order: every row once, first first.

    In what order rows stand changes nothing; what is equally good comes out the same each time.
    """
    chosen = _placed(choices, order)
    columns: list[int | None] = [None] * len(choices.fits)
    if chosen:
        for row, column in zip(chosen, _nearest(choices, chosen), strict=True):
            columns[row] = column
    return Assignment(tuple(columns))


def one_by_one(choices: Choices, order: Sequence[int]) -> Assignment:
    """What comes of it when each in turn takes what is best for it alone: to compare with."""
    with_room = np.flatnonzero(choices.free > 0)
    costs, left = _costs(choices, order, with_room), choices.free[with_room]
    columns: list[int | None] = [None] * len(choices.fits)
    if not costs.size:
        return Assignment(tuple(columns))
    for row, of_row in zip(order, costs, strict=True):
        place = int(of_row.argmin())
        if of_row[place] == np.inf:
            continue
        columns[row] = int(with_room[place])
        left[place] -= 1
        if not left[place]:
            costs[:, place] = np.inf
    return Assignment(tuple(columns))


def _placed(choices: Choices, order: Sequence[int]) -> list[int]:
    """The rows that get a place, in order: each one for whom others can make room, if need be.

    Sets of columns are numbers, a bit for each. Who was once placed stays so, though perhaps
    elsewhere. Where a search ends in vain no later one finds anything, so it isn't looked at again.
    """
    packed = np.packbits(choices.fits, axis=1, bitorder="little")
    reach = [int.from_bytes(bits.tobytes(), "little") for bits in packed]
    left = [max(0, places) for places in choices.free.tolist()]
    with_room = sum(1 << column for column, places in enumerate(left) if places)
    hopeless = 0
    at: dict[int, int] = {}
    holders: dict[int, list[int]] = {}
    for first in order:
        came_from: dict[int, int] = {}
        seen = hopeless
        queue = [first]
        for row in queue:
            found = reach[row] & ~seen
            if room := found & with_room:
                column = next(_bits(room))
                left[column] -= 1
                if not left[column]:
                    with_room ^= 1 << column
                _exchange(row, column, came_from, at, holders)
                break
            seen |= found
            for column in _bits(found):
                came_from[column] = row
                queue += holders.get(column, ())
        else:
            hopeless = seen
    return [row for row in order if row in at]


def _exchange(
    row: int,
    column: int,
    came_from: dict[int, int],
    at: dict[int, int],
    holders: dict[int, list[int]],
) -> None:
    """Moves a row to a column with room, whoever wanted its place to that one, and so on."""
    while True:
        before = at.get(row)
        at[row] = column
        holders.setdefault(column, []).append(row)
        if before is None:
            return
        holders[before].remove(row)
        row, column = came_from[before], before


def _nearest(choices: Choices, rows: Sequence[int]) -> list[int]:
    """The best way to place rows that can all be placed: of each its column.

    With k to be placed nobody has to go further than to its own k-th column: one of the first k is
    always left. So only those are looked at.
    """
    # Half a second that a process takes to begin with otherwise, and most never need it.
    from scipy.optimize import linear_sum_assignment

    count, with_room = len(rows), np.flatnonzero(choices.free > 0)
    costs = _costs(choices, rows, with_room)
    if count < len(with_room):
        furthest = np.partition(costs, count - 1, axis=1)[:, count - 1 : count]
        costs = np.where(costs > furthest, np.inf, costs)
    wanted = np.isfinite(costs).sum(axis=0)
    places = np.repeat(np.arange(len(with_room)), np.minimum(choices.free[with_room], wanted))
    _, taken = linear_sum_assignment(costs[:, places])
    found: list[int] = with_room[places[taken]].tolist()
    return found


def _costs(choices: Choices, rows: Sequence[int], columns: Numbers) -> Floats:
    """What these places cost these rows, in whole metres; infinite where one doesn't fit."""
    metres = np.rint(choices.km[rows][:, columns].astype(np.float64) * 1000)
    if choices.other_care is not None:
        metres[choices.other_care[rows][:, columns]] += _OTHER_CARE
    return np.where(choices.fits[rows][:, columns], metres, np.inf)


def _bits(number: int) -> Iterator[int]:
    """The places of the ones in a number, the lowest first."""
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest
