"""The registers over HTTP: what there is, a page at a time, and by what it is asked for."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from app.services import locations, pools
from domain.capacity import Figures
from domain.care_types import CareType
from domain.errors import Code
from tests.factories.world import World, counts, make_location, make_pool
from tests.support.calls import check_problem
from tests.support.clock import Clock
from tests.support.serving import Serving

NINE = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)


@pytest.fixture
async def client(api: Serving, served: World) -> AsyncIterator[httpx.AsyncClient]:
    """The coordination point."""
    async with api.client(served.coordinator.key) as client:
        yield client


async def test_care_types_and_regions_are_the_whole_lists(client: httpx.AsyncClient) -> None:
    care_types = (await client.get("/v1/care-types")).json()
    assert [care_type["code"] for care_type in care_types] == [c.value for c in CareType]
    (mfb,) = [care_type for care_type in care_types if care_type["code"] == "mfb"]
    assert mfb["label"] == "multifunctioneel bed"
    assert (mfb["has_places"], mfb["counted_by_bed"]) == (True, True)
    assert [c["code"] for c in care_types if not c["has_places"]] == [
        "wijkverpleging",
        "spoedconsult-so",
    ]
    regions = (await client.get("/v1/regions")).json()
    assert [(region["id"], region["code"]) for region in regions] == [
        (0, "landelijk"),
        (1, "regio-1"),
    ]


async def test_organisations_and_locations_are_those_of_the_region(
    client: httpx.AsyncClient, served: World
) -> None:
    organisations = (await client.get("/v1/organisations")).json()["items"]
    expected = [served.coordinator, served.provider, served.other, served.operator]
    assert {o["agb"] for o in organisations} == {party.agb for party in expected}
    (location,) = (await client.get("/v1/locations")).json()["items"]
    assert location["id"] == str(served.location_id)
    assert location["organisation_id"] == str(served.provider.organisation_id)
    assert (location["postcode"], location["gemeente"]) == ("2725", "0637")


async def test_a_register_is_read_page_by_page_and_each_item_once(
    client: httpx.AsyncClient, served: World
) -> None:
    made = {str(served.pool_id)}
    made |= {str(await make_pool(served.container, served.location_id)) for _ in range(6)}
    await served.settled()
    seen: list[str] = []
    cursor, pages = None, 0
    while cursor is not None or not pages:
        params = {"limit": "3", **({"cursor": cursor} if cursor else {})}
        page = (await client.get("/v1/pools", params=params)).json()
        assert len(page["items"]) <= 3
        seen += [pool["id"] for pool in page["items"]]
        cursor, pages = page["next_cursor"], pages + 1
    assert (sorted(made), len(seen), pages) == (seen, 7, 3)


async def test_pools_are_found_by_owner_and_care_type(
    client: httpx.AsyncClient, served: World
) -> None:
    grz = await make_pool(served.container, served.location_id, CareType.GRZ, CareType.ELV_HOOG)
    await served.settled()

    async def found(**params: object) -> set[str]:
        answer = await client.get("/v1/pools", params={n: str(v) for n, v in params.items()})
        return {pool["id"] for pool in answer.json()["items"]}

    assert await found(care_type="grz") == {str(grz)}
    assert await found(care_type="elv-laag") == {str(served.pool_id)}
    assert await found(care_type="hospice") == set()
    assert await found(organisation_id=served.provider.organisation_id) == {
        str(grz),
        str(served.pool_id),
    }
    assert await found(organisation_id=served.other.organisation_id) == set()


async def test_a_pool_shows_its_figures_and_how_far_they_may_be_believed(
    client: httpx.AsyncClient, served: World, clock: Clock
) -> None:
    path = f"/v1/pools/{served.pool_id}"
    never = await client.get(path)
    assert never.headers["etag"] == '"0"'
    assert never.json()["capacity"]["freshness"] == "nooit-gemeld"
    clock.set(NINE)
    receipt = await served.report(counts(10, 8))
    fresh = await client.get(path, params={"min_position": str(receipt.position)})
    assert fresh.json()["capacity"]["freshness"] == "vers"
    assert receipt.valid_until is not None
    clock.set(receipt.valid_until + timedelta(seconds=1))
    stale = await client.get(path)
    assert stale.json()["capacity"]["freshness"] == "onbevestigd"
    # The time to live passes without anybody writing: version and figures are as they were.
    assert stale.headers["etag"] == '"1"'
    assert stale.json()["capacity"]["free"] == 2


async def test_a_position_that_is_not_reached_within_a_second_is_not_yet_there(
    client: httpx.AsyncClient, served: World
) -> None:
    receipt = await served.report(Figures(free=1))
    position = receipt.position
    ahead = f"{position.region_id}:{position.epoch}:{position.number + 1}:{position.tag:08x}"
    answer = await client.get("/v1/pools", params={"min_position": ahead})
    check_problem(answer, 503, Code.NOT_YET_THERE)
    assert answer.headers["retry-after"] == "1"


async def test_what_was_ended_is_shown_to_who_asks_for_it(
    client: httpx.AsyncClient, served: World
) -> None:
    kept = await make_pool(served.container, served.location_id)
    await pools.close_pool(served.container, None, served.pool_id)
    there = await make_location(served.container, served.provider)
    await locations.close_location(served.container, None, there)
    await served.settled()

    async def found(path: str, **params: str) -> set[str]:
        answer = await client.get(f"/v1/{path}", params=params)
        return {item["id"] for item in answer.json()["items"]}

    ended, both = str(served.pool_id), {str(served.pool_id), str(kept)}
    assert await found("pools") == {str(kept)}
    assert await found("pools", status="ended") == {ended}
    assert await found("pools", status="all") == both
    assert await found("locations") == {str(served.location_id)}
    assert await found("locations", status="ended") == {str(there)}
    assert await found("organisations", status="ended") == set()


async def test_registers_are_found_by_kind_gemeente_and_location(
    client: httpx.AsyncClient, served: World
) -> None:
    async def found(path: str, **params: str) -> list[str]:
        answer = await client.get(f"/v1/{path}", params=params)
        return [item["id"] for item in answer.json()["items"]]

    points = await found("organisations", kind="coordination-point")
    assert points == [str(served.coordinator.organisation_id)]
    assert await found("locations", gemeente="0637") == [str(served.location_id)]
    assert await found("locations", gemeente="0518") == []
    owner = str(served.provider.organisation_id)
    assert await found("locations", organisation_id=owner) == [str(served.location_id)]
    assert await found("pools", gemeente="0637") == [str(served.pool_id)]
    assert await found("pools", gemeente="0518") == []
    assert await found("pools", location_id=str(served.location_id)) == [str(served.pool_id)]
    assert await found("pools", location_id=owner) == []


@pytest.mark.parametrize("path", ["organisations", "locations", "regions"])
async def test_one_is_read_with_its_version(
    client: httpx.AsyncClient, served: World, path: str
) -> None:
    ids = {
        "organisations": served.provider.organisation_id,
        "locations": served.location_id,
        "regions": 1,
    }
    answer = await client.get(f"/v1/{path}/{ids[path]}")
    assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')
    assert answer.json()["id"] == (ids[path] if path == "regions" else str(ids[path]))
