"""Word of what happened: who hears of which step or alert, and the little that a notice may say."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from domain.alerts import AlertKind
from domain.care_types import CareType
from domain.cases import HandoverState
from domain.needs import Urgency
from domain.referrals import ReferralState, Step


class NoticeKind(StrEnum):
    """What a notice is about, as people choose what to hear of."""

    AANVRAAG = "aanvraag"
    ANTWOORD = "antwoord"
    INGETROKKEN = "ingetrokken"
    VRAAG = "vraag"
    VRAAG_BEANTWOORD = "vraag-beantwoord"
    VERLOPEN = "verlopen"
    ALARM = "alarm"
    OVERDRACHT = "overdracht"
    OVERDRACHT_ANTWOORD = "overdracht-antwoord"
    CAPACITEIT_OUD = "capaciteit-oud"
    STATUS = "status"
    EINDPUNT_GEPAUZEERD = "eindpunt-gepauzeerd"


KIND_LABELS: dict[NoticeKind, str] = {
    NoticeKind.AANVRAAG: "aanvragen en nieuwe aanmeldingen",
    NoticeKind.ANTWOORD: "antwoorden op aanvragen",
    NoticeKind.INGETROKKEN: "wat is ingetrokken",
    NoticeKind.VRAAG: "vragen",
    NoticeKind.VRAAG_BEANTWOORD: "antwoorden op vragen",
    NoticeKind.VERLOPEN: "aanvragen waarop niemand antwoordde",
    NoticeKind.ALARM: "alarmen",
    NoticeKind.OVERDRACHT: "overdrachten",
    NoticeKind.OVERDRACHT_ANTWOORD: "antwoorden op overdrachten",
    NoticeKind.CAPACITEIT_OUD: "cijfers die bevestigd moeten worden",
    NoticeKind.STATUS: "hoe het met een aanmelding staat",
    NoticeKind.EINDPUNT_GEPAUZEERD: "webhooks die zijn gestopt",
}


class Hearer(StrEnum):
    """Who may have to hear of something about a referral."""

    AANBIEDER = "aanbieder"
    #: Every provider that an answer, or what follows on one, is still to come from.
    GEVRAAGDEN = "gevraagden"
    EIGENAAR = "eigenaar"
    VERWIJZER = "verwijzer"
    AFZENDER = "afzender"
    ONTVANGER = "ontvanger"


Told = tuple[tuple[Hearer, NoticeKind], ...]
H, N = Hearer, NoticeKind
_NOBODY: Told = ()
_ANSWERED: Told = ((H.EIGENAAR, N.ANTWOORD), (H.AANBIEDER, N.ANTWOORD))
_FOLLOWED: Told = ((H.VERWIJZER, N.STATUS),)
_LOST: Told = ((H.EIGENAAR, N.INGETROKKEN), (H.AANBIEDER, N.INGETROKKEN), *_FOLLOWED)
_ARRIVAL: Told = ((H.EIGENAAR, N.STATUS), (H.AANBIEDER, N.STATUS), *_FOLLOWED)

#: Who hears of a step. The organisation that took it is left out, whichever it is: so a provider hears
#: of an answer that the coordination point recorded for it, and not of its own.
TOLD_OF_STEP: Mapping[Step, Told] = {
    Step.FILED: ((H.EIGENAAR, N.AANVRAAG), *_FOLLOWED),
    Step.DRAFTED: _NOBODY,
    Step.NEEDS_CHANGED: ((H.GEVRAAGDEN, N.AANVRAAG),),
    Step.ASKED: ((H.VERWIJZER, N.VRAAG),),
    Step.ANSWERED: ((H.EIGENAAR, N.VRAAG_BEANTWOORD),),
    Step.TRIAGED: _FOLLOWED,
    Step.BOARD_CHECKED: _NOBODY,
    Step.CLAIMED: _NOBODY,
    Step.CLAIM_RELEASED: _NOBODY,
    Step.CLAIM_EXPIRED: _NOBODY,
    Step.OFFERED: ((H.AANBIEDER, N.AANVRAAG),),
    Step.OFFER_SEEN: _NOBODY,
    Step.OFFER_ACCEPTED: (*_ANSWERED, *_FOLLOWED),
    Step.OFFER_REFUSED: _ANSWERED,
    Step.OFFER_WITHDRAWN: ((H.AANBIEDER, N.INGETROKKEN),),
    Step.OFFER_EXPIRED: ((H.AANBIEDER, N.VERLOPEN), (H.EIGENAAR, N.VERLOPEN)),
    Step.COUNTER_PROPOSED: _ANSWERED,
    Step.COUNTER_ACCEPTED: (*_ANSWERED, *_FOLLOWED),
    Step.COUNTER_DECLINED: _ANSWERED,
    Step.CLIENT_ASKED: _NOBODY,
    Step.CLIENT_AGREED: ((H.AANBIEDER, N.ANTWOORD),),
    Step.CLIENT_DECLINED: ((H.AANBIEDER, N.INGETROKKEN), *_FOLLOWED),
    Step.DOCTOR_AGREED: _ANSWERED,
    Step.DOCTOR_DECLINED: _LOST,
    Step.PROMISE_RELEASED: _LOST,
    # A referrer is told states, and this leaves it as it was.
    Step.APPOINTED: _ANSWERED,
    Step.ADMITTED: _ARRIVAL,
    Step.NOT_ARRIVED: _ARRIVAL,
    Step.DISCHARGE_EXPECTED: _NOBODY,
    Step.DISCHARGE_READY: ((H.EIGENAAR, N.STATUS),),
    Step.DISCHARGED: ((H.EIGENAAR, N.STATUS), *_FOLLOWED),
    Step.STAY_KEPT: _FOLLOWED,
    Step.NO_PLACE: _FOLLOWED,
    # The hand-over itself is told by its own state (TOLD_OF_HANDOVER).
    Step.HANDOVER_OFFERED: _NOBODY,
    Step.HANDOVER_ACCEPTED: _FOLLOWED,
    Step.HANDOVER_REFUSED: _NOBODY,
    Step.HANDOVER_WITHDRAWN: _NOBODY,
    Step.TAKEN: _NOBODY,
    Step.CALL_BACK_SET: _NOBODY,
    Step.CONTACTED: _NOBODY,
    Step.NOTED: _NOBODY,
    Step.WAIT_BEGUN: _NOBODY,
    Step.WAIT_ENDED: _NOBODY,
    Step.REVIEWED: _NOBODY,
    Step.WLZ_RECORDED: _NOBODY,
    Step.SUCCEEDED: _NOBODY,
    # By the alert that it is about.
    Step.ALERTED: _NOBODY,
    Step.WITHDRAWN: ((H.EIGENAAR, N.INGETROKKEN), *_FOLLOWED),
    Step.DIED: _FOLLOWED,
    Step.CLOSED: _FOLLOWED,
}
#: Where it matters that a step is about one offer: a provider asks, and is answered.
_TOLD_OF_OFFER_STEP: Mapping[Step, Told] = {
    Step.ASKED: ((H.EIGENAAR, N.VRAAG),),
    Step.ANSWERED: ((H.AANBIEDER, N.VRAAG_BEANTWOORD),),
}
#: Besides that, who asked the team itself hears what the team answers, or doesn't.
_FOLLOWED_WHEN_DIRECT = frozenset(
    {Step.OFFER_REFUSED, Step.OFFER_EXPIRED, Step.COUNTER_PROPOSED, Step.COUNTER_DECLINED}
)
TOLD_OF_HANDOVER: Mapping[HandoverState, Told] = {
    HandoverState.AANGEBODEN: ((H.ONTVANGER, N.OVERDRACHT),),
    HandoverState.GEACCEPTEERD: ((H.AFZENDER, N.OVERDRACHT_ANTWOORD),),
    HandoverState.GEWEIGERD: ((H.AFZENDER, N.OVERDRACHT_ANTWOORD),),
    HandoverState.INGETROKKEN: ((H.ONTVANGER, N.INGETROKKEN),),
}
_ALARM: Told = ((H.EIGENAAR, N.ALARM),)
TOLD_OF_ALERT: Mapping[AlertKind, Told] = {
    **dict.fromkeys(AlertKind, _ALARM),
    # The answer to the hand-over says it already.
    AlertKind.OVERDRACHT_GEWEIGERD: _NOBODY,
    # Of a pool and no referral: whose it is hears of it as CAPACITEIT_OUD (app/services/referrals/sweeps.py).
    AlertKind.CAPACITEIT_ONBEVESTIGD: _NOBODY,
}
#: About somebody who needs a place today: worth waking a person for.
_LOUD_WHEN_ACUUT = frozenset(
    {
        *(AlertKind.ALLE_GEWEIGERD, AlertKind.NIEMAND_ANTWOORDDE, AlertKind.TOEZEGGING_VERVALLEN),
        *(AlertKind.GEEN_EIGENAAR, AlertKind.TRIAGE_TE_LAAT, AlertKind.DOELTIJD_VOORBIJ),
        *(AlertKind.NIET_AANGEKOMEN, AlertKind.WACHT_TE_LANG),
    }
)
_NEVER_URGENT = frozenset({N.STATUS, N.CAPACITEIT_OUD, N.EINDPUNT_GEPAUZEERD})
#: What happened to a person, or what it wants, is nobody's to read in a mail.
_STEP_TOLD_AS = {Step.DIED: Step.CLOSED, Step.CLIENT_DECLINED: Step.OFFER_WITHDRAWN}
_STATE_TOLD_AS = {ReferralState.OVERLEDEN: ReferralState.AFGESLOTEN}
_NUMBER = re.compile(r"[0-9]{4}-[0-9]{5,9}")


def told_of(step: Step, *, of_offer: bool, direct: bool = False) -> Told:
    """Who hears of a step, about one offer or about the referral as a whole.

    direct: the offer is to a team that the referrer asked itself.
    """
    if of_offer and step in _TOLD_OF_OFFER_STEP:
        return _TOLD_OF_OFFER_STEP[step]
    told = TOLD_OF_STEP[step]
    return (*told, *_FOLLOWED) if direct and step in _FOLLOWED_WHEN_DIRECT else told


def is_urgent(kind: NoticeKind, urgency: Urgency | None, alert: AlertKind | None) -> bool:
    """Whether a notice may break through quiet hours, where whoever gets it agrees to that."""
    if alert is not None:
        acuut = urgency is Urgency.ACUUT
        return alert is AlertKind.ACUUT_NIET_GEZIEN or (acuut and alert in _LOUD_WHEN_ACUUT)
    return urgency is Urgency.ACUUT and kind not in _NEVER_URGENT


@dataclass(frozen=True, slots=True)
class NoticeData:
    """All that a notice may say besides what it is about: codes, moments and a number, nothing typed and
    nothing of a person.

    number: the referral's, which counts within a month. step: what was done; state: how the referral
    stands, for the referrer, who isn't told what providers do. deadline_at: when an answer is due.
    valid_until: until when a figure could be believed. endpoint_id: which webhook was paused.
    """

    number: str | None = None
    care_type: CareType | None = None
    urgency: Urgency | None = None
    step: Step | None = None
    state: ReferralState | None = None
    alert: AlertKind | None = None
    handover: HandoverState | None = None
    deadline_at: datetime | None = None
    valid_until: datetime | None = None
    endpoint_id: UUID | None = None

    def __post_init__(self) -> None:
        if self.number is not None and _NUMBER.fullmatch(self.number) is None:
            # Whatever it is, it isn't told; what was done mustn't fail for that.
            object.__setattr__(self, "number", None)
        if self.step in _STEP_TOLD_AS:
            object.__setattr__(self, "step", _STEP_TOLD_AS[self.step])
        if self.state in _STATE_TOLD_AS:
            object.__setattr__(self, "state", _STATE_TOLD_AS[self.state])

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """As `to_json` wrote it, maybe in another release: a member or a code that isn't known is left out."""
        return cls(
            **{name: _known(read, data[name]) for name, read in _READERS.items() if name in data}
        )

    def of_what_ended(self) -> Self:
        """The same without what a provider isn't told any more of an offer that came to nothing."""
        return replace(self, number=None, care_type=None, urgency=None)

    def to_json(self) -> dict[str, str]:
        """What is told, as texts."""
        return {
            one.name: value.isoformat() if isinstance(value, datetime) else str(value)
            for one in fields(self)
            if (value := getattr(self, one.name)) is not None
        }


def _known(read: Callable[[str], Any], text: str) -> Any:
    with suppress(ValueError):
        return read(text)
    return None


_READERS: Mapping[str, Callable[[str], Any]] = {
    "number": str,
    "care_type": CareType,
    "urgency": Urgency,
    "step": Step,
    "state": ReferralState,
    "alert": AlertKind,
    "handover": HandoverState,
    "deadline_at": datetime.fromisoformat,
    "valid_until": datetime.fromisoformat,
    "endpoint_id": UUID,
}


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that an organisation is to be told, in one of its regions.

    What it is about is named by what that organisation may look up: a provider knows its offer, who
    gets or gave a hand-over knows that, and the referral is for its owner and who asked for it.
    """

    region_id: int
    organisation_id: UUID
    kind: NoticeKind
    urgent: bool
    data: NoticeData
    referral_id: UUID | None = None
    offer_id: UUID | None = None
    handover_id: UUID | None = None
    pool_id: UUID | None = None
