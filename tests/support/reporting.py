"""Reports as the hot statement takes them, without the service and the queue before it."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from app.db.engine import connect
from app.db.report_queue import HOT_SETTINGS
from app.db.reports import (
    CAREFUL_STATEMENT,
    CONFIRMATION_STATEMENT,
    REPORT_STATEMENT,
    ReportItem,
    ReportResult,
    write_reports,
)
from domain.capacity import Figures, Terms
from domain.posting import PostingSchedule
from tests.factories.world import REGION
from tests.support.database import Database


@dataclass(frozen=True, slots=True)
class Feed:
    """A source of figures with what they cover."""

    id: UUID
    terms: Terms


def feed(lag: timedelta = timedelta(0), *, includes_holds: bool = False) -> Feed:
    """A source of its own."""
    return Feed(uuid4(), Terms(lag, includes_holds))


def report_item(
    pool_id: UUID,
    said: Figures | None,
    source: Feed,
    stated_at: datetime,
    *,
    observed_at: datetime | None = None,
    received_at: datetime | None = None,
    expected_version: int | None = None,
    owner_id: UUID | None = None,
    sandbox: bool = False,
) -> ReportItem:
    """A report of these figures; without figures a "klopt nog". Seen when stated, received at once."""
    observed_at = observed_at or stated_at
    content = (str(source.id), astuple(said) if said else ("klopt-nog", expected_version), sandbox)
    figures = said or Figures()
    return ReportItem(
        pool_id=pool_id,
        owner_id=owner_id,
        expected_version=expected_version,
        confirmation=said is None,
        source_id=source.id,
        source_kind="api",
        stated_at=stated_at,
        observed_at=observed_at,
        received_at=received_at or observed_at,
        valid_until=observed_at + timedelta(hours=8),
        posting_schedule=PostingSchedule.WORKDAYS_TWICE,
        counted_until=observed_at - source.terms.lag,
        includes_holds=source.terms.includes_holds,
        physical=figures.physical,
        operable=figures.operable,
        occupied=figures.occupied,
        planned=figures.planned,
        closed=figures.closed,
        closed_reason=figures.closed_reason,
        free=figures.free,
        available_from=figures.available_from,
        forecast=None,
        sandbox=sandbox,
        note=None,
        warnings=None,
        digest=hashlib.blake2b(repr(content).encode(), digest_size=16).digest(),
        tag=uuid4().int % 2**32,
        actor_id=uuid4(),
        role="provider-capacity",
        organisation_id=uuid4(),
        basis="provider-capacity: own organisation",
        address="127.0.0.1",
    )


class HotStatement:
    """The hot statement, prepared on a connection of its own, as the queue does."""

    def __init__(self, connection: Any, reports: Any, confirmations: Any, careful: Any) -> None:
        self.connection = connection
        self._statements = {False: reports, True: confirmations}
        self._careful = careful

    async def write(self, *items: ReportItem) -> list[ReportResult]:
        """One commit of these, either all reports or all confirmations; carefully when it must."""
        try:
            return await self.once(*items)
        except asyncpg.UniqueViolationError:
            return await self.carefully(*items)

    async def once(self, *items: ReportItem) -> list[ReportResult]:
        """The statement that nearly every batch gets. History may refuse it."""
        (confirmation,) = {item.confirmation for item in items}
        return await write_reports(self._statements[confirmation], REGION, items)

    async def carefully(self, *items: ReportItem) -> list[ReportResult]:
        """The statement that looks in history first. Reports only."""
        return await write_reports(self._careful, REGION, items)

    async def one(self, item: ReportItem) -> ReportResult:
        """One commit of one report."""
        (result,) = await self.write(item)
        return result


@asynccontextmanager
async def hot_statement(database: Database) -> AsyncIterator[HotStatement]:
    """As the application, on the test's database."""
    connection = await connect(database.url, **HOT_SETTINGS)
    try:
        yield HotStatement(
            connection,
            await connection.prepare(REPORT_STATEMENT),
            await connection.prepare(CONFIRMATION_STATEMENT),
            await connection.prepare(CAREFUL_STATEMENT),
        )
    finally:
        connection.terminate()


async def another_pool(connection: Any, like: UUID) -> UUID:
    """A pool without a report, beside one that is there already."""
    pool_id: UUID = await connection.fetchval(
        "INSERT INTO pool (region_id, organisation_id, location_id, external_id, name, care_types,"
        " posting_schedule, status) SELECT region_id, organisation_id, location_id,"
        " gen_random_uuid()::text, name, care_types, posting_schedule, status"
        " FROM pool WHERE id = $1 RETURNING id",
        like,
    )
    return pool_id
