"""The versions of the weights of a match that this installation has, by name; a kept match has its own."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from app.versions import newest, parsed, read_versions
from domain.matching.weights import BadWeights, Weights


def read_weights(text: str) -> Weights:
    """Weights as a file has them. Raises BadWeights, also for what isn't JSON or names a member twice."""
    return Weights.from_data(parsed(text, BadWeights))


def read_folder(folder: Traversable) -> Mapping[str, Weights]:
    """The weights in a folder, a file each, called as its version. Raises BadWeights, naming the file."""
    return read_versions(folder, read_weights, BadWeights)


@cache
def versions() -> Mapping[str, Weights]:
    """Every version that comes with the service, by name."""
    return read_folder(files("domain.matching") / "weights")


def current(today: date, among: Mapping[str, Weights] | None = None) -> Weights:
    """The newest version that is valid on this day in Amsterdam; before the first one, the first."""
    return newest(today, versions() if among is None else among)
