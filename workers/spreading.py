"""Tells notices on: once a second while none waits, at once again while there are more."""

import asyncio

import structlog

from app.container import Container
from app.services.word import spreading
from domain.errors import Problem

EVERY_SECONDS = 1.0

log = structlog.get_logger()


async def spread_forever(container: Container, every_seconds: float = EVERY_SECONDS) -> None:
    """Runs until cancelled. What fails is logged and still waits, so it is tried again."""
    while True:
        count = 0
        try:
            count = await spreading.spread(container)
            if count:
                log.info("notices told on", count=count)
        except Problem as problem:
            log.warning("notices put off", code=problem.code)
        except Exception:
            log.exception("notices failed")
        if not count:
            await asyncio.sleep(every_seconds)
