"""The hours that a location has had: kept whenever they change, and never otherwise."""

from typing import Any

import httpx

from tests.factories.world import World
from tests.support.serving import Serving

HOURS = {"ma": [["08:30", "17:00"]]}


async def _put(
    http: httpx.AsyncClient, served: World, version: int, **differs: Any
) -> httpx.Response:
    body = {
        "name": "De Linde",
        "address": "Lindelaan 1",
        "postcode": "2725",
        "place": "Zoetermeer",
        **differs,
    }
    return await http.put(
        f"/v1/locations/{served.location_id}",
        json=body,
        headers={"if-match": f'"{version}"'},
    )


async def test_what_hours_a_location_has_had_can_be_looked_back_at(
    api: Serving, served: World
) -> None:
    async with api.client(served.operator.key) as operator:
        assert (await _put(operator, served, 1, intake_hours=HOURS)).status_code == 200
        moved = await _put(operator, served, 2, intake_hours=HOURS, place="Den Haag")
        assert moved.status_code == 200
        assert (await _put(operator, served, 3)).status_code == 200
    await served.settled()
    path = f"/v1/locations/{served.location_id}/hours-history"
    async with api.client(served.provider.key) as provider:
        first = (await provider.get(path, params={"limit": 2})).json()
        after = {"limit": 2, "cursor": first["next_cursor"]}
        second = (await provider.get(path, params=after)).json()
    kept = [(item["version"], bool(item["intake_hours"])) for item in first["items"]]
    # Another place says nothing of hours, so its version isn't in the list.
    assert kept == [(4, False), (2, True)]
    assert first["items"][1]["intake_hours"]["ma"] == [["08:30", "17:00"]]
    assert first["items"][0]["set_by"] == str(served.operator.key_id)
    assert [item["version"] for item in second["items"]] == [1]
    assert second["next_cursor"] is None
