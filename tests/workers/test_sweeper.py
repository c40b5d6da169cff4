"""The sweeper looks again at once while there is more, goes on after a failure, and forgives a case."""

import asyncio
from collections.abc import Callable, Collection
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from app.container import Container
from app.services import delivery_records
from app.services.referrals import sweeps
from app.services.referrals.sweeps import Swept
from domain.errors import Unavailable
from tests.support.clock import Clock
from workers import sweeper
from workers.sweeper import watch_clocks, watch_figures

NEVER = 3600.0


class Looks:
    """Stands for the service: answers as told, and keeps what was asked of it."""

    def __init__(self, *answers: Swept | Exception | Callable[[], Swept]) -> None:
        self.answers = list(answers)
        self.put_off: list[set[UUID]] = []
        self.done = asyncio.Event()

    async def sweep(self, _container: Container, put_off: Collection[UUID] = ()) -> Swept:
        """One look."""
        self.put_off.append(set(put_off))
        answer = self.answers.pop(0)
        if not self.answers:
            self.done.set()
            self.answers.append(Swept(0, more=False))
        if isinstance(answer, Exception):
            raise answer
        return answer() if callable(answer) else answer


async def watched(
    container: Container, looks: Looks, monkeypatch: pytest.MonkeyPatch, every_seconds: float
) -> None:
    """Lets the loop run until it has had all answers."""
    monkeypatch.setattr(sweeps, "sweep", looks.sweep)
    loop = asyncio.create_task(watch_clocks(container, every_seconds))
    try:
        async with asyncio.timeout(10):
            await looks.done.wait()
        await asyncio.sleep(0)
        assert not loop.done()
    finally:
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)


async def test_it_looks_at_once_while_batches_come_full_and_rests_when_they_do_not(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Swept(100, more=True)
    looks = Looks(full, full, Swept(3, more=False))
    await watched(container, looks, monkeypatch, NEVER)
    assert len(looks.put_off) == 3


async def test_it_goes_on_after_failures_and_leaves_a_bad_case_alone_for_a_minute(
    container: Container, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = uuid4()

    def a_minute_later() -> Swept:
        clock.turn(timedelta(minutes=1))
        return Swept(0, more=False)

    looks = Looks(
        ValueError("defect"),
        Unavailable(),
        # Nothing could be done, so that there is no hurry although there is more.
        Swept(0, more=True, failed=[bad]),
        Swept(0, more=False),
        a_minute_later,
        Swept(0, more=False),
    )
    with capture_logs() as logs:
        await watched(container, looks, monkeypatch, 0.01)
    assert looks.put_off[:6] == [set(), set(), set(), {bad}, {bad}, set()]
    told = [log["event"] for log in logs if "clocks" in log["event"]]
    assert told == ["clocks failed", "clocks put off"]


async def test_figures_are_looked_at_again_after_a_failure(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = []
    again = asyncio.Event()

    async def tell_stale(_container: Container) -> int:
        looked.append(1)
        if len(looked) == 3:
            again.set()
        if len(looked) < 3:
            raise [Unavailable(), ValueError("defect")][len(looked) - 1]
        return 1

    monkeypatch.setattr(sweeps, "tell_stale", tell_stale)
    with capture_logs() as logs:
        loop = asyncio.create_task(watch_figures(container, 0.01))
        async with asyncio.timeout(10):
            await again.wait()
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)
    told = [log["event"] for log in logs if log.get("about") == "stale figures"]
    assert told[:2] == ["figures put off", "figures failed"]


async def test_records_of_delivering_are_counted_each_hour_and_again_after_a_failure(
    container: Container, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = 0
    counted: list[int] = []
    done = asyncio.Event()

    async def tell_stale(_container: Container) -> int:
        nonlocal looked
        looked += 1
        if looked in (6, 9):
            clock.turn(timedelta(minutes=30))
        if looked == 12:
            done.set()
        return 0

    async def count_anew(_container: Container) -> int:
        counted.append(looked)
        if len(counted) == 1:
            raise ValueError("defect")
        return 1

    monkeypatch.setattr(sweeps, "tell_stale", tell_stale)
    monkeypatch.setattr(delivery_records, "count_anew", count_anew)
    with capture_logs() as logs:
        loop = asyncio.create_task(watch_figures(container, 0.001))
        async with asyncio.timeout(10):
            await done.wait()
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)
    assert counted == [1, 2, 9]
    told = [log["event"] for log in logs if log.get("about") == "delivery records"]
    assert told == ["figures failed", "figures", "figures"]


async def test_the_clocks_do_not_wait_for_a_board_that_never_comes(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeper, "_BOARD_SECONDS", 0.01)
    container.board.regions.clear()
    looks = Looks(Swept(0, more=False))
    with capture_logs() as logs:
        await watched(container, looks, monkeypatch, NEVER)
    assert logs[0]["event"] == "watching the clocks without a board"
