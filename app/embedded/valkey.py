"""One embedded Valkey: it only wakes (the truth is in PostgreSQL), so it keeps nothing on disk."""

import signal
import socket
import time
from pathlib import Path

from app.embedded.place import EmbeddedError, Place, Secrets, explained
from app.embedded.programs import valkey_server
from app.processes import GuardedProcess, ProgramNotStartedError

_START_SECONDS = 20


def valkey_socket(place: Place) -> Path:
    """Where the Valkey of a place listens."""
    return place.sockets / "valkey.sock"


class Valkey:
    """Runs the Valkey of one place, which the caller has locked."""

    def __init__(self, place: Place, secrets: Secrets, log: Path) -> None:
        self._place = place
        self._secrets = secrets
        self._log = log
        self._process: GuardedProcess | None = None
        self._server = valkey_server(place.run_as)
        self.socket = valkey_socket(place)

    @property
    def running(self) -> bool:
        """Whether the server runs."""
        return self._process is not None and self._process.running

    def begin(self) -> None:
        """Starts the server; `wait_until_ready` tells when it answers."""
        self.wait_until_stopped()
        folder = self._place.private_folder(self._place.root / "valkey")
        settings = {
            "port": "0",
            "unixsocket": _quoted(self.socket),
            "unixsocketperm": "700",
            "requirepass": self._secrets.valkey,
            "dir": _quoted(folder),
            "save": '""',
            "appendonly": "no",
            "maxmemory": "64mb",
            "daemonize": "no",
        }
        text = "".join(f"{name} {value}\n" for name, value in settings.items())
        # A file, so that the password doesn't show in a list of processes.
        configuration = self._place.private_file(folder / "valkey.conf", text)
        self.socket.unlink(missing_ok=True)
        try:
            self._process = GuardedProcess.start(
                "valkey",
                [str(self._server), str(configuration)],
                log=self._log,
                environment={"LC_ALL": "C"},
                folder=self._place.root,
                run_as=self._place.run_as,
                stop_signal=signal.SIGTERM,
            )
        except ProgramNotStartedError as error:
            raise EmbeddedError(f"Valkey did not start: {error}") from error

    def wait_until_ready(self) -> None:
        """Returns when the server answers. Raises EmbeddedError."""
        assert self._process is not None
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if not self._process.running:
                raise EmbeddedError(explained(f"Valkey did not start:\n{self._process.log_tail()}"))
            if time.monotonic() > deadline:
                self._process.stop()
                raise EmbeddedError(
                    f"Valkey was not ready after {_START_SECONDS} s; its log is {self._log}."
                )
            time.sleep(0.01)

    def ask_to_stop(self) -> None:
        """Begins a shutdown."""
        if self._process is not None:
            self._process.ask_to_stop()

    def wait_until_stopped(self) -> None:
        """Returns when the server is gone; who didn't ask it to stop waits until it ends by itself."""
        if self._process is not None:
            self._process.wait()
            self._process = None

    def crash(self) -> None:
        """Ends it without a word to its clients."""
        if self._process is not None:
            self._process.signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(1)
                client.connect(str(self.socket))
                client.sendall(f"AUTH {self._secrets.valkey}\r\nPING\r\n".encode())
                answer = b""
                while b"PONG" not in answer and (more := client.recv(256)):
                    answer += more
                return b"PONG" in answer
        except OSError:
            return False


def _quoted(path: Path) -> str:
    """As a word of Valkey's configuration file, which may hold spaces and quotes."""
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'
