"""Beds in the register, and the figures of their pool that follow from them."""

from typing import Any

import pytest

from app.db.idempotency import Request
from app.services import beds
from app.services.beds import NewBed
from domain.beds import Hold
from domain.care_types import CareType
from domain.errors import (
    AlreadyClosed,
    AlreadyExists,
    IdempotencyMismatch,
    InvalidInput,
    NotFound,
    StillInUse,
    VersionChanged,
)
from domain.events import Kind
from domain.features import Feature
from domain.identifiers import BedId, PoolId
from tests.factories.beds import CLEANING, FREE, OCCUPIED, hold, make_beds, place_of, say
from tests.factories.world import REGION, World, make_pool
from tests.support.database import Database

NEW = NewBed("B9", "Bed 9", (Feature.TILLIFT, Feature.ISOLATIE))


@pytest.fixture
async def pool_id(world: World) -> PoolId:
    """A pool that is followed bed by bed, still without beds."""
    return await make_pool(world.container, world.location_id, CareType.MFB)


async def figures(database: Database, pool_id: PoolId) -> Any:
    """What the pool's row tells of its beds."""
    return tuple(
        await database.one(
            "SELECT report_version, physical, operable, occupied, closed, balance FROM pool"
            " WHERE id = $1",
            pool_id,
        )
    )


async def test_a_new_bed_exists_and_is_not_free(
    world: World, database: Database, pool_id: PoolId
) -> None:
    written = await beds.create_bed(world.container, None, pool_id, NEW)
    assert written.state["features"] == ["isolatie", "tillift"]
    assert (written.state["version"], written.state["report_version"]) == (1, 0)
    assert await figures(database, pool_id) == (0, None, None, None, None, None)
    await world.settled()
    board = world.container.board.regions[REGION]
    assert board.get(Kind.BED, written.id) is not None
    assert written.position == board.position


async def test_a_bed_beside_reported_ones_makes_the_pool_larger_and_no_freer(
    world: World, database: Database, pool_id: PoolId
) -> None:
    (first,) = await make_beds(world, 1, pool_id)
    await say(world, first, FREE)
    await beds.create_bed(world.container, None, pool_id, NEW)
    assert await figures(database, pool_id) == (2, 2, 1, 0, 0, 1)


async def test_only_a_pool_that_is_followed_bed_by_bed_takes_beds(world: World) -> None:
    with pytest.raises(InvalidInput) as refused:
        await beds.create_bed(world.container, None, world.pool_id, NEW)
    assert refused.value.pointer == "/pool_id"


async def test_a_pool_has_one_bed_of_a_code(world: World, pool_id: PoolId) -> None:
    await beds.create_bed(world.container, None, pool_id, NEW)
    with pytest.raises(AlreadyExists):
        await beds.create_bed(world.container, None, pool_id, NEW)
    other = await make_pool(world.container, world.location_id, CareType.MFB)
    await beds.create_bed(world.container, None, other, NEW)


async def test_the_same_request_twice_makes_one_bed(
    world: World, database: Database, pool_id: PoolId
) -> None:
    request = Request(world.operator.key_id, "sleutel", b"a")
    first = await beds.create_bed(world.container, None, pool_id, NEW, request)
    again = await beds.create_bed(world.container, None, pool_id, NEW, request)
    assert (again.id, again.position) == (first.id, first.position)
    assert await database.value("SELECT count(*) FROM bed") == 1
    other = Request(world.operator.key_id, "sleutel", b"b")
    with pytest.raises(IdempotencyMismatch):
        await beds.create_bed(world.container, None, pool_id, NEW, other)


async def test_details_change_on_the_version_that_was_shown_and_nothing_else(
    world: World, database: Database, pool_id: PoolId
) -> None:
    (bed_id,) = await make_beds(world, 1, pool_id)
    await say(world, bed_id, FREE)
    before = await figures(database, pool_id)
    written = await beds.change_bed(world.container, None, bed_id, NEW, 1)
    assert (written.state["name"], written.state["version"]) == ("Bed 9", 2)
    assert (written.state["state"], written.state["report_version"]) == ("free", 1)
    assert await figures(database, pool_id) == before
    with pytest.raises(VersionChanged) as refused:
        await beds.change_bed(world.container, None, bed_id, NEW, 1)
    assert refused.value.facts == {"current": 2}


async def test_a_closed_bed_no_longer_counts_and_keeps_its_history(
    world: World, database: Database, pool_id: PoolId
) -> None:
    first, second = await make_beds(world, 2, pool_id)
    await say(world, first, FREE)
    await say(world, second, CLEANING)
    written = await beds.close_bed(world.container, None, first, 1)
    assert (written.state["status"], written.state["version"]) == ("ended", 2)
    assert await figures(database, pool_id) == (3, 1, 1, 1, 0, 0)
    assert await database.value("SELECT count(*) FROM bed_report WHERE bed_id = $1", first) == 1
    for act in (
        beds.close_bed(world.container, None, first),
        beds.change_bed(world.container, None, first, NEW),
        say(world, first, FREE),
    ):
        with pytest.raises(AlreadyClosed):
            await act


async def test_when_all_reported_beds_are_closed_nothing_is_known_any_more(
    world: World, database: Database, pool_id: PoolId
) -> None:
    first, _ = await make_beds(world, 2, pool_id)
    await say(world, first, FREE)
    await beds.close_bed(world.container, None, first)
    assert await figures(database, pool_id) == (2, 1, None, None, None, None)


@pytest.mark.parametrize("what", Hold)
async def test_a_held_bed_is_not_closed(
    world: World, database: Database, pool_id: PoolId, what: Hold
) -> None:
    (bed_id,) = await make_beds(world, 1, pool_id)
    await hold(database, bed_id, what)
    with pytest.raises(StillInUse):
        await beds.close_bed(world.container, None, bed_id)
    await hold(database, bed_id, None)
    await beds.close_bed(world.container, None, bed_id)


async def test_a_bed_with_someone_in_it_is_not_closed(world: World, pool_id: PoolId) -> None:
    (bed_id,) = await make_beds(world, 1, pool_id)
    await say(world, bed_id, OCCUPIED)
    with pytest.raises(StillInUse) as refused:
        await beds.close_bed(world.container, None, bed_id)
    assert refused.value.in_use == {"occupied": 1}


async def test_what_is_not_there_is_not_found(world: World, pool_id: PoolId) -> None:
    (bed_id,) = await make_beds(world, 1, pool_id)
    agb = world.provider.agb
    code = (await world.pool(pool_id)).external_id
    found = await beds.find_bed_by_codes(world.container, agb, code, "B1")
    assert found == await place_of(world, bed_id)
    for codes in ((world.other.agb, code, "B1"), (agb, "x", "B1"), (agb, code, "B2")):
        with pytest.raises(NotFound):
            await beds.find_bed_by_codes(world.container, *codes)
    with pytest.raises(NotFound):
        await beds.find_bed(world.container, BedId(world.pool_id))
    with pytest.raises(NotFound):
        await beds.create_bed(world.container, None, PoolId(bed_id), NEW)
