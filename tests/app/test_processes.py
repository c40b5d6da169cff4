"""Programs under a guard: they say why they end, and they end when told."""

import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

from app.processes import GuardedProcess, ProgramNotStartedError

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"


def start(code: str, log: Path, patience: int = 10) -> GuardedProcess:
    return GuardedProcess.start("one", [sys.executable, "-c", code], log=log, patience=patience)


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ProgramNotStartedError, match="no-such-program"):
        GuardedProcess.start("one", ["/no-such-program"], log=tmp_path / "one.log")


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [("raise SystemExit(3)", 3), ("import os; os.kill(os.getpid(), 9)", 137)],
)
def test_the_exit_code_is_told_as_a_shell_does(tmp_path: Path, code: str, exit_code: int) -> None:
    process = start(code, tmp_path / "one.log")
    assert process.wait() == exit_code
    assert not process.running
    process.signal(signal.SIGTERM)
    process.stop()


def test_the_tail_of_its_log_is_of_this_run_only(tmp_path: Path) -> None:
    log = tmp_path / "deeper" / "one.log"
    start("print('earlier')", log).wait()
    process = start("import sys; print('now'); sys.exit('why')", log)
    process.wait()
    assert sorted(process.log_tail().splitlines()) == ["now", "why"]
    assert "earlier" in log.read_text()


def test_a_grown_log_is_set_aside(tmp_path: Path) -> None:
    log = tmp_path / "one.log"
    log.write_bytes(b"x" * 10_000_001)
    start("print('now')", log).wait()
    assert log.read_text() == "now\n"
    assert (tmp_path / "one.log.1").stat().st_size == 10_000_001


def test_who_does_not_listen_is_killed_after_its_patience(tmp_path: Path) -> None:
    process = start(STUBBORN, tmp_path / "one.log", patience=1)
    while "up" not in process.log_tail():
        time.sleep(0.01)
    process.signal(signal.SIGTERM)
    assert process.running
    begun = time.monotonic()
    process.stop()
    assert 0.5 < time.monotonic() - begun < 10
    assert process.exit_code == 137
    assert not psutil.pid_exists(process.pid)
