"""Who gets which place when the whole list is looked at: held against all ways there are."""

from collections import Counter
from collections.abc import Iterator
from itertools import permutations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.matching.assignment import Assignment, Choices, assign, one_by_one


@st.composite
def choices(draw: st.DrawFn, most: int = 5) -> Choices:
    """A few who wait and a few pools. Distances repeat, and some pools are full."""
    rows, columns = draw(st.integers(0, most)), draw(st.integers(0, most))
    km = st.sampled_from([1.0, 1.0, 2.5, 4.0, 7.25, 30.0])
    cells = rows * columns

    def table(each: st.SearchStrategy[float]) -> list[float]:
        return draw(st.lists(each, min_size=cells, max_size=cells))

    return Choices(
        fits=np.array(table(st.booleans()), np.bool_).reshape(rows, columns),
        km=np.array(table(km), np.float32).reshape(rows, columns),
        free=np.array(draw(st.lists(st.integers(0, 2), min_size=columns, max_size=columns)), int),
        other_care=np.array(table(st.booleans()), np.bool_).reshape(rows, columns),
    )


@st.composite
def lists(draw: st.DrawFn) -> tuple[Choices, list[int]]:
    """Choices, with an order of those who wait."""
    made = draw(choices())
    return made, draw(st.permutations(range(len(made.fits))))


def every_way(made: Choices) -> Iterator[tuple[int | None, ...]]:
    """All ways to place any of those who wait, by trying each."""

    def rest(row: int, left: tuple[int, ...]) -> Iterator[tuple[int | None, ...]]:
        if row == len(made.fits):
            yield ()
            return
        for way in rest(row + 1, left):
            yield (None, *way)
        for column, places in enumerate(left):
            if places and made.fits[row, column]:
                fewer = (*left[:column], places - 1, *left[column + 1 :])
                for way in rest(row + 1, fewer):
                    yield (column, *way)

    yield from rest(0, tuple(made.free.tolist()))


def cost(made: Choices, way: tuple[int | None, ...]) -> tuple[int, int]:
    """How many get other care than was chosen, and metres in sum."""
    assert made.other_care is not None
    taken = [(row, column) for row, column in enumerate(way) if column is not None]
    return (
        sum(bool(made.other_care[cell]) for cell in taken),
        sum(round(float(made.km[cell]) * 1000) for cell in taken),
    )


def set_of(way: tuple[int | None, ...], order: list[int]) -> list[bool]:
    """Who is placed, first first."""
    return [way[row] is not None for row in order]


def best_way(made: Choices, order: list[int]) -> tuple[list[bool], tuple[int, int]]:
    """What is best by the definition: the set first, then other care, then the sum."""
    ways = list(every_way(made))
    best = max(set_of(way, order) for way in ways)
    return best, min(cost(made, way) for way in ways if set_of(way, order) == best)


@settings(max_examples=150, deadline=None)
@given(lists())
def test_the_answer_is_the_best_of_all_ways_there_are(given_: tuple[Choices, list[int]]) -> None:
    made, order = given_
    found = assign(made, order).columns
    check_allowed(made, found)
    assert (set_of(found, order), cost(made, found)) == best_way(made, order)
    # The best by the order is also the most that can be placed.
    most = max(sum(set_of(way, order)) for way in every_way(made))
    assert sum(set_of(found, order)) == most


@settings(max_examples=100, deadline=None)
@given(lists(), st.randoms(use_true_random=False))
def test_in_what_order_rows_and_columns_stand_changes_nothing(
    given_: tuple[Choices, list[int]], random: np.random.Generator
) -> None:
    made, order = given_
    rows, columns = list(range(len(made.fits))), list(range(len(made.free)))
    random.shuffle(rows)
    random.shuffle(columns)
    assert made.other_care is not None
    by_rows = Choices(made.fits[rows], made.km[rows], made.free, made.other_care[rows])
    moved = [rows.index(row) for row in order]
    found = assign(made, order).columns
    again = assign(by_rows, moved).columns
    assert [again[rows.index(row)] for row in range(len(rows))] == list(found)
    # Columns come in order of id; another order may decide otherwise between equals, never worse.
    by_columns = Choices(
        made.fits[:, columns],
        made.km[:, columns],
        made.free[columns],
        made.other_care[:, columns],
    )
    turned = assign(by_columns, order).columns
    back = tuple(None if one is None else columns[one] for one in turned)
    assert set_of(back, order) == set_of(found, order)
    assert cost(made, back) == cost(made, found)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_never_worse_than_one_by_one_and_fair_to_each_on_lists_of_real_length(seed: int) -> None:
    made, order = random_list(seed)
    together, in_turn = assign(made, order).columns, one_by_one(made, order).columns
    check_allowed(made, together)
    check_allowed(made, in_turn)
    assert set_of(together, order) >= set_of(in_turn, order)
    assert sum(set_of(together, order)) >= sum(set_of(in_turn, order))
    if set_of(together, order) == set_of(in_turn, order):
        assert cost(made, together) <= cost(made, in_turn)
    check_nobody_was_passed_over(made, order, together)
    check_no_exchange_helps(made, together)


def test_one_by_one_takes_the_nearest_that_is_left_in_turn() -> None:
    made = Choices(
        fits=np.array([[True, True], [True, False], [True, True]]),
        km=np.array([[1, 2], [1, 1], [1, 9]], np.float32),
        free=np.array([1, 1]),
    )
    assert one_by_one(made, [0, 1, 2]) == Assignment((0, None, 1))
    # Together the first goes a kilometre further, so that the second has a place too.
    assert assign(made, [0, 1, 2]) == Assignment((1, 0, None))
    assert assign(made, [2, 0, 1]) == Assignment((1, None, 0))


def test_nobody_waits_or_nothing_is_there() -> None:
    nobody = Choices(np.zeros((0, 3), np.bool_), np.zeros((0, 3), np.float32), np.ones(3, int))
    nothing = Choices(np.zeros((2, 0), np.bool_), np.zeros((2, 0), np.float32), np.ones(0, int))
    for way in (assign, one_by_one):
        assert way(nobody, []).columns == ()
        assert way(nothing, [1, 0]) == Assignment((None, None))
        assert way(nothing, [1, 0]).placed == 0


def random_list(seed: int) -> tuple[Choices, list[int]]:
    """Some thirty who wait for about as many places, of which most fit few."""
    random = np.random.default_rng(seed)
    rows, columns = random.integers(1, 40), random.integers(1, 40)
    made = Choices(
        fits=random.random((rows, columns)) < random.uniform(0.02, 0.5),
        km=random.uniform(0, 40, (rows, columns)).astype(np.float32),
        free=random.integers(0, 3, columns),
        other_care=random.random((rows, columns)) < 0.2,
    )
    return made, random.permutation(rows).tolist()


def check_allowed(made: Choices, way: tuple[int | None, ...]) -> None:
    """Everybody fits where they go, and no pool gets more than its free places."""
    assert all(made.fits[row, column] for row, column in enumerate(way) if column is not None)
    for column, used in Counter(column for column in way if column is not None).items():
        assert used <= made.free[column]


def check_nobody_was_passed_over(
    made: Choices, order: list[int], way: tuple[int | None, ...]
) -> None:
    """Bound 1: who is left out can't be placed beside all that come earlier and are placed, by any
    exchange. Looked for in another way: along steps, not sets.
    """
    for number, row in enumerate(order):
        if way[row] is None:
            earlier = [one for one in order[:number] if way[one] is not None]
            assert not all_can_be_placed(made, [*earlier, row])


def all_can_be_placed(made: Choices, rows: list[int]) -> bool:
    """Whether these can have a place at the same time."""
    free = made.free.tolist()
    holders: list[list[int]] = [[] for _ in free]

    def place(row: int, seen: set[int]) -> bool:
        for column in np.flatnonzero(made.fits[row]).tolist():
            if column in seen:
                continue
            seen.add(column)
            if len(holders[column]) < free[column]:
                holders[column].append(row)
                return True
            for number, other in enumerate(holders[column]):
                if place(other, seen):
                    holders[column][number] = row
                    return True
        return False

    return all(place(row, set()) for row in rows)


def check_no_exchange_helps(made: Choices, way: tuple[int | None, ...]) -> None:
    """Bound 3: nobody is sent further than another's place asks: neither a move to a place that
    nobody uses nor a swap of two makes it better.
    """
    used = Counter(way)
    now = cost(made, way)
    for row, column in enumerate(way):
        if column is None:
            continue
        for free in np.flatnonzero(made.fits[row] & (made.free > 0)).tolist():
            if used[free] < made.free[free]:
                assert cost(made, (*way[:row], free, *way[row + 1 :])) >= now
    placed = [row for row, column in enumerate(way) if column is not None]
    for one, other in permutations(placed, 2):
        if made.fits[one, way[other]] and made.fits[other, way[one]]:
            swapped = list(way)
            swapped[one], swapped[other] = way[other], way[one]
            assert cost(made, tuple(swapped)) >= now
