"""Providers of Den Haag, Leidschendam-Voorburg, Rijswijk and Wassenaar."""

from app.demo_region.model import DemoOrganisation, PlainRow, Way, numbered, terms
from domain.actors import OrganisationKind, Role
from domain.capacity import Terms

_PROVIDER = (Role.PROVIDER_CAPACITY, Role.PROVIDER_INTAKE)
_MOST_INSURERS = ("9901", "9902", "9903", "9904")


def _provider(
    agb: str,
    name: str,
    prefix: str,
    *rows: PlainRow,
    way: Way = Way.PEOPLE,
    kind: OrganisationKind = OrganisationKind.PROVIDER,
    covers: Terms = Terms(),
) -> DemoOrganisation:
    """Telephones follow from the last digits of the AGB-code."""
    dial = f"070-000{agb[-2:]}"
    return DemoOrganisation(
        agb=agb,
        name=name,
        kind=kind,
        roles=_PROVIDER,
        locations=numbered(prefix, dial, 1, *rows),
        way=way,
        terms=covers,
        telephone=f"{dial}00",
        insurers=_MOST_INSURERS if kind is OrganisationKind.PROVIDER else (),
    )


PROVIDERS: tuple[DemoOrganisation, ...] = (
    _provider(
        *("47990020", "Stichting Helmduin", "HD"),
        ("Helmhof", "Helmgraspad 3", "2583", "woon 36, pg 24, kort 6, logeer 2"),
        ("De Stuifzandhoek", "Stuifdijkje 11", "2584", "woon 28, hoog 8"),
        ("Zilte Wind", "Branding 40", "2586", "woon 24, flex 12, crisis 2"),
        ("Duindoorn", "Zanddoornlaan 7", "2566", "pg 30, tijdelijk 4"),
        ("De Strandloper", "Vloedlijnpad 19", "2554", "woon 26, kort-beide 10, observatie 2"),
        ("Zeekraal", "Schorrenweg 2", "2555", "pg 20, woon 20, logeer 3"),
        ("Zeeaster", "Kweldergang 5", "2553", "flex 16, palliatief 3"),
        ("Blauwe Zeedistel", "Distelduin 28", "2582", "woon 22, tijdelijk 3, logeer 2"),
        ("De Eb", "Getijdenplein 4", "2551", "pg 18, kort 5, crisis 1"),
        ("Strandgaper", "Schelpzand 16", "2581", "woon 22, kort 4, logeer 2, palliatief 2"),
        way=Way.BATCH,
        covers=terms(lag_minutes=30),
    ),
    _provider(
        *("47990021", "Zorggroep Ooievaarsnest", "ON"),
        ("Het Nest", "Wiekslaglaan 9", "2512", "woon 32, pg 16, kort 6"),
        ("De Klepper", "Snavelsteeg 2", "2515", "woon 24, crisis 2, logeer 2"),
        ("Langpoot", "Stelthof 14", "2518", "flex 20, hoog 6, palliatief 2"),
        ("De Horst", "Takkenwijk 33", "2525", "woon 28, pg 12, tijdelijk 3"),
        ("Vlerkzicht", "Slagpenstraat 6", "2526", "woon 20, kort 5, logeer 2"),
        ("Thermiek", "Zweefpad 21", "2562", "pg 22, kort-beide 8"),
        ("De Pluim", "Donslaan 48", "2563", "woon 26, tijdelijk 4, observatie 2"),
        ("Oeverzwaluw", "Nestwand 10", "2522", "woon 18, pg 10, logeer 1"),
        ("De Kolonie", "Broedhof 7", "2523", "woon 24, pg 12, kort 4, tijdelijk 2"),
        way=Way.FEED,
        covers=terms(lag_minutes=90),
    ),
    _provider(
        *("47990022", "Vlietwaarde Zorg en Herstel", "VW"),
        ("Het Vlietpunt", "Trekschuitkade 1", "2595", "grz 24, grz-elv 10, hoog 10"),
        ("De Jaagschuit", "Jaaglijn 16", "2594", "grz 18, kort-beide 8, observatie 3"),
        ("Roef en Roer", "Roefpad 8", "2593", "woon 24, kort 6"),
        ("De Vlietbocht", "Binnenbocht 5", "2596", "pg 20, crisis 2, tijdelijk 3"),
        ("De Ankerkluis", "Kettinglaan 12", "2597", "woon 20, palliatief 3, logeer 2"),
        ("Stuurboord", "Zwaardpad 30", "2592", "grz 16, hoog 6"),
        ("De Sluiswachter", "Kolkweg 3", "2591", "woon 20, pg 12, kort 4, logeer 2"),
        way=Way.FEED,
    ),
    _provider(
        *("47990023", "Esdoornveld Ouderenzorg", "EV"),
        ("De Esdoorn", "Helikopterzaad 2", "2531", "woon 30, pg 20, logeer 2"),
        ("Vleugelnoot", "Nootweide 17", "2532", "woon 24, kort 6, crisis 1"),
        ("De Spaanse Aak", "Veldesdoornpad 4", "2533", "flex 16, tijdelijk 4"),
        ("Suikerahorn", "Siroopstraat 9", "2541", "pg 24, kort-beide 8, palliatief 2"),
        ("Het Zaailing", "Kiemplantsoen 22", "2543", "woon 20, logeer 3"),
        ("De Boomkruin", "Kroonlaan 51", "2544", "woon 26, pg 14, tijdelijk 3"),
        ("Jaarring", "Houtnerf 13", "2546", "woon 18, kort 4, observatie 2"),
        ("De Wortel", "Wortelpad 6", "2542", "woon 20, pg 10, kort 3, logeer 2"),
        way=Way.ROUND,
    ),
    _provider(
        *("45990024", "Zorghuizen Kiekendief", "KD"),
        ("Kiekendief", "Muizenveld 3", "2491", "woon 28, pg 16, kort 6"),
        ("De Wouw", "Prooivlucht 8", "2492", "woon 22, tijdelijk 3, logeer 2"),
        ("Buizerd", "Bidplaats 14", "2496", "flex 18, hoog 6, crisis 2"),
        ("Torenvalk", "Valkenluik 6", "2497", "pg 20, kort 4, palliatief 2"),
        ("De Havik", "Stootvlucht 27", "2498", "woon 24, logeer 2"),
        ("Sperwer", "Sluipvlucht 19", "2495", "woon 16, pg 8, tijdelijk 2"),
    ),
    _provider(
        *("42990025", "Morgenster Thuis", "MS"),
        ("Steunpunt Morgenster", "Dageraadsplein 7", "2513", "logeer 4, tijdelijk 3"),
        ("De Avondster", "Schemerlaan 20", "2561", "kort 6, logeer 3"),
        ("Melkweg", "Sterrenstofpad 2", "2571", "woon 14, kort 4"),
        ("Poolster", "Noorderlicht 31", "2572", "woon 12, tijdelijk 2, logeer 2"),
        way=Way.ROUND,
    ),
    _provider(
        *("47990026", "Stichting Schelpenkade", "SK"),
        ("De Wulk", "Wulkgang 5", "2573", "woon 30, pg 18, kort 5"),
        ("Kokkel", "Kokkelbank 12", "2574", "woon 22, crisis 1, tijdelijk 3"),
        ("Het Nonnetje", "Wadplaat 8", "2565", "pg 26, hoog 6"),
        ("Tweeklep", "Scharnierhof 3", "2564", "flex 16, kort 5, logeer 2"),
        ("Alikruik", "Kruikpad 44", "2547", "woon 24, palliatief 2, observatie 2"),
        ("Messchede", "Schedelaan 18", "2548", "woon 20, pg 10, logeer 2"),
        ("Strandkrab", "Schaarhof 9", "2545", "woon 18, kort 4, tijdelijk 2, crisis 1"),
        way=Way.BATCH,
        covers=terms(includes_holds=True),
    ),
    _provider(
        *("47990027", "Parkwijck Zorg", "PW"),
        ("Huize Parkwijck", "Beukenallee 1", "2271", "woon 34, pg 20, kort 6"),
        ("De Prieelhof", "Pergolapad 6", "2273", "woon 24, kort-beide 8, logeer 2"),
        ("Oranjerie", "Kuipplantweg 15", "2275", "flex 18, tijdelijk 4"),
        ("De Slotgracht", "Ophaalbrug 2", "2262", "pg 22, crisis 2, palliatief 2"),
        ("Het Koetshuis", "Disselhof 10", "2264", "grz 16, hoog 6"),
        ("Duiventil", "Koerlaan 24", "2265", "woon 20, kort 4, logeer 2"),
        ("De Hermitage", "Kluispad 2", "2272", "woon 18, pg 10, tijdelijk 2, logeer 1"),
        way=Way.FEED,
    ),
    _provider(
        *("45990028", "Woonzorg Korenmolen", "KM"),
        ("De Bovenkruier", "Staartpad 7", "2281", "woon 28, pg 14, kort 5"),
        ("De Maalstoel", "Loperlaan 3", "2283", "woon 22, tijdelijk 3, logeer 2"),
        ("Wiekenzicht", "Zeilstelling 11", "2285", "flex 16, hoog 6"),
        ("Het Rijsel", "Schudbak 5", "2287", "pg 18, kort 4, crisis 1"),
        ("De Vang", "Remblokstraat 29", "2288", "woon 16, palliatief 2"),
        ("De Meelzolder", "Zolderstraat 1", "2289", "woon 14, pg 10, logeer 2"),
    ),
    _provider(
        *("47990029", "Landgoed Zorg Eikenrode", "ER"),
        ("Eikenrode", "Eikelgaarde 2", "2242", "woon 26, pg 18, kort 6"),
        ("De Oprijlaan", "Grindpad 9", "2243", "woon 20, kort-beide 6, logeer 2"),
        ("Het Jachthuis", "Weitas 4", "2244", "flex 14, palliatief 3, tijdelijk 2"),
        ("De Boswachter", "Houtwalweg 13", "2241", "pg 16, crisis 1"),
        way=Way.ROUND,
    ),
    _provider(
        *("75990030", "Hospice Avondrood", "AR"),
        ("Avondrood", "Horizonpad 8", "2587", "hospice 8, palliatief 2"),
        kind=OrganisationKind.HOSPICE,
    ),
    _provider(
        *("75990031", "Hospice De Luwte", "DL"),
        ("De Luwte", "Windstilte 3", "2286", "hospice 6"),
        kind=OrganisationKind.HOSPICE,
    ),
    _provider(
        *("06990032", "GGZ Bakenvuur", "BK"),
        ("Het Bakenvuur", "Lichtkring 1", "2552", "ggz 12, ggz 8, ggz 6"),
        ("De Lichtopstand", "Lensstraat 15", "2517", "ggz 10, ggz 4"),
        way=Way.FEED,
        kind=OrganisationKind.GGZ,
    ),
)
