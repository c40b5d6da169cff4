"""Notices are told on at once while there are more, and after a failure."""

import asyncio

import pytest

from app.container import Container
from app.services.word import spreading
from domain.errors import Unavailable
from workers.spreading import spread_forever

NEVER = 3600.0


async def test_it_looks_at_once_while_there_are_more_rests_when_not_and_goes_on_after_failures(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[int | Exception] = [200, 3, 0, Unavailable(), ValueError("defect"), 1, 0]
    looks = 0
    rested, done = asyncio.Event(), asyncio.Event()

    async def spread(_container: Container) -> int:
        nonlocal looks
        answer = answers[looks]
        looks += 1
        if looks == 3:
            rested.set()
        if looks == len(answers):
            done.set()
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(spreading, "spread", spread)
    for every_seconds, event in ((NEVER, rested), (0.0, done)):
        loop = asyncio.create_task(spread_forever(container, every_seconds))
        try:
            async with asyncio.timeout(10):
                await event.wait()
            await asyncio.sleep(0)
            assert not loop.done()
        finally:
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)
        if event is rested:
            assert looks == 3
