"""Regions: made with a stream, and renamed."""

import asyncio

import pytest

from app.services import regions
from domain.errors import AlreadyExists, InvalidInput, NotFound, VersionChanged
from domain.identifiers import EVERYWHERE, RegionId
from tests.factories.world import REGION, World
from tests.support.afresh import check_boards
from tests.support.database import Database
from tests.support.told import heads, told

TWO = RegionId(2)


async def test_a_new_region_has_a_stream_that_everybody_hears_of(
    world: World, database: Database
) -> None:
    before = await heads(database)
    await regions.create_region(world.container, None, TWO, "twee", "Twee")
    assert await told(database, before) == [
        ("region", "2", {"id": 2, "code": "twee", "name": "Twee", "version": 1})
    ]
    opened = await database.one(
        "SELECT e.kind, e.epoch = s.epoch AND e.tag = s.tag AND e.number = s.number AS at_head"
        " FROM event e JOIN stream s USING (region_id) WHERE region_id = 2"
    )
    assert tuple(opened) == ("stream-opened", True)


async def test_a_region_is_there_once(world: World, database: Database) -> None:
    with pytest.raises(AlreadyExists):
        await regions.create_region(world.container, None, REGION, "anders", "Anders")
    with pytest.raises(AlreadyExists):
        await regions.create_region(world.container, None, TWO, f"regio-{REGION}", "Twee")
    assert await database.value("SELECT count(*) FROM stream") == 2


async def test_a_renamed_region_is_told_to_everybody(world: World, database: Database) -> None:
    before = await heads(database)
    written = await regions.change_region(
        world.container, None, REGION, "haaglanden", "Haaglanden", 1
    )
    state = {"id": 1, "code": "haaglanden", "name": "Haaglanden", "version": 2}
    assert written.state == state
    assert await told(database, before) == [("region", "1", state)]
    await check_boards(world)
    assert written.position == world.container.board.regions[EVERYWHERE].position


async def test_a_region_is_renamed_by_who_saw_it_as_it_is(world: World, database: Database) -> None:
    before = await database.one("SELECT * FROM region WHERE id = 1")
    with pytest.raises(VersionChanged) as changed:
        await regions.change_region(world.container, None, REGION, "a", "A", 2)
    assert changed.value.facts == {"current": 1}
    with pytest.raises(NotFound):
        await regions.change_region(world.container, None, RegionId(9), "a", "A", 1)
    with pytest.raises(AlreadyExists):
        await regions.change_region(world.container, None, REGION, "landelijk", "A", 1)
    with pytest.raises(InvalidInput):
        await regions.change_region(world.container, None, EVERYWHERE, "a", "A", 1)
    assert await database.one("SELECT * FROM region WHERE id = 1") == before


async def test_of_two_who_rename_a_region_at_once_one_wins(world: World) -> None:
    changes = (
        regions.change_region(world.container, None, REGION, code, code, 1) for code in ("a", "b")
    )
    outcomes = await asyncio.gather(*changes, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["VersionChanged", "Written"]
