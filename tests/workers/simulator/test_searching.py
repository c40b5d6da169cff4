"""Whom a coordination point asks, by what the board answered."""

from typing import Any

import pytest

from tests.workers.simulator.test_coordinating import TEMPO, R, a_case, ago, asked
from workers.simulator.calls import Call
from workers.simulator.coordinating import Search
from workers.simulator.needs import STORIES, Heard
from workers.simulator.searching import ask_by

HEARD = Heard(STORIES["wlz-wacht"])
REGULAR = Search("/v1/availability", {"care_type": "elv-hoog"})
MFB = Search("/v1/availability", {"care_type": "mfb"})
AT_HOME = Search("/v1/home-care", {"postcode": "2725"})
POOLS = [{"id": "pool1"}, {"id": "pool2"}, {"id": "pool3"}]
SEARCHING = a_case("verder-zoeken", "getrieerd")
ROUNDS = [asked(id=f"o{n}", round=n, state="geweigerd") for n in range(1, 5)]


def decided(
    case: dict[str, Any], search: Search, found: list[dict[str, Any]], seed: int = 1
) -> Call | None:
    """What it comes to."""
    return ask_by(case, search, found, HEARD, seed, TEMPO)


def to(call: Call | None) -> list[dict[str, str]]:
    """Who are asked."""
    assert call is not None
    assert call.what == "offered"
    asked_at: list[dict[str, str]] = call.body["to"]
    return asked_at


def test_the_nearest_that_was_not_asked_is_asked() -> None:
    case = SEARCHING | {"urgency": "regulier"}
    calls = [decided(case | {"offers": [asked()]}, REGULAR, POOLS, seed) for seed in range(20)]
    assert {call.what for call in calls if call} == {"offered", "held"}
    for call in calls:
        assert call is not None
        if call.what == "offered":
            assert to(call) == [{"pool_id": "pool2"}]
        else:
            assert call.body["pool_id"] == "pool2"


def test_only_what_is_acuut_is_asked_of_two_at_once() -> None:
    many = {len(to(decided(SEARCHING, REGULAR, POOLS, seed))) for seed in range(20)}
    assert many == {1, 2}


def test_what_is_held_is_asked_whether_or_not_the_board_still_shows_it() -> None:
    case = SEARCHING | {"claims": [{"pool_id": "pool9"}]}
    assert to(decided(case, REGULAR, [])) == [{"pool_id": "pool9"}]


def test_a_team_is_asked_unless_it_says_rood() -> None:
    teams: list[dict[str, Any]] = [
        {"id": "t1", "light": "rood"},
        {"id": "t2", "light": None},
        {"id": "t3", "light": "oranje"},
    ]
    assert to(decided(SEARCHING, AT_HOME, teams)) == [{"team_id": "t3"}]
    nobody = decided(SEARCHING, AT_HOME, teams[:2])
    assert nobody is not None
    assert nobody.what == "no-place"


@pytest.mark.parametrize(
    ("differs", "search", "found", "what"),
    [
        ({}, REGULAR, [], "board-checked"),
        ({"offers": ROUNDS}, REGULAR, POOLS, "board-checked"),
        ({}, MFB, POOLS, "offered"),
        ({"offers": ROUNDS}, MFB, POOLS, "offered"),
        ({}, MFB, [], "no-place"),
        ({"state": "geen-plek"}, REGULAR, POOLS, "offered"),
        ({"state": "geen-plek", "waits_since": ago(hours=3)}, REGULAR, [], None),
        ({"state": "geen-plek", "waits_since": ago(hours=13)}, REGULAR, [], "closed"),
    ],
)
def test_with_nobody_left_it_looks_at_the_board_then_at_the_mfb_then_registers_it(
    differs: dict[str, Any], search: Search, found: list[dict[str, Any]], what: str | None
) -> None:
    call = decided(SEARCHING | differs, search, found)
    assert (call.what if call else None) == what


def test_an_mfb_is_asked_with_its_reason_and_no_place_with_the_group() -> None:
    mfb = decided(SEARCHING, MFB, POOLS)
    assert mfb is not None
    assert mfb.body["care_type"] == "mfb"
    assert mfb.body["argument"]
    assert decided(SEARCHING, MFB, []) == Call(
        "no-place", "POST", f"{R}/no-place", {"target_group": "wlz-wacht"}
    )
