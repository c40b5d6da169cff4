"""What a region's board knows of its pools, in columns that many pools are looked through by at once.

Made from the board's own subjects: `touch` only notes what changed and `sync` reads that again, so
a report costs its commit next to nothing, and events may come in any order.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from app.live.messages import moment
from app.live.place_reading import (
    NO_GEMEENTE,
    NO_PC4,
    NOWHERE,
    Location,
    PlaceFacts,
    Posted,
    Rules,
    at,
    bits_of,
    expected_of,
    facts_of,
    held_of,
    location_of,
    posted_of,
)
from app.live.record_rows import RecordRows
from app.live.rows import Bits, Floats, Mask, RowBook, Rows, grown
from domain.care_types import CareType
from domain.events import Kind
from domain.features import Feature
from domain.matching.scoring import second_of
from domain.outlook import Expected
from domain.places import Stop

NEVER = float("inf")
LONG_AGO = float("-inf")
UNKNOWN = -1

CARE_BITS = {care_type.value: 1 << number for number, care_type in enumerate(CareType)}
FEATURE_BITS = {feature.value: 1 << number for number, feature in enumerate(Feature)}

Subjects = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Serving:
    """Pools in order of id, and what the registers say of them, side by side for speed."""

    rows: Rows
    ids: list[str]
    care: Bits
    features: Bits
    gemeente: Bits
    pc4: Bits
    wlz_contract: Mask
    organisation: Bits
    east: Floats
    north: Floats


class PlaceRows:
    """The columns, a row for each pool. `expected` is None where nothing but `free` is foreseen."""

    def __init__(self, subjects: Subjects) -> None:
        self.book = RowBook()
        self.care = np.zeros(0, np.int32)
        self.features = np.zeros(0, np.int32)
        self.gemeente = np.zeros(0, np.int32)
        self.pc4 = np.zeros(0, np.int32)
        self.wlz_contract = np.zeros(0, np.bool_)
        self.organisation = np.zeros(0, np.int32)
        self.east = np.zeros(0)
        self.north = np.zeros(0)
        self.free = np.zeros(0, np.int32)
        self.balance = np.zeros(0, np.int32)
        self.held = np.zeros(0, np.int32)
        self.observed = np.zeros(0, np.int64)
        self.valid_until = np.zeros(0)
        self.stop_since = np.zeros(0)
        self.stops: list[Stop | None] = []
        self.rules: list[Rules] = []
        self.expected: list[Expected | None] = []
        self.gemeenten: list[str] = []
        self.records = RecordRows(subjects)
        #: Rows whose figures, rules or stop changed since whoever remembers moments took them.
        self.changed: set[int] = set()
        self._subjects = subjects
        self._registers: set[str] = set()
        self._figures: set[str] = set()
        self._located: set[str] = set()
        self._owned: set[str] = set()
        self._locations: dict[str, Location | None] = {}
        self._rules: dict[bytes, Rules] = {}
        self._gemeente_number: dict[str, int] = {}
        self._pools_at: dict[str, set[str]] = defaultdict(set)
        self._pools_of: dict[str, set[str]] = defaultdict(set)
        self._place: list[tuple[str, str]] = []
        self._register_text: list[str | None] = []
        self._figures_text: list[str | None] = []
        self._facts: list[PlaceFacts | None] = []
        self._posted: list[Posted | None] = []
        self._of_care: dict[int, Serving] = {}

    def touch(self, kind: str, subject_id: str) -> None:
        """Notes that a subject of the board changed or went."""
        if kind == Kind.CAPACITY:
            self._figures.add(subject_id)
        elif kind == Kind.POOL:
            self._registers.add(subject_id)
        elif kind in (Kind.LOCATION, Kind.ADMISSION_STOP):
            self._located.add(subject_id)
        elif kind == Kind.ORGANISATION:
            self._owned.add(subject_id)
        elif kind == Kind.DELIVERY_RECORD:
            self.records.touch(subject_id)

    def sync(self) -> None:
        """Brings the columns up to the board's subjects."""
        for location_id in self._located:
            self._locations.pop(location_id, None)
            self._registers |= self._pools_at.get(location_id, set())
        for organisation_id in self._owned:
            self._registers |= self._pools_of.get(organisation_id, set())
        for pool_id in self._registers:
            self._read_register(pool_id)
        for pool_id in self._figures:
            row = self.book.get(pool_id)
            if row is not None:
                self._read_figures(row, pool_id)
        self.records.sync()
        for noted in (self._located, self._owned, self._registers, self._figures):
            noted.clear()

    def of_care_type(self, care_type: CareType | None) -> "Serving":
        """The open pools that serve a care type; None: any."""
        return self._serving(CARE_BITS[care_type] if care_type else _ANY_CARE)

    def of_care_types(self, care_types: Iterable[CareType]) -> "Serving":
        """The open pools that serve any of these."""
        return self._serving(sum({CARE_BITS[care_type] for care_type in care_types}))

    def _serving(self, bits: int) -> "Serving":
        found = self._of_care.get(bits)
        if found is None:
            if len(self._of_care) == _MOST_KEPT:
                self._of_care.clear()
            by_id = self.book.by_id
            rows = by_id[(self.care[by_id] & bits) != 0]
            found = self._of_care[bits] = Serving(
                rows,
                [self.book.ids[row] for row in rows.tolist()],
                self.care[rows],
                self.features[rows],
                self.gemeente[rows],
                self.pc4[rows],
                self.wlz_contract[rows],
                self.organisation[rows],
                self.east[rows],
                self.north[rows],
            )
        return found

    def pools_of(self, located: set[str], owned: set[str]) -> set[str]:
        """The pools at these locations and of these organisations."""
        found: set[str] = set()
        for location_id in located:
            found |= self._pools_at.get(location_id, set())
        for organisation_id in owned:
            found |= self._pools_of.get(organisation_id, set())
        return found

    def gemeente_number(self, code: str) -> int:
        """How a gemeente stands in the column; one that no location has is in no row."""
        return self._gemeente_number.get(code, len(self.gemeenten))

    def register_text(self, row: int) -> str:
        """The members of an answer that the registers give."""
        text = self._register_text[row]
        if text is None:
            text = self._register_text[row] = self._write_register(row)
        return text

    def figures_text(self, row: int) -> str:
        """The members of an answer that the last report gives."""
        text = self._figures_text[row]
        if text is None:
            text = self._figures_text[row] = self._write_figures(row)
        return text

    def facts(self, row: int) -> PlaceFacts:
        """What the registers say."""
        found = self._facts[row]
        if found is None:
            found = self._facts[row] = facts_of(*self._registered(row))
        return found

    def posted(self, row: int) -> Posted:
        """What the last report says."""
        found = self._posted[row]
        if found is None:
            text = self._subjects[Kind.CAPACITY].get(self.book.ids[row])
            found = self._posted[row] = posted_of({} if text is None else orjson.loads(text))
        return found

    def _read_register(self, pool_id: str) -> None:
        text = self._subjects[Kind.POOL].get(pool_id)
        if text is None:
            self._forget(pool_id)
            return
        pool: dict[str, Any] = orjson.loads(text)
        known = self.book.get(pool_id) is not None
        row = self.book.take(pool_id)
        if not known:
            self._make_room(row)
            self._figures.add(pool_id)
        place = (pool["location_id"], pool["organisation_id"])
        if self._place[row] != place:
            self._leave(row, pool_id)
            self._place[row] = place
            self._pools_at[place[0]].add(pool_id)
            self._pools_of[place[1]].add(pool_id)
        location = self._location(place[0])
        served = 0
        if (
            location is not None
            and place[1] in self._subjects[Kind.ORGANISATION]
            and pool.get("status") == "active"
        ):
            served = bits_of(pool.get("care_types"), CARE_BITS)
        self._of_care.clear()
        self.care[row] = served
        self.features[row] = bits_of(pool.get("features"), FEATURE_BITS)
        self.rules[row] = self._shared_rules(pool.get("admission_rules"))
        location = location or NOWHERE
        self.east[row], self.north[row] = location.east, location.north
        self.gemeente[row], self.pc4[row] = location.gemeente, location.pc4
        self.wlz_contract[row] = location.wlz_contract
        self.organisation[row] = self.records.number(place[1])
        self.stops[row] = stop = location.stop
        self.stop_since[row] = NEVER if stop is None else stop.since.timestamp()
        self._register_text[row] = self._facts[row] = None
        self.changed.add(row)

    def _read_figures(self, row: int, pool_id: str) -> None:
        text = self._subjects[Kind.CAPACITY].get(pool_id)
        figures: dict[str, Any] = {} if text is None else orjson.loads(text)
        until, balance = figures.get("valid_until"), figures.get("balance")
        self.valid_until[row] = LONG_AGO if until is None else at(until).timestamp()
        self.free[row] = UNKNOWN if balance is None else max(0, balance)
        self.balance[row] = balance or 0
        self.held[row] = held_of(figures)
        observed = figures.get("observed_at")
        self.observed[row] = 0 if observed is None else second_of(at(observed))
        self.expected[row] = expected_of(figures)
        self._figures_text[row] = self._posted[row] = None
        self.changed.add(row)

    def _forget(self, pool_id: str) -> None:
        row = self.book.give_back(pool_id)
        if row is None:
            return
        self._leave(row, pool_id)
        self._place[row] = _NO_PLACE
        self.care[row] = 0
        self.expected[row] = self._register_text[row] = self._figures_text[row] = None
        self._facts[row] = self._posted[row] = None
        self._of_care.clear()
        self.changed.add(row)

    def _leave(self, row: int, pool_id: str) -> None:
        for pools, key in zip((self._pools_at, self._pools_of), self._place[row], strict=True):
            if key:
                pools[key].discard(pool_id)
                if not pools[key]:
                    del pools[key]

    def _make_room(self, row: int) -> None:
        if row == len(self.stops):
            self.stops.append(None)
            self.rules.append(_ANY_HOUR)
            self.expected.append(None)
            self._place.append(_NO_PLACE)
            self._register_text.append(None)
            self._figures_text.append(None)
            self._facts.append(None)
            self._posted.append(None)
        size = self.book.size
        if len(self.care) < size:
            self.care = grown(self.care, size, 0)
            self.features = grown(self.features, size, 0)
            self.gemeente = grown(self.gemeente, size, NO_GEMEENTE)
            self.east, self.north = grown(self.east, size, 0), grown(self.north, size, 0)
            self.pc4 = grown(self.pc4, size, NO_PC4)
            self.wlz_contract = grown(self.wlz_contract, size, False)
            self.organisation = grown(self.organisation, size, 0)
            self.free = grown(self.free, size, UNKNOWN)
            self.balance, self.held = grown(self.balance, size, 0), grown(self.held, size, 0)
            self.observed = grown(self.observed, size, 0)
            self.valid_until = grown(self.valid_until, size, LONG_AGO)
            self.stop_since = grown(self.stop_since, size, NEVER)

    def _location(self, location_id: str) -> Location | None:
        """None when it isn't on the board, or is closed."""
        if location_id not in self._locations:
            text = self._subjects[Kind.LOCATION].get(location_id)
            self._locations[location_id] = (
                None if text is None else self._read_location(location_id, orjson.loads(text))
            )
        return self._locations[location_id]

    def _read_location(self, location_id: str, data: dict[str, Any]) -> Location | None:
        if data.get("status") != "active":
            return None
        stop = self._subjects[Kind.ADMISSION_STOP].get(location_id)
        return location_of(
            data, self._number_of(data["gemeente"]), None if stop is None else orjson.loads(stop)
        )

    def _number_of(self, gemeente: str | None) -> int:
        if gemeente is None:
            return NO_GEMEENTE
        if gemeente not in self._gemeente_number:
            self._gemeente_number[gemeente] = len(self.gemeenten)
            self.gemeenten.append(gemeente)
        return self._gemeente_number[gemeente]

    def _shared_rules(self, data: object) -> Rules:
        if data is None:
            return _ANY_HOUR
        key = orjson.dumps(data)
        if key not in self._rules:
            self._rules[key] = Rules(data)
        return self._rules[key]

    def _registered(self, row: int) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        """The states of an open pool, its location and its organisation."""
        pool = orjson.loads(self._subjects[Kind.POOL][self.book.ids[row]])
        location = orjson.loads(self._subjects[Kind.LOCATION][pool["location_id"]])
        organisation = orjson.loads(self._subjects[Kind.ORGANISATION][pool["organisation_id"]])
        return pool, location, organisation

    def _write_register(self, row: int) -> str:
        pool, location, organisation = self._registered(row)
        return _members(
            {
                **{name: pool[name] for name in ("id", "name", "external_id")},
                "organisation": {name: organisation[name] for name in ORGANISATION_MEMBERS},
                "location": {name: location[name] for name in LOCATION_MEMBERS},
                "care_types": [code for code in pool["care_types"] if code in CARE_BITS],
                "features": [code for code in pool["features"] if code in FEATURE_BITS],
                "admission_rules": pool["admission_rules"],
            }
        )

    def _write_figures(self, row: int) -> str:
        figures = orjson.loads(self._subjects[Kind.CAPACITY][self.book.ids[row]])
        times = {
            name: figures[name] and moment(at(figures[name]))
            for name in ("observed_at", "valid_until")
        }
        return _members({name: figures[name] for name in ("free", "balance", "source")} | times)


#: What an answer tells of a pool's or team's organisation, and of a pool's location.
ORGANISATION_MEMBERS = ("id", "name", "telephone")
LOCATION_MEMBERS = (
    *("id", "name", "address", "postcode", "place", "gemeente", "telephone"),
    *("latitude", "longitude", "wlz_contract"),
)
_ANY_HOUR = Rules(None)
_ANY_CARE = -1
#: Sets of care types for which the rows are remembered.
_MOST_KEPT = 32
_NO_PLACE = ("", "")


def _members(data: dict[str, Any]) -> str:
    """JSON of an object without its braces."""
    return orjson.dumps(data).decode()[1:-1]
