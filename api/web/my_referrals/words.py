"""A referral in the words of who waits for it: no codes, and nothing that a provider's desk says."""

from api.web.language import marked
from domain.cases import WithdrawalReason
from domain.next_actions import NextAction, Party
from domain.referrals import ReferralState, Step

S = ReferralState

STATE: dict[ReferralState, str] = {
    S.CONCEPT: marked("Nog niet ingediend"),
    S.INGEDIEND: marked("Ontvangen"),
    S.AANVULLING_GEVRAAGD: marked("Er is een vraag aan u"),
    S.GETRIEERD: marked("Er wordt gezocht"),
    S.AANGEBODEN: marked("Gevraagd, antwoord volgt"),
    S.TEGENVOORSTEL: marked("Er is een ander voorstel"),
    S.ONDER_VOORBEHOUD_ARTS: marked("Toegezegd als de arts akkoord is"),
    S.WACHT_OP_CLIENT: marked("Wacht op de cliënt"),
    S.GEACCEPTEERD: marked("Toegezegd"),
    S.TIJDELIJK_GEPLAATST: marked("Tijdelijk geplaatst, er wordt verder gezocht"),
    S.OPGENOMEN: marked("Opgenomen"),
    S.OVERGEDRAGEN: marked("Overgedragen aan een ander coördinatiepunt"),
    S.GEEN_PLEK: marked("Nog geen plek gevonden"),
    S.AFGESLOTEN: marked("Afgesloten"),
    S.INGETROKKEN: marked("Ingetrokken"),
    S.OVERLEDEN: marked("Overleden"),
}
#: Where it isn't a place that somebody comes to.
STARTED = marked("De zorg is gestart")

#: The mark of a state: what it says before it is read.
MARK: dict[ReferralState, tuple[str, str]] = {
    S.CONCEPT: ("rustig", "leeg"),
    S.AANVULLING_GEVRAAGD: ("vast", "let-op"),
    S.TEGENVOORSTEL: ("vast", "let-op"),
    S.ONDER_VOORBEHOUD_ARTS: ("toegezegd", "toegezegd"),
    S.GEACCEPTEERD: ("toegezegd", "toegezegd"),
    S.OPGENOMEN: ("vrij", "past"),
    S.GEEN_PLEK: ("stop", "let-op"),
    S.AFGESLOTEN: ("dicht", "dicht"),
    S.INGETROKKEN: ("dicht", "dicht"),
    S.OVERLEDEN: ("dicht", "dicht"),
}
OTHER_MARK = ("accent", "later")

PARTY: dict[Party, str] = {
    Party.COORDINATIEPUNT: marked("het coördinatiepunt"),
    Party.VERWIJZER: marked("u"),
    Party.AANBIEDER: marked("de zorgaanbieder"),
    Party.CLIENT: marked("de cliënt"),
    Party.ARTS: marked("de arts"),
    Party.VERVOER: marked("het vervoer"),
    Party.CIZ: marked("het CIZ"),
}

NEXT: dict[NextAction, str] = {
    NextAction.INDIENEN: marked("de aanmelding indienen"),
    NextAction.AANVULLEN: marked("de vraag hieronder beantwoorden"),
    NextAction.TRIEREN: marked("beoordelen wat er past"),
    NextAction.OPNIEUW_TRIEREN: marked("opnieuw beoordelen wat er past"),
    NextAction.AANBIEDEN: marked("een plek of team vragen"),
    NextAction.VERDER_ZOEKEN: marked("verder zoeken"),
    NextAction.AANBIEDER_BELLEN: marked("de zorgaanbieder bellen"),
    NextAction.ANTWOORD_AFWACHTEN: marked("antwoorden"),
    NextAction.VRAAG_BEANTWOORDEN: marked("een vraag van de zorgaanbieder beantwoorden"),
    NextAction.TEGENVOORSTEL_BEOORDELEN: marked("het voorstel beoordelen"),
    NextAction.ARTS_AFWACHTEN: marked("akkoord gaan"),
    NextAction.CLIENT_AFWACHTEN: marked("akkoord gaan"),
    NextAction.OPNAMEAFSPRAAK_MAKEN: marked("de afspraken voor de start maken"),
    NextAction.OPNAME_AFWACHTEN: marked("de komst op de afgesproken tijd"),
    NextAction.OPNAME_NAVRAGEN: marked("navragen of het is gelukt"),
    NextAction.OVERDRACHT_AFWACHTEN: marked("de aanmelding overdragen"),
    NextAction.EVALUEREN: marked("evalueren"),
    NextAction.PLEK_BLIJVEN_ZOEKEN: marked("blijven zoeken"),
}

STEP: dict[Step, str] = {
    Step.DRAFTED: marked("Als concept bewaard"),
    Step.FILED: marked("Aangemeld"),
    Step.NEEDS_CHANGED: marked("De gegevens zijn gewijzigd"),
    Step.ASKED: marked("Er is u iets gevraagd"),
    Step.ANSWERED: marked("De vraag is beantwoord"),
    Step.TRIAGED: marked("Beoordeeld"),
    Step.HANDOVER_ACCEPTED: marked("Overgedragen aan een ander coördinatiepunt"),
    Step.NO_PLACE: marked("Er is nog geen plek; het zoeken gaat door"),
    Step.WITHDRAWN: marked("Ingetrokken"),
    Step.DIED: marked("Overleden"),
    Step.CLOSED: marked("Afgesloten"),
}

WITHDRAWAL: dict[WithdrawalReason, str] = {
    WithdrawalReason.NIET_MEER_NODIG: marked("Niet meer nodig"),
    WithdrawalReason.CLIENT_WIL_NIET: marked("De cliënt wil niet"),
    WithdrawalReason.ANDERE_OPLOSSING: marked("Er is een andere oplossing"),
    WithdrawalReason.OPGENOMEN_ELDERS: marked("Elders opgenomen"),
    WithdrawalReason.VERGISSING: marked("Vergissing"),
    WithdrawalReason.ANDERS: marked("Anders"),
}
