"""Providers of Zoetermeer and Benthuizen, with the codes that their systems use for their places."""

from app.demo_region.model import DemoOrganisation, Way, locations, numbered, terms
from domain.actors import OrganisationKind, Role

_PROVIDER = (Role.PROVIDER_CAPACITY, Role.PROVIDER_INTAKE)

_LINDEVAARDE = DemoOrganisation(
    agb="47990001",
    name="Zorggroep Lindevaarde",
    kind=OrganisationKind.PROVIDER,
    roles=_PROVIDER,
    way=Way.BATCH,
    terms=terms(lag_minutes=60, includes_holds=True),
    telephone="079-0000100",
    insurers=("9901", "9902", "9903", "9904"),
    locations=locations(
        (
            *("De Vaartlinde", "Lindevaartkade 12", "2711ZX", "079-0000101"),
            (
                ("LV-01", "Kortverblijf begane grond", 8, "kort"),
                ("LV-02", "Kortverblijf eerste verdieping", 12, "kort-beide"),
                ("LV-03", "Langverblijf somatiek", 28, "woon"),
                ("LV-04", "Multifunctionele bedden", 4, "mfb"),
            ),
        ),
        (
            *("De Lindehoek", "Bladgroenpad 3", "2716ZX", "079-0000102"),
            (
                ("LV-05", "Langverblijf psychogeriatrie", 24, "pg"),
                ("LV-06", "Tijdelijk verblijf", 4, "tijdelijk"),
                ("LV-07", "Logeerkamers", 3, "logeer"),
            ),
        ),
        (
            *("Oosterlinde", "Zonnedauwsingel 40", "2721ZX", "079-0000103"),
            (
                ("LV-08", "Langverblijf", 32, "woon"),
                ("LV-09", "Crisisplaatsen", 2, "crisis"),
            ),
        ),
    )
    + numbered(
        *("LV", "079-00001", 10),
        ("Lindebloesem", "Honingdauwlaan 8", "2727", "woon 22, pg 16, tijdelijk 2"),
        ("Winterlinde", "Nerfpad 27", "2719", "flex 18, logeer 2"),
    ),
)

_KWARTELLAND = DemoOrganisation(
    agb="47990002",
    name="Stichting Kwartelland",
    kind=OrganisationKind.PROVIDER,
    roles=_PROVIDER,
    way=Way.FEED,
    telephone="079-0000200",
    insurers=("9901", "9902", "9905"),
    locations=locations(
        (
            *("Kwartelhage", "Veldkwartellaan 7", "2713ZX", "079-0000201"),
            (
                ("KW-1A", "Eerstelijnsverblijf", 10, "kort-beide"),
                ("KW-1B", "Palliatieve kamers", 3, "palliatief"),
                ("KW-1C", "Observatie na een val", 2, "observatie"),
            ),
        ),
        (
            *("De Kwartelslag", "Dorsvloerweg 21", "2719ZX", "079-0000202"),
            (
                ("KW-2A", "Wonen met zorg", 30, "woon"),
                ("KW-2B", "Wonen met zorg, gesloten", 16, "pg"),
                ("KW-2C", "Logeerhuis", 5, "logeer-wlz"),
            ),
        ),
        (
            *("Kwartelrade", "Strohalmhof 2", "2726ZX", "079-0000203"),
            (
                ("KW-3A", "Wonen met zorg", 22, "flex"),
                ("KW-3B", "Crisisplaats", 1, "crisis"),
                ("KW-3C", "Multifunctionele bedden", 4, "mfb"),
            ),
        ),
    )
    + numbered(
        *("KW", "079-00002", 10),
        ("Kwartelnest", "Graanschuur 14", "2724", "woon 20, kort 4, logeer 2"),
        ("De Korenaar", "Stoppelveld 9", "2717", "woon 18, pg 12"),
    ),
)

_ROERDOMP = DemoOrganisation(
    agb="47990003",
    name="Roerdomp Ouderenzorg",
    kind=OrganisationKind.PROVIDER,
    roles=_PROVIDER,
    way=Way.FEED,
    terms=terms(lag_minutes=120),
    telephone="079-0000300",
    insurers=("9901", "9903"),
    locations=locations(
        (
            *("Huize Roerdomp", "Lisdoddebaan 88", "2717ZX", "079-0000301"),
            (
                ("RD-101", "Verblijf somatiek", 26, "woon"),
                ("RD-102", "Verblijf psychogeriatrie", 26, "pg"),
                ("RD-103", "Kortdurend verblijf", 9, "kort"),
            ),
        ),
        (
            *("De Rietkraag", "Karekietpad 15", "2725ZX", "079-0000302"),
            (
                ("RD-201", "Kortdurend verblijf", 6, "kort"),
                ("RD-202", "Verblijf met nachtzorg", 18, "flex"),
                ("RD-203", "Respijtkamers", 2, "logeer"),
            ),
        ),
        (
            *("Het Waterhoen", "Meerkoetlaan 60", "2728ZX", "079-0000303"),
            (
                ("RD-301", "Verblijf", 20, "woon"),
                ("RD-302", "Tijdelijk verblijf", 3, "tijdelijk"),
                ("RD-303", "Crisisplaatsen", 2, "crisis"),
            ),
        ),
    )
    + numbered(
        *("RD", "079-00003", 10),
        ("De Zilverreiger", "Plasdraspad 31", "2715", "woon 24, kort 5, palliatief 2"),
    ),
)

_ELZENMARE = DemoOrganisation(
    agb="45990004",
    name="Zorghuizen Elzenmare",
    kind=OrganisationKind.PROVIDER,
    roles=_PROVIDER,
    telephone="079-0000400",
    insurers=("9901", "9904"),
    locations=locations(
        (
            *("Elzenmare Zuid", "Elzenkatjeplein 1", "2718ZX", "079-0000401"),
            (
                ("zuid-kort", "Kortverblijf", 7, "kort"),
                ("zuid-lang", "Vast verblijf", 34, "woon"),
                ("zuid-logeer", "Logeerkamers", 2, "logeer"),
                ("zuid-palliatief", "Palliatieve kamers", 2, "palliatief"),
            ),
        ),
        (
            *("Elzenmare Dorp", "Oude Wilgenstoof 19", "2722ZX", "079-0000402"),
            (
                ("dorp-lang", "Vast verblijf", 19, "woon"),
                ("dorp-tijdelijk", "Tijdelijk verblijf", 3, "tijdelijk"),
                ("dorp-mfb", "Multifunctionele bedden", 4, "mfb"),
            ),
        ),
    )
    + numbered(
        *("EM", "079-00004", 10),
        ("Elzenmare Plas", "Bosrietsteeg 2", "2725", "woon 16, kort 4, tijdelijk 2"),
    ),
)

_BRASEMVESTE = DemoOrganisation(
    agb="47990005",
    name="Brasemveste Wonen en Zorg",
    kind=OrganisationKind.PROVIDER,
    roles=_PROVIDER,
    way=Way.ROUND,
    telephone="079-0000500",
    insurers=("9902", "9903"),
    locations=locations(
        (
            *("De Brasem", "Zilvervisdreef 5", "2723ZX", "079-0000501"),
            (
                ("BV1", "Woongroepen", 36, "woon"),
                ("BV2", "Eerstelijnsverblijf hoog complex", 6, "hoog"),
                ("BV3", "Eerstelijnsverblijf laag complex", 6, "kort"),
                ("BV4", "Crisisplaatsen", 2, "crisis"),
            ),
        ),
        (
            *("De Veste", "Bolwerkhaven 71", "2729ZX", "079-0000502"),
            (
                ("BV5", "Woongroepen", 24, "woon"),
                ("BV6", "Logeren", 4, "logeer"),
                ("BV7", "Observatie", 2, "observatie"),
            ),
        ),
    )
    + numbered(
        *("BV", "079-00005", 10),
        ("De Voorn", "Visdiefjeshof 12", "2712", "woon 20, pg 10, kort 3"),
        ("De Karper", "Fuiklaan 44", "2726", "pg 18, logeer 2"),
    ),
)

_DOTTERMOND = DemoOrganisation(
    agb="42990006",
    name="Dottermond Thuis en Verblijf",
    kind=OrganisationKind.PROVIDER,
    roles=_PROVIDER,
    telephone="079-0000600",
    insurers=("9901", "9902", "9903", "9905"),
    locations=locations(
        (
            *("Dotterhof", "Dotterbloemgaarde 33", "2724ZX", "079-0000601"),
            (
                ("DM-kort", "Kortverblijf", 5, "kort"),
                ("DM-wonen", "Kleinschalig wonen", 14, "woon"),
                ("DM-logeer", "Logeerkamer", 1, "logeer"),
            ),
        ),
        (
            *("De Veenmond", "Turfschuurweg 9", "2731ZX", "079-0000602"),
            (
                ("BH-kort", "Kortverblijf", 4, "kort"),
                ("BH-wonen", "Kleinschalig wonen", 12, "woon"),
                ("BH-tijdelijk", "Tijdelijk verblijf", 2, "tijdelijk"),
            ),
        ),
    ),
)

_VEENLOPER = DemoOrganisation(
    agb="47990007",
    name="Veenloper Revalidatie en Herstel",
    kind=OrganisationKind.PROVIDER,
    roles=_PROVIDER,
    way=Way.FEED,
    telephone="079-0000700",
    insurers=("9901", "9902", "9903", "9904", "9905"),
    locations=locations(
        (
            *("Het Looppad", "Schredenlaan 100", "2715ZX", "079-0000701"),
            (
                ("GRZ-A", "Revalidatie orthopedie", 18, "grz"),
                ("GRZ-B", "Revalidatie na een beroerte", 14, "grz"),
                ("ELV-A", "Eerstelijnsverblijf hoog complex", 8, "hoog"),
                ("MFB-A", "Multifunctionele bedden", 4, "mfb"),
                ("OBS-A", "Observatie", 3, "observatie"),
            ),
        ),
        (
            *("De Veenbrug", "Trippenpad 4", "2727ZX", "079-0000702"),
            (
                ("GRZ-C", "Revalidatie algemeen", 16, "grz"),
                ("GRZ-D", "Herstel, flexibel", 8, "grz-elv"),
                ("ELV-B", "Eerstelijnsverblijf hoog complex", 6, "hoog"),
            ),
        ),
    ),
)

_ANKERWIJDE = DemoOrganisation(
    agb="06990008",
    name="GGZ Ankerwijde",
    kind=OrganisationKind.GGZ,
    roles=_PROVIDER,
    way=Way.FEED,
    telephone="079-0000800",
    insurers=("9901", "9902", "9903"),
    locations=locations(
        (
            *("De Ankerplaats", "Boeienpad 26", "2712ZX", "079-0000801"),
            (
                ("HIC-1", "Acute opname volwassenen", 10, "ggz"),
                ("HIC-2", "Acute opname ouderen", 6, "ggz"),
                ("HIC-3", "Kortdurende crisisopvang", 4, "ggz"),
            ),
        ),
    ),
)

_ZILVERLISSE = DemoOrganisation(
    agb="75990009",
    name="Hospice Zilverlisse",
    kind=OrganisationKind.HOSPICE,
    roles=_PROVIDER,
    telephone="079-0000900",
    locations=locations(
        (
            *("Zilverlisse", "Lissenbed 6", "2711ZY", "079-0000901"),
            (
                ("kamers", "Hospicekamers", 7, "hospice"),
                ("gast", "Gastkamers palliatief", 2, "palliatief"),
            ),
        ),
    ),
)

_WILGENWEIDE = DemoOrganisation(
    agb="47990013",
    name="Wilgenweide Zorg",
    kind=OrganisationKind.PROVIDER,
    roles=_PROVIDER,
    way=Way.FEED,
    sandbox=True,
    telephone="079-0001300",
    insurers=("9901", "9905"),
    locations=numbered(
        *("WW", "079-00013", 1),
        ("De Knotwilg", "Twijgenlaan 5", "2711", "woon 26, pg 14, kort 4"),
        ("Wilgenroos", "Griendpad 18", "2723", "woon 20, tijdelijk 3, logeer 2"),
        ("Het Katje", "Wissenhof 61", "2716", "woon 18, crisis 1"),
    ),
)

_HEGGENRANK = DemoOrganisation(
    agb="42990014",
    name="Heggenrank Thuiszorg",
    kind=OrganisationKind.PROVIDER,
    roles=_PROVIDER,
    way=Way.ROUND,
    telephone="079-0001400",
    insurers=("9901", "9902", "9903", "9904"),
    locations=numbered(
        *("HR", "079-00014", 1),
        ("De Heggenrank", "Meidoornhaag 10", "2729", "logeer 3, palliatief 2"),
        ("Steunpunt Klimop", "Haagwindehof 2", "2718", ""),
    ),
)

_HAZENLEGER = DemoOrganisation(
    agb="47990015",
    name="Hazenleger Kleinschalig",
    kind=OrganisationKind.PROVIDER,
    roles=_PROVIDER,
    telephone="079-0001500",
    locations=numbered(
        *("HL", "079-00015", 1),
        ("Het Leger", "Akkerrand 3", "2721", "pg 8, logeer 1"),
        ("De Sprong", "Klaverlaan 17", "2728", "pg 8, tijdelijk 1"),
        ("Veldzicht", "Kerkpad 1", "2730", "pg 7, woon 6"),
    ),
)

_SERINGENHOF = DemoOrganisation(
    agb="75990016",
    name="Hospice Seringenhof",
    kind=OrganisationKind.HOSPICE,
    roles=_PROVIDER,
    telephone="079-0001600",
    locations=numbered(
        *("SH", "079-00016", 1), ("Seringenhof", "Bloementrosweg 4", "2722", "hospice 5")
    ),
)

PROVIDERS: tuple[DemoOrganisation, ...] = (
    _LINDEVAARDE,
    _KWARTELLAND,
    _ROERDOMP,
    _ELZENMARE,
    _BRASEMVESTE,
    _DOTTERMOND,
    _VEENLOPER,
    _ANKERWIJDE,
    _ZILVERLISSE,
    _WILGENWEIDE,
    _HEGGENRANK,
    _HAZENLEGER,
    _SERINGENHOF,
)
