"""A pool that changes owner: from the commit on the old owner is nobody there, also in mid-report."""

import asyncio
from dataclasses import replace
from typing import Any

import httpx
import pytest

from app.db.unit_of_work import UnitOfWork
from app.services import pools
from app.settings import Settings
from domain.events import Position
from domain.identifiers import RegionId
from tests.factories.world import REGION, Party, World, make_pool
from tests.support.database import Database
from tests.support.serving import Serving, api_process


async def report(api: Serving, by: Party, pool_id: object, occupied: int) -> httpx.Response:
    """A report of somebody, as the server answers it."""
    async with api.client(by.key) as client:
        figures = {"operable": 9, "occupied": occupied, "planned": 0}
        return await client.put(f"/v1/pools/{pool_id}/report", json=figures)


async def reported_by_code(api: Serving, by: Party, agb: str, code: str) -> int:
    """The status of a report that names a pool by its owner's AGB-code and code."""
    async with api.client(by.key) as client:
        url = f"/v1/organisations/{agb}/pools/{code}/report"
        return (
            await client.put(url, json={"operable": 9, "occupied": 1, "planned": 0})
        ).status_code


class Paused:
    """Holds the next commit of an act back, with its locks taken, until it may go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.there, self.go_on = asyncio.Event(), asyncio.Event()
        commit = UnitOfWork.commit

        async def later(work: UnitOfWork) -> dict[RegionId, Position]:
            self.there.set()
            await self.go_on.wait()
            return await commit(work)

        monkeypatch.setattr(UnitOfWork, "commit", later)


async def waiting_for_a_lock(database: Database) -> None:
    """Returns when a statement of the service waits for somebody's row."""
    query = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(10):
        while not await database.value(query):
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("who", ["the old owner", "the new owner", "the coordination point"])
async def test_a_report_that_waits_while_its_pool_changes_owner_is_judged_by_the_new_owner(
    api: Serving, world: World, database: Database, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    """Who was the owner when the report came in counts for nothing: the pool's row decides."""
    assert api.container is not None
    caller, status = {
        "the old owner": (world.provider, 404),
        "the new owner": (world.other, 200),
        "the coordination point": (world.coordinator, 200),
    }[who]
    if who == "the new owner":
        # As if its process had heard of the transfer a moment before it was committed.
        monkeypatch.setattr(api.container.board, "pool", foreseen(api, world))
    before = await history_of(database, world.pool_id)
    paused = Paused(monkeypatch)
    transfer = asyncio.create_task(
        pools.transfer_pool(world.container, None, world.pool_id, world.other.organisation_id)
    )
    await paused.there.wait()
    waiting = asyncio.create_task(report(api, caller, world.pool_id, 3))
    await waiting_for_a_lock(database)
    paused.go_on.set()
    await transfer
    answer = await waiting
    assert answer.status_code == status, answer.text
    kept = await history_of(database, world.pool_id)
    assert len(kept) - len(before) == (status == 200)
    assert await database.value("SELECT report_version FROM pool WHERE id = $1", world.pool_id) == (
        status == 200
    )


def foreseen(api: Serving, world: World) -> Any:
    """The board's answer, with the new owner in it already."""
    assert api.container is not None
    pool = api.container.board.pool

    def answer(pool_id: Any) -> Any:
        found = pool(pool_id)
        return found and replace(found, organisation_id=world.other.organisation_id)

    return answer


async def history_of(database: Database, pool_id: object) -> list[Any]:
    """What was kept of a pool's reports."""
    return await database.all("SELECT 1 FROM pool_report WHERE pool_id = $1", pool_id)


async def test_from_the_transfer_on_only_the_new_owner_may_report_wherever_they_ask(
    api: Serving, settings: Settings, world: World
) -> None:
    pool_id = await make_pool(world.container, world.location_id)
    code = (await world.pool(pool_id)).external_id
    await world.settled()
    deaf = settings.model_copy(update={"redis_url": ""})
    async with (
        api_process(deaf) as elsewhere,
        elsewhere.subscribe(world.coordinator.key) as subscriber,
    ):
        await subscriber.until("snapshot")
        first = await report(elsewhere, world.provider, pool_id, 2)
        assert first.status_code == 200
        await pools.transfer_pool(world.container, None, pool_id, world.other.organisation_id)
        # At once, also where nobody has heard of it yet: the row decides.
        assert (await report(elsewhere, world.provider, pool_id, 3)).status_code == 404
        await world.settled()
        head = world.container.board.regions[REGION].position
        await subscriber.until_number(head.number)
        state = subscriber.subjects["pool", str(pool_id)]
        assert state["organisation_id"] == str(world.other.organisation_id)
        figures = subscriber.subjects["capacity", str(pool_id)]
        assert (figures["occupied"], figures["version"]) == (2, 1), "figures stay with the pool"
        for process in (api, elsewhere):
            assert (await report(process, world.provider, pool_id, 4)).status_code == 404
            by_old_code = await reported_by_code(process, world.provider, world.provider.agb, code)
            assert by_old_code == 404
            by_code = await reported_by_code(process, world.other, world.other.agb, code)
            assert by_code == 200
            assert (await report(process, world.other, pool_id, 5)).status_code == 200
