"""`demo.json`: where the demo region is, with its keys and sign-ins, for people, tests and the simulator."""

import os
from pathlib import Path
from uuid import UUID

from pydantic import BaseModel, Field, ValidationError

from domain.actors import Role


class DemoKey(BaseModel):
    """A key in full, with what it is for."""

    role: Role
    organisation: str
    agb: str
    key: str


class DemoPerson(BaseModel):
    """A sign-in, with what it is for. `id` tells whose database the password is of.

    Who works for several organisations has the first of them here.
    """

    role: Role
    organisation: str
    username: str
    password: str
    name: str
    id: UUID


class DemoFile(BaseModel):
    """What the file says."""

    base_url: str
    keys: list[DemoKey] = Field(default_factory=list)
    people: list[DemoPerson] = Field(default_factory=list)


def read(path: Path) -> DemoFile | None:
    """The file's content; None when there is no such file, or it is no demo.json."""
    try:
        return DemoFile.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def write(path: Path, content: DemoFile) -> None:
    """Replaces the file in one step, readable for its owner only: it holds secrets."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content.model_dump_json(indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
