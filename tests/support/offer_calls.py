"""Examples of the calls about offers, stays and hand-overs, and the offers that they are about."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.services.keys import NewKey, issue_key
from app.services.referrals import acceptances, answers, handovers, stays
from app.services.referrals.answers import Acceptance, Counter
from app.services.referrals.stays import Arrival
from domain.actors import Role
from domain.capacity import Figures
from domain.cases import HandoverReason
from tests.factories.referrals import ELV_LAAG_FACTS, actor_of, offered, triaged
from tests.factories.world import World, make_party, make_pool

_IN = "/v1/referrals/{referral_id}"
_OFFER = "/v1/offers/{offer_id}"
_HANDOVER = "/v1/handovers/{handover_id}"
_AGO = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
_SOON = (datetime.now(UTC) + timedelta(days=1)).isoformat()

BODIES: dict[tuple[str, str], Any] = {
    ("POST", f"{_IN}/offers"): {
        "to": [{"pool_id": "{asked_pool_id}"}],
        "care_type": "elv-laag",
        "argument": "Dicht bij huis",
        "following": [{"pool_id": "{pool_id}"}],
    },
    ("POST", f"{_OFFER}/acceptance"): {"admission_at": _SOON, "text": "Na de lunch"},
    ("POST", f"{_OFFER}/refusal"): {"code": "geen-personeel", "text": "Twee zieken"},
    ("POST", f"{_OFFER}/counter-proposal"): {"admission_at": _SOON},
    ("POST", f"{_OFFER}/questions"): {"text": "Is er een tillift nodig?"},
    ("POST", f"{_OFFER}/withdrawal"): {"reason": "niet-passend", "text": "Te ver weg"},
    ("POST", f"{_OFFER}/release"): {"reason": "aanbieder-kan-niet"},
    ("POST", f"{_OFFER}/counter-decision"): {"agreed": True},
    ("POST", f"{_OFFER}/client-answer"): {"agreed": False, "text": "Liever thuis"},
    ("POST", f"{_OFFER}/doctor-answer"): {"agreed": True},
    ("PUT", f"{_OFFER}/appointment"): {
        "admission_at": _SOON,
        "settled": {"transport": True, "medication_list": True},
        "contact": "Transferbureau, 079 765 43 21",
    },
    ("POST", f"{_OFFER}/admission"): {"expected_discharge": _SOON[:10]},
    ("POST", f"{_OFFER}/non-arrival"): {"expected_at": _SOON},
    ("PUT", f"{_IN}/expected-discharge"): {"expected": _SOON[:10]},
    ("POST", f"{_IN}/discharge-readiness"): {"awaited": "wijkverpleging"},
    ("POST", f"{_IN}/discharge"): {"destination": "thuis"},
    ("POST", f"{_IN}/handover"): {"to": "{receiver_id}", "reason": "woonplaats"},
    ("POST", f"{_HANDOVER}/refusal"): {"text": "Wij zijn vol"},
    ("POST", "/v1/referral-records"): {
        "intake": {
            "birth_year": 1942,
            "sex": "man",
            "pc4": "2725",
            "setting": "thuis",
            "urgency": "spoed",
            "route": "phone",
        },
        "steps": [
            {
                "kind": "triage",
                "happened_at": _AGO,
                "facts": dict(ELV_LAAG_FACTS),
                "chosen": "elv-laag",
            },
            {"kind": "contact", "how": "call-out", "outcome": "spoken", "happened_at": _AGO},
            {"kind": "note", "text": "Belt morgen terug", "happened_at": _AGO},
        ],
    },
}
#: Which of the offers and referrals a call is about, when not the one that is merely asked.
INSTEAD: dict[tuple[str, str], dict[str, str]] = {
    **{
        ("POST", f"{_OFFER}/{act}"): {"offer_id": name}
        for name, acts in {
            "refused_id": ("refusal",),
            "open_id": ("counter-proposal", "questions", "withdrawal"),
            "countered_id": ("counter-decision",),
            "conditional_id": ("doctor-answer",),
            "asked_client_id": ("client-question", "client-answer"),
            "released_id": ("release",),
            "promised_id": ("admission", "non-arrival"),
        }.items()
        for act in acts
    },
    ("PUT", f"{_OFFER}/appointment"): {"offer_id": "promised_id"},
    ("PUT", f"{_IN}/expected-discharge"): {"referral_id": "staying_id"},
    ("POST", f"{_IN}/discharge-readiness"): {"referral_id": "staying_id"},
    ("POST", f"{_IN}/discharge"): {"referral_id": "staying_id"},
    ("POST", f"{_IN}/stay-kept"): {"referral_id": "waiting_id"},
    ("POST", f"{_HANDOVER}/refusal"): {"handover_id": "declined_handover_id"},
    ("POST", f"{_HANDOVER}/withdrawal"): {"handover_id": "withdrawn_handover_id"},
}
#: Whose key a call needs, when not the one of who usually does such a thing.
KEYS: dict[tuple[str, str], str] = {
    ("POST", f"{_HANDOVER}/acceptance"): "receiver_key",
    ("POST", f"{_HANDOVER}/refusal"): "receiver_key",
    ("POST", "/v1/offers/{offer_id}/sight"): "intake_key",
}


async def follow_offers(world: World) -> dict[str, str]:
    """Makes offers and stays in each state that a call needs; answers with what they go by.

    They are asked of a pool of their own, so that the world's has the figures that were reported.
    """
    container, coordinator = world.container, await actor_of(world)
    pool_id = await make_pool(container, world.location_id)
    await world.report(Figures(free=20), pool_id=pool_id)
    await world.settled()
    cases: dict[str, tuple[UUID, UUID]] = {}
    promised = ("promised_id", "asked_client_id", "released_id", "conditional_id")
    asked = ("offer_id", "refused_id", "open_id", "countered_id")
    for name in (*asked, *promised, "staying", "waiting"):
        referral_id, (offer_id,) = await offered(world, pool_id)
        cases[name] = referral_id, offer_id
    for name in (*promised, "staying", "waiting"):
        given = Acceptance(if_doctor_agrees=name == "conditional_id")
        await acceptances.accept(container, coordinator, cases[name][1], given)
    proposal = Counter(admission_at=container.now() + timedelta(days=1))
    await answers.counter(container, coordinator, cases["countered_id"][1], proposal)
    for name in ("staying", "waiting"):
        arrival = Arrival(temporary=name == "waiting")
        await stays.admit(container, coordinator, cases[name][1], arrival)
    receiver = await make_party(container, Role.COORDINATOR)
    desk = NewKey(world.provider.organisation_id, Role.PROVIDER_INTAKE, "intake van een voorbeeld")
    intake = await issue_key(container, None, desk)
    assert intake.key is not None
    handed: dict[str, UUID] = {}
    for name in ("handover_id", "declined_handover_id", "withdrawn_handover_id"):
        referral_id = (await triaged(world)).referral_id
        done = await handovers.hand_over(
            container, coordinator, referral_id, receiver.organisation_id, HandoverReason.WOONPLAATS
        )
        handed[name] = done.id
    return {
        **{name: str(offer_id) for name, (_, offer_id) in cases.items() if name.endswith("_id")},
        **{f"{name}_id": str(cases[name][0]) for name in ("staying", "waiting")},
        **{name: str(handover_id) for name, handover_id in handed.items()},
        "asked_pool_id": str(pool_id),
        "receiver_id": str(receiver.organisation_id),
        "receiver_key": receiver.key,
        "intake_key": intake.key,
    }
