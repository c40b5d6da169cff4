"""Three values: what is decided stays decided, and what is asked is what it depends on."""

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.triage.conditions import (
    ALWAYS,
    AllOf,
    AnyOf,
    Condition,
    FactIs,
    Not,
    decide,
    facts_in,
    missing,
    read_condition,
)
from domain.triage.facts import FACTS, Facts

NAMES = ("gevaar", "medische-noodzaak", "wlz")
A, B = FactIs("gevaar", True), FactIs("medische-noodzaak", True)
leaves = st.one_of(
    [st.builds(FactIs, st.just(name), st.sampled_from(FACTS[name].values)) for name in NAMES]
)
conditions: st.SearchStrategy[Condition] = st.recursive(
    leaves,
    lambda parts: (
        parts.map(Not)
        | st.lists(parts, min_size=1, max_size=3).map(lambda of: AllOf(tuple(of)))
        | st.lists(parts, min_size=1, max_size=3).map(lambda of: AnyOf(tuple(of)))
    ),
    max_leaves=6,
)
some_facts = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(FACTS[name].values) for name in NAMES}
)


def completions(facts: Facts) -> Iterator[Facts]:
    """Every way in which what is unknown may turn out."""
    unknown = [name for name in NAMES if name not in facts]
    for values in product(*(FACTS[name].values for name in unknown)):
        yield {**facts, **dict(zip(unknown, values, strict=True))}


@pytest.mark.parametrize(
    ("condition", "truths"),
    [
        (AllOf((A, B)), {True: [True, False, None], False: [False] * 3, None: [None, False, None]}),
        (AnyOf((A, B)), {True: [True] * 3, False: [True, False, None], None: [True, None, None]}),
    ],
    ids=["all", "any"],
)
def test_the_truth_table(
    condition: Condition, truths: dict[bool | None, list[bool | None]]
) -> None:
    for a, row in truths.items():
        for b, expected in zip((True, False, None), row, strict=True):
            known = {"gevaar": a, "medische-noodzaak": b}
            facts = {name: value for name, value in known.items() if value is not None}
            assert decide(condition, facts) is expected, known


def test_the_opposite_of_unknown_is_unknown() -> None:
    assert [decide(Not(A), facts) for facts in ({"gevaar": True}, {"gevaar": False}, {})] == [
        False,
        True,
        None,
    ]


@given(conditions, some_facts)
def test_what_is_decided_stays_so_however_the_rest_turns_out(
    condition: Condition, facts: Facts
) -> None:
    decided = decide(condition, facts)
    if decided is not None:
        assert {decide(condition, whole) for whole in completions(facts)} == {decided}


@given(conditions, some_facts)
def test_it_is_undecided_exactly_when_something_is_missing_and_nothing_known_is_asked(
    condition: Condition, facts: Facts
) -> None:
    asked = missing(condition, facts)
    assert bool(asked) is (decide(condition, facts) is None)
    assert not set(asked) & set(facts)
    assert len(set(asked)) == len(asked)
    assert set(asked) <= set(facts_in(condition))


def test_what_no_longer_matters_is_not_asked() -> None:
    either = AnyOf((AllOf((A, B)), FactIs("wlz", "geen")))
    assert missing(either, {"gevaar": False}) == ("wlz",)
    assert missing(either, {}) == ("gevaar", "medische-noodzaak", "wlz")


def test_conditions_are_read_as_they_are_written() -> None:
    fact = {"fact": "gevaar", "is": True}
    data = {"all": [fact, {"any": [fact, {"not": {"fact": "wlz", "is": "geen"}}]}]}
    found: list[str] = []
    read = read_condition(data, "/if", found)
    assert read == AllOf((A, AnyOf((A, Not(FactIs("wlz", "geen"))))))
    assert found == []


@pytest.mark.parametrize(
    ("data", "finding"),
    [
        ("gevaar", "/if: een voorwaarde is"),
        ({}, "/if: een voorwaarde is"),
        ({"fact": "gevaar"}, "/if: een voorwaarde is"),
        ({"fact": "gevaar", "is": None}, "/if: een voorwaarde is"),
        ({"fact": "gevaar", "is": True, "or": 1}, "/if: een voorwaarde is"),
        ({"not": {"fact": "gevaar", "is": True}, "all": []}, "/if: een voorwaarde is"),
        ({"all": []}, "/if: een voorwaarde is"),
        ({"any": [{"all": 3}]}, "/if/any/0: een voorwaarde is"),
        ({"not": {"fact": "leeftijd", "is": True}}, "/if/not: onbekend gegeven leeftijd"),
        ({"all": [{"fact": "wlz", "is": "ja"}]}, "/if/all/0: onbekende waarde ja van wlz"),
        ({"fact": "wlz", "is": True}, "/if: onbekende waarde True van wlz"),
    ],
)
def test_a_condition_outside_the_language_is_found_where_it_stands(
    data: object, finding: str
) -> None:
    found: list[str] = []
    read_condition(data, "/if", found)
    assert len(found) == 1
    assert found[0].startswith(finding)


def test_what_always_holds_asks_nothing() -> None:
    assert (decide(ALWAYS, {}), missing(ALWAYS, {}), facts_in(ALWAYS)) == (True, (), ())
