"""Watches the clocks: once a second while nothing is due, at once again while there is more."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from app.container import Container
from app.services import delivery_records
from app.services.referrals import sweeps
from domain.errors import Problem

EVERY_SECONDS = 1.0
STALE_EVERY_SECONDS = 60.0
COUNT_EVERY = timedelta(hours=1)
#: A case that failed is tried again after this long: others come first meanwhile.
_AGAIN_AFTER = timedelta(minutes=1)
_MOST_PUT_OFF = 1_000
#: For a board to be there, since a next round that begins by itself asks what stands on it.
_BOARD_SECONDS = 10.0

log = structlog.get_logger()


async def watch_clocks(container: Container, every_seconds: float = EVERY_SECONDS) -> None:
    """Runs until cancelled. What fails is logged and still due, so it is tried again."""
    await _until_ready(container)
    put_off: dict[UUID, datetime] = {}
    while True:
        more = False
        try:
            put_off = {one: at for one, at in put_off.items() if at > container.now()}
            swept = await sweeps.sweep(container, put_off.keys())
            # Where nothing could be done there is no hurry either.
            more = swept.more and swept.count > 0
            until = container.now() + _AGAIN_AFTER
            put_off |= dict.fromkeys(swept.failed[: _MOST_PUT_OFF - len(put_off)], until)
            if swept.count:
                log.info("clocks", count=swept.count)
        except Problem as problem:
            log.warning("clocks put off", code=problem.code)
        except Exception:
            log.exception("clocks failed")
        if not more:
            await asyncio.sleep(every_seconds)


async def watch_figures(container: Container, every_seconds: float = STALE_EVERY_SECONDS) -> None:
    """Runs until cancelled: tells of figures that nobody has confirmed for long, and of how providers
    deliver. What fails is logged and tried again."""
    count_at = container.now()
    while True:
        await _look(container, "stale figures", sweeps.tell_stale)
        if container.now() >= count_at and await _look(
            container, "delivery records", delivery_records.count_anew
        ):
            count_at = container.now() + COUNT_EVERY
        await asyncio.sleep(every_seconds)


async def _look(
    container: Container, what: str, tell: Callable[[Container], Awaitable[int]]
) -> bool:
    """Whether it was done."""
    try:
        changed = await tell(container)
    except Problem as problem:
        log.warning("figures put off", about=what, code=problem.code)
        return False
    except Exception:
        log.exception("figures failed", about=what)
        return False
    if changed:
        log.info("figures", about=what, changed=changed)
    return True


async def _until_ready(container: Container) -> None:
    """Until the board is there, or it takes too long: the clocks don't wait for a broken board."""
    try:
        async with asyncio.timeout(_BOARD_SECONDS):
            await container.follower.until_ready()
    except TimeoutError:
        log.warning("watching the clocks without a board")
