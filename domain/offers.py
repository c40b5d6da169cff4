"""Offers: one provider is asked for one place, with a clock. Claims hold a place meanwhile."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.errors import InvalidInput, OfferEnded, TooManyOffers


class OfferState(StrEnum):
    """Where an offer is. Only a committed act ends it; no reader decides by looking at the clock."""

    GEVRAAGD = "gevraagd"
    TEGENVOORSTEL = "tegenvoorstel"
    TOEGEZEGD = "toegezegd"
    GEWEIGERD = "geweigerd"
    VERLOPEN = "verlopen"
    INGETROKKEN = "ingetrokken"
    LOSGELATEN = "losgelaten"
    OPGENOMEN = "opgenomen"

    @property
    def is_open(self) -> bool:
        """Whether an answer, or what follows on one, is still to come."""
        return self in (OfferState.GEVRAAGD, OfferState.TEGENVOORSTEL, OfferState.TOEGEZEGD)

    @property
    def can_be_answered(self) -> bool:
        """Whether the provider may accept, refuse or propose something else."""
        return self in (OfferState.GEVRAAGD, OfferState.TEGENVOORSTEL)

    @property
    def in_vain(self) -> bool:
        """Whether it ended without anybody coming: its provider is told nothing else of it any more."""
        return not self.is_open and self is not OfferState.OPGENOMEN


class Awaiting(StrEnum):
    """Whose word an acceptance or a counter-proposal still needs."""

    ARTS = "arts"
    CLIENT = "client"


class ClaimState(StrEnum):
    """A claim is open until it is used by a promise, let go by a person, or expired by the clock."""

    OPEN = "open"
    USED = "used"
    RELEASED = "released"
    EXPIRED = "expired"


class Refusal(StrEnum):
    """Why a provider refuses. A missing fact is a question, and "cliënt weigert" is the client's answer."""

    GEEN_PLEK = "geen-plek"
    GEEN_PERSONEEL = "geen-personeel"
    OPNAMESTOP = "opnamestop"
    KAMER_OF_GESLACHT = "kamer-of-geslacht"
    TE_COMPLEX = "te-complex"
    TE_LICHT = "te-licht"
    ANDER_PRODUCT = "ander-product"
    VERKEERDE_FINANCIERING = "verkeerde-financiering"
    ISOLATIE = "isolatie"
    GEDRAG_WZD = "gedrag-wzd"
    APPARATUUR = "apparatuur"
    WERKGEBIED_DAGDEEL = "werkgebied-dagdeel"
    CONTRACT = "contract"
    GEEN_ARTS_ANW = "geen-arts-anw"
    OPNEMEND_ARTS_NEEMT_NIET_OVER = "opnemend-arts-neemt-niet-over"
    GEEN_UITSTROOMPERSPECTIEF = "geen-uitstroomperspectief"
    TE_LAAT_GEVRAAGD = "te-laat-gevraagd"
    TE_LAAT_BEANTWOORD = "te-laat-beantwoord"
    BORD_KLOPTE_NIET = "bord-klopte-niet"


class Ending(StrEnum):
    """Why an offer or a promise ended otherwise than by the provider's refusal."""

    GEEN_ANTWOORD = "geen-antwoord"
    ELDERS_GEACCEPTEERD = "elders-geaccepteerd"
    NIET_MEER_NODIG = "niet-meer-nodig"
    NIET_PASSEND = "niet-passend"
    GEWIJZIGDE_BEHOEFTE = "gewijzigde-behoefte"
    VERGISSING = "vergissing"
    OVERGEDRAGEN = "overgedragen"
    AANMELDING_BEEINDIGD = "aanmelding-beeindigd"
    CLIENT_WEIGERT = "client-weigert"
    ARTS_WEIGERT = "arts-weigert"
    NIET_AANGEKOMEN = "niet-aangekomen"
    AANBIEDER_KAN_NIET = "aanbieder-kan-niet"
    TEGENVOORSTEL_AFGEWEZEN = "tegenvoorstel-afgewezen"


#: What a coordinator may give as the reason for withdrawing an offer or letting go of a promise.
BY_A_PERSON = frozenset(
    {Ending.NIET_MEER_NODIG, Ending.NIET_PASSEND, Ending.GEWIJZIGDE_BEHOEFTE, Ending.VERGISSING}
    | {Ending.AANBIEDER_KAN_NIET, Ending.CLIENT_WEIGERT}
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a provider offers instead: another moment, another place of its own, or both."""

    admission_at: datetime | None
    other_place: bool

    def __post_init__(self) -> None:
        if self.admission_at is None and not self.other_place:
            raise InvalidInput("Een ander voorstel noemt een ander moment of een andere plaats.")


def check_round(open_offers: int, asked: int, most_at_once: int) -> None:
    """Raises TooManyOffers when more providers would be asked at once than the urgency allows."""
    if open_offers + asked > most_at_once:
        raise TooManyOffers(open_offers, most_at_once)


def check_answerable(state: OfferState, reason: str | None, ended_at: datetime | None) -> None:
    """Raises OfferEnded for an offer that takes no answer any more, telling since when and why."""
    if not state.can_be_answered:
        raise OfferEnded(state, reason, ended_at)


def is_late(deadline_at: datetime, now: datetime) -> bool:
    """An answer after the deadline counts as long as nothing ended the offer, and is marked so."""
    return now > deadline_at
