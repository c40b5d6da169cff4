"""One act is one transaction: all of it or nothing."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.db.tables import OrganisationRow
from app.db.unit_of_work import UnitOfWork
from app.services.regions import create_region
from domain.errors import AlreadyExists
from domain.events import Kind, Position
from domain.identifiers import EVERYWHERE, RegionId
from tests.factories.world import REGION, World
from tests.support.acts import Doing, claim, claiming, left_by, traces
from tests.support.database import Database
from tests.support.trouble import until_waiting


async def test_a_commit_holds_state_events_and_audit_and_is_announced(
    do: Doing, database: Database, two: tuple[UUID, UUID]
) -> None:
    before = await traces(database)
    positions = await do(claiming(*two))
    assert await left_by(database, before) == (2, 2, 2, 2)
    assert do.told == [REGION]
    rows = await database.all(
        "SELECT e.*, e.xmin = a.xmin AS together FROM event e"
        " JOIN audit a ON a.object_id = e.subject_id AND a.action = 'capacity.report'"
        " WHERE e.number > $1 AND e.region_id = 1 ORDER BY e.number",
        before[1],
    )
    assert [row["number"] for row in rows] == [before[1] + 1, before[1] + 2]
    assert [UUID(row["subject_id"]) for row in rows] == list(two)
    assert [json.loads(row["data"])["claimed"] for row in rows] == [1, 1]
    assert all(row["together"] for row in rows)
    last = rows[-1]
    assert positions == {REGION: Position(REGION, last["epoch"], last["number"], last["tag"])}


async def _leave(work: UnitOfWork, pool_id: UUID) -> None:
    await claim(work, pool_id)
    await work.session.flush()


async def _fail(work: UnitOfWork, pool_id: UUID) -> None:
    await _leave(work, pool_id)
    raise ZeroDivisionError


async def _meet_a_name_that_exists(work: UnitOfWork, pool_id: UUID) -> None:
    await claim(work, pool_id)
    connection = await work.session.connection()
    agb = (await connection.execute(sa.text("SELECT min(agb) FROM organisation"))).scalar_one()
    await work.add(OrganisationRow(agb=agb, name="Nog een", kind="provider"))
    await work.commit()


@pytest.mark.parametrize(
    ("act", "failure"),
    [(_leave, None), (_fail, ZeroDivisionError), (_meet_a_name_that_exists, AlreadyExists)],
)
async def test_without_its_commit_nothing_of_an_act_is_left(
    do: Doing,
    database: Database,
    world: World,
    act: Callable[[UnitOfWork, UUID], Awaitable[None]],
    failure: type[Exception] | None,
) -> None:
    before = await traces(database)
    doing = do(lambda work: act(work, world.pool_id))
    if failure is None:
        await doing
    else:
        with pytest.raises(failure):
            await doing
    assert await left_by(database, before) == (0, 0, 0, 0)
    assert do.told == []


async def test_an_act_that_changes_nothing_makes_no_event(do: Doing, database: Database) -> None:
    before = await traces(database)

    async def nothing(work: UnitOfWork) -> dict[RegionId, Position]:
        return await work.commit()

    assert await do(nothing) == {}
    assert await left_by(database, before) == (0, 0, 0, 0)
    assert do.told == []


async def test_what_is_touched_twice_is_told_once_with_its_last_state(
    do: Doing, database: Database, world: World
) -> None:
    before = await traces(database)
    await do(claiming(world.pool_id, world.pool_id))
    assert await left_by(database, before) == (2, 1, 1, 2)
    data = await database.value("SELECT data FROM event WHERE number = $1", before[1] + 1)
    assert json.loads(data)["claimed"] == 2


async def test_streams_are_taken_in_the_order_of_their_regions(
    do: Doing, database: Database, world: World
) -> None:
    await create_region(world.container, None, RegionId(2), "twee", "Twee")

    async def act(work: UnitOfWork) -> dict[RegionId, Position]:
        for region_id in (2, 1, 0):
            work.touch(Kind.REGION, 1, region_id)
        return await work.commit()

    async with database.connect() as holder, holder.transaction():
        await holder.execute("SELECT FROM stream WHERE region_id = 1 FOR UPDATE")
        acting = asyncio.create_task(do(act))
        await until_waiting(database)
        async with database.connect() as probe:
            free = await probe.fetch("SELECT region_id FROM stream FOR UPDATE SKIP LOCKED")
        assert [row["region_id"] for row in free] == [2]
    assert list(await acting) == [EVERYWHERE, REGION, RegionId(2)]
    assert do.told == [EVERYWHERE, REGION, RegionId(2)]
