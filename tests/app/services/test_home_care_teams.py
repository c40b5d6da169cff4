"""Home-care teams in the register."""

import pytest

from app.db.idempotency import Request
from app.services import home_care_teams, organisations
from domain.actors import OrganisationKind
from domain.errors import (
    AlreadyClosed,
    AlreadyExists,
    InvalidInput,
    NotFound,
    VersionChanged,
)
from domain.events import Kind
from domain.home_care import Coverage, Light, TeamReport
from domain.identifiers import OrganisationId, RegionId, TeamId
from domain.organisations import Organisation
from domain.posting import PostingSchedule
from tests.factories.home_care import details, make_team, tell
from tests.factories.world import REGION, World
from tests.support.database import Database

GREEN = TeamReport(Light.GROEN)


async def test_a_new_team_is_on_the_board_and_has_said_nothing(world: World) -> None:
    written = await home_care_teams.create_team(
        world.container, None, world.provider.organisation_id, details(telephone="079 123 45 67")
    )
    assert written.state["pc4s"] == ["2719", "2725"]
    assert written.state["skills"] == ["basis", "wond"]
    assert written.state["dagdelen"] == ["ochtend", "middag"]
    assert (written.state["telephone"], written.state["version"]) == ("079 123 45 67", 1)
    await world.settled()
    board = world.container.board.regions[REGION]
    assert written.position == board.position
    assert board.get(Kind.HOME_CARE_TEAM, written.id) is not None
    said = board.get(Kind.HOME_CARE, written.id)
    assert said is not None
    assert '"version":0' in said


async def test_the_same_request_twice_makes_one_team(world: World, database: Database) -> None:
    request = Request(world.operator.key_id, "sleutel", b"a")
    owner, new = world.provider.organisation_id, details()
    first = await home_care_teams.create_team(world.container, None, owner, new, request=request)
    again = await home_care_teams.create_team(world.container, None, owner, new, request=request)
    assert again.id == first.id
    assert await database.value("SELECT count(*) FROM home_care_team") == 1
    with pytest.raises(AlreadyExists):
        await home_care_teams.create_team(world.container, None, owner, new)


async def test_the_region_is_the_organisations_own_or_is_named(world: World) -> None:
    owner = world.provider.organisation_id
    with pytest.raises(InvalidInput) as refused:
        await home_care_teams.create_team(world.container, None, owner, details(), RegionId(9))
    assert refused.value.pointer == "/region_id"
    nowhere = Organisation("41999998", "Nergens", OrganisationKind.PROVIDER, frozenset())
    made = await organisations.create_organisation(world.container, None, nowhere)
    with pytest.raises(InvalidInput) as refused:
        await home_care_teams.create_team(world.container, None, made.id, details())
    assert refused.value.pointer == "/region_id"
    with pytest.raises(NotFound):
        await home_care_teams.create_team(
            world.container, None, OrganisationId(world.pool_id), details()
        )


async def test_what_cannot_be_is_refused_by_name(world: World) -> None:
    owner = world.provider.organisation_id
    wrong = {
        "/pc4s": details(coverage=Coverage(frozenset({"0123"}), frozenset(), frozenset())),
        "/telephone": details(telephone="bel maar"),
    }
    for pointer, new in wrong.items():
        with pytest.raises(InvalidInput) as refused:
            await home_care_teams.create_team(world.container, None, owner, new)
        assert refused.value.pointer == pointer


async def test_a_change_keeps_the_report_and_judges_it_by_the_new_schedule(world: World) -> None:
    team_id = await make_team(world)
    receipt = await tell(world, team_id, GREEN)
    new = details(
        name="Anders", posting_schedule=PostingSchedule.DAILY_TWICE, time_to_live_minutes=30
    )
    written = await home_care_teams.change_team(world.container, None, team_id, new, 1)
    assert (written.state["name"], written.state["version"]) == ("Anders", 2)
    again = await tell(world, team_id, GREEN, observed_at=receipt.observed_at)
    assert again.version == 1
    assert again.valid_until is not None
    assert again.observed_at is not None
    assert (again.valid_until - again.observed_at).total_seconds() == 30 * 60
    with pytest.raises(VersionChanged):
        await home_care_teams.change_team(world.container, None, team_id, new, 1)


async def test_from_the_transfer_on_only_the_new_owner_reports(world: World) -> None:
    team_id = await make_team(world)
    await tell(world, team_id, GREEN)
    written = await home_care_teams.transfer_team(
        world.container, None, team_id, world.other.organisation_id, 1
    )
    assert written.state["organisation_id"] == str(world.other.organisation_id)
    with pytest.raises(NotFound):
        await tell(world, team_id, GREEN)
    assert (await tell(world, team_id, GREEN, by=world.other)).version == 2
    nowhere = Organisation("41999997", "Nergens", OrganisationKind.PROVIDER, frozenset())
    made = await organisations.create_organisation(world.container, None, nowhere)
    with pytest.raises(InvalidInput) as refused:
        await home_care_teams.transfer_team(world.container, None, team_id, made.id)
    assert refused.value.pointer == "/organisation_id"


async def test_a_closed_team_says_nothing_more_and_keeps_its_history(
    world: World, database: Database
) -> None:
    team_id = await make_team(world)
    await tell(world, team_id, GREEN)
    written = await home_care_teams.close_team(world.container, None, team_id, 1)
    assert written.state["status"] == "ended"
    for act in (
        tell(world, team_id, GREEN),
        home_care_teams.close_team(world.container, None, team_id),
        home_care_teams.change_team(world.container, None, team_id, details()),
        home_care_teams.transfer_team(world.container, None, team_id, world.other.organisation_id),
    ):
        with pytest.raises(AlreadyClosed):
            await act
    assert await database.value("SELECT count(*) FROM home_care_report") == 1
    with pytest.raises(NotFound):
        await home_care_teams.close_team(world.container, None, TeamId(world.pool_id))
