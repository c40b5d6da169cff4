"""What locations learn from an import of postcodes: a point when they had none, and their gemeente."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

from app.services import locations
from app.services.postcodes import Imported, import_postcodes
from domain.geography import GEMEENTEN_YEAR, Point, Postcode
from domain.identifiers import LocationId, RegionId
from domain.locations import Location
from tests.factories.postcodes import YEAR, ZOETERMEER
from tests.factories.world import REGION, World
from tests.support.database import Database
from tests.support.told import heads, told
from tests.support.trouble import until_waiting


async def location_at(
    world: World, postcode: str, gemeente: str | None = None, region: RegionId = REGION
) -> LocationId:
    """A new location of the world's provider."""
    new = Location("De Iep", "Iepenlaan 1", postcode, "Ergens", gemeente)
    written = await locations.create_location(
        world.container, None, world.provider.organisation_id, region, new
    )
    return written.id


async def whereabouts(database: Database, location_id: UUID) -> tuple[Any, ...]:
    """What a location knows of where it is, and its version."""
    row = await database.one(
        "SELECT latitude, longitude, gemeente, gemeente_year, version FROM location WHERE id = $1",
        location_id,
    )
    return tuple(row)


async def test_a_location_gets_the_middle_of_its_postcode_in_the_same_commit(
    world: World, database: Database
) -> None:
    full = await location_at(world, "2726CZ")
    known = await location_at(world, "2726", gemeente="0518")
    elsewhere = await location_at(world, "9999")
    before = await heads(database)
    untouched = await whereabouts(database, elsewhere)
    *_, own_year, _ = await whereabouts(database, known)
    counted = await import_postcodes(world.container, None, [replace(ZOETERMEER, pc4="2726")])
    assert counted == Imported(1, 0, 0, locations=2)
    assert await whereabouts(database, full) == (52.074, 4.498, "0637", GEMEENTEN_YEAR, 2)
    # A gemeente of its own stays, with the year that it had.
    assert await whereabouts(database, known) == (52.074, 4.498, "0518", own_year, 2)
    assert await whereabouts(database, elsewhere) == untouched
    events = await told(database, before, REGION)
    assert [(kind, subject) for kind, subject, _ in events] == [
        ("location", str(location_id)) for location_id in sorted([full, known])
    ]
    for _, subject, state in events:
        assert (state["latitude"], state["longitude"], state["version"]) == (52.074, 4.498, 2)
        assert state["gemeente"] == ("0637" if subject == str(full) else "0518")
    at = {row["at"] for row in await database.all("SELECT at FROM event ORDER BY at DESC LIMIT 3")}
    assert len(at) == 1


async def test_a_point_of_its_own_stays_and_a_gemeente_is_learned_when_there_was_none(
    world: World, database: Database
) -> None:
    location_id = await location_at(world, "2726")
    async with database.connect() as connection:
        await connection.execute(
            "UPDATE location SET latitude = 52.1, longitude = 4.3 WHERE id = $1", location_id
        )
    bare = Postcode("2726", "Zoetermeer", Point(52.068, 4.488))
    assert (await import_postcodes(world.container, None, [bare])).locations == 0
    assert await whereabouts(database, location_id) == (52.1, 4.3, None, None, 1)
    known = replace(bare, gemeente="0637", gemeente_name="Zoetermeer", gemeente_year=YEAR)
    assert (await import_postcodes(world.container, None, [known])).locations == 1
    assert await whereabouts(database, location_id) == (52.1, 4.3, "0637", YEAR, 2)


async def test_a_gemeente_that_nobody_knows_stays_null(world: World, database: Database) -> None:
    location_id = await location_at(world, "2726")
    bare = Postcode("2726", "Zoetermeer", Point(52.068, 4.488), gemeente_name="Soetermeer")
    assert (await import_postcodes(world.container, None, [bare])).locations == 1
    assert await whereabouts(database, location_id) == (52.068, 4.488, None, None, 2)


async def test_a_location_that_came_after_the_import_learns_at_the_next_one(
    world: World, database: Database
) -> None:
    given = [replace(ZOETERMEER, pc4="2726")]
    await import_postcodes(world.container, None, given)
    location_id = await location_at(world, "2726AB")
    async with database.connect() as connection:
        await connection.execute(
            "UPDATE location SET latitude = NULL, longitude = NULL, gemeente = NULL,"
            " gemeente_year = NULL WHERE id = $1",
            location_id,
        )
    before = await heads(database)
    assert await import_postcodes(world.container, None, given) == Imported(0, 0, 1, locations=1)
    assert (await whereabouts(database, location_id))[:2] == (52.074, 4.498)
    assert await told(database, before) == []
    assert len(await told(database, before, REGION)) == 1


async def test_a_point_that_is_given_while_the_import_waits_is_kept(
    world: World, database: Database
) -> None:
    async with database.connect() as connection, connection.transaction():
        await connection.execute(
            "UPDATE location SET latitude = 52.1, longitude = 4.3 WHERE id = $1", world.location_id
        )
        importing = asyncio.create_task(import_postcodes(world.container, None, [ZOETERMEER]))
        await until_waiting(database)
    assert (await importing).locations == 0
    assert (await whereabouts(database, world.location_id))[:2] == (52.1, 4.3)
