"""Removes, now and then, what was kept long enough, and makes the months that come."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog

from app.container import Container
from app.services import housekeeping
from app.services.referrals import matches
from domain.errors import Problem

EVERY_SECONDS = 600.0

#: What is done each round, by what the log says when something was done.
CHORES: Mapping[str, Callable[[Container], Awaitable[int]]] = {
    "months made": housekeeping.make_months,
    "months forgotten": housekeeping.forget_history,
    "events forgotten": housekeeping.forget_events,
    "notices forgotten": housekeeping.forget_notices,
    "unused matches forgotten": matches.forget_unused,
    "old requests forgotten": housekeeping.forget_old_requests,
    "old tries forgotten": housekeeping.forget_old_tries,
    "old sessions forgotten": housekeeping.forget_old_sessions,
}

log = structlog.get_logger()


async def keep_house(
    container: Container,
    every_seconds: float = EVERY_SECONDS,
    chores: Mapping[str, Callable[[Container], Awaitable[int]]] = CHORES,
) -> None:
    """Runs until cancelled. A chore that fails is logged, holds up no other, and is tried again."""
    while True:
        for name, chore in chores.items():
            try:
                count = await chore(container)
                if count:
                    log.info(name, count=count)
            except Problem as problem:
                log.warning("housekeeping put off", chore=name, code=problem.code)
            except Exception:
                log.exception("housekeeping failed", chore=name)
        await asyncio.sleep(every_seconds)
