"""board_update: from sending a report until its row is on a screen, against the time of the request itself."""

import asyncio
import time
from collections.abc import Sequence
from statistics import median, quantiles

import orjson

from bench.board_region import fill_board
from bench.clients.reporter import Connection, Providers
from bench.clients.screens import Screen, windows
from bench.figures import Figure, Target
from bench.stage import Stage

_ROUNDS = 3
_REPORTS = 160
#: Seconds between reports: twenty a second.
_PACE = 0.05


async def board_update(stage: Stage) -> list[Figure]:
    """Median and 95th percentile; the screen must have seen every report."""
    database = await stage.database("board_update")
    board = await fill_board(database)
    region = board.region
    with stage.api(database) as api:
        async with (
            Providers(api.port, region.reporter, region.pools, 4) as providers,
            windows() as browsers,
        ):
            screen = await Screen.open(browsers, api.port, board.session)
            await screen.show_board()
            await _round(providers, screen)
            rounds = [await _round(providers, screen) for _ in range(_ROUNDS)]
    requests = [median(requests) for _, requests in rounds]
    # The commit lies between sending and the answer: so this is a little more than what is asked.
    typical = Target("value", "at most", 200)
    return [
        Figure("board_update", "ms", [median(t) for t, _ in rounds], requests, typical),
        Figure("board_update_p95", "ms", [_p95(t) for t, _ in rounds], requests),
    ]


def _p95(times: Sequence[float]) -> float:
    return quantiles(times, n=20)[-1]


async def _round(providers: Providers, screen: Screen) -> tuple[list[float], list[float]]:
    """Milliseconds until each report was on the screen, and until each was answered."""
    await screen.forget()
    sent: dict[str, float] = {}
    requests: list[float] = []
    began = time.monotonic()

    async def provide(connection: Connection, first: int) -> None:
        for turn in range(first, _REPORTS, len(providers.connections)):
            await asyncio.sleep(max(0.0, began + turn * _PACE - time.monotonic()))
            started = time.time()
            answer = await connection.report_once()
            requests.append((time.time() - started) * 1000)
            sent[orjson.loads(answer)["pool_id"]] = started

    await asyncio.gather(*(provide(c, first) for first, c in enumerate(providers.connections)))
    seen = await screen.having_seen(sent.keys())
    return [(seen[pool] - at) * 1000 for pool, at in sent.items()], requests
