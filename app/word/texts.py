"""What happened, in the words of a mail: for each step, state, alert and hand-over that is told."""

from collections.abc import Mapping

from domain.alerts import AlertKind
from domain.cases import HandoverState
from domain.notices import NoticeData, NoticeKind
from domain.referrals import ReferralState, Step

STEP_TEXTS: Mapping[Step, str] = {
    Step.FILED: "nieuwe aanmelding",
    Step.NEEDS_CHANGED: "aanvraag gewijzigd",
    Step.ASKED: "nieuwe vraag",
    Step.ANSWERED: "vraag beantwoord",
    Step.TRIAGED: "triage gedaan",
    Step.OFFERED: "nieuwe aanvraag",
    Step.OFFER_ACCEPTED: "aanvraag geaccepteerd",
    Step.OFFER_REFUSED: "aanvraag geweigerd",
    Step.OFFER_WITHDRAWN: "aanvraag ingetrokken",
    Step.OFFER_EXPIRED: "aanvraag niet op tijd beantwoord",
    Step.COUNTER_PROPOSED: "tegenvoorstel gedaan",
    Step.COUNTER_ACCEPTED: "tegenvoorstel aangenomen",
    Step.COUNTER_DECLINED: "tegenvoorstel afgewezen",
    Step.CLIENT_AGREED: "aanvraag gaat door",
    Step.DOCTOR_AGREED: "opnemend arts akkoord",
    Step.DOCTOR_DECLINED: "toezegging vervallen",
    Step.PROMISE_RELEASED: "toezegging vervallen",
    Step.APPOINTED: "afspraak gemaakt",
    Step.ADMITTED: "opname of start gemeld",
    Step.NOT_ARRIVED: "afspraak niet doorgegaan",
    Step.DISCHARGE_READY: "plaats komt vrij",
    Step.DISCHARGED: "verblijf afgerond",
    Step.STAY_KEPT: "voortzetting gemeld",
    Step.NO_PLACE: "geen plek gevonden",
    Step.HANDOVER_ACCEPTED: "aanmelding overgedragen",
    Step.WITHDRAWN: "aanmelding ingetrokken",
    Step.CLOSED: "aanmelding afgesloten",
}
ALERT_TEXTS: Mapping[AlertKind, str] = {
    AlertKind.ACUUT_NIET_GEZIEN: "acute aanvraag nog niet gezien: bel",
    AlertKind.ALLE_GEWEIGERD: "alle aanvragen geweigerd",
    AlertKind.NIEMAND_ANTWOORDDE: "niemand heeft geantwoord",
    AlertKind.TOEZEGGING_VERVALLEN: "toezegging vervallen",
    AlertKind.GEEN_EIGENAAR: "niemand heeft de aanmelding in behandeling",
    AlertKind.TRIAGE_TE_LAAT: "triage te laat",
    AlertKind.DOELTIJD_NADERT: "doeltijd nadert",
    AlertKind.DOELTIJD_VOORBIJ: "doeltijd voorbij",
    AlertKind.TERUGBELLEN: "terugbellen",
    AlertKind.NIET_AANGEKOMEN: "afgesproken opname niet gemeld",
    AlertKind.WACHT_TE_LANG: "er wordt te lang op een antwoord gewacht",
    AlertKind.EVALUATIE: "evaluatie nodig",
    AlertKind.MOGELIJK_DUBBEL: "mogelijk dubbele aanmelding",
    AlertKind.OPNIEUW_BINNEN_30_DAGEN: "opnieuw aangemeld binnen 30 dagen",
    AlertKind.BETALER_WIJZIGT: "financiering wijzigt",
    AlertKind.GEEN_WLZ_CONTRACT: "geen Wlz-contract op de locatie",
    AlertKind.OVERDRACHT_GEWEIGERD: "overdracht geweigerd",
    AlertKind.CAPACITEIT_ONBEVESTIGD: "cijfers zijn niet meer bevestigd",
}
HANDOVER_TEXTS: Mapping[HandoverState, str] = {
    HandoverState.AANGEBODEN: "overdracht aangeboden",
    HandoverState.GEACCEPTEERD: "overdracht geaccepteerd",
    HandoverState.GEWEIGERD: "overdracht geweigerd",
    HandoverState.INGETROKKEN: "overdracht ingetrokken",
}
#: How it stands, for who asked for the care.
STATE_TEXTS: Mapping[ReferralState, str] = {
    ReferralState.CONCEPT: "aanmelding bewaard",
    ReferralState.INGEDIEND: "aanmelding ontvangen",
    ReferralState.AANVULLING_GEVRAAGD: "aanvulling gevraagd op uw aanmelding",
    # After triage, and again when a place that was promised is lost.
    ReferralState.GETRIEERD: "er wordt een plek gezocht",
    ReferralState.AANGEBODEN: "er wordt een plek gevraagd",
    ReferralState.TEGENVOORSTEL: "er is een tegenvoorstel",
    ReferralState.ONDER_VOORBEHOUD_ARTS: "plek onder voorbehoud van de arts",
    ReferralState.WACHT_OP_CLIENT: "er wordt op akkoord gewacht",
    ReferralState.GEACCEPTEERD: "er is een plek toegezegd",
    ReferralState.TIJDELIJK_GEPLAATST: "tijdelijke plek gevonden",
    ReferralState.OPGENOMEN: "opname of start gemeld",
    ReferralState.OVERGEDRAGEN: "aanmelding overgedragen",
    ReferralState.GEEN_PLEK: "er is geen plek gevonden",
    ReferralState.AFGESLOTEN: "aanmelding afgesloten",
    ReferralState.INGETROKKEN: "aanmelding ingetrokken",
    # Never told as what it is (domain/notices.py).
    ReferralState.OVERLEDEN: "aanmelding afgesloten",
}
#: When a notice says no more than its kind.
KIND_TEXTS: Mapping[NoticeKind, str] = {
    NoticeKind.AANVRAAG: "nieuwe aanvraag",
    NoticeKind.ANTWOORD: "antwoord op een aanvraag",
    NoticeKind.INGETROKKEN: "ingetrokken",
    NoticeKind.VRAAG: "nieuwe vraag",
    NoticeKind.VRAAG_BEANTWOORD: "vraag beantwoord",
    NoticeKind.VERLOPEN: "aanvraag niet op tijd beantwoord",
    NoticeKind.ALARM: "alarm",
    NoticeKind.OVERDRACHT: "overdracht aangeboden",
    NoticeKind.OVERDRACHT_ANTWOORD: "antwoord op een overdracht",
    NoticeKind.CAPACITEIT_OUD: "cijfers zijn niet meer bevestigd",
    NoticeKind.STATUS: "nieuws over een aanmelding",
    NoticeKind.EINDPUNT_GEPAUZEERD: "webhook gestopt: de ontvanger neemt niets meer aan",
}


def what_happened(kind: NoticeKind, data: NoticeData) -> str:
    """What a notice is about, without a capital."""
    if data.alert is not None:
        return ALERT_TEXTS[data.alert]
    if data.handover is not None:
        return HANDOVER_TEXTS[data.handover]
    if data.state is not None:
        return STATE_TEXTS[data.state]
    if data.step is not None and data.step in STEP_TEXTS:
        return STEP_TEXTS[data.step]
    return KIND_TEXTS[kind]
