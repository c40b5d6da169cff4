"""What makes a pool better for somebody, over the columns of many at once.

The same whole numbers as `domain.matching.scoring.score`; tests hold the two against each other.
"""

import numpy as np
import numpy.typing as npt

from app.live.board import RegionBoard
from app.live.hard_masks import Standing
from app.live.place_reading import NO_GEMEENTE
from app.live.record_rows import UNKNOWN_SHARE
from app.live.rows import Floats, Mask
from domain.geography import projected
from domain.matching.ranking import FURTHEST
from domain.matching.scoring import Asked, admission_span, minute_of, second_of
from domain.matching.weights import FULL, Component, Weights

Whole = npt.NDArray[np.int64]


def metres_of(places: Standing, asked: Asked) -> Whole:
    """To home or partner, whichever is less; FURTHEST: unknown."""
    nearest = np.full(len(places.at), FURTHEST, np.int64)
    for point in (asked.home, asked.partner):
        if point is not None:
            east, north = projected(point)
            across, up = places.serving.east - east, places.serving.north - north
            exact = np.rint(np.sqrt(across * across + up * up) * 1000)
            # NaN, of a location without a point, comes last.
            nearest = np.minimum(nearest, np.fmin(exact, FURTHEST).astype(np.int64))
    return nearest


def wijk_of(places: Standing, asked: Asked, metres: Whole, weights: Weights) -> Mask:
    """Which pools are in the wijk."""
    found: Mask = metres <= weights.wijk_km * 1000
    for pc4 in asked.wijk:
        found |= places.serving.pc4 == int(pc4)
    return found


def points_of(
    board: RegionBoard,
    places: Standing,
    chosen: npt.NDArray[np.intp],
    asked: Asked,
    metres: Whole,
    weights: Weights,
) -> Whole:
    """The points of these pools, by their numbers; they fit. metres: of all pools."""
    parts = {
        Component.AFSTAND: _distance(metres[chosen], weights),
        Component.GEMEENTE: _gemeente(board, places, chosen, asked, weights),
        Component.OPNAME: _admission(places, chosen, asked, weights),
        Component.VERSHEID: _freshness(board, places, chosen),
        Component.NAKOMEN: _record(board, places, chosen, weights),
        Component.SPREIDING: _spread(board, places, chosen),
        Component.BEKEND: _known(board, places, chosen, asked),
    }
    total = np.zeros(len(chosen), np.int64)
    for component, values in parts.items():
        total += weights.of[component] * values
    return total


def minutes_of(at: Floats) -> Whole:
    """Whole minutes since 1970, of moments that are foreseen."""
    return np.floor(at / 60).astype(np.int64)


def _distance(metres: Whole, weights: Weights) -> Whole:
    values = np.maximum(0, FULL - FULL * metres // (weights.reach_km * 1000))
    values[metres == FURTHEST] = weights.neutral[Component.AFSTAND]
    return values


def _gemeente(
    board: RegionBoard,
    places: Standing,
    chosen: npt.NDArray[np.intp],
    asked: Asked,
    weights: Weights,
) -> Whole:
    neutral = weights.neutral[Component.GEMEENTE]
    if asked.gemeente is None:
        return np.full(len(chosen), neutral, np.int64)
    gemeente = places.serving.gemeente[chosen]
    wished = gemeente == board.places.rows.gemeente_number(asked.gemeente)
    values: Whole = FULL * wished.astype(np.int64)
    values[gemeente == NO_GEMEENTE] = neutral
    return values


def _admission(
    places: Standing, chosen: npt.NDArray[np.intp], asked: Asked, weights: Weights
) -> Whole:
    span, now = admission_span(asked.need.needed_by, weights, places.now), minute_of(places.now)
    # At once is before any moment.
    wait = minutes_of(np.maximum(places.at[chosen], now * 60.0)) - now
    values: Whole = np.maximum(0, FULL - FULL * wait // span)
    return values


def _freshness(board: RegionBoard, places: Standing, chosen: npt.NDArray[np.intp]) -> Whole:
    rows, here = board.places.rows, places.serving.rows[chosen]
    observed = rows.observed[here]
    life = np.maximum(1, np.floor(rows.valid_until[here]).astype(np.int64) - observed)
    age = np.maximum(0, second_of(places.now) - observed)
    values: Whole = np.maximum(0, FULL - FULL * age // life)
    return values


def _record(
    board: RegionBoard, places: Standing, chosen: npt.NDArray[np.intp], weights: Weights
) -> Whole:
    records, number = board.places.rows.records, places.serving.organisation[chosen]
    neutral = weights.neutral[Component.NAKOMEN]
    total = np.zeros(len(chosen), np.int64)
    for column in (records.refused, records.not_arrived):
        total += np.where(column == UNKNOWN_SHARE, neutral, column)[number]
    return total // 2


def _spread(board: RegionBoard, places: Standing, chosen: npt.NDArray[np.intp]) -> Whole:
    rows, here = board.places.rows, places.serving.rows[chosen]
    free = rows.free[here].astype(np.int64)
    values: Whole = FULL * free // np.maximum(1, free + rows.held[here])
    return values


def _known(
    board: RegionBoard, places: Standing, chosen: npt.NDArray[np.intp], asked: Asked
) -> Whole:
    number = places.serving.organisation[chosen]
    known = np.zeros(len(chosen), np.bool_)
    for organisation_id in asked.wishes.known_to:
        known |= number == board.places.rows.records.find(str(organisation_id))
    return FULL * known.astype(np.int64)
