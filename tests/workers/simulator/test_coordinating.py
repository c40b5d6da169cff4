"""What a coordination point does with a referral, at each moment, by what the API shows of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from workers.simulator.calls import Call, Tempo
from workers.simulator.coordinating import (
    Advise,
    Match,
    Point,
    decide,
    instead,
    known_facts,
    take_over,
    triage_by,
    wants_a_look,
)
from workers.simulator.needs import STORIES, Heard

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TEMPO = Tempo(NOW)
MINUTE = timedelta(minutes=1)
HOUR = 60 * MINUTE
STORY = STORIES["hartfalen"]
HEARD = Heard(STORY, "aandoeningen")
POINT = Point("p1", frozenset({"2725"}), {"p2": frozenset({"2512"})})
R = "/v1/referrals/r1"


def ago(**time: float) -> str:
    """A moment before now."""
    return (NOW - timedelta(**time)).isoformat()


def asked(**differs: Any) -> dict[str, Any]:
    """An offer of the referral."""
    return {
        "id": "o1",
        "state": "gevraagd",
        "provider_id": "a1",
        "place": {"pool_id": "pool1", "team_id": None},
        "round": 1,
        "offered_at": ago(minutes=12),
        "seen_at": None,
        "awaiting": None,
        "admission_at": None,
        **differs,
    }


def a_case(action: str, state: str = "aangeboden", **differs: Any) -> dict[str, Any]:
    """A referral as it is opened."""
    return {
        "id": "r1",
        "number": "2611-00007",
        "state": state,
        "urgency": "acuut",
        "pc4": "2725",
        "filed_at": ago(hours=1),
        "waits_since": ago(minutes=30),
        "waits_on": "coordinatiepunt",
        "next_action": action,
        "requested_by": None,
        "handler": {"id": "k1"},
        "care_types": {"triaged": "elv-hoog"},
        "features": ["zuurstof"],
        "infection": "geen",
        "questions": [],
        "offers": [],
        "claims": [],
        "handover": None,
        "board_check": None,
        "stay": None,
        "contacts": {"calls": 0, "attempts": 0},
        **differs,
    }


QUESTION = {"id": "q1", "offer_id": None, "asked_at": ago(hours=1), "answered_at": None}
OF_PROVIDER = QUESTION | {"offer_id": "o1"}
PROMISED = asked(state="toegezegd", admission_at=(NOW + HOUR).isoformat())


@pytest.mark.parametrize(
    ("case", "what", "path"),
    [
        (a_case("trieren", "ingediend", handler=None), "taken", f"{R}/handling"),
        (a_case("aanvullen", questions=[QUESTION]), "answered", f"{R}/questions/q1/answer"),
        (a_case("aanvullen", questions=[QUESTION], requested_by="x"), None, ""),
        (
            a_case(
                "aanvullen", questions=[QUESTION | {"asked_at": ago(hours=7)}], requested_by="x"
            ),
            *("answered", f"{R}/questions/q1/answer"),
        ),
        (
            a_case("vraag-beantwoorden", questions=[OF_PROVIDER]),
            *("answered", f"{R}/questions/q1/answer"),
        ),
        (a_case("aanbieder-bellen", offers=[asked()]), "phoned", f"{R}/contacts"),
        (
            a_case("aanbieder-bellen", offers=[asked()], contacts={"calls": 0, "attempts": 1}),
            *(None, ""),
        ),
        (a_case("antwoord-afwachten", offers=[asked()]), None, ""),
        (
            a_case("antwoord-afwachten", offers=[asked(offered_at=ago(minutes=46))]),
            *("withdrew", "/v1/offers/o1/withdrawal"),
        ),
        (
            a_case("client-afwachten", offers=[asked(awaiting="client", state="toegezegd")]),
            *("client-told", "/v1/offers/o1/client-answer"),
        ),
        (
            a_case("opnameafspraak-maken", "geaccepteerd", offers=[PROMISED]),
            *("appointed", "/v1/offers/o1/appointment"),
        ),
        (a_case("opname-navragen", "geaccepteerd", offers=[PROMISED]), None, ""),
        (
            a_case(
                *("opname-navragen", "geaccepteerd"),
                offers=[PROMISED | {"admission_at": ago(hours=7)}],
            ),
            *("let-go", "/v1/offers/o1/release"),
        ),
        (
            a_case("overdracht-afwachten", "ingediend", handover={"id": "h1"}),
            *("took-back", "/v1/handovers/h1/withdrawal"),
        ),
        (a_case("evalueren", "opgenomen", stay={"admitted_at": ago(days=1)}), None, ""),
        (
            a_case("evalueren", "opgenomen", stay={"admitted_at": ago(days=5)}),
            *("discharged", f"{R}/discharge"),
        ),
        (a_case("verder-zoeken", "getrieerd", filed_at=ago(days=4)), "closed", f"{R}/closure"),
        (
            a_case("opname-afwachten", "geaccepteerd", filed_at=ago(days=4), offers=[PROMISED]),
            *(None, ""),
        ),
    ],
)
def test_a_coordinator_does_what_is_next_when_it_is_time(
    case: dict[str, Any], what: str | None, path: str
) -> None:
    deed = decide(case, HEARD, POINT, 1, TEMPO)
    if what is None:
        assert deed is None
    else:
        assert isinstance(deed, Call)
        assert (deed.what, deed.path) == (what, path)


def test_a_provider_that_was_reached_answers_by_telephone() -> None:
    case = a_case("aanbieder-bellen", offers=[asked()], contacts={"calls": 1, "attempts": 0})
    answers = {
        deed.what
        for seed in range(20)
        if isinstance(deed := decide(case, HEARD, POINT, seed, TEMPO), Call)
    }
    assert answers == {"accepted-by-phone", "refused-by-phone"}


def test_an_agreed_hour_is_kept_and_one_that_went_by_becomes_another() -> None:
    for admission_at, expected in (
        (PROMISED["admission_at"], PROMISED["admission_at"]),
        (ago(hours=1), (NOW + 2 * HOUR).isoformat()),
        (None, (NOW + 2 * HOUR).isoformat()),
    ):
        offer = PROMISED | {"admission_at": admission_at}
        case = a_case("opnameafspraak-maken", "geaccepteerd", offers=[offer])
        deed = decide(case, HEARD, POINT, 1, TEMPO)
        assert isinstance(deed, Call)
        assert deed.body["admission_at"] == expected


def test_another_proposal_is_agreed_to_declined_or_put_to_the_client() -> None:
    case = a_case("tegenvoorstel-beoordelen", offers=[asked(state="tegenvoorstel")])
    deeds = [decide(case, HEARD, POINT, seed, TEMPO) for seed in range(40)]
    said = {(deed.what, deed.body.get("agreed")) for deed in deeds if isinstance(deed, Call)}
    assert said == {
        ("client-asked", None),
        ("counter-decided", True),
        ("counter-decided", False),
    }


def test_triage_asks_what_was_forgotten_once_and_then_knows_it() -> None:
    case = a_case("trieren", "ingediend")
    deed = decide(case, HEARD, POINT, 1, TEMPO)
    assert isinstance(deed, Advise)
    assert set(STORY.facts) - set(deed.facts) == {"aandoeningen"}
    unknown = {"asks": [{"question": "Eén aandoening?"}], "outcomes": []}
    call = triage_by(case, deed.facts, unknown)
    assert (call.what, call.body["text"]) == ("asked", "Eén aandoening?")
    answered = case | {"questions": [QUESTION | {"answer": "Ja"}]}
    assert known_facts(answered, HEARD) == STORY.facts
    usable = {"outcome": "elv-hoog", "usable": True}
    unusable = {"outcome": "mfb", "usable": False}
    advice = {"asks": [], "outcomes": [unusable, usable]}
    assert triage_by(answered, STORY.facts, advice).body["chosen"] == "elv-hoog"
    without = triage_by(answered, STORY.facts, unknown)
    assert without.what == "triaged"
    assert without.body["argument"]


def test_who_lives_elsewhere_is_handed_over_once() -> None:
    case = a_case("trieren", "ingediend", pc4="2512")
    deeds = [decide(case, HEARD, POINT, seed, TEMPO) for seed in range(20)]
    offered = [deed for deed in deeds if isinstance(deed, Call)]
    assert 0 < len(offered) < len(deeds)
    assert {(call.what, call.body["to"]) for call in offered} == {("handed-over", "p2")}
    declined = case | {"handover": {"id": "h1", "state": "geweigerd"}}
    assert all(
        isinstance(decide(declined, HEARD, POINT, seed, TEMPO), Advise) for seed in range(20)
    )


def test_a_hand_over_is_mostly_taken() -> None:
    said = [
        take_over({"id": "h1", "need": {"pc4": "2512", "age_from": 80}}, seed).what
        for seed in range(40)
    ]
    assert said.count("took-over") > said.count("declined") > 0


def test_a_match_is_asked_for_and_one_of_the_safety_net_after_a_look() -> None:
    case = a_case("aanbieden", "getrieerd")
    assert decide(case, HEARD, POINT, 1, TEMPO) == Match(f"{R}/matches")
    for at, care_types in ((ago(minutes=5), ("mfb",)), (ago(hours=3), ())):
        deed = decide(case | {"board_check": {"at": at}}, HEARD, POINT, 1, TEMPO)
        assert deed == Match(f"{R}/matches", care_types)
    nursed = case | {
        "care_types": {"triaged": "wijkverpleging"},
        "board_check": {"at": ago(minutes=5)},
    }
    assert decide(nursed, HEARD, POINT, 1, TEMPO) == Match(f"{R}/matches")


@pytest.mark.parametrize(
    ("action", "waits_on", "minutes", "wants"),
    [
        ("trieren", "coordinatiepunt", 2, True),
        ("trieren", "coordinatiepunt", 0.5, False),
        ("indienen", "verwijzer", 600, False),
        ("antwoord-afwachten", "aanbieder", 44, False),
        ("antwoord-afwachten", "aanbieder", 46, True),
        ("aanvullen", "verwijzer", 25, True),
        ("plek-blijven-zoeken", "coordinatiepunt", 60, False),
        ("evalueren", "aanbieder", 60, False),
    ],
)
def test_only_what_waits_for_a_coordinator_is_opened(
    action: str, waits_on: str, minutes: float, wants: bool
) -> None:
    summary = a_case(action, waits_on=waits_on, waits_since=ago(minutes=minutes))
    assert wants_a_look(summary, TEMPO) is wants


def test_a_reason_is_given_when_it_is_asked_for() -> None:
    offered = Call("offered", "POST", f"{R}/offers", {"to": [{"pool_id": "p"}]})
    again = instead(offered, "argument-required")
    assert again is not None
    assert again.body["to"] == offered.body["to"]
    assert again.body["argument"]
    assert instead(again, "argument-required") is None
    assert instead(offered, "wrong-state") is None
    body = {"pool_id": "p", "match_id": "m"}
    held = instead(Call("held", "POST", f"{R}/claims", body), "no-place-left")
    assert held is not None
    assert held.body == {**offered.body, "match_id": "m"}
    by_phone = instead(
        Call("accepted-by-phone", "POST", "/v1/offers/o1/acceptance"), "no-place-left"
    )
    assert by_phone is not None
    assert by_phone.path == "/v1/offers/o1/refusal"
