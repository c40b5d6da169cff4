"""The versions of the triage rules that this installation has, by name; a referral keeps its own."""

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType

from domain.triage.rules import BadRules, Rules


def read_rules(text: str) -> Rules:
    """Rules as a file has them. Raises BadRules, also for what isn't JSON or names a member twice."""
    try:
        data = json.loads(text, object_pairs_hook=_once)
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadRules([f"dit is geen JSON: {error}"]) from None
    return Rules.from_data(data)


def _once(members: list[tuple[str, object]]) -> dict[str, object]:
    read = dict(members)
    if len(read) < len(members):
        names = [name for name, _ in members]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise BadRules([f"onderdeel {name} staat er meer dan een keer" for name in twice])
    return read


def read_folder(folder: Traversable) -> Mapping[str, Rules]:
    """The rules in a folder, a file each, called as its version. Raises BadRules, naming the file."""
    found: dict[str, Rules] = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".json"):
            continue
        try:
            rules = read_rules(file.read_text("utf-8"))
        except BadRules as refused:
            raise BadRules([f"{file.name}: {finding}" for finding in refused.findings]) from None
        if file.name != f"{rules.version}.json":
            raise BadRules([f"{file.name}: heet anders dan de versie {rules.version}"])
        found[rules.version] = rules
    return MappingProxyType(found)


@cache
def versions() -> Mapping[str, Rules]:
    """Every version that comes with the service, by name."""
    return read_folder(files("domain.triage") / "rules")


def rules_of(version: str) -> Rules:
    """The version that a referral keeps. Raises KeyError: one that was used is never taken away."""
    return versions()[version]


def current(today: date, among: Mapping[str, Rules] | None = None) -> Rules:
    """The newest version that is valid on this day in Amsterdam; before the first one, the first."""
    known = (versions() if among is None else among).values()
    ordered = sorted(known, key=lambda rules: (rules.valid_from, rules.version))
    return next((rules for rules in reversed(ordered) if rules.valid_from <= today), ordered[0])
