"""Facts are read strictly: what isn't known is left out, and nothing is guessed."""

import re

import pytest

from domain.errors import InvalidInput
from domain.needs import LegalStatus, Need, Setting, Sex
from domain.triage.facts import FACTS, facts_of, read_facts


def test_facts_are_read_as_they_are() -> None:
    told = {"thuis-mogelijk": False, "wlz": "geen", "aandoeningen": "interacterend"}
    assert read_facts(told) == told
    assert read_facts({}) == {}


@pytest.mark.parametrize(
    ("data", "pointer", "said"),
    [
        ([], "/facts", "JSON-object"),
        ({"leeftijd": 84}, "/facts/leeftijd", "Onbekend onderdeel"),
        ({"a/b": True}, "/facts/a~1b", "Onbekend onderdeel"),
        ({"wlz": "ja"}, "/facts/wlz", "geen, geindiceerd, binnen-twee-weken"),
        ({"wlz": True}, "/facts/wlz", "Dit kan niet bij wlz"),
        ({"wlz": ["geen"]}, "/facts/wlz", "Dit kan niet bij wlz"),
        ({"gevaar": "ja"}, "/facts/gevaar", "true of false"),
        ({"gevaar": 1}, "/facts/gevaar", "true of false"),
        ({"gevaar": None}, "/facts/gevaar", "laat weg wat niet bekend is"),
    ],
)
def test_anything_else_is_refused_where_it_stands(data: object, pointer: str, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_facts(data, "/facts")
    assert refused.value.pointer == pointer
    assert said in refused.value.detail


def test_names_and_codes_are_slugs_and_every_value_has_its_dutch() -> None:
    for name, fact in FACTS.items():
        assert name == fact.name
        for code in (name, *(fact.codes or ())):
            assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)
        assert len({fact.value_text(value) for value in fact.values}) == len(fact.values) > 1


def test_a_need_tells_of_a_crisis_measure_and_no_other_status_does() -> None:
    for status in LegalStatus:
        need = Need(1942, Sex.MAN, "2725", Setting.GGZ, legal_status=status)
        assert facts_of(need) == {"crisismaatregel": status is LegalStatus.WVGGZ_CM}
