"""A region's norms: the defaults of the field, and what can't be meant."""

import json
from dataclasses import replace
from typing import Any

import pytest

from domain.care_types import CareType
from domain.errors import InvalidInput
from domain.needs import Urgency
from domain.norms import Clock, ClockHours, Norms

ALTIJD, INTAKE = "altijd", "intake-uren"


def clock(minutes: Any, hours: Any = ALTIJD) -> dict[str, Any]:
    """A clock as it is written."""
    return {"minutes": minutes, "hours": hours}


#: The defaults, written out a second time.
DEFAULTS: dict[str, Any] = {
    "answer": {"acuut": clock(30), "spoed": clock(240), "regulier": clock(24 * 60, INTAKE)},
    "unseen_minutes": 10,
    "most_at_once": {"acuut": 3, "spoed": 1, "regulier": 1},
    "next_round": {"acuut": False, "spoed": False, "regulier": False},
    "claim_minutes": 30,
    "triage": {"acuut": clock(15), "spoed": clock(60), "regulier": clock(8 * 60, INTAKE)},
    "placement": {
        "acuut": clock(24 * 60),
        "spoed": clock(48 * 60),
        "regulier": clock(14 * 24 * 60),
    },
    "near_share": 33,
    "not_arrived_minutes": 120,
    "no_owner_minutes": {"acuut": 5, "spoed": 30, "regulier": 240},
    "duplicate_days": 14,
    "again_days": 30,
    "review_days": {
        "mfb": 3,
        "elv-laag": 21,
        "elv-hoog": 21,
        "elv-palliatief": 28,
        "grz": 42,
        "wlz-crisis": 14,
        "respijt": 14,
        "observatie": 2,
    },
    "stale_minutes": 60,
    "direct_to_team": False,
}
#: Another value of every member.
CHANGED: dict[str, Any] = {
    "answer": {"acuut": clock(20), "spoed": clock(60, INTAKE), "regulier": clock(20_160)},
    "unseen_minutes": 19,
    "most_at_once": {"acuut": 1, "spoed": 2, "regulier": 3},
    "next_round": {"acuut": False, "spoed": True, "regulier": True},
    "claim_minutes": 240,
    "triage": {"acuut": clock(1), "spoed": clock(1), "regulier": clock(20_160, INTAKE)},
    "placement": {"acuut": clock(1), "spoed": clock(2, INTAKE), "regulier": clock(131_040)},
    "near_share": 99,
    "not_arrived_minutes": 20_160,
    "no_owner_minutes": {"acuut": 1, "spoed": 1, "regulier": 20_160},
    "duplicate_days": 365,
    "again_days": 1,
    "review_days": {"hospice": 365, "wijkverpleging": 1},
    "stale_minutes": 20_160,
    "direct_to_team": True,
}
EACH_CLOCK = ("answer", "triage", "placement")
OUT_OF_RANGE = [
    *[({name: {"spoed": clock(0)}}, f"/{name}/spoed/minutes") for name in EACH_CLOCK],
    *[({name: {"spoed": clock(-1)}}, f"/{name}/spoed/minutes") for name in EACH_CLOCK],
    ({"answer": {"regulier": clock(20_161)}}, "/answer/regulier/minutes"),
    ({"triage": {"regulier": clock(20_161)}}, "/triage/regulier/minutes"),
    ({"placement": {"regulier": clock(131_041)}}, "/placement/regulier/minutes"),
    ({"most_at_once": {"acuut": 4}}, "/most_at_once/acuut"),
    ({"most_at_once": {"regulier": 0}}, "/most_at_once/regulier"),
    ({"no_owner_minutes": {"spoed": 0}}, "/no_owner_minutes/spoed"),
    ({"no_owner_minutes": {"regulier": 20_161}}, "/no_owner_minutes/regulier"),
    ({"review_days": {"mfb": 0}}, "/review_days/mfb"),
    ({"review_days": {"mfb": 366}}, "/review_days/mfb"),
    ({"unseen_minutes": 0}, "/unseen_minutes"),
    ({"claim_minutes": 0}, "/claim_minutes"),
    ({"claim_minutes": 241}, "/claim_minutes"),
    ({"near_share": 0}, "/near_share"),
    ({"near_share": 100}, "/near_share"),
    ({"not_arrived_minutes": 20_161}, "/not_arrived_minutes"),
    ({"duplicate_days": 366}, "/duplicate_days"),
    ({"again_days": 0}, "/again_days"),
    ({"stale_minutes": 0}, "/stale_minutes"),
]
NOT_MEANT = [
    # "Acute care knows no office hours."
    *[({name: {"acuut": clock(10, INTAKE)}}, f"/{name}/acuut/hours") for name in EACH_CLOCK],
    # What is more urgent never waits longer.
    ({"answer": {"spoed": clock(29)}}, "/answer/spoed/minutes"),
    ({"triage": {"regulier": clock(59, INTAKE)}}, "/triage/regulier/minutes"),
    ({"placement": {"acuut": clock(2_881)}}, "/placement/spoed/minutes"),
    ({"no_owner_minutes": {"spoed": 4}}, "/no_owner_minutes/spoed"),
    # A call about what nobody saw comes before its clock runs out.
    ({"unseen_minutes": 30}, "/unseen_minutes"),
    ({"answer": {"acuut": clock(10)}}, "/unseen_minutes"),
    # "The next round of an acuut offer is started by a person."
    ({"next_round": {"acuut": True}}, "/next_round/acuut"),
]
MISSHAPEN: list[tuple[Any, str]] = [
    (None, ""),
    ([], ""),
    ("altijd", ""),
    ({"antwoord": {}}, "/antwoord"),
    ({"a/b~c": 1}, "/a~1b~0c"),
    ({"answer": 30}, "/answer"),
    ({"answer": [clock(30)]}, "/answer"),
    ({"answer": {"Acuut": clock(30)}}, "/answer/Acuut"),
    ({"answer": {"spoed": 240}}, "/answer/spoed"),
    ({"answer": {"spoed": {"minutes": 240}}}, "/answer/spoed/hours"),
    ({"answer": {"spoed": {"hours": ALTIJD}}}, "/answer/spoed/minutes"),
    ({"answer": {"spoed": clock(240, "kantooruren")}}, "/answer/spoed/hours"),
    ({"answer": {"spoed": clock(240, ["altijd"])}}, "/answer/spoed/hours"),
    ({"answer": {"spoed": {**clock(240), "uren": 4}}}, "/answer/spoed/uren"),
    *[({"answer": {"spoed": clock(bad)}}, "/answer/spoed/minutes") for bad in ("240", 240.0, True)],
    ({"most_at_once": {"spoed": True}}, "/most_at_once/spoed"),
    ({"next_round": {"spoed": 1}}, "/next_round/spoed"),
    ({"claim_minutes": 1.5}, "/claim_minutes"),
    ({"near_share": "33"}, "/near_share"),
    ({"direct_to_team": 1}, "/direct_to_team"),
    ({"review_days": {"mbf": 3}}, "/review_days/mbf"),
    ({"review_days": {"mfb": None}}, "/review_days/mfb"),
]


def test_the_defaults_are_those_of_the_field() -> None:
    assert Norms().to_json() == DEFAULTS
    assert list(Norms().to_json()) == list(Norms.__dataclass_fields__)


def test_every_member_is_written_and_read_back() -> None:
    changed = Norms.from_json(CHANGED)
    assert changed.to_json() == CHANGED
    assert Norms.from_json(json.loads(json.dumps(changed.to_json()))) == changed
    assert set(CHANGED) == set(DEFAULTS)
    for name in DEFAULTS:
        assert getattr(changed, name) != getattr(Norms(), name), name


def test_what_is_left_out_or_null_is_the_default() -> None:
    assert Norms.from_json({}) == Norms()
    assert Norms.from_json(dict.fromkeys(DEFAULTS)) == Norms()
    assert Norms.from_json({"answer": {"spoed": None}}) == Norms()
    found = Norms.from_json({"answer": {"spoed": clock(120, INTAKE)}, "claim_minutes": 5})
    spoed = {**Norms().answer, Urgency.SPOED: Clock(120, ClockHours.INTAKE_UREN)}
    assert found == replace(Norms(), answer=spoed, claim_minutes=5)


def test_a_care_type_without_review_days_has_no_review() -> None:
    assert Norms.from_json({"review_days": {"mfb": 5}}).review_days == {CareType.MFB: 5}
    assert Norms.from_json({"review_days": {}}).review_days == {}


@pytest.mark.parametrize(("data", "pointer"), [*OUT_OF_RANGE, *NOT_MEANT, *MISSHAPEN])
def test_nonsense_is_refused_by_the_name_of_its_member(data: Any, pointer: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Norms.from_json(data, "/norms")
    assert caught.value.pointer == f"/norms{pointer}"
    assert caught.value.detail


def test_nonsense_is_refused_however_norms_are_made() -> None:
    with pytest.raises(InvalidInput) as caught:
        Norms(unseen_minutes=30)
    assert caught.value.pointer == "/unseen_minutes"
