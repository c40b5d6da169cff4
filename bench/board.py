"""board_mb_20000: what 20,000 pools add to the memory of an API process."""

import asyncio

from bench.figures import Figure, Target
from bench.region import fill
from bench.stage import Database, Stage

_POOLS = 20_000
_ROUNDS = 3
_SETTLE_SECONDS = 1.5


async def board(stage: Stage) -> list[Figure]:
    """Growth over a process whose board is empty; every pool has reported."""
    empty, full = await stage.database("board_empty"), await stage.database("board_full")
    await fill(empty, pools=0)
    await fill(full, pools=_POOLS, reported=True)
    runs: list[float] = []
    reference_runs: list[float] = []
    for _ in range(_ROUNDS):
        without = await _memory_mb(stage, empty)
        runs.append(await _memory_mb(stage, full) - without)
        reference_runs.append(without)
    return [Figure("board_mb_20000", "MB", runs, reference_runs, Target("value", "at most", 400))]


async def _memory_mb(stage: Stage, database: Database) -> float:
    with stage.api(database) as api:
        await asyncio.sleep(_SETTLE_SECONDS)
        return api.memory_kb / 1024
