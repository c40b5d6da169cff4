"""Triage by the rules in use: a worked example of each outcome, and scenarios of the field."""

from dataclasses import dataclass, field

import pytest

from domain.triage.advice import advise, text_of
from domain.triage.outcomes import OUTCOME_LABELS
from tests.factories.triage_rules import (
    CALM,
    IN_USE,
    NO_REHABILITATION,
    NO_WLZ,
    NOT_AT_HOME,
    NOT_TERMINAL,
)

AT_HOME = {**CALM, "thuis-mogelijk": True}
ELV = {**NO_REHABILITATION, "medische-noodzaak": True, "terugkeer-naar-huis": True}
WLZ = {**NOT_AT_HOME, "wlz": "geindiceerd"}
CRISIS = {
    "acute-verandering": True,
    "gevaar": True,
    "nodig-binnen-24-uur": True,
    "alternatieven-uitgeput": True,
}


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of somebody, and what they are advised, in order."""

    told: str
    facts: dict[str, bool | str]
    outcomes: list[str]
    excluded: set[str] = field(default_factory=set)


CASES = [
    Case(
        "suspected stroke: hospital, though it could be at home by itself",
        {**AT_HOME, "medisch-specialistische-zorg": True},
        ["ziekenhuis"],
    ),
    Case(
        "psychosis with danger: the crisis service decides",
        {**CALM, "acute-psychiatrie": True},
        ["ggz-crisisdienst", "ggz-crisis"],
    ),
    Case(
        "a crisis measure was taken",
        {**CALM, "crisismaatregel": True},
        ["ggz-crisisdienst", "ggz-crisis"],
    ),
    Case(
        "two red flags: both are told, in their order",
        {**CALM, "medisch-specialistische-zorg": True, "acute-psychiatrie": True},
        ["ziekenhuis", "ggz-crisisdienst", "ggz-crisis"],
    ),
    Case(
        "huisarts, wound care daily from tomorrow (scenario 4)",
        {**AT_HOME, "thuis-wijkverpleging": True, "thuis-so-consult": False},
        ["wijkverpleging", "thuis"],
    ),
    Case(
        "sudden restlessness at home: an SO looks the same day",
        {**AT_HOME, "thuis-wijkverpleging": False, "thuis-so-consult": True},
        ["spoedconsult-so", "thuis"],
    ),
    Case(
        "aids and a daughter who stays are enough",
        {**AT_HOME, "thuis-wijkverpleging": False, "thuis-so-consult": False},
        ["thuis"],
    ),
    Case(
        "SEH, humerus fracture, 84, no night cover at home (scenario 1)",
        {**ELV, "aandoeningen": "enkelvoudig"},
        ["elv-laag", "mfb"],
        {"wijkverpleging", "elv-hoog", "grz", "respijt", "wlz-crisis", "elv-palliatief"},
    ),
    Case(
        "a fall, nobody knows from what: observation first",
        {**ELV, "val-met-onzekerheid": True, "aandoeningen": "enkelvoudig"},
        ["observatie", "elv-laag", "mfb"],
    ),
    Case(
        "heart failure with COPD and delirium",
        {**ELV, "aandoeningen": "interacterend"},
        ["elv-hoog", "mfb"],
        {"elv-laag"},
    ),
    Case(
        "transferverpleegkundige, MRSA, rehabilitation (scenario 2)",
        {**NOT_TERMINAL, "revalidatiedoel": True, "grz-criteria": True},
        ["grz", "mfb"],
    ),
    Case(
        "a goal, but not the criteria: no GRZ",
        {**ELV, "revalidatiedoel": True, "grz-criteria": False, "aandoeningen": "enkelvoudig"},
        ["elv-laag", "mfb"],
        {"grz"},
    ),
    Case(
        "day 40 of ELV, the Wlz is granted (scenario 3)",
        {**WLZ, "acute-verandering": False},
        ["wlz-tijdelijk", "wlz-vv", "thuis", "mfb"],
        {"elv-laag", "elv-hoog", "elv-palliatief", "wlz-crisis"},
    ),
    Case(
        "a Wlz indication is expected within two weeks, and it is a crisis",
        {**WLZ, **CRISIS, "wlz": "binnen-twee-weken"},
        ["wlz-crisis", "mfb"],
        {"elv-laag", "elv-hoog", "elv-palliatief"},
    ),
    Case(
        "all of a Wlz crisis, but an alternative is left",
        {**WLZ, **CRISIS, "alternatieven-uitgeput": False},
        ["wlz-tijdelijk", "wlz-vv", "thuis", "mfb"],
        {"wlz-crisis"},
    ),
    Case(
        "the last weeks, not at home",
        {**NO_WLZ, "levensverwachting-korter-dan-3-maanden": True},
        ["elv-palliatief", "hospice", "mfb"],
    ),
    Case(
        "the carer broke a hip",
        {**NO_REHABILITATION, "medische-noodzaak": False, "mantelzorg-weggevallen": True},
        ["respijt", "mfb"],
        {"elv-laag", "elv-hoog"},
    ),
    Case(
        "no medical need, the carer is there: the safety net alone",
        {**NO_REHABILITATION, "medische-noodzaak": False, "mantelzorg-weggevallen": False},
        ["mfb"],
        {"elv-laag", "elv-hoog", "respijt"},
    ),
    Case(
        "won't go home again: no ELV, the Wlz has to be applied for",
        {**ELV, "terugkeer-naar-huis": False},
        ["mfb"],
        {"elv-laag", "elv-hoog", "respijt"},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.told)
def test_a_worked_example(case: Case) -> None:
    advice = advise(IN_USE, case.facts)
    assert list(advice.codes) == case.outcomes
    assert advice.asks == ()
    assert case.excluded <= {excluded.outcome for excluded in advice.excluded}


def test_every_outcome_has_a_worked_example() -> None:
    assert {outcome for case in CASES for outcome in case.outcomes} == set(OUTCOME_LABELS)


def test_every_text_reads_as_dutch_with_nothing_left_to_fill_in() -> None:
    advices = [advise(IN_USE, case.facts) for case in CASES]
    reasons = [r for advice in advices for advised in advice.outcomes for r in advised.reasons]
    reasons += [r for advice in advices for excluded in advice.excluded for r in excluded.reasons]
    texts = {text_of(IN_USE, reason) for reason in reasons}
    assert len(texts) >= len(IN_USE.reasons)
    assert not [text for text in texts if set(text) & set("{}") or not text.endswith(".")]
    assert not [text for text in texts if "onbekend" in text]
    assert (
        "Er is geen medische noodzaak, dus geen recht op eerstelijnsverblijf laag complex"
        " en eerstelijnsverblijf hoog complex." in texts
    )
    assert (
        "Er is een Wlz-indicatie die binnen twee weken wordt verwacht;"
        " dan is eerstelijnsverblijf uitgesloten." in texts
    )
