"""report_1, report_16, report_16_slow_disk: accepted reports a second, against an endpoint that stores nothing."""

import asyncio
import re

from bench.clients.reporter import Providers
from bench.figures import Figure, Target, alternately
from bench.region import fill
from bench.stage import Database, Stage

_POOLS = 96
_ROUNDS = 5
_SECONDS = 2.5
_SLOW_COMMIT_MS = 2.0


async def report_1(stage: Stage) -> list[Figure]:
    """One provider that reports without a pause."""
    database = await stage.database("report_1")
    return [await _figure(stage, database, "report_1", connections=1, target=None)]


async def report_16(stage: Stage) -> list[Figure]:
    """Sixteen at once, so that reports are combined into commits."""
    database = await stage.database("report_16")
    target = Target("ratio", "at least", 0.5)
    return [await _figure(stage, database, "report_16", connections=16, target=target)]


async def report_16_slow_disk(stage: Stage) -> list[Figure]:
    """The same with a disk that needs two milliseconds for a commit."""
    database = await stage.database("report_16_slow_disk")
    role = "verkeerstoren_app"
    await stage.as_admin(
        database.admin_url,
        f"ALTER ROLE {role} SET commit_delay = {int(_SLOW_COMMIT_MS * 1000)}",
        f"ALTER ROLE {role} SET commit_siblings = 0",
    )
    try:
        latency = await _commit_latency_ms(stage, database)
        if not _SLOW_COMMIT_MS <= latency <= 4 * _SLOW_COMMIT_MS:
            raise AssertionError(
                f"a commit on the slow disk takes {latency} ms, not {_SLOW_COMMIT_MS}"
            )
        target = Target("ratio", "at least", 0.35)
        return [
            await _figure(stage, database, "report_16_slow_disk", connections=16, target=target)
        ]
    finally:
        await stage.as_admin(
            database.admin_url,
            f"ALTER ROLE {role} RESET commit_delay",
            f"ALTER ROLE {role} RESET commit_siblings",
        )


async def _figure(
    stage: Stage, database: Database, name: str, *, connections: int, target: Target | None
) -> Figure:
    region = await fill(database, pools=_POOLS)
    with stage.api(database) as api, stage.reference("trivial_put") as trivial:
        async with (
            Providers(api.port, region.reporter, region.pools, connections) as ours,
            Providers(trivial.port, region.reporter, region.pools, connections) as theirs,
        ):
            await ours.rate(1.5)
            await theirs.rate(1.0)
            runs, reference_runs = await alternately(
                _ROUNDS, lambda: ours.rate(_SECONDS), lambda: theirs.rate(_SECONDS)
            )
    return Figure(name, "per s", runs, reference_runs, target)


async def _commit_latency_ms(stage: Stage, database: Database) -> float:
    """What pgbench measures for a transaction that only writes and commits."""
    script = stage.logs / "commit.sql"
    script.write_text("SELECT pg_logical_emit_message(true, 'bench', 'x');\n")
    pgbench = await asyncio.create_subprocess_exec(
        *(stage.pgbench, "--no-vacuum", "--transactions=100", f"--file={script}", database.url),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output = (await pgbench.communicate())[0].decode()
    latency = re.search(r"latency average = ([0-9.]+) ms", output)
    if latency is None:
        raise AssertionError(f"pgbench: {output}")
    return float(latency[1])
