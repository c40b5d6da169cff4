"""Rules that aren't good are refused at load, each fault with where it stands."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from domain.triage.rules import BadRules, Rules
from tests.factories.triage_rules import IN_USE, findings, said, small

Spoil = Callable[[dict[str, Any]], object]
STEP = {"id": "extra", "source": "Gids", "then": {"advise": [said("grz", "thuis")]}}
HOME = {"fact": "thuis-mogelijk", "is": True}


def test_good_rules_are_read() -> None:
    rules = Rules.from_data(small())
    assert (rules.version, rules.valid_from) == ("proef-1", date(2026, 1, 1))
    assert [step.id for step in rules.steps] == ["thuis", "wlz", "vangnet"]
    assert rules.step("wlz").source == "Wet"


# Each of these is one fault in the small set, with the finding that names it.
FAULTS: list[tuple[Spoil, str]] = [
    # what stands there
    (lambda d: d.update(versie="1"), "/versie: onbekend veld"),
    (lambda d: d["steps"][0].update(then_do=1), "/steps/0/then_do: onbekend veld"),
    (lambda d: d["steps"][0]["else"].update(goto="wlz"), "/steps/0/else/goto: onbekend veld"),
    (lambda d: d.update(version="Versie 1"), "/version: hier hoort een code"),
    (lambda d: d.pop("version"), "/version: hier hoort een code"),
    (lambda d: d.update(valid_from="2026-02-30"), "/valid_from: hier hoort een datum"),
    (lambda d: d.update(valid_from=20260101), "/valid_from: hier hoort een datum"),
    (lambda d: d.update(steps={}), "/steps: hier hoort een lijst"),
    (lambda d: d.update(reasons=[]), "/reasons: hier hoort een object"),
    (lambda d: d["steps"][0].pop("source"), "/steps/0/source: hier hoort een tekst"),
    (lambda d: d["steps"][0].pop("then"), "/steps/0/then: hier hoort een object"),
    (lambda d: d["steps"][2].update({"else": {}}), "/steps/2: else zonder if"),
    # what is named
    (lambda d: d["steps"][0]["if"].update(fact="leeftijd"), "onbekend gegeven leeftijd"),
    (lambda d: d["steps"][1]["if"].update({"is": "ooit"}), "onbekende waarde ooit van wlz"),
    (lambda d: _verdict(d, 0).update(outcomes=["hotel"]), "onbekende zorgsoort hotel"),
    (lambda d: _verdict(d, 0).update(outcomes=[]), "noem minstens één uitkomst"),
    (lambda d: _verdict(d, 0).update(reasons=[]), "noem minstens één uitkomst en één reden"),
    (lambda d: d.update(only_after_board_check=["hotel"]), "onbekende zorgsoort hotel"),
    (lambda d: d.update(only_after_board_check=["grz"]), "grz wordt nergens geadviseerd"),
    (
        lambda d: d["steps"][1]["else"]["exclude"][0]["reasons"][0].update(facts=["leeftijd"]),
        "onbekend gegeven leeftijd",
    ),
    # texts
    (lambda d: d["reasons"].pop("elv"), "stap wlz: reden elv heeft geen Nederlandse tekst"),
    (lambda d: d["reasons"].update(elv=" "), "/reasons/elv: hier hoort een tekst"),
    (lambda d: d["reasons"].update(elv="{wlz}"), "tekst van reden elv vult iets anders in"),
    (lambda d: d["reasons"].update(wlz="Er is iets."), "tekst van reden wlz vult iets anders in"),
    (lambda d: d["reasons"].update(over="Zo maar."), "reden over wordt nergens gegeven"),
    (lambda d: d["questions"].pop("wlz"), "gegeven wlz heeft geen vraag"),
    (lambda d: d["questions"].update(gevaar="?"), "vraag gevaar wordt nooit gesteld"),
    # steps together
    (lambda d: d.update(steps=[], questions=[]), "/questions: hier hoort een object"),
    (lambda d: d["steps"][1].update(id="thuis"), "stap thuis bestaat 2 keer"),
    (lambda d: d["steps"][1].update(id="vlag"), "stap vlag bestaat 2 keer"),
    (lambda d: d["steps"][1]["then"].update(next="verder"), "volgende stap verder bestaat niet"),
    (lambda d: d["steps"][1]["then"].update(next="vlag"), "volgende stap vlag bestaat niet"),
    (lambda d: d["steps"][0].pop("else"), "stap thuis: if zonder else"),
    (lambda d: d["steps"][2]["then"].update(next="wlz"), "stappen wlz, vangnet komen niet"),
    (lambda d: d["steps"][2]["then"].update(next="vangnet"), "vangnet komen niet tot een einde"),
    # what can't be reached
    (lambda d: d["steps"].append(STEP), "stap extra wordt nooit bereikt"),
    (
        lambda d: d["steps"][1].update({"if": HOME, "else": d["steps"][1]["then"]}),
        "stap wlz: then wordt nooit bereikt",
    ),
    (
        lambda d: d["steps"][1].update({"if": {"any": [HOME, {"not": HOME}]}}),
        "stap wlz: else wordt nooit bereikt",
    ),
    (
        lambda d: d["steps"][1]["then"].update(exclude=[said("elv-laag", "elv")]),
        "stap wlz: then adviseert elv-laag, dat dan altijd is uitgesloten",
    ),
    (
        lambda d: d["steps"][0]["else"].update(exclude=[said("mfb", "thuis")]),
        "stap vangnet: then adviseert mfb, dat dan altijd is uitgesloten",
    ),
    (
        lambda d: d["steps"][2]["then"].update(exclude=[said("elv-laag", "elv")]),
        "stap vangnet sluit elv-laag uit, dat al geadviseerd was",
    ),
    (
        lambda d: d["steps"][1]["then"].update(advise=[said("mfb", "elv")]),
        "stap vangnet adviseert mfb voor de tweede keer",
    ),
    (lambda d: d["steps"][0].update(then={}), "na stap thuis kan er zonder advies een einde zijn"),
    (
        lambda d: d["steps"][0].update({"if": d["red_flags"][0]["if"]}),
        "stap thuis: then wordt nooit bereikt",
    ),
    # red flags
    (lambda d: d["red_flags"][0].pop("if"), "rode vlag vlag: een rode vlag heeft if"),
    (lambda d: d["red_flags"][0].update({"else": {}}), "rode vlag vlag: een rode vlag heeft if"),
    (lambda d: d["red_flags"][0]["then"].update(next="wlz"), "rode vlag vlag: een rode vlag"),
    (lambda d: d["red_flags"][0].update(then={}), "rode vlag vlag adviseert nooit iets"),
    (
        lambda d: d["red_flags"][0].update({"if": {"all": [HOME, {"not": HOME}]}}),
        "rode vlag vlag adviseert nooit iets",
    ),
    (
        lambda d: d["red_flags"].append({**d["red_flags"][0], "id": "nog-een"}),
        "ziekenhuis staat bij 2 rode vlaggen",
    ),
]


def _verdict(data: dict[str, Any], step: int) -> dict[str, Any]:
    found: dict[str, Any] = data["steps"][step]["then"]["advise"][0]
    return found


@pytest.mark.parametrize(("spoil", "finding"), FAULTS, ids=[finding for _, finding in FAULTS])
def test_a_fault_is_found(spoil: Spoil, finding: str) -> None:
    data = small()
    spoil(data)
    found = findings(data)
    assert [line for line in found if finding in line], found


def test_no_steps_at_all_are_no_rules() -> None:
    data = {**small(), "steps": [], "questions": small()["questions"], "reasons": {"vlag": "Vlag."}}
    del data["questions"]["wlz"], data["questions"]["thuis-mogelijk"]
    assert findings(data) == ("/steps: er is geen enkele stap",)


def test_what_is_no_object_is_no_rules() -> None:
    assert findings([])[0] == "/: hier hoort een object"


def test_all_that_is_wrong_is_told_at_once() -> None:
    data = small()
    data["version"] = ""
    data["steps"][0]["if"]["fact"] = "leeftijd"
    data["steps"][1]["then"]["advise"][0]["outcomes"] = ["hotel"]
    with pytest.raises(BadRules) as refused:
        Rules.from_data(data)
    assert len(refused.value.findings) == 3
    assert str(refused.value) == "\n".join(refused.value.findings)
    assert isinstance(refused.value, ValueError)


def test_rules_with_more_ways_than_can_be_walked_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert findings(small()) == ()
    monkeypatch.setattr("domain.triage.soundness.MOST_WAYS", 3)
    assert findings(small()) == ("er zijn te veel wegen door deze stappen om na te gaan",)


def test_the_order_of_the_rules_in_use_is_the_order_of_the_field() -> None:
    assert [flag.id for flag in IN_USE.red_flags] == ["medisch-specialistisch", "acute-psychiatrie"]
    order = [step.id for step in IN_USE.steps if not step.id.startswith("thuis-")]
    assert order == [
        *("thuis", "val", "wlz", "wlz-crisis", "levensverwachting", "revalidatie"),
        *("medische-noodzaak", "terugkeer", "aandoeningen", "mantelzorg", "vangnet"),
    ]
