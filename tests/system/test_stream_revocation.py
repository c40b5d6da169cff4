"""A revoked key opens nothing in any process, and what it had open there ends; without Valkey too."""

import asyncio
import time

import pytest

from app.live.closing import Close
from app.settings import Settings
from tests.factories.world import World, counts
from tests.support.server_sent import event_source
from tests.support.serving import Serving, api_processes
from tests.support.sockets import ending, ending_of, subscribe

#: Without Valkey a process hears of a revocation at its next poll: a second, and room for a busy machine.
SECONDS = {"alive": 1.5, "dead": 3.0}


async def refused_within(elsewhere: Serving, key: str, seconds: float) -> None:
    """The key stops working in a process that remembers it."""
    async with elsewhere.client(key) as client, asyncio.timeout(seconds):
        while (await client.get("/v1/snapshot")).status_code != 401:
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("valkey", ["alive", "dead"])
async def test_a_key_revoked_in_one_process_ends_in_another(
    settings: Settings, world: World, valkey: str
) -> None:
    redis = {"REDIS_URL": "redis://127.0.0.1:1/0"} if valkey == "dead" else {}
    key = world.other.key
    async with (
        api_processes(settings, 2, **redis) as (here, elsewhere),
        here.client(world.operator.key) as operator,
        elsewhere.client(key) as client,
        elsewhere.subscribe(key) as subscriber,
        elsewhere.subscribe(world.provider.key) as kept,
        event_source(elsewhere, key) as source,
    ):
        assert (await client.get("/v1/snapshot")).status_code == 200
        await subscriber.until("snapshot")
        await kept.until("snapshot")
        await source.until("snapshot")
        answer = await operator.post(f"/v1/keys/{world.other.key_id}/revocation")
        assert answer.status_code == 204
        revoked_at = time.perf_counter()
        await refused_within(elsewhere, key, SECONDS[valkey])
        async with asyncio.timeout(SECONDS[valkey]):
            ended = await ending(subscriber.ws)
            assert await source.receive() is None
        assert (ended.code, ended.reason) == (Close.REVOKED, "revoked")
        assert time.perf_counter() - revoked_at < SECONDS[valkey]
        for process in (here, elsewhere):
            assert (await ending_of(process, subscribe(key))).code == Close.NOT_SIGNED_IN
        receipt = await world.report(counts(5, 2))
        await kept.until_number(receipt.position.number)
