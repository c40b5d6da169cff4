"""Which pools can take someone: questions about a region's places, answered from the board alone.

Unknown and onbevestigd never count as free, and free is not admissible: what is matched on is the
vroegste opname, by the rules of domain/places.py.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from app.live.messages import moment
from app.live.place_moments import AT_ONCE, NOT_FORESEEN, PlaceMoments
from app.live.place_rows import FEATURE_BITS, UNKNOWN, PlaceRows, Serving, Subjects
from app.live.rows import PLACE_BITS, PLACE_MASK, Floats, Mask, Rows
from domain.care_types import CareType
from domain.features import Feature
from domain.geography import Point, projected

Metres = npt.NDArray[np.int64]

#: Of a sort key, the bits of each part: metres, minutes from now, or places; what is more counts as
#: the most.
_STEP_BITS = 20
_FURTHEST = (1 << _STEP_BITS) - 1


class Sort(StrEnum):
    """What comes first: the nearest, the soonest to admit, or the one with the most free places then.

    Equals go by moment of admission (nearest) or by distance (soonest, freest), then by id.
    """

    NEAREST = "nearest"
    SOONEST = "soonest"
    FREEST = "freest"


@dataclass(frozen=True, slots=True)
class After:
    """Where a page ended.

    metres: of the last item. minute: of its admission, since 1970; 0 for at once. free: places then.
    """

    metres: int
    minute: int
    free: int
    pool_id: str


@dataclass(frozen=True, slots=True)
class PlaceQuestion:
    """Who can take someone. A pool has to have all features; within_km needs near."""

    care_type: CareType
    features: frozenset[Feature] = frozenset()
    gemeente: str | None = None
    near: Point | None = None
    within_km: float | None = None
    min_free: int = 1
    admit_by: datetime | None = None
    sort: Sort = Sort.SOONEST
    limit: int = 20
    after: After | None = None


@dataclass(frozen=True, slots=True)
class PlacesFound:
    """items: as JSON texts. unconfirmed: left out, since their figure is onbevestigd or unknown."""

    items: list[str]
    unconfirmed: int
    following: After | None


class PlaceIndex:
    """The pools of a region, for questions."""

    def __init__(self, subjects: Subjects) -> None:
        self.rows = PlaceRows(subjects)
        self.moments = PlaceMoments(self.rows)

    def touch(self, kind: str, subject_id: str) -> None:
        """Notes that a subject of the board changed or went."""
        self.rows.touch(kind, subject_id)

    def sync(self, now: datetime) -> None:
        """Takes in what changed; before every question, and once when a board is made."""
        self.rows.sync()
        self.moments.sync(now)

    def ask(self, question: PlaceQuestion, now: datetime) -> PlacesFound:
        """Answers a question as of now."""
        self.sync(now)
        serving = self.rows.of_care_type(question.care_type)
        asked, metres = self._asked(question, serving)
        places = np.flatnonzero(asked)
        rows = serving.rows[places]
        stamp = now.timestamp()
        known = (self.rows.valid_until[rows] > stamp) & (self.rows.free[rows] > UNKNOWN)
        unconfirmed = len(rows) - int(np.count_nonzero(known))
        if unconfirmed:
            places, rows = places[known], rows[known]

        admissions = self.moments.admissions(question.min_free, rows)
        at = admissions.at[rows]
        if question.admit_by is None:
            can = at < NOT_FORESEEN
        else:
            can = (at <= question.admit_by.timestamp()) & (question.admit_by >= now)
        places, rows, at = places[can], rows[can], at[can]
        free, metres = admissions.free[rows], metres[places]

        keys = _key(question.sort, metres, _minutes(at, stamp), free.astype(np.int64))
        keys = keys << PLACE_BITS | places
        if question.after is not None:
            keys = keys[keys >= _first_key(question, question.after, serving.ids, stamp)]
        more = len(keys) > question.limit
        if more:
            keys = np.partition(keys, question.limit - 1)[: question.limit]
        keys.sort()
        chosen = np.searchsorted(places, keys & PLACE_MASK)
        rows, metres, at, free = rows[chosen], metres[chosen], at[chosen], free[chosen]
        following = None
        if more:
            following = After(
                int(metres[-1]),
                0 if at[-1] == AT_ONCE else int(-(-at[-1] // 60)),
                int(free[-1]),
                self.rows.book.ids[rows[-1]],
            )
        return PlacesFound(
            self._write(question, now, rows, metres, at, free), unconfirmed, following
        )

    def _asked(self, question: PlaceQuestion, serving: Serving) -> tuple[Mask, Metres]:
        """Which pools the question is about, and how far each is."""
        asked: Mask = np.ones(len(serving.rows), np.bool_)
        if question.features:
            needed = sum(FEATURE_BITS[feature] for feature in question.features)
            asked &= (serving.features & needed) == needed
        if question.gemeente is not None:
            asked &= serving.gemeente == self.rows.gemeente_number(question.gemeente)
        if question.near is None:
            return asked, np.zeros(len(asked), np.int64)
        east, north = projected(question.near)
        across, up = serving.east - east, serving.north - north
        exact = np.rint(np.sqrt(across * across + up * up) * 1000)
        # NaN, of a location without a point, comes last.
        metres = np.fmin(exact, _FURTHEST).astype(np.int64)
        if question.within_km is not None:
            asked &= metres <= round(question.within_km * 1000)
        return asked, metres

    def _write(
        self,
        question: PlaceQuestion,
        now: datetime,
        rows: Rows,
        metres: Metres,
        at: Floats,
        free: npt.NDArray[np.int32],
    ) -> list[str]:
        register, figures = self.rows.register_text, self.rows.figures_text
        outlooks = self.moments.outlooks(rows).tolist()
        at_once = f'"{moment(now)}","admissible_now":true'
        items = []
        for row, distance, admitted, places, ahead in zip(
            rows.tolist(), metres.tolist(), at.tolist(), free.tolist(), outlooks, strict=True
        ):
            unknown = question.near is None or distance == _FURTHEST
            items.append(
                f'{{{register(row)},{figures(row)},"freshness":"vers",'
                f'"distance_km":{"null" if unknown else round(distance / 1000, 1)},'
                f'"earliest_admission":{at_once if admitted == AT_ONCE else _later(admitted)},'
                f'"free_at_admission":{places},"outlook":{outlook_text(*ahead)}}}'
            )
        return items


def outlook_text(now: int, in_24_hours: int, in_72_hours: int, in_a_week: int) -> str:
    """An outlook as JSON."""
    return (
        f'{{"now":{now},"in_24_hours":{in_24_hours},"in_72_hours":{in_72_hours},'
        f'"in_a_week":{in_a_week}}}'
    )


@lru_cache(maxsize=4096)
def _later(at: float) -> str:
    return f'"{moment(datetime.fromtimestamp(at, UTC))}","admissible_now":false'


def _minutes(at: Floats, stamp: float) -> npt.NDArray[np.int64]:
    """Whole minutes from now, rounded up; 0 for at once."""
    minutes = np.ceil((at - stamp) / 60)
    return np.minimum(np.maximum(minutes, 0), _FURTHEST).astype(np.int64)


def _key(sort: Sort, metres: Any, minutes: Any, free: Any) -> Any:
    """One number to sort by, of arrays as well as of single values."""
    match sort:
        case Sort.NEAREST:
            return metres << _STEP_BITS | minutes
        case Sort.SOONEST:
            return minutes << _STEP_BITS | metres
        case Sort.FREEST:
            return (_FURTHEST - free) << _STEP_BITS | metres


def _first_key(question: PlaceQuestion, after: After, ids: list[str], stamp: float) -> int:
    """The lowest key that the next page may begin with."""
    minute = after.minute * 60.0 if after.minute else AT_ONCE
    (minutes,) = _minutes(np.array([minute]), stamp).tolist()
    key: int = _key(question.sort, after.metres, minutes, after.free)
    return key << PLACE_BITS | bisect_right(ids, after.pool_id)
