"""Whom a coordination point asks, by what a match came to."""

from typing import Any

import pytest

from tests.workers.simulator.test_coordinating import TEMPO, R, a_case, ago, asked
from workers.simulator.calls import Call
from workers.simulator.needs import STORIES, Heard
from workers.simulator.searching import ask_by

HEARD = Heard(STORIES["wlz-wacht"])
SEARCHING = a_case("verder-zoeken", "getrieerd")
ROUNDS = [asked(id=f"o{n}", round=n, state="geweigerd") for n in range(1, 5)]


def pool(id_: str, care_type: str = "elv-hoog", **differs: Any) -> dict[str, Any]:
    """A pool in a match."""
    return {"pool_id": id_, "team_id": None, "care_type": care_type, **differs}


def team(id_: str, **differs: Any) -> dict[str, Any]:
    """A team in a match."""
    return {"pool_id": None, "team_id": id_, "care_type": "wijkverpleging", **differs}


def a_match(
    *fits: dict[str, Any], near: tuple[dict[str, Any], ...] = (), care_type: str = "elv-hoog"
) -> dict[str, Any]:
    """A match of a referral."""
    return {"id": "m1", "care_types": [care_type], "fits": list(fits), "near_misses": list(near)}


POOLS = a_match(pool("pool1"), pool("pool2"), pool("pool3"))
NOTHING = a_match()
MFB = a_match(pool("pool1", "mfb"), care_type="mfb")
NO_MFB = a_match(care_type="mfb")


def decided(case: dict[str, Any], match: dict[str, Any], seed: int = 1) -> Call | None:
    """What it comes to."""
    return ask_by(case, match, HEARD, seed, TEMPO)


def to(call: Call | None) -> list[dict[str, str]]:
    """Who are asked."""
    assert call is not None
    assert call.what == "offered"
    asked_at: list[dict[str, str]] = call.body["to"]
    return asked_at


def test_the_best_of_the_match_that_was_not_asked_is_asked() -> None:
    case = SEARCHING | {"urgency": "regulier"}
    calls = [decided(case | {"offers": [asked()]}, POOLS, seed) for seed in range(20)]
    assert {call.what for call in calls if call} == {"offered", "held"}
    for call in calls:
        assert call is not None
        assert call.body["match_id"] == "m1"
        if call.what == "offered":
            assert to(call) == [{"pool_id": "pool2"}]
            assert call.body["care_type"] == "elv-hoog"
        else:
            assert call.body["pool_id"] == "pool2"


def test_what_triage_advised_beside_its_choice_is_asked_for_as_that_and_never_held() -> None:
    other = a_match(pool("pool1", "elv-laag"), pool("pool2"))
    case = SEARCHING | {"urgency": "regulier"}
    for seed in range(20):
        call = decided(case, other, seed)
        assert to(call) == [{"pool_id": "pool1"}]
        assert call is not None
        assert call.body["care_type"] == "elv-laag"


def test_only_what_is_acuut_is_asked_of_two_at_once_for_the_same_care() -> None:
    other = a_match(pool("pool1", "elv-laag"), pool("pool2"), pool("pool3", "elv-laag"))
    for match, second in ((POOLS, "pool2"), (other, "pool3")):
        asked_at = [to(decided(SEARCHING, match, seed)) for seed in range(20)]
        assert {len(places) for places in asked_at} == {1, 2}
        assert {places[1]["pool_id"] for places in asked_at if len(places) > 1} == {second}


def test_what_is_held_is_asked_whether_or_not_it_fits_still() -> None:
    case = SEARCHING | {"claims": [{"pool_id": "pool9"}]}
    assert to(decided(case, NOTHING)) == [{"pool_id": "pool9"}]


def test_a_team_in_overleg_and_a_place_that_comes_later_are_asked_after_what_fits() -> None:
    at_home = SEARCHING | {"care_types": {"triaged": "wijkverpleging"}}
    unasked = (team("t1", change="bevestigd"), team("t2", change="in-overleg"))
    assert to(decided(at_home, a_match(team("t3"), near=unasked)))[0] == {"team_id": "t3"}
    assert to(decided(at_home, a_match(near=unasked))) == [{"team_id": "t2"}]
    nobody = decided(at_home, a_match(near=unasked[:1]))
    assert nobody is not None
    assert nobody.what == "no-place"
    later = pool("pool1", change="later")
    assert to(decided(SEARCHING, a_match(near=(later,)))) == [{"pool_id": "pool1"}]


@pytest.mark.parametrize(
    ("differs", "match", "what"),
    [
        ({}, NOTHING, "board-checked"),
        ({"offers": ROUNDS}, POOLS, "board-checked"),
        ({}, MFB, "offered"),
        ({"offers": ROUNDS}, a_match(pool("pool2", "mfb"), care_type="mfb"), "offered"),
        ({}, NO_MFB, "no-place"),
        ({"state": "geen-plek"}, POOLS, "offered"),
        ({"state": "geen-plek", "waits_since": ago(hours=3)}, NOTHING, None),
        ({"state": "geen-plek", "waits_since": ago(hours=13)}, NOTHING, "closed"),
    ],
)
def test_with_nobody_left_it_looks_at_the_board_then_at_the_mfb_then_registers_it(
    differs: dict[str, Any], match: dict[str, Any], what: str | None
) -> None:
    call = decided(SEARCHING | differs, match)
    assert (call.what if call else None) == what


def test_an_mfb_is_asked_with_its_reason_and_no_place_with_the_group() -> None:
    mfb = decided(SEARCHING, MFB)
    assert mfb is not None
    assert mfb.body["care_type"] == "mfb"
    assert mfb.body["argument"]
    assert decided(SEARCHING, NO_MFB) == Call(
        "no-place", "POST", f"{R}/no-place", {"target_group": "wlz-wacht"}
    )
