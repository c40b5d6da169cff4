"""How providers delivered, as the board has it: each record read from its text once, when first asked for."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

import orjson

from domain.delivery_records import DeliveryRecord
from domain.events import Kind


class RecordIndex:
    """The records of a region's providers."""

    def __init__(self, subjects: Mapping[str, Mapping[str, str]]) -> None:
        """`subjects` as the board keeps them: JSON text by kind and id."""
        self._texts = subjects[Kind.DELIVERY_RECORD]
        self._read: dict[str, DeliveryRecord] = {}

    def touch(self, kind: str, subject_id: str) -> None:
        """This subject changed: what was read of it holds no longer."""
        if kind == Kind.DELIVERY_RECORD:
            self._read.pop(subject_id, None)

    def of(self, organisation_id: UUID) -> DeliveryRecord | None:
        """A provider's record."""
        subject_id = str(organisation_id)
        found = self._read.get(subject_id)
        text = self._texts.get(subject_id)
        if found is None and text is not None:
            found = self._read[subject_id] = record_from(text)
        return found


def record_from(text: str) -> DeliveryRecord:
    """A record as an event tells it."""
    told = orjson.loads(text)
    since, until = (date.fromisoformat(told[name]) for name in ("since", "until"))
    return DeliveryRecord.of_counts(UUID(told["organisation_id"]), since, until, told)
