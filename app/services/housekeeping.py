"""What is kept for a while and then removed, and the months that history is written into."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Concatenate, ParamSpec

import sqlalchemy as sa
from sqlmodel import col

from app.container import Container
from app.db import partitions, sessions, sign_in_tries, word
from app.db.idempotency import KEPT_FOR
from app.db.partitions import History
from app.db.tables import IdempotencyRow
from app.db.unit_of_work import UnitOfWork

P = ParamSpec("P")

#: Months that are made before they begin: a worker may sleep that long and history stays in order.
MONTHS_AHEAD = 3
#: Sessions that were over long ago are of no use; what was done in them the audit keeps.
SESSIONS_KEPT_FOR = timedelta(days=30)
#: A quarter: who was away for long still finds what there was to know. What was done to a referral its
#: own history keeps.
NOTICES_KEPT_FOR = timedelta(days=90)
#: Events, or notices, in one removal, so that none holds its locks for long.
_AT_ONCE = 5_000


async def forget_old_requests(container: Container) -> int:
    """Removes the answers that were kept for a repetition which can't come any more; how many."""

    async def act(work: UnitOfWork) -> int:
        removed = await work.session.exec(
            sa.delete(IdempotencyRow).where(col(IdempotencyRow.created_at) < work.now - KEPT_FOR)
        )
        await work.commit()
        return removed.rowcount

    return await container.act(act)


async def forget_old_tries(container: Container) -> int:
    """Removes the wrong passwords that count for nothing any more; how many rows."""
    return await _done(container, sign_in_tries.forget_tries)


async def forget_old_sessions(container: Container) -> int:
    """Removes sessions of long ago; how many."""
    before = container.now() - SESSIONS_KEPT_FOR
    return await _done(container, sessions.forget_sessions, before)


async def make_months(container: Container) -> int:
    """Makes what is missing of the present month and those ahead; how many.

    A month that others keep it from is left for the next time.
    """
    now = container.now()
    made = 0
    for history in History:
        for ahead in range(MONTHS_AHEAD + 1):
            month = month_from(now, ahead)
            made += await _done(container, partitions.add_month, history, month)
    return made


async def forget_history(container: Container) -> int:
    """Drops the months of reports and audit that the settings don't keep; how many.

    By when it was observed (a report) or happened (audit). Kept are so many whole months besides
    the present one. What others keep it from is left for the next time.
    """
    now, settings = container.now(), container.settings
    forgotten = 0
    for history in History:
        kept = (
            settings.keep_audit_months if history is History.AUDIT else settings.keep_reports_months
        )
        before = datetime.combine(month_from(now, -kept), datetime.min.time(), UTC)
        forgotten += await _done(container, partitions.forget_months, history, before)
    return forgotten


async def forget_events(container: Container) -> int:
    """Removes the events that the settings don't keep; how many.

    Who comes back with a position from before that begins anew with a snapshot.
    """
    before = container.now() - timedelta(days=container.settings.keep_events_days)
    forgotten = 0
    for region_id in await container.read(partitions.region_ids):
        removed = _AT_ONCE
        while removed == _AT_ONCE:
            removed = await _done(container, partitions.forget_events, region_id, before, _AT_ONCE)
            forgotten += removed
    return forgotten


async def forget_notices(container: Container) -> int:
    """Removes notices of long ago, with who read them and what went out of them; how many.

    One of which something is still to go out stays until that is over.
    """
    before = container.now() - NOTICES_KEPT_FOR
    forgotten, removed = 0, _AT_ONCE
    while removed == _AT_ONCE:
        removed = await _done(container, word.forget_notices, before, _AT_ONCE)
        forgotten += removed
    return forgotten


async def _done(
    container: Container,
    ask: Callable[Concatenate[UnitOfWork, P], Awaitable[int | None]],
    *what: P.args,
    **how: P.kwargs,
) -> int:
    """What the database did in a transaction of its own; 0 when it gave way to others."""

    async def act(work: UnitOfWork) -> int:
        answer = await ask(work, *what, **how)
        if answer is None:
            return 0
        await work.commit()
        return answer

    return await container.act(act)


def month_from(now: datetime, months: int) -> date:
    """The first day of the month (in UTC) that lies so many months after the present one."""
    today = now.astimezone(UTC)
    years, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    return date(years, month + 1, 1)
