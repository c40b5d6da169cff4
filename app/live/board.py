"""The board: each region's state in memory, at one position of its stream.

Only the follower writes here, and only from the event log. Applying a commit's events has no
`await` inside, so whoever reads between two awaits sees one moment.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from app.db.event_log import LoggedEvent, Subject
from app.live.messages import Event, Progress, render
from app.live.owned import OwnedSubjects
from app.live.places import PlaceIndex
from app.live.pool_views import PoolViews
from app.live.records import RecordIndex
from app.live.resume import Ring
from app.live.team_views import TeamViews
from app.live.teams import TeamIndex
from domain.care_types import CareType
from domain.events import OWNED, TOPIC_OF, Kind, Position, Topic
from domain.identifiers import LocationId, OrganisationId, PoolId, RegionId
from domain.posting import PostingSchedule


@dataclass(frozen=True, slots=True)
class PoolFacts:
    """What an act needs to know of a pool before it takes the pool's lock."""

    id: PoolId
    region_id: RegionId
    organisation_id: OrganisationId
    location_id: LocationId
    external_id: str
    posting_schedule: PostingSchedule
    time_to_live: timedelta | None
    counted_by_bed: bool
    ended: bool


def pool_facts(region_id: RegionId, data: dict[str, Any]) -> PoolFacts:
    """Reads the facts from a pool's state."""
    minutes = data["time_to_live_minutes"]
    return PoolFacts(
        id=PoolId(UUID(data["id"])),
        region_id=region_id,
        organisation_id=OrganisationId(UUID(data["organisation_id"])),
        location_id=LocationId(UUID(data["location_id"])),
        external_id=data["external_id"],
        posting_schedule=PostingSchedule(data["posting_schedule"]),
        time_to_live=timedelta(minutes=minutes) if minutes else None,
        counted_by_bed=CareType.MFB in data["care_types"],
        ended=data["status"] == "ended",
    )


class RegionBoard:
    """One region: its subjects as JSON text, where in its stream this is, and indexes for questions."""

    def __init__(
        self, position: Position, subjects: Iterable[Subject], complete_at: datetime
    ) -> None:
        self.region_id = position.region_id
        self.ring = Ring(position)
        self.complete_at = complete_at
        #: Those of owned kinds stay empty: what reads here doesn't ask for whom.
        self._subjects: dict[str, dict[str, str]] = {kind.value: {} for kind in Kind}
        self._owned = OwnedSubjects()
        self._pools: dict[PoolId, PoolFacts] = {}
        self._by_external_id: dict[tuple[OrganisationId, str], PoolFacts] = {}
        self._by_agb: dict[str, OrganisationId] = {}
        self._agbs: dict[OrganisationId, str] = {}
        self._merged_into: dict[OrganisationId, OrganisationId] = {}
        self._moved = asyncio.Event()
        self._snapshots: dict[frozenset[Topic], tuple[Position, list[str]]] = {}
        self.places = PlaceIndex(self._subjects)
        self.teams = TeamIndex(self._subjects)
        self.pool_views = PoolViews(self.places, self._subjects)
        self.team_views = TeamViews(self._subjects)
        self.records = RecordIndex(self._subjects)
        for subject in subjects:
            self._put(subject.kind, subject.subject_id, subject.owner_id, subject.data)
        # Now, so that the first question needn't wait for it.
        self.places.rows.sync()
        self.teams.sync()

    @property
    def position(self) -> Position:
        """Up to where this board is complete."""
        return self.ring.head

    @property
    def progress(self) -> Progress:
        """The position with the moment at which it was last known to be the newest."""
        return Progress(self.position, self.complete_at)

    def apply(self, logged: Sequence[LoggedEvent], complete_at: datetime) -> list[Event]:
        """Takes the next events of the stream in; answers with them ready to be sent."""
        rendered = [render(event) for event in logged]
        for event, raw in zip(rendered, logged, strict=True):
            self.ring.append(event)
            self._put(raw.kind, raw.subject_id, raw.owner_id, raw.data)
        self.complete_at = complete_at
        if rendered:
            moved, self._moved = self._moved, asyncio.Event()
            moved.set()
        return rendered

    def get(self, kind: Kind, subject_id: object) -> str | None:
        """A subject's state as JSON text."""
        return self._subjects[kind].get(str(subject_id))

    def all(self, kind: Kind) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every subject of a kind with its id, by id."""
        subjects = self._subjects[kind]
        for subject_id in sorted(subjects):
            yield subject_id, orjson.loads(subjects[subject_id])

    def naming(self, kind: Kind, named_id: UUID) -> Iterator[tuple[str, dict[str, Any]]]:
        """Those subjects of a kind whose state holds this id, by id; the others aren't even read."""
        subjects, text = self._subjects[kind], str(named_id)
        for subject_id in sorted(one for one, data in subjects.items() if text in data):
            yield subject_id, orjson.loads(subjects[subject_id])

    def pool(self, pool_id: PoolId) -> PoolFacts | None:
        """What is known of a pool in this region."""
        return self._pools.get(pool_id)

    def pool_by_external_id(self, agb: str, external_id: str) -> PoolFacts | None:
        """A pool by its owner's AGB-code, or that of one merged into it, and the owner's own code."""
        organisation_id = self._by_agb.get(agb)
        while organisation_id is not None:
            found = self._by_external_id.get((organisation_id, external_id))
            if found is not None:
                return found
            organisation_id = self._merged_into.get(organisation_id)
        return None

    def pool_of_organisation(
        self, organisation_id: OrganisationId, external_id: str
    ) -> PoolFacts | None:
        """A pool by its owner's id and the owner's own code for it."""
        return self._by_external_id.get((organisation_id, external_id))

    def is_gone(self, organisation_id: OrganisationId | None) -> bool:
        """Whether another organisation took over all that this one had."""
        return organisation_id in self._merged_into

    def snapshot(
        self, topics: frozenset[Topic], owner_id: OrganisationId | None = None
    ) -> tuple[Progress, list[str]]:
        """The subjects of some topics as JSON texts, with the position they belong to.

        Of topics that are owned only what is this owner's: none without one.
        """
        everybodys = topics - OWNED
        cached = self._snapshots.get(everybodys)
        if cached is None or cached[0] != self.position:
            texts = [
                _subject(kind, subject_id, data)
                for kind, topic in TOPIC_OF.items()
                if topic in everybodys
                for subject_id, data in self._subjects[kind].items()
            ]
            cached = self._snapshots[everybodys] = (self.position, texts)
        if owner_id is None:
            return self.progress, cached[1]
        mine = [_subject(*found) for found in self._owned.of(owner_id, topics)]
        return self.progress, cached[1] + mine

    def own(self, owner_id: OrganisationId, topics: frozenset[Topic]) -> dict[str, str]:
        """The states of what is this owner's under these topics, by id, as JSON texts."""
        return {key: data for _, key, data in self._owned.of(owner_id, topics)}

    async def reach(self, number: int, seconds: float = 1.0) -> bool:
        """Waits until the board is at least this far; False when that takes too long."""
        try:
            async with asyncio.timeout(seconds):
                while self.position.number < number:
                    await self._moved.wait()
        except TimeoutError:
            return False
        return True

    def _put(self, kind: str, subject_id: str, owner_id: UUID | None, data: str | None) -> None:
        subjects = self._subjects.get(kind)
        if subjects is None:
            return
        if TOPIC_OF[Kind(kind)] in OWNED:
            if owner_id is not None:
                self._owned.put(Kind(kind), subject_id, owner_id, data)
            return
        self.places.touch(kind, subject_id)
        self.teams.touch(kind, subject_id)
        self.records.touch(kind, subject_id)
        if kind == Kind.POOL:
            self._forget_pool(subject_id)
        elif kind == Kind.ORGANISATION:
            self._forget_organisation(OrganisationId(UUID(subject_id)))
        if data is None:
            subjects.pop(subject_id, None)
            return
        subjects[subject_id] = data
        if kind == Kind.POOL:
            facts = pool_facts(self.region_id, orjson.loads(data))
            self._pools[facts.id] = facts
            self._by_external_id[facts.organisation_id, facts.external_id] = facts
        elif kind == Kind.ORGANISATION:
            organisation = orjson.loads(data)
            organisation_id = OrganisationId(UUID(subject_id))
            self._agbs[organisation_id] = organisation["agb"]
            self._by_agb[organisation["agb"]] = organisation_id
            if organisation.get("merged_into") is not None:
                heir = OrganisationId(UUID(organisation["merged_into"]))
                self._merged_into[organisation_id] = heir

    def _forget_organisation(self, organisation_id: OrganisationId) -> None:
        agb = self._agbs.pop(organisation_id, None)
        self._merged_into.pop(organisation_id, None)
        if agb is not None and self._by_agb.get(agb) == organisation_id:
            del self._by_agb[agb]

    def _forget_pool(self, subject_id: str) -> None:
        facts = self._pools.pop(PoolId(UUID(subject_id)), None)
        if facts is None:
            return
        key = (facts.organisation_id, facts.external_id)
        if self._by_external_id.get(key) is facts:
            del self._by_external_id[key]


def _subject(kind: Kind, subject_id: str, data: str) -> str:
    return f'{{"kind":"{kind}","id":"{subject_id}","data":{data}}}'


class Board:
    """All regions that this process follows."""

    def __init__(self) -> None:
        self.regions: dict[RegionId, RegionBoard] = {}

    def pool(self, pool_id: PoolId) -> PoolFacts | None:
        """What is known of a pool, in whichever region it is."""
        for region in self.regions.values():
            facts = region.pool(pool_id)
            if facts is not None:
                return facts
        return None

    def pool_by_external_id(self, agb: str, external_id: str) -> PoolFacts | None:
        """A pool by its owner's AGB-code and own code, in whichever region it is."""
        for region in self.regions.values():
            facts = region.pool_by_external_id(agb, external_id)
            if facts is not None:
                return facts
        return None

    def pool_of_organisation(
        self, organisation_id: OrganisationId, external_id: str
    ) -> PoolFacts | None:
        """A pool by its owner's id and the owner's own code, in whichever region it is."""
        for region in self.regions.values():
            facts = region.pool_of_organisation(organisation_id, external_id)
            if facts is not None:
                return facts
        return None
