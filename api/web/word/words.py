"""Notices, and what became of them on their way, in words."""

from collections.abc import Iterable

from api.web.language import marked
from api.web.my_referrals.paths import path_of
from api.web.my_referrals.words import STATE
from api.web.word.paths import WEBHOOKS
from app.word.texts import what_happened
from domain.actors import Action, Actor, Role, scope_of
from domain.alerts import AlertKind
from domain.cases import HandoverState
from domain.deliveries import DeliveryState, EndpointState
from domain.notices import (
    KIND_LABELS,
    TOLD_OF_ALERT,
    TOLD_OF_HANDOVER,
    Hearer,
    Notice,
    NoticeKind,
    told_of,
)
from domain.referrals import Step
from domain.sending import TROUBLE_LABELS, Trouble
from domain.word_settings import Choice

K = NoticeKind

#: What a notice is, where it stands in a row.
KIND: dict[NoticeKind, str] = {
    K.AANVRAAG: marked("Aanvraag"),
    K.ANTWOORD: marked("Antwoord"),
    K.INGETROKKEN: marked("Intrekking"),
    K.VRAAG: marked("Vraag"),
    K.VRAAG_BEANTWOORD: marked("Antwoord op een vraag"),
    K.VERLOPEN: marked("Verlopen"),
    K.ALARM: marked("Alarm"),
    K.OVERDRACHT: marked("Overdracht"),
    K.OVERDRACHT_ANTWOORD: marked("Antwoord op een overdracht"),
    K.CAPACITEIT_OUD: marked("Cijfers"),
    K.STATUS: marked("Stand"),
    K.EINDPUNT_GEPAUZEERD: marked("Webhook"),
}
#: What each is, where somebody chooses what to hear of.
KIND_IN_FULL = KIND_LABELS

CHOICE: dict[Choice, str] = {
    Choice.METEEN: marked("meteen"),
    Choice.OVERZICHT: marked("overzicht"),
    Choice.UIT: marked("uit"),
}

ENDPOINT: dict[EndpointState, str] = {
    EndpointState.ACTIVE: marked("actief"),
    EndpointState.PAUSED: marked("gepauzeerd"),
    EndpointState.ENDED: marked("beëindigd"),
}
#: Class and shape.
ENDPOINT_MARK: dict[EndpointState, tuple[str, str]] = {
    EndpointState.ACTIVE: ("vrij", "groen"),
    EndpointState.PAUSED: ("vast", "vast"),
    EndpointState.ENDED: ("dicht", "dicht"),
}

DELIVERY: dict[DeliveryState, str] = {
    DeliveryState.DOOD: marked("niet aangekomen"),
    DeliveryState.WACHT: marked("wacht"),
    DeliveryState.VERSTUURD: marked("verstuurd"),
    DeliveryState.VERVALLEN: marked("vervallen"),
}
DELIVERY_MARK: dict[DeliveryState, tuple[str, str]] = {
    DeliveryState.DOOD: ("stop", "past-niet"),
    DeliveryState.WACHT: ("vast", "later"),
    DeliveryState.VERSTUURD: ("vrij", "past"),
    DeliveryState.VERVALLEN: ("dicht", "dicht"),
}

#: Whose page `/mijn-capaciteit` is.
_REPORTING = frozenset({Role.PROVIDER_CAPACITY, Role.PROVIDER_INTAKE})
_HEARS: dict[Role, frozenset[Hearer]] = {
    Role.COORDINATOR: frozenset({Hearer.EIGENAAR, Hearer.AFZENDER, Hearer.ONTVANGER}),
    Role.REFERRER: frozenset({Hearer.VERWIJZER}),
    Role.PROVIDER_INTAKE: frozenset({Hearer.AANBIEDER, Hearer.GEVRAAGDEN}),
    Role.PROVIDER_CAPACITY: frozenset({Hearer.AANBIEDER, Hearer.GEVRAAGDEN}),
}


def what(notice: Notice) -> str:
    """What happened, without a capital; how it stands, for who follows it."""
    if notice.data.state is not None:
        return STATE[notice.data.state]
    return what_happened(notice.kind, notice.data)


def where_to_act(actor: Actor, notice: Notice) -> str:
    """The page where the reader does something about a notice; empty where only the telephone helps."""
    if notice.kind is K.CAPACITEIT_OUD and actor.role in _REPORTING:
        return "/mijn-capaciteit"
    if notice.kind is K.EINDPUNT_GEPAUZEERD and scope_of(actor, Action.WORD_READ) is not None:
        return WEBHOOKS
    if notice.referral_id is not None and scope_of(actor, Action.STATUS_FOLLOW) is not None:
        return path_of(notice.referral_id)
    return ""


def why(error: str) -> tuple[str, str]:
    """Why something didn't arrive, with what the receiver itself answered, as it may be looked up."""
    try:
        return TROUBLE_LABELS[Trouble(error)], ""
    except ValueError:
        return marked("de ontvanger antwoordde met een fout"), error.replace("-", " ").upper()


def kinds_for(actor: Actor) -> list[NoticeKind]:
    """The kinds that the organisation of somebody with this role can be told of."""
    hears = _HEARS.get(actor.role)
    if hears is None:
        return list(NoticeKind)
    found = {kind for hearer, kind in _everything_told() if hearer in hears}
    if Hearer.AANBIEDER in hears:
        found.add(K.CAPACITEIT_OUD)
    if scope_of(actor, Action.WORD_READ) is not None:
        found.add(K.EINDPUNT_GEPAUZEERD)
    return [kind for kind in NoticeKind if kind in found]


def _everything_told() -> Iterable[tuple[Hearer, NoticeKind]]:
    for step in Step:
        yield from told_of(step, of_offer=True)
        yield from told_of(step, of_offer=False)
    for handover in HandoverState:
        yield from TOLD_OF_HANDOVER[handover]
    for alert in AlertKind:
        yield from TOLD_OF_ALERT[alert]
