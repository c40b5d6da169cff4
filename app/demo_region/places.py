"""Kinds of places in the demo region: what they may serve, what they have, when one can be admitted.

All rules here are made up, as an organisation could have agreed them.
"""

from dataclasses import dataclass
from datetime import time

from domain.admission import AdmissionRules
from domain.calendar import WEEKDAYS
from domain.care_types import CareType
from domain.features import Feature
from domain.posting import PostingSchedule


@dataclass(frozen=True, slots=True)
class PlaceKind:
    """Places of one sort. `further` features are those that only some pools of the kind have.

    rules None: somebody can be admitted at any hour.
    """

    name: str
    care_types: tuple[CareType, ...]
    rules: AdmissionRules | None = None
    features: tuple[Feature, ...] = ()
    further: tuple[Feature, ...] = ()
    schedule: PostingSchedule = PostingSchedule.WORKDAYS_TWICE
    time_to_live_minutes: int | None = None


_WORKDAYS = frozenset(WEEKDAYS[:5])
_TO_SATURDAY = frozenset(WEEKDAYS[:6])
_LIVING = AdmissionRules(_WORKDAYS, time(10), time(15), time(12), 1, max_per_day=1)
_SHORT_STAY = AdmissionRules(_WORKDAYS, time(10), time(16), time(14), max_per_day=2)
_SHORT_STAY_HIGH = AdmissionRules(_TO_SATURDAY, time(10), time(17), time(15), max_per_day=2)
_REHABILITATION = AdmissionRules(_WORKDAYS, time(9), time(17), time(16), 1, max_per_day=3)
_GUESTS = AdmissionRules(_TO_SATURDAY, time(10), time(16), time(16), 1)
_LAST_WEEKS = AdmissionRules(_WORKDAYS, time(9), time(17), holidays=True)
_MULTIFUNCTIONAL = AdmissionRules(opens=time(8), closes=time(21), holidays=True)

_DAILY = PostingSchedule.DAILY_TWICE
_DAY_MINUTES = 24 * 60

KINDS: dict[str, PlaceKind] = {
    "woon": PlaceKind(
        "Wonen met zorg",
        (CareType.WLZ_VV,),
        _LIVING,
        (Feature.EENPERSOONSKAMER, Feature.TILLIFT, Feature.ROLSTOEL),
        (Feature.PARTNER, Feature.HUISDIER, Feature.STOMA),
    ),
    "pg": PlaceKind(
        "Wonen met zorg, gesloten",
        (CareType.WLZ_VV,),
        _LIVING,
        (Feature.EENPERSOONSKAMER, Feature.WZD, Feature.ROLSTOEL),
        (Feature.TILLIFT,),
    ),
    "flex": PlaceKind(
        "Wonen of tijdelijk verblijf",
        (CareType.WLZ_VV, CareType.WLZ_TIJDELIJK),
        _LIVING,
        (Feature.EENPERSOONSKAMER, Feature.TILLIFT, Feature.ROLSTOEL),
        (Feature.ZUURSTOF,),
    ),
    "tijdelijk": PlaceKind(
        "Tijdelijk verblijf",
        (CareType.WLZ_TIJDELIJK,),
        _SHORT_STAY,
        (Feature.EENPERSOONSKAMER, Feature.ROLSTOEL),
        (Feature.WZD,),
    ),
    "crisis": PlaceKind(
        "Crisisplaatsen",
        (CareType.WLZ_CRISIS,),
        None,
        (Feature.EENPERSOONSKAMER, Feature.ARTS_ANW),
        (Feature.WZD,),
        _DAILY,
        _DAY_MINUTES,
    ),
    "kort": PlaceKind(
        "Eerstelijnsverblijf laag complex",
        (CareType.ELV_LAAG,),
        _SHORT_STAY,
        (Feature.ROLSTOEL,),
        (Feature.EENPERSOONSKAMER, Feature.STOMA),
    ),
    "kort-beide": PlaceKind(
        "Eerstelijnsverblijf",
        (CareType.ELV_LAAG, CareType.ELV_HOOG),
        _SHORT_STAY_HIGH,
        (Feature.ROLSTOEL, Feature.TILLIFT),
        (Feature.EENPERSOONSKAMER, Feature.ISOLATIE, Feature.ZUURSTOF),
    ),
    "hoog": PlaceKind(
        "Eerstelijnsverblijf hoog complex",
        (CareType.ELV_HOOG,),
        _SHORT_STAY_HIGH,
        (Feature.TILLIFT, Feature.ROLSTOEL, Feature.ZUURSTOF, Feature.ARTS_ANW),
        (Feature.EENPERSOONSKAMER, Feature.ISOLATIE, Feature.INFUUS, Feature.SONDE),
    ),
    "palliatief": PlaceKind(
        "Palliatieve kamers",
        (CareType.ELV_PALLIATIEF,),
        _LAST_WEEKS,
        (Feature.EENPERSOONSKAMER, Feature.ZUURSTOF, Feature.PARTNER),
        (Feature.INFUUS, Feature.HUISDIER),
    ),
    "grz": PlaceKind(
        "Geriatrische revalidatie",
        (CareType.GRZ,),
        _REHABILITATION,
        (Feature.ROLSTOEL, Feature.TILLIFT),
        (Feature.EENPERSOONSKAMER, Feature.INFUUS, Feature.BARIATRISCH),
    ),
    "grz-elv": PlaceKind(
        "Herstel, flexibel",
        (CareType.GRZ, CareType.ELV_HOOG),
        _REHABILITATION,
        (Feature.ROLSTOEL, Feature.TILLIFT),
        (Feature.EENPERSOONSKAMER, Feature.ISOLATIE),
    ),
    "logeer": PlaceKind(
        "Logeerkamers",
        (CareType.RESPIJT,),
        _GUESTS,
        (Feature.EENPERSOONSKAMER,),
        (Feature.PARTNER, Feature.HUISDIER),
    ),
    "logeer-wlz": PlaceKind(
        "Logeerhuis",
        (CareType.RESPIJT, CareType.WLZ_TIJDELIJK),
        _GUESTS,
        (Feature.EENPERSOONSKAMER, Feature.ROLSTOEL),
    ),
    "observatie": PlaceKind(
        "Observatie",
        (CareType.OBSERVATIE,),
        None,
        (Feature.ROLSTOEL, Feature.ARTS_ANW),
        (Feature.EENPERSOONSKAMER,),
        _DAILY,
    ),
    "mfb": PlaceKind(
        "Multifunctionele bedden",
        (CareType.MFB,),
        _MULTIFUNCTIONAL,
        (Feature.EENPERSOONSKAMER, Feature.ROLSTOEL),
        (Feature.ZUURSTOF,),
        _DAILY,
    ),
    "hospice": PlaceKind(
        "Hospicekamers",
        (CareType.HOSPICE,),
        _LAST_WEEKS,
        (Feature.EENPERSOONSKAMER, Feature.PARTNER, Feature.ZUURSTOF),
        (Feature.HUISDIER,),
        PostingSchedule.ON_CHANGE,
    ),
    "ggz": PlaceKind(
        "Acute opname",
        (CareType.GGZ_CRISIS,),
        None,
        (Feature.EENPERSOONSKAMER, Feature.WVGGZ, Feature.ARTS_ANW),
        (Feature.ISOLATIE,),
        _DAILY,
        12 * 60,
    ),
}
