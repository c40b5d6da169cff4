"""The registers: who there is, and what they have places for."""

import asyncio
import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from app.services import registers, reports
from app.services.registers import NewLocation, NewPool
from domain.actors import OrganisationKind, Role
from domain.care_types import CareType
from domain.errors import AlreadyExists, InvalidInput, NotFound, VersionChanged
from domain.identifiers import LocationId, OrganisationId, PoolId, RegionId
from tests.factories.world import REGION, World, counts, make_party, make_pool
from tests.support.database import Database
from tests.support.trouble import holding_pool, until_waiting

NOBODY = OrganisationId(UUID(int=0))
TWO = RegionId(2)


@pytest.fixture
async def second_region(world: World) -> RegionId:
    """A region where nobody of the world works."""
    await registers.create_region(world.container, None, TWO, "twee", "Twee")
    return TWO


async def events(database: Database, number: int = 0, region: int = 1) -> list[tuple[str, Any]]:
    """Kind and data of a region's events after a number."""
    rows = await database.all(
        "SELECT kind, data FROM event WHERE region_id = $1 AND number > $2 ORDER BY number",
        region,
        number,
    )
    return [(row["kind"], json.loads(row["data"] or "null")) for row in rows]


async def test_a_new_region_has_a_stream_that_everybody_hears_of(
    world: World, database: Database
) -> None:
    head = await database.value("SELECT number FROM stream WHERE region_id = 0")
    await registers.create_region(world.container, None, TWO, "twee", "Twee")
    assert await events(database, head, region=0) == [
        ("region", {"id": 2, "code": "twee", "name": "Twee", "version": 1})
    ]
    opened = await database.one(
        "SELECT e.kind, e.epoch = s.epoch AND e.tag = s.tag AND e.number = s.number AS at_head"
        " FROM event e JOIN stream s USING (region_id) WHERE region_id = 2"
    )
    assert tuple(opened) == ("stream-opened", True)


async def test_a_region_is_there_once(world: World, database: Database) -> None:
    with pytest.raises(AlreadyExists):
        await registers.create_region(world.container, None, REGION, "anders", "Anders")
    with pytest.raises(AlreadyExists):
        await registers.create_region(world.container, None, TWO, f"regio-{REGION}", "Twee")
    assert await database.value("SELECT count(*) FROM stream") == 2


async def test_an_organisation_is_told_in_each_region_where_it_works(
    world: World, database: Database, second_region: RegionId
) -> None:
    head = await database.value("SELECT number FROM stream WHERE region_id = 1")
    organisation_id = await registers.create_organisation(
        world.container,
        None,
        agb="41999999",
        name="Twee regio's",
        kind=OrganisationKind.PROVIDER,
        regions=[second_region, REGION, REGION],
    )
    told = {
        "id": str(organisation_id),
        "agb": "41999999",
        "name": "Twee regio's",
        "kind": "provider",
        "version": 1,
    }
    assert await events(database, head) == [("organisation", told)]
    assert await events(database, region=second_region) == [("organisation", told)]


@pytest.mark.parametrize("agb", ["", "1234567", "123456789", "4100000x", "٤١٠٠٠٠٠١"])
async def test_an_agb_code_has_eight_digits(world: World, agb: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await registers.create_organisation(
            world.container,
            None,
            agb=agb,
            name="x",
            kind=OrganisationKind.PROVIDER,
            regions=[REGION],
        )
    assert refused.value.pointer == "/agb"


async def test_an_agb_code_is_given_once(world: World, database: Database) -> None:
    before = await database.value("SELECT count(*) FROM event")
    with pytest.raises(AlreadyExists):
        await registers.create_organisation(
            world.container,
            None,
            agb=world.provider.agb,
            name="x",
            kind=OrganisationKind.PROVIDER,
            regions=[REGION],
        )
    assert await database.value("SELECT count(*) FROM event") == before


async def test_a_location_is_where_its_organisation_works(
    world: World, second_region: RegionId
) -> None:
    new = NewLocation("De Linde", "Lindelaan 1", "2725", "Zoetermeer")
    owner = world.provider.organisation_id
    with pytest.raises(InvalidInput) as refused:
        await registers.create_location(world.container, None, owner, second_region, new)
    assert refused.value.pointer == "/region_id"
    with pytest.raises(NotFound):
        await registers.create_location(world.container, None, NOBODY, REGION, new)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"postcode": "0711"}, "/postcode"),
        ({"postcode": "271"}, "/postcode"),
        ({"gemeente": "637"}, "/gemeente"),
        ({"gemeente": "Zoetermeer"}, "/gemeente"),
    ],
)
async def test_a_location_has_a_postcode_and_a_gemeente_as_they_are_written(
    world: World, change: dict[str, Any], pointer: str
) -> None:
    new = replace(NewLocation("De Linde", "Lindelaan 1", "2725", "Zoetermeer", "0637"), **change)
    with pytest.raises(InvalidInput) as refused:
        await registers.create_location(
            world.container, None, world.provider.organisation_id, REGION, new
        )
    assert refused.value.pointer == pointer


async def test_a_pool_begins_without_figures_and_is_told_with_them(
    world: World, database: Database
) -> None:
    head = await database.value("SELECT number FROM stream WHERE region_id = 1")
    pool_id = await make_pool(world.container, world.location_id, CareType.GRZ)
    (kind, pool), (second, capacity) = await events(database, head)
    assert (kind, pool["id"], pool["care_types"]) == ("pool", str(pool_id), ["grz"])
    assert pool["organisation_id"] == str(world.provider.organisation_id)
    assert (second, capacity["version"], capacity["balance"]) == ("capacity", 0, None)


async def test_a_pool_has_a_location_and_a_code_of_its_own(world: World) -> None:
    pool = await world.pool()
    same = NewPool(pool.external_id, "Nog een", (CareType.GRZ,))
    with pytest.raises(AlreadyExists):
        await registers.create_pool(world.container, None, world.location_id, same)
    with pytest.raises(NotFound):
        await registers.create_pool(world.container, None, LocationId(UUID(int=0)), same)


async def test_a_transferred_pool_keeps_its_figures_and_takes_reports_of_its_new_owner_only(
    world: World, database: Database
) -> None:
    await world.report(counts(10, 8))
    head = await database.value("SELECT number FROM stream WHERE region_id = 1")
    before = await world.pool()
    await registers.transfer_pool(
        world.container, None, world.pool_id, world.other.organisation_id, expected_version=1
    )
    (kind, pool), (second, capacity) = await events(database, head)
    assert (kind, pool["organisation_id"]) == ("pool", str(world.other.organisation_id))
    assert pool["version"] == 2
    assert (second, capacity["version"], capacity["balance"]) == ("capacity", 1, 2)
    # The old owner's process may not know yet: it is judged under the pool's lock.
    credential = await world.credential(world.provider)
    with pytest.raises(NotFound):
        await reports.report_pool(world.container, credential, before, counts(10, 9))
    await world.settled()
    assert (await world.report(counts(10, 9), by=world.other)).version == 2


async def test_a_report_that_waits_for_the_transfer_of_its_pool_is_not_found(
    world: World, database: Database
) -> None:
    async with holding_pool(database, world.pool_id) as transfer:
        report = asyncio.create_task(world.report(counts(10, 8)))
        await until_waiting(database)
        await transfer.execute(
            "UPDATE pool SET organisation_id = $2 WHERE id = $1",
            world.pool_id,
            world.other.organisation_id,
        )
    with pytest.raises(NotFound):
        await report
    assert await database.value("SELECT report_version FROM pool") == 0


async def test_a_transfer_that_cannot_be_changes_nothing(
    world: World, database: Database, second_region: RegionId
) -> None:
    stranger = await make_party(world.container, Role.PROVIDER_CAPACITY, second_region)
    before = await database.one("SELECT * FROM pool")
    facts = (world.container, None, world.pool_id)
    with pytest.raises(InvalidInput) as refused:
        await registers.transfer_pool(*facts, stranger.organisation_id)
    assert refused.value.pointer == "/organisation_id"
    with pytest.raises(NotFound):
        await registers.transfer_pool(*facts, NOBODY)
    with pytest.raises(NotFound):
        await registers.transfer_pool(
            world.container, None, PoolId(UUID(int=0)), world.other.organisation_id
        )
    with pytest.raises(VersionChanged) as changed:
        await registers.transfer_pool(*facts, world.other.organisation_id, expected_version=7)
    assert changed.value.facts == {"current": 1}
    assert await database.one("SELECT * FROM pool") == before


async def test_a_code_that_the_new_owner_uses_already_stops_the_transfer(
    world: World, database: Database
) -> None:
    async with database.connect() as connection:
        await connection.execute(
            "INSERT INTO pool (region_id, organisation_id, location_id, external_id, name,"
            " care_types, posting_schedule, status) SELECT region_id, $1, location_id, external_id,"
            " name, care_types, posting_schedule, status FROM pool",
            world.other.organisation_id,
        )
    with pytest.raises(AlreadyExists):
        await registers.transfer_pool(
            world.container, None, world.pool_id, world.other.organisation_id
        )


async def test_a_pool_that_the_board_has_not_heard_of_is_found_in_the_database(
    world: World, database: Database
) -> None:
    new_id = PoolId(
        await database.value(
            "INSERT INTO pool (region_id, organisation_id, location_id, external_id, name,"
            " care_types, posting_schedule, status) SELECT region_id, organisation_id, location_id,"
            " 'nieuw', name, care_types, posting_schedule, status FROM pool RETURNING id"
        )
    )
    assert world.container.board.pool(new_id) is None
    found = await reports.find_pool(world.container, new_id)
    assert (found.id, found.organisation_id) == (new_id, world.provider.organisation_id)
    again = await reports.find_pool_by_external_id(world.container, world.provider.agb, "nieuw")
    assert again == found
    with pytest.raises(NotFound):
        await reports.find_pool(world.container, PoolId(UUID(int=0)))
    with pytest.raises(NotFound):
        await reports.find_pool_by_external_id(world.container, world.other.agb, "nieuw")
