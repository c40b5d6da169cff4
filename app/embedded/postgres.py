"""One embedded PostgreSQL: its cluster, its process, its roles."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil

from app.embedded.place import EmbeddedError, Place, Secrets, explained
from app.embedded.programs import postgres_bin
from app.processes import GuardedProcess, ProgramNotStartedError

_ROLES = Path(__file__).with_name("roles.sql")
#: Higher than any system hands out, so never the id of a process.
_NO_PROCESS = 2**31 - 2
#: Enough for PostgreSQL to replay what a crash left.
_START_SECONDS = 120
_STOP_SECONDS = 30
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": "5432",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "cluster_name": "verkeerstoren",
}
#: What tests give up: data that survives a power cut. A crash of PostgreSQL alone still loses nothing.
_NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}


class Postgres:
    """Runs the cluster of one place, which the caller has locked."""

    def __init__(
        self,
        place: Place,
        secrets: Secrets,
        log: Path,
        *,
        durable: bool,
        settings: Mapping[str, str],
    ) -> None:
        self._place = place
        self._secrets = secrets
        self._log = log
        self._data = place.root / "postgres"
        self._durable = durable
        self._settings = (
            _SETTINGS
            | ({} if durable else _NOT_DURABLE)
            | {"unix_socket_directories": _quoted(place.sockets)}
            | dict(settings)
        )
        self._process: GuardedProcess | None = None
        self.bin = postgres_bin(place.run_as)

    @property
    def running(self) -> bool:
        """Whether the server runs."""
        return self._process is not None and self._process.running

    def create_cluster(self) -> None:
        """Makes the cluster where there is none; one that was half made is made again."""
        if self._data.exists():
            self._check_version()
            return
        half = self._data.with_name("postgres.new")
        shutil.rmtree(half, ignore_errors=True)
        self._place.private_folder(half)
        password = self._place.private_file(
            self._place.sockets / "initdb-password", self._secrets.postgres
        )
        command = [
            *(str(self.bin / "initdb"), "--pgdata", str(half), "--no-instructions"),
            *("--username", "postgres", "--pwfile", str(password), "--auth", "scram-sha-256"),
            # The same order of text on every machine, with or without its locales.
            *("--encoding", "UTF8", "--locale", "C"),
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
            # Rounds make guessing slow; these passwords are 192 random bits, and each round would
            # only make connecting slow.
            *("--set", "scram_iterations=16"),
            *(() if self._durable else ("--no-sync",)),
        ]
        run_as = self._place.run_as
        try:
            made = subprocess.run(
                command,
                capture_output=True,
                text=True,
                check=False,
                cwd=half,
                env=_environment(),
                user=run_as.user if run_as else None,
                group=run_as.group if run_as else None,
                extra_groups=[] if run_as else None,
            )
        finally:
            password.unlink()
        if made.returncode != 0:
            raise EmbeddedError(explained(f"initdb failed:\n{made.stderr.strip()}"))
        half.rename(self._data)

    def begin(self) -> None:
        """Starts the server; `wait_until_ready` tells when it answers."""
        self.wait_until_stopped()
        self._clear_stale_pid()
        for leftover in self._place.sockets.glob(".s.PGSQL.*"):
            leftover.unlink()
        options = [part for item in self._settings.items() for part in ("-c", "=".join(item))]
        try:
            self._process = GuardedProcess.start(
                "postgres",
                [str(self.bin / "postgres"), "-D", str(self._data), *options],
                log=self._log,
                environment=_environment(),
                folder=self._place.root,
                run_as=self._place.run_as,
                stop_signal=signal.SIGINT,  # "fast": clients are disconnected, nothing is lost
                patience=_STOP_SECONDS,
            )
        except ProgramNotStartedError as error:
            raise EmbeddedError(f"PostgreSQL did not start: {error}") from error

    def wait_until_ready(self) -> None:
        """Returns when the server takes connections. Raises EmbeddedError."""
        assert self._process is not None
        deadline = time.monotonic() + _START_SECONDS
        # A killed server leaves its file behind, so the file must name this one.
        own = str(self._process.pid)
        while (lines := _pid_file(self._data))[:1] != [own] or lines[-1] != "ready":
            if not self._process.running:
                raise EmbeddedError(
                    explained(f"PostgreSQL did not start:\n{self._process.log_tail()}")
                )
            if time.monotonic() > deadline:
                self._process.stop()
                raise EmbeddedError(
                    f"PostgreSQL was not ready after {_START_SECONDS} s; its log is {self._log}."
                )
            time.sleep(0.01)

    def create_roles(self) -> None:
        """Makes both roles and the database, or gives the roles these passwords again."""
        made = subprocess.run(
            [str(self.bin / "psql"), "--no-psqlrc", "--quiet", "--file", str(_ROLES)],
            capture_output=True,
            text=True,
            check=False,
            # psql takes the address from here, so that no password shows in a list of processes.
            env=_environment()
            | {
                "PGHOST": str(self._place.sockets),
                "PGUSER": "postgres",
                "PGDATABASE": "postgres",
                "PGPASSWORD": self._secrets.postgres,
                "VERKEERSTOREN_OWNER_PASSWORD": self._secrets.owner,
                "VERKEERSTOREN_APP_PASSWORD": self._secrets.app,
            },
        )
        if made.returncode != 0:
            raise EmbeddedError(
                explained(f"The database roles could not be made:\n{made.stderr.strip()}")
            )

    def ask_to_stop(self) -> None:
        """Begins a fast shutdown."""
        if self._process is not None:
            self._process.ask_to_stop()

    def wait_until_stopped(self) -> None:
        """Returns when the server is gone; who didn't ask it to stop waits until it ends by itself."""
        if self._process is not None:
            self._process.wait()
            self._process = None

    def crash(self) -> None:
        """Ends it as a crash does: nothing is flushed, no client is told, recovery follows."""
        if self._process is not None:
            self._process.signal(signal.SIGQUIT)
            self._process.wait()
            self._process = None

    def _check_version(self) -> None:
        data = (self._data / "PG_VERSION").read_text().strip()
        told = subprocess.run(
            [str(self.bin / "postgres"), "--version"], capture_output=True, text=True, check=True
        )
        program = told.stdout.split()[-1].split(".")[0]
        if data != program:
            raise EmbeddedError(
                f"The database in {self._data} was made by PostgreSQL {data}, the installed one is "
                f"{program}. Start afresh with `make reset`, or install the older one."
            )

    def _clear_stale_pid(self) -> None:
        """Deals with the postmaster.pid of a server that wasn't stopped.

        A dead process PostgreSQL recognises itself. Two cases are ours: the old server still runs
        (its guard is ending it, or was killed too), or its id was given to another program, which
        PostgreSQL would take for a server. The file itself must stay: with it PostgreSQL makes sure that no
        process of the old server still uses the shared memory.
        """
        lines = _pid_file(self._data)
        if not lines or not lines[0].isdigit():
            return
        old = int(lines[0])
        if not _is_server_of(old, self._data):
            text = "\n".join([str(_NO_PROCESS), *lines[1:]]) + "\n"
            self._place.private_file(self._data / "postmaster.pid", text)
            return
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(old)
            process.send_signal(signal.SIGINT)
            try:
                process.wait(_STOP_SECONDS)
            except psutil.TimeoutExpired:
                raise EmbeddedError(
                    f"An earlier PostgreSQL (process {old}) still runs on {self._data} and doesn't stop."
                ) from None


def _pid_file(data: Path) -> list[str]:
    try:
        return [line.strip() for line in (data / "postmaster.pid").read_text().splitlines()]
    except FileNotFoundError:
        return []


def _is_server_of(pid: int, data: Path) -> bool:
    """Whether that process is a PostgreSQL of this data: it works in the folder of its data."""
    try:
        return Path(psutil.Process(pid).cwd()).samefile(data)
    except (psutil.Error, OSError):
        return False


def _environment() -> dict[str, str]:
    """No setting of the user's reaches the server, nor its language: we read what it says."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _quoted(folder: Path) -> str:
    """As an item of a PostgreSQL list, which may hold spaces and commas."""
    return '"' + str(folder).replace('"', '""') + '"'
