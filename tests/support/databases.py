"""Makes a database for every test, quickly: most tests take less time than a careless copy does."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import asyncpg
import psutil

from app.db.engine import LOST
from app.embedded import EmbeddedServers
from app.embedded.place import SYSTEM_USER

_MEMORY = Path("/dev/shm")
#: A copy takes 11 MB, and few are there at a time; the rest is for tests with much data.
_ROOM = 2 * 2**30


@contextmanager
def quick_folder(servers: EmbeddedServers) -> Iterator[Path | None]:
    """A folder in memory that the server may use; None where there is none, or hardly any room.

    A file system that keeps a journal finds new files ever slower after the files of a thousand
    databases were deleted: ten times as slow as the copying.
    """
    if not _MEMORY.is_dir() or shutil.disk_usage(_MEMORY).free < _ROOM:
        yield None
        return
    for left in _MEMORY.glob("vt-tests-*-*"):
        if not psutil.pid_exists(int(left.name.split("-")[2])):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=_MEMORY, prefix=f"vt-tests-{os.getpid()}-") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, SYSTEM_USER, SYSTEM_USER)
        yield Path(folder)
        # The server would look for the folder at its end.
        servers.stop()


class Databases:
    """One connection of the administrator, in a loop of its own, for as long as the tests run."""

    def __init__(self, admin_url: str, folder: Path | None = None) -> None:
        """`folder` is where the databases lie if not with the server's other data."""
        self._url = admin_url
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self._connection: Any = None
        self._where = ""
        if folder is not None:
            self._run(f"CREATE TABLESPACE quick LOCATION '{folder}'")
            self._where = "TABLESPACE quick"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._connection is not None:
            self._connection.terminate()
        self._runner.close()

    def create(self, name: str, template: str) -> None:
        """A copy of a database that nobody uses."""
        # Copying files takes the caches of the catalogue along, which the first connection would make.
        self._run(
            f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY {self._where}'
        )

    def drop(self, name: str) -> None:
        """Drops a database if it is there, whoever is connected to it."""
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        self._runner.run(self._execute(statement))

    async def _execute(self, statement: str) -> None:
        if self._connection is not None:
            try:
                await self._connection.execute(statement)
            except LOST:
                # A test restarted the server.
                self._connection.terminate()
            else:
                return
        self._connection = await asyncpg.connect(self._url)
        await self._connection.execute(statement)
