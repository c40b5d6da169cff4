"""Scenario 5, its first half: a promise of places that nobody confirms, and a call that restores it."""

from datetime import timedelta
from typing import Any

import httpx
from httpx import codes

from tests.factories.clock import amsterdam
from tests.factories.world import World
from tests.support.clock import Clock
from tests.support.serving import Serving

THURSDAY = amsterdam("2026-11-26T14:30:00")


async def found(client: httpx.AsyncClient, position: str | None = None) -> dict[str, Any]:
    """Who can take somebody for eerstelijnsverblijf."""
    asked = {"care_type": "elv-laag"} | ({"min_position": position} if position else {})
    answer = await client.get("/v1/availability", params=asked)
    assert answer.status_code == codes.OK, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_three_free_on_thursday_are_not_believed_on_sunday_until_somebody_phones(
    api: Serving, world: World, clock: Clock
) -> None:
    pool = f"/v1/pools/{world.pool_id}"
    async with (
        api.client(world.provider.key) as provider,
        api.client(world.coordinator.key) as coordinator,
    ):
        clock.set(THURSDAY)
        posted = await provider.put(f"{pool}/report", json={"free": 3})
        assert posted.status_code == codes.OK
        answer = await found(coordinator, posted.json()["position"])
        assert [item["free"] for item in answer["items"]] == [3]
        assert answer["items"][0]["freshness"] == "vers"

        clock.set(THURSDAY + timedelta(days=3))
        shown = (await coordinator.get(pool)).json()["capacity"]
        assert (shown["freshness"], shown["free"]) == ("onbevestigd", 3)
        answer = await found(coordinator)
        assert answer["items"] == []

        told = {"free": 2, "note": "gebeld met de dienstdoende verpleegkundige"}
        phoned = await coordinator.put(f"{pool}/report", json=told)
        assert phoned.status_code == codes.OK
        answer = await found(coordinator, phoned.json()["position"])
        (item,) = answer["items"]
        assert (item["free"], item["source"], item["freshness"]) == (2, "phone", "vers")

        past = (await coordinator.get(f"{pool}/reports")).json()["items"]
        assert [(report["source"], report["free"]) for report in past] == [("phone", 2), ("api", 3)]
        assert past[0]["note"] == told["note"]
