"""What reports of beds, of teams and of an opnamestop share: who says it, since when, and its receipt."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

import orjson

from app.container import Container
from app.db import registers
from app.db.tables import BedRow, HomeCareTeamRow
from app.db.unit_of_work import UnitOfWork
from app.security.keys import Credential, Source
from domain import posting
from domain.actors import Action, Actor, Target, may, scope_of
from domain.calendar import AMSTERDAM
from domain.capacity import Outcome, effective_observation
from domain.errors import NotAllowed, NotFound, Problem
from domain.events import Position
from domain.identifiers import RegionId
from domain.observations import Observation
from domain.posting import PostingSchedule

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Told:
    """When something is said to be so.

    observed_at: when it was true; None: now. sent_at: the sender's clock at sending.
    expected_version: it counts only while this version stands. note: who said so, for instance.
    """

    observed_at: datetime | None = None
    sent_at: datetime | None = None
    expected_version: int | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A report as it was received: by whom, from which source, and when it was true by our clock."""

    actor: Actor
    source: Source
    stated_at: datetime
    observed_at: datetime
    received_at: datetime
    expected_version: int | None = None
    note: str | None = None
    address: str | None = None

    @property
    def observed_on(self) -> date:
        """The day of the observation in Amsterdam."""
        return self.observed_at.astimezone(AMSTERDAM).date()

    def digest(self, *content: object) -> bytes:
        """Of what was said and by which source.

        Other bytes from a source in the sandbox: said again once it is released, it is to count.
        """
        said = [str(self.source.id), *content, *(["sandbox"] if self.source.sandbox else [])]
        return hashlib.blake2b(orjson.dumps(said), digest_size=16).digest()

    def observation(self, rank: tuple[int, ...], digest: bytes) -> Observation:
        """This report by what decides on it."""
        return Observation(self.stated_at, self.observed_at, rank, digest)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a report, and the report that stands after it; `version` 0: none stands."""

    outcome: Outcome
    id: UUID
    version: int
    observed_at: datetime | None
    received_at: datetime | None
    valid_until: datetime | None
    position: Position
    server_time: datetime


def hear(credential: Credential, told: Told, received_at: datetime, address: str | None) -> Said:
    """Takes in who says something and when. Raises NotAllowed, InvalidInput and ObservedInFuture."""
    if credential.source is None:
        raise NotAllowed
    return Said(
        actor=credential.actor,
        source=credential.source,
        stated_at=told.observed_at or received_at,
        observed_at=effective_observation(told.observed_at, told.sent_at, received_at),
        received_at=received_at,
        expected_version=told.expected_version,
        note=told.note,
        address=address,
    )


def require(credential: Credential, action: Action, target: Target) -> None:
    """Raises NotFound unless the caller may do this to that, as if it weren't there.

    And NotAllowed when its role may do this to none at all.
    """
    if scope_of(credential.actor, action) is None:
        raise NotAllowed
    if not may(credential.actor, action, target):
        raise NotFound


async def report(
    container: Container,
    credential: Credential,
    region_id: RegionId,
    kind: str,
    object_id: UUID,
    judged: Callable[[UnitOfWork], Awaitable[T]],
    *,
    outcome: Callable[[T], str],
    address: str | None,
    confirmation: bool = False,
) -> tuple[T, Position]:
    """Does what a report asks in one transaction, and audits what became of it, a refusal too.

    `judged` locks, judges and changes; the problems it raises (before it changed anything) are
    raised again after their audit row is committed.
    """

    async def act(work: UnitOfWork) -> tuple[T | Problem, Position]:
        found: T | Problem
        try:
            found = await judged(work)
            became = outcome(found)
        except Problem as problem:
            found, became = problem, str(problem.code)
        work.audit(
            credential.actor,
            Action.CAPACITY_REPORT,
            kind,
            object_id,
            address=address,
            outcome=became,
            purpose="capacity",
            confirmation=confirmation,
        )
        # What changes nothing is at the head of what it found.
        head = await registers.head_of(work, region_id)
        positions = await work.commit()
        return found, positions.get(region_id, head)

    found, position = await container.act(act)
    if isinstance(found, Problem):
        raise found
    return found, position


def standing(row: BedRow | HomeCareTeamRow, rank: tuple[int, ...]) -> Observation:
    """The report that a row holds, which it must, by what decides on it."""
    assert row.stated_at is not None
    assert row.observed_at is not None
    assert row.digest is not None
    return Observation(row.stated_at, row.observed_at, rank, row.digest)


def stamp(row: BedRow | HomeCareTeamRow, said: Said, digest: bytes, valid_until: datetime) -> None:
    """Writes on a row from whom and when its report is; the report itself is the caller's."""
    row.report_version += 1
    row.source_id = said.source.id
    row.source_kind = said.source.kind
    row.stated_at = said.stated_at
    row.observed_at = said.observed_at
    row.received_at = said.received_at
    row.valid_until = valid_until
    row.digest = digest


def receipt(
    outcome: Outcome, row: BedRow | HomeCareTeamRow, position: Position, server_time: datetime
) -> Receipt:
    """The receipt of a report, with what stands on the row after it."""
    return Receipt(
        outcome=outcome,
        id=row.id,
        version=row.report_version,
        observed_at=row.observed_at,
        received_at=row.received_at,
        valid_until=row.valid_until,
        position=position,
        server_time=server_time,
    )


def valid_until(schedule: str, time_to_live_minutes: int | None, observed_at: datetime) -> datetime:
    """Until when a report is believed under the schedule of its pool or team."""
    shorter = timedelta(minutes=time_to_live_minutes) if time_to_live_minutes else None
    return posting.valid_until(PostingSchedule(schedule), observed_at, shorter)
