"""What a coordination point does with the referrals it has in hand. Pure.

What to do follows from the referral as the API shows it, the seed and the moment. Two things are asked
of the API first: what triage advises, and what a match comes to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from domain.cases import Closure, ContactKind, ContactOutcome, Destination, HandoverReason
from domain.needs import Urgency
from domain.next_actions import NextAction, Party
from domain.offers import Awaiting, Ending, OfferState, Refusal
from domain.referrals import PROMISED, ReferralState
from domain.triage.facts import Facts
from workers.simulator.acts import seeded
from workers.simulator.calls import Call, Tempo, running_number
from workers.simulator.needs import Heard
from workers.simulator.ward import DAY, HOUR

MINUTE = timedelta(minutes=1)
A = NextAction

#: How long a coordinator lets things lie that wait for the coordination point.
_THINKS = {Urgency.ACUUT: MINUTE, Urgency.SPOED: 4 * MINUTE, Urgency.REGULIER: 15 * MINUTE}
#: How long one waits for an answer, where no clock of the API came first.
_PATIENCE = {Urgency.ACUUT: 45 * MINUTE, Urgency.SPOED: 5 * HOUR, Urgency.REGULIER: 26 * HOUR}
#: After so long somebody else's part is played by telephone, and what can't be solved is given up.
_TOO_LONG, _GIVEN_UP = 6 * HOUR, 3 * DAY
_LONGEST_STAY = 4 * DAY
_CHANCE_TO_HAND_OVER, _CHANCE_TO_TAKE_OVER = 0.7, 0.85
_CHANCE_OF_ANSWER, _CHANCE_BY_PHONE, _CHANCE_OF_YES = 0.6, 0.5, 0.92


@dataclass(frozen=True, slots=True)
class Point:
    """A coordination point. others: the other ones by id, with the PC4s that each serves."""

    id: str
    pc4s: frozenset[str]
    others: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Advise:
    """Ask what triage advises by these facts."""

    facts: Facts


@dataclass(frozen=True, slots=True)
class Match:
    """Ask for a match of a referral. care_types: none: what triage chose and advised."""

    path: str
    care_types: tuple[str, ...] = ()


Deed = Call | Advise | Match


def wants_a_look(summary: Mapping[str, Any], tempo: Tempo) -> bool:
    """Whether a referral in the list may need something of the coordinator by now."""
    urgency, since = Urgency(summary["urgency"]), summary["waits_since"]
    match summary["next_action"]:
        case A.INDIENEN:
            return False
        case A.ANTWOORD_AFWACHTEN:
            return tempo.passed(since, _PATIENCE[urgency])
        case A.CLIENT_AFWACHTEN | A.AANVULLEN:
            return tempo.passed(since, 20 * MINUTE)
        case A.EVALUEREN:
            return tempo.passed(since, _LONGEST_STAY)
        case A.ARTS_AFWACHTEN | A.OPNAME_AFWACHTEN | A.OVERDRACHT_AFWACHTEN:
            return tempo.passed(since, _TOO_LONG)
        case A.PLEK_BLIJVEN_ZOEKEN:
            return tempo.passed(since, 2 * HOUR)
        case _:
            return summary["waits_on"] == Party.COORDINATIEPUNT and tempo.passed(
                since, _THINKS[urgency]
            )


def decide(
    case: Mapping[str, Any], heard: Heard, point: Point, seed: int, tempo: Tempo
) -> Deed | None:
    """What the coordinator does with a referral that was opened; None: nothing yet."""
    path = f"/v1/referrals/{case['id']}"
    action = A(case["next_action"])
    if action is A.EVALUEREN:
        return _in_the_house(case, path, tempo)
    if case["handler"] is None:
        return Call("taken", "POST", f"{path}/handling")
    placed = ReferralState(case["state"]) in PROMISED
    if not placed and tempo.passed(case["filed_at"], _GIVEN_UP):
        return Call("closed", "POST", f"{path}/closure", {"outcome": Closure.ZELF_GEREGELD})
    match action:
        case A.TRIEREN | A.OPNIEUW_TRIEREN:
            return _hand_over(case, path, point, seed) or Advise(known_facts(case, heard))
        case A.AANVULLEN:
            return _answer(case, path, for_caller=True, tempo=tempo)
        case A.AANBIEDEN | A.VERDER_ZOEKEN | A.PLEK_BLIJVEN_ZOEKEN:
            return Match(f"{path}/matches", ("mfb",) if _looks_for_mfb(case, tempo) else ())
        case A.VRAAG_BEANTWOORDEN:
            return _answer(case, path, for_caller=False, tempo=tempo)
        case A.OVERDRACHT_AFWACHTEN:
            return Call("took-back", "POST", f"/v1/handovers/{case['handover']['id']}/withdrawal")
        case _:
            return _about_an_offer(case, path, action, seed, tempo)


def known_facts(case: Mapping[str, Any], heard: Heard) -> Facts:
    """What is known of a story by now: what was forgotten too, once it was asked and answered."""
    asked = [question for question in case["questions"] if question["offer_id"] is None]
    answered = any(question["answer"] is not None for question in asked)
    return {
        name: value
        for name, value in heard.story.facts.items()
        if name != heard.forgotten or answered
    }


def triage_by(case: Mapping[str, Any], facts: Facts, advice: Mapping[str, Any]) -> Call:
    """What comes of the advice: a question while something has to be known, else the first outcome."""
    path = f"/v1/referrals/{case['id']}"
    asks = advice["asks"]
    if asks and not any(question["offer_id"] is None for question in case["questions"]):
        return Call("asked", "POST", f"{path}/questions", {"text": asks[0]["question"]})
    usable = [one["outcome"] for one in advice["outcomes"] if one["usable"]]
    body: dict[str, Any] = {"facts": dict(facts), "chosen": usable[0] if usable else "elv-laag"}
    if not usable:
        body["argument"] = "Meer is niet bekend; zo kan er vast gezocht worden."
    return Call("triaged", "POST", f"{path}/triage", body)


def take_over(handover: Mapping[str, Any], seed: int) -> Call:
    """Whether a referral that another coordination point offers is taken over."""
    need = handover["need"] or {}
    random = seeded(seed, "hand-over", str(need.get("pc4")), str(need.get("age_from")))
    path = f"/v1/handovers/{handover['id']}"
    if random.random() < _CHANCE_TO_TAKE_OVER:
        return Call("took-over", "POST", f"{path}/acceptance")
    body = {"text": "Wij zoeken al voor te veel mensen."}
    return Call("declined", "POST", f"{path}/refusal", body)


def instead(refused: Call, code: str) -> Call | None:
    """What the coordinator does when the call was refused; mostly it lives with it."""
    if refused.what == "offered" and code == "argument-required" and "argument" not in refused.body:
        argument = {"argument": "In overleg: dit komt het dichtst bij wat nodig is."}
        return Call("offered", "POST", refused.path, {**refused.body, **argument})
    if refused.what == "held" and code == "no-place-left":
        # It is free by the time that somebody can come, so it can be asked for all the same.
        path = refused.path.replace("/claims", "/offers")
        to = [{"pool_id": refused.body["pool_id"]}]
        return Call("offered", "POST", path, {"to": to, "match_id": refused.body["match_id"]})
    if refused.what == "accepted-by-phone" and code == "no-place-left":
        path = refused.path.replace("/acceptance", "/refusal")
        return Call("refused-by-phone", "POST", path, {"code": Refusal.BORD_KLOPTE_NIET})
    return None


def _hand_over(case: Mapping[str, Any], path: str, point: Point, seed: int) -> Call | None:
    """Offers somebody who lives elsewhere to the coordination point of there, once."""
    if case["pc4"] in point.pc4s or case["handover"] is not None:
        return None
    random = seeded(seed, "elsewhere", running_number(case["number"]))
    for other, pc4s in point.others.items():
        if case["pc4"] in pc4s and random.random() < _CHANCE_TO_HAND_OVER:
            body = {"to": other, "reason": HandoverReason.WOONPLAATS}
            return Call("handed-over", "POST", f"{path}/handover", body)
    return None


def _answer(case: Mapping[str, Any], path: str, *, for_caller: bool, tempo: Tempo) -> Call | None:
    """Answers what is asked: by a provider, or (`for_caller`) by oneself of who phoned."""
    for question in case["questions"]:
        if question["answered_at"] is not None or (question["offer_id"] is None) != for_caller:
            continue
        if (
            for_caller
            and case["requested_by"]
            and not tempo.passed(question["asked_at"], _TOO_LONG)
        ):
            # Who filed it answers it.
            continue
        body = {"text": "Nagevraagd per telefoon: dat klopt, het staat in de overdracht."}
        return Call("answered", "POST", f"{path}/questions/{question['id']}/answer", body)
    return None


def _in_the_house(case: Mapping[str, Any], path: str, tempo: Tempo) -> Call | None:
    """Tells of somebody who left long ago, when the house doesn't."""
    stay = case["stay"]
    if stay is None or not tempo.passed(stay["admitted_at"], _LONGEST_STAY):
        return None
    return Call("discharged", "POST", f"{path}/discharge", {"destination": Destination.THUIS})


def _looks_for_mfb(case: Mapping[str, Any], tempo: Tempo) -> bool:
    """The regular places were looked at without finding one, so the safety net comes next."""
    checked = case["board_check"]
    counts = checked is not None and not Tempo(tempo.now).passed(checked["at"], 2 * HOUR)
    return counts and case["care_types"]["triaged"] != "wijkverpleging"


def _about_an_offer(
    case: Mapping[str, Any], path: str, action: NextAction, seed: int, tempo: Tempo
) -> Call | None:
    """What follows on an offer that is open."""
    offers = [offer for offer in case["offers"] if OfferState(offer["state"]).is_open]
    if not offers:
        return None
    offer = offers[0]
    on_offer = f"/v1/offers/{offer['id']}"
    number = running_number(case["number"])
    random = seeded(seed, action, number, str(len(case["offers"])))
    body: dict[str, Any]
    match action:
        case A.AANBIEDER_BELLEN | A.ANTWOORD_AFWACHTEN:
            patience = _PATIENCE[Urgency(case["urgency"])]
            late = [one for one in offers if tempo.passed(one["offered_at"], patience)]
            if late:
                body = {"reason": Ending.NIET_PASSEND, "text": "Geen antwoord; we vragen verder."}
                return Call("withdrew", "POST", f"/v1/offers/{late[0]['id']}/withdrawal", body)
            if action is A.AANBIEDER_BELLEN:
                return _phone(case, path, offers, random.random(), random.random())
        case A.TEGENVOORSTEL_BEOORDELEN:
            chance = random.random()
            if chance < 0.2:
                return Call("client-asked", "POST", f"{on_offer}/client-question")
            body = {"agreed": chance < 0.85}
            return Call("counter-decided", "POST", f"{on_offer}/counter-decision", body)
        case A.CLIENT_AFWACHTEN:
            asked = next((one for one in offers if one["awaiting"] == Awaiting.CLIENT), offer)
            body = {"agreed": random.random() < _CHANCE_OF_YES}
            return Call("client-told", "POST", f"/v1/offers/{asked['id']}/client-answer", body)
        case A.ARTS_AFWACHTEN:
            return Call("doctor-told", "POST", f"{on_offer}/doctor-answer", {"agreed": False})
        case A.OPNAMEAFSPRAAK_MAKEN:
            return _appoint(offer, on_offer, random.random(), tempo)
        case A.OPNAME_AFWACHTEN | A.OPNAME_NAVRAGEN if tempo.passed(
            offer["admission_at"], _TOO_LONG
        ):
            body = {"reason": Ending.AANBIEDER_KAN_NIET, "text": "Niemand weet ervan."}
            return Call("let-go", "POST", f"{on_offer}/release", body)
        case _:
            pass
    return None


def _phone(
    case: Mapping[str, Any],
    path: str,
    offers: Sequence[Mapping[str, Any]],
    reached: float,
    says: float,
) -> Call | None:
    """Phones a provider that hasn't looked; whoever is reached answers at once."""
    unseen = next((one for one in offers if one["seen_at"] is None), None)
    if unseen is None:
        return None
    if case["contacts"]["calls"] + case["contacts"]["attempts"] == 0:
        spoken = reached < _CHANCE_OF_ANSWER
        body = {
            "kind": ContactKind.CALL_OUT,
            "outcome": ContactOutcome.SPOKEN if spoken else ContactOutcome.NO_ANSWER,
            "organisation_id": unseen["provider_id"],
            "offer_id": unseen["id"],
            "seconds": 150 if spoken else 40,
        }
        return Call("phoned", "POST", f"{path}/contacts", body)
    if case["contacts"]["calls"] == 0:
        return None
    on_offer = f"/v1/offers/{unseen['id']}"
    if says < _CHANCE_BY_PHONE:
        return Call("accepted-by-phone", "POST", f"{on_offer}/acceptance")
    return Call("refused-by-phone", "POST", f"{on_offer}/refusal", {"code": Refusal.GEEN_PERSONEEL})


def _appoint(offer: Mapping[str, Any], on_offer: str, chance: float, tempo: Tempo) -> Call:
    agreed = offer["admission_at"]
    if agreed is None or tempo.passed(agreed, timedelta(0)):
        agreed = tempo.after(2 * HOUR)
    settled = {
        "transport": True,
        "medication_list": True,
        "doctors_spoke": chance < 0.8,
        "nursing_handover": chance < 0.6,
    }
    body = {"admission_at": agreed, "settled": settled, "contact": "De avonddienst, via de balie."}
    return Call("appointed", "PUT", f"{on_offer}/appointment", body)
