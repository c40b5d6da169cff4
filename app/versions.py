"""Versions of data that come with the service: a file each, called as its version, read strictly."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Protocol, TypeVar

from domain.strict import BadData


class Version(Protocol):
    """What every version says of itself."""

    @property
    def version(self) -> str:
        """Its name."""

    @property
    def valid_from(self) -> date:
        """The first day on which it holds, in Amsterdam."""


V = TypeVar("V", bound=Version)


def parsed(text: str, bad: type[BadData]) -> object:
    """What a file holds. Raises `bad` for what isn't JSON, or names a member twice."""

    def once(members: list[tuple[str, object]]) -> dict[str, object]:
        names = [name for name, _ in members]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise bad([f"onderdeel {name} staat er meer dan een keer" for name in twice])
        return dict(members)

    try:
        found: object = json.loads(text, object_pairs_hook=once)
    except (json.JSONDecodeError, RecursionError) as error:
        raise bad([f"dit is geen JSON: {error}"]) from None
    return found


def read_versions(
    folder: Traversable, read: Callable[[str], V], bad: type[BadData]
) -> Mapping[str, V]:
    """Those in a folder, by name. Raises `bad`, naming the file."""
    found: dict[str, V] = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".json"):
            continue
        try:
            one = read(file.read_text("utf-8"))
        except BadData as refused:
            raise bad([f"{file.name}: {finding}" for finding in refused.findings]) from None
        if file.name != f"{one.version}.json":
            raise bad([f"{file.name}: heet anders dan de versie {one.version}"])
        found[one.version] = one
    return MappingProxyType(found)


def newest(today: date, among: Mapping[str, V]) -> V:
    """The newest that is valid on this day in Amsterdam; before the first one, the first."""
    ordered = sorted(among.values(), key=lambda one: (one.valid_from, one.version))
    return next((one for one in reversed(ordered) if one.valid_from <= today), ordered[0])
