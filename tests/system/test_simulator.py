"""`python -m workers.simulator`, run as it is run: before the API is there, while it dies, until told to stop."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app import demo_file
from app.services.demo import fill
from app.settings import Settings
from tests.support.database import Database
from tests.support.serving import ROOT, Serving


@contextmanager
def process(log: Path, settings: Settings, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Python process of ours, killed in the end if it still runs."""
    with log.open("ab") as output:
        started = subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=ROOT,
            env={**os.environ, **settings.variables()},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield started
    finally:
        started.kill()
        started.wait()


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


POSTED = "SELECT count(*) FROM pool WHERE report_version > 0 AND NOT 'mfb' = ANY (care_types)"
REPORTS = "SELECT sum(report_version) FROM pool"


async def until(
    database: Database, count: str, number: int, simulator: subprocess.Popen[bytes]
) -> None:
    """Waits until there are this many, while the simulator runs."""
    async with asyncio.timeout(40):
        while await database.value(count) < number:
            assert simulator.poll() is None
            await asyncio.sleep(0.1)


async def test_it_plays_on_whatever_happens_to_the_api(
    settings: Settings, database: Database, port: int
) -> None:
    await fill(settings, settings.demo_file)
    log, api_log = settings.var / "simulator.log", settings.var / "api.log"
    base_url = f"http://127.0.0.1:{port}"
    arguments = ("--base-url", base_url, "--keys", str(settings.demo_file), "--speed", "900")
    with process(log, settings, "workers.simulator", *arguments) as simulator:
        await asyncio.sleep(0.5)
        with process(api_log, settings, "api", "--port", str(port)) as api:
            await Serving(base_url, process=api).until_ready()
            await until(database, POSTED, 12, simulator)
        # The API was killed.
        before = await database.value(REPORTS)
        with process(api_log, settings, "api", "--port", str(port)) as api:
            await Serving(base_url, process=api).until_ready()
            await until(database, POSTED, 24, simulator)
            await until(database, REPORTS, before + 20, simulator)
            simulator.send_signal(signal.SIGTERM)
            assert simulator.wait(10) == 0
    said = log.read_text()
    assert "Traceback" not in said
    assert "the API is away" in said
    assert "the API is back" in said
    assert "vt_" not in said


async def run_to_its_end(settings: Settings, *arguments: str) -> tuple[int, str]:
    """Exit code and what was said."""
    log = settings.var / "simulator.log"
    with process(log, settings, "workers.simulator", *arguments) as simulator:
        async with asyncio.timeout(20):
            while (code := simulator.poll()) is None:
                await asyncio.sleep(0.05)
    return code, log.read_text()


async def test_refused_keys_end_it_with_what_to_do(settings: Settings, api: Serving) -> None:
    content = demo_file.DemoFile.model_validate(
        {
            "base_url": api.base_url,
            "keys": [
                {
                    "role": "provider-capacity",
                    "organisation": "Zorg",
                    "agb": "47990001",
                    "key": "vt_van-een-andere-database",
                }
            ],
        }
    )
    demo_file.write(settings.demo_file, content)
    code, said = await run_to_its_end(settings, "--keys", str(settings.demo_file))
    assert code == 1
    assert f"De API op {api.base_url} weigert de sleutels" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--keys", "nergens.json"], 1, "nergens.json is er niet of is geen demo.json"),
        (["--keys", "x", "--speed", "0"], 2, "must be more than 0"),
        (["--keys", "x", "--base-url", "localhost"], 2, "must begin with http"),
    ],
)
async def test_wrong_arguments_are_told(
    settings: Settings, arguments: list[str], code: int, told: str
) -> None:
    ended, said = await run_to_its_end(settings, *arguments)
    assert ended == code
    assert told in said
    assert "Traceback" not in said


async def test_it_stops_after_its_duration_and_says_what_was_played(
    settings: Settings, api: Serving
) -> None:
    await fill(settings, settings.demo_file)
    async with asyncio.timeout(20):
        code, said = await run_to_its_end(
            settings,
            *("--base-url", api.base_url, "--keys", str(settings.demo_file), "--duration", "2"),
        )
    assert code == 0
    assert '"accepted": ' in said
