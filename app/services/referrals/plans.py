"""From a waiting list and the board to who would get which place, and why the others would get none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np

from app.live import homes
from app.live.board import RegionBoard
from app.live.feasibility import UNKNOWN_KM, Agreed, AskedReferral, Feasible, feasible
from app.live.matching import match
from app.live.place_reading import Names
from app.live.place_rows import CARE_BITS
from app.services.referrals.waiting_list import Listed
from domain.care_types import CareType
from domain.events import Position
from domain.identifiers import PoolId
from domain.matching.assignment import Assignment, Choices, assign, one_by_one
from domain.matching.board_checks import detail_json
from domain.matching.proposals import Place, Unplaced
from domain.matching.ranking import NearFit
from domain.matching.scoring import Asked
from domain.matching.weights import Weights
from domain.needs import Need

#: Of each for whom nothing fits, so many near misses are kept.
MOST_NEAR = 3


@dataclass(frozen=True, slots=True)
class Look:
    """What the board had for a waiting list, all of it at one position.

    rows: of each row of `feasible` whom of the list it is about.
    """

    position: Position
    feasible: Feasible
    choices: Choices
    rows: Sequence[int]


@dataclass(frozen=True, slots=True)
class Planned:
    """What somebody would get: together with all others, and when each in turn took the nearest."""

    together: Place | None
    alone: Place | None
    unplaced: Unplaced | None


@dataclass(frozen=True, slots=True)
class Obstacles:
    """Why nothing fits: places by criterion, and what would fit if one thing changed."""

    failed: Mapping[str, int]
    near: Sequence[Mapping[str, object]]


def look(
    board: RegionBoard,
    everywhere: RegionBoard | None,
    listed: Sequence[Listed],
    asked_for: Mapping[UUID, int],
    agreed: Agreed,
    now: datetime,
) -> Look:
    """Reads all of it from the board in one go.

    everywhere: region 0, which knows where postcodes are. asked_for: by pool, places that somebody is
    being asked for: proposing them again would have two wait for the same one. agreed: who comes when.
    """
    rows = [index for index, one in enumerate(listed) if one.unplaced is None]
    referrals = [
        AskedReferral(
            one.waiting.id, homes.asked_for(everywhere, one.need, one.wishes), one.care_types
        )
        for one in (listed[index] for index in rows)
    ]
    found = feasible(board, referrals, now, agreed)
    taken = np.array([asked_for.get(pool_id, 0) for pool_id in found.pool_ids], np.int32)
    fits = found.mask.copy()
    for row, index in enumerate(rows):
        not_again = listed[index].not_again
        if not_again:
            fits[row] &= [pool_id not in not_again for pool_id in found.pool_ids]
    chosen = np.array([CARE_BITS[each.care_types[0]] for each in referrals], np.int32)
    choices = Choices(
        fits=fits,
        km=found.km,
        free=np.maximum(found.free - taken, 0),
        other_care=(found.care & chosen.reshape(-1, 1)) == 0,
    )
    return Look(board.position, found, choices, rows)


def plan(listed: Sequence[Listed], looked: Look) -> list[Planned]:
    """What each of the list would get, in its order. Takes no more than the look: any thread may do it."""
    order = range(len(looked.rows))
    together = assign(looked.choices, order)
    alone = one_by_one(looked.choices, order)
    row_of = {index: row for row, index in enumerate(looked.rows)}
    found = []
    for index, one in enumerate(listed):
        row = row_of.get(index)
        got = None if row is None else _place(looked, together, row)
        found.append(
            Planned(
                got,
                None if row is None else _place(looked, alone, row),
                None if got is not None else one.unplaced or _why(looked, row),
            )
        )
    return found


def free_places(
    board: RegionBoard,
    need: Need,
    care_type: CareType,
    pool_id: UUID,
    agreed: Agreed,
    now: datetime,
) -> int:
    """How many places of a pool that fits can be given; none of one that isn't on the board (any more)."""
    found = feasible(board, [AskedReferral(pool_id, Asked(need), (care_type,))], now, agreed)
    if pool_id not in found.pool_ids:
        return 0
    return int(found.free[found.pool_ids.index(PoolId(pool_id))])


def obstacles(
    board: RegionBoard,
    everywhere: RegionBoard | None,
    one: Listed,
    weights: Weights,
    now: datetime,
) -> Obstacles | None:
    """What stands in the way of somebody for whom nothing fits; None: by now something does."""
    asked = homes.asked_for(everywhere, one.need, one.wishes)
    found = match(board, asked, one.care_types, weights, now, limit=MOST_NEAR)
    if found.found.fits.total:
        return None
    return Obstacles(
        {criterion.value: count for criterion, count in found.found.counts.items()},
        [_near(near, found.names[near.id]) for near in found.found.near.items],
    )


def _near(near: NearFit, names: Names) -> dict[str, object]:
    return {
        "pool_id": str(near.id),
        "pool_name": names.name,
        "location_name": names.location,
        "telephone": names.telephone,
        "care_type": near.care_type,
        "km": None if near.metres is None else round(near.metres / 1000, 1),
        "change": near.miss.change,
        "delay_minutes": near.miss.delay,
        "detail": detail_json(near.miss.params),
    }


def _why(looked: Look, row: int | None) -> Unplaced:
    if row is None or not looked.feasible.mask[row].any():
        return Unplaced.NIETS_PAST
    fits = looked.choices.fits[row].any()
    return Unplaced.NAAR_WIE_EERDER_KOMT if fits else Unplaced.AL_GEWEIGERD


def _place(looked: Look, assignment: Assignment, row: int) -> Place | None:
    column = assignment.columns[row]
    if column is None:
        return None
    km = float(looked.feasible.km[row, column])
    return Place(
        looked.feasible.pool_ids[column],
        looked.feasible.care_type(row, column),
        None if km == UNKNOWN_KM else round(km, 1),
    )
