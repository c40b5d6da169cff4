"""How providers deliver, in columns by organisation that their pools and teams are weighed by."""

from collections.abc import Mapping

import numpy as np

from app.live.records import record_from
from app.live.rows import Bits, grown
from domain.delivery_records import Share
from domain.events import Kind
from domain.matching.scoring import NO_CASES, record_score

#: Instead of a score: too few cases to say.
UNKNOWN_SHARE = -1


class RecordRows:
    """Of each organisation that has or had a pool: what it refused while free, and what came to nothing.

    `refused`, `not_arrived`: as `domain.matching.scoring.record_score` has them, by number.
    """

    def __init__(self, subjects: Mapping[str, Mapping[str, str]]) -> None:
        self.ids: list[str] = []
        self.refused: Bits = np.zeros(0, np.int32)
        self.not_arrived: Bits = np.zeros(0, np.int32)
        #: By number, both as they were counted.
        self.shares: list[tuple[Share, Share]] = []
        self._number: dict[str, int] = {}
        self._subjects = subjects
        self._touched: set[str] = set()

    def touch(self, organisation_id: str) -> None:
        """Notes that its record changed or went."""
        self._touched.add(organisation_id)

    def number(self, organisation_id: str) -> int:
        """Where an organisation stands in the columns; a new one is read at `sync`."""
        number = self._number.get(organisation_id)
        if number is None:
            number = self._number[organisation_id] = len(self.ids)
            self.ids.append(organisation_id)
            self.shares.append((NO_CASES, NO_CASES))
            self._touched.add(organisation_id)
        return number

    def find(self, organisation_id: str) -> int:
        """The same of one that may have no place here; then no row has what is answered."""
        return self._number.get(organisation_id, len(self.ids))

    def sync(self) -> None:
        """Takes in what changed."""
        if len(self.refused) < len(self.ids):
            size = 2 * len(self.ids)
            self.refused = grown(self.refused, size, UNKNOWN_SHARE)
            self.not_arrived = grown(self.not_arrived, size, UNKNOWN_SHARE)
        for organisation_id in self._touched & self._number.keys():
            number = self._number[organisation_id]
            refused, not_arrived = self.shares[number] = self._read(organisation_id)
            self.refused[number] = record_score(refused, UNKNOWN_SHARE)
            self.not_arrived[number] = record_score(not_arrived, UNKNOWN_SHARE)
        self._touched.clear()

    def _read(self, organisation_id: str) -> tuple[Share, Share]:
        text = self._subjects[Kind.DELIVERY_RECORD].get(organisation_id)
        if text is None:
            return NO_CASES, NO_CASES
        record = record_from(text)
        return record.refused_while_free, record.not_arrived
