"""Where the embedded servers keep their things, and as whom they run.

A normal user: everything is under the home that was named. Root: PostgreSQL refuses to run as root,
so both servers run as a system user of their own, and live where that user can come without a door
being opened for it: /var/lib/verkeerstoren, never a folder of the checkout.
"""

import fcntl
import hashlib
import json
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from app.processes import RunAs
from app.settings import EMBEDDED_SOCKETS

SYSTEM_USER = "verkeerstoren"
SYSTEM_FOLDER = Path("/var/lib/verkeerstoren")
#: What macOS accepts as the path of a socket (Linux: 107), and the longest name that we put in it.
_SOCKET_PATH_BYTES = 103
_LONGEST_SOCKET = ".s.PGSQL.5432"
_USERADD_NAME_TAKEN = 9


class EmbeddedError(RuntimeError):
    """The embedded servers can't do what was asked; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """The passwords of one place, made at its first start."""

    postgres: str
    owner: str
    app: str
    valkey: str


@dataclass(frozen=True, slots=True)
class Place:
    """The folders of one pair of servers."""

    home: Path
    root: Path
    sockets: Path
    run_as: RunAs | None

    @classmethod
    def open(cls, home: Path) -> Self:
        """Makes what isn't there yet. Raises EmbeddedError."""
        home = home.resolve()
        try:
            home.mkdir(parents=True, exist_ok=True)
            identity = _identity(home)
            run_as = _system_user() if os.geteuid() == 0 else None
            root = SYSTEM_FOLDER / identity if run_as else home
            if run_as:
                SYSTEM_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
                _sweep()
                root.mkdir(mode=0o710, exist_ok=True)
                os.chown(root, 0, run_as.group)
                root.chmod(0o710)
                (root / "home").write_text(f"{home}\n")
            place = cls(home, root, _sockets(root, identity), run_as)
            place.private_folder(place.sockets)
        except OSError as error:
            raise EmbeddedError(explained(f"No place for the embedded servers: {error}")) from error
        return place

    @property
    def used(self) -> bool:
        """Whether a database was made here before."""
        return (self.root / "postgres").exists()

    def private_folder(self, folder: Path) -> Path:
        """Makes a folder that only the user of the servers can enter."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.run_as:
            os.chown(folder, self.run_as.user, self.run_as.group)
        elif folder.stat().st_uid != os.geteuid():
            raise EmbeddedError(f"{folder} belongs to another user; remove it.")
        folder.chmod(0o700)
        return folder

    def private_file(self, path: Path, text: str) -> Path:
        """Writes a file that only the user of the servers can read; it is never half written."""
        new = path.with_name(f"{path.name}.new")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if self.run_as:
            os.chown(new, self.run_as.user, self.run_as.group)
        return new.replace(path)

    def secrets(self) -> Secrets:
        """Reads the passwords, or makes them where no database was made yet."""
        path = self.root / "secrets.json"
        if not path.exists():
            if self.used:
                raise EmbeddedError(
                    f"{path} is gone, and without it nobody can sign in to the database beside it. "
                    "Put it back, or start afresh with `make reset`."
                )
            new = {name: secrets.token_urlsafe(24) for name in Secrets.__slots__}
            self.private_file(path, json.dumps(new))
            if self.run_as:
                os.chown(path, 0, 0)
        return Secrets(**json.loads(path.read_text()))

    def lock(self) -> IO[str]:
        """Claims the place until the returned file is closed or this process ends.

        Raises EmbeddedError when another process has it.
        """
        file = (self.root / "lock").open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            file.close()
            raise EmbeddedError(
                f"The servers of {self.home} are already running, started by process {holder}. "
                "End that one first, or work in another folder (VERKEERSTOREN_VAR)."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        return file

    def require_space(self, needed: int) -> None:
        """Refuses a disk that is about to be full: a database that can't write stops halfway."""
        free = shutil.disk_usage(self.root).free
        if free < needed:
            raise EmbeddedError(
                f"The disk of {self.root} is full: {free // 2**20} MB free, "
                f"{needed // 2**20} MB needed. Make room and start again."
            )

    def remove(self) -> None:
        """Deletes everything that `open` and the servers made, and nothing else in the home."""
        for folder in {self.root, self.sockets.parent} - {self.home}:
            shutil.rmtree(folder, ignore_errors=True)
        if self.root == self.home:
            for name in ("postgres", "postgres.new", "valkey", EMBEDDED_SOCKETS):
                shutil.rmtree(self.home / name, ignore_errors=True)
            for name in ("secrets.json", "lock", "valkey.conf"):
                (self.home / name).unlink(missing_ok=True)
        (self.home / "identity").unlink(missing_ok=True)


def _sweep() -> None:
    """Removes what belonged to a temporary home that is gone, as after a test run that was killed."""
    for note in SYSTEM_FOLDER.glob("*/home"):
        try:
            home = Path(note.read_text().strip())
            if home.exists() or not home.is_relative_to(Path(tempfile.gettempdir()).resolve()):
                continue
            with (note.parent / "lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(note.parent)
        except OSError:
            continue  # its servers still run, or another process is sweeping it


def _identity(home: Path) -> str:
    """The short name of a home: of its path, and of a file in it, so that a new checkout is new."""
    path = home / "identity"
    if not path.exists():
        path.write_text(secrets.token_hex(8))
    return hashlib.sha256(f"{home}:{path.read_text()}".encode()).hexdigest()[:12]


def _sockets(root: Path, identity: str) -> Path:
    folder = root / EMBEDDED_SOCKETS
    if len(os.fsencode(folder / _LONGEST_SOCKET)) <= _SOCKET_PATH_BYTES:
        return folder
    short = Path("/tmp") / f"verkeerstoren-{os.geteuid()}-{identity}"  # noqa: S108 (checked below)
    short.mkdir(mode=0o700, exist_ok=True)
    status = short.lstat()
    if status.st_uid != os.geteuid() or status.st_mode & 0o077 or short.is_symlink():
        raise EmbeddedError(f"{short} isn't a private folder of ours; remove it.")
    return short / EMBEDDED_SOCKETS


def _system_user() -> RunAs:
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        entry = _new_system_user()
    return RunAs(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _new_system_user() -> pwd.struct_passwd:
    tool = shutil.which("useradd", path=f"{os.defpath}:/usr/sbin:/sbin")
    instead = "Start this as a normal user, or set DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL."
    if tool is None:
        raise EmbeddedError(
            f"PostgreSQL refuses to run as root, and there is no useradd to make a user for it. {instead}"
        )
    command = [
        *(tool, "--system", "--user-group", "--no-create-home"),
        *("--home-dir", str(SYSTEM_FOLDER), "--shell", "/usr/sbin/nologin", SYSTEM_USER),
    ]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    # Another process may have been first.
    if made.returncode not in (0, _USERADD_NAME_TAKEN):
        raise EmbeddedError(
            f"PostgreSQL refuses to run as root, and the system user {SYSTEM_USER} could not be made: "
            f"{made.stderr.strip()}. {instead}"
        )
    return pwd.getpwnam(SYSTEM_USER)


def explained(text: str) -> str:
    """Adds what to do to what a program or the system said of a full disk."""
    if "No space left on device" in text or "Disk quota exceeded" in text:
        return f"The disk is full. Make room and start again.\n{text}"
    return text
