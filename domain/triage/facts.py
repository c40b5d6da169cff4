"""What triage looks at. A fact that isn't there is unknown; nothing is assumed of it.

The question that asks for one is worded by each version of the rules.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from domain.errors import InvalidInput
from domain.members import member_pointer, members_of
from domain.needs import LegalStatus, Need

#: By name; yes/no, or one of the fact's codes.
Facts = Mapping[str, bool | str]

#: Recorded by the check of the board, never asked: the regular products had no place.
BOARD_CHECK = "regulier-bekeken"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that can be known at triage. codes: with their Dutch; None for yes or no."""

    name: str
    label: str
    codes: Mapping[str, str] | None = None

    @property
    def values(self) -> tuple[bool | str, ...]:
        """All that it can be."""
        return (True, False) if self.codes is None else tuple(self.codes)

    def allows(self, value: object) -> bool:
        """Whether it can be this; 1 is not yes."""
        if self.codes is None:
            return isinstance(value, bool)
        return isinstance(value, str) and value in self.codes

    def value_text(self, value: bool | str) -> str:
        """A value in Dutch."""
        if isinstance(value, bool):
            return "ja" if value else "nee"
        return (self.codes or {}).get(value, value)


def _coded(name: str, label: str, **codes: str) -> Fact:
    return Fact(
        name, label, MappingProxyType({c.replace("_", "-"): text for c, text in codes.items()})
    )


_ALL = (
    Fact("medisch-specialistische-zorg", "medisch-specialistische zorg nodig"),
    Fact("acute-psychiatrie", "acute psychiatrie"),
    Fact("crisismaatregel", "crisismaatregel (Wvggz)"),
    Fact("thuis-mogelijk", "kan thuis, met alles wat daar te regelen is"),
    Fact("thuis-wijkverpleging", "thuis met wijkverpleging, ook ongepland en 's nachts"),
    Fact("thuis-so-consult", "thuis met een consult van de specialist ouderengeneeskunde"),
    Fact("val-met-onzekerheid", "gevallen, en onzeker wat er aan de hand is"),
    _coded(
        "wlz",
        "Wlz-indicatie",
        geen="geen Wlz-indicatie",
        geindiceerd="een Wlz-indicatie, ook als die niet gebruikt wordt",
        binnen_twee_weken="een Wlz-indicatie die binnen twee weken wordt verwacht",
    ),
    Fact("acute-verandering", "acute verandering"),
    Fact("gevaar", "gevaar voor de cliënt of de omgeving"),
    Fact("nodig-binnen-24-uur", "nodig binnen 24 uur"),
    Fact("alternatieven-uitgeput", "alternatieven uitgeput"),
    Fact("levensverwachting-korter-dan-3-maanden", "levensverwachting korter dan drie maanden"),
    Fact("revalidatiedoel", "revalidatiedoel"),
    Fact("grz-criteria", "voldoet aan de GRZ-criteria"),
    Fact("medische-noodzaak", "medische noodzaak van verblijf"),
    Fact("terugkeer-naar-huis", "terugkeer naar huis verwacht"),
    _coded(
        "aandoeningen",
        "aandoeningen",
        enkelvoudig="één aandoening",
        interacterend="meerdere aandoeningen die elkaar beïnvloeden",
    ),
    Fact("mantelzorg-weggevallen", "mantelzorg weggevallen"),
    Fact(BOARD_CHECK, "op het bord gekeken: geen reguliere plaats"),
)
FACTS: Mapping[str, Fact] = MappingProxyType({fact.name: fact for fact in _ALL})


def read_facts(data: object, pointer: str = "") -> Facts:
    """Facts as JSON has them. Raises InvalidInput; `pointer` is where the data stands in the body."""
    read: dict[str, bool | str] = {}
    for name, value in members_of(data, FACTS, pointer).items():
        fact = FACTS[name]
        if not fact.allows(value):
            can_be = "true of false" if fact.codes is None else f"een van {', '.join(fact.codes)}"
            raise InvalidInput(
                f"Dit kan niet bij {name}: geef {can_be}, of laat weg wat niet bekend is.",
                member_pointer(pointer, name),
            )
        assert isinstance(value, bool | str)
        read[name] = value
    return read


def facts_of(need: Need) -> Facts:
    """What a need already tells, so that nobody is asked again."""
    return {"crisismaatregel": need.legal_status is LegalStatus.WVGGZ_CM}
