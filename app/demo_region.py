"""The demo region as tables: who there is, where they are, and which places they have.

Care types, kinds of organisation, the four digits of postcodes and gemeente codes are real. Names,
addresses with their postcode letters, and telephone numbers (none begins with a zero) are made up,
and so are the AGB codes after the first two digits, which are the kind of care.
"""

from dataclasses import dataclass
from datetime import timedelta

from domain.actors import OrganisationKind, Role
from domain.capacity import Terms
from domain.care_types import CareType
from domain.identifiers import RegionId
from domain.posting import PostingSchedule

REGION = RegionId(1)
REGION_CODE = "haaglanden"
REGION_NAME = "Haaglanden"

_ZOETERMEER = "0637"
_ALPHEN = "0484"


@dataclass(frozen=True, slots=True)
class DemoPool:
    """`places` is how many exist; the register doesn't keep it, each report tells."""

    code: str
    name: str
    places: int
    care_types: tuple[CareType, ...]

    @property
    def posting_schedule(self) -> PostingSchedule:
        """Spoedbedden every day, hospice on change, the others on workdays."""
        if CareType.HOSPICE in self.care_types:
            return PostingSchedule.ON_CHANGE
        if not _EVERY_DAY.isdisjoint(self.care_types):
            return PostingSchedule.DAILY_TWICE
        return PostingSchedule.WORKDAYS_TWICE


@dataclass(frozen=True, slots=True)
class DemoLocation:
    """A building with its places."""

    name: str
    address: str
    postcode: str
    telephone: str
    pools: tuple[DemoPool, ...]
    place: str = "Zoetermeer"
    gemeente: str = _ZOETERMEER


@dataclass(frozen=True, slots=True)
class DemoOrganisation:
    """`roles` are those it gets a key for; `terms` say what its figures cover.

    feed: its own software reports counts; otherwise people say what is free.
    """

    agb: str
    name: str
    kind: OrganisationKind
    roles: tuple[Role, ...]
    locations: tuple[DemoLocation, ...] = ()
    feed: bool = False
    terms: Terms = Terms()


_EVERY_DAY = frozenset(
    {CareType.WLZ_CRISIS, CareType.GGZ_CRISIS, CareType.OBSERVATIE, CareType.MFB}
)
_MFB = (CareType.MFB,)
_ELV = (CareType.ELV_LAAG,)
_ELV_BOTH = (CareType.ELV_LAAG, CareType.ELV_HOOG)
_ELV_HIGH = (CareType.ELV_HOOG,)
_ELV_PALLIATIVE = (CareType.ELV_PALLIATIEF,)
_GRZ = (CareType.GRZ,)
_GRZ_OR_ELV = (CareType.GRZ, CareType.ELV_HOOG)
_WLZ = (CareType.WLZ_VV,)
_WLZ_FLEXIBLE = (CareType.WLZ_VV, CareType.WLZ_TIJDELIJK)
_WLZ_TEMPORARY = (CareType.WLZ_TIJDELIJK,)
_WLZ_CRISIS = (CareType.WLZ_CRISIS,)
_RESPITE = (CareType.RESPIJT,)
_RESPITE_OR_WLZ = (CareType.RESPIJT, CareType.WLZ_TIJDELIJK)
_OBSERVATION = (CareType.OBSERVATIE,)
_HOSPICE = (CareType.HOSPICE,)
_GGZ = (CareType.GGZ_CRISIS,)

_PROVIDER = (Role.PROVIDER_CAPACITY,)

_LINDEVAARDE = DemoOrganisation(
    agb="47990001",
    name="Zorggroep Lindevaarde",
    kind=OrganisationKind.PROVIDER,
    roles=(Role.PROVIDER_CAPACITY, Role.PROVIDER_INTAKE),
    feed=True,
    terms=Terms(lag=timedelta(minutes=60), includes_holds=True),
    locations=(
        DemoLocation(
            "De Vaartlinde",
            "Lindevaartkade 12",
            "2711ZX",
            "079-0000101",
            (
                DemoPool("LV-01", "Kortverblijf begane grond", 8, _ELV),
                DemoPool("LV-02", "Kortverblijf eerste verdieping", 12, _ELV_BOTH),
                DemoPool("LV-03", "Langverblijf somatiek", 28, _WLZ),
                DemoPool("LV-04", "Multifunctionele bedden", 4, _MFB),
            ),
        ),
        DemoLocation(
            "De Lindehoek",
            "Bladgroenpad 3",
            "2716ZX",
            "079-0000102",
            (
                DemoPool("LV-05", "Langverblijf psychogeriatrie", 24, _WLZ),
                DemoPool("LV-06", "Tijdelijk verblijf", 4, _WLZ_TEMPORARY),
                DemoPool("LV-07", "Logeerkamers", 3, _RESPITE),
            ),
        ),
        DemoLocation(
            "Oosterlinde",
            "Zonnedauwsingel 40",
            "2721ZX",
            "079-0000103",
            (
                DemoPool("LV-08", "Langverblijf", 32, _WLZ),
                DemoPool("LV-09", "Crisisplaatsen", 2, _WLZ_CRISIS),
            ),
        ),
    ),
)

_KWARTELLAND = DemoOrganisation(
    agb="47990002",
    name="Stichting Kwartelland",
    kind=OrganisationKind.PROVIDER,
    roles=_PROVIDER,
    feed=True,
    locations=(
        DemoLocation(
            "Kwartelhage",
            "Veldkwartellaan 7",
            "2713ZX",
            "079-0000201",
            (
                DemoPool("KW-1A", "Eerstelijnsverblijf", 10, _ELV_BOTH),
                DemoPool("KW-1B", "Palliatieve kamers", 3, _ELV_PALLIATIVE),
                DemoPool("KW-1C", "Observatie na een val", 2, _OBSERVATION),
            ),
        ),
        DemoLocation(
            "De Kwartelslag",
            "Dorsvloerweg 21",
            "2719ZX",
            "079-0000202",
            (
                DemoPool("KW-2A", "Wonen met zorg", 30, _WLZ),
                DemoPool("KW-2B", "Wonen met zorg, gesloten", 16, _WLZ),
                DemoPool("KW-2C", "Logeerhuis", 5, _RESPITE_OR_WLZ),
            ),
        ),
        DemoLocation(
            "Kwartelrade",
            "Strohalmhof 2",
            "2726ZX",
            "079-0000203",
            (
                DemoPool("KW-3A", "Wonen met zorg", 22, _WLZ_FLEXIBLE),
                DemoPool("KW-3B", "Crisisplaats", 1, _WLZ_CRISIS),
                DemoPool("KW-3C", "Multifunctionele bedden", 3, _MFB),
            ),
        ),
    ),
)

_ROERDOMP = DemoOrganisation(
    agb="47990003",
    name="Roerdomp Ouderenzorg",
    kind=OrganisationKind.PROVIDER,
    roles=_PROVIDER,
    feed=True,
    terms=Terms(lag=timedelta(minutes=120)),
    locations=(
        DemoLocation(
            "Huize Roerdomp",
            "Lisdoddebaan 88",
            "2717ZX",
            "079-0000301",
            (
                DemoPool("RD-101", "Verblijf somatiek", 26, _WLZ),
                DemoPool("RD-102", "Verblijf psychogeriatrie", 26, _WLZ),
                DemoPool("RD-103", "Kortdurend verblijf", 9, _ELV),
            ),
        ),
        DemoLocation(
            "De Rietkraag",
            "Karekietpad 15",
            "2725ZX",
            "079-0000302",
            (
                DemoPool("RD-201", "Kortdurend verblijf", 6, _ELV),
                DemoPool("RD-202", "Verblijf met nachtzorg", 18, _WLZ_FLEXIBLE),
                DemoPool("RD-203", "Respijtkamers", 2, _RESPITE),
            ),
        ),
        DemoLocation(
            "Het Waterhoen",
            "Meerkoetlaan 60",
            "2728ZX",
            "079-0000303",
            (
                DemoPool("RD-301", "Verblijf", 20, _WLZ),
                DemoPool("RD-302", "Tijdelijk verblijf", 3, _WLZ_TEMPORARY),
                DemoPool("RD-303", "Crisisplaatsen", 2, _WLZ_CRISIS),
            ),
        ),
    ),
)

_ELZENMARE = DemoOrganisation(
    agb="45990004",
    name="Zorghuizen Elzenmare",
    kind=OrganisationKind.PROVIDER,
    roles=_PROVIDER,
    locations=(
        DemoLocation(
            "Elzenmare Zuid",
            "Elzenkatjeplein 1",
            "2718ZX",
            "079-0000401",
            (
                DemoPool("zuid-kort", "Kortverblijf", 7, _ELV),
                DemoPool("zuid-lang", "Vast verblijf", 34, _WLZ),
                DemoPool("zuid-logeer", "Logeerkamers", 2, _RESPITE),
                DemoPool("zuid-palliatief", "Palliatieve kamers", 2, _ELV_PALLIATIVE),
            ),
        ),
        DemoLocation(
            "Elzenmare Dorp",
            "Oude Wilgenstoof 19",
            "2722ZX",
            "079-0000402",
            (
                DemoPool("dorp-lang", "Vast verblijf", 19, _WLZ),
                DemoPool("dorp-tijdelijk", "Tijdelijk verblijf", 3, _WLZ_TEMPORARY),
                DemoPool("dorp-mfb", "Multifunctionele bedden", 2, _MFB),
            ),
        ),
    ),
)

_BRASEMVESTE = DemoOrganisation(
    agb="47990005",
    name="Brasemveste Wonen en Zorg",
    kind=OrganisationKind.PROVIDER,
    roles=_PROVIDER,
    locations=(
        DemoLocation(
            "De Brasem",
            "Zilvervisdreef 5",
            "2723ZX",
            "079-0000501",
            (
                DemoPool("BV1", "Woongroepen", 36, _WLZ),
                DemoPool("BV2", "Eerstelijnsverblijf hoog complex", 6, _ELV_HIGH),
                DemoPool("BV3", "Eerstelijnsverblijf laag complex", 6, _ELV),
                DemoPool("BV4", "Crisisplaatsen", 2, _WLZ_CRISIS),
            ),
        ),
        DemoLocation(
            "De Veste",
            "Bolwerkhaven 71",
            "2729ZX",
            "079-0000502",
            (
                DemoPool("BV5", "Woongroepen", 24, _WLZ),
                DemoPool("BV6", "Logeren", 4, _RESPITE),
                DemoPool("BV7", "Observatie", 2, _OBSERVATION),
            ),
        ),
    ),
)

_DOTTERMOND = DemoOrganisation(
    agb="42990006",
    name="Dottermond Thuis en Verblijf",
    kind=OrganisationKind.PROVIDER,
    roles=_PROVIDER,
    locations=(
        DemoLocation(
            "Dotterhof",
            "Dotterbloemgaarde 33",
            "2724ZX",
            "079-0000601",
            (
                DemoPool("DM-kort", "Kortverblijf", 5, _ELV),
                DemoPool("DM-wonen", "Kleinschalig wonen", 14, _WLZ),
                DemoPool("DM-logeer", "Logeerkamer", 1, _RESPITE),
            ),
        ),
        DemoLocation(
            "De Veenmond",
            "Turfschuurweg 9",
            "2731ZX",
            "079-0000602",
            (
                DemoPool("BH-kort", "Kortverblijf", 4, _ELV),
                DemoPool("BH-wonen", "Kleinschalig wonen", 12, _WLZ),
                DemoPool("BH-tijdelijk", "Tijdelijk verblijf", 2, _WLZ_TEMPORARY),
            ),
            place="Benthuizen",
            gemeente=_ALPHEN,
        ),
    ),
)

_VEENLOPER = DemoOrganisation(
    agb="47990007",
    name="Veenloper Revalidatie en Herstel",
    kind=OrganisationKind.PROVIDER,
    roles=_PROVIDER,
    feed=True,
    locations=(
        DemoLocation(
            "Het Looppad",
            "Schredenlaan 100",
            "2715ZX",
            "079-0000701",
            (
                DemoPool("GRZ-A", "Revalidatie orthopedie", 18, _GRZ),
                DemoPool("GRZ-B", "Revalidatie na een beroerte", 14, _GRZ),
                DemoPool("ELV-A", "Eerstelijnsverblijf hoog complex", 8, _ELV_HIGH),
                DemoPool("MFB-A", "Multifunctionele bedden", 4, _MFB),
                DemoPool("OBS-A", "Observatie", 3, _OBSERVATION),
            ),
        ),
        DemoLocation(
            "De Veenbrug",
            "Trippenpad 4",
            "2727ZX",
            "079-0000702",
            (
                DemoPool("GRZ-C", "Revalidatie algemeen", 16, _GRZ),
                DemoPool("GRZ-D", "Herstel, flexibel", 8, _GRZ_OR_ELV),
                DemoPool("ELV-B", "Eerstelijnsverblijf hoog complex", 6, _ELV_HIGH),
            ),
        ),
    ),
)

_ANKERWIJDE = DemoOrganisation(
    agb="06990008",
    name="GGZ Ankerwijde",
    kind=OrganisationKind.PROVIDER,
    roles=_PROVIDER,
    feed=True,
    locations=(
        DemoLocation(
            "De Ankerplaats",
            "Boeienpad 26",
            "2712ZX",
            "079-0000801",
            (
                DemoPool("HIC-1", "Acute opname volwassenen", 10, _GGZ),
                DemoPool("HIC-2", "Acute opname ouderen", 6, _GGZ),
                DemoPool("HIC-3", "Kortdurende crisisopvang", 4, _GGZ),
            ),
        ),
    ),
)

_ZILVERLISSE = DemoOrganisation(
    agb="75990009",
    name="Hospice Zilverlisse",
    kind=OrganisationKind.PROVIDER,
    roles=_PROVIDER,
    locations=(
        DemoLocation(
            "Zilverlisse",
            "Lissenbed 6",
            "2711ZY",
            "079-0000901",
            (
                DemoPool("kamers", "Hospicekamers", 7, _HOSPICE),
                DemoPool("gast", "Gastkamers palliatief", 2, _ELV_PALLIATIVE),
            ),
        ),
    ),
)

ORGANISATIONS: tuple[DemoOrganisation, ...] = (
    DemoOrganisation(
        agb="75990010",
        name="Centraal Coördinatiepunt Demoregio",
        kind=OrganisationKind.COORDINATION_POINT,
        roles=(Role.COORDINATOR,),
    ),
    _LINDEVAARDE,
    _KWARTELLAND,
    _ROERDOMP,
    _ELZENMARE,
    _BRASEMVESTE,
    _DOTTERMOND,
    _VEENLOPER,
    _ANKERWIJDE,
    _ZILVERLISSE,
    DemoOrganisation(
        agb="53990011",
        name="Huisartsenpost Pijlkruid",
        kind=OrganisationKind.REFERRER,
        roles=(Role.REFERRER,),
    ),
    DemoOrganisation(
        agb="75990012",
        name="Gezondheidsverkeerstoren Demoregio",
        kind=OrganisationKind.REGION,
        roles=(Role.ANALYST, Role.OPERATOR, Role.AUDITOR),
    ),
)
