"""Whom a coordination point asks for a place, by what the board answered. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.home_care import Light
from domain.needs import Urgency
from domain.referrals import ReferralState
from workers.simulator.acts import seeded
from workers.simulator.calls import Call, Tempo, running_number
from workers.simulator.coordinating import Search
from workers.simulator.needs import Heard
from workers.simulator.ward import HOUR

#: After so many rounds without a yes the regular places are given up.
_MOST_ROUNDS = 4
#: On the register of those without a place one is looked for so long.
_KEEPS_LOOKING = 12 * HOUR
_CHANCE_TO_ASK_TWO = 0.4
_CHANCE_TO_HOLD = 0.3


def ask_by(
    case: Mapping[str, Any],
    search: Search,
    found: Sequence[Mapping[str, Any]],
    heard: Heard,
    seed: int,
    tempo: Tempo,
) -> Call | None:
    """Asks the nearest that weren't asked yet; with nobody left it looks at the board, and at the MFB.

    found: as the board answered the search.
    """
    path = f"/v1/referrals/{case['id']}"
    care_type = search.params.get("care_type")
    asked = {id_ for offer in case["offers"] for id_ in _ids(offer)}
    fits = [one for one in found if one["id"] not in asked and _takes(one)]
    rounds = {offer["round"] for offer in case["offers"]}
    mfb = care_type == "mfb"
    held = [{"id": one["pool_id"]} for one in case["claims"] if one["pool_id"] not in asked]
    if held and not mfb:
        return _offer(path, held[:1])
    if fits and (mfb or len(rounds) < _MOST_ROUNDS):
        if mfb:
            return _offer(path, fits[:1], {"care_type": "mfb", "argument": _NOTHING_ELSE})
        return _ask(case, path, fits, seed)
    if ReferralState(case["state"]) is ReferralState.GEEN_PLEK:
        if tempo.passed(case["waits_since"], _KEEPS_LOOKING):
            return Call("closed", "POST", f"{path}/closure", {"outcome": "zelf-geregeld"})
        return None
    if care_type is not None and not mfb:
        return Call("board-checked", "POST", f"{path}/board-checks")
    return Call("no-place", "POST", f"{path}/no-place", {"target_group": heard.story.group})


_NOTHING_ELSE = "Alle reguliere plaatsen zijn bekeken of gevraagd."


def _ask(case: Mapping[str, Any], path: str, fits: Sequence[Mapping[str, Any]], seed: int) -> Call:
    number = running_number(case["number"])
    random = seeded(seed, "round", number, str(len(case["offers"])))
    two, holds = random.random() < _CHANCE_TO_ASK_TWO, random.random() < _CHANCE_TO_HOLD
    if Urgency(case["urgency"]) is Urgency.ACUUT:
        return _offer(path, fits[: 2 if two else 1])
    if holds and "light" not in fits[0]:
        return Call("held", "POST", f"{path}/claims", {"pool_id": fits[0]["id"]})
    return _offer(path, fits[:1])


def _offer(
    path: str, places: Sequence[Mapping[str, Any]], further: Mapping[str, str] | None = None
) -> Call:
    to = [{"team_id" if "light" in one else "pool_id": one["id"]} for one in places]
    return Call("offered", "POST", f"{path}/offers", {"to": to, **(further or {})})


def _ids(offer: Mapping[str, Any]) -> tuple[str | None, str | None]:
    return offer["place"]["pool_id"], offer["place"]["team_id"]


def _takes(place: Mapping[str, Any]) -> bool:
    """Whether a team may say yes; the board tells of pools that can only."""
    return "light" not in place or place["light"] not in (None, Light.ROOD)
