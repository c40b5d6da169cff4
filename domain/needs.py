"""What somebody needs, as it is asked at intake and filled in when it matters. No names, no texts.

The ten questions of the intake (docs/glossary.md) that aren't text: the four that are (what happened,
what help is needed, what else about behaviour, whom to call back) are kept in a place of their own.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.errors import InvalidInput
from domain.features import Feature
from domain.home_care import Dagdeel, Skill
from domain.identifiers import is_pc4

#: Nobody is older; a birth year before it is a slip of the keyboard.
OLDEST = 125
#: "Since" and "by when" further from now than this are slips too.
_FARTHEST = timedelta(days=730)


class Urgency(StrEnum):
    """How soon an answer is needed; the most urgent first."""

    ACUUT = "acuut"
    SPOED = "spoed"
    REGULIER = "regulier"


class Sex(StrEnum):
    """As it matters for a shared room; `anders` fits in no room for one sex only."""

    VROUW = "vrouw"
    MAN = "man"
    ANDERS = "anders"


class Setting(StrEnum):
    """Where someone is now."""

    THUIS = "thuis"
    SEH = "seh"
    ZIEKENHUIS = "ziekenhuis"
    HUISARTSENPOST = "huisartsenpost"
    VVT = "vvt"
    GGZ = "ggz"
    ELDERS = "elders"


class Infection(StrEnum):
    """What others have to be kept apart from; `onbekend` says that nobody could tell."""

    GEEN = "geen"
    MRSA = "mrsa"
    BRMO = "brmo"
    NORO = "noro"
    INFLUENZA_COVID = "influenza-covid"
    ANDERS = "anders"
    ONBEKEND = "onbekend"

    @property
    def needs_isolation(self) -> bool:
        """Whether a place must offer isolation; one that isn't told further does too."""
        return self not in (Infection.GEEN, Infection.ONBEKEND)


class Behaviour(StrEnum):
    """What a ward has to reckon with."""

    RUSTIG = "rustig"
    ONRUSTIG = "onrustig"
    DWALEND = "dwalend"
    AGRESSIEF = "agressief"
    ONBEKEND = "onbekend"


class LegalStatus(StrEnum):
    """Juridische status. Accommodations of the Wzd and the Wvggz are not interchangeable."""

    VRIJWILLIG = "vrijwillig"
    WZD_BESLUIT = "wzd-besluit"
    WZD_RM = "wzd-rm"
    WZD_IBS = "wzd-ibs"
    WVGGZ_ZM = "wvggz-zm"
    WVGGZ_CM = "wvggz-cm"

    @property
    def accommodation(self) -> Feature | None:
        """What a place must be to take someone with this status; None: any place may."""
        if self is LegalStatus.VRIJWILLIG:
            return None
        return Feature.WZD if self.value.startswith("wzd") else Feature.WVGGZ


@dataclass(frozen=True, slots=True)
class Need:
    """What somebody needs. Raises InvalidInput with the member's pointer.

    pc4: of the home. since, needed_by: "sinds wanneer" and "vóór wanneer"; either may be unknown.
    features: what a place must offer besides what follows from the rest (see `required`).
    skills, dagdelen: for home nursing.
    """

    birth_year: int
    sex: Sex
    pc4: str
    setting: Setting
    since: datetime | None = None
    needed_by: datetime | None = None
    infection: Infection = Infection.ONBEKEND
    behaviour: Behaviour = Behaviour.ONBEKEND
    features: frozenset[Feature] = frozenset()
    skills: frozenset[Skill] = frozenset()
    dagdelen: frozenset[Dagdeel] = frozenset()
    legal_status: LegalStatus = LegalStatus.VRIJWILLIG

    def __post_init__(self) -> None:
        if not is_pc4(self.pc4):
            raise InvalidInput("Geef de vier cijfers van de postcode.", "/pc4")
        if self.features & _OF_A_ROOM:
            raise InvalidInput("Welke kamer past, volgt uit het geslacht.", "/features")

    @property
    def required(self) -> frozenset[Feature]:
        """All that a place must offer: what was asked, and what follows from infection and status."""
        follows = {Feature.ISOLATIE} if self.infection.needs_isolation else set[Feature]()
        accommodation = self.legal_status.accommodation
        if accommodation is not None:
            follows.add(accommodation)
        return self.features | follows

    def fits_room(self, features: frozenset[Feature]) -> bool:
        """Whether a place with these features is a room for this sex: one of its own, or shared with it."""
        shared = features & _OF_A_ROOM
        if not shared or Feature.EENPERSOONSKAMER in features:
            return True
        return _ROOM_FOR.get(self.sex) in shared


_ROOM_FOR = {Sex.MAN: Feature.KAMER_MAN, Sex.VROUW: Feature.KAMER_VROUW}
_OF_A_ROOM = frozenset(_ROOM_FOR.values())


def check_need(need: Need, now: datetime, today: date) -> None:
    """Raises InvalidInput for what can't be true at this moment; `today` is the day in Amsterdam."""
    if not today.year - OLDEST <= need.birth_year <= today.year:
        raise InvalidInput("Dit geboortejaar kan niet.", "/birth_year")
    for name, moment in (("since", need.since), ("needed_by", need.needed_by)):
        if moment is not None and abs(moment - now) > _FARTHEST:
            raise InvalidInput("Dit tijdstip ligt meer dan twee jaar weg.", f"/{name}")
    if need.since is not None and need.since > now + timedelta(minutes=5):
        raise InvalidInput("Sinds wanneer kan niet in de toekomst liggen.", "/since")


def age_band(birth_year: int, today: date) -> tuple[int, int]:
    """The ten years of age that a provider is shown, as (80, 89); the birth year isn't told."""
    decade = max(0, today.year - birth_year) // 10 * 10
    return decade, decade + 9
