"""report_ndjson: reports a second that feeds bring in as NDJSON, against pgbench doing them one by one."""

import asyncio
import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import httpx

from bench.figures import Figure, Target, alternately
from bench.region import Region, fill
from bench.stage import Database, Stage

_POOLS = 2_000
_FEEDS = 4
_CLIENTS = 16
_ROUNDS = 5
_SECONDS = 3
_SCRIPT = Path(__file__).parent / "reference" / "upsert_event.sql"
_LINE = (
    '{"pool_id":"%s","observed_at":"@@@","physical":30,"operable":28,"occupied":%d,"planned":1,'
    '"closed":0}\n'
)


async def report_ndjson(stage: Stage) -> list[Figure]:
    """Four feeds that each send all their pools at once, again and again."""
    ours = await stage.database("report_ndjson")
    region = await fill(ours, pools=_POOLS)
    theirs = await stage.database("upsert_event")
    await _number(theirs, await fill(theirs, pools=_POOLS, reported=True))
    with stage.api(ours) as api:
        feeds = [_Feed(api.port, region, n) for n in range(_FEEDS)]
        try:
            await _items_per_second(feeds, 1.0)
            runs, reference_runs = await alternately(
                _ROUNDS,
                lambda: _items_per_second(feeds, _SECONDS),
                lambda: _transactions_per_second(stage, theirs),
            )
        finally:
            for feed in feeds:
                await feed.close()
    return [
        Figure("report_ndjson", "per s", runs, reference_runs, Target("ratio", "at least", 3.0))
    ]


class _Feed:
    """Sends the reports of its quarter of the pools, each time newer."""

    def __init__(self, port: int, region: Region, number: int) -> None:
        mine = region.pools[number::_FEEDS]
        self._body = "".join(_LINE % (pool, n % 28) for n, pool in enumerate(mine))
        self._size = len(mine)
        self._last = datetime.now(UTC) - timedelta(hours=1)
        self._http = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}",
            headers={
                "authorization": f"Bearer {region.reporter}",
                "content-type": "application/x-ndjson",
            },
            timeout=60,
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def send_until(self, deadline: float) -> int:
        """How many items were accepted until then."""
        accepted = 0
        while time.perf_counter() < deadline:
            self._last = max(datetime.now(UTC), self._last + timedelta(microseconds=1))
            body = self._body.replace("@@@", self._last.isoformat())
            answer = await self._http.post("/v1/reports", content=body)
            if answer.status_code != 200 or answer.content.count(b'"accepted"') != self._size:
                raise AssertionError(f"{answer.status_code}: {answer.text[:500]}")
            accepted += self._size
        return accepted


async def _items_per_second(feeds: Sequence[_Feed], seconds: float) -> float:
    started = time.perf_counter()
    sent = await asyncio.gather(*(feed.send_until(started + seconds) for feed in feeds))
    return sum(sent) / (time.perf_counter() - started)


async def _number(database: Database, region: Region) -> None:
    """Numbers the pools, since pgbench can draw a number and no id."""
    connection = await asyncpg.connect(database.owner_url)
    try:
        await connection.execute("CREATE TABLE bench_pool (number int PRIMARY KEY, id uuid)")
        await connection.executemany(
            "INSERT INTO bench_pool VALUES ($1, $2)", list(enumerate(region.pools, start=1))
        )
        await connection.execute("GRANT SELECT ON bench_pool TO verkeerstoren_app")
        await connection.execute("VACUUM ANALYZE bench_pool")
    finally:
        await connection.close()


async def _transactions_per_second(stage: Stage, database: Database) -> float:
    pgbench = await asyncio.create_subprocess_exec(
        stage.pgbench,
        *("--no-vacuum", "--protocol=prepared", f"--client={_CLIENTS}", f"--time={_SECONDS}"),
        *(f"--define=pools={_POOLS}", f"--file={_SCRIPT}", database.url),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output = (await pgbench.communicate())[0].decode()
    rate = re.search(r"tps = ([0-9.]+)", output)
    if rate is None or "aborted" in output:
        raise AssertionError(f"pgbench: {output}")
    return float(rate[1])
