"""What a place can offer, as hard criteria of a match ask for it, with the Dutch names users read."""

from enum import StrEnum


class Feature(StrEnum):
    """A kenmerk of a pool's places. A pool has it when each of its places has."""

    EENPERSOONSKAMER = "eenpersoonskamer"
    KAMER_MAN = "kamer-man"
    KAMER_VROUW = "kamer-vrouw"
    ISOLATIE = "isolatie"
    ZUURSTOF = "zuurstof"
    INFUUS = "infuus"
    SONDE = "sonde"
    STOMA = "stoma"
    BARIATRISCH = "bariatrisch"
    TILLIFT = "tillift"
    ROLSTOEL = "rolstoel"
    WZD = "wzd"
    WVGGZ = "wvggz"
    ARTS_ANW = "arts-anw"
    PARTNER = "partner"
    HUISDIER = "huisdier"


FEATURE_LABELS: dict[Feature, str] = {
    Feature.EENPERSOONSKAMER: "eenpersoonskamer",
    Feature.KAMER_MAN: "meerpersoonskamer, plaats voor een man",
    Feature.KAMER_VROUW: "meerpersoonskamer, plaats voor een vrouw",
    Feature.ISOLATIE: "isolatie mogelijk (MRSA, BRMO, noro, influenza, covid)",
    Feature.ZUURSTOF: "zuurstof",
    Feature.INFUUS: "infuus",
    Feature.SONDE: "sondevoeding",
    Feature.STOMA: "stomazorg",
    Feature.BARIATRISCH: "bariatrische zorg",
    Feature.TILLIFT: "tillift",
    Feature.ROLSTOEL: "rolstoeltoegankelijk",
    Feature.WZD: "Wzd-accommodatie (gesloten)",
    Feature.WVGGZ: "Wvggz-accommodatie (gesloten)",
    Feature.ARTS_ANW: "arts bereikbaar in avond, nacht en weekend",
    Feature.PARTNER: "partner kan mee verblijven",
    Feature.HUISDIER: "huisdier welkom",
}
