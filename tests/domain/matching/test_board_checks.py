"""What a check of the board found is counted in full, told in part, and permits an MFB or doesn't."""

import json
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from domain.care_types import CareType
from domain.features import Feature
from domain.matching.board_checks import (
    MOST_TOLD,
    REGULAR_FOR_MFB,
    BoardCheck,
    check,
    regular_failed,
    regular_for_mfb,
)
from domain.matching.criteria import Candidate, Criterion, TeamCandidate, failures, team_failures
from tests.domain.matching.test_criteria import (
    GOOD,
    GOOD_TEAM,
    HOME,
    MONDAY,
    NEED,
    NOW,
    STOP,
    TONIGHT,
)

LAAG, HOOG, GRZ, MFB = CareType.ELV_LAAG, CareType.ELV_HOOG, CareType.GRZ, CareType.MFB
HOME_CARE = CareType.WIJKVERPLEGING


def place(number: int, *care_types: CareType, **changes: object) -> Candidate:
    said = {"id": UUID(int=number), "care_types": frozenset(care_types), **changes}
    return replace(GOOD, **said)  # type: ignore[arg-type]


def checked(
    care_types: list[CareType], *places: Candidate, teams: tuple[TeamCandidate, ...] = ()
) -> BoardCheck:
    return check(HOME, care_types, places, teams, NOW)


def test_a_place_counts_once_for_each_care_type_that_is_asked_and_that_it_serves() -> None:
    found = checked(
        [HOOG, LAAG, HOOG],
        place(1, LAAG, HOOG, GRZ),
        place(2, LAAG, earliest=MONDAY),
        place(3, GRZ, balance=None),
    )
    assert found.care_types == (HOOG, LAAG)
    hoog, laag = found.products
    assert (hoog.looked_at, hoog.fits, hoog.failed, hoog.fitting) == (1, 1, {}, (UUID(int=1),))
    assert (laag.looked_at, laag.fits, laag.fitting) == (2, 1, (UUID(int=1),))
    assert laag.failed == {Criterion.VROEGSTE_OPNAME: 1}
    (failed,) = found.places
    assert (failed.care_type, failed.id) == (LAAG, UUID(int=2))
    assert failed.failures == failures(HOME, LAAG, place(2, LAAG, earliest=MONDAY), NOW)


def test_teams_are_looked_at_for_home_nursing_and_for_nothing_else() -> None:
    elsewhere = replace(
        GOOD_TEAM, id=UUID(int=9), coverage=replace(GOOD_TEAM.coverage, pc4s=frozenset())
    )
    found = checked([HOME_CARE, LAAG], place(1, HOME_CARE), teams=(GOOD_TEAM, elsewhere))
    home, laag = found.products
    assert (home.looked_at, home.fitting, home.failed) == (
        *(2, (GOOD_TEAM.id,), {Criterion.WERKGEBIED: 1}),
    )
    assert laag.looked_at == 0
    assert found.places[0].failures == team_failures(HOME, elsewhere, NOW)


def test_counts_are_complete_and_those_that_failed_least_are_told() -> None:
    many = [
        place(number, LAAG, earliest=MONDAY, features=frozenset() if number % 2 else GOOD.features)
        for number in range(2 * MOST_TOLD + 10)
    ]
    need = replace(NEED, features=frozenset({Feature.ZUURSTOF}))
    fitting = [place(1000 + number, GRZ) for number in range(MOST_TOLD + 1)]
    found = check(need, [LAAG, GRZ], reversed(many + fitting), (), NOW)
    laag, grz = found.products
    assert (laag.looked_at, laag.fits, found.failed) == (len(many), 0, len(many))
    assert laag.failed == {Criterion.ZUURSTOF: len(many) // 2, Criterion.VROEGSTE_OPNAME: len(many)}
    assert list(laag.failed) == [Criterion.ZUURSTOF, Criterion.VROEGSTE_OPNAME]
    assert [one.id.int for one in found.places] == list(range(0, 2 * MOST_TOLD, 2))
    assert grz.fits == MOST_TOLD + 1
    assert [one.int for one in grz.fitting] == list(range(1000, 1000 + MOST_TOLD))


def test_an_mfb_is_permitted_when_regular_products_were_checked_and_none_has_a_place() -> None:
    full = place(1, LAAG, balance=0, earliest=None)
    assert regular_failed(checked([LAAG, HOOG], full))
    assert regular_failed(checked([LAAG])), "there is none in the region"
    assert not regular_failed(checked([LAAG, HOOG], full, place(2, HOOG)))
    assert not regular_failed(checked([HOME_CARE, LAAG], full, teams=(GOOD_TEAM,)))
    assert regular_failed(checked([LAAG, MFB], full, place(3, MFB))), "an MFB isn't regular"
    assert not regular_failed(checked([])), "nothing was checked"
    assert not regular_failed(checked([MFB], place(3, MFB, balance=0))), "nor was anything regular"


def test_what_triage_named_is_checked_before_an_mfb() -> None:
    observed = CareType.OBSERVATIE
    assert regular_for_mfb([HOME_CARE, LAAG, observed, LAAG, MFB]) == (HOME_CARE, LAAG, observed)
    assert regular_for_mfb([MFB, CareType.SPOEDCONSULT_SO]) == REGULAR_FOR_MFB
    assert regular_for_mfb([]) == (LAAG, HOOG, CareType.RESPIJT)


def test_a_check_is_kept_as_json() -> None:
    late = replace(GOOD_TEAM, valid_until=NOW - timedelta(seconds=1))
    found = checked([LAAG, HOME_CARE], place(2, LAAG, earliest=MONDAY), teams=(late,))
    kept = json.loads(json.dumps(found.to_json()))
    assert kept == found.to_json()
    assert kept["at"] == "2026-11-27T16:30:00Z"
    assert kept["needed_by"] == TONIGHT.isoformat().replace("+00:00", "Z")
    assert kept["regular_failed"] is True
    assert kept["products"][0] == {
        "care_type": "elv-laag",
        "looked_at": 1,
        "fits": 0,
        "fitting": [],
        "failed": {"vroegste-opname": 1},
    }
    assert kept["failed"] == 2
    place_json, team_json = kept["places"]
    assert place_json["failures"] == [
        {
            "criterion": "vroegste-opname",
            "detail": {
                "earliest": "2026-11-30T09:00:00Z",
                "needed_by": "2026-11-27T21:30:00Z",
                "balance": 2,
            },
        }
    ]
    assert team_json["failures"][0]["criterion"] == "onbevestigd"


def test_days_and_lists_are_written_too() -> None:
    lacking = replace(GOOD_TEAM, coverage=replace(GOOD_TEAM.coverage, skills=frozenset()))
    stopped = place(1, LAAG, stop=STOP)
    kept = checked([LAAG, HOME_CARE], stopped, teams=(lacking,)).to_json()
    assert json.loads(json.dumps(kept))["places"] == [
        {
            "care_type": "elv-laag",
            "id": str(UUID(int=1)),
            "failures": [
                {
                    "criterion": "opnamestop",
                    "detail": {
                        "reason": "uitbraak",
                        "since": "2026-11-26T16:30:00Z",
                        "expected_until": "2026-12-01",
                    },
                }
            ],
        },
        {
            "care_type": "wijkverpleging",
            "id": str(GOOD_TEAM.id),
            "failures": [{"criterion": "vaardigheid", "detail": {"lacking": ["acuut", "basis"]}}],
        },
    ]
