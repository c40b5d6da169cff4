"""What a region will have free: per pool, and summed by care type and gemeente."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from app.live.place_reading import NO_GEMEENTE
from app.live.place_rows import CARE_BITS, LONG_AGO, UNKNOWN
from app.live.places import PlaceIndex, outlook_text
from domain.capacity import Freshness
from domain.care_types import CareType
from domain.outlook import Outlook

_UNKNOWN = '{"now":null,"in_24_hours":null,"in_72_hours":null,"in_a_week":null}'


@dataclass(frozen=True, slots=True)
class Sum:
    """Pools together. The places are those of pools whose figure may be believed.

    unknown: never reported, or reported without figures. unconfirmed: onbevestigd. stopped: an
    opnamestop holds, whatever the figure says.
    """

    pools: int
    unknown: int
    unconfirmed: int
    stopped: int
    outlook: Outlook


@dataclass(frozen=True, slots=True)
class SumOfCareType(Sum):
    """The pools of a care type: those for it alone, or the `shared` ones that may serve others too."""

    care_type: CareType
    shared: bool


@dataclass(frozen=True, slots=True)
class SumOfGemeente(Sum):
    """The pools in a gemeente; None: it isn't known."""

    gemeente: str | None


@dataclass(frozen=True, slots=True)
class RegionOutlook:
    """flexible: the pools that serve several care types, each once.

    So `total` is the sum of what isn't shared and of `flexible`, and the sum of all gemeenten.
    """

    total: Sum
    flexible: Sum
    by_care_type: list[SumOfCareType]
    by_gemeente: list[SumOfGemeente]
    items: list[str]
    following: str | None


def region_outlook(
    index: PlaceIndex,
    now: datetime,
    *,
    care_type: CareType | None,
    gemeente: str | None,
    limit: int,
    after: str,
) -> RegionOutlook:
    """The outlook of the open pools with this care type in this gemeente; None: any.

    limit, after: which items are given, by id.
    """
    index.sync(now)
    columns = index.rows
    serving = columns.of_care_type(care_type)
    rows, ids = serving.rows, serving.ids
    if gemeente is not None:
        there = serving.gemeente == columns.gemeente_number(gemeente)
        rows = rows[there]
        ids = [columns.book.ids[row] for row in rows.tolist()]
    moment = now.timestamp()
    valid_until, free = columns.valid_until[rows], columns.free[rows]
    unconfirmed = (valid_until <= moment) & (valid_until > LONG_AGO)
    unknown = (valid_until == LONG_AGO) | ((free == UNKNOWN) & ~unconfirmed)
    stopped = columns.stop_since[rows] <= moment
    known = ~(unconfirmed | unknown)

    facts = np.zeros((len(rows), 8), np.int64)
    facts[:, 0] = 1
    facts[:, 1], facts[:, 2], facts[:, 3] = unknown, unconfirmed, stopped
    facts[known, 4:] = index.moments.outlooks(rows[known])

    care, where = columns.care[rows], columns.gemeente[rows]
    flexible = (care & (care - 1)) != 0
    by_care_type = [
        SumOfCareType(*_sums(facts[of_both]), kind, shared)
        for kind in CareType
        if care_type in (None, kind)
        for shared, of_kind in ((False, ~flexible), (True, flexible))
        if (of_both := of_kind & ((care & CARE_BITS[kind]) != 0)).any()
    ]
    by_gemeente = [
        SumOfGemeente(
            *_sums(facts[where == number]),
            None if number == NO_GEMEENTE else columns.gemeenten[number],
        )
        for number in np.unique(where).tolist()
    ]
    first = bisect_right(ids, after)
    page = slice(first, first + limit)
    return RegionOutlook(
        total=Sum(*_sums(facts)),
        flexible=Sum(*_sums(facts[flexible])),
        by_care_type=by_care_type,
        by_gemeente=sorted(by_gemeente, key=lambda found: found.gemeente or ""),
        items=list(_items(index, rows[page], facts[page], known[page], flexible[page])),
        following=ids[page][-1] if first + limit < len(ids) else None,
    )


def _items(
    index: PlaceIndex,
    rows: npt.NDArray[np.int32],
    facts: npt.NDArray[np.int64],
    known: npt.NDArray[np.bool_],
    flexible: npt.NDArray[np.bool_],
) -> Iterator[str]:
    for row, (_, _, unconfirmed, stopped, *ahead), believed, shared in zip(
        rows.tolist(), facts.tolist(), known.tolist(), flexible.tolist(), strict=True
    ):
        if unconfirmed:
            freshness = Freshness.UNCONFIRMED
        elif index.rows.valid_until[row] == LONG_AGO:
            freshness = Freshness.NEVER_REPORTED
        else:
            freshness = Freshness.FRESH
        yield (
            f'{{{index.rows.register_text(row)},"freshness":"{freshness}",'
            f'"stopped":{"true" if stopped else "false"},'
            f'"shared":{"true" if shared else "false"},'
            f'"outlook":{outlook_text(*ahead) if believed else _UNKNOWN}}}'
        )


def _sums(facts: npt.NDArray[np.int64]) -> tuple[int, int, int, int, Outlook]:
    pools, unknown, unconfirmed, stopped, *ahead = facts.sum(axis=0).tolist()
    return pools, unknown, unconfirmed, stopped, Outlook(*ahead)
