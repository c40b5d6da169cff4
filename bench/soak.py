"""`python -m bench.soak`: does a board that stays open, or the process that feeds it, keep what it should forget?

36,000 reports land in a few minutes, as many as twenty a second bring in half an hour. After each
part the page's garbage is collected and counted. Exits with 1 when something grew by more than its bound, when
the page missed a report, or when its console told of an error.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import uvloop
from playwright.async_api import CDPSession
from rich.console import Console
from rich.table import Table

from bench.board_region import BoardRegion, fill_board
from bench.clients.screens import Screen, windows
from bench.processes import Server
from bench.stage import Stage

_UPDATES = 36_000
#: Reports a request: the page gets what they change at its next tick.
_BATCH = 500
_PARTS = 6
#: Counting begins when every row was replaced twice: what is kept for each row once is there by then.
_WARM_UP = 4_000
_PATIENCE_SECONDS = 60
_LINE = '{"pool_id":"%s","observed_at":"%s","physical":30,"operable":28,"occupied":%d,"planned":1,"closed":0}\n'
#: What a row says that is new is taken away after a minute; nothing may hang on it then.
_LIT_SECONDS = 61


@dataclass(frozen=True, slots=True)
class Count:
    """What is held after so many updates. Memory in MB."""

    updates: int
    page_heap: float
    nodes: float
    listeners: float
    server: float


#: How much each may grow from the first count to the last, in its own unit.
_BOUNDS = {"page_heap": 2.0, "nodes": 3_000.0, "listeners": 50.0, "server": 25.0}


async def soak() -> Sequence[Count]:
    """Raises AssertionError when the page missed something or an error was told in its console."""
    async with Stage(Path("var") / "soak") as stage:
        database = await stage.database("soak")
        board = await fill_board(database)
        with stage.api(database) as api:
            async with windows() as browsers, _reporter(api, board) as reporter:
                screen = await Screen.open(browsers, api.port, board.session)
                await screen.show_board()
                devtools = await screen.page.context.new_cdp_session(screen.page)
                await devtools.send("Performance.enable")
                feed = _Feed(reporter, board.region.pools, screen)
                await feed.send(_WARM_UP)
                counts = [await _count(0, devtools, api)]
                for part in range(1, _PARTS + 1):
                    await feed.send(_UPDATES // _PARTS)
                    counts.append(await _count(part * _UPDATES // _PARTS, devtools, api))
                return counts


def _reporter(api: Server, board: BoardRegion) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{api.port}",
        headers={
            "authorization": f"Bearer {board.region.reporter}",
            "content-type": "application/x-ndjson",
        },
        timeout=_PATIENCE_SECONDS,
    )


class _Feed:
    """Reports on all pools in turn, each time another figure, and waits until the page shows it."""

    def __init__(self, reporter: httpx.AsyncClient, pools: Sequence[str], screen: Screen) -> None:
        self._reporter = reporter
        self._pools = pools
        self._screen = screen
        self._sent = 0

    async def send(self, updates: int) -> None:
        """So many reports, as fast as the page follows."""
        for _ in range(0, updates, _BATCH):
            now = datetime.now(UTC).isoformat()
            numbers = range(self._sent, self._sent + _BATCH)
            batch = [(self._pools[n % len(self._pools)], self._occupied(n)) for n in numbers]
            body = "".join(_LINE % (pool, now, occupied) for pool, occupied in batch)
            await self._screen.forget()
            answer = await self._reporter.post("/v1/reports", content=body)
            if answer.status_code != 200 or answer.content.count(b'"accepted"') != _BATCH:
                raise AssertionError(f"{answer.status_code}: {answer.text[:500]}")
            self._sent += _BATCH
            await self._screen.having_seen({pool for pool, _ in batch})

    def _occupied(self, number: int) -> int:
        """Another one at each round, so that every row really changes."""
        return 10 + (number // len(self._pools)) % 16


async def _count(updates: int, devtools: CDPSession, api: Server) -> Count:
    await asyncio.sleep(_LIT_SECONDS)
    # What the first collection frees may have held more.
    for _ in range(3):
        await devtools.send("HeapProfiler.collectGarbage")
    told = await devtools.send("Performance.getMetrics")
    held = {metric["name"]: metric["value"] for metric in told["metrics"]}
    return Count(
        updates,
        held["JSHeapUsedSize"] / 1e6,
        held["Nodes"],
        held["JSEventListeners"],
        api.memory_kb / 1000,
    )


def _report(counts: Sequence[Count]) -> Sequence[str]:
    """Prints the counts; what grew too much."""
    table = Table("updates", "page heap MB", "DOM nodes", "listeners", "server MB")
    for count in counts:
        table.add_row(*(f"{value:,.1f}".removesuffix(".0") for value in astuple(count)))
    table.add_section()
    table.add_row("may grow by", *(f"{bound:g}" for bound in _BOUNDS.values()))
    Console().print(table)
    first, last = counts[0], counts[-1]
    grown = {name: getattr(last, name) - getattr(first, name) for name in _BOUNDS}
    return [f"{n} grew by {grown[n]:.1f}" for n, most in _BOUNDS.items() if grown[n] > most]


if __name__ == "__main__":
    if wrong := _report(uvloop.run(soak())):
        sys.exit("\n".join(wrong))
