"""The care types (zorgsoorten) that places are offered for, with the Dutch names users read."""

from enum import StrEnum


class CareType(StrEnum):
    """Stable code of a care type; `counted_by_bed` tells the ones followed bed by bed."""

    MFB = "mfb"
    ELV_LAAG = "elv-laag"
    ELV_HOOG = "elv-hoog"
    ELV_PALLIATIEF = "elv-palliatief"
    GRZ = "grz"
    WLZ_VV = "wlz-vv"
    WLZ_TIJDELIJK = "wlz-tijdelijk"
    WLZ_CRISIS = "wlz-crisis"
    RESPIJT = "respijt"
    HOSPICE = "hospice"
    OBSERVATIE = "observatie"
    WIJKVERPLEGING = "wijkverpleging"
    SPOEDCONSULT_SO = "spoedconsult-so"
    GGZ_CRISIS = "ggz-crisis"

    @property
    def counted_by_bed(self) -> bool:
        """Multifunctional beds are followed one by one: a count report for them is refused."""
        return self is CareType.MFB

    @property
    def has_places(self) -> bool:
        """False for care that comes to the person and so never has a pool of places."""
        return self not in (CareType.WIJKVERPLEGING, CareType.SPOEDCONSULT_SO)


LABELS: dict[CareType, str] = {
    CareType.MFB: "multifunctioneel bed",
    CareType.ELV_LAAG: "eerstelijnsverblijf laag complex",
    CareType.ELV_HOOG: "eerstelijnsverblijf hoog complex",
    CareType.ELV_PALLIATIEF: "eerstelijnsverblijf palliatief",
    CareType.GRZ: "geriatrische revalidatiezorg",
    CareType.WLZ_VV: "Wlz-verblijf verpleging en verzorging",
    CareType.WLZ_TIJDELIJK: "tijdelijk Wlz-verblijf",
    CareType.WLZ_CRISIS: "Wlz-crisisbed",
    CareType.RESPIJT: "respijtzorg",
    CareType.HOSPICE: "hospice",
    CareType.OBSERVATIE: "observatiebed",
    CareType.WIJKVERPLEGING: "wijkverpleging",
    CareType.SPOEDCONSULT_SO: "spoedconsult specialist ouderengeneeskunde",
    CareType.GGZ_CRISIS: "acute ggz",
}


class ClosedReason(StrEnum):
    """Why places that exist are closed."""

    PERSONEEL = "personeel"
    UITBRAAK = "uitbraak"
    VERBOUWING = "verbouwing"
    ONDERHOUD = "onderhoud"
    ANDERS = "anders"
