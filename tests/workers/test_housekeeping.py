"""What was kept for a day is removed after it, and a failure doesn't end the housekeeping."""

import asyncio
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from app.container import Container
from app.db.idempotency import Request
from app.services import keys
from app.services.housekeeping import forget_old_requests, month_from
from app.services.keys import NewKey
from app.settings import Settings
from domain.actors import Role
from domain.errors import Unavailable
from tests.factories.past import audit_at, months_of
from tests.factories.world import World
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.serving import ROOT
from workers.housekeeping import keep_house


async def issue(world: World, name: str) -> str | None:
    """Issues a key by a request of that name; None when it was done before."""
    new = NewKey(world.other.organisation_id, Role.ANALYST, "analyse")
    request = Request(world.operator.key_id, name, b"body")
    issued = await keys.issue_key(world.container, None, new, request)
    return issued.key


async def test_a_request_is_kept_for_a_day_and_no_longer(
    container: Container, world: World, clock: Clock, database: Database
) -> None:
    assert await issue(world, "gisteren") is not None
    clock.turn(timedelta(hours=23, minutes=59))
    assert await issue(world, "vandaag") is not None
    assert await forget_old_requests(container) == 0
    assert await issue(world, "gisteren") is None
    clock.turn(timedelta(minutes=2))
    assert await forget_old_requests(container) == 1
    assert await issue(world, "vandaag") is None
    assert await issue(world, "gisteren") is not None
    assert await database.value("SELECT count(*) FROM idempotency") == 2


@pytest.mark.parametrize("failure", [Unavailable(), ValueError("defect")])
async def test_housekeeping_goes_on_after_a_failure(
    container: Container, failure: Exception
) -> None:
    """A chore that fails holds up neither the others nor itself the next time."""
    done: list[str] = []
    again = asyncio.Event()

    async def fail_at_first(_container: Container) -> int:
        done.append("failing")
        if done.count("failing") == 1:
            raise failure
        return 1

    async def do(_container: Container) -> int:
        done.append("doing")
        if done.count("doing") == 2:
            again.set()
        return 0

    chores = {"failing": fail_at_first, "doing": do}
    loop = asyncio.create_task(keep_house(container, every_seconds=0.01, chores=chores))
    await asyncio.wait_for(again.wait(), 10)
    loop.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loop
    assert done[:4] == ["failing", "doing"] * 2


async def test_a_round_does_every_chore(
    container: Container, clock: Clock, database: Database
) -> None:
    old = datetime(2003, 3, 1, tzinfo=UTC)
    await audit_at(database, old)
    async with database.connect() as connection:
        await connection.execute(
            "INSERT INTO idempotency VALUES (uuidv7(), 'oud', '\\x00', '{}', $1)", old
        )
    clock.turn(timedelta(days=150))
    loop = asyncio.create_task(keep_house(container, every_seconds=60))
    async with asyncio.timeout(10):
        while await database.value("SELECT count(*) FROM idempotency"):
            await asyncio.sleep(0.02)
    loop.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loop
    assert (await months_of(database, "audit"))[-1] == f"{month_from(clock.now(), 3):%Y-%m}"
    assert await database.value("SELECT count(*) FROM audit WHERE happened_at = $1", old) == 0


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
async def test_the_worker_process_cleans_up_and_stops_when_told(
    settings: Settings, database: Database, ending: signal.Signals
) -> None:
    async with database.connect() as connection:
        await connection.execute(
            "INSERT INTO idempotency VALUES (uuidv7(), 'oud', '\\x00', '{}', $1),"
            " (uuidv7(), 'nieuw', '\\x00', '{}', now())",
            datetime.fromisoformat("2020-01-01T00:00:00Z"),
        )
    log = settings.var / "workers.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "workers"],
            cwd=ROOT,
            env={**os.environ, **settings.variables()},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        async with asyncio.timeout(30):
            while await database.value("SELECT count(*) FROM idempotency") == 2:
                assert process.poll() is None, log.read_text()
                await asyncio.sleep(0.05)
        process.send_signal(ending)
        assert process.wait(10) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()
    assert await database.value("SELECT key FROM idempotency") == "nieuw"
    assert "Traceback" not in log.read_text()
