"""What is asked at the same time is done together, and each hears what became of its own."""

import asyncio
from collections.abc import Sequence

import pytest

from app.combiner import Combiner
from domain.errors import OutcomeUnknown, Overloaded


class Doubling:
    """Doubles numbers, a run at a time when `go` lets it; notes what each run was given."""

    def __init__(self) -> None:
        self.runs: list[list[int]] = []
        self.go = asyncio.Event()

    async def run(self, numbers: Sequence[int]) -> Sequence[int | Exception]:
        self.runs.append(list(numbers))
        await self.go.wait()
        if 13 in numbers:
            raise RuntimeError("thirteen")
        return [ValueError(number) if number < 0 else 2 * number for number in numbers]


async def asked(combiner: Combiner[int, int], doubling: Doubling, number: int) -> asyncio.Task[int]:
    """A question that is under way."""
    task = asyncio.create_task(combiner.submit(number, doubling.run))
    await asyncio.sleep(0.01)
    return task


async def test_what_is_asked_meanwhile_is_one_run_in_order_and_no_larger_than_allowed() -> None:
    combiner, doubling = Combiner[int, int](3, 100), Doubling()
    tasks = [await asked(combiner, doubling, number) for number in range(6)]
    doubling.go.set()
    assert await asyncio.gather(*tasks) == [0, 2, 4, 6, 8, 10]
    assert doubling.runs == [[0], [1, 2, 3], [4, 5]]
    # And again, after a pause.
    assert await combiner.submit(9, doubling.run) == 18


async def test_one_that_is_refused_holds_up_nobody_and_a_run_that_fails_only_its_own() -> None:
    combiner, doubling = Combiner[int, int](2, 100), Doubling()
    tasks = [await asked(combiner, doubling, number) for number in (1, -2, 3, 13, 5, 6)]
    doubling.go.set()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert found[0] == 2
    assert isinstance(found[1], ValueError)
    assert found[2] == 6
    assert isinstance(found[3], RuntimeError)
    assert isinstance(found[4], RuntimeError)
    assert found[5] == 12
    assert doubling.runs == [[1], [-2, 3], [13, 5], [6]]


async def test_who_hangs_up_before_its_run_is_not_in_it() -> None:
    combiner, doubling = Combiner[int, int](10, 100), Doubling()
    tasks = [await asked(combiner, doubling, number) for number in (1, 2, 3)]
    tasks[0].cancel()
    tasks[1].cancel()
    doubling.go.set()
    assert await tasks[2] == 6
    assert doubling.runs == [[1], [3]]


async def test_when_too_many_wait_the_next_is_told_to_come_back() -> None:
    combiner, doubling = Combiner[int, int](1, 2), Doubling()
    tasks = [await asked(combiner, doubling, number) for number in (1, 2, 3)]
    with pytest.raises(Overloaded):
        await combiner.submit(4, doubling.run)
    doubling.go.set()
    assert await asyncio.gather(*tasks) == [2, 4, 6]


async def test_at_the_end_everybody_hears_that_nobody_knows() -> None:
    combiner, doubling = Combiner[int, int](1, 100), Doubling()
    tasks = [await asked(combiner, doubling, number) for number in (1, 2)]
    await combiner.close()
    for task in tasks:
        with pytest.raises(OutcomeUnknown):
            await task
