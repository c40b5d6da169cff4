"""What intake desks do with an offer, at each moment, by their manner."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.cases import Destination
from domain.offers import Refusal
from workers.simulator.calls import Call, Tempo
from workers.simulator.intake import Answer, Manner, Plan, decide, instead, manners, plan_of

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = 60 * MINUTE
PATH = "/v1/offers/o1"
ASKED: dict[str, Any] = {
    "id": "o1",
    "number": "2611-00007",
    "state": "gevraagd",
    "offered_at": (NOW - 20 * MINUTE).isoformat(),
    "seen_at": (NOW - 10 * MINUTE).isoformat(),
    "care_type": "elv-laag",
    "place": {"location_name": "Kwartelhage", "pool_name": "Kort verblijf"},
    "need": {"urgency": "acuut"},
}
PROMISED = {
    **ASKED,
    "state": "toegezegd",
    "promised_at": (NOW - HOUR).isoformat(),
    "awaiting": None,
    "appointment": {"transport": True},
    "admission_at": (NOW - 20 * MINUTE).isoformat(),
}
ADMITTED = {**ASKED, "state": "opgenomen", "ended_at": NOW - 2 * HOUR, "referral_id": "r1"}
PLAN = Plan(
    sees_after=2 * MINUTE,
    answers_after=10 * MINUTE,
    answer=Answer.YES,
    asks=False,
    refusal=Refusal.GEEN_PERSONEEL,
    admission_in=HOUR,
    takes_back_after=None,
    doctor_after=30 * MINUTE,
    doctor_agrees=True,
    comes_after=10 * MINUTE,
    arrival=0.5,
    stay=HOUR,
    destination=Destination.THUIS,
)
QUESTION = {"id": "q1", "answered_at": None}
SOON = {"admission_at": (NOW + HOUR).isoformat()}


@pytest.mark.parametrize(
    ("offer", "plan", "what", "body"),
    [
        (ASKED | {"seen_at": None}, {}, "seen", {}),
        (ASKED | {"seen_at": None}, {"sees_after": HOUR}, None, {}),
        (ASKED | {"seen_at": None}, {"answer": Answer.NOTHING}, None, {}),
        (ASKED, {"answer": Answer.NOTHING}, None, {}),
        (ASKED, {"answers_after": HOUR}, None, {}),
        (ASKED, {}, "accepted", {"if_doctor_agrees": False} | SOON),
        (
            ASKED,
            {"answer": Answer.IF_DOCTOR_AGREES},
            "accepted",
            {"if_doctor_agrees": True} | SOON,
        ),
        (ASKED, {"answer": Answer.NO}, "refused", {"code": "geen-personeel"}),
        (
            ASKED,
            {"answer": Answer.OTHERWISE},
            "countered",
            {"admission_at": (NOW + 13 * HOUR).isoformat()},
        ),
        (ASKED, {"asks": True}, "opened", {}),
        (ASKED | {"questions": []}, {"asks": True}, "provider-asked", {}),
        (ASKED | {"questions": [QUESTION]}, {"asks": True}, None, {}),
        (ASKED | {"questions": [QUESTION | {"answered_at": "x"}]}, {"asks": True}, "accepted", {}),
        (ASKED | {"state": "tegenvoorstel"}, {}, None, {}),
        (PROMISED, {}, "admitted", {"expected_discharge": "2026-11-23"}),
        (PROMISED, {"comes_after": HOUR}, None, {}),
        (PROMISED | {"appointment": None}, {}, None, {}),
        (PROMISED | {"awaiting": "client"}, {}, None, {}),
        (PROMISED | {"awaiting": "arts"}, {}, "doctor-answered", {"agreed": True}),
        (PROMISED | {"awaiting": "arts"}, {"doctor_after": 2 * HOUR}, None, {}),
        (PROMISED, {"takes_back_after": HOUR}, "taken-back", {"reason": "aanbieder-kan-niet"}),
        (PROMISED, {"takes_back_after": 2 * HOUR}, "admitted", {}),
        (PROMISED, {"arrival": 0.01}, "never-came", {"expected_at": None}),
        (
            PROMISED,
            {"arrival": 0.1},
            "not-arrived",
            {"expected_at": (NOW + 4 * HOUR).isoformat()},
        ),
        (ADMITTED, {}, "discharged", {"destination": "thuis"}),
        (ADMITTED, {"stay": 3 * HOUR}, None, {}),
        (ASKED | {"state": "verlopen"}, {}, None, {}),
    ],
)
def test_a_desk_does_what_its_plan_says_when_it_is_time(
    offer: dict[str, Any], plan: dict[str, Any], what: str | None, body: dict[str, Any]
) -> None:
    call = decide(offer, replace(PLAN, **plan), Tempo(NOW))
    assert (call.what if call else None) == what
    if call is not None:
        assert dict(call.body).items() >= body.items()
        assert "r1" in call.path or call.path.startswith(PATH)


def test_nobody_is_postponed_twice() -> None:
    plan = replace(PLAN, arrival=0.1)
    call = decide(PROMISED, plan, Tempo(NOW), postponed=True)
    assert call is not None
    assert call.what == "admitted"


def test_faster_people_answer_sooner() -> None:
    plan = replace(PLAN, answers_after=HOUR)
    assert decide(ASKED, plan, Tempo(NOW)) is None
    call = decide(ASKED, plan, Tempo(NOW, speed=3))
    assert call is not None
    assert call.body["admission_at"] == (NOW + 20 * MINUTE).isoformat()


def test_a_last_place_that_went_to_somebody_else_is_refused_by_its_own_code() -> None:
    accepted = Call("accepted", "POST", f"{PATH}/acceptance")
    other = instead(accepted, "no-place-left")
    assert other is not None
    assert (other.path, other.body["code"]) == (f"{PATH}/refusal", "bord-klopte-niet")
    assert instead(accepted, "offer-ended") is None


def test_every_manner_is_there_and_follows_from_the_seed() -> None:
    agbs = [f"479900{number:02}" for number in range(20)]
    assert set(manners(agbs[:7], 1).values()) == set(Manner)
    assert manners(agbs, 1) == manners(reversed(agbs), 1)
    assert manners(agbs, 1) != manners(agbs, 2)


@pytest.mark.parametrize(
    ("manner", "answer"),
    [
        (Manner.PROMPT, Answer.YES),
        (Manner.REFUSING, Answer.NO),
        (Manner.SILENT, Answer.NOTHING),
        (Manner.BARGAINING, Answer.OTHERWISE),
        (Manner.CAREFUL, Answer.IF_DOCTOR_AGREES),
        (Manner.UNDELIVERING, Answer.YES),
    ],
)
def test_a_desk_mostly_answers_in_its_manner(manner: Manner, answer: Answer) -> None:
    plans = [
        plan_of({**ASKED, "number": f"2611-{number:05}"}, "47990002", manner, 1)
        for number in range(200)
    ]
    assert Counter(plan.answer for plan in plans).most_common(1)[0][0] is answer
    taken_back = sum(plan.takes_back_after is not None for plan in plans)
    assert (taken_back > 100) is (manner is Manner.UNDELIVERING)


def test_a_late_desk_lets_some_deadlines_go_by_and_a_prompt_one_none() -> None:
    def slowest(manner: Manner) -> timedelta:
        return max(
            plan_of({**ASKED, "number": f"2611-{n:05}"}, "1", manner, 1).answers_after
            for n in range(100)
        )

    assert slowest(Manner.PROMPT) < 30 * MINUTE < slowest(Manner.LATE)


def test_the_same_offer_is_answered_in_the_same_way_in_any_month() -> None:
    again = {**ASKED, "number": "2701-00007"}
    plan = plan_of(ASKED, "47990002", Manner.PROMPT, 1)
    assert plan_of(again, "47990002", Manner.PROMPT, 1) == plan
    assert plan_of(again, "47990003", Manner.PROMPT, 1) != plan
    assert plan_of(again, "47990002", Manner.PROMPT, 2) != plan
