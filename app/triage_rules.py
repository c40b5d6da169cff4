"""The versions of the triage rules that this installation has, by name; a referral keeps its own."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from app.versions import newest, parsed, read_versions
from domain.triage.rules import BadRules, Rules


def read_rules(text: str) -> Rules:
    """Rules as a file has them. Raises BadRules, also for what isn't JSON or names a member twice."""
    return Rules.from_data(parsed(text, BadRules))


def read_folder(folder: Traversable) -> Mapping[str, Rules]:
    """The rules in a folder, a file each, called as its version. Raises BadRules, naming the file."""
    return read_versions(folder, read_rules, BadRules)


@cache
def versions() -> Mapping[str, Rules]:
    """Every version that comes with the service, by name."""
    return read_folder(files("domain.triage") / "rules")


def rules_of(version: str) -> Rules:
    """The version that a referral keeps. Raises KeyError: one that was used is never taken away."""
    return versions()[version]


def current(today: date, among: Mapping[str, Rules] | None = None) -> Rules:
    """The newest version that is valid on this day in Amsterdam; before the first one, the first."""
    return newest(today, versions() if among is None else among)
