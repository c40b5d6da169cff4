"""The versions of the weights that come with the service."""

import json
from datetime import date
from pathlib import Path

import pytest

from app.matching_weights import current, read_folder, read_weights, versions
from domain.matching.weights import BadWeights
from tests.factories.matching import WEIGHTS


def put(folder: Path, version: str, valid_from: str, name: str = "") -> None:
    weights = {**WEIGHTS.to_json(), "version": version, "valid_from": valid_from}
    (folder / f"{name or version}.json").write_text(json.dumps(weights), "utf-8")


def test_those_that_come_along_are_good_and_the_newest_that_is_valid_is_current(
    tmp_path: Path,
) -> None:
    assert current(date(2026, 11, 22)) is versions()["2026-1"]
    put(tmp_path, "2026-1", "2026-01-01")
    put(tmp_path, "2027-1", "2027-01-01")
    (tmp_path / "README").write_text("no weights")
    among = read_folder(tmp_path)
    days = [date(2025, 12, 31), date(2026, 12, 31), date(2027, 1, 1)]
    assert [current(day, among).version for day in days] == ["2026-1", "2026-1", "2027-1"]


def test_a_file_with_a_fault_or_another_name_is_named(tmp_path: Path) -> None:
    put(tmp_path, "2026-1", "ooit")
    with pytest.raises(BadWeights, match=r"^2026-1\.json: /valid_from"):
        read_folder(tmp_path)
    put(tmp_path, "2026-1", "2026-01-01", name="2026-1")
    put(tmp_path, "2026-1", "2026-01-01", name="2026-2")
    with pytest.raises(BadWeights, match="heet anders"):
        read_folder(tmp_path)


def test_what_is_no_json_or_says_something_twice_is_refused() -> None:
    with pytest.raises(BadWeights, match="geen JSON"):
        read_weights("{")
    with pytest.raises(BadWeights, match="version staat er meer dan een keer"):
        read_weights(json.dumps(WEIGHTS.to_json())[:-1] + ', "version": "2"}')
