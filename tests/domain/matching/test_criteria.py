"""All that stands in the way of a need is named, each with what is known of it, and nothing else."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from domain.admission_stops import Stop
from domain.care_types import CareType, ClosedReason
from domain.features import Feature
from domain.home_care import Coverage, Dagdeel, Light, Skill, TeamException, TeamReport
from domain.matching.criteria import (
    CRITERION_LABELS,
    Candidate,
    Criterion,
    Detail,
    Failure,
    TeamCandidate,
    failures,
    team_failures,
)
from domain.needs import Infection, LegalStatus, Need, Setting, Sex

#: A Friday afternoon in Amsterdam.
NOW = datetime(2026, 11, 27, 16, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 11, 30, 9, tzinfo=UTC)
TONIGHT = NOW + 5 * HOUR
OBSERVED = NOW - 2 * HOUR
NEED = Need(1942, Sex.VROUW, "2725", Setting.SEH, needed_by=TONIGHT)
STOP = Stop(ClosedReason.UITBRAAK, "noro", NOW - DAY, date(2026, 12, 1))

#: Admits at once, and lacks nothing that anybody may ask.
GOOD = Candidate(
    id=UUID(int=1),
    care_types=frozenset(CareType),
    features=frozenset(Feature),
    wlz_contract=True,
    balance=2,
    observed_at=OBSERVED,
    valid_until=NOW + HOUR,
    stop=None,
    earliest=NOW,
)
GOOD_TEAM = TeamCandidate(
    UUID(int=2),
    Coverage(frozenset({"2725"}), frozenset(Skill), frozenset(Dagdeel)),
    TeamReport(Light.GROEN),
    OBSERVED,
    NOW + HOUR,
)
HOME = replace(
    NEED,
    skills=frozenset({Skill.BASIS, Skill.ACUUT}),
    dagdelen=frozenset({Dagdeel.AVOND, Dagdeel.NACHT}),
)


def codes(found: tuple[Failure, ...]) -> list[Criterion]:
    return [failure.criterion for failure in found]


def without(*features: Feature) -> Candidate:
    return replace(GOOD, features=GOOD.features - frozenset(features))


def test_what_lacks_nothing_fits() -> None:
    for care_type in CareType:
        assert failures(NEED, care_type, GOOD, NOW) == ()
    assert team_failures(HOME, GOOD_TEAM, NOW) == ()


_ROOM = {Feature.KAMER_MAN, Feature.KAMER_VROUW}
_CLOSED = {Feature.WZD, Feature.WVGGZ}


def test_each_feature_that_is_asked_fails_by_its_own_name_and_only_when_it_is_asked() -> None:
    for feature in sorted(set(Feature) - _ROOM - _CLOSED):
        asking = replace(NEED, features=frozenset({feature}))
        found = failures(asking, CareType.GRZ, without(feature), NOW)
        assert found == (Failure(Criterion(feature.value), {}),)
        assert failures(NEED, CareType.GRZ, without(feature), NOW) == ()


_LEGAL = replace(NEED, legal_status=LegalStatus.WZD_RM)
_MRSA = replace(NEED, infection=Infection.MRSA)
_SHARED = frozenset(Feature) - {Feature.EENPERSOONSKAMER, Feature.KAMER_VROUW}
_FIGURES: list[tuple[str, Need, Candidate, Criterion, Detail]] = [
    (
        "care type",
        NEED,
        replace(GOOD, care_types=frozenset({CareType.GRZ, CareType.ELV_HOOG})),
        Criterion.ZORGSOORT,
        {"offered": ("elv-hoog", "grz")},
    ),
    ("isolation follows", _MRSA, without(Feature.ISOLATIE), Criterion.ISOLATIE, {}),
    (
        "room",
        NEED,
        replace(GOOD, features=_SHARED),
        Criterion.KAMER,
        {"offered": ("kamer-man",)},
    ),
    (
        "status",
        _LEGAL,
        without(Feature.WZD),
        Criterion.WZD_WVGGZ,
        {"lacking": ("wzd",), "offered": ("wvggz",)},
    ),
    ("never", NEED, replace(GOOD, valid_until=None), Criterion.ONBEKEND, {"observed_at": OBSERVED}),
    ("no figure", NEED, replace(GOOD, balance=None), Criterion.ONBEKEND, {"observed_at": OBSERVED}),
    (
        "old",
        NEED,
        replace(GOOD, valid_until=NOW),
        Criterion.ONBEVESTIGD,
        {"observed_at": OBSERVED, "valid_until": NOW},
    ),
    (
        "stop",
        NEED,
        replace(GOOD, stop=STOP, earliest=None),
        Criterion.OPNAMESTOP,
        {"reason": "uitbraak", "since": NOW - DAY, "expected_until": date(2026, 12, 1)},
    ),
    ("short", NEED, replace(GOOD, balance=-2, earliest=None), Criterion.TEKORT, {"balance": -2}),
    ("full", NEED, replace(GOOD, balance=0, earliest=None), Criterion.VOL, {"balance": 0}),
    (
        "late",
        NEED,
        replace(GOOD, earliest=MONDAY),
        Criterion.VROEGSTE_OPNAME,
        {"earliest": MONDAY, "needed_by": TONIGHT, "balance": 2},
    ),
    (
        "full, and foreseen too late",
        NEED,
        replace(GOOD, balance=0, earliest=MONDAY),
        Criterion.VROEGSTE_OPNAME,
        {"earliest": MONDAY, "needed_by": TONIGHT, "balance": 0},
    ),
    (
        "free, and nobody admits",
        replace(NEED, needed_by=None),
        replace(GOOD, earliest=None),
        Criterion.VROEGSTE_OPNAME,
        {"earliest": None, "needed_by": None, "balance": 2},
    ),
]


@pytest.mark.parametrize(("_name", "need", "candidate", "criterion", "detail"), _FIGURES)
def test_each_criterion_fails_alone_and_says_what_is_known(
    _name: str, need: Need, candidate: Candidate, criterion: Criterion, detail: Detail
) -> None:
    assert failures(need, CareType.ELV_LAAG, candidate, NOW) == (Failure(criterion, detail),)


def test_a_contract_is_asked_for_care_that_the_wlz_pays_and_for_no_other() -> None:
    here = replace(GOOD, wlz_contract=False)
    failing = {care for care in CareType if failures(NEED, care, here, NOW)}
    assert failing == {CareType.WLZ_VV, CareType.WLZ_TIJDELIJK, CareType.WLZ_CRISIS}
    assert codes(failures(NEED, CareType.WLZ_CRISIS, here, NOW)) == [Criterion.WLZ_CONTRACT]


def test_all_that_fails_is_named_in_the_order_of_the_criteria() -> None:
    need = replace(
        NEED,
        infection=Infection.BRMO,
        features=frozenset({Feature.ZUURSTOF, Feature.TILLIFT}),
        legal_status=LegalStatus.WVGGZ_CM,
    )
    worst = replace(
        GOOD,
        care_types=frozenset({CareType.GRZ}),
        features=frozenset({Feature.KAMER_MAN}),
        wlz_contract=False,
        balance=0,
        stop=STOP,
        earliest=MONDAY,
    )
    assert codes(failures(need, CareType.WLZ_VV, worst, NOW)) == [
        *(Criterion.ZORGSOORT, Criterion.ISOLATIE, Criterion.ZUURSTOF, Criterion.TILLIFT),
        *(Criterion.KAMER, Criterion.WZD_WVGGZ, Criterion.WLZ_CONTRACT, Criterion.OPNAMESTOP),
        Criterion.VROEGSTE_OPNAME,
    ]
    nothing_in_sight = replace(worst, balance=-1, earliest=None)
    assert codes(failures(need, CareType.WLZ_VV, nothing_in_sight, NOW))[-2:] == [
        *(Criterion.OPNAMESTOP, Criterion.TEKORT)
    ]


def test_what_is_unknown_or_unconfirmed_never_matches_whatever_it_says() -> None:
    for balance in (None, -1, 0, 9):
        for valid_until in (None, NOW - DAY, NOW):
            for earliest in (None, NOW, MONDAY):
                candidate = replace(
                    GOOD, balance=balance, valid_until=valid_until, earliest=earliest
                )
                found = codes(failures(NEED, CareType.GRZ, candidate, NOW))
                unknown = balance is None or valid_until is None
                assert found == [Criterion.ONBEKEND if unknown else Criterion.ONBEVESTIGD]


def test_it_is_the_vroegste_opname_that_counts_not_what_is_free_now() -> None:
    full = replace(GOOD, balance=0, earliest=MONDAY)
    assert failures(replace(NEED, needed_by=MONDAY), CareType.GRZ, full, NOW) == ()
    assert failures(replace(NEED, needed_by=None), CareType.GRZ, full, NOW) == ()
    second = timedelta(seconds=1)
    sooner = replace(NEED, needed_by=MONDAY - second)
    assert codes(failures(sooner, CareType.GRZ, full, NOW)) == [Criterion.VROEGSTE_OPNAME]


def test_a_need_whose_moment_has_passed_is_met_by_what_admits_at_once() -> None:
    overdue = replace(NEED, needed_by=NOW - DAY)
    assert failures(overdue, CareType.GRZ, GOOD, NOW) == ()
    soon = replace(GOOD, earliest=NOW + HOUR)
    assert codes(failures(overdue, CareType.GRZ, soon, NOW)) == [Criterion.VROEGSTE_OPNAME]


def test_a_stop_fails_as_long_as_nobody_lifted_it_and_not_before_it_begins() -> None:
    long_over = replace(STOP, expected_until=date(2026, 11, 1))
    for stop in (STOP, long_over, Stop(ClosedReason.PERSONEEL)):
        found = failures(NEED, CareType.GRZ, replace(GOOD, stop=stop), NOW)
        assert codes(found) == [Criterion.OPNAMESTOP]
    announced = replace(STOP, since=NOW + HOUR)
    assert failures(NEED, CareType.GRZ, replace(GOOD, stop=announced), NOW) == ()


def test_sexes_share_no_room_and_anybody_has_a_room_alone() -> None:
    def fits(sex: Sex, *features: Feature) -> bool:
        candidate = replace(GOOD, features=frozenset(features))
        return not failures(replace(NEED, sex=sex), CareType.GRZ, candidate, NOW)

    assert [fits(sex, Feature.KAMER_MAN) for sex in (Sex.MAN, Sex.VROUW, Sex.ANDERS)] == [
        *(True, False, False)
    ]
    assert all(fits(sex, Feature.KAMER_MAN, Feature.EENPERSOONSKAMER) for sex in Sex)
    assert all(fits(sex) for sex in Sex)


def test_a_better_place_never_has_more_failures() -> None:
    draw = random.Random(5)
    seen = set[Criterion]()
    compared = 0
    for _ in range(400):
        need = _any_need(draw)
        care_type = draw.choice(list(CareType))
        candidate = _any_candidate(draw)
        found = failures(need, care_type, candidate, NOW)
        seen.update(codes(found))
        for better in _better(draw, candidate):
            compared += 1
            assert len(failures(need, care_type, better, NOW)) <= len(found), (candidate, better)
    assert compared > 1000
    of_pools = list(Criterion)[: list(Criterion).index(Criterion.WERKGEBIED)]
    assert seen == set(of_pools), "every criterion came by"


def _any_need(draw: random.Random) -> Need:
    askable = sorted(set(Feature) - _ROOM)
    return Need(
        1950,
        draw.choice(list(Sex)),
        "2725",
        Setting.THUIS,
        needed_by=draw.choice([None, NOW - DAY, TONIGHT, MONDAY]),
        infection=draw.choice(list(Infection)),
        features=frozenset(draw.sample(askable, draw.randrange(6))),
        legal_status=draw.choice(list(LegalStatus)),
    )


def _any_candidate(draw: random.Random) -> Candidate:
    return Candidate(
        UUID(int=draw.randrange(9)),
        frozenset(draw.sample(list(CareType), 4)),
        frozenset(draw.sample(list(Feature), draw.randrange(16))),
        draw.random() < 0.5,
        draw.choice([None, -2, 0, 1]),
        OBSERVED,
        draw.choice([None, NOW - HOUR, NOW + HOUR, NOW + HOUR]),
        draw.choice([None, None, STOP]),
        draw.choice([None, NOW, NOW + HOUR, MONDAY]),
    )


def _better(draw: random.Random, worse: Candidate) -> Iterator[Candidate]:
    """The same place with one thing better; free and admitting once its figures are known."""
    more = draw.choice(list(Feature))
    if more not in _ROOM:
        yield replace(worse, features=worse.features | {more})
    yield replace(worse, care_types=worse.care_types | {draw.choice(list(CareType))})
    yield replace(worse, wlz_contract=True)
    yield replace(worse, stop=None)
    yield replace(worse, stop=None, earliest=worse.earliest or MONDAY)
    if worse.balance is not None:
        yield replace(worse, balance=worse.balance + 1)
    if worse.earliest is not None:
        yield replace(worse, earliest=max(NOW, worse.earliest - HOUR))
    yield replace(worse, balance=1, valid_until=NOW + HOUR, earliest=NOW)


def team(**changes: object) -> TeamCandidate:
    covered = {
        name: changes.pop(name) for name in ("pc4s", "skills", "dagdelen") if name in changes
    }
    coverage = replace(GOOD_TEAM.coverage, **covered)  # type: ignore[arg-type]
    return replace(GOOD_TEAM, coverage=coverage, **changes)  # type: ignore[arg-type]


_NO_NIGHTS = TeamException(Light.ROOD, dagdeel=Dagdeel.NACHT)
_BY_CALL = TeamException(Light.ORANJE, skill=Skill.ACUUT)
_LATER_ACUTE = TeamException(Light.GROEN, skill=Skill.ACUUT, earliest_start=date(2026, 12, 2))
_TEAMS: list[tuple[TeamCandidate, Criterion, Detail]] = [
    (team(pc4s=frozenset({"2719"})), Criterion.WERKGEBIED, {"pc4": "2725"}),
    (
        team(skills=frozenset({Skill.BASIS})),
        Criterion.VAARDIGHEID,
        {"lacking": ("acuut",)},
    ),
    (team(dagdelen=frozenset({Dagdeel.AVOND})), Criterion.DAGDEEL, {"lacking": ("nacht",)}),
    (team(report=None), Criterion.ONBEKEND, {"observed_at": OBSERVED}),
    (
        team(valid_until=NOW, report=TeamReport(Light.ROOD)),
        Criterion.ONBEVESTIGD,
        {"observed_at": OBSERVED, "valid_until": NOW},
    ),
    (
        team(report=TeamReport(Light.ROOD)),
        Criterion.STOPLICHT,
        {"light": "rood", "skills": ("acuut", "basis"), "dagdelen": ("avond", "nacht")},
    ),
    (
        team(report=TeamReport(Light.GROEN, exceptions=(_NO_NIGHTS,))),
        Criterion.STOPLICHT,
        {"light": "rood", "skills": ("acuut", "basis"), "dagdelen": ("nacht",)},
    ),
    (
        team(report=TeamReport(Light.GROEN, exceptions=(_BY_CALL,))),
        Criterion.STOPLICHT,
        {"light": "oranje", "skills": ("acuut",), "dagdelen": ("avond", "nacht")},
    ),
    (
        team(report=TeamReport(Light.ORANJE, exceptions=(_NO_NIGHTS,))),
        Criterion.STOPLICHT,
        {"light": "rood", "skills": ("acuut", "basis"), "dagdelen": ("nacht",)},
    ),
    (
        team(report=TeamReport(Light.GROEN, date(2026, 11, 28), (_LATER_ACUTE,))),
        Criterion.STARTDATUM,
        {"earliest": date(2026, 12, 2), "needed_by": TONIGHT},
    ),
]


@pytest.mark.parametrize(("candidate", "criterion", "detail"), _TEAMS)
def test_each_criterion_of_a_team_fails_alone_and_says_what_is_known(
    candidate: TeamCandidate, criterion: Criterion, detail: Detail
) -> None:
    assert team_failures(HOME, candidate, NOW) == (Failure(criterion, detail),)


def test_all_that_fails_of_a_team_is_named() -> None:
    worst = team(
        pc4s=frozenset[str](),
        skills=frozenset({Skill.WOND}),
        dagdelen=frozenset({Dagdeel.OCHTEND}),
        report=TeamReport(Light.ROOD, date(2026, 12, 9)),
    )
    assert codes(team_failures(HOME, worst, NOW)) == [
        *(Criterion.WERKGEBIED, Criterion.VAARDIGHEID, Criterion.DAGDEEL),
        *(Criterion.STOPLICHT, Criterion.STARTDATUM),
    ]


def test_a_start_in_time_is_by_the_day_in_amsterdam() -> None:
    tomorrow = team(report=TeamReport(Light.GROEN, date(2026, 11, 28)))
    midnight = datetime(2026, 11, 27, 23, tzinfo=UTC)
    assert team_failures(replace(HOME, needed_by=midnight), tomorrow, NOW) == ()
    before = replace(HOME, needed_by=midnight - timedelta(seconds=1))
    assert codes(team_failures(before, tomorrow, NOW)) == [Criterion.STARTDATUM]
    overdue = replace(HOME, needed_by=NOW - 3 * DAY)
    assert team_failures(overdue, GOOD_TEAM, NOW) == (), "today is as soon as it can be"
    assert team_failures(replace(HOME, needed_by=None), tomorrow, NOW) == ()


def test_every_criterion_has_a_name_that_people_read() -> None:
    assert CRITERION_LABELS.keys() == set(Criterion)
    assert len(set(CRITERION_LABELS.values())) == len(Criterion)
