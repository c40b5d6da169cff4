"""What pools will have and when they admit, remembered for as long as no clock changes it.

A window opens, a discharge is due and a stop ends without any event, so each answer is kept with
the moment until which it holds. `now` may step back too (clocks are set), and then all is forgotten.
"""

from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from app.live.place_reading import Rules
from app.live.place_rows import LONG_AGO, NEVER, UNKNOWN, PlaceRows
from app.live.rows import Floats, Rows, grown
from domain import places as domain
from domain.admission import FOREVER, Earliest, earliest_admission
from domain.calendar import AMSTERDAM, MIDNIGHT, at_local
from domain.outlook import Expected

#: Instead of the moment of a vroegste opname: at once, and not foreseen.
AT_ONCE = LONG_AGO
NOT_FORESEEN = NEVER

Outlooks = npt.NDArray[np.int32]

_ONE_DAY = timedelta(days=1)
#: Among the numbers of places that are remembered: one, if the figures were confirmed.
_ONCE_CONFIRMED = 0


@dataclass(slots=True)
class Admissions:
    """By row the vroegste opname of a number of places, and the places free then."""

    at: Floats
    free: npt.NDArray[np.int32]
    holds_until: Floats

    def set(self, row: int, at: float, free: int, until: datetime) -> None:
        """What was found of a row."""
        self.at[row], self.free[row], self.holds_until[row] = at, free, until.timestamp()


class PlaceMoments:
    """Computes what is asked for and not known any more; forgets what an event made untrue."""

    def __init__(self, rows: PlaceRows) -> None:
        self._rows = rows
        self._admissions: dict[int, Admissions] = {}
        self._outlooks: Outlooks = np.zeros((0, 4), np.int32)
        self._outlooks_hold: Floats = np.zeros(0)
        self._rules: dict[Rules, tuple[Earliest | None, datetime]] = {}
        self._latest = datetime.min.replace(tzinfo=UTC)

    def sync(self, now: datetime) -> None:
        """Forgets what changed, makes room for what is new, and takes `now` for the questions."""
        if now < self._latest:
            self._admissions.clear()
            self._rules.clear()
            self._outlooks_hold.fill(LONG_AGO)
        self._latest = now
        size = self._rows.book.size
        if len(self._outlooks_hold) < size:
            self._outlooks_hold = grown(self._outlooks_hold, size, LONG_AGO)
            longer = np.zeros((size, 4), np.int32)
            longer[: len(self._outlooks)] = self._outlooks
            self._outlooks = longer
            for kept in self._admissions.values():
                kept.at = grown(kept.at, size, NOT_FORESEEN)
                kept.free = grown(kept.free, size, 0)
                kept.holds_until = grown(kept.holds_until, size, LONG_AGO)
        if self._rows.changed:
            changed = np.fromiter(self._rows.changed, np.int32)
            self._outlooks_hold[changed] = LONG_AGO
            for kept in self._admissions.values():
                kept.holds_until[changed] = LONG_AGO
            self._rows.changed.clear()

    def admissions(self, places: int, rows: Rows) -> Admissions:
        """The vroegste opname of so many places, right in these rows; their figures are known."""
        kept, now = self._kept(places), self._latest
        stale = rows[kept.holds_until[rows] <= now.timestamp()]
        for row in stale.tolist():
            expected = self._rows.expected[row]
            kept.set(row, *self._first_admission(row, places, expected, now))
        return kept

    def once_confirmed(self, rows: Rows) -> Admissions:
        """The same of one place, if the figures in these rows were confirmed now ("klopt nog")."""
        kept, now = self._kept(_ONCE_CONFIRMED), self._latest
        stale = rows[kept.holds_until[rows] <= now.timestamp()]
        if not len(stale):
            return kept
        today = now.astimezone(AMSTERDAM).date()
        midnight = at_local(today + _ONE_DAY, MIDNIGHT)
        for row in stale.tolist():
            expected = self._rows.expected[row]
            if expected is not None:
                expected = replace(expected, observed_on=today)
            at, free, until = self._first_admission(row, 1, expected, now)
            kept.set(row, at, free, min(until, midnight))
        return kept

    def outlooks(self, rows: Rows) -> Outlooks:
        """Free places now, in 24 and 72 hours and in a week, of these rows; their figures are known."""
        now = self._latest
        stale = rows[self._outlooks_hold[rows] <= now.timestamp()]
        for row in stale.tolist():
            expected, stop = self._rows.expected[row], self._rows.stops[row]
            if expected is None and stop is None:
                self._outlooks[row] = self._rows.free[row]
                self._outlooks_hold[row] = NEVER
                continue
            expected = expected or Expected(int(self._rows.free[row]))
            found = domain.outlook(expected, stop, now)
            self._outlooks[row] = [places or 0 for places in astuple(found)]
            until = domain.outlook_holds_until(expected, stop, now)
            self._outlooks_hold[row] = until.timestamp()
        return self._outlooks[rows]

    def outlook_holds_until(self, row: int) -> float:
        """Until when what `outlooks` answered of this row holds, as a timestamp."""
        return float(self._outlooks_hold[row])

    def _kept(self, key: int) -> Admissions:
        kept = self._admissions.get(key)
        if kept is None:
            size = self._rows.book.size
            kept = self._admissions[key] = Admissions(
                np.full(size, NOT_FORESEEN), np.zeros(size, np.int32), np.full(size, LONG_AGO)
            )
        return kept

    def _first_admission(
        self, row: int, places: int, expected: Expected | None, now: datetime
    ) -> tuple[float, int, datetime]:
        rules, stop = self._rows.rules[row], self._rows.stops[row]
        free = int(self._rows.free[row])
        if not rules.readable or free == UNKNOWN or (expected is None and free < places):
            return NOT_FORESEEN, 0, FOREVER
        if expected is None and stop is None:
            earliest, until = self._opening(rules, now)
            if earliest is None:
                return NOT_FORESEEN, 0, until
            return (AT_ONCE if earliest.immediate else earliest.at.timestamp()), free, until
        found = domain.first_admission(expected or Expected(free), rules.given, stop, places, now)
        if found.at is None:
            return NOT_FORESEEN, 0, found.holds_until
        return (AT_ONCE if found.immediate else found.at.timestamp()), found.free, found.holds_until

    def _opening(self, rules: Rules, now: datetime) -> tuple[Earliest | None, datetime]:
        """When these rules admit by themselves: the same for all pools that share them."""
        kept = self._rules.get(rules)
        if kept is None or kept[1] <= now:
            found = earliest_admission(rules.given, now)
            day = now.astimezone(AMSTERDAM).date()
            kept = found, found.holds_until if found else at_local(day + _ONE_DAY, MIDNIGHT)
            self._rules[rules] = kept
        return kept
