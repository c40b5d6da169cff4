"""Who is in the demo region besides providers: who coordinates, sends, pays and looks on."""

from app.demo_region.model import PC4S, DemoOrganisation, numbered
from domain.actors import OrganisationKind, Role

#: Benthuizen counts with Zoetermeer's care region, though its gemeente is Alphen aan den Rijn.
_OF_ZOETERMEER = tuple(
    sorted(pc4 for pc4, at in PC4S.items() if at.gemeente == "0637" or at.place == "Benthuizen")
)
_OF_DEN_HAAG = tuple(
    sorted(pc4 for pc4, at in PC4S.items() if at.gemeente in ("0518", "1916", "0603", "0629"))
)
#: All PC4s of the region.
SERVED = tuple(sorted((*_OF_ZOETERMEER, *_OF_DEN_HAAG)))

COORDINATION_POINT = DemoOrganisation(
    agb="75990010",
    name="Centraal Coördinatiepunt Demoregio",
    kind=OrganisationKind.COORDINATION_POINT,
    roles=(Role.COORDINATOR,),
    telephone="079-0001000",
    pc4s=_OF_ZOETERMEER,
)


def _with_one_building(
    agb: str, name: str, kind: OrganisationKind, address: str, pc4: str, *roles: Role
) -> DemoOrganisation:
    dial = ("079" if pc4 in _OF_ZOETERMEER else "070") + f"-000{agb[-2:]}"
    return DemoOrganisation(
        agb=agb,
        name=name,
        kind=kind,
        roles=roles,
        locations=numbered("", dial, 1, (name, address, pc4, "")),
        telephone=f"{dial}00",
    )


OTHERS: tuple[DemoOrganisation, ...] = (
    _with_one_building(
        *("53990011", "Huisartsenpost Pijlkruid", OrganisationKind.OUT_OF_HOURS_POST),
        *("Waterplantsoen 2", "2719", Role.REFERRER),
    ),
    DemoOrganisation(
        agb="75990012",
        name="Gezondheidsverkeerstoren Demoregio",
        kind=OrganisationKind.REGION,
        roles=(Role.ANALYST, Role.OPERATOR, Role.AUDITOR),
        telephone="079-0001200",
    ),
    DemoOrganisation(
        agb="75990040",
        name="Coördinatiepunt Duinpolder",
        kind=OrganisationKind.COORDINATION_POINT,
        roles=(Role.COORDINATOR,),
        telephone="070-0004000",
        pc4s=_OF_DEN_HAAG,
    ),
    _with_one_building(
        *("06990041", "Ziekenhuis De Waterlelie", OrganisationKind.HOSPITAL),
        *("Lelieblad 1", "2725", Role.REFERRER),
    ),
    _with_one_building(
        *("06990042", "Ziekenhuis Duinwater", OrganisationKind.HOSPITAL),
        *("Filterbed 10", "2545", Role.REFERRER),
    ),
    _with_one_building(
        *("53990043", "Huisartsenpost Zeekool", OrganisationKind.OUT_OF_HOURS_POST),
        *("Vloedmerk 6", "2514", Role.REFERRER),
    ),
    _with_one_building(
        *("01990044", "Huisartsenpraktijk Weegbree", OrganisationKind.GENERAL_PRACTICE),
        *("Weegbreehof 8", "2713", Role.REFERRER),
    ),
    _with_one_building(
        *("01990045", "Huisartsenpraktijk Rolklaver", OrganisationKind.GENERAL_PRACTICE),
        *("Klaverveld 3", "2727", Role.REFERRER),
    ),
    _with_one_building(
        *("01990046", "Huisartsenpraktijk Zandblauwtje", OrganisationKind.GENERAL_PRACTICE),
        *("Schraalland 5", "2585", Role.REFERRER),
    ),
    _with_one_building(
        *("01990047", "Huisartsenpraktijk Kattenstaart", OrganisationKind.GENERAL_PRACTICE),
        *("Oeverkruid 12", "2274", Role.REFERRER),
    ),
    _with_one_building(
        *("98990048", "Wmo-loket Zoetermeer (demo)", OrganisationKind.MUNICIPALITY),
        *("Loketplein 1", "2711"),
    ),
    _with_one_building(
        *("98990049", "Wmo-loket Den Haag (demo)", OrganisationKind.MUNICIPALITY),
        *("Loketkade 2", "2511"),
    ),
    _with_one_building(
        *("98990050", "Wmo-loket Leidschendam-Voorburg (demo)", OrganisationKind.MUNICIPALITY),
        *("Loketlaan 3", "2263"),
    ),
    _with_one_building(
        *("98990051", "Wmo-loket Rijswijk (demo)", OrganisationKind.MUNICIPALITY),
        *("Loketweg 4", "2282"),
    ),
    _with_one_building(
        *("75990052", "Zorgkantoor Zandmotor", OrganisationKind.CARE_PURCHASER),
        *("Suppletieweg 20", "2516"),
    ),
)
