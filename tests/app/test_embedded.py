"""The embedded servers, started for real: as whoever runs this, and, when that is root, also as a normal user."""

import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import psutil
import pytest
import redis.asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from app.embedded import EmbeddedError, EmbeddedServers, pg_bin
from app.embedded.place import Place, explained

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A folder for servers, with a name that needs quoting everywhere; emptied afterwards."""
    home = tmp_path / "thuis é, 'a'"
    yield home
    EmbeddedServers(home).reset()


@pytest.fixture
def servers(home: Path) -> Iterator[EmbeddedServers]:
    with EmbeddedServers(home, durable=False) as servers:
        yield servers


async def value(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def postmaster(home: Path) -> int:
    lines = (Place.open(home).root / "postgres" / "postmaster.pid").read_text().splitlines()
    return int(lines[0])


def gone(pid: int, seconds: float = 20) -> bool:
    """Whether a process has ended, after waiting for it."""
    try:
        psutil.Process(pid).wait(seconds)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return False
    return True


async def test_every_address_signs_in_as_its_own_role(servers: EmbeddedServers) -> None:
    for url, role in (
        (servers.database_url, "verkeerstoren_app"),
        (servers.owner_url, "verkeerstoren_owner"),
        (servers.admin_url, "postgres"),
    ):
        assert await value(url, "SELECT current_user") == role
    engine = create_async_engine(
        servers.database_url.replace("postgresql:", "postgresql+asyncpg:", 1)
    )
    async with engine.connect() as connection:
        answer = await connection.execute(text("SELECT current_database()"))
        assert answer.scalar_one() == "verkeerstoren"
    await engine.dispose()
    async with redis.asyncio.Redis.from_url(servers.redis_url) as valkey:
        assert await valkey.ping()


def test_the_programs_of_postgresql_reach_it(servers: EmbeddedServers) -> None:
    told = subprocess.run(
        [servers.pg_bin("psql"), servers.database_url, "-Atc", "SHOW server_version_num"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(told.stdout) >= 180000


async def test_nobody_comes_in_without_the_password(servers: EmbeddedServers) -> None:
    for url in (servers.database_url, servers.owner_url, servers.admin_url):
        user = url.split("://")[1].split(":")[0]
        wrong = f"postgresql://{user}:wrong@{url.split('@')[1]}"
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(wrong)
    without = f"unix://{servers.redis_url.split('@')[1]}"
    async with redis.asyncio.Redis.from_url(without) as valkey:
        with pytest.raises(redis.ConnectionError, match="already authenticated"):
            await valkey.ping()


async def test_the_application_role_owns_nothing(servers: EmbeddedServers) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await value(servers.database_url, "CREATE TABLE mine (id int)")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await value(servers.database_url, "CREATE DATABASE mine")
    assert await value(servers.owner_url, "CREATE TABLE ours (id int)") is None


def test_folders_and_passwords_are_private(servers: EmbeddedServers, home: Path) -> None:
    place = Place.open(home)
    for folder in (place.sockets, place.root / "postgres", place.root / "valkey"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((place.root / "secrets.json").stat().st_mode) == 0o600
    passwords = list(json.loads((place.root / "secrets.json").read_text()).values())
    for process in psutil.process_iter(["cmdline"]):
        words = " ".join(process.info["cmdline"] or [])
        assert not [password for password in passwords if password in words]


def test_no_parent_folder_is_opened(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    servers = EmbeddedServers(closed / "home", durable=False)
    with servers:
        assert servers.postgres_running
        assert servers.valkey_running
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    servers.reset()


async def test_a_second_start_finds_the_data_and_is_quick(home: Path) -> None:
    with EmbeddedServers(home) as servers:
        assert await value(servers.admin_url, "SHOW fsync") == "on"
        await value(servers.owner_url, "CREATE TABLE kept AS SELECT 42 AS answer")
    begun = time.monotonic()
    with EmbeddedServers(home) as servers:
        assert time.monotonic() - begun < 5
        assert await value(servers.owner_url, "SELECT answer FROM kept") == 42


async def test_a_crash_loses_nothing_committed(servers: EmbeddedServers) -> None:
    await value(servers.owner_url, "CREATE TABLE kept AS SELECT 42 AS answer")
    servers.kill_postgres()
    assert not servers.postgres_running
    servers.start_postgres()
    assert await value(servers.owner_url, "SELECT answer FROM kept") == 42
    servers.restart_postgres()
    assert await value(servers.owner_url, "SELECT answer FROM kept") == 42
    servers.kill_valkey()
    assert not servers.valkey_running
    servers.start_valkey()
    async with redis.asyncio.Redis.from_url(servers.redis_url) as valkey:
        assert await valkey.ping()


def test_a_second_one_is_told_that_the_first_runs(servers: EmbeddedServers, home: Path) -> None:
    with pytest.raises(EmbeddedError, match=f"already running, started by process {os.getpid()}"):
        EmbeddedServers(home).start()
    assert servers.postgres_running


def test_a_second_one_may_use_the_first_ones_addresses(
    servers: EmbeddedServers, home: Path
) -> None:
    other = EmbeddedServers(home)
    assert other.attach()
    assert other.database_url == servers.database_url
    assert other.redis_url == servers.redis_url
    other.stop()
    assert servers.postgres_running
    servers.stop()
    assert not EmbeddedServers(home).attach()


def test_settings_and_a_choice_of_servers(home: Path) -> None:
    with EmbeddedServers(home, with_valkey=False, postgres_settings={"work_mem": "7MB"}) as servers:
        told = subprocess.run(
            [pg_bin("psql"), servers.admin_url, "-Atc", "SHOW work_mem"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert told.stdout == "7MB\n"
        assert not servers.valkey_running
        with pytest.raises(EmbeddedError, match="isn't started"):
            servers.kill_valkey()


STARTER = """
import sys, time
from pathlib import Path
from app.embedded import EmbeddedServers
servers = EmbeddedServers(Path(sys.argv[1]), durable=False)
servers.start()
print("up", flush=True)
time.sleep(600)
"""


@pytest.fixture
def starter(home: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Starts servers in another process, which is killed at the end."""
    started = []

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", STARTER, str(home)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def test_the_servers_end_with_a_killed_starter(
    home: Path, starter: Callable[[], subprocess.Popen[str]]
) -> None:
    process = starter()
    pid = postmaster(home)
    valkey = [each for each in psutil.process_iter(["name", "cmdline"]) if _is_valkey(each, home)]
    assert len(valkey) == 1
    process.kill()
    assert gone(pid)
    assert gone(valkey[0].pid)


def _is_valkey(process: psutil.Process, home: Path) -> bool:
    name = str(process.info["name"])
    socket = str(Place.open(home).sockets)
    words = " ".join(process.info["cmdline"] or [])
    return "valkey" in name and (str(Place.open(home).root) in words or socket in words)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux signals at a parent's death")
def test_the_servers_end_with_a_killed_guard(
    home: Path, starter: Callable[[], subprocess.Popen[str]]
) -> None:
    starter()
    pid = postmaster(home)
    guard = psutil.Process(pid).parent()
    assert guard is not None
    guard.kill()
    assert gone(pid)


def test_a_start_right_after_a_kill_waits_for_the_old_server(
    home: Path, starter: Callable[[], subprocess.Popen[str]]
) -> None:
    process = starter()
    process.kill()
    process.wait()
    with EmbeddedServers(home, durable=False) as servers:
        assert servers.postgres_running


def test_a_pid_file_of_a_killed_server(servers: EmbeddedServers, home: Path) -> None:
    os.kill(postmaster(home), signal.SIGKILL)
    deadline = time.monotonic() + 10
    while servers.postgres_running and time.monotonic() < deadline:
        time.sleep(0.01)
    deadline = time.monotonic() + 10
    while True:
        # Its own processes notice within moments, and PostgreSQL refuses to start beside them.
        with suppress(EmbeddedError):
            servers.start_postgres()
            break
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert servers.postgres_running


def test_a_pid_file_whose_number_another_program_got(home: Path) -> None:
    with EmbeddedServers(home, durable=False):
        pass
    place = Place.open(home)
    other = subprocess.Popen(
        ["sleep", "600"],
        cwd="/",
        # PostgreSQL takes any process of its own user for a server.
        user=place.run_as.user if place.run_as else None,
    )
    try:
        stale = f"{other.pid}\n{place.root / 'postgres'}\n1700000000\n5432\n{place.sockets}\n\n  1 1\nready\n"
        place.private_file(place.root / "postgres" / "postmaster.pid", stale)
        with EmbeddedServers(home, durable=False) as servers:
            assert servers.postgres_running
            assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_half_an_initdb_is_done_again(home: Path) -> None:
    place = Place.open(home)
    half = place.private_folder(place.root / "postgres.new")
    (half / "PG_VERSION").write_text("18\n")
    with EmbeddedServers(home, durable=False) as servers:
        assert servers.postgres_running
    assert not half.exists()


def test_a_full_disk_is_told_before_anything_is_written(home: Path) -> None:
    with pytest.raises(EmbeddedError, match=r"disk of .* is full"):
        EmbeddedServers(home, room_to_start=2**60).start()
    assert not Place.open(home).used
    assert "Make room" in explained('FATAL: could not write "x": No space left on device')


def test_data_of_another_version_is_named(home: Path) -> None:
    with EmbeddedServers(home, durable=False):
        pass
    (Place.open(home).root / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedError, match=r"made by PostgreSQL 17, the installed one is 18"):
        EmbeddedServers(home).start()


def test_lost_passwords_are_named(home: Path) -> None:
    with EmbeddedServers(home, durable=False):
        pass
    (Place.open(home).root / "secrets.json").unlink()
    with pytest.raises(EmbeddedError, match=r"secrets\.json is gone"):
        EmbeddedServers(home).start()


def test_a_server_that_can_not_start_says_why(home: Path) -> None:
    with pytest.raises(EmbeddedError, match="shared_buffers"):
        EmbeddedServers(home, postgres_settings={"shared_buffers": "lots"}).start()
    with EmbeddedServers(home) as servers:
        assert servers.postgres_running


def test_a_long_path_gets_short_sockets(tmp_path: Path) -> None:
    home = tmp_path / ("x" * 120)
    servers = EmbeddedServers(home, durable=False)
    with servers:
        assert servers.postgres_running
        assert len(os.fsencode(Place.open(home).sockets)) < 90
    sockets = Place.open(home).sockets
    servers.reset()
    assert not sockets.exists()


def test_reset_deletes_its_own_and_nothing_else(home: Path) -> None:
    servers = EmbeddedServers(home, durable=False)
    with servers:
        (home / "mine").write_text("kept")
        root = Place.open(home).root
    servers.reset()
    assert not (root / "postgres").exists()
    assert (home / "mine").read_text() == "kept"


def test_root_without_a_way_to_make_a_user_is_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr("app.embedded.place.SYSTEM_USER", "verkeerstoren-nobody-has")
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(
        EmbeddedError, match=r"refuses to run as root.* normal user, or set DATABASE_URL"
    ):
        EmbeddedServers(tmp_path / "home").start()


def test_what_a_killed_test_run_left_is_swept(tmp_path: Path) -> None:
    lost, running = tmp_path / "lost", tmp_path / "running"
    with EmbeddedServers(lost, durable=False):
        pass
    left = Place.open(lost).root
    servers = EmbeddedServers(running, durable=False)
    with servers:
        alive = Place.open(running).root
        for home in (lost, running):
            home.rename(home.with_name(f"{home.name}-moved"))
        EmbeddedServers(tmp_path / "next").reset()
        assert not left.exists()
        assert alive.exists() or alive == running
        running.with_name("running-moved").rename(running)
    servers.reset()


def test_a_normal_user() -> None:
    """Root hands the whole thing to `nobody`; who isn't root is a normal user already."""
    code = (
        "import os; from pathlib import Path; from app.embedded import EmbeddedServers as E\n"
        "home = Path('var').resolve()\n"
        "s = E(home, durable=False); s.start(); s.restart_postgres()\n"
        "assert os.geteuid() and s.valkey_running and (home / 'postgres').is_dir()\n"
        "s.stop(); s.reset(); print('well')\n"
    )
    root = os.geteuid() == 0
    user = pwd.getpwnam("nobody") if root else pwd.getpwuid(os.geteuid())
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        stage = Path(folder)
        stage.chmod(0o755)
        python, environment = _python_for(user, stage)
        home = stage / "home"
        home.mkdir()
        os.chown(home, user.pw_uid, user.pw_gid)
        told = subprocess.run(
            [python, "-c", code],
            user=user.pw_uid if root else None,
            group=user.pw_gid if root else None,
            extra_groups=[] if root else None,
            cwd=home,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert told.stderr == ""
    assert told.stdout == "well\n"


def _python_for(user: pwd.struct_passwd, stage: Path) -> tuple[str, dict[str, str]]:
    """An interpreter that this user can run, and the environment in which it finds our packages.

    Where root keeps Python or the checkout to itself, both are copied.
    """
    packages = Path(asyncpg.__file__).parents[1]
    environment = {"PYTHONPATH": f"{ROOT}:{packages}", "PYTHONDONTWRITEBYTECODE": "1"}
    for python in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        if _imports(python, environment, user):
            return python, environment
    library = f"lib/python{sys.version_info.major}.{sys.version_info.minor}"
    base = Path(sys.base_prefix)
    copy = stage / "python"
    shutil.copytree(
        base / library,
        copy / library,
        ignore=shutil.ignore_patterns("test", "site-packages", "__pycache__"),
    )
    for shared in (base / "lib").glob("libpython*"):
        shutil.copy2(shared, copy / "lib")
    python = str(copy / "python3")
    shutil.copy2(Path(sys.executable).resolve(), python)
    shutil.copytree(packages, stage / "packages", symlinks=True)
    shutil.copytree(ROOT / "app", stage / "packages" / "app", dirs_exist_ok=True)
    environment |= {
        "PYTHONPATH": str(stage / "packages"),
        "PYTHONHOME": str(copy),
        "LD_LIBRARY_PATH": str(copy / "lib"),
    }
    assert _imports(python, environment, user)
    return python, environment


def _imports(python: str, environment: dict[str, str], user: pwd.struct_passwd) -> bool:
    root = os.geteuid() == 0
    try:
        told = subprocess.run(
            [python, "-c", "import app.embedded"],
            user=user.pw_uid if root else None,
            group=user.pw_gid if root else None,
            extra_groups=[] if root else None,
            cwd="/",
            env=environment,
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return told.returncode == 0
