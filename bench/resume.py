"""resume_10000: a subscriber that missed 10,000 events catches up, against reading those rows from PostgreSQL."""

import time

import asyncpg

from bench.clients.gathering import Gathering
from bench.clients.reporter import Providers
from bench.figures import Figure, alternately
from bench.region import fill
from bench.stage import Stage

_EVENTS = 10_000
_POOLS = 96
_ROUNDS = 5
_ROWS = """
SELECT epoch, number, tag, kind, subject_id, at, data FROM event
WHERE region_id = $1 AND number > $2 ORDER BY number
"""


async def resume(stage: Stage) -> list[Figure]:
    """From connecting until the last event, over WebSocket."""
    database = await stage.database("resume")
    region = await fill(database, pools=_POOLS)
    with stage.api(database) as api:
        async with (
            Providers(api.port, region.reporter, region.pools, 16) as providers,
            Gathering(api.port) as subscriber,
        ):
            seen = await providers.count(1)
            head = (await providers.count(_EVENTS)).last
            reader = await asyncpg.connect(database.url)

            async def over_websocket() -> float:
                seconds = await subscriber.connect(
                    1,
                    mode="resume",
                    first=region.subscription(after=seen.position),
                    after=seen.last,
                    until=head,
                )
                await subscriber.drop()
                return seconds * 1000

            async def from_postgresql() -> float:
                started = time.perf_counter()
                rows = await reader.fetch(_ROWS, region.id, seen.last)
                took = time.perf_counter() - started
                assert len(rows) == head - seen.last
                return took * 1000

            try:
                runs, reference_runs = await alternately(_ROUNDS, over_websocket, from_postgresql)
            finally:
                await reader.close()
    return [Figure("resume_10000", "ms", runs, reference_runs)]
