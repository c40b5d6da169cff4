"""The words of pages for what has a code: short where rows are narrow, in full where there is room."""

from api.web.language import marked
from domain.actors import OrganisationKind, Role
from domain.beds import BedState, Hold
from domain.calendar import Weekday
from domain.capacity import SourceKind
from domain.care_types import CareType, ClosedReason
from domain.features import Feature
from domain.home_care import Dagdeel, Light, Skill
from domain.needs import Behaviour, Infection, Setting, Sex, Urgency
from domain.posting import PostingSchedule

#: On tiles and in rows.
CARE_SHORT: dict[CareType, str] = {
    CareType.MFB: marked("MFB"),
    CareType.ELV_LAAG: marked("ELV laag"),
    CareType.ELV_HOOG: marked("ELV hoog"),
    CareType.ELV_PALLIATIEF: marked("ELV palliatief"),
    CareType.GRZ: marked("GRZ"),
    CareType.WLZ_VV: marked("Wlz-verblijf"),
    CareType.WLZ_TIJDELIJK: marked("Wlz tijdelijk"),
    CareType.WLZ_CRISIS: marked("Wlz-crisis"),
    CareType.RESPIJT: marked("Respijt"),
    CareType.HOSPICE: marked("Hospice"),
    CareType.OBSERVATIE: marked("Observatie"),
    CareType.WIJKVERPLEGING: marked("Wijkverpleging"),
    CareType.SPOEDCONSULT_SO: marked("Spoedconsult SO"),
    CareType.GGZ_CRISIS: marked("Ggz-crisis"),
}

#: As headings.
CARE: dict[CareType, str] = {
    CareType.MFB: marked("Multifunctioneel bed"),
    CareType.ELV_LAAG: marked("ELV laag complex"),
    CareType.ELV_HOOG: marked("ELV hoog complex"),
    CareType.ELV_PALLIATIEF: marked("ELV palliatief"),
    CareType.GRZ: marked("Geriatrische revalidatie"),
    CareType.WLZ_VV: marked("Wlz-verblijf verpleging en verzorging"),
    CareType.WLZ_TIJDELIJK: marked("Wlz tijdelijk"),
    CareType.WLZ_CRISIS: marked("Wlz-crisis"),
    CareType.RESPIJT: marked("Respijt"),
    CareType.HOSPICE: marked("Hospice"),
    CareType.OBSERVATIE: marked("Observatie"),
    CareType.WIJKVERPLEGING: marked("Wijkverpleging"),
    CareType.SPOEDCONSULT_SO: marked("Spoedconsult specialist ouderengeneeskunde"),
    CareType.GGZ_CRISIS: marked("Acute ggz"),
}

FEATURE_SHORT: dict[Feature, str] = {
    Feature.EENPERSOONSKAMER: marked("1-persoons"),
    Feature.KAMER_MAN: marked("meerpersoons, man"),
    Feature.KAMER_VROUW: marked("meerpersoons, vrouw"),
    Feature.ISOLATIE: marked("isolatie"),
    Feature.ZUURSTOF: marked("zuurstof"),
    Feature.INFUUS: marked("infuus"),
    Feature.SONDE: marked("sonde"),
    Feature.STOMA: marked("stoma"),
    Feature.BARIATRISCH: marked("bariatrisch"),
    Feature.TILLIFT: marked("tillift"),
    Feature.ROLSTOEL: marked("rolstoel"),
    Feature.WZD: marked("Wzd"),
    Feature.WVGGZ: marked("Wvggz"),
    Feature.ARTS_ANW: marked("arts ANW"),
    Feature.PARTNER: marked("partner mee"),
    Feature.HUISDIER: marked("huisdier"),
}

SOURCE: dict[SourceKind, str] = {
    SourceKind.API: marked("koppeling"),
    SourceKind.PAGE: marked("pagina"),
    SourceKind.FILE: marked("bestand"),
    SourceKind.PHONE: marked("telefoon"),
}

CLOSED_REASON: dict[ClosedReason, str] = {
    ClosedReason.PERSONEEL: marked("te weinig personeel"),
    ClosedReason.UITBRAAK: marked("uitbraak"),
    ClosedReason.VERBOUWING: marked("verbouwing"),
    ClosedReason.ONDERHOUD: marked("onderhoud"),
    ClosedReason.ANDERS: marked("andere reden"),
}

BED_STATE: dict[BedState | Hold, str] = {
    BedState.FREE: marked("Vrij"),
    BedState.OCCUPIED: marked("Bezet"),
    BedState.CLEANING: marked("Schoonmaak"),
    BedState.CLOSED: marked("Gesloten"),
    Hold.CLAIMED: marked("Vastgehouden"),
    Hold.PROMISED: marked("Toegezegd"),
}

LIGHT: dict[Light, str] = {
    Light.GROEN: marked("Ruimte"),
    Light.ORANJE: marked("In overleg"),
    Light.ROOD: marked("Vol"),
}

SKILL: dict[Skill, str] = {
    Skill.BASIS: marked("Basiszorg"),
    Skill.MSVT: marked("Infuus en medisch-technisch"),
    Skill.WOND: marked("Wondzorg"),
    Skill.PALLIATIEF_TERMINAAL: marked("Palliatief-terminaal"),
    Skill.NACHT: marked("Nachtzorg"),
    Skill.CASEMANAGEMENT_DEMENTIE: marked("Dementie"),
    Skill.ACUUT: marked("Acuut"),
}

#: In a sentence: what a team does.
SKILL_CARE: dict[Skill, str] = {
    Skill.BASIS: marked("basiszorg"),
    Skill.MSVT: marked("infuus en medisch-technische zorg"),
    Skill.WOND: marked("wondzorg"),
    Skill.PALLIATIEF_TERMINAAL: marked("palliatief-terminale zorg"),
    Skill.NACHT: marked("nachtzorg"),
    Skill.CASEMANAGEMENT_DEMENTIE: marked("casemanagement dementie"),
    Skill.ACUUT: marked("acute zorg"),
}

DAGDEEL: dict[Dagdeel, str] = {
    Dagdeel.OCHTEND: marked("ochtend"),
    Dagdeel.MIDDAG: marked("middag"),
    Dagdeel.AVOND: marked("avond"),
    Dagdeel.NACHT: marked("nacht"),
}

#: In a sentence: when a team comes.
DAGDEEL_WHEN: dict[Dagdeel, str] = {
    Dagdeel.OCHTEND: marked("in de ochtend"),
    Dagdeel.MIDDAG: marked("in de middag"),
    Dagdeel.AVOND: marked("in de avond"),
    Dagdeel.NACHT: marked("in de nacht"),
}

ROLE: dict[Role, str] = {
    Role.COORDINATOR: marked("coördinator"),
    Role.PROVIDER_CAPACITY: marked("capaciteit"),
    Role.PROVIDER_INTAKE: marked("intake"),
    Role.REFERRER: marked("verwijzer"),
    Role.ANALYST: marked("analist"),
    Role.OPERATOR: marked("functioneel beheer"),
    Role.AUDITOR: marked("toezicht"),
    Role.SYSTEM: marked("systeem"),
}

ORGANISATION_KIND: dict[OrganisationKind, str] = {
    OrganisationKind.COORDINATION_POINT: marked("coördinatiepunt"),
    OrganisationKind.PROVIDER: marked("VVT-organisatie"),
    OrganisationKind.HOSPICE: marked("hospice"),
    OrganisationKind.GGZ: marked("ggz-instelling"),
    OrganisationKind.HOSPITAL: marked("ziekenhuis"),
    OrganisationKind.GENERAL_PRACTICE: marked("huisartsenpraktijk"),
    OrganisationKind.OUT_OF_HOURS_POST: marked("huisartsenpost"),
    OrganisationKind.REFERRER: marked("verwijzer"),
    OrganisationKind.MUNICIPALITY: marked("gemeente"),
    OrganisationKind.CARE_PURCHASER: marked("zorgkantoor"),
    OrganisationKind.REGION: marked("regio"),
}

WEEKDAY: dict[Weekday, str] = {
    Weekday.MA: marked("ma"),
    Weekday.DI: marked("di"),
    Weekday.WO: marked("wo"),
    Weekday.DO: marked("do"),
    Weekday.VR: marked("vr"),
    Weekday.ZA: marked("za"),
    Weekday.ZO: marked("zo"),
}

POSTING: dict[PostingSchedule, str] = {
    PostingSchedule.WORKDAYS_TWICE: marked("op werkdagen om 9 en 15 uur"),
    PostingSchedule.DAILY_TWICE: marked("elke dag om 9 en 15 uur"),
    PostingSchedule.ON_CHANGE: marked("bij elke wijziging, en elke dag om 9 uur"),
}

#: Above the columns of a spreadsheet, and of what it would change.
FIGURE: dict[str, str] = {
    "physical": marked("bestaand"),
    "operable": marked("bemand"),
    "occupied": marked("bezet"),
    "planned": marked("gepland"),
    "closed": marked("gesloten"),
    "closed_reason": marked("reden"),
    "free": marked("vrij nu"),
    "available_from": marked("vrij vanaf"),
    "discharges": marked("verwachte ontslagen"),
    "admissions": marked("verwachte opnames"),
}

URGENCY: dict[Urgency, str] = {
    Urgency.ACUUT: marked("acuut, vandaag nog"),
    Urgency.SPOED: marked("spoed, binnen een of twee dagen"),
    Urgency.REGULIER: marked("regulier"),
}

SEX: dict[Sex, str] = {
    Sex.VROUW: marked("vrouw"),
    Sex.MAN: marked("man"),
    Sex.ANDERS: marked("anders"),
}

SETTING: dict[Setting, str] = {
    Setting.THUIS: marked("thuis"),
    Setting.SEH: marked("op de SEH"),
    Setting.ZIEKENHUIS: marked("in het ziekenhuis"),
    Setting.HUISARTSENPOST: marked("op de huisartsenpost"),
    Setting.VVT: marked("in een zorginstelling"),
    Setting.GGZ: marked("in een ggz-instelling"),
    Setting.ELDERS: marked("elders"),
}

INFECTION: dict[Infection, str] = {
    Infection.GEEN: marked("geen"),
    Infection.MRSA: marked("MRSA"),
    Infection.BRMO: marked("BRMO"),
    Infection.NORO: marked("norovirus"),
    Infection.INFLUENZA_COVID: marked("influenza of covid"),
    Infection.ANDERS: marked("een andere infectie"),
    Infection.ONBEKEND: marked("niet bekend"),
}

BEHAVIOUR: dict[Behaviour, str] = {
    Behaviour.RUSTIG: marked("rustig"),
    Behaviour.ONRUSTIG: marked("onrustig"),
    Behaviour.DWALEND: marked("dwalend"),
    Behaviour.AGRESSIEF: marked("agressief"),
    Behaviour.ONBEKEND: marked("niet bekend"),
}
