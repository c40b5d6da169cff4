"""The container files, as far as they can be checked without a Docker engine.

The compose file against the published schema, and both files against what they are meant to do.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
    return found


def test_the_compose_file_fits_its_published_schema() -> None:
    told = subprocess.run(
        [
            *(sys.executable, "-m", "check_jsonschema"),
            *("--builtin-schema", "vendor.compose-spec", str(COMPOSE)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout


def test_the_services_are_those_of_the_design(services: dict[str, Any]) -> None:
    assert set(services) == {"postgres", "valkey", "migrate", "api", "worker", "proxy"}
    assert services["postgres"]["image"] == "postgres:18"
    assert services["api"]["deploy"]["replicas"] == 2
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    for name in ("api", "worker"):
        waits_for = services[name]["depends_on"]["migrate"]["condition"]
        assert waits_for == "service_completed_successfully"


def test_only_the_migration_job_has_the_owner(services: dict[str, Any]) -> None:
    with_owner = [
        name
        for name, service in services.items()
        if "DATABASE_OWNER_URL" in service.get("environment", {})
    ]
    assert with_owner == ["migrate"]
    assert all(
        "verkeerstoren_app:" in services[name]["environment"]["DATABASE_URL"]
        for name in ("api", "worker")
    )


def test_the_worker_alone_calls_others_and_knows_the_mail_server(services: dict[str, Any]) -> None:
    outside = [name for name, service in services.items() if "outside" in service["networks"]]
    mailing = [
        name
        for name, service in services.items()
        if "VERKEERSTOREN_SMTP_URL" in service.get("environment", {})
    ]
    assert outside == mailing == ["worker"]


def test_no_password_has_a_default() -> None:
    text = COMPOSE.read_text()
    for use in re.findall(r"\$\{(\w*PASSWORD)([^}]*)\}", text):
        assert use[1].startswith(":?"), use
    asked = set(re.findall(r"\$\{(\w+)", text))
    offered = set(
        re.findall(r"^(\w+)=", (ROOT / "deploy" / "example.env").read_text(), re.MULTILINE)
    )
    assert asked == offered


def test_what_is_mounted_exists(services: dict[str, Any]) -> None:
    mounts = [
        mount.split(":")[0]
        for service in services.values()
        for mount in service.get("volumes", [])
        if mount.startswith("./")
    ]
    assert sorted(mounts) == ["./app/embedded/roles.sql", "./deploy/Caddyfile"]
    assert all((ROOT / mount).is_file() for mount in mounts)


def test_the_image_is_small_locked_and_not_root() -> None:
    steps = _instructions((ROOT / "Dockerfile").read_text())
    stages = [words for name, words in steps if name == "FROM"]
    bases = [
        r"node:2\d-\w+-slim AS pages",
        r"python:3\.\d+-slim-\w+ AS build",
        r"python:3\.\d+-slim-\w+",
    ]
    assert len(stages) == len(bases)
    assert all(re.fullmatch(base, words) for base, words in zip(bases, stages, strict=True))
    assert not any("npm install" in words for _, words in steps), "npm ci keeps to the lock"
    installs = [words for name, words in steps if name == "RUN" and "pip install" in words]
    assert installs
    assert all("--require-hashes" in words for words in installs)
    assert [words for name, words in steps if name == "USER"] == ["10001:10001"]
    names = [name for name, _ in steps]
    assert {"HEALTHCHECK", "ENTRYPOINT", "CMD"} <= set(names)
    assert names.index("USER") > max(i for i, name in enumerate(names) if name == "RUN")


def test_the_image_gets_every_file_it_copies() -> None:
    """What .dockerignore keeps out can't be copied, and what the code needs must not be kept out."""
    kept = {line[1:] for line in _lines(ROOT / ".dockerignore") if line.startswith("!")}
    copied = set()
    for name, words in _instructions((ROOT / "Dockerfile").read_text()):
        if name == "COPY" and "--from" not in words:
            copied.update(words.split()[:-1])
    # the stage of the pages takes less than a whole folder
    assert {name for name in copied if not name.startswith("api/")} == kept
    assert all((ROOT / name).exists() for name in copied)


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if line and not line.startswith("#")]


def _instructions(dockerfile: str) -> list[tuple[str, str]]:
    whole = re.sub(r"\\\n\s*", "", dockerfile)
    lines = [line for line in whole.splitlines() if line and not line.startswith("#")]
    found = []
    for line in lines:
        name, _, words = line.partition(" ")
        if name.isupper():
            found.append((name, words))
        else:
            # The HEALTHCHECK's CMD stands on a line of its own before the backslashes are gone.
            raise AssertionError(f"not an instruction: {line}")
    return found
