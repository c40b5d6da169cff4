"""sweeper_1000: 1,000 offers whose time ends at the same moment, two workers, against one UPDATE of them."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta

import asyncpg

from bench.figures import Figure, Target, alternately
from bench.processes import ServerFailedError
from bench.region import fill
from bench.stage import Database, Stage

_OFFERS = 1_000
_POOLS = 96
_WORKERS = 2
_ROUNDS = 5
_AHEAD = timedelta(seconds=4)
_PATIENCE_SECONDS = 60
#: Each the only offer of a referral, so that all that follows on an expiry follows: the step, the
#: alert that nobody answered, the next action, an event for the owner and for the provider.
_ASKED = """
WITH filed AS (
  INSERT INTO referral (number, region_id, owner_id, handler_id, handler_name, handler_since,
      episode_id, state, triaged, needs_triage, requested_by_id, route, care_type_triaged, urgency,
      birth_year, sex, pc4, setting, infection, behaviour, legal_status, first_contact_at,
      created_at, filed_at, next_action, waits_on)
  SELECT nextval('referral_number')::text, l.region_id, l.organisation_id, uuidv7(), 'Meter', $1,
      uuidv7(), 'aangeboden', true, false, l.organisation_id, 'phone', 'elv-laag', 'spoed', 1942,
      'vrouw', '2725', 'seh', 'geen', 'rustig', 'vrijwillig', $1, $1, $1, 'antwoord-afwachten',
      'aanbieder'
  FROM location l, generate_series(1, $2::int)
  RETURNING id, region_id, owner_id
)
INSERT INTO offer (referral_id, region_id, provider_id, pool_id, care_type, state, round, asked,
    offered_at, deadline_at, norm_minutes, norm_hours, norms_version)
SELECT f.id, f.region_id, f.owner_id, (SELECT id FROM pool ORDER BY id LIMIT 1), 'elv-laag',
    'gevraagd', 1, 1, $1, $1, 240, 'altijd', 0
FROM filed f
"""
_ENDED = """
UPDATE offer SET state = 'verlopen', ending = 'geen-antwoord', ended_at = $1, version = version + 1
WHERE state = 'gevraagd'
"""
_LEFT = "SELECT count(*) FROM offer WHERE state = 'gevraagd'"
_TOLD_ONCE = """
SELECT count(*) FROM offer o WHERE ending = 'geen-antwoord' AND ended_at > offered_at
  AND 1 = (SELECT count(*) FROM referral_step s WHERE s.offer_id = o.id)
  AND 1 = (SELECT count(*) FROM alert a WHERE a.referral_id = o.referral_id)
"""


async def sweeper(stage: Stage) -> list[Figure]:
    """From the moment that all are due until the last is recorded as unanswered; the wait of up to a
    second for a worker's next look included."""
    database = await stage.database("sweeper")
    await fill(database, pools=_POOLS, reported=True)
    connection = await asyncpg.connect(database.url)
    try:
        with ExitStack() as workers:
            for number in range(_WORKERS):
                workers.enter_context(_worker(stage, database, number))

            async def by_workers() -> float:
                due = datetime.now(UTC) + _AHEAD
                await connection.execute(_ASKED, due, _OFFERS)
                await asyncio.sleep((due - datetime.now(UTC)).total_seconds())
                await _until_none_left(connection)
                took = (datetime.now(UTC) - due).total_seconds()
                assert await connection.fetchval(_TOLD_ONCE) >= _OFFERS
                return took

            async def by_one_statement() -> float:
                now = datetime.now(UTC)
                await connection.execute(_ASKED, now + timedelta(hours=1), _OFFERS)
                started = time.perf_counter()
                await connection.execute(_ENDED, now)
                return time.perf_counter() - started

            await by_workers()  # Their first look at anything compiles every statement.
            runs, reference_runs = await alternately(_ROUNDS, by_workers, by_one_statement)
            told = await connection.fetchval(_TOLD_ONCE)
            if told != _OFFERS * (_ROUNDS + 1):
                raise AssertionError(f"{told} expiries were recorded and told once")
    finally:
        await connection.close()
    return [Figure("sweeper_1000", "s", runs, reference_runs, Target("value", "at most", 2))]


async def _until_none_left(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while await connection.fetchval(_LEFT):  # noqa: ASYNC110  # other processes end them
            await asyncio.sleep(0.02)


@contextmanager
def _worker(stage: Stage, database: Database, number: int) -> Iterator[None]:
    """A worker process, at work within the `with` block."""
    log = stage.logs / f"worker.{number}.log"
    settings = {**stage.settings(database), "VERKEERSTOREN_LOG_LEVEL": "info"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "workers"],
            env={**os.environ, **settings},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        started = time.monotonic()
        while b"working" not in log.read_bytes():
            if process.poll() is not None or time.monotonic() > started + _PATIENCE_SECONDS:
                raise ServerFailedError(f"a worker is not at work: see {log}")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(10)
