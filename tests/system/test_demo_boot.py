"""`verkeerstoren demo`, run as a user runs it: a whole region, twice, in a folder of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

ROOT = Path(__file__).parents[2]
READY_SECONDS = 60


@dataclass(frozen=True)
class Demo:
    """A demo that is ready."""

    process: subprocess.Popen[str]
    output: Path
    var: Path

    @property
    def written(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.var / "demo.json").read_text())
        return found

    def client(self, role: str) -> httpx.Client:
        key = next(item["key"] for item in self.written["keys"] if item["role"] == role)
        return httpx.Client(
            base_url=self.written["base_url"],
            headers={"Authorization": f"Bearer {key}"},
            trust_env=False,
        )


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    var = tmp_path_factory.mktemp("demo") / "var"
    yield var
    subprocess.run(verkeerstoren("reset"), env=environment(var, 1), check=True, capture_output=True)
    assert not (var / "embedded").exists()
    assert not (var / "demo.json").exists()


def verkeerstoren(command: str) -> list[str]:
    return [sys.executable, "-m", "app.cli", command]


def environment(var: Path, port: int) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("VERKEERSTOREN_") and not name.endswith("_URL")
    }
    return kept | {
        "VERKEERSTOREN_VAR": str(var),
        "VERKEERSTOREN_PORT": str(port),
        "PYTHONPATH": str(ROOT),
    }


def free_port() -> int:
    with socket.socket() as attempt:
        attempt.bind(("127.0.0.1", 0))
        port: int = attempt.getsockname()[1]
        return port


@contextmanager
def running(var: Path, port: int) -> Iterator[Demo]:
    """Starts a demo, waits until it says that it runs, and ends it as Ctrl-C does if it still runs."""
    output = var.parent / "output.txt"
    with output.open("w") as sink:
        process = subprocess.Popen(
            verkeerstoren("demo"),
            env=environment(var, port),
            cwd=var.parent,
            stdout=sink,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        deadline = time.monotonic() + READY_SECONDS
        while "Ctrl-C stopt alles" not in output.read_text():
            assert process.poll() is None, output.read_text()
            assert time.monotonic() < deadline, output.read_text()
            time.sleep(0.05)
        yield Demo(process, output, var)
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0, output.read_text()
    finally:
        process.kill()
        process.wait()


def family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def test_it_boots_finds_its_data_again_bears_others_beside_it_and_ends_with_a_part(
    var: Path,
) -> None:
    port = free_port()
    report = {"operable": 10, "occupied": 3, "planned": 1}
    with running(var, port) as demo:
        first = demo.written
        assert first["base_url"] == f"http://localhost:{port}"
        roles = {item["role"] for item in first["keys"]}
        assert {"coordinator", "provider-capacity", "operator"} <= roles
        names = {word for each in family(demo.process) for word in each.cmdline()}
        assert {"api", "workers", "workers.simulator"} <= names
        with demo.client("provider-capacity") as client:
            pools = client.get("/v1/pools").json()
            pool = _of_own_organisation(pools, client, first, report)
        begun = family(demo.process)
    _, alive = psutil.wait_procs(begun, timeout=10)
    assert not alive

    with running(var, port) as demo:
        assert demo.written["keys"] == first["keys"]
        with demo.client("coordinator") as client:
            reports = client.get(f"/v1/pools/{pool}/reports", params={"limit": 500})
            assert reports.status_code == httpx.codes.OK
            assert '"occupied":3' in reports.text.replace(" ", "")
        _check_beside(demo)
        _check_that_a_part_that_dies_ends_it(demo)


def _of_own_organisation(
    pools: Any, client: httpx.Client, demo: dict[str, Any], report: dict[str, int]
) -> str:
    """Reports on a pool that the key may report on, and returns which it was."""
    items = pools["items"] if isinstance(pools, dict) else pools
    for item in items:
        answer = client.put(f"/v1/pools/{item['id']}/report", json=report)
        if answer.status_code == httpx.codes.OK:
            return str(item["id"])
    raise AssertionError(f"no pool of this key among {len(items)}")


def test_what_already_runs_is_said(var: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = subprocess.run(
            verkeerstoren("demo"),
            env=environment(var, port),
            capture_output=True,
            text=True,
            check=False,
        )
    assert told.returncode == 1
    assert f"Poort {port} op 127.0.0.1 is niet te gebruiken" in told.stderr
    if sys.platform == "linux":  # elsewhere only root may ask who has a port
        assert f"proces {os.getpid()}" in told.stderr
    assert f"VERKEERSTOREN_PORT={port + 1}" in told.stderr
    assert "Traceback" not in told.stderr


def _check_beside(demo: Demo) -> None:
    """A second demo in the same folder is refused; the commands work beside it."""
    second = subprocess.run(
        verkeerstoren("demo"),
        env=environment(demo.var, free_port()),
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert "Er draait al een demo in deze map" in second.stderr
    for command in (["doctor"], ["keys", "list"], ["migrate"]):
        told = subprocess.run(
            [*verkeerstoren(command[0]), *command[1:]],
            env=environment(demo.var, free_port()),
            capture_output=True,
            text=True,
            check=False,
        )
        assert told.returncode == 0, told.stdout + told.stderr
        assert "vt_" not in told.stdout
    assert demo.process.poll() is None


def _check_that_a_part_that_dies_ends_it(demo: Demo) -> None:
    """All of it ends, and it says which part died."""
    api = next(each for each in family(demo.process) if _runs(each, "api"))
    begun = family(demo.process)
    api.kill()
    assert demo.process.wait(60) == 1
    _, alive = psutil.wait_procs(begun, timeout=10)
    assert not alive
    assert "Het onderdeel api is gestopt (code 137)" in demo.output.read_text()


def _runs(process: psutil.Process, module: str) -> bool:
    words = process.cmdline()
    return words[1:3] == ["-m", module]
