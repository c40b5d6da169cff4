"""assignment_200x2000: a whole waiting list against every pool of a region, costs included.

All pools share the care type that is asked. From a board in memory to who goes where: which of the
400,000 combinations fit, how far each is, who gets a place and which one.
"""

import time
from datetime import timedelta
from random import Random
from uuid import UUID

import numpy as np
from scipy.optimize import linear_sum_assignment

from app.live.board import RegionBoard
from app.live.feasibility import AskedReferral, Feasible, feasible
from app.live.match_inputs import match_inputs
from app.matching_weights import current
from bench.figures import Figure, Target, alternately
from bench.matching import CARE_TYPE, NOW, asked, subjects
from bench.stage import Stage
from domain.events import Position
from domain.identifiers import RegionId
from domain.matching.assignment import Assignment, Choices, assign
from domain.matching.criteria import failures

_REFERRALS, _POOLS = 200, 2_000
_ROUNDS = 9
#: Referrals of which each pool is looked at by the criteria themselves, which takes long.
_CHECKED = 5
#: Of a scarce list, one place in so many is left.
_SCARCE = 12


async def assignment(stage: Stage) -> list[Figure]:  # noqa: ARG001 - asks nothing of the machine
    """The figure; beforehand what is found is held against brute force, also where places are scarce."""
    random = Random(_POOLS)
    board = RegionBoard(Position(RegionId(1), 1, 1, 7), list(subjects(random, _POOLS)), NOW)
    waiting = [
        AskedReferral(UUID(int=number), asked(random), (CARE_TYPE,)) for number in range(_REFERRALS)
    ]
    found = feasible(board, waiting, NOW)
    _check_fits(board, found)
    ample = Choices(found.mask, found.km, found.free)
    some = np.arange(len(found.free)) % _SCARCE == 0
    for choices in (ample, Choices(found.mask, found.km, np.where(some, found.free, 0))):
        _check_assignment(choices, assign(choices, range(_REFERRALS)))
    runs = 0

    async def ours() -> float:
        nonlocal runs
        runs += 1
        now = NOW + timedelta(seconds=runs)
        began = time.perf_counter()
        feasibility = feasible(board, waiting, now)
        assign(Choices(feasibility.mask, feasibility.km, feasibility.free), range(_REFERRALS))
        return (time.perf_counter() - began) * 1000

    async def plain() -> float:
        began = time.perf_counter()
        feasible(board, waiting, NOW)
        _least(ample, _placeable(ample))
        return (time.perf_counter() - began) * 1000

    measured, reference = await alternately(_ROUNDS, ours, plain)
    target = Target("value", "at most", 60.0)
    return [Figure(f"assignment_{_REFERRALS}x{_POOLS}", "ms", measured, reference, target)]


def _check_fits(board: RegionBoard, found: Feasible) -> None:
    """Raises AssertionError unless the criteria say the same of each pool, for some referrals."""
    weights = current(NOW.date())
    for row, referral in enumerate(found.referrals[:_CHECKED]):
        inputs = match_inputs(board, referral.asked, referral.care_types, weights, NOW)
        fits = {
            place.candidate.id
            for place in inputs.places
            if not failures(referral.asked.need, CARE_TYPE, place.candidate, NOW)
        }
        masked = np.flatnonzero(found.mask[row]).tolist()
        assert {found.pool_ids[column] for column in masked} == fits


def _check_assignment(choices: Choices, found: Assignment) -> None:
    """Raises AssertionError unless the plain way, without any short cut, comes to the same."""
    rows = [row for row, column in enumerate(found.columns) if column is not None]
    columns = [column for column in found.columns if column is not None]
    assert choices.fits[rows, columns].all()
    assert (np.bincount(columns, minlength=len(choices.free)) <= choices.free).all()
    assert rows == _placeable(choices)
    assert round(float(_metres(choices)[rows, columns].sum())) == round(_least(choices, rows))


def _placeable(choices: Choices) -> list[int]:
    """One after another, each for whom room can be made; a search along steps for each."""
    free = choices.free.tolist()
    reach = [np.flatnonzero(row).tolist() for row in choices.fits & (choices.free > 0)]
    holders: dict[int, list[int]] = {}

    def place(row: int, seen: set[int]) -> bool:
        for column in reach[row]:
            if column in seen:
                continue
            seen.add(column)
            held = holders.setdefault(column, [])
            if len(held) < free[column]:
                held.append(row)
                return True
            for number, other in enumerate(held):
                if place(other, seen):
                    held[number] = row
                    return True
        return False

    return [row for row in range(len(reach)) if place(row, set())]


def _least(choices: Choices, rows: list[int]) -> float:
    """Metres in sum, with every free place of every pool a column."""
    places = np.repeat(np.arange(len(choices.free)), choices.free)
    costs = np.where(choices.fits[rows], _metres(choices)[rows], np.inf)[:, places]
    return float(costs[linear_sum_assignment(costs)].sum())


def _metres(choices: Choices) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.rint(choices.km.astype(np.float64) * 1000)
