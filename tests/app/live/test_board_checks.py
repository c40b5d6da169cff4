"""A check of the board is what asking each pool and team by the domain's rules gives."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson

from app.db.event_log import Subject
from app.live.board import RegionBoard
from app.live.board_checks import check_board, pool_candidate, team_candidate
from app.live.posted_facts import facts_of_pool
from app.live.teams import team_report
from domain.care_types import CareType
from domain.events import Kind
from domain.features import Feature
from domain.home_care import Coverage, Dagdeel, Light, Skill
from domain.identifiers import PoolId, TeamId
from domain.matching.board_checks import MOST_TOLD, check, regular_failed
from domain.matching.criteria import Criterion, TeamCandidate, team_failures
from domain.needs import Infection, Need, Setting, Sex
from tests.factories.places import CARE_TYPES, NOW, PC4S, MadeRegion
from tests.factories.scene import make_scene
from tests.factories.stream import position
from tests.factories.world import REGION, World
from tests.support.brute_force import open_places
from tests.support.matching_worlds import candidate_of

LAAG, GRZ, MFB = CareType.ELV_LAAG, CareType.GRZ, CareType.MFB
HOME_CARE = CareType.WIJKVERPLEGING


def team_candidates(board: RegionBoard) -> list[TeamCandidate]:
    """The teams that work, read without any index."""
    found = []
    for team_id, team in board.all(Kind.HOME_CARE_TEAM):
        if (
            team["status"] != "active"
            or board.get(Kind.ORGANISATION, team["organisation_id"]) is None
        ):
            continue
        told = orjson.loads(board.get(Kind.HOME_CARE, team_id) or "{}")
        coverage = Coverage(
            frozenset(team["pc4s"]),
            frozenset(Skill(code) for code in team["skills"] if code in set(Skill)),
            frozenset(Dagdeel(code) for code in team["dagdelen"] if code in set(Dagdeel)),
        )
        found.append(
            TeamCandidate(
                UUID(team_id),
                coverage,
                team_report(told),
                _at(told.get("observed_at")),
                _at(told.get("valid_until")),
            )
        )
    return found


def _at(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def any_need(draw: random.Random, now: datetime) -> Need:
    return Need(
        1941,
        draw.choice(list(Sex)),
        draw.choice(PC4S),
        Setting.ZIEKENHUIS,
        needed_by=draw.choice([None, now + timedelta(hours=draw.randint(-5, 200))]),
        infection=draw.choice([Infection.GEEN, Infection.MRSA]),
        features=frozenset(
            draw.sample([Feature.EENPERSOONSKAMER, Feature.ZUURSTOF], draw.randrange(2))
        ),
        skills=frozenset(draw.sample(list(Skill), draw.randrange(3))),
        dagdelen=frozenset(draw.sample(list(Dagdeel), draw.randrange(3))),
    )


def test_a_check_is_what_asking_each_place_gives_whatever_happens_and_whenever() -> None:
    seen: Counter[Criterion | None] = Counter()
    for seed in range(4):
        region = MadeRegion(random.Random(seed))
        region.fill(organisations=9, locations=20, pools=60, teams=40)
        board, now, draw = region.board(), NOW, random.Random(seed)
        for _ in range(10):
            need = any_need(draw, now)
            asked = [*draw.sample(CARE_TYPES[:6], 3), HOME_CARE]
            found, at = check_board(board, need, asked, now)
            assert at == board.position
            there = [candidate_of(place, now) for place in open_places(board)]
            assert found == check(need, asked, there, team_candidates(board), now)
            assert found.failed <= MOST_TOLD, "all were told, so all were compared"
            for product in found.products:
                seen.update(product.failed)
                seen[None] += product.fits
            board.apply(list(region.events(draw.choice([0, 5, 60]))), now)
            now += timedelta(minutes=draw.choice([0, 29, 240, 900]))
            region.now = now
    never = set(Criterion) - seen.keys()
    assert never.isdisjoint({Criterion.KAMER, Criterion.WLZ_CONTRACT, Criterion.OPNAMESTOP})
    assert never.isdisjoint(list(Criterion)[list(Criterion).index(Criterion.ONBEKEND) :])
    assert seen[None] > 50, "some fit"


def test_one_pool_and_one_team_are_read_as_a_check_reads_them() -> None:
    region = MadeRegion(random.Random(11))
    region.fill(organisations=9, locations=20, pools=30, teams=20)
    board = region.board()
    there = {place.pool["id"]: candidate_of(place, NOW) for place in open_places(board)}
    for pool_id, _ in board.all(Kind.POOL):
        assert pool_candidate(board, PoolId(UUID(pool_id)), NOW) == there.get(pool_id)
    assert 0 < len(there) < 30, "some are closed"
    need = any_need(region.draw, NOW)
    teams = {team.id: team for team in team_candidates(board)}
    for team_id, _ in board.all(Kind.HOME_CARE_TEAM):
        found = team_candidate(board, TeamId(UUID(team_id)), NOW)
        expected = teams.get(UUID(team_id))
        assert (found is None) is (expected is None)
        if found is not None and expected is not None:
            assert team_failures(need, found, NOW) == team_failures(need, expected, NOW)


#: Friday 17:30 in Amsterdam, and Monday 10:00.
FRIDAY = datetime(2026, 11, 27, 16, 30, tzinfo=UTC)
MONDAY = datetime(2026, 11, 30, 9, tzinfo=UTC)


def friday_board() -> RegionBoard:
    """One ELV that admits on workdays, one team that doesn't come at night, and an MFB."""
    region = MadeRegion(random.Random(1), FRIDAY, odd=False)
    region.fill(organisations=9, locations=20, pools=2, teams=1)
    subjects = {key: orjson.loads(data) for key, data in region.seen.items()}
    workdays = {"days": ["ma", "di", "wo", "do", "vr"], "opens": "10:00", "closes": "16:00"}
    pools = [state for (kind, _), state in subjects.items() if kind == Kind.POOL]
    pools[0].update(care_types=[LAAG], features=[], admission_rules=workdays)
    pools[1].update(care_types=[MFB], features=[], admission_rules=None)
    told = {
        "observed_at": (FRIDAY - timedelta(hours=3)).isoformat(),
        "valid_until": (FRIDAY + timedelta(hours=20)).isoformat(),
        "source": "page",
    }
    figures: dict[str, object] = {"balance": 2, "forecast": None, "available_from": None, **told}
    said: dict[str, object] = {
        "light": Light.GROEN,
        "earliest_start": None,
        "exceptions": [],
        **told,
    }
    by_day: dict[str, object] = {
        "pc4s": ["2725"],
        "skills": ["basis", "acuut", "nacht"],
        "dagdelen": ["ochtend", "middag", "avond"],
    }
    for (kind, _), state in subjects.items():
        changes = {Kind.CAPACITY: figures, Kind.HOME_CARE: said, Kind.HOME_CARE_TEAM: by_day}
        state.update(changes.get(Kind(kind), {}))
    made = [
        Subject(kind, key, orjson.dumps(state).decode())
        for (kind, key), state in subjects.items()
        if kind != Kind.ADMISSION_STOP
    ]
    return RegionBoard(position(7), made, FRIDAY)


def test_a_fracture_on_friday_finds_no_night_care_and_elv_on_monday_so_an_mfb_is_permitted() -> (
    None
):
    board = friday_board()
    need = Need(
        1942,
        Sex.VROUW,
        "2725",
        Setting.SEH,
        since=FRIDAY - timedelta(hours=2),
        needed_by=FRIDAY + timedelta(hours=6),
        skills=frozenset({Skill.ACUUT}),
        dagdelen=frozenset({Dagdeel.AVOND, Dagdeel.NACHT}),
    )
    found, at = check_board(board, need, (HOME_CARE, LAAG), FRIDAY)
    assert at == position(7)
    assert [(p.care_type, p.looked_at, p.fits, dict(p.failed)) for p in found.products] == [
        (HOME_CARE, 1, 0, {Criterion.DAGDEEL: 1}),
        (LAAG, 1, 0, {Criterion.VROEGSTE_OPNAME: 1}),
    ]
    why = {place.care_type: place.failures[0].detail for place in found.places}
    assert why[HOME_CARE] == {"lacking": ("nacht",)}
    assert why[LAAG] == {"earliest": MONDAY, "needed_by": need.needed_by, "balance": 2}
    assert regular_failed(found)
    mfb, _ = check_board(board, need, (MFB,), FRIDAY)
    assert mfb.products[0].fits == 1


async def test_a_region_made_through_the_services_is_checked_pool_by_pool(world: World) -> None:
    scene = await make_scene(world)
    board, now = world.container.board.regions[REGION], world.container.now()
    need = Need(1942, Sex.VROUW, "2725", Setting.THUIS, now - timedelta(hours=1))
    found, at = check_board(board, need, (LAAG, CareType.ELV_HOOG, GRZ, HOME_CARE), now)
    assert at == board.position
    names = {pool_id: name for name, pool_id in scene.pools.items()}
    why = {
        names[PoolId(place.id)]: [str(failure.criterion) for failure in place.failures]
        for place in found.places
        if place.id in names
    }
    assert why == {
        "Rokkezicht": ["vol"],
        "Haaglinde": ["tekort"],
        "Vlietoever": ["onbevestigd"],
        "Strijphoeve": ["opnamestop"],
        "Wassenberg": ["onbekend"],
    }
    assert {product.care_type: product.fits for product in found.products} == {
        LAAG: 2,
        CareType.ELV_HOOG: 1,
        GRZ: 1,
        HOME_CARE: 1,
    }
    (silent,) = (place for place in found.places if place.care_type is HOME_CARE)
    assert (silent.id, silent.failures[0].criterion) == (scene.teams[1], Criterion.ONBEKEND)

    facts = facts_of_pool(board, scene.pools["Duinrand"], now)
    assert facts is not None
    assert (facts.free, facts.claimed, facts.promised, facts.age_seconds) == (3, 0, 0, 0)
