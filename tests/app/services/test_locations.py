"""Locations: made, changed, given to another owner and closed."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from app.services import locations, pools
from app.services.postcodes import import_postcodes
from domain.calendar import WEEKDAYS
from domain.care_types import CareType
from domain.errors import (
    AlreadyClosed,
    AlreadyExists,
    InvalidInput,
    NotFound,
    StillInUse,
    VersionChanged,
)
from domain.geography import Point
from domain.hours import ALWAYS, OnCall, WeeklyHours
from domain.identifiers import LocationId, OrganisationId, RegionId
from domain.locations import Location
from domain.pools import Pool
from tests.factories.postcodes import ZOETERMEER
from tests.factories.world import REGION, World, counts, make_location, make_pool
from tests.support.afresh import check_boards
from tests.support.database import Database
from tests.support.told import heads, told

NOBODY = OrganisationId(UUID(int=0))
NOWHERE = LocationId(UUID(int=0))
PLAIN = Location("De Linde", "Lindelaan 1", "2725", "Zoetermeer")
HOURS = WeeklyHours.from_json({"ma": [["08:30", "17:00"]]})


async def test_a_location_is_where_its_organisation_works(
    world: World, second_region: RegionId
) -> None:
    new = PLAIN
    owner = world.provider.organisation_id
    with pytest.raises(InvalidInput) as refused:
        await locations.create_location(world.container, None, owner, second_region, new)
    assert refused.value.pointer == "/region_id"
    with pytest.raises(NotFound):
        await locations.create_location(world.container, None, NOBODY, REGION, new)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"postcode": "0711"}, "/postcode"),
        ({"postcode": "271"}, "/postcode"),
        ({"gemeente": "637"}, "/gemeente"),
        ({"gemeente": "Zoetermeer"}, "/gemeente"),
    ],
)
def test_a_location_has_a_postcode_and_a_gemeente_as_they_are_written(
    change: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        replace(PLAIN, **change)
    assert refused.value.pointer == pointer


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"postcode": "2711SS"}, "/postcode"),
        ({"gemeente_year": 2025}, "/gemeente_year"),
        ({"vestigingsnummer": "12345"}, "/vestigingsnummer"),
        ({"telephone": "geen"}, "/telephone"),
    ],
)
def test_what_cannot_be_of_a_location_is_refused_by_its_name(
    change: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        replace(PLAIN, **change)
    assert refused.value.pointer == pointer


async def test_everything_of_a_location_is_kept_and_told(world: World, database: Database) -> None:
    full = replace(
        PLAIN,
        postcode="2725 ab",
        gemeente="0637",
        gemeente_year=2026,
        point=Point(52.05, 4.5),
        vestigingsnummer="000012345678",
        telephone="079 123 45 67",
        wlz_contract=True,
        opening_hours=ALWAYS,
        intake_hours=HOURS,
        on_call=(OnCall("Wacht", "079-1234567", HOURS),),
    )
    before = await heads(database)
    written = await locations.create_location(
        world.container, None, world.provider.organisation_id, REGION, full
    )
    assert await told(database, before, REGION) == [("location", str(written.id), written.state)]
    closed: dict[str, list[list[str]]] = {str(day): [] for day in (*WEEKDAYS, "feestdagen")}
    assert written.state == {
        "id": str(written.id),
        "organisation_id": str(world.provider.organisation_id),
        "name": "De Linde",
        "address": "Lindelaan 1",
        "postcode": "2725AB",
        "place": "Zoetermeer",
        "gemeente": "0637",
        "gemeente_year": 2026,
        "latitude": 52.05,
        "longitude": 4.5,
        "vestigingsnummer": "000012345678",
        "telephone": "079 123 45 67",
        "wlz_contract": True,
        "opening_hours": ALWAYS.to_json(),
        "intake_hours": {**closed, "ma": [["08:30", "17:00"]]},
        "on_call": [
            {
                "name": "Wacht",
                "telephone": "079-1234567",
                "hours": {**closed, "ma": [["08:30", "17:00"]]},
            }
        ],
        "status": "active",
        "version": 1,
    }
    changed = await locations.change_location(world.container, None, written.id, PLAIN, 1)
    assert (changed.state["version"], changed.state["opening_hours"]) == (2, None)
    assert (changed.state["latitude"], changed.state["wlz_contract"]) == (None, False)
    await check_boards(world)
    assert changed.position == world.container.board.regions[REGION].position


async def test_a_location_gets_the_point_and_gemeente_of_its_postcode_unless_it_has_its_own(
    world: World,
) -> None:
    known = replace(ZOETERMEER, pc4="2726")
    await import_postcodes(world.container, None, [known])

    async def made(**changes: Any) -> tuple[Any, ...]:
        new = replace(PLAIN, **{"postcode": "2726 CZ", **changes})
        state = (
            await locations.create_location(
                world.container, None, world.provider.organisation_id, REGION, new
            )
        ).state
        return tuple(state[name] for name in ("latitude", "longitude", "gemeente", "gemeente_year"))

    point = (known.point.latitude, known.point.longitude)
    assert await made() == (*point, known.gemeente, known.gemeente_year)
    assert await made(gemeente="0518") == (*point, "0518", None)
    assert await made(point=Point(52.0, 4.0)) == (52.0, 4.0, known.gemeente, known.gemeente_year)
    assert await made(postcode="9999") == (None, None, None, None)


async def test_a_location_is_changed_by_who_saw_it_as_it_is(
    world: World, database: Database
) -> None:
    before = await heads(database)
    with pytest.raises(VersionChanged):
        await locations.change_location(world.container, None, world.location_id, PLAIN, 2)
    with pytest.raises(NotFound):
        await locations.change_location(world.container, None, NOWHERE, PLAIN, 1)
    assert await heads(database) == before
    changes = (
        locations.change_location(
            world.container, None, world.location_id, replace(PLAIN, name=name), 1
        )
        for name in ("een", "twee")
    )
    outcomes = await asyncio.gather(*changes, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["VersionChanged", "Written"]


async def test_a_location_changes_owner_with_its_owners_pools(
    world: World, database: Database
) -> None:
    await world.report(counts(10, 8))
    ended = await make_pool(world.container, world.location_id)
    await pools.close_pool(world.container, None, ended)
    guest = await make_pool(world.container, world.location_id)
    await pools.transfer_pool(world.container, None, guest, world.coordinator.organisation_id)
    await world.settled()
    before = await heads(database)
    await locations.transfer_location(
        world.container, None, world.location_id, world.other.organisation_id, expected_version=1
    )
    events = await told(database, before, REGION)
    assert {(kind, subject) for kind, subject, _ in events} == {
        ("location", str(world.location_id)),
        ("pool", str(world.pool_id)),
        ("pool", str(ended)),
    }
    owners = {state["organisation_id"] for _, _, state in events}
    assert owners == {str(world.other.organisation_id)}
    await check_boards(world)
    assert (await world.report(counts(10, 9), by=world.other)).version == 2
    with pytest.raises(NotFound):
        await world.report(counts(10, 9), by=world.provider)


async def test_a_change_of_owner_that_cannot_be_changes_nothing(
    world: World, database: Database, second_region: RegionId
) -> None:
    there = await make_location(world.container, world.other)
    code = (await world.pool()).external_id
    await pools.create_pool(world.container, None, there, Pool(code, "x", (CareType.GRZ,)))
    before = await heads(database)
    facts = (world.container, None, world.location_id)
    with pytest.raises(AlreadyExists):
        await locations.transfer_location(*facts, world.other.organisation_id)
    with pytest.raises(NotFound):
        await locations.transfer_location(*facts, NOBODY)
    with pytest.raises(VersionChanged):
        await locations.transfer_location(*facts, world.coordinator.organisation_id, 2)
    assert await heads(database) == before


async def test_a_location_is_closed_when_no_pool_is_active_there(
    world: World, database: Database
) -> None:
    with pytest.raises(StillInUse) as refused:
        await locations.close_location(world.container, None, world.location_id)
    assert refused.value.in_use == {"pools": 1}
    await pools.close_pool(world.container, None, world.pool_id)
    before = await heads(database)
    written = await locations.close_location(world.container, None, world.location_id, 1)
    assert (written.state["status"], written.state["version"]) == ("ended", 2)
    assert await told(database, before, REGION) == [
        ("location", str(world.location_id), written.state)
    ]
    facts = (world.container, None, world.location_id)
    with pytest.raises(AlreadyClosed):
        await locations.close_location(*facts)
    with pytest.raises(AlreadyClosed):
        await locations.change_location(*facts, PLAIN, 2)
    with pytest.raises(AlreadyClosed):
        await locations.transfer_location(*facts, world.other.organisation_id)
    with pytest.raises(AlreadyClosed):
        await make_pool(world.container, world.location_id)
    await check_boards(world)


async def test_a_closure_and_a_new_pool_at_once_leave_no_pool_at_a_closed_location(
    world: World, database: Database
) -> None:
    for _ in range(5):
        location_id = await make_location(world.container, world.provider)
        await asyncio.gather(
            locations.close_location(world.container, None, location_id),
            make_pool(world.container, location_id),
            return_exceptions=True,
        )
    orphans = await database.value(
        "SELECT count(*) FROM pool p JOIN location l ON l.id = p.location_id"
        " WHERE l.status = 'ended' AND p.status = 'active'"
    )
    assert orphans == 0
