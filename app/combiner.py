"""Does together what is asked at the same time: one run at a time, and while it goes on the rest gather."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from domain.errors import OutcomeUnknown, Overloaded

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Combiner(Generic[Item, Answer]):
    """Gathers items for runs of at most `most`; with `most_waiting` waiting the next is told to come back."""

    def __init__(self, most: int, most_waiting: int) -> None:
        self._most = most
        self._most_waiting = most_waiting
        self._waiting: deque[tuple[Item, asyncio.Future[Answer]]] = deque()
        self._running: asyncio.Task[None] | None = None

    async def submit(
        self,
        item: Item,
        run: Callable[[Sequence[Item]], Awaitable[Sequence[Answer | Exception]]],
    ) -> Answer:
        """Waits for the run that holds this item. `run` answers each in order, or raises for all.

        A caller that hangs up before its run began isn't in it. Raises what `run` answers or raises.
        """
        if len(self._waiting) >= self._most_waiting:
            raise Overloaded
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._serve(run))
        return await answer

    async def close(self) -> None:
        """Ends what is under way; nobody can tell any more what became of that."""
        if self._running is not None and not self._running.done():
            self._running.cancel()
            await asyncio.wait({self._running})

    async def _serve(
        self, run: Callable[[Sequence[Item]], Awaitable[Sequence[Answer | Exception]]]
    ) -> None:
        while batch := self._next():
            try:
                answers = await run([item for item, _ in batch])
            except asyncio.CancelledError:
                _fail([*batch, *self._waiting], OutcomeUnknown())
                raise
            except Exception as error:
                _fail(batch, error)
                continue
            for (_, future), answer in zip(batch, answers, strict=True):
                if future.done():
                    continue
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)

    def _next(self) -> list[tuple[Item, asyncio.Future[Answer]]]:
        batch: list[tuple[Item, asyncio.Future[Answer]]] = []
        while self._waiting and len(batch) < self._most:
            item, future = self._waiting.popleft()
            if not future.done():
                batch.append((item, future))
        return batch


def _fail(batch: Sequence[tuple[Item, asyncio.Future[Answer]]], error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
