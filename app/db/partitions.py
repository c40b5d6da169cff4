"""History by the month: making the months to come, and forgetting what was kept long enough.

The work is done by functions of the database's owner (migration 0003): the application may add to
its logs and change nothing of them, so it can ask for these acts and for no others.
"""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.db.event_log import Connection
from app.db.unit_of_work import UnitOfWork
from domain.identifiers import RegionId

_LOCK_NOT_AVAILABLE = "55P03"


class History(StrEnum):
    """Tables in partitions by month."""

    POOL_REPORT = "pool_report"
    BED_REPORT = "bed_report"
    HOME_CARE_REPORT = "home_care_report"
    AUDIT = "audit"


async def add_month(work: UnitOfWork, history: History, month: date) -> bool | None:
    """Makes the partition of a month, and moves there what came before it was made.

    False when it was there already; None when others were at work and it gave way: then the
    transaction is of no more use.
    """
    answer = await _ask(
        work, "history_add_month(:history, :month)", history=history.value, month=month
    )
    return None if answer is None else bool(answer)


async def forget_months(work: UnitOfWork, history: History, before: datetime) -> int | None:
    """Drops the partitions of months that had ended by then; how many.

    Rows of that age that are in no month of their own go too. None as in `add_month`. The database
    keeps five years of audit and a month of the rest whatever it is asked.
    """
    return await _ask(
        work, "history_forget(:history, :before)", history=history.value, before=before
    )


async def forget_events(
    work: UnitOfWork, region_id: RegionId, before: datetime, at_most: int
) -> int | None:
    """Removes the oldest events of a stream that are from before then; how many.

    Its newest always stays, and so does what is less than a day old. None as in `add_month`.
    """
    return await _ask(
        work,
        "events_forget(CAST(:region AS smallint), :before, :at_most)",
        region=region_id,
        before=before,
        at_most=at_most,
    )


async def region_ids(connection: Connection) -> list[RegionId]:
    """All regions that have a stream."""
    rows = await connection.fetch("SELECT region_id FROM stream ORDER BY region_id")
    return [RegionId(row["region_id"]) for row in rows]


async def _ask(work: UnitOfWork, call: str, **values: object) -> int | None:
    connection = await work.session.connection()
    try:
        found = await connection.execute(sa.text(f"SELECT {call}"), values)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            return None
        raise
    answer: int = found.scalar_one()
    return answer
