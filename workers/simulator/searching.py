"""Whom a coordination point asks for a place, by what a match came to. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.care_types import CareType
from domain.matching.near_misses import Change
from domain.needs import Urgency
from domain.referrals import ReferralState
from workers.simulator.acts import seeded
from workers.simulator.calls import Call, Tempo, running_number
from workers.simulator.needs import Heard
from workers.simulator.ward import HOUR

#: What is asked for as if it fitted: a place that comes later than wished, a team "in overleg".
_ASKED_ALL_THE_SAME = (Change.LATER, Change.LATER_START, Change.IN_OVERLEG)
#: After so many rounds without a yes the regular places are given up.
_MOST_ROUNDS = 4
#: On the register of those without a place one is looked for so long.
_KEEPS_LOOKING = 12 * HOUR
_CHANCE_TO_ASK_TWO = 0.4
_CHANCE_TO_HOLD = 0.3


def ask_by(
    case: Mapping[str, Any],
    match: Mapping[str, Any],
    heard: Heard,
    seed: int,
    tempo: Tempo,
) -> Call | None:
    """Asks the best of a match that wasn't asked yet; with nobody left it looks at the board, and at
    the MFB.
    """
    path = f"/v1/referrals/{case['id']}"
    asked = {id_ for offer in case["offers"] for id_ in _ids(offer["place"])}
    nearly = [one for one in match["near_misses"] if one["change"] in _ASKED_ALL_THE_SAME]
    fits = [one for one in (*match["fits"], *nearly) if not asked & _ids(one)]
    rounds = {offer["round"] for offer in case["offers"]}
    mfb = match["care_types"] == [CareType.MFB]
    held = [{"pool_id": one["pool_id"]} for one in case["claims"] if one["pool_id"] not in asked]
    if held and not mfb:
        return Call("offered", "POST", f"{path}/offers", {"to": held[:1]})
    if fits and (mfb or len(rounds) < _MOST_ROUNDS):
        if mfb:
            return _offer(path, match, fits[:1], {"argument": _NOTHING_ELSE})
        return _ask(case, path, match, fits, seed)
    if ReferralState(case["state"]) is ReferralState.GEEN_PLEK:
        if tempo.passed(case["waits_since"], _KEEPS_LOOKING):
            return Call("closed", "POST", f"{path}/closure", {"outcome": "zelf-geregeld"})
        return None
    if case["care_types"]["triaged"] != CareType.WIJKVERPLEGING and not mfb:
        return Call("board-checked", "POST", f"{path}/board-checks")
    return Call("no-place", "POST", f"{path}/no-place", {"target_group": heard.story.group})


_NOTHING_ELSE = "Alle reguliere plaatsen zijn bekeken of gevraagd."


def _ask(
    case: Mapping[str, Any],
    path: str,
    match: Mapping[str, Any],
    fits: Sequence[Mapping[str, Any]],
    seed: int,
) -> Call:
    number = running_number(case["number"])
    random = seeded(seed, "round", number, str(len(case["offers"])))
    two, holds = random.random() < _CHANCE_TO_ASK_TWO, random.random() < _CHANCE_TO_HOLD
    first = fits[0]
    if Urgency(case["urgency"]) is Urgency.ACUUT:
        alike = [one for one in fits if one["care_type"] == first["care_type"]]
        return _offer(path, match, alike[: 2 if two else 1])
    # What is held is asked for as triage chose.
    if holds and first["pool_id"] and first["care_type"] == case["care_types"]["triaged"]:
        body = {"pool_id": first["pool_id"], "match_id": match["id"]}
        return Call("held", "POST", f"{path}/claims", body)
    return _offer(path, match, fits[:1])


def _offer(
    path: str,
    match: Mapping[str, Any],
    places: Sequence[Mapping[str, Any]],
    further: Mapping[str, str] | None = None,
) -> Call:
    names = ("pool_id", "team_id")
    to = [{name: one[name] for name in names if one[name]} for one in places]
    body = {"to": to, "care_type": places[0]["care_type"], "match_id": match["id"]}
    return Call("offered", "POST", f"{path}/offers", {**body, **(further or {})})


def _ids(place: Mapping[str, Any]) -> set[str]:
    return {place[name] for name in ("pool_id", "team_id") if place[name]}
