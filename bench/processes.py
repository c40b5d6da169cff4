"""The server processes that are measured: started, waited for, read and ended."""

import asyncio
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import orjson
import psutil

_STARTUP_SECONDS = 60


class ServerFailedError(RuntimeError):
    """A server process ended, or never became ready."""


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """`python -m MODULE --port P`, ready within the `with` block and ended after it.

    ready: the path that answers 200 once it works; None: an open port will do.
    commanded: it takes orders on stdin and answers on stdout.
    """

    def __init__(
        self,
        module: str,
        logs: Path,
        env: Mapping[str, str] | None = None,
        *,
        ready: str | None = None,
        commanded: bool = False,
    ) -> None:
        self.port = free_port()
        self._module = module
        self._log = logs / f"{module}.{self.port}.log"
        self._env = {**os.environ, **(env or {})}
        self._ready = ready
        self._commanded = commanded
        self._process: subprocess.Popen[bytes] | None = None
        self._output: IO[bytes] | None = None

    def __enter__(self) -> Self:
        self._output = self._log.open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", self._module, "--port", str(self.port)],
            env=self._env,
            stdin=subprocess.PIPE if self._commanded else subprocess.DEVNULL,
            stdout=subprocess.PIPE if self._commanded else self._output,
            stderr=self._output,
        )
        self._stats = psutil.Process(self._process.pid)
        try:
            self._wait()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process is not None
        assert self._output is not None
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._output):
            if stream is not None:
                stream.close()

    @property
    def cpu_seconds(self) -> float:
        """User and system time of the process so far."""
        times = self._stats.cpu_times()
        return times.user + times.system

    @property
    def memory_kb(self) -> float:
        """Resident memory of the process."""
        return float(self._stats.memory_info().rss) / 1024

    async def order(self, **command: object) -> None:
        """One JSON line to the process's stdin; returns when it answered with a line."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(orjson.dumps(command) + b"\n")
        process.stdin.flush()
        if not await asyncio.to_thread(process.stdout.readline):
            raise ServerFailedError(f"{self._module} ended: see {self._log}")

    def _wait(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + _STARTUP_SECONDS
        while not self._answers():
            if self._process.poll() is not None:
                raise ServerFailedError(
                    f"{self._module} ended at once: {self._log.read_text()[-2000:]}"
                )
            if time.monotonic() > deadline:
                raise ServerFailedError(
                    f"{self._module} not ready in {_STARTUP_SECONDS} s: see {self._log}"
                )
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            if self._ready is None:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return True
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}{self._ready}", timeout=2
            ) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False
