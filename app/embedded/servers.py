"""The pair of servers, as demo, tests and benchmarks use it."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Literal, Self, TypeVar
from urllib.parse import quote

from app.embedded.place import EmbeddedError, Place, Secrets, explained
from app.embedded.postgres import Postgres
from app.embedded.programs import pg_bin
from app.embedded.valkey import Valkey, valkey_socket

T = TypeVar("T")
Role = Literal["postgres", "verkeerstoren_owner", "verkeerstoren_app"]
DATABASE = "verkeerstoren"
#: A new cluster with its first log files takes 60 MB; the rest is room to work.
ROOM_TO_START = 256 * 2**20


class EmbeddedServers:
    """PostgreSQL 18 and Valkey on sockets of their own; they end when this process ends, however it does.

    `home` keeps their data between runs; one process at a time can have it. `durable=False` gives
    up what survives a power cut, for speed in tests. `postgres_settings` are set on top of ours.
    All methods block; those that start something raise EmbeddedError with what to do.
    """

    def __init__(
        self,
        home: Path,
        *,
        durable: bool = True,
        with_postgres: bool = True,
        with_valkey: bool = True,
        log_folder: Path | None = None,
        postgres_settings: Mapping[str, str] | None = None,
        room_to_start: int = ROOM_TO_START,
    ) -> None:
        self._home = home
        self._durable = durable
        self._with_postgres = with_postgres
        self._with_valkey = with_valkey
        self._log_folder = log_folder or home / "log"
        self._postgres_settings = dict(postgres_settings or {})
        self._room_to_start = room_to_start
        self._place: Place | None = None
        self._secrets: Secrets | None = None
        self._lock: IO[str] | None = None
        self._postgres: Postgres | None = None
        self._valkey: Valkey | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Starts what was asked for and returns when it answers; data of an earlier run is kept."""
        place = Place.open(self._home)
        self._lock = place.lock()
        self._place = place
        try:
            place.require_space(self._room_to_start)
            passwords = self._secrets = place.secrets()
            if self._with_valkey:
                self._valkey = Valkey(place, passwords, self._log_folder / "valkey.log")
                self._valkey.begin()
            if self._with_postgres:
                self._postgres = Postgres(
                    place,
                    passwords,
                    self._log_folder / "postgres.log",
                    durable=self._durable,
                    settings=self._postgres_settings,
                )
                self._postgres.create_cluster()
                self._postgres.begin()
                self._postgres.wait_until_ready()
                self._postgres.create_roles()
            if self._valkey is not None:
                self._valkey.wait_until_ready()
        except BaseException as error:
            self.stop()
            if isinstance(error, OSError):
                raise EmbeddedError(explained(str(error))) from error
            raise

    def stop(self) -> None:
        """Stops both, without losing anything; calling it twice does no harm."""
        servers = [server for server in (self._valkey, self._postgres) if server is not None]
        for server in servers:
            server.ask_to_stop()
        for server in servers:
            server.wait_until_stopped()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def attach(self) -> bool:
        """Gives the addresses of servers that another process runs in this home; False: none does."""
        place = Place.open(self._home)
        try:
            place.lock().close()
        except EmbeddedError:
            self._place, self._secrets = place, place.secrets()
            return True
        return False

    def reset(self) -> None:
        """Stops both and throws their data away. Asks nothing."""
        self.stop()
        place = Place.open(self._home)
        with place.lock():
            place.remove()

    def start_postgres(self) -> None:
        """Starts PostgreSQL again after it was stopped or killed."""
        postgres = _required(self._postgres)
        if postgres.running:
            raise EmbeddedError("PostgreSQL runs already.")
        postgres.begin()
        postgres.wait_until_ready()

    def stop_postgres(self) -> None:
        """Stops PostgreSQL alone, as an administrator does."""
        postgres = _required(self._postgres)
        postgres.ask_to_stop()
        postgres.wait_until_stopped()

    def restart_postgres(self) -> None:
        """Stops PostgreSQL, disconnecting every client, and starts it again."""
        self.stop_postgres()
        self.start_postgres()

    def kill_postgres(self) -> None:
        """Lets PostgreSQL crash: the next start recovers what was committed."""
        _required(self._postgres).crash()

    def start_valkey(self) -> None:
        """Starts Valkey again after it was killed."""
        valkey = _required(self._valkey)
        if valkey.running:
            raise EmbeddedError("Valkey runs already.")
        valkey.begin()
        valkey.wait_until_ready()

    def kill_valkey(self) -> None:
        """Lets Valkey crash."""
        _required(self._valkey).crash()

    @property
    def postgres_running(self) -> bool:
        """Whether PostgreSQL runs."""
        return self._postgres is not None and self._postgres.running

    @property
    def valkey_running(self) -> bool:
        """Whether Valkey runs."""
        return self._valkey is not None and self._valkey.running

    @property
    def database_url(self) -> str:
        """For the application: the role with the grants that migrations give."""
        return self.url("verkeerstoren_app")

    @property
    def owner_url(self) -> str:
        """For migrations."""
        return self.url("verkeerstoren_owner")

    @property
    def admin_url(self) -> str:
        """The superuser, in the maintenance database: for tests that make databases."""
        return self.url("postgres", "postgres")

    def url(self, role: Role, database: str = DATABASE) -> str:
        """The address of a database, as asyncpg and libpq take it (SQLAlchemy: `+asyncpg`)."""
        place, passwords = _required(self._place), _required(self._secrets)
        password = {
            "postgres": passwords.postgres,
            "verkeerstoren_owner": passwords.owner,
            "verkeerstoren_app": passwords.app,
        }[role]
        return f"postgresql://{role}:{password}@/{quote(database)}?host={quote(str(place.sockets))}"

    @property
    def redis_url(self) -> str:
        """The address of Valkey."""
        place, passwords = _required(self._place), _required(self._secrets)
        return f"unix://:{passwords.valkey}@{quote(str(valkey_socket(place)))}"

    def pg_bin(self, name: str) -> Path:
        """A program of PostgreSQL: psql, pgbench, pg_dump ..."""
        return pg_bin(name)


def _required(thing: T | None) -> T:
    if thing is None:
        raise EmbeddedError("The embedded server isn't started.")
    return thing
