"""Pools: made, changed, given to another owner and closed."""

import asyncio
import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from app.services import pools, reports
from domain.actors import Role
from domain.admission import AdmissionRules
from domain.care_types import CareType
from domain.errors import (
    AlreadyClosed,
    AlreadyExists,
    InvalidInput,
    NotFound,
    PoolClosed,
    StillInUse,
    VersionChanged,
)
from domain.features import Feature
from domain.identifiers import LocationId, OrganisationId, PoolId, RegionId
from domain.pools import Pool, Posting
from domain.posting import PostingSchedule
from tests.factories.world import REGION, World, counts, make_party, make_pool
from tests.support.afresh import check_boards
from tests.support.database import Database, register_promise
from tests.support.told import heads, told
from tests.support.trouble import holding_pool, until_waiting

NOBODY = OrganisationId(UUID(int=0))
PLAIN = Pool("A1", "Afdeling 1", (CareType.ELV_LAAG,))


async def events(database: Database, number: int = 0, region: int = 1) -> list[tuple[str, Any]]:
    """Kind and data of a region's events after a number."""
    rows = await database.all(
        "SELECT kind, data FROM event WHERE region_id = $1 AND number > $2 ORDER BY number",
        region,
        number,
    )
    return [(row["kind"], json.loads(row["data"] or "null")) for row in rows]


async def make_bed(database: Database, pool_id: PoolId) -> None:
    """A bed that was never reported."""
    await database.value(
        "INSERT INTO bed (region_id, pool_id, external_id, name, status)"
        " VALUES (1, $1, 'B1', 'Bed 1', 'active') RETURNING id",
        pool_id,
    )


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
    same = Pool(pool.external_id, "Nog een", (CareType.GRZ,))
    with pytest.raises(AlreadyExists):
        await pools.create_pool(world.container, None, world.location_id, same)
    with pytest.raises(NotFound):
        await pools.create_pool(world.container, None, LocationId(UUID(int=0)), same)


async def test_a_transferred_pool_keeps_its_figures_and_takes_reports_of_its_new_owner_only(
    world: World, database: Database
) -> None:
    await world.report(counts(10, 8))
    head = await database.value("SELECT number FROM stream WHERE region_id = 1")
    before = await world.pool()
    await pools.transfer_pool(
        world.container, None, world.pool_id, world.other.organisation_id, expected_version=1
    )
    (kind, pool), (second, capacity) = await events(database, head)
    assert (kind, pool["organisation_id"]) == ("pool", str(world.other.organisation_id))
    assert pool["version"] == 2
    assert (second, capacity["version"], capacity["balance"]) == ("capacity", 1, 2)
    # The old owner's process may not know yet: it is judged under the pool's lock.
    credential = await world.credential(world.provider)
    with pytest.raises(NotFound):
        await reports.report_pool(world.container, credential, before, reports.Given(counts(10, 9)))
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
        await pools.transfer_pool(*facts, stranger.organisation_id)
    assert refused.value.pointer == "/organisation_id"
    with pytest.raises(NotFound):
        await pools.transfer_pool(*facts, NOBODY)
    with pytest.raises(NotFound):
        await pools.transfer_pool(
            world.container, None, PoolId(UUID(int=0)), world.other.organisation_id
        )
    with pytest.raises(VersionChanged) as changed:
        await pools.transfer_pool(*facts, world.other.organisation_id, expected_version=7)
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
        await pools.transfer_pool(world.container, None, world.pool_id, world.other.organisation_id)


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


async def test_everything_of_a_pool_is_kept_and_told(world: World, database: Database) -> None:
    rules = AdmissionRules.from_json({"days": ["ma", "di"], "opens": "10:00"})
    full = Pool(
        "A1",
        "Afdeling 1",
        (CareType.GRZ, CareType.ELV_HOOG),
        Posting(PostingSchedule.DAILY_TWICE, 240),
        frozenset({Feature.TILLIFT, Feature.EENPERSOONSKAMER}),
        rules,
    )
    before = await heads(database)
    written = await pools.create_pool(world.container, None, world.location_id, full)
    (kind, subject, state), (second, _, figures) = await told(database, before, REGION)
    assert (kind, second, subject) == ("pool", "capacity", str(written.id))
    assert written.state == {**state, "capacity": figures}
    assert state == {
        "id": str(written.id),
        "organisation_id": str(world.provider.organisation_id),
        "location_id": str(world.location_id),
        "external_id": "A1",
        "name": "Afdeling 1",
        "care_types": ["grz", "elv-hoog"],
        "features": ["eenpersoonskamer", "tillift"],
        "admission_rules": rules.to_json(),
        "posting_schedule": "dagelijks-tweemaal",
        "time_to_live_minutes": 240,
        "status": "active",
        "version": 1,
    }
    changed = await pools.change_pool(world.container, None, written.id, PLAIN, 1)
    assert changed.state["version"] == 2
    assert changed.state["admission_rules"] is None
    assert changed.state["time_to_live_minutes"] is None
    await check_boards(world)


@pytest.mark.parametrize(
    "care_types",
    [
        (),
        (CareType.GRZ, CareType.GRZ),
        (CareType.MFB, CareType.GRZ),
        (CareType.WIJKVERPLEGING,),
    ],
)
def test_a_pool_serves_care_that_can_be_counted_together(care_types: tuple[CareType, ...]) -> None:
    with pytest.raises(InvalidInput) as refused:
        replace(PLAIN, care_types=care_types)
    assert refused.value.pointer == "/care_types"


async def test_a_pool_is_changed_by_who_saw_it_as_it_is(world: World, database: Database) -> None:
    other = await make_pool(world.container, world.location_id)
    code = (await reports.find_pool(world.container, other)).external_id
    before = await heads(database)
    with pytest.raises(VersionChanged):
        await pools.change_pool(world.container, None, world.pool_id, PLAIN, 2)
    with pytest.raises(NotFound):
        await pools.change_pool(world.container, None, PoolId(UUID(int=0)), PLAIN, 1)
    with pytest.raises(AlreadyExists):
        await pools.change_pool(
            world.container, None, world.pool_id, replace(PLAIN, external_id=code), 1
        )
    assert await heads(database) == before
    changes = (
        pools.change_pool(world.container, None, world.pool_id, replace(PLAIN, name=name), 1)
        for name in ("een", "twee")
    )
    outcomes = await asyncio.gather(*changes, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["VersionChanged", "Written"]


async def test_a_pool_goes_to_counting_by_bed_only_without_figures(
    world: World, database: Database
) -> None:
    by_bed = replace(PLAIN, care_types=(CareType.MFB,))
    empty = await make_pool(world.container, world.location_id)
    await pools.change_pool(world.container, None, empty, by_bed, 1)
    await make_bed(database, empty)
    with pytest.raises(StillInUse) as refused:
        await pools.change_pool(world.container, None, empty, PLAIN, 2)
    assert refused.value.in_use == {"beds": 1}
    await world.report(counts(10, 8))
    with pytest.raises(StillInUse) as refused:
        await pools.change_pool(
            world.container, None, world.pool_id, replace(by_bed, external_id="A2"), 1
        )
    assert refused.value.in_use == {"reports": 1}


async def test_a_closed_pool_keeps_its_figures_and_takes_nothing_more(
    world: World, database: Database
) -> None:
    await world.report(counts(10, 8))
    before = await heads(database)
    written = await pools.close_pool(world.container, None, world.pool_id, 1)
    assert (written.state["status"], written.state["version"]) == ("ended", 2)
    assert written.state["capacity"]["free"] == 2
    kinds = [kind for kind, _, _ in await told(database, before, REGION)]
    assert kinds == ["pool", "capacity"]
    assert await database.value("SELECT count(*) FROM pool_report") == 1
    with pytest.raises(PoolClosed):
        await world.report(counts(10, 7))
    facts = (world.container, None, world.pool_id)
    operator = (await world.credential(world.operator)).actor
    with pytest.raises(AlreadyClosed):
        await pools.close_pool(*facts)
    with pytest.raises(AlreadyClosed):
        await pools.change_pool(*facts, PLAIN, 2)
    with pytest.raises(AlreadyClosed):
        await pools.transfer_pool(*facts, world.other.organisation_id)
    with pytest.raises(AlreadyClosed):
        await pools.set_posting(world.container, operator, world.pool_id, None, 60, 2)
    await check_boards(world)


async def test_a_pool_in_which_something_is_held_is_not_closed(
    world: World, database: Database
) -> None:
    async with database.connect() as connection:
        await connection.execute("UPDATE pool SET claimed = 2")
        await register_promise(connection, world.pool_id, world.container.now())
    with pytest.raises(StillInUse) as refused:
        await pools.close_pool(world.container, None, world.pool_id)
    assert refused.value.facts == {"in_use": {"claims": 2, "promises": 1}}
    by_bed = await make_pool(world.container, world.location_id, CareType.MFB)
    await make_bed(database, by_bed)
    with pytest.raises(StillInUse) as refused:
        await pools.close_pool(world.container, None, by_bed)
    assert refused.value.in_use == {"beds": 1}
    with pytest.raises(VersionChanged):
        await pools.close_pool(world.container, None, by_bed, 2)


async def test_a_report_that_waits_for_the_closure_of_its_pool_is_refused(
    world: World, database: Database
) -> None:
    async with holding_pool(database, world.pool_id):
        closure = asyncio.create_task(pools.close_pool(world.container, None, world.pool_id))
        await until_waiting(database)
        report = asyncio.create_task(world.report(counts(10, 8)))
        await until_waiting(database, 2)
    outcomes = await asyncio.gather(closure, report, return_exceptions=True)
    version = await database.value("SELECT report_version FROM pool")
    assert not isinstance(outcomes[0], BaseException)
    assert isinstance(outcomes[1], PoolClosed) == (version == 0)
    await check_boards(world)
