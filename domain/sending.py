"""When word that didn't arrive is sent again, and when it is given up on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.deliveries import DeliveryState

#: How long after each failed attempt the next one comes; after the last of these there is none.
AFTER = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
)
#: What a receiver may ask us to wait; longer than this it doesn't decide for us.
_LONGEST_ASKED = timedelta(hours=1)
#: While our own mail server is away no attempt counts, so that it costs no mail its chances.
_SERVER_AWAY = timedelta(minutes=1)
#: Word that waited longer for our mail server is no word any more.
_TOO_OLD = timedelta(days=7)
#: Attempts come this much later at most, each by its own luck, so that they don't come together.
_SPREAD = 0.2


class Trouble(StrEnum):
    """Why something didn't arrive. Besides these there is what a receiver answers: `http-500`, `smtp-550`."""

    TIME_OUT = "time-out"
    UNKNOWN_NAME = "onbekende-naam"
    CERTIFICATE = "certificaat"
    NO_CONNECTION = "geen-verbinding"
    ADDRESS_REFUSED = "adres-geweigerd"
    ENDPOINT_PAUSED = "eindpunt-gepauzeerd"
    NO_MAIL_SERVER = "geen-mailserver"
    MAIL_SERVER_AWAY = "mailserver-weg"
    BROKEN_OFF = "afgebroken"
    NO_ADDRESS = "geen-adres"
    BAD_ADDRESS = "onbruikbaar-adres"
    DEFECT = "defect"


TROUBLE_LABELS: dict[Trouble, str] = {
    Trouble.TIME_OUT: "geen antwoord binnen de tijd",
    Trouble.UNKNOWN_NAME: "de naam van de ontvanger bestaat niet",
    Trouble.CERTIFICATE: "het certificaat van de ontvanger klopt niet",
    Trouble.NO_CONNECTION: "de ontvanger is niet bereikbaar",
    Trouble.ADDRESS_REFUSED: "naar dit adres mag niet worden verstuurd",
    Trouble.ENDPOINT_PAUSED: "de webhook is gestopt",
    Trouble.NO_MAIL_SERVER: "er is geen mailserver ingesteld",
    Trouble.MAIL_SERVER_AWAY: "de mailserver is niet bereikbaar",
    Trouble.BROKEN_OFF: "de verbinding brak af",
    Trouble.NO_ADDRESS: "er is geen mailadres meer",
    Trouble.BAD_ADDRESS: "het mailadres is onbruikbaar",
    Trouble.DEFECT: "fout in Verkeerstoren",
}


@dataclass(frozen=True, slots=True)
class Sending:
    """A delivery of which an attempt has just ended. attempts: this one counted."""

    attempts: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of it. error: a code, None when it arrived. next_at: while it waits."""

    state: DeliveryState
    error: str | None = None
    next_at: datetime | None = None
    #: An attempt that told nothing about the receiver is taken back.
    counts: bool = True


ARRIVED = Verdict(DeliveryState.VERSTUURD)


def failed(
    sending: Sending, error: str, now: datetime, luck: float, asked: timedelta | None = None
) -> Verdict:
    """It didn't arrive, or nobody knows. luck: 0 to 1. asked: how long the receiver says to wait."""
    if sending.attempts > len(AFTER):
        return Verdict(DeliveryState.DOOD, error)
    after = AFTER[sending.attempts - 1] * (1 + _SPREAD * luck)
    if asked is not None:
        after = max(after, min(asked, _LONGEST_ASKED))
    return Verdict(DeliveryState.WACHT, error, now + after)


def refused(error: str) -> Verdict:
    """It will never arrive there, however often it is tried."""
    return Verdict(DeliveryState.DOOD, error)


def unwanted(reason: str) -> Verdict:
    """There is nowhere any more for it to go."""
    return Verdict(DeliveryState.VERVALLEN, reason)


def server_away(sending: Sending, error: str, now: datetime, luck: float) -> Verdict:
    """Our own mail server didn't take it, nor would it have taken any other."""
    if now - sending.created_at > _TOO_OLD:
        return Verdict(DeliveryState.DOOD, error)
    after = _SERVER_AWAY * (1 + _SPREAD * luck)
    return Verdict(DeliveryState.WACHT, error, now + after, counts=False)
