"""Who could go where: a whole waiting list against the pools of a region, from the board alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from uuid import UUID

import numpy as np
import numpy.typing as npt

from app.live.board import RegionBoard
from app.live.hard_masks import Standing, bits_of_features, deadline, no_room, standing
from app.live.match_inputs import scored_teams
from app.live.place_moments import AT_ONCE, NOT_FORESEEN
from app.live.place_rows import CARE_BITS
from app.live.rows import Bits, Mask
from domain.calendar import AMSTERDAM
from domain.care_types import CareType
from domain.geography import Point, projected
from domain.identifiers import PoolId
from domain.matching.criteria import team_failures
from domain.matching.scoring import Asked
from domain.needs import Sex

Kilometres = npt.NDArray[np.float32]
#: Who comes to a pool, by day in Amsterdam; None: on a day that isn't agreed.
Agreed = Mapping[tuple[UUID, date | None], int]

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

    free: places that can be given: to be believed, all free from the vroegste opname on, and no more
    than may come on that day (later days aren't looked at). mask: nothing stands in the way, for any
    care type of the referral. km: as the crow flies, to home or partner, whichever is less; UNKNOWN_KM
    where a point isn't known.
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


def feasible(
    board: RegionBoard,
    asked: Sequence[AskedReferral],
    now: datetime,
    agreed: Agreed = MappingProxyType({}),
) -> Feasible:
    """Every pool of any of the care types against every referral, as of now.

    agreed: who comes besides those whom providers foresee themselves.
    """
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
        np.minimum(_free(board, places, open_ones), _room(board, places, agreed)),
        mask,
        _kilometres(places, asked),
        tuple(asked),
        places.care,
    )


def fit_somewhere(board: RegionBoard, asked: Sequence[AskedReferral], now: datetime) -> list[bool]:
    """Whether a place, or for wijkverpleging a team, fits each, for any of the care types.

    It is what `check_board` finds, of many at once.
    """
    mask = feasible(board, asked, now).mask
    return [
        bool(places.any())
        or (CareType.WIJKVERPLEGING in each.care_types and _team_fits(board, each, now))
        for each, places in zip(asked, mask, strict=True)
    ]


def _team_fits(board: RegionBoard, each: AskedReferral, now: datetime) -> bool:
    need = each.asked.need
    teams = scored_teams(board, need.pc4)
    return any(not team_failures(need, team.candidate, now) for team in teams)


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


def _room(board: RegionBoard, places: Standing, agreed: Agreed) -> Bits:
    """How many more may come on the day of the vroegste opname, by the rules for admissions."""
    rows, here = board.places.rows, places.serving.rows
    room = np.full(len(here), np.iinfo(np.int32).max, np.int32)
    for column, row in enumerate(here.tolist()):
        rules, at = rows.rules[row].given, float(places.at[column])
        if rules is None or rules.max_per_day is None or at == NOT_FORESEEN:
            continue
        moment = places.now if at == AT_ONCE else datetime.fromtimestamp(at, AMSTERDAM)
        day = moment.astimezone(AMSTERDAM).date()
        pool_id, expected = UUID(places.serving.ids[column]), rows.expected[row]
        taken = agreed.get((pool_id, day), 0) + agreed.get((pool_id, None), 0)
        if expected is not None:
            taken += dict(expected.forecast.admissions).get(day, 0)
        room[column] = max(0, rules.max_per_day - taken)
    return room


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
