"""Runs a whole region on one machine: servers, API, workers and simulated providers.

For `demo` and `run`. Everything it starts ends with it. What it says is for people who look at a
demo, so it is Dutch.
"""

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import httpx
import psutil

from app import logs
from app.embedded import EmbeddedServers
from app.processes import GuardedProcess
from app.settings import Environment, LogLevel, Settings

_READY_SECONDS = 60
_LOOK_EVERY_SECONDS = 0.2
#: The folders whose code `run` watches.
_CODE = ("api", "app", "domain", "workers")
_ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class SupervisorError(RuntimeError):
    """The region can't run or had to end; the Dutch text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to start. `reload` starts API and workers again when code changes."""

    simulate: bool = True
    reload: bool = False


def run(settings: Settings, plan: Plan, say: Callable[[str], None]) -> None:
    """Runs the region until Ctrl-C or SIGTERM. Raises SupervisorError and EmbeddedError."""
    begun = time.monotonic()
    if settings.environment is Environment.PRODUCTION:
        raise SupervisorError("De demo draait niet met VERKEERSTOREN_ENVIRONMENT=production.")
    settings = settings.model_copy(update={"var": settings.var.resolve()})
    _check_running(settings)
    check_port(settings)
    with _ended_by_signals(), servers(settings) as complete:
        say("Database en berichtendienst draaien; de demoregio wordt klaargezet ...")
        _prepare(complete)
        _Region(complete, plan, say).run(begun)


@contextmanager
def servers(settings: Settings) -> Iterator[Settings]:
    """Starts what the settings have no address for, and yields settings that are complete."""
    if settings.database_url and not settings.database_owner_url:
        raise SupervisorError("Bij DATABASE_URL hoort ook DATABASE_OWNER_URL (voor de migraties).")
    if settings.database_url and settings.redis_url:
        yield settings
        return
    embedded = EmbeddedServers(
        embedded_home(settings),
        with_postgres=not settings.database_url,
        with_valkey=not settings.redis_url,
        log_folder=settings.var / "log",
    )
    with embedded:
        yield with_addresses(settings, embedded)


def with_addresses(settings: Settings, embedded: EmbeddedServers) -> Settings:
    """The settings, with the embedded servers' addresses where there was none."""
    missing = {
        "database_url": embedded.database_url,
        "database_owner_url": embedded.owner_url,
        "redis_url": embedded.redis_url,
    }
    return settings.model_copy(
        update={name: url for name, url in missing.items() if not getattr(settings, name)}
    )


def embedded_home(settings: Settings) -> Path:
    """Where the embedded servers of these settings live."""
    return settings.var / "embedded"


def check_port(settings: Settings) -> None:
    """Raises SupervisorError, with who has it, when the port is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((settings.host, settings.port))
        except OSError as error:
            holder = _holder_of_port(settings.port)
            raise SupervisorError(
                f"Poort {settings.port} op {settings.host} is niet te gebruiken"
                + (f": bezet door {holder}" if holder else f" ({error.strerror})")
                + f".\nKies een andere, bijvoorbeeld: VERKEERSTOREN_PORT={settings.port + 1} make demo"
            ) from None


def _holder_of_port(port: int) -> str | None:
    """The program that listens on a port, as far as the system tells us."""
    try:
        for connection in psutil.net_connections("tcp"):
            if (
                connection.status == psutil.CONN_LISTEN
                and connection.laddr
                and connection.laddr.port == port
                and connection.pid
            ):
                words = psutil.Process(connection.pid).cmdline()
                return f"proces {connection.pid} ({' '.join(words)[:80]})"
    except psutil.Error:
        return None
    return None


def _check_running(settings: Settings) -> None:
    if not settings.database_url and EmbeddedServers(embedded_home(settings)).attach():
        raise SupervisorError(
            f"Er draait al een demo in deze map ({settings.var}).\n"
            "Stop die eerst met Ctrl-C, of gebruik voor een tweede een eigen map en poort, "
            "bijvoorbeeld: VERKEERSTOREN_VAR=var2 "
            f"VERKEERSTOREN_PORT={settings.port + 1} make demo"
        )


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Turns the first ending signal into KeyboardInterrupt; the next don't disturb the ending."""

    def end(_number: int, _frame: FrameType | None) -> None:
        for each in _ENDING_SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {each: signal.getsignal(each) for each in _ENDING_SIGNALS}
    for each, handler in before.items():
        # `nohup` ignores SIGHUP for us; it knows why.
        if each is not signal.SIGHUP or handler is not signal.SIG_IGN:
            signal.signal(each, end)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _prepare(settings: Settings) -> None:
    """Migrates the database and fills the demo region, unless that was done before."""
    # Imported here: they bring the database layer, which no other command needs to start.
    from app.db.migrate import upgrade
    from app.services.demo import fill

    logs.configure(LogLevel.WARNING)  # what goes well is said by `say`
    upgrade(settings.database_owner_url)
    asyncio.run(fill(settings, settings.demo_file))


@dataclass(slots=True)
class _Region:
    """The processes of this house that run on the servers."""

    settings: Settings
    plan: Plan
    say: Callable[[str], None]
    _processes: list[GuardedProcess] = field(default_factory=list)

    def run(self, begun: float) -> None:
        try:
            self._start()
            self._announce(time.monotonic() - begun)
            if self.plan.reload:
                self._watch_code()
            while True:
                self._check()
                time.sleep(_LOOK_EVERY_SECONDS)
        except KeyboardInterrupt:
            self.say("Alles wordt gestopt ...")
        finally:
            self._stop()

    def _start(self) -> None:
        settings = self.settings
        self._begin("api", "--port", str(settings.port))
        self._begin("workers")
        self._wait_until_ready()
        if self.plan.simulate:
            self._begin(
                "workers.simulator",
                *("--base-url", _own_address(settings), "--keys", str(settings.demo_file)),
                *("--seed", "1", "--speed", "60"),
            )

    def _begin(self, module: str, *arguments: str) -> None:
        name = module.rpartition(".")[2]
        process = GuardedProcess.start(
            name,
            [sys.executable, "-m", module, *arguments],
            log=self.settings.var / "log" / f"{name}.log",
            environment={**os.environ, **self.settings.variables(), "PYTHONUNBUFFERED": "1"},
        )
        self._processes.append(process)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        address = f"{_own_address(self.settings)}/health/ready"
        with httpx.Client(trust_env=False, timeout=5) as client:
            while True:
                self._check()
                try:
                    if client.get(address).status_code == httpx.codes.OK:
                        return
                except httpx.TransportError:
                    pass  # it doesn't listen yet
                if time.monotonic() > deadline:
                    raise SupervisorError(
                        f"De API is na {_READY_SECONDS} seconden niet klaar; "
                        f"zie {self._processes[0].log}."
                    )
                time.sleep(0.05)

    def _check(self) -> None:
        for process in self._processes:
            if not process.running:
                raise SupervisorError(
                    f"Het onderdeel {process.name} is gestopt (code {process.exit_code}). "
                    f"Het laatste uit {process.log}:\n{process.log_tail()}"
                )

    def _watch_code(self) -> None:
        """Starts everything again at each change; code that doesn't start waits for the next one."""
        from watchfiles import PythonFilter, watch

        folder = Path(__file__).parents[1]
        for _ in watch(*(folder / name for name in _CODE), watch_filter=PythonFilter()):
            self.say("De code is veranderd; API en workers starten opnieuw ...")
            self._stop()
            try:
                self._start()
                self.say("Klaar.")
            except SupervisorError as error:
                self.say(str(error))

    def _stop(self) -> None:
        for process in self._processes:
            process.ask_to_stop()
        for process in self._processes:
            process.wait()
        self._processes.clear()

    def _announce(self, seconds: float) -> None:
        settings = self.settings
        lines = [
            "",
            f"Verkeerstoren draait, na {f'{seconds:.1f}'.replace('.', ',')} s.",
            "",
            f"  API            {settings.base_url}/v1",
            f"  Beschrijving   {settings.base_url}/v1/openapi.json",
            f"  Stroom         {settings.base_url.replace('http', 'ws', 1)}/v1/live",
            f"  Logboeken      {settings.var / 'log'}",
            "",
            f"Inloggen op {settings.base_url} (alles staat in {settings.demo_file}):",
            "",
            *_sign_ins(settings.demo_file),
            "",
            "Sleutels voor systemen:",
            "",
            *_keys(settings.demo_file),
            "",
            "Ctrl-C stopt alles; de gegevens blijven. Opnieuw beginnen: make reset",
        ]
        self.say("\n".join(lines))


def _sign_ins(demo_file: Path) -> Sequence[str]:
    """A line for each person."""
    people = json.loads(demo_file.read_text())["people"]
    return [
        f"  {item['role']:<18} {item['username']:<12} {item['password']}  {item['organisation']}"
        for item in people
    ]


def _keys(demo_file: Path) -> Sequence[str]:
    """The first key of each role, as lines."""
    first: dict[str, str] = {}
    for item in json.loads(demo_file.read_text())["keys"]:
        first.setdefault(item["role"], f"{item['key']}  {item['organisation']}")
    return [f"  {role:<18} {line}" for role, line in first.items()]


def _own_address(settings: Settings) -> str:
    """How this machine itself reaches the API, whatever users type."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"
