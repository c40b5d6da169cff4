"""A worker that is killed loses and repeats nothing: another does what it left."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from app.container import Container
from app.services.referrals import claims, desk
from app.settings import Settings
from domain.needs import Urgency
from tests.factories.referrals import actor_of, offered, triaged, with_places
from tests.factories.world import World, make_pool
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.serving import ROOT

DONE = (
    "SELECT step || coalesce(' ' || reason, '') AS what, count(*), count(DISTINCT referral_id)"
    " FROM referral_step WHERE role = 'system' GROUP BY 1 ORDER BY 1"
)
#: An offer and its referral so many times more.
MULTIPLY = """
WITH made AS (SELECT uuidv7() AS id, n FROM generate_series(1, $1::int) AS n), copied AS (
  INSERT INTO referral
  SELECT (jsonb_populate_record(r, jsonb_build_object('id', made.id, 'number', 'k' || n))).*
  FROM referral r, made
)
INSERT INTO offer
SELECT (jsonb_populate_record(o, jsonb_build_object('id', uuidv7(), 'referral_id', made.id))).*
FROM offer o, made
"""


async def test_a_worker_killed_between_any_two_steps_loses_and_repeats_nothing(
    settings: Settings, container: Container, world: World, database: Database
) -> None:
    await with_places(world, 3)
    coordinator = await actor_of(world)
    pool_ids = world.pool_id, await make_pool(container, world.location_id)
    expiring, _ = await offered(world, *pool_ids, urgency=Urgency.ACUUT)
    await offered(world, urgency=Urgency.ACUUT)
    held = (await triaged(world)).referral_id
    await claims.claim(container, coordinator, held, world.pool_id)
    called = (await triaged(world)).referral_id
    await desk.call_back(container, coordinator, called, container.now() - timedelta(minutes=1))
    assert await world.balance() == 2
    async with database.connect() as connection:
        await connection.execute(
            "UPDATE offer SET deadline_at = now() WHERE referral_id = $1", expiring
        )
        await connection.execute("UPDATE offer SET unseen_at = now()")
        await connection.execute("UPDATE claim SET expires_at = now()")
        await connection.execute("UPDATE alert SET cleared_at = now()")
        await connection.execute("UPDATE referral SET watch_at = now() WHERE id = $1", called)
        begun = await connection.fetchval("SELECT number FROM stream WHERE region_id = 1")
    ran = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "tests.support.dying_worker"],
        cwd=ROOT,
        env={**os.environ, **settings.variables()},
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr.decode()
    assert int(ran.stdout.split()[-1]) > 5
    assert [tuple(row) for row in await database.all(DONE)] == [
        ("alerted acuut-niet-gezien", 1, 1),
        ("alerted terugbellen", 1, 1),
        ("claim-expired", 1, 1),
        ("offer-expired geen-antwoord", 2, 1),
    ]
    alerts = await database.all("SELECT kind FROM alert WHERE cleared_at IS NULL ORDER BY 1")
    assert [row["kind"] for row in alerts] == [
        *("acuut-niet-gezien", "niemand-antwoordde", "terugbellen"),
    ]
    assert await world.balance() == 3
    # Two offers, four referrals, a pool: each told once, none of them by those who died.
    told = await database.all("SELECT kind, subject_id FROM event WHERE number > $1", begun)
    assert len(told) == len(set(told)) == 7


async def test_what_a_killed_worker_process_left_another_does(
    settings: Settings, world: World, clock: Clock, database: Database, tmp_path: Path
) -> None:
    await offered(world)
    async with database.connect() as connection:
        await connection.execute(MULTIPLY, 399)
    with worker(settings, tmp_path / "a.log") as killed, worker(settings, tmp_path / "b.log"):
        async with asyncio.timeout(40):
            for name in ("a.log", "b.log"):
                while b"working" not in (tmp_path / name).read_bytes():
                    await asyncio.sleep(0.05)
            async with database.connect() as connection:
                await connection.execute("UPDATE offer SET deadline_at = now()")
                left = "SELECT count(*) FROM offer WHERE state = 'gevraagd'"
                while await connection.fetchval(left) == 400:
                    await asyncio.sleep(0.005)
                assert killed.poll() is None
                killed.kill()
                assert await connection.fetchval(left) > 0
                while await connection.fetchval(left):
                    await asyncio.sleep(0.05)
    assert [tuple(row) for row in await database.all(DONE)] == [
        ("offer-expired geen-antwoord", 400, 400)
    ]
    told = "SELECT count(*), count(DISTINCT referral_id) FROM alert WHERE kind = $1"
    assert tuple(await database.one(told, "niemand-antwoordde")) == (400, 400)


@contextmanager
def worker(settings: Settings, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A real worker process."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "workers"],
            cwd=ROOT,
            env={**os.environ, **settings.variables()},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
