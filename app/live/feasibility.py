"""Who could go where: a whole waiting list against the pools of a region, from the board alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
import numpy.typing as npt

from app.live.board import RegionBoard
from app.live.hard_masks import Standing, bits_of_features, deadline, no_room, standing
from app.live.place_moments import NOT_FORESEEN
from app.live.place_rows import CARE_BITS
from app.live.rows import Bits, Mask
from domain.care_types import CareType
from domain.geography import Point, projected
from domain.identifiers import PoolId
from domain.matching.scoring import Asked
from domain.needs import Sex

Kilometres = npt.NDArray[np.float32]

#: Stands for a distance that isn't known: across the region, so that what is known to be near comes
#: first, and nobody is kept from a place by it.
UNKNOWN_KM = 30.0


@dataclass(frozen=True, slots=True)
class AskedReferral:
    """A referral that waits, with its care types in the order of preference."""

    id: UUID
    asked: Asked
    care_types: tuple[CareType, ...]


@dataclass(frozen=True, slots=True)
class Feasible:
    """Pools in order of id; referrals as they were given.

    free: places that can be given: to be believed, and all free from the vroegste opname on. mask:
    nothing stands in the way, for any care type of the referral. km: as the crow flies, to home or
    partner, whichever is less; UNKNOWN_KM where a point isn't known.
    """

    pool_ids: list[PoolId]
    free: Bits
    mask: Mask
    km: Kilometres
    referrals: tuple[AskedReferral, ...]
    care: Bits

    def care_type(self, referral: int, pool: int) -> CareType:
        """The first care type of this referral for which the pool can take it; `mask` says it can."""
        offered = int(self.care[pool])
        return next(one for one in self.referrals[referral].care_types if offered & CARE_BITS[one])


def feasible(board: RegionBoard, asked: Sequence[AskedReferral], now: datetime) -> Feasible:
    """Every pool of any of the care types against every referral, as of now."""
    care_types = list(dict.fromkeys(one for each in asked for one in each.care_types))
    places = standing(board, care_types, now)
    features = places.serving.features
    room = {sex: ~no_room(features, sex) for sex in Sex}
    open_ones = places.believed & ~places.stopped & (places.at < NOT_FORESEEN)
    needs = [each.asked.need for each in asked]
    required = _column([bits_of_features(need.required) for need in needs])
    wanted = _column([sum({CARE_BITS[one] for one in each.care_types}) for each in asked])
    mask = (features & required) == required
    mask &= (places.care & wanted) != 0
    mask &= places.at <= np.array([[deadline(need, now)] for need in needs]).reshape(-1, 1)
    for row, need in enumerate(needs):
        mask[row] &= room[need.sex]
    mask &= open_ones
    return Feasible(
        [PoolId(UUID(pool_id)) for pool_id in places.serving.ids],
        _free(board, places, open_ones),
        mask,
        _kilometres(places, asked),
        tuple(asked),
        places.care,
    )


def _free(board: RegionBoard, places: Standing, open_ones: Mask) -> Bits:
    """So many places stay free from the very moment on at which one can be filled."""
    rows, moments = board.places.rows, board.places.moments
    here = places.serving.rows
    free = np.where(open_ones, rows.free[here], 0)
    foreseeing = np.array([rows.expected[row] is not None for row in here.tolist()], np.bool_)
    left = np.flatnonzero(open_ones & foreseeing)
    free[left] = 1
    count = 1
    while len(left):
        count += 1
        found = moments.admissions(count, here[left])
        left = left[found.at[here[left]] == places.at[left]]
        free[left] = count
    return free.astype(np.int32)


def _kilometres(places: Standing, asked: Sequence[AskedReferral]) -> Kilometres:
    to_home = _distances(places, [each.asked.home for each in asked])
    if any(each.asked.partner is not None for each in asked):
        to_home = np.fmin(to_home, _distances(places, [each.asked.partner for each in asked]))
    return np.nan_to_num(to_home, copy=False, nan=UNKNOWN_KM)


def _distances(places: Standing, points: Sequence[Point | None]) -> Kilometres:
    """NaN where either point isn't known."""
    known = [_NOWHERE if one is None else projected(one) for one in points]
    at = np.array(known, np.float32).reshape(-1, 2)
    across = places.serving.east.astype(np.float32) - at[:, :1]
    up = places.serving.north.astype(np.float32) - at[:, 1:]
    found: Kilometres = np.sqrt(across * across + up * up)
    return found


def _column(bits: list[int]) -> npt.NDArray[np.int32]:
    return np.array(bits, np.int32).reshape(-1, 1)


_NOWHERE = (float("nan"), float("nan"))
