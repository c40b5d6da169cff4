"""Background loops with an owner, that end when the owner says so.

asyncio's TaskGroup cancels a task once. A library that swallows that one cancellation (it happens
where a time-out and the cancellation meet) would keep its group, and the process, waiting forever.
"""

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self

import structlog

#: After this long without an end a loop is told again.
_PATIENCE_SECONDS = 1.0

log = structlog.get_logger()


class Loops:
    """The loops of one owner: `async with Loops() as loops`. Leaving it ends them all."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        told = 0
        cancelled = False
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            try:
                await asyncio.wait(self._tasks, timeout=_PATIENCE_SECONDS)
            except asyncio.CancelledError:
                # Whoever waits for us is impatient; the loops still have to end first.
                cancelled = True
                continue
            self._tasks = {task for task in self._tasks if not task.done()}
            told += 1
            if self._tasks and told % 5 == 0:
                log.warning("still ending", loops=sorted(t.get_name() for t in self._tasks))
        if cancelled and error is None:
            raise asyncio.CancelledError

    def start(self, name: str, loop: Coroutine[Any, Any, None]) -> None:
        """Starts a loop."""
        self._tasks.add(asyncio.create_task(loop, name=name))
        self._changed.set()

    async def watch(self) -> None:
        """Waits until cancelled. Raises what a loop fails with; ends when none is left."""
        while self._tasks:
            self._changed.clear()
            changed = asyncio.ensure_future(self._changed.wait())
            try:
                done, _ = await asyncio.wait(
                    {*self._tasks, changed}, return_when=asyncio.FIRST_COMPLETED
                )
            finally:
                changed.cancel()
            for task in done & self._tasks:
                self._tasks.discard(task)
                task.result()
