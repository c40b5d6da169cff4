"""A report posted to one process appears on a socket of another, and nothing can make it get lost."""

import pytest

from app.container import Container
from app.settings import Settings
from tests.factories.world import World
from tests.support.serving import api_process, number_of


@pytest.mark.parametrize("valkey", ["alive", "dead"])
async def test_report_to_one_process_reaches_a_socket_of_another(
    settings: Settings, container: Container, world: World, valkey: str
) -> None:
    redis = {"REDIS_URL": "redis://127.0.0.1:1/0"} if valkey == "dead" else {}
    async with (
        api_process(settings, **redis) as a,
        api_process(settings, **redis) as b,
        a.client(world.provider.key) as client,
        b.subscribe(world.coordinator.key) as subscriber,
    ):
        await subscriber.until("snapshot")
        answer = await client.put(
            f"/v1/pools/{world.pool_id}/report",
            json={"operable": 10, "occupied": 8, "planned": 1},
        )
        assert answer.status_code == 200
        await subscriber.until_number(number_of(answer.json()["position"]))
        state = subscriber.subjects["capacity", str(world.pool_id)]
        assert (state["free"], state["balance"], state["version"]) == (1, 1, 1)
        assert subscriber.position == answer.json()["position"]
