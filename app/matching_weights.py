"""The versions of the weights of a match that this installation has, by name; a kept match has its own."""

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType

from domain.matching.weights import BadWeights, Weights


def read_weights(text: str) -> Weights:
    """Weights as a file has them. Raises BadWeights, also for what isn't JSON or names a member twice."""
    try:
        data = json.loads(text, object_pairs_hook=_once)
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadWeights([f"dit is geen JSON: {error}"]) from None
    return Weights.from_data(data)


def read_folder(folder: Traversable) -> Mapping[str, Weights]:
    """The weights in a folder, a file each, called as its version. Raises BadWeights, naming the file."""
    found: dict[str, Weights] = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".json"):
            continue
        try:
            weights = read_weights(file.read_text("utf-8"))
        except BadWeights as refused:
            raise BadWeights([f"{file.name}: {finding}" for finding in refused.findings]) from None
        if file.name != f"{weights.version}.json":
            raise BadWeights([f"{file.name}: heet anders dan de versie {weights.version}"])
        found[weights.version] = weights
    return MappingProxyType(found)


@cache
def versions() -> Mapping[str, Weights]:
    """Every version that comes with the service, by name."""
    return read_folder(files("domain.matching") / "weights")


def current(today: date, among: Mapping[str, Weights] | None = None) -> Weights:
    """The newest version that is valid on this day in Amsterdam; before the first one, the first."""
    known = (versions() if among is None else among).values()
    ordered = sorted(known, key=lambda weights: (weights.valid_from, weights.version))
    return next((one for one in reversed(ordered) if one.valid_from <= today), ordered[0])


def _once(members: list[tuple[str, object]]) -> dict[str, object]:
    names = [name for name, _ in members]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadWeights([f"onderdeel {name} staat er meer dan een keer" for name in twice])
    return dict(members)
