"""What a screen shows of a pool at a moment: what its figures, its rules, a stop and the clock make of it.

The same columns that answer questions (`places.py`) say when somebody can be admitted, so a screen
and an answer never differ.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import numpy as np
import orjson

from app.live.place_moments import AT_ONCE, NOT_FORESEEN
from app.live.place_rows import CARE_BITS, FEATURE_BITS, UNKNOWN, Subjects
from app.live.places import PlaceIndex
from domain.calendar import AMSTERDAM, MIDNIGHT, at_local
from domain.capacity import SourceKind
from domain.care_types import CareType, ClosedReason
from domain.features import Feature
from domain.places import Stop

_ONE_DAY = timedelta(days=1)


class PoolState(StrEnum):
    """What matters of a pool at a glance; the first that holds, in this order."""

    STOPPED = "opnamestop"
    UNKNOWN = "onbekend"
    UNCONFIRMED = "onbevestigd"
    SHORTAGE = "tekort"
    NOW = "nu"
    LATER = "later"
    FULL = "vol"


@dataclass(frozen=True, slots=True)
class StopView:
    """An opnamestop that holds. `until`: the last day on which it is expected to; None: nobody knows."""

    reason: ClosedReason
    note: str | None
    since: datetime
    until: date | None


@dataclass(frozen=True, slots=True)
class PoolView:
    """A pool as a screen shows it, true until `holds_until` unless an event comes.

    now: places that can be filled today. admission_at: vroegste opname; None: not foreseen, or at once
    when `immediate`. in_24_hours, in_72_hours: how many places more or fewer; None: unknown.
    `closed` is None as long as nothing was reported.
    """

    id: UUID
    name: str
    location_id: UUID
    location: str
    place: str
    gemeente: str | None
    latitude: float | None
    longitude: float | None
    organisation_id: UUID
    organisation: str
    telephone: str | None
    care_types: tuple[CareType, ...]
    features: tuple[Feature, ...]
    state: PoolState
    balance: int | None
    claimed: int
    promised: int
    closed: int | None
    immediate: bool
    admission_at: datetime | None
    in_24_hours: int | None
    in_72_hours: int | None
    source: SourceKind | None
    observed_at: datetime | None
    valid_until: datetime | None
    stop: StopView | None
    version: int
    holds_until: datetime

    @property
    def free(self) -> int:
        """Places that may be believed free; none while a stop holds."""
        return max(0, self.balance or 0) if self.state in (PoolState.NOW, PoolState.LATER) else 0


class PoolViews:
    """Makes views of a region's pools from its board."""

    def __init__(self, index: PlaceIndex, subjects: Subjects) -> None:
        """`subjects` as the board keeps them: JSON text by kind and id."""
        self._index = index
        self._subjects = subjects

    def all(self, now: datetime) -> list[PoolView]:
        """Every open pool."""
        self._index.sync(now)
        return list(self._made(self._index.rows.of_care_type(None).ids, now))

    def some(self, pool_ids: Iterable[str], now: datetime) -> dict[str, PoolView | None]:
        """These pools; None for one that isn't open (any more)."""
        self._index.sync(now)
        wanted = list(pool_ids)
        rows = self._index.rows
        open_ones = [
            pool_id
            for pool_id in wanted
            if (row := rows.book.get(pool_id)) is not None and rows.care[row]
        ]
        found: dict[str, PoolView | None] = dict.fromkeys(wanted)
        found.update((str(view.id), view) for view in self._made(open_ones, now))
        return found

    def standing(self, located: set[str], owned: set[str]) -> set[str]:
        """The pools at these locations and of these organisations, open or not."""
        rows = self._index.rows
        rows.sync()
        return rows.pools_of(located, owned)

    def _made(self, pool_ids: list[str], now: datetime) -> Iterator[PoolView]:
        columns, moments = self._index.rows, self._index.moments
        rows = np.array([columns.book.get(pool_id) for pool_id in pool_ids], np.int32)
        stamp = now.timestamp()
        known = (columns.valid_until[rows] > stamp) & (columns.free[rows] > UNKNOWN)
        believed = rows[known]
        admissions = moments.admissions(1, believed)
        outlooks = dict(zip(believed.tolist(), moments.outlooks(believed).tolist(), strict=True))
        tomorrow = at_local(now.astimezone(AMSTERDAM).date() + _ONE_DAY, MIDNIGHT)
        for pool_id, row in zip(pool_ids, rows.tolist(), strict=True):
            until = tomorrow.timestamp()
            valid_until = float(columns.valid_until[row])
            ahead = outlooks.get(row)
            at = NOT_FORESEEN
            if ahead is not None:
                at = float(admissions.at[row])
                until = min(
                    *(until, valid_until, float(admissions.holds_until[row])),
                    moments.outlook_holds_until(row),
                )
            stop = columns.stops[row]
            if stop is not None and stop.since > now:
                until, stop = min(until, stop.since.timestamp()), None
            yield self._view(
                pool_id, now, believed=ahead, at=at, stop=stop, last=tomorrow, until=until
            )

    def _view(
        self,
        pool_id: str,
        now: datetime,
        *,
        believed: list[int] | None,
        at: float,
        stop: Stop | None,
        last: datetime,
        until: float,
    ) -> PoolView:
        pool = self._read("pool", pool_id)
        location = self._read("location", pool["location_id"])
        organisation = self._read("organisation", pool["organisation_id"])
        figures = self._read("capacity", pool_id)
        balance = figures.get("balance")
        admission = None if at in (AT_ONCE, NOT_FORESEEN) else datetime.fromtimestamp(at, UTC)
        today = at == AT_ONCE or (admission is not None and admission < last)
        valid_until = _moment(figures.get("valid_until"))
        return PoolView(
            id=UUID(pool_id),
            name=pool["name"],
            location_id=UUID(pool["location_id"]),
            location=location["name"],
            place=location["place"],
            gemeente=location["gemeente"],
            latitude=location["latitude"],
            longitude=location["longitude"],
            organisation_id=UUID(pool["organisation_id"]),
            organisation=organisation["name"],
            telephone=location["telephone"] or organisation["telephone"],
            care_types=tuple(CareType(c) for c in pool["care_types"] if c in CARE_BITS),
            features=tuple(Feature(f) for f in pool["features"] if f in FEATURE_BITS),
            state=_state(balance, valid_until, now, stopped=stop is not None, today=today),
            balance=balance,
            claimed=figures.get("claimed") or 0,
            promised=figures.get("promised") or 0,
            closed=figures.get("closed"),
            immediate=at == AT_ONCE,
            admission_at=admission,
            in_24_hours=believed[1] - believed[0] if believed else None,
            in_72_hours=believed[2] - believed[0] if believed else None,
            source=SourceKind(figures["source"]) if figures.get("source") else None,
            observed_at=_moment(figures.get("observed_at")),
            valid_until=valid_until,
            stop=self._stop(pool["location_id"]) if stop is not None else None,
            version=figures.get("version") or 0,
            holds_until=datetime.fromtimestamp(until, UTC),
        )

    def _stop(self, location_id: str) -> StopView:
        told = self._read("admission-stop", location_id)
        until = told["expected_until"]
        since = _moment(told["since"])
        assert since is not None
        return StopView(
            ClosedReason(told["reason"]),
            told["note"],
            since,
            date.fromisoformat(until) if until else None,
        )

    def _read(self, kind: str, subject_id: str) -> dict[str, Any]:
        text = self._subjects[kind].get(subject_id)
        found: dict[str, Any] = {} if text is None else orjson.loads(text)
        return found


def _state(
    balance: int | None, valid_until: datetime | None, now: datetime, *, stopped: bool, today: bool
) -> PoolState:
    if stopped:
        return PoolState.STOPPED
    if valid_until is None or balance is None:
        return PoolState.UNKNOWN
    if valid_until <= now:
        return PoolState.UNCONFIRMED
    if balance < 0:
        return PoolState.SHORTAGE
    if balance == 0:
        return PoolState.FULL
    return PoolState.NOW if today else PoolState.LATER


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)
