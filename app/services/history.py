"""The course of capacity over time, of a pool and of a location."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from app.container import Container
from app.db import course as rows
from app.db.course import PoolOfCourse
from app.db.event_log import Connection
from app.security.keys import Credential
from app.services import reports
from domain import course
from domain.actors import Action, Target, may
from domain.course import Stretch, Total
from domain.errors import NotFound
from domain.identifiers import LocationId, OrganisationId, PoolId, RegionId

T = TypeVar("T")

#: How far back a course goes when nobody says it.
USUAL = timedelta(days=7)
USUAL_STEP = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What part of a course is asked for. limit: entries in one answer.

    until None, or in the future: up to now. step None: every change.
    """

    since: datetime | None
    until: datetime | None
    step: timedelta | None
    limit: int

    def between(self, now: datetime) -> tuple[datetime, datetime]:
        """The range. Raises InvalidInput."""
        until = now if self.until is None else min(self.until, now)
        since = until - USUAL if self.since is None else self.since
        course.check_range(since, until)
        return since, until


@dataclass(frozen=True, slots=True)
class Course(Generic[T]):
    """Entries from since on. until is where the whole course ends, following where the next page
    begins; None: this is the last."""

    since: datetime
    until: datetime
    items: list[T]
    following: datetime | None


async def pool_course(
    container: Container, credential: Credential, pool_id: PoolId, asked: Asked
) -> Course[Stretch]:
    """What stood of a pool when; it ends where the pool was closed.

    Raises NotFound, NotAllowed and InvalidInput.
    """
    pool = await reports.find_pool(container, pool_id)
    reports.require(credential, Action.CAPACITY_HISTORY, pool)
    since, until = asked.between(container.now())

    async def query(connection: Connection) -> Course[Stretch]:
        ended_at = await rows.pool_ended_at(connection, pool.id)
        end = until if ended_at is None else min(until, ended_at)
        if end <= since:
            return Course(since, end, [], None)
        if asked.step is None:
            return await _every_change(connection, pool.id, since, end, asked.limit)
        stop = min(end, since + asked.limit * asked.step)
        standing = await rows.standing_at(connection, [pool.id], since)
        found = await rows.changes_at_steps(connection, [pool.id], since, stop, asked.step)
        stood = [*standing.values(), *found.get(pool.id, [])]
        steps = course.thinned(course.stretches(stood, since, stop), since, stop, asked.step)
        return Course(since, end, list(steps), stop if stop < end else None)

    return await container.read(query)


async def location_course(
    container: Container, credential: Credential, location_id: LocationId, asked: Asked
) -> Course[Total]:
    """The sum of a location's pools at each step: of those whose course the caller may see.

    A pool counts until it was closed. Raises NotFound, NotAllowed and InvalidInput.
    """
    actor = credential.actor
    since, until = asked.between(container.now())
    step = asked.step or USUAL_STEP
    stop = min(until, since + asked.limit * step)

    def seen(region_id: int, organisation_id: object) -> bool:
        owner = OrganisationId(organisation_id)  # type: ignore[arg-type]  # read from a row
        return may(actor, Action.CAPACITY_HISTORY, Target(RegionId(region_id), owner))

    async def query(connection: Connection) -> Course[Total]:
        owner = await rows.location_owner(connection, location_id)
        if owner is None or not seen(*owner):
            raise NotFound
        pools = [
            pool
            for pool in await rows.pools_of(connection, location_id)
            if seen(pool.region_id, pool.organisation_id)
        ]
        ids = [pool.id for pool in pools]
        standing = await rows.standing_at(connection, ids, since)
        found = await rows.changes_at_steps(connection, ids, since, stop, step)
        stops = await rows.stops_of(connection, location_id, since, stop)

        def add_up() -> list[Total]:
            parts = []
            for pool in pools:
                stood = [
                    *([standing[pool.id]] if pool.id in standing else []),
                    *found.get(pool.id, []),
                ]
                end = _end(pool, stop)
                parts.append(list(course.stretches(stood, since, end)) if end > since else [])
            return list(course.summed(parts, stops, since, stop, step))

        # Thousands of steps of dozens of pools would keep everybody else waiting.
        totals = await asyncio.to_thread(add_up)
        return Course(since, until, totals, stop if stop < until else None)

    return await container.read(query)


def _end(pool: PoolOfCourse, until: datetime) -> datetime:
    return until if pool.ended_at is None else min(until, pool.ended_at)


async def _every_change(
    connection: Connection, pool_id: PoolId, since: datetime, end: datetime, limit: int
) -> Course[Stretch]:
    standing = await rows.standing_at(connection, [pool_id], since)
    found = await rows.changes(connection, pool_id, since, end, limit + 1)
    # With more to come the page ends where the first that is left out begins.
    stop = found.pop().since if len(found) > limit else end
    stood = [*standing.values(), *found]
    items = list(course.stretches(stood, since, stop))
    following = stop if stop < end else None
    if len(items) > limit:
        following = items[limit].since
    return Course(since, end, items[:limit], following)
