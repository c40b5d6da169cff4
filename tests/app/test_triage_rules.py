"""The versions of the triage rules that come with the service."""

import json
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from app.triage_rules import current, read_folder, read_rules, rules_of, versions
from domain.triage.rules import BadRules
from tests.factories.triage_rules import small


def put(folder: Path, version: str, valid_from: str, name: str = "") -> None:
    rules = {**small(), "version": version, "valid_from": valid_from}
    (folder / f"{name or version}.json").write_text(json.dumps(rules), "utf-8")


def test_every_version_that_comes_along_is_good_and_found_by_its_name() -> None:
    shipped = {file.name for file in (files("domain.triage") / "rules").iterdir()}
    assert {f"{version}.json" for version in versions()} == shipped
    assert current(date(2026, 11, 22)) in versions().values()
    assert rules_of("2026-1").version == "2026-1"
    with pytest.raises(KeyError):
        rules_of("1999-1")


def test_the_newest_that_is_valid_is_current(tmp_path: Path) -> None:
    put(tmp_path, "2026-1", "2026-01-01")
    put(tmp_path, "2026-2", "2026-07-01")
    put(tmp_path, "2027-1", "2027-01-01")
    (tmp_path / "README").write_text("no rules")
    days = [date(2025, 12, 31), date(2026, 6, 30), date(2026, 7, 1), date(2027, 1, 1)]
    assert [current(day, read_folder(tmp_path)).version for day in days] == [
        "2026-1",
        "2026-1",
        "2026-2",
        "2027-1",
    ]


def test_a_file_with_a_fault_is_named(tmp_path: Path) -> None:
    put(tmp_path, "2026-1", "ooit")
    with pytest.raises(BadRules, match=r"^2026-1\.json: /valid_from"):
        read_folder(tmp_path)


def test_a_file_is_called_as_its_version(tmp_path: Path) -> None:
    put(tmp_path, "2026-1", "2026-01-01", name="2026-2")
    with pytest.raises(BadRules, match="heet anders"):
        read_folder(tmp_path)


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("{", "geen JSON"),
        ("[" * 100_000, "geen JSON"),
        (json.dumps(small())[:-1] + ', "version": "2"}', "version staat er meer dan een keer"),
    ],
    ids=["cut off", "too deep", "twice the same"],
)
def test_what_is_no_json_or_says_something_twice_is_refused(text: str, finding: str) -> None:
    with pytest.raises(BadRules, match=finding):
        read_rules(text)
