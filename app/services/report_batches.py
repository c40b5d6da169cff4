"""Many reports at once: each is judged as if it came alone, and answered by itself.

Not atomic as a whole: they are committed in chunks, each chunk one commit. Sending all of them
again is harmless, so that is what a sender does when it doesn't know how far this got.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.container import Container
from app.db.report_queue import MAX_CHUNK
from app.db.reports import ReportResult
from app.live.board import PoolFacts
from app.security.keys import Credential
from app.services import bed_reports, home_care_reports, observations, reports
from app.services.reports import Given, Prepared, Receipt
from domain.errors import InvalidInput, Problem
from domain.identifiers import PoolId, RegionId, TeamId

Answer = Receipt | observations.Receipt | Problem

#: Chunks of one sender under way at a time: while one is committed the next is made ready.
_UNDER_WAY = 2
#: Others get their turn after so many.
_BREATHE_AFTER = 100


@dataclass(frozen=True, slots=True)
class PoolReference:
    """A pool by our id, or by the provider's own code; `agb` None: the sender's own organisation."""

    pool_id: PoolId | None = None
    agb: str | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a "klopt nog" is about: the version that was shown, of a team when there is a team_id."""

    version: int
    team_id: TeamId | None = None


@dataclass(slots=True)
class _Chunk:
    """Reports of one region that are committed together, each with its place among all."""

    region_id: RegionId
    members: dict[PoolId, tuple[int, Prepared]] = field(default_factory=dict)


class _Receipts:
    """When each report came in: one after the other, also within a microsecond."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._last = datetime.min.replace(tzinfo=UTC)

    def next(self) -> datetime:
        self._last = max(self._now(), self._last + timedelta(microseconds=1))
        return self._last


async def report_many(
    container: Container,
    credential: Credential,
    given: Iterable[tuple[PoolReference, Given | Shown] | Problem],
    *,
    address: str | None = None,
) -> list[Answer]:
    """An answer for each: its receipt, or the problem it met. A Problem given is its own answer.

    Reports of one pool are judged in the order in which they are given.
    """
    clock = _Receipts(container.now)
    answers: list[Answer | None] = []
    under_way: deque[tuple[_Chunk, asyncio.Task[None]]] = deque()
    open_chunks: dict[tuple[RegionId, bool], _Chunk] = {}

    async def commit(chunk: _Chunk) -> None:
        places, prepared = zip(*chunk.members.values(), strict=True)
        for place, answer in zip(
            places, await _commit(container, chunk.region_id, prepared), strict=True
        ):
            answers[place] = answer

    async def send(chunk: _Chunk) -> None:
        # One that the database refuses is done again item by item, so that its pools wait for it.
        while len(under_way) == _UNDER_WAY or any(
            not earlier.members.keys().isdisjoint(chunk.members) for earlier, _ in under_way
        ):
            await under_way.popleft()[1]
        under_way.append((chunk, asyncio.create_task(commit(chunk))))
        # It takes its place in the queue before anything that is sent after it.
        await asyncio.sleep(0)

    try:
        for place, one in enumerate(given):
            answers.append(None)
            if place % _BREATHE_AFTER == 0:
                await asyncio.sleep(0)
            try:
                prepared = await _prepare(container, credential, one, clock.next(), address)
            except Problem as problem:
                answers[place] = problem
                continue
            if not isinstance(prepared, Prepared):
                answers[place] = prepared
                continue
            region_id, pool_id = prepared.pool.region_id, prepared.pool.id
            confirmation = prepared.item.confirmation
            other = open_chunks.get((region_id, not confirmation))
            if other is not None and pool_id in other.members:
                await send(open_chunks.pop((region_id, not confirmation)))
            chunk = open_chunks.setdefault((region_id, confirmation), _Chunk(region_id))
            if pool_id in chunk.members:
                await send(chunk)
                chunk = open_chunks[region_id, confirmation] = _Chunk(region_id)
            chunk.members[pool_id] = (place, prepared)
            if len(chunk.members) == MAX_CHUNK:
                await send(open_chunks.pop((region_id, confirmation)))
        for chunk in open_chunks.values():
            await send(chunk)
        await asyncio.gather(*(task for _, task in under_way))
    finally:
        for _, task in under_way:
            task.cancel()
    found = [answer for answer in answers if answer is not None]
    assert len(found) == len(answers)
    return found


async def _prepare(
    container: Container,
    credential: Credential,
    one: tuple[PoolReference, Given | Shown] | Problem,
    received_at: datetime,
    address: str | None,
) -> Prepared | Receipt | observations.Receipt:
    """What is to be committed with others; the receipt of what is an act of its own."""
    if isinstance(one, Problem):
        raise one
    reference, said = one
    if isinstance(said, Shown) and said.team_id is not None:
        team = await home_care_reports.find_team(container, said.team_id)
        return await home_care_reports.confirm_team(
            container, credential, team, said.version, address=address
        )
    pool = _known(container, credential, reference) or await _found(
        container, credential, reference
    )
    if isinstance(said, Given):
        return reports.prepare_report(container, credential, pool, said, received_at, address)
    if pool.counted_by_bed:
        return await bed_reports.confirm_beds(container, credential, pool, said.version, address)
    return reports.prepare_confirmation(credential, pool, said.version, received_at, address)


def _known(
    container: Container, credential: Credential, reference: PoolReference
) -> PoolFacts | None:
    if reference.pool_id is not None:
        if reference.external_id is not None or reference.agb is not None:
            raise InvalidInput("Geef pool_id of external_id, niet allebei.", "/pool_id")
        return container.board.pool(reference.pool_id)
    if reference.external_id is None:
        raise InvalidInput("Geef pool_id of external_id.", "/external_id")
    if reference.agb is None:
        return container.board.pool_of_organisation(
            credential.actor.organisation_id, reference.external_id
        )
    return container.board.pool_by_external_id(reference.agb, reference.external_id)


async def _found(
    container: Container, credential: Credential, reference: PoolReference
) -> PoolFacts:
    """A pool that is too new for the board, or isn't there. Raises NotFound."""
    if reference.pool_id is not None:
        return await reports.find_pool(container, reference.pool_id)
    assert reference.external_id is not None
    agb = reference.agb or await reports.agb_of(container, credential.actor.organisation_id)
    return await reports.find_pool_by_external_id(container, agb, reference.external_id)


async def _commit(
    container: Container, region_id: RegionId, chunk: Sequence[Prepared]
) -> list[Answer]:
    try:
        results = await container.reports.submit_together(region_id, [one.item for one in chunk])
    except Problem as problem:
        return [problem] * len(chunk)
    return [_answer(prepared, result) for prepared, result in zip(chunk, results, strict=True)]


def _answer(prepared: Prepared, result: ReportResult | Problem) -> Answer:
    if isinstance(result, Problem):
        return result
    try:
        return reports.receipt_of(prepared, result, prepared.item.received_at)
    except Problem as problem:
        return problem
