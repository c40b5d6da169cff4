"""What holds of every advice: red flags first, nothing comes back, and asking ends in an advice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.care_types import CareType
from domain.errors import InvalidInput
from domain.needs import LegalStatus, Need, Setting, Sex
from domain.triage.advice import Advice, Reason, advise, check_choice, text_of
from domain.triage.facts import FACTS, Facts
from domain.triage.rules import Rules
from tests.factories.triage_rules import (
    CALM,
    IN_USE,
    NO_REHABILITATION,
    NOT_AT_HOME,
    said,
    small,
)

RED = {outcome for flag in IN_USE.red_flags for outcome in flag.then.advised}
ELV_LAAG = {
    **NO_REHABILITATION,
    "medische-noodzaak": True,
    "terugkeer-naar-huis": True,
    "aandoeningen": "enkelvoudig",
}

everything_known = st.fixed_dictionaries(
    {name: st.sampled_from(fact.values) for name, fact in FACTS.items()}
)
# Red flags stop most of what is drawn evenly; without them the steps are seen.
mostly_calm = everything_known | everything_known.map(lambda facts: {**facts, **CALM})
names = st.sets(st.sampled_from(sorted(FACTS)))


def need(status: LegalStatus) -> Need:
    return Need(1942, Sex.VROUW, "2725", Setting.THUIS, legal_status=status)


def shut(advice: Advice) -> list[str]:
    return [excluded.outcome for excluded in advice.excluded]


def asked(facts: Facts) -> list[str]:
    return [ask.fact for ask in advise(IN_USE, facts).asks]


def is_part_of(part: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    """Whether the whole holds the part's items in the part's order."""
    rest = iter(whole)
    return all(item in rest for item in part)


@given(mostly_calm, names)
def test_who_knows_more_gets_the_same_advice_or_more_and_nothing_excluded_comes_back(
    facts: Facts, forgotten: set[str]
) -> None:
    less = advise(IN_USE, {name: facts[name] for name in facts if name not in forgotten})
    more = advise(IN_USE, facts)
    assert is_part_of(less.codes, more.codes)
    assert shut(more)[: len(less.excluded)] == shut(less)
    assert not set(shut(less)) & set(more.codes)
    assert more.asks == ()


@given(mostly_calm)
def test_answering_what_is_asked_ends_in_an_advice_each_outcome_once(facts: Facts) -> None:
    told: dict[str, bool | str] = {}
    advice = advise(IN_USE, told)
    while advice.asks:
        new = {ask.fact: facts[ask.fact] for ask in advice.asks}
        assert not new.keys() & told.keys()
        told |= new
        advice = advise(IN_USE, told)
    assert advice.outcomes
    assert len(set(advice.codes)) == len(advice.codes)
    assert not set(advice.codes) & set(shut(advice))
    assert advice.codes == advise(IN_USE, facts).codes


@given(mostly_calm)
def test_the_order_in_which_facts_were_told_does_not_matter(facts: Facts) -> None:
    assert advise(IN_USE, dict(reversed(list(facts.items())))) == advise(IN_USE, facts)


@given(mostly_calm)
def test_red_flags_stand_alone_and_the_safety_net_comes_last(facts: Facts) -> None:
    advice = advise(IN_USE, facts)
    if RED & set(advice.codes):
        assert set(advice.codes) <= RED
        assert all(advised.red_flag for advised in advice.outcomes)
        assert advice.excluded == ()
    elif "mfb" in advice.codes:
        assert advice.codes[-1] == "mfb"
        assert not any(advised.red_flag for advised in advice.outcomes)


def test_red_flags_are_asked_before_anything_else_is_looked_at() -> None:
    known_without_flags = {name: value for name, value in ELV_LAAG.items() if name not in CALM}
    advice = advise(IN_USE, known_without_flags)
    assert advice.outcomes == ()
    assert [ask.fact for ask in advice.asks] == list(CALM)
    assert (
        advice.asks[0].question
        == "Is er medisch-specialistische zorg nodig, zoals in een ziekenhuis?"
    )


def test_a_red_flag_that_is_up_is_told_while_another_is_still_asked() -> None:
    advice = advise(IN_USE, {"acute-psychiatrie": True})
    assert advice.codes == ("ggz-crisisdienst", "ggz-crisis")
    assert [ask.fact for ask in advice.asks] == ["medisch-specialistische-zorg"]


def test_only_what_matters_for_what_comes_next_is_asked() -> None:
    assert asked(CALM) == ["thuis-mogelijk"]
    assert asked({**CALM, "thuis-mogelijk": True}) == ["thuis-wijkverpleging"]
    assert asked({**CALM, "thuis-mogelijk": False}) == ["val-met-onzekerheid"]
    assert asked(NOT_AT_HOME) == ["wlz"]
    wlz = {**NOT_AT_HOME, "wlz": "geindiceerd"}
    criteria = ["acute-verandering", "gevaar", "nodig-binnen-24-uur", "alternatieven-uitgeput"]
    assert asked(wlz) == criteria
    assert asked({**wlz, "gevaar": True}) == [name for name in criteria if name != "gevaar"]
    assert asked({**wlz, "gevaar": False}) == []


def test_what_already_fits_is_told_while_more_is_asked() -> None:
    advice = advise(IN_USE, {**NOT_AT_HOME, "val-met-onzekerheid": True})
    assert advice.codes == ("observatie",)
    assert [ask.fact for ask in advice.asks] == ["wlz"]


def test_what_the_need_tells_is_not_asked_and_goes_before_the_same_fact() -> None:
    flags = {name: value for name, value in CALM.items() if name != "crisismaatregel"}
    calm = advise(IN_USE, flags, need(LegalStatus.WZD_RM))
    assert [ask.fact for ask in calm.asks] == ["thuis-mogelijk"]
    crisis = advise(IN_USE, CALM, need(LegalStatus.WVGGZ_CM))
    assert crisis.codes[0] == "ggz-crisisdienst"
    assert advise(IN_USE, crisis.facts) == crisis


def test_an_advice_says_why_from_where_and_by_which_version() -> None:
    advice = advise(IN_USE, ELV_LAAG)
    first = advice.outcomes[0]
    assert (advice.version, first.outcome) == ("2026-1", "elv-laag")
    assert first.source.startswith("Afwegingsinstrument eerstelijnsverblijf")
    assert first.reasons == (
        Reason("medische-noodzaak-en-terugkeer"),
        Reason("elv-naar-aandoeningen", {"aandoeningen": "enkelvoudig"}),
    )
    assert text_of(IN_USE, first.reasons[1]) == "Het gaat om één aandoening."
    home = next(excluded for excluded in advice.excluded if excluded.outcome == "wijkverpleging")
    assert [reason.code for reason in home.reasons] == ["thuis-gaat-niet"]


def test_what_an_earlier_step_excluded_is_not_advised_and_the_first_reason_against_it_stands() -> (
    None
):
    data = small()
    wlz, net = data["steps"][1:]
    wlz["then"], wlz["else"]["next"] = {"next": "geen-gevaar"}, "geen-gevaar"
    net["then"]["advise"].insert(0, said("elv-laag", "elv"))
    against = {"exclude": [said("elv-laag", "gevaar")], "next": "vangnet"}
    danger = {"id": "geen-gevaar", "source": "Gids", "if": {"fact": "gevaar", "is": True}}
    data["steps"].append({**danger, "then": against, "else": {"next": "vangnet"}})
    data["reasons"]["gevaar"] = "Er is gevaar."
    data["questions"]["gevaar"] = "Is er gevaar?"
    rules = Rules.from_data(data)
    calm = {"medisch-specialistische-zorg": False, "thuis-mogelijk": False}
    found = {
        (wlz, gevaar): advise(rules, {**calm, "wlz": wlz, "gevaar": gevaar})
        for wlz in ("geen", "geindiceerd")
        for gevaar in (False, True)
    }
    assert {key: advice.codes for key, advice in found.items()} == {
        ("geen", False): ("elv-laag", "mfb"),
        ("geen", True): ("mfb",),
        ("geindiceerd", False): ("mfb",),
        ("geindiceerd", True): ("mfb",),
    }
    [elv] = found["geindiceerd", True].excluded
    assert [reason.code for reason in elv.reasons] == ["wlz"]


def test_a_fact_that_a_text_tells_and_nobody_knows_is_told_to_be_unknown() -> None:
    data = small()
    data["steps"][0]["then"]["advise"][0]["reasons"][0]["facts"] = ["gevaar"]
    data["reasons"]["thuis"] = "Gevaar: {gevaar}."
    rules = Rules.from_data(data)
    facts = {"medisch-specialistische-zorg": False, "thuis-mogelijk": True}
    texts = [
        text_of(rules, advise(rules, known).outcomes[0].reasons[0])
        for known in (facts, {**facts, "gevaar": True}, {**facts, "gevaar": False})
    ]
    assert texts == ["Gevaar: onbekend.", "Gevaar: ja.", "Gevaar: nee."]


def test_an_mfb_is_usable_once_the_check_of_the_board_is_recorded() -> None:
    for checked in ({}, {"regulier-bekeken": False}, {"regulier-bekeken": True}):
        regular, net = advise(IN_USE, {**ELV_LAAG, **checked}).outcomes
        assert (regular.only_after_board_check, regular.usable) == (False, True)
        assert net.only_after_board_check
        assert net.usable is (checked == {"regulier-bekeken": True})


def test_the_first_that_is_advised_needs_no_argument_and_another_one_line() -> None:
    advice = advise(IN_USE, ELV_LAAG)
    assert check_choice(advice, CareType.ELV_LAAG, None) is None
    for other in (CareType.ELV_HOOG, CareType.MFB, "thuis"):
        with pytest.raises(InvalidInput) as refused:
            check_choice(advice, other, "  ")
        assert refused.value.pointer == "/argument"
        assert "eerst eerstelijnsverblijf laag complex" in refused.value.detail
        assert check_choice(advice, other, " De SO wil dit. ") == "De SO wil dit."


def test_after_the_check_of_the_board_an_mfb_needs_no_argument_and_neither_does_the_first() -> None:
    advice = advise(IN_USE, {**ELV_LAAG, "regulier-bekeken": True})
    assert check_choice(advice, CareType.MFB, None) is None
    assert check_choice(advice, CareType.ELV_LAAG, None) is None
    with pytest.raises(InvalidInput):
        check_choice(advice, CareType.GRZ, None)


def test_a_choice_before_there_is_an_advice_needs_an_argument() -> None:
    advice = advise(IN_USE, {})
    with pytest.raises(InvalidInput, match="nog geen advies"):
        check_choice(advice, CareType.ELV_LAAG, None)
    assert check_choice(advice, CareType.ELV_LAAG, "De SO was ter plaatse.") is not None


@pytest.mark.parametrize("argument", ["een\ntwee", "x" * 301])
def test_an_argument_is_one_line(argument: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_choice(advise(IN_USE, ELV_LAAG), CareType.ELV_LAAG, argument)
    assert refused.value.pointer == "/argument"


def test_what_is_no_outcome_can_not_be_chosen() -> None:
    with pytest.raises(InvalidInput) as refused:
        check_choice(advise(IN_USE, ELV_LAAG), "hotel", "Mooi uitzicht.")
    assert refused.value.pointer == "/chosen"
