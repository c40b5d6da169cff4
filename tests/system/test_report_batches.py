"""A process that is killed in the middle of many reports: what was committed stands, once."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from app.settings import Settings
from tests.factories.world import World
from tests.support.batching import new_pools
from tests.support.database import Database
from tests.support.queueing import events_of
from tests.support.serving import api_process
from tests.support.trouble import holding_pool, until

NDJSON = {"content-type": "application/x-ndjson"}


async def test_after_a_kill_between_chunks_sending_all_again_completes_it(
    settings: Settings, world: World, database: Database
) -> None:
    pools = await new_pools(database, world, 1200)
    observed_at = datetime.now(UTC).isoformat()
    body = "\n".join(
        json.dumps({"pool_id": str(pool), "operable": 9, "occupied": 5, "observed_at": observed_at})
        for pool in pools
    )

    async def two_chunks() -> bool:
        return await events_of(database, pools) >= 1000

    async with api_process(settings) as server:
        assert server.process is not None
        async with server.client(world.provider.key) as client, holding_pool(database, pools[-1]):
            sending = asyncio.create_task(
                client.post("/v1/reports", content=body, headers=NDJSON, timeout=60)
            )
            await until(two_chunks, 30)
            server.process.kill()
            server.process.wait()
            with pytest.raises(httpx.TransportError):
                await sending
    assert await events_of(database, pools) == 1000

    async with api_process(settings) as server, server.client(world.provider.key) as client:
        answer = await client.post("/v1/reports", content=body, headers=NDJSON, timeout=60)
    results: list[Any] = [json.loads(line) for line in answer.text.splitlines()]
    said = [result["receipt"]["outcome"] for result in results]
    assert said == ["repeated"] * 1000 + ["accepted"] * 200
    assert await events_of(database, pools) == 1200
    assert await database.value("SELECT count(*) FROM pool_report") == 1200
