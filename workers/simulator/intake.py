"""How intake desks answer what they are asked, each in its own manner. Pure.

What a desk does with an offer follows from the seed, the offer and the moment; nothing is remembered
but what a look at the offer doesn't tell.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from domain.care_types import CareType
from domain.cases import Destination
from domain.needs import Urgency
from domain.offers import Awaiting, Ending, OfferState, Refusal
from workers.simulator.acts import seeded
from workers.simulator.calls import Call, Tempo, running_number
from workers.simulator.ward import DAY, HOUR

MINUTE = timedelta(minutes=1)


class Manner(StrEnum):
    """PROMPT: answers soon. LATE: answers after the deadline, or nearly. REFUSING: says no while it
    posts free places. SILENT: mostly doesn't look. BARGAINING: proposes another moment. CAREFUL: asks
    its doctor. UNDELIVERING: says yes, and takes it back.
    """

    PROMPT = "prompt"
    LATE = "late"
    REFUSING = "refusing"
    SILENT = "silent"
    BARGAINING = "bargaining"
    CAREFUL = "careful"
    UNDELIVERING = "undelivering"


class Answer(StrEnum):
    """What comes of an offer; NOTHING: nobody looks at it."""

    YES = "yes"
    IF_DOCTOR_AGREES = "if-doctor-agrees"
    OTHERWISE = "otherwise"
    NO = "no"
    NOTHING = "nothing"


_PARTS = (*Manner, Manner.PROMPT, Manner.LATE, Manner.PROMPT)
#: How often, in the order of Answer.
_WEIGHTS: Mapping[Manner, tuple[int, ...]] = {
    Manner.PROMPT: (80, 5, 5, 10, 0),
    Manner.LATE: (60, 5, 10, 20, 5),
    Manner.REFUSING: (20, 0, 5, 75, 0),
    Manner.SILENT: (10, 0, 0, 10, 80),
    Manner.BARGAINING: (25, 5, 60, 10, 0),
    Manner.CAREFUL: (20, 65, 5, 10, 0),
    Manner.UNDELIVERING: (85, 5, 0, 10, 0),
}
_REFUSALS = (
    *(Refusal.GEEN_PERSONEEL, Refusal.GEEN_PLEK, Refusal.BORD_KLOPTE_NIET, Refusal.TE_COMPLEX),
    *(Refusal.TE_LAAT_GEVRAAGD, Refusal.GEEN_UITSTROOMPERSPECTIEF, Refusal.KAMER_OF_GESLACHT),
)
#: From yes to the admission, in hours.
_COMES_IN = {Urgency.ACUUT: (0.5, 1.5), Urgency.SPOED: (1.0, 6.0), Urgency.REGULIER: (6.0, 30.0)}
_ASKS, _TAKES_BACK, _DOCTOR_SAYS_NO = 0.12, 0.7, 0.1
_COMES_LATER, _NEVER_COMES = 0.08, 0.04


def manners(agbs: Iterable[str], seed: int) -> dict[str, Manner]:
    """Gives each provider its manner; with seven of them every manner is there."""
    order = sorted(set(agbs))
    seeded(seed, "manners").shuffle(order)
    return {agb: _PARTS[number % len(_PARTS)] for number, agb in enumerate(order)}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a desk will do with an offer, from the moment that it is asked."""

    sees_after: timedelta
    answers_after: timedelta
    answer: Answer
    asks: bool
    refusal: Refusal
    admission_in: timedelta
    takes_back_after: timedelta | None
    doctor_after: timedelta
    doctor_agrees: bool
    comes_after: timedelta
    arrival: float
    stay: timedelta
    destination: Destination


def plan_of(offer: Mapping[str, Any], agb: str, manner: Manner, seed: int) -> Plan:
    """What the desk's seed makes of an offer. Every draw is taken, so that none depends on another."""
    place = offer["place"] or {}
    key = (running_number(offer["number"]), place.get("location_name"), place.get("pool_name"))
    random = seeded(seed, "intake", agb, *map(str, key))
    urgency = Urgency(offer["need"]["urgency"])
    slow = 1.0 if urgency is Urgency.ACUUT else 3.0 if urgency is Urgency.SPOED else 10.0
    sees = MINUTE * random.uniform(0.5, 4) * slow
    answers = MINUTE * random.uniform(3, 12) * slow
    if manner is Manner.LATE:
        sees, answers = 2.5 * sees, 4 * answers
    return Plan(
        sees_after=sees,
        answers_after=answers,
        answer=random.choices(tuple(Answer), _WEIGHTS[manner])[0],
        asks=random.random() < _ASKS,
        refusal=random.choice(_REFUSALS),
        admission_in=HOUR * random.uniform(*_COMES_IN[urgency]),
        takes_back_after=HOUR * random.uniform(0.3, 1.5)
        if random.random() < _TAKES_BACK and manner is Manner.UNDELIVERING
        else None,
        doctor_after=MINUTE * random.uniform(10, 40),
        doctor_agrees=random.random() >= _DOCTOR_SAYS_NO,
        comes_after=MINUTE * random.uniform(-15, 45),
        arrival=random.random(),
        stay=DAY * random.uniform(0.3, 1.7),
        destination=random.choices(
            (Destination.THUIS, Destination.WLZ_PLAATS, Destination.ZIEKENHUIS), (8, 2, 1)
        )[0],
    )


def decide(
    offer: Mapping[str, Any], plan: Plan, tempo: Tempo, *, postponed: bool = False
) -> Call | None:
    """What the desk does with an offer at this moment; None: it waits.

    `questions` are only in an offer that was opened: what depends on them asks to open it first.
    postponed: that somebody comes later was told before.
    """
    state = OfferState(offer["state"])
    if state is OfferState.GEVRAAGD:
        return _asked(offer, plan, tempo)
    if state is OfferState.TOEGEZEGD:
        return _promised(offer, plan, tempo, postponed=postponed)
    if state is OfferState.OPGENOMEN and tempo.passed(offer["ended_at"], plan.stay):
        body = {"destination": plan.destination}
        return Call("discharged", "POST", f"/v1/referrals/{offer['referral_id']}/discharge", body)
    return None


def instead(refused: Call, code: str) -> Call | None:
    """What the desk does when its call was refused; mostly it lives with it."""
    if refused.what == "accepted" and code == "no-place-left":
        body = {"code": Refusal.BORD_KLOPTE_NIET, "text": "De laatste plaats is net vergeven."}
        return Call("refused", "POST", refused.path.replace("/acceptance", "/refusal"), body)
    return None


def _asked(offer: Mapping[str, Any], plan: Plan, tempo: Tempo) -> Call | None:
    path = f"/v1/offers/{offer['id']}"
    body: dict[str, Any]
    if plan.answer is Answer.NOTHING:
        return None
    if offer["seen_at"] is None:
        if tempo.passed(offer["offered_at"], plan.sees_after):
            return Call("seen", "POST", f"{path}/sight")
        return None
    if not tempo.passed(offer["offered_at"], plan.answers_after):
        return None
    if plan.asks:
        questions = offer.get("questions")
        if questions is None:
            return Call("opened", "GET", path)
        if not questions:
            text = "Welke medicatie gebruikt de cliënt, en is er een medicatielijst?"
            return Call("provider-asked", "POST", f"{path}/questions", {"text": text})
        if questions[-1]["answered_at"] is None:
            return None
    match plan.answer:
        case Answer.NO:
            return Call("refused", "POST", f"{path}/refusal", {"code": plan.refusal})
        # Of a bed another moment names the bed; whoever has one in mind says yes instead.
        case Answer.OTHERWISE if offer["care_type"] != CareType.MFB:
            later = tempo.after(plan.admission_in + 12 * HOUR)
            body = {"admission_at": later, "text": "Eerder krijgen we de kamer niet klaar."}
            return Call("countered", "POST", f"{path}/counter-proposal", body)
        case _:
            body = {
                "if_doctor_agrees": plan.answer is Answer.IF_DOCTOR_AGREES,
                "admission_at": tempo.after(plan.admission_in),
            }
            return Call("accepted", "POST", f"{path}/acceptance", body)


def _promised(
    offer: Mapping[str, Any], plan: Plan, tempo: Tempo, *, postponed: bool
) -> Call | None:
    path = f"/v1/offers/{offer['id']}"
    since = offer["promised_at"]
    if offer["awaiting"] == Awaiting.ARTS:
        if tempo.passed(since, plan.doctor_after):
            return Call(
                "doctor-answered", "POST", f"{path}/doctor-answer", {"agreed": plan.doctor_agrees}
            )
        return None
    if offer["awaiting"] is not None:
        return None
    if plan.takes_back_after is not None and tempo.passed(since, plan.takes_back_after):
        body = {"reason": Ending.AANBIEDER_KAN_NIET, "text": "We krijgen er toch niemand voor."}
        return Call("taken-back", "POST", f"{path}/release", body)
    if offer["appointment"] is None or not tempo.passed(offer["admission_at"], plan.comes_after):
        return None
    if plan.arrival < _NEVER_COMES:
        return Call("never-came", "POST", f"{path}/non-arrival", {"expected_at": None})
    if plan.arrival < _NEVER_COMES + _COMES_LATER and not postponed:
        body = {"expected_at": tempo.after(4 * HOUR), "text": "Het vervoer kwam niet."}
        return Call("not-arrived", "POST", f"{path}/non-arrival", body)
    body = {"expected_discharge": tempo.day_after(plan.stay)}
    return Call("admitted", "POST", f"{path}/admission", body)
