"""Words of the registers' pages alone: in full, where other pages are short."""

from api.web.language import marked
from domain.features import Feature

DAY: dict[str, str] = {
    "ma": marked("Maandag"),
    "di": marked("Dinsdag"),
    "wo": marked("Woensdag"),
    "do": marked("Donderdag"),
    "vr": marked("Vrijdag"),
    "za": marked("Zaterdag"),
    "zo": marked("Zondag"),
    "feestdagen": marked("Feestdagen"),
}

FEATURE: dict[Feature, str] = {
    Feature.EENPERSOONSKAMER: marked("Eenpersoonskamer"),
    Feature.KAMER_MAN: marked("Meerpersoonskamer, plaats voor een man"),
    Feature.KAMER_VROUW: marked("Meerpersoonskamer, plaats voor een vrouw"),
    Feature.ISOLATIE: marked("Isolatie mogelijk"),
    Feature.ZUURSTOF: marked("Zuurstof"),
    Feature.INFUUS: marked("Infuus"),
    Feature.SONDE: marked("Sondevoeding"),
    Feature.STOMA: marked("Stomazorg"),
    Feature.BARIATRISCH: marked("Bariatrische zorg"),
    Feature.TILLIFT: marked("Tillift"),
    Feature.ROLSTOEL: marked("Rolstoeltoegankelijk"),
    Feature.WZD: marked("Wzd-accommodatie (gesloten)"),
    Feature.WVGGZ: marked("Wvggz-accommodatie (gesloten)"),
    Feature.ARTS_ANW: marked("Arts bereikbaar in avond, nacht en weekend"),
    Feature.PARTNER: marked("Partner kan mee verblijven"),
    Feature.HUISDIER: marked("Huisdier welkom"),
}
