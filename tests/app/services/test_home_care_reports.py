"""Reports of home-care teams: which stands, what it changes, and "klopt nog"."""

import asyncio
from datetime import date
from itertools import permutations
from random import Random

import pytest

from app.db.home_care_teams import PastTeamReport, lock_team
from app.db.unit_of_work import UnitOfWork
from app.services import home_care_reports, home_care_teams
from app.services.observations import Told
from domain.actors import Role
from domain.capacity import Outcome
from domain.errors import (
    InvalidInput,
    NotAllowed,
    NotFound,
    NothingToConfirm,
    ObservedInFuture,
    VersionChanged,
)
from domain.events import Kind
from domain.home_care import Dagdeel, Light, Skill, TeamException, TeamReport, rank
from domain.identifiers import TeamId
from tests.factories.beds import sandboxed
from tests.factories.home_care import make_team, team_place, tell
from tests.factories.times import HOUR, MINUTE, NINE
from tests.factories.world import REGION, World, make_party
from tests.support.clock import Clock
from tests.support.database import Database

GREEN = TeamReport(Light.GROEN)
FULL = TeamReport(
    Light.ORANJE,
    date(2026, 11, 23),
    (
        TeamException(Light.ROOD, Skill.WOND),
        TeamException(Light.GROEN, None, Dagdeel.OCHTEND, date(2026, 11, 20)),
    ),
    12,
)


@pytest.fixture
async def team(world: World, clock: Clock) -> TeamId:
    """A team of the provider, at nine o'clock."""
    clock.set(NINE)
    return await make_team(world)


async def standing(world: World, team_id: TeamId) -> TeamReport | None:
    """What a team's row says."""

    async def act(work: UnitOfWork) -> TeamReport | None:
        return home_care_reports.report_of(await lock_team(work, team_id))

    return await world.container.act(act)


async def test_all_that_a_team_says_stands_and_is_told(
    world: World, database: Database, team: TeamId
) -> None:
    receipt = await tell(world, team, FULL, note="volgens de planner")
    assert (receipt.outcome, receipt.id, receipt.version) == (Outcome.ACCEPTED, team, 1)
    assert await standing(world, team) == FULL
    await world.settled()
    board = world.container.board.regions[REGION]
    assert receipt.position == board.position
    ((_, shown),) = board.all(Kind.HOME_CARE)
    assert (shown["light"], shown["earliest_start"], shown["hours"]) == ("oranje", "2026-11-23", 12)
    assert shown["exceptions"] == [
        {"skill": "wond", "dagdeel": None, "light": "rood", "earliest_start": None},
        {"skill": None, "dagdeel": "ochtend", "light": "groen", "earliest_start": "2026-11-20"},
    ]
    kinds = await database.all(
        "SELECT kind FROM event WHERE number = $1 AND region_id = 1", receipt.position.number
    )
    assert [row["kind"] for row in kinds] == ["home-care"]


async def test_late_repeated_and_equal_ones(world: World, database: Database, team: TeamId) -> None:
    stood = await tell(world, team, GREEN, observed_at=NINE)
    assert (await tell(world, team, GREEN, observed_at=NINE)).outcome is Outcome.REPEATED
    late = await tell(world, team, FULL, observed_at=NINE - HOUR)
    assert (late.outcome, late.version, late.position) == (Outcome.SUPERSEDED, 1, stood.position)
    assert await standing(world, team) == GREEN
    redder = await tell(world, team, FULL, observed_at=NINE)
    assert redder.outcome is Outcome.ACCEPTED
    back = await tell(world, team, GREEN, observed_at=NINE)
    assert back.outcome is Outcome.SUPERSEDED
    assert await standing(world, team) == FULL
    assert await database.value("SELECT count(*) FROM home_care_report") == 3


async def test_of_equal_observations_the_redder_or_later_one_stands_in_any_order(
    world: World, clock: Clock
) -> None:
    clock.set(NINE)
    said = [GREEN, TeamReport(Light.ROOD), TeamReport(Light.ROOD, date(2026, 11, 23))]
    for order in permutations(said):
        team_id = await make_team(world)
        for report in order:
            await tell(world, team_id, report, observed_at=NINE)
        assert await standing(world, team_id) == max(said, key=rank)


async def test_what_cannot_be_is_refused(world: World, database: Database, team: TeamId) -> None:
    with pytest.raises(ObservedInFuture):
        await tell(world, team, GREEN, observed_at=NINE + 6 * MINUTE)
    with pytest.raises(InvalidInput):
        await tell(world, team, TeamReport(Light.ROOD, exceptions=(TeamException(Light.ROOD),)))
    with pytest.raises(VersionChanged):
        await tell(world, team, GREEN, expected_version=1, address="192.0.2.7")
    row = await database.one("SELECT * FROM audit ORDER BY id DESC LIMIT 1")
    assert (row["outcome"], row["object_kind"]) == ("version-changed", "home-care-team")
    assert await database.value("SELECT count(*) FROM home_care_report") == 0


async def test_somebody_elses_team_is_not_there(
    world: World, database: Database, team: TeamId
) -> None:
    wrong = TeamReport(Light.ROOD, exceptions=(TeamException(Light.ROOD),))
    with pytest.raises(NotFound):
        await tell(world, team, wrong, by=world.other)
    with pytest.raises(NotAllowed):
        await tell(world, team, GREEN, by=await make_party(world.container, Role.REFERRER))
    assert (await tell(world, team, GREEN, by=world.coordinator)).outcome is Outcome.ACCEPTED
    place = await team_place(world, team)
    await home_care_teams.transfer_team(world.container, None, team, world.other.organisation_id)
    with pytest.raises(NotFound):
        await home_care_reports.report_team(
            world.container,
            await world.credential(world.provider),
            place,
            GREEN,
            Told(),
        )
    assert await database.value("SELECT count(*) FROM home_care_report") == 1


async def test_klopt_nog_makes_the_same_said_now(
    world: World, database: Database, clock: Clock, team: TeamId
) -> None:
    credential = await world.credential(world.provider)
    place = await team_place(world, team)
    with pytest.raises(NothingToConfirm):
        await home_care_reports.confirm_team(world.container, credential, place, 0)
    await tell(world, team, FULL)
    clock.set(NINE + 7 * HOUR)
    receipt = await home_care_reports.confirm_team(world.container, credential, place, 1)
    assert (receipt.outcome, receipt.version) == (Outcome.ACCEPTED, 2)
    assert receipt.observed_at is not None
    assert receipt.observed_at >= NINE + 7 * HOUR
    assert await standing(world, team) == FULL
    again = await home_care_reports.confirm_team(world.container, credential, place, 1)
    assert (again.outcome, again.version) == (Outcome.REPEATED, 2)
    with pytest.raises(VersionChanged) as refused:
        await home_care_reports.confirm_team(world.container, credential, place, 5)
    assert refused.value.facts == {"current": 2}
    kept = await database.all("SELECT version, confirmation FROM home_care_report ORDER BY version")
    assert [tuple(row) for row in kept] == [(1, False), (2, True)]
    trial = await sandboxed(world)
    tried = await home_care_reports.confirm_team(world.container, trial, place, 2)
    assert (tried.outcome, tried.version) == (Outcome.SANDBOX, 2)
    other = await world.credential(world.other)
    with pytest.raises(NotFound):
        await home_care_reports.confirm_team(world.container, other, place, 2)


async def test_the_sandbox_is_judged_and_kept_and_changes_nothing(
    world: World, database: Database, team: TeamId
) -> None:
    trial = await sandboxed(world)
    first = await tell(world, team, GREEN, by=trial, observed_at=NINE)
    assert (first.outcome, first.version) == (Outcome.SANDBOX, 0)
    assert (await tell(world, team, GREEN, by=trial, observed_at=NINE)).outcome is Outcome.REPEATED
    assert await standing(world, team) is None
    real = await tell(world, team, GREEN, observed_at=NINE)
    assert real.outcome is Outcome.ACCEPTED
    kept = await database.all("SELECT outcome FROM home_care_report ORDER BY outcome")
    assert [row["outcome"] for row in kept] == ["accepted", "sandbox"]


async def test_history_is_read_page_by_page_newest_first(world: World, team: TeamId) -> None:
    for minutes in (5, 1, 9, 3):
        await tell(world, team, FULL, observed_at=NINE - minutes * MINUTE)
    credential = await world.credential(world.provider)
    place = await team_place(world, team)
    seen: list[PastTeamReport] = []
    before = None
    while page := await home_care_reports.history(
        world.container, credential, place, before=before, limit=3
    ):
        seen += page
        before = (page[-1].stated_at, page[-1].digest)
    assert [past.stated_at for past in seen] == [NINE - n * MINUTE for n in (1, 3, 5, 9)]
    assert {past.outcome for past in seen} == {"accepted", "superseded"}
    assert seen[0].exceptions[0]["light"] == "rood"
    other = await world.credential(world.other)
    with pytest.raises(NotFound):
        await home_care_reports.history(world.container, other, place, before=None, limit=3)


async def test_many_at_once_leave_what_the_newest_said_and_a_board_that_knows(
    world: World, database: Database
) -> None:
    random = Random(3)
    team = await make_team(world)
    started = world.container.now()
    said = [
        (TeamReport(random.choice(list(Light)), hours=n), started - random.randint(0, 4) * MINUTE)
        for n in range(60)
    ]
    await asyncio.gather(*(tell(world, team, one, observed_at=at) for one, at in said))
    stands = await standing(world, team)
    newest = max(at for _, at in said)
    reddest = max((rank(one) for one, at in said if at == newest))
    assert stands is not None
    assert rank(stands) == reddest
    row = await database.one("SELECT report_version, observed_at FROM home_care_team")
    assert row["observed_at"] == newest
    events = await database.value("SELECT count(*) FROM event WHERE kind = 'home-care'")
    assert events == row["report_version"] + 1
    await world.settled()
    ((_, shown),) = world.container.board.regions[REGION].all(Kind.HOME_CARE)
    assert (shown["light"], shown["hours"]) == (stands.light, stands.hours)
