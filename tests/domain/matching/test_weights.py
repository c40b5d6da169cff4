"""Weights that aren't good are refused at load, each fault with where it stands."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from domain.matching.weights import BadWeights, Component, Weights
from tests.factories.matching import WEIGHTS

FAULTS: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (lambda d: d.update(versie="1"), "/versie: onbekend veld"),
    (lambda d: d["of"].update(kleur=1), "/of/kleur: onbekend veld"),
    (lambda d: d["neutral"].update(opname=1), "/neutral/opname: onbekend veld"),
    (lambda d: d.pop("version"), "/version: hier hoort een code"),
    (lambda d: d.update(valid_from="ooit"), "/valid_from: hier hoort een datum"),
    (lambda d: d["of"].pop("afstand"), "/of/afstand: hier hoort een geheel getal"),
    (lambda d: d["of"].update(afstand=-1), "/of/afstand: hier hoort een geheel getal van 0"),
    (lambda d: d["of"].update(afstand=1.5), "/of/afstand: hier hoort een geheel getal"),
    (lambda d: d["of"].update(afstand=True), "/of/afstand: hier hoort een geheel getal"),
    (lambda d: d["of"].update(dict.fromkeys(d["of"], 0)), "/of: niets weegt mee"),
    (lambda d: d["neutral"].update(nakomen=1001), "/neutral/nakomen: hier hoort een geheel getal"),
    (lambda d: d.update(of=[]), "/of: hier hoort een object"),
    (lambda d: d.update(reach_km=0), "/reach_km: hier hoort een geheel getal van 1"),
    (lambda d: d.pop("wijk_km"), "/wijk_km: hier hoort een geheel getal"),
    (lambda d: d.update(horizon_hours="168"), "/horizon_hours: hier hoort een geheel getal"),
]


def test_good_weights_are_read_and_written_alike() -> None:
    assert Weights.from_data(WEIGHTS.to_json()) == WEIGHTS
    assert set(WEIGHTS.of) == set(Component)


def test_each_fault_is_told_with_where_it_stands() -> None:
    for spoil, finding in FAULTS:
        data = deepcopy(WEIGHTS.to_json())
        spoil(data)
        with pytest.raises(BadWeights) as refused:
            Weights.from_data(data)
        assert len(refused.value.findings) >= 1
        assert refused.value.findings[0].startswith(finding), refused.value.findings


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(BadWeights) as refused:
        Weights.from_data({"of": {"afstand": -1}})
    assert len(refused.value.findings) == 16
