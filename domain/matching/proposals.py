"""A proposal for the waiting list: what each who waits would get, and what it gains over one by one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from domain.care_types import CareType
from domain.needs import Urgency
from domain.offers import Ending, Refusal

#: A no that tells of a moment isn't asked about again for this long; any other not until somebody
#: triages again.
NO_FOR_NOW = timedelta(hours=24)
_FOR_NOW = frozenset(
    {Refusal.GEEN_PLEK, Refusal.GEEN_PERSONEEL, Refusal.OPNAMESTOP, Refusal.TE_LAAT_GEVRAAGD}
    | {Refusal.TE_LAAT_BEANTWOORD, Refusal.BORD_KLOPTE_NIET}
)
_NOT_FITTING = frozenset(
    {Ending.NIET_PASSEND, Ending.CLIENT_WEIGERT, Ending.ARTS_WEIGERT, Ending.AANBIEDER_KAN_NIET}
    | {Ending.TEGENVOORSTEL_AFGEWEZEN}
)

#: In one proposal, those who come first; the others are told to wait for the next.
MOST_WAITING = 500


class LeftOut(StrEnum):
    """Why somebody who waits is in no proposal."""

    ZORG_AAN_HUIS = "zorg-aan-huis"
    OPNIEUW_TRIEREN = "opnieuw-trieren"
    OVERDRACHT_LOOPT = "overdracht-loopt"
    PLEK_VASTGEHOUDEN = "plek-vastgehouden"
    VOLGENDE_KEER = "volgende-keer"


class Unplaced(StrEnum):
    """Why a proposal has no place for somebody."""

    BORDCONTROLE_NODIG = "bordcontrole-nodig"
    REGULIER_PAST = "regulier-past"
    NIETS_PAST = "niets-past"
    AL_GEWEIGERD = "al-geweigerd"
    NAAR_WIE_EERDER_KOMT = "naar-wie-eerder-komt"


class Adopted(StrEnum):
    """What came of one item when a proposal was adopted; asked, or why not."""

    GEVRAAGD = "gevraagd"
    GEEN_PLAATS = "geen-plaats"
    WACHT_NIET_MEER = "wacht-niet-meer"
    NIET_MEER_VAN_U = "niet-meer-van-u"
    AL_GEVRAAGD = "al-gevraagd"
    AL_GEWEIGERD = "al-geweigerd"
    PLEK_VASTGEHOUDEN = "plek-vastgehouden"
    OVERDRACHT_LOOPT = "overdracht-loopt"
    OPNIEUW_TRIEREN = "opnieuw-trieren"
    ANDERE_ZORG = "andere-zorg"
    BORDCONTROLE_NODIG = "bordcontrole-nodig"
    REGULIER_PAST = "regulier-past"
    PAST_NIET_MEER = "past-niet-meer"
    PLAATS_WEG = "plaats-weg"


def still_no(
    refusal: Refusal | None, ending: Ending | None, ended_at: datetime, now: datetime
) -> bool:
    """Whether a place that was asked for somebody, and ended so, isn't proposed for them again."""
    if refusal in _FOR_NOW or ending is Ending.GEEN_ANTWOORD:
        return now < ended_at + NO_FOR_NOW
    return refusal is not None or ending in _NOT_FITTING


@dataclass(frozen=True, slots=True)
class Place:
    """A place for somebody. km: from home, or from the partner when that is less; None: unknown."""

    pool_id: UUID
    care_type: CareType
    km: float | None


@dataclass(frozen=True, slots=True)
class Total:
    """How many get a place, of them the most urgent, and how far they go in sum (unknown counts as 0)."""

    placed: int
    acuut: int
    spoed: int
    km: float


def total(placed: Iterable[tuple[Urgency, float | None]]) -> Total:
    """What a way of placing comes to: of each who is placed the urgency, and how far it is."""
    of = list(placed)
    return Total(
        placed=len(of),
        acuut=sum(urgency is Urgency.ACUUT for urgency, _ in of),
        spoed=sum(urgency is Urgency.SPOED for urgency, _ in of),
        km=round(sum(km or 0 for _, km in of), 1),
    )
