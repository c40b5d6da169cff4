"""Removes, now and then, what was kept long enough."""

import asyncio

import structlog

from app.container import Container
from app.services.housekeeping import forget_old_requests
from domain.errors import Problem

EVERY_SECONDS = 600.0

log = structlog.get_logger()


async def keep_house(container: Container, every_seconds: float = EVERY_SECONDS) -> None:
    """Runs until cancelled. A failure is logged and the next round tries again."""
    while True:
        try:
            removed = await forget_old_requests(container)
            if removed:
                log.info("old requests forgotten", removed=removed)
        except Problem as problem:
            log.warning("housekeeping put off", code=problem.code)
        except Exception:
            log.exception("housekeeping failed")
        await asyncio.sleep(every_seconds)
