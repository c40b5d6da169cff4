"""Programs that this process starts and that never outlive it."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_GUARD = Path(__file__).with_name("guard.py")
#: A log that has grown past this is set aside once, when its program starts again.
_LOG_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class RunAs:
    """The system user that a program runs as when we are root."""

    name: str
    user: int
    group: int


class ProgramNotStartedError(RuntimeError):
    """The program could not be executed at all; the text is what the system said."""


class GuardedProcess:
    """One running program under its guard (see `app.guard`)."""

    def __init__(self, name: str, guard: subprocess.Popen[bytes], log: Path, patience: int) -> None:
        self.name = name
        self.log = log
        self._guard = guard
        self._patience = patience
        self._log_start = 0

    @classmethod
    def start(
        cls,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        run_as: RunAs | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        patience: int = 10,
    ) -> "GuardedProcess":
        """Starts the program, in a session of its own so that Ctrl-C reaches only us.

        `patience` is how many seconds it may take to stop before it is killed.
        Raises ProgramNotStartedError.
        """
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists() and log.stat().st_size > _LOG_BYTES:
            log.replace(log.with_name(f"{log.name}.1"))
        user, group = (run_as.user, run_as.group) if run_as else (-1, -1)
        with log.open("ab") as sink:
            log_start = sink.tell()
            guard = subprocess.Popen(
                [
                    *(sys.executable, "-I", "-S", str(_GUARD)),
                    *(str(int(stop_signal)), str(patience), str(user), str(group)),
                    *command,
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=sink,
                env=environment,
                cwd=folder,
                start_new_session=True,
            )
        process = cls(name, guard, log, patience)
        process._log_start = log_start
        assert guard.stdout is not None
        with guard.stdout:
            answer = guard.stdout.readline()
        if not answer:
            process.stop()
            raise ProgramNotStartedError(process.log_tail() or f"{name} did not start")
        process.pid = int(answer)
        return process

    pid: int

    @property
    def running(self) -> bool:
        """Whether the program still runs."""
        return self._guard.poll() is None

    @property
    def exit_code(self) -> int | None:
        """As a shell tells it: 128 + the signal when it died of one; None while it runs."""
        return self._guard.poll()

    def signal(self, number: signal.Signals) -> None:
        """Passes a signal on; one that has ended is left alone."""
        if self.running and self._guard.stdin is not None and not self._guard.stdin.closed:
            try:
                os.write(self._guard.stdin.fileno(), bytes([number]))
            except BrokenPipeError:
                return

    def ask_to_stop(self) -> None:
        """Tells it to stop without waiting, so that several stop at the same time."""
        if self._guard.stdin is not None and not self._guard.stdin.closed:
            self._guard.stdin.close()

    def wait(self) -> int:
        """Waits until it has ended, killed if it ignores its stop signal."""
        try:
            return self._guard.wait(self._patience + 10)
        finally:
            self.ask_to_stop()

    def stop(self) -> None:
        """Stops it and waits until it is gone."""
        self.ask_to_stop()
        self.wait()

    def log_tail(self, lines: int = 15) -> str:
        """The last lines that this run of the program has logged."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            text = log.read().decode(errors="replace")
        return "\n".join(text.splitlines()[-lines:])
