"""What one organisation alone may know of: kept apart by owner, so that nobody else's read finds it."""

from collections.abc import Iterator
from uuid import UUID

from domain.events import TOPIC_OF, Kind, Topic


class OwnedSubjects:
    """The owned subjects of a region, as JSON text."""

    def __init__(self) -> None:
        self._of: dict[UUID, dict[tuple[Kind, str], str]] = {}

    def put(self, kind: Kind, subject_id: str, owner_id: UUID, data: str | None) -> None:
        """Takes in the state of a subject for one owner; None: it is gone for this one."""
        mine = self._of.setdefault(owner_id, {})
        if data is None:
            mine.pop((kind, subject_id), None)
        else:
            mine[kind, subject_id] = data
        if not mine:
            del self._of[owner_id]

    def of(self, owner_id: UUID, topics: frozenset[Topic]) -> Iterator[tuple[Kind, str, str]]:
        """Kind, id and state of what is this owner's under these topics."""
        for (kind, subject_id), data in self._of.get(owner_id, {}).items():
            if TOPIC_OF[kind] in topics:
                yield kind, subject_id, data
