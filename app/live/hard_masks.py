"""The hard criteria of a match over the columns of many pools at once.

The rules are those of `domain.matching.criteria.failures`; tests hold the two against each other.
Beds are looked at as the pool they are in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from app.live.board import RegionBoard
from app.live.place_moments import NOT_FORESEEN
from app.live.place_rows import CARE_BITS, FEATURE_BITS, LONG_AGO, UNKNOWN, Serving
from app.live.rows import Bits, Floats, Mask
from domain.care_types import CareType
from domain.features import Feature
from domain.matching.criteria import NEEDS_CONTRACT, Criterion
from domain.needs import Need, Sex

_ACCOMMODATIONS = frozenset({Feature.WZD, Feature.WVGGZ})
_SINGLE = FEATURE_BITS[Feature.EENPERSOONSKAMER]
_OF_SEX = {
    Sex.MAN: FEATURE_BITS[Feature.KAMER_MAN],
    Sex.VROUW: FEATURE_BITS[Feature.KAMER_VROUW],
    Sex.ANDERS: 0,
}
_SHARED = _OF_SEX[Sex.MAN] | _OF_SEX[Sex.VROUW]


@dataclass(frozen=True, slots=True)
class Standing:
    """The open pools of some care types at a moment, in order of id: what is the same for every need.

    care: which of the care types somebody may come for, so without those that ask a Wlz contract
    where there is none. known: some figure stands; believed: it may be believed now. at: vroegste
    opname of one place, AT_ONCE or NOT_FORESEEN, the latter too where nothing can be believed.
    """

    serving: Serving
    now: datetime
    care: Bits
    known: Mask
    believed: Mask
    stopped: Mask
    at: Floats
    balance: Bits


def standing(board: RegionBoard, care_types: Sequence[CareType], now: datetime) -> Standing:
    """The pools that serve any of these care types; those without places have none."""
    board.places.sync(now)
    rows, moments = board.places.rows, board.places.moments
    serving = rows.of_care_types(care_types)
    here, stamp = serving.rows, now.timestamp()
    valid_until = rows.valid_until[here]
    known = (valid_until > LONG_AGO) & (rows.free[here] > UNKNOWN)
    believed = known & (valid_until > stamp)
    at = moments.admissions(1, here[believed]).at[here]
    at[~believed] = NOT_FORESEEN
    return Standing(
        serving,
        now,
        np.where(serving.wlz_contract, serving.care, serving.care & ~_bits(NEEDS_CONTRACT)),
        known,
        believed,
        rows.stop_since[here] <= stamp,
        at,
        rows.balance[here],
    )


def chosen(places: Standing, care_types: Sequence[CareType]) -> Bits:
    """Which care type each pool is looked at for, by its number: the first that the contract allows."""
    number = np.zeros(len(places.at), np.int32)
    for offered in (places.serving.care, places.care):
        for index in reversed(range(len(care_types))):
            number[(offered & CARE_BITS[care_types[index]]) != 0] = index
    return number


def failing(places: Standing, need: Need, care_types: Sequence[CareType]) -> dict[Criterion, Mask]:
    """What fails at each pool, looked at for the care type of `chosen`; a criterion that nothing
    can fail on for this need is left out."""
    found = dict(_of_register(places, need, care_types))
    late = places.believed & ~in_time(places.at, need, places.now)
    foreseen = places.at < NOT_FORESEEN
    admits = foreseen | ((places.balance > 0) & ~places.stopped)
    found[Criterion.ONBEKEND] = ~places.known
    found[Criterion.ONBEVESTIGD] = places.known & ~places.believed
    found[Criterion.OPNAMESTOP] = places.stopped
    found[Criterion.TEKORT] = late & ~admits & (places.balance < 0)
    found[Criterion.VOL] = late & ~admits & (places.balance == 0)
    found[Criterion.VROEGSTE_OPNAME] = late & admits
    return found


def in_time(at: Floats, need: Need, now: datetime) -> Mask:
    """Where somebody can be admitted by the time that it is needed."""
    found: Mask = at <= deadline(need, now)
    return found


def deadline(need: Need, now: datetime) -> float:
    """Up to when a vroegste opname is in time, as a timestamp; any that is foreseen is, without a moment."""
    return _LAST if need.needed_by is None else max(need.needed_by, now).timestamp()


def no_room(features: Bits, sex: Sex) -> Mask:
    """Where the room is shared with the other sex only."""
    found: Mask = ((features & _SHARED) != 0) & ((features & (_SINGLE | _OF_SEX[sex])) == 0)
    return found


def bits_of_features(features: frozenset[Feature]) -> int:
    """Features as columns hold them."""
    return sum(FEATURE_BITS[feature] for feature in features)


def _of_register(
    places: Standing, need: Need, care_types: Sequence[CareType]
) -> list[tuple[Criterion, Mask]]:
    features = places.serving.features
    found = [
        (Criterion(feature.value), (features & FEATURE_BITS[feature]) == 0)
        for feature in need.required - _ACCOMMODATIONS
    ]
    closed = bits_of_features(need.required & _ACCOMMODATIONS)
    if closed:
        found.append((Criterion.WZD_WVGGZ, (features & closed) != closed))
    found.append((Criterion.KAMER, no_room(features, need.sex)))
    if not NEEDS_CONTRACT.isdisjoint(care_types):
        found.append((Criterion.WLZ_CONTRACT, (places.care & _bits(care_types)) == 0))
    return found


def _bits(care_types: Sequence[CareType] | frozenset[CareType]) -> int:
    return sum({CARE_BITS[care_type] for care_type in care_types})


#: The last moment that isn't NOT_FORESEEN.
_LAST = float(np.finfo(np.float64).max)
