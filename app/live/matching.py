"""A match of one referral against a region's board: a page of it, from columns of all pools at once.

What is found is to the letter what `domain.matching.ranking.rank` finds by looking at one place after
another; tests hold the two against each other. Only what is on the page is read as the domain has it,
so that reasons and failures are the domain's own.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import numpy as np
import numpy.typing as npt

from app.live.board import RegionBoard
from app.live.hard_masks import chosen, deadline, failing, standing
from app.live.match_inputs import candidate_of_pool, scored_place, scored_teams
from app.live.match_names import names_of
from app.live.match_scores import Whole, metres_of, minutes_of, points_of, wijk_of
from app.live.place_moments import NOT_FORESEEN
from app.live.place_reading import Names
from app.live.rows import Mask
from domain.care_types import CareType
from domain.events import Position
from domain.matching.board_checks import FailedPlace
from domain.matching.criteria import Criterion, failures
from domain.matching.near_misses import NEVER_WITHOUT, STEP, Change, near_miss
from domain.matching.ranking import FURTHEST, Fit, NearFit, Ranking, fit_of, near_of, rank
from domain.matching.scoring import Asked, Tier, minute_of
from domain.matching.weights import Weights

T = TypeVar("T")
Numbers = npt.NDArray[np.intp]

_HOME = CareType.WIJKVERPLEGING
#: Of a sort key, the bits of points, metres, care types and minutes of delay.
_POINT_BITS, _METRE_BITS, _CARE_BITS, _DELAY_BITS = 40, 20, 4, 21


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of so many."""

    total: int
    items: tuple[T, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of each list of a `Ranking`; its counts are in full."""

    looked_at: int
    fits: Page[Fit]
    near: Page[NearFit]
    failed: Page[FailedPlace]
    counts: Mapping[Criterion, int]

    @property
    def ids(self) -> set[UUID]:
        """Of the pools and teams that are on a page."""
        items: list[Fit | NearFit | FailedPlace] = [
            *self.fits.items,
            *self.near.items,
            *self.failed.items,
        ]
        return {one.id for one in items}


@dataclass(frozen=True, slots=True)
class Match:
    """What was found, as of a moment and a position of the board.

    home: what there is at home, beside places; None: that is among what was asked. names: of all
    that stands on the pages.
    """

    at: datetime
    position: Position
    weights_version: str
    care_types: tuple[CareType, ...]
    found: Found
    home: Found | None
    names: Mapping[UUID, Names]


def match(
    board: RegionBoard,
    asked: Asked,
    care_types: Sequence[CareType],
    weights: Weights,
    now: datetime,
    *,
    limit: int = 20,
    offset: int = 0,
) -> Match:
    """What there is for somebody, by care types in the order of preference.

    limit, offset: of each list. Who keeps the result asks `match_inputs` in one go with this.
    """
    order = tuple(dict.fromkeys(care_types))
    span = slice(offset, offset + limit)
    teams = scored_teams(board, asked.need.pc4)
    at_home = rank(asked, (_HOME,), (), teams, weights, now)
    search = _Search(board, asked, order, weights, now)
    found = search.found(at_home if _HOME in order else _NOTHING, span)
    home = None if _HOME in order else page_of(at_home, span)
    named = found.ids if home is None else found.ids | home.ids
    return Match(
        at=now,
        position=board.position,
        weights_version=weights.version,
        care_types=order,
        found=found,
        home=home,
        names=names_of(board, named),
    )


class _Search:
    """The pools of some care types, judged for one person; each by its number among them."""

    def __init__(
        self,
        board: RegionBoard,
        asked: Asked,
        order: Sequence[CareType],
        weights: Weights,
        now: datetime,
    ) -> None:
        self.board, self.asked, self.order = board, asked, order
        self.weights, self.now = weights, now
        self.places = standing(board, order, now)
        self.care = chosen(self.places, order).astype(np.int64)
        self.masks = failing(self.places, asked.need, order)
        self.failures = np.zeros(len(self.care), np.int64)
        for mask in self.masks.values():
            self.failures += mask
        self.metres = metres_of(self.places, asked)
        self.regio = ~wijk_of(self.places, asked, self.metres, weights)

    def found(self, teams: Ranking, span: slice) -> Found:
        """A page of each list; teams: those that stand among the pools."""
        number_of = {care_type: number for number, care_type in enumerate(self.order)}
        fits = np.flatnonzero(self.failures == 0)
        points = points_of(self.board, self.places, fits, self.asked, self.metres, self.weights)
        near, step, delay = self._near()
        fails = self.failures > 0
        fails[near] = False
        failed = np.flatnonzero(fails)
        counts = Counter(teams.counts)
        for criterion, mask in self.masks.items():
            counts[criterion] += int(np.count_nonzero(mask))
        return Found(
            len(self.care) + teams.looked_at,
            self._page(
                fits,
                _fit_key(self.care[fits], self.regio[fits], points),
                self._fit,
                [
                    (_fit_key(number_of[one.care_type], one.tier is Tier.REGIO, one.points), one)
                    for one in teams.fits
                ],
                span,
            ),
            self._page(
                near,
                _near_key(step, delay, self.care[near], self.regio[near], self.metres[near]),
                self._near_fit,
                [(_team_near_key(one, number_of[one.care_type]), one) for one in teams.near],
                span,
            ),
            self._page(
                failed,
                self.failures[failed],
                self._failed,
                [(len(one.failures), one) for one in teams.failed],
                span,
            ),
            {criterion: counts[criterion] for criterion in Criterion if counts[criterion]},
        )

    def _near(self) -> tuple[Numbers, Whole, Whole]:
        """Which pools nearly fit, what kind of change that takes, and the minutes of delay."""
        single, at, need = self.failures == 1, self.places.at, self.asked.need
        foreseen = single & (at < NOT_FORESEEN)
        unconfirmed = np.flatnonzero(single & self.masks[Criterion.ONBEVESTIGD])
        rows = self.places.serving.rows[unconfirmed]
        once = self.board.places.moments.once_confirmed(rows).at[rows]
        unconfirmed = unconfirmed[once <= deadline(need, self.now)]
        late = np.flatnonzero(foreseen & self.masks[Criterion.VROEGSTE_OPNAME])
        stopped = np.flatnonzero(foreseen & self.masks[Criterion.OPNAMESTOP])
        lacking: Mask = np.zeros(len(at), np.bool_)
        for feature in need.features - NEVER_WITHOUT:
            lacking |= single & self.masks[Criterion(feature.value)]
        now = minute_of(self.now)
        by = now if need.needed_by is None else max(now, minute_of(need.needed_by))
        step, delay = np.zeros(len(at), np.int64), np.zeros(len(at), np.int64)
        step[late] = STEP[Change.LATER]
        delay[late] = minutes_of(at[late]) - by
        step[stopped] = STEP[Change.STOP_VOORBIJ]
        delay[stopped] = minutes_of(at[stopped]) - now
        step[lacking] = STEP[Change.ZONDER_VOORZIENING]
        near = np.sort(np.concatenate([unconfirmed, late, stopped, np.flatnonzero(lacking)]))
        return near, step[near], delay[near]

    def _page(
        self,
        numbers: Numbers,
        keys: Whole,
        read: Callable[[int], T],
        teams: list[tuple[int, Any]],
        span: slice,
    ) -> Page[T]:
        ids = self.places.serving.ids
        first = _lowest(keys, span.stop)
        entries: list[tuple[int, str, Any]] = [
            (key, ids[number], number)
            for key, number in zip(keys[first].tolist(), numbers[first].tolist(), strict=True)
        ]
        entries += [(key, str(one.id), one) for key, one in teams]
        entries.sort(key=lambda entry: entry[:2])
        items = tuple(
            read(entry) if isinstance(entry, int) else entry for _, _, entry in entries[span]
        )
        return Page(len(numbers) + len(teams), items)

    def _fit(self, number: int) -> Fit:
        place = scored_place(self.board, self.places, number)
        return fit_of(self.asked, self._care_type(number), place, self.weights, self.now)

    def _near_fit(self, number: int) -> NearFit:
        care_type, place = self._care_type(number), scored_place(self.board, self.places, number)
        found = failures(self.asked.need, care_type, place.candidate, self.now)
        miss = near_miss(self.asked.need, place, found, self.now)
        assert miss is not None
        return near_of(self.asked, care_type, place, miss, self.weights)

    def _failed(self, number: int) -> FailedPlace:
        candidate = candidate_of_pool(self.board, self.places, number)
        found = failures(self.asked.need, self._care_type(number), candidate, self.now)
        return FailedPlace(self._care_type(number), candidate.id, found)

    def _care_type(self, number: int) -> CareType:
        return self.order[int(self.care[number])]


def page_of(ranking: Ranking, span: slice) -> Found:
    """A page of each list of a whole result."""
    return Found(
        ranking.looked_at,
        Page(len(ranking.fits), ranking.fits[span]),
        Page(len(ranking.near), ranking.near[span]),
        Page(len(ranking.failed), ranking.failed[span]),
        ranking.counts,
    )


def _lowest(keys: Whole, count: int) -> Numbers:
    """Where the lowest keys are, in their order; of equals the first."""
    among = np.arange(len(keys))
    if len(keys) > count:
        among = np.flatnonzero(keys <= np.partition(keys, count - 1)[count - 1])
    return among[np.argsort(keys[among], kind="stable")][:count]


def _fit_key(care: Any, regio: Any, points: Any) -> Any:
    """What fits are sorted by (`ranking.fit_key`), of arrays as well as of single values."""
    first = care << 1 | regio
    return (first << _POINT_BITS) - points


def _near_key(step: Any, delay: Any, care: Any, regio: Any, metres: Any) -> Any:
    """What near misses are sorted by (`ranking.near_key`)."""
    first = ((step << _DELAY_BITS | delay) << _CARE_BITS | care) << 1 | regio
    return first << _METRE_BITS | metres


def _team_near_key(near: NearFit, care: int) -> int:
    step, metres = STEP[near.miss.change], FURTHEST if near.metres is None else near.metres
    key: int = _near_key(step, near.miss.delay, care, near.tier is Tier.REGIO, metres)
    return key


_NOTHING = Ranking(0, (), (), (), {})
