"""The registers over HTTP: what there is, a page at a time."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from app.services.registers import create_region
from domain.actors import Role
from domain.capacity import Figures
from domain.care_types import CareType
from domain.errors import Code
from domain.identifiers import RegionId
from tests.factories.world import World, counts, make_party, make_pool
from tests.support.calls import check_problem, everything
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.serving import Serving

NINE = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)


@pytest.fixture
async def client(api: Serving, served: World) -> AsyncIterator[httpx.AsyncClient]:
    """The coordination point."""
    async with api.client(served.coordinator.key) as client:
        yield client


@pytest.fixture
async def operator(api: Serving, served: World) -> AsyncIterator[httpx.AsyncClient]:
    """Who keeps the registers."""
    async with api.client(served.operator.key) as client:
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


async def test_a_pool_is_given_to_another_owner_by_the_operator(
    api: Serving, operator: httpx.AsyncClient, served: World, database: Database
) -> None:
    path = f"/v1/pools/{served.pool_id}/owner"
    body = {"organisation_id": str(served.other.organisation_id)}
    before = await everything(database)
    check_problem(
        await operator.put(path, json=body, headers={"if-match": '"7"'}),
        412,
        Code.VERSION_CHANGED,
    )
    assert await everything(database) == before
    given = await operator.put(path, json=body, headers={"if-match": '"1"'})
    assert (given.status_code, given.content) == (204, b"")
    await served.settled()
    report = f"/v1/pools/{served.pool_id}/report"
    async with api.client(served.provider.key) as old:
        check_problem(await old.put(report, json={"free": 1}), 404, Code.NOT_FOUND)
    async with api.client(served.other.key) as new:
        assert (await new.put(report, json={"free": 1})).status_code == 200


async def test_a_pool_is_not_given_to_who_can_not_have_it(
    operator: httpx.AsyncClient, served: World, database: Database
) -> None:
    path = f"/v1/pools/{served.pool_id}/owner"
    nobody = {"organisation_id": "00000000-0000-0000-0000-000000000000"}
    check_problem(await operator.put(path, json=nobody), 404, Code.NOT_FOUND)
    await create_region(served.container, None, RegionId(2), "twee", "Twee")
    elsewhere = await make_party(served.container, Role.PROVIDER_CAPACITY, RegionId(2))
    before = await everything(database)
    answer = await operator.put(path, json={"organisation_id": str(elsewhere.organisation_id)})
    problem = check_problem(answer, 400, Code.INVALID_INPUT)
    assert problem["errors"][0]["pointer"] == "/organisation_id"
    assert await everything(database) == before
