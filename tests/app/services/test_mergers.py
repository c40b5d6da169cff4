"""Mergers: one organisation takes over all that another one has."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from app.services import keys, mergers, organisations, pools, reports
from app.services.home_care_teams import TeamDetails, create_team
from app.services.word.endpoints import Endpoint, create_endpoint
from app.services.word.settings import set_setting
from app.services.word.spreading import spread
from domain.actors import OrganisationKind, Role
from domain.capacity import Terms
from domain.care_types import CareType
from domain.errors import (
    AlreadyClosed,
    AlreadyExists,
    InvalidInput,
    NotFound,
    VersionChanged,
)
from domain.events import Kind
from domain.home_care import Coverage
from domain.identifiers import OrganisationId, RegionId
from domain.notices import NoticeKind
from domain.organisations import Organisation
from domain.pools import Pool
from domain.word_settings import Choice, WordSetting
from tests.factories.people import make_person
from tests.factories.referrals import actor_of
from tests.factories.world import (
    REGION,
    Party,
    World,
    counts,
    make_feed,
    make_location,
    make_party,
    make_pool,
)
from tests.support.afresh import check_boards
from tests.support.database import Database
from tests.support.told import heads, told
from tests.support.trouble import holding_pool, until_waiting
from tests.support.word_calls import URL, tell

NOBODY = OrganisationId(UUID(int=0))


async def merge(world: World, ended: Party, into: Party, version: int | None = None) -> None:
    """One party goes into another."""
    await mergers.merge_organisation(
        world.container, None, ended.organisation_id, into.organisation_id, version
    )


async def make_team(world: World, owner: Party, code: str = "T1") -> UUID:
    """A home-care team of a party."""
    details = TeamDetails(code, "Team", Coverage(frozenset({"2725"}), frozenset(), frozenset()))
    return (await create_team(world.container, None, owner.organisation_id, details)).id


async def test_all_of_one_becomes_the_others_in_one_commit(
    world: World, database: Database
) -> None:
    await world.report(counts(10, 8))
    team_id = await make_team(world, world.provider)
    ended = await make_pool(world.container, world.location_id)
    await pools.close_pool(world.container, None, ended)
    await world.settled()
    before = await heads(database)
    await merge(world, world.provider, world.other, version=1)
    one, other = str(world.provider.organisation_id), str(world.other.organisation_id)
    events = await told(database, before, REGION)
    subjects = {(kind, subject): state for kind, subject, state in events}
    assert len(subjects) == len(events)
    assert subjects.keys() == {
        ("organisation", one),
        ("organisation", other),
        ("location", str(world.location_id)),
        ("pool", str(world.pool_id)),
        ("pool", str(ended)),
        ("home-care-team", str(team_id)),
    }
    gone = subjects["organisation", one]
    assert (gone["status"], gone["merged_into"], gone["version"]) == ("ended", other, 2)
    assert subjects["organisation", other]["version"] == 2
    for kind, _ in subjects:
        if kind != "organisation":
            assert {s["organisation_id"] for (k, _), s in subjects.items() if k == kind} == {other}
    assert await told(database, before) == [("keys-changed", one, None)]
    await check_boards(world)
    assert await world.balance() == 2
    assert await database.value("SELECT count(*) FROM pool_report") == 1


async def test_both_keys_report_as_the_one_that_took_over(world: World) -> None:
    pool = await world.pool()
    assert (await world.credential(world.provider)).actor.organisation_id == pool.organisation_id
    await merge(world, world.provider, world.other)
    await world.settled()
    for number, party in enumerate((world.provider, world.other), start=1):
        credential = await world.credential(party)
        assert credential.actor.organisation_id == world.other.organisation_id
        assert (await world.report(counts(10, number), by=party)).version == number


async def test_an_old_agb_code_goes_on_finding_its_pools_through_every_merger(
    world: World,
) -> None:
    last = await make_party(world.container, Role.PROVIDER_CAPACITY)
    code = (await world.pool()).external_id
    await merge(world, world.provider, world.other)
    await merge(world, world.other, last)
    # Before the board has heard of it, and after.
    for _ in range(2):
        for agb in (world.provider.agb, world.other.agb, last.agb):
            found = await reports.find_pool_by_external_id(world.container, agb, code)
            assert found.id == world.pool_id
        await world.settled()
    for agb in (world.provider.agb, world.other.agb, last.agb):
        on_board = world.container.board.pool_by_external_id(agb, code)
        assert on_board is not None
        assert on_board.organisation_id == last.organisation_id
    with pytest.raises(NotFound):
        await reports.find_pool_by_external_id(world.container, world.coordinator.agb, code)
    await check_boards(world)


async def test_who_takes_over_works_in_the_others_regions_too(
    world: World, database: Database, second_region: RegionId
) -> None:
    elsewhere = await make_party(world.container, Role.PROVIDER_CAPACITY, second_region)
    location_id = await make_location(world.container, elsewhere, second_region)
    await world.settled()
    before = await heads(database)
    await merge(world, elsewhere, world.other)
    kinds = [kind for kind, _, _ in await told(database, before, second_region)]
    assert kinds == ["organisation", "organisation", "location"]
    ((_, _, heir),) = await told(database, before, REGION)
    assert heir["regions"] == [1, 2]
    await check_boards(world)
    board = world.container.board.regions[second_region]
    assert str(world.other.organisation_id) in str(board.get(Kind.LOCATION, location_id))
    reach = (await world.credential(elsewhere)).actor.regions
    assert reach == {REGION, second_region}


async def test_codes_that_both_use_stop_the_merger_and_are_named(
    world: World, database: Database
) -> None:
    code = (await world.pool()).external_id
    there = await make_location(world.container, world.other)
    await pools.create_pool(
        world.container, None, there, Pool(code, "Zelfde", (CareType.ELV_LAAG,))
    )
    await make_team(world, world.provider, "W")
    await make_team(world, world.other, "W")
    before = await heads(database)
    with pytest.raises(AlreadyExists) as refused:
        await merge(world, world.provider, world.other)
    assert refused.value.facts == {"codes": {"pools": [code], "home_care_teams": ["W"]}}
    assert code in refused.value.detail
    assert await heads(database) == before
    owner = await database.value("SELECT organisation_id FROM pool WHERE id = $1", world.pool_id)
    assert owner == world.provider.organisation_id


async def test_sources_of_one_name_are_both_kept(world: World, database: Database) -> None:
    for owner in (world.provider, world.other):
        new = keys.NewKey(owner.organisation_id, Role.PROVIDER_CAPACITY, "feed")
        await keys.issue_key(world.container, None, new)
    await make_feed(world.container, world.provider, Terms())
    name = await database.value(
        "SELECT name FROM organisation WHERE id = $1", world.provider.organisation_id
    )
    number = await database.value("SELECT count(*) FROM source")
    await merge(world, world.provider, world.other)
    names = {
        row["name"]
        for row in await database.all(
            "SELECT name FROM source WHERE organisation_id = $1", world.other.organisation_id
        )
    }
    assert {"feed", f"feed ({name})"} <= names
    assert await database.value("SELECT count(*) FROM source") == number
    # The one that was there keeps its name, so its new keys go on as that source.
    assert len(names) == 5


async def test_a_coordination_point_takes_the_postcodes_over(world: World) -> None:
    made = [
        await organisations.create_organisation(
            world.container,
            None,
            Organisation(
                f"4199999{number}",
                f"Punt {number}",
                OrganisationKind.COORDINATION_POINT,
                frozenset({REGION}),
                pc4s=frozenset({f"271{number}"}),
            ),
        )
        for number in (1, 2)
    ]
    with pytest.raises(InvalidInput) as refused:
        await mergers.merge_organisation(
            world.container, None, made[0].id, world.other.organisation_id
        )
    assert refused.value.pointer == "/into"
    heir = await mergers.merge_organisation(world.container, None, made[0].id, made[1].id)
    assert (heir.id, heir.state["pc4s"]) == (made[1].id, ["2711", "2712"])
    await check_boards(world)


async def test_a_merger_that_cannot_be_changes_nothing(world: World, database: Database) -> None:
    gone = await make_party(world.container, Role.REFERRER)
    await organisations.close_organisation(world.container, None, gone.organisation_id)
    before = await heads(database)
    with pytest.raises(InvalidInput) as refused:
        await merge(world, world.provider, world.provider)
    assert refused.value.pointer == "/into"
    with pytest.raises(VersionChanged):
        await merge(world, world.provider, world.other, version=2)
    for one, other in ((gone, world.other), (world.other, gone)):
        with pytest.raises(AlreadyClosed):
            await merge(world, one, other)
    for ids in (
        (NOBODY, world.other.organisation_id),
        (world.other.organisation_id, NOBODY),
    ):
        with pytest.raises(NotFound):
            await mergers.merge_organisation(world.container, None, *ids)
    assert await heads(database) == before


async def test_two_that_merge_into_each_other_end_as_one(world: World) -> None:
    outcomes = await asyncio.gather(
        merge(world, world.provider, world.other),
        merge(world, world.other, world.provider),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AlreadyClosed", "NoneType"]
    await check_boards(world)


async def test_a_report_that_comes_with_the_merger_counts_or_is_refused_and_then_counts(
    world: World, database: Database
) -> None:
    pool = await world.pool()
    credential = await world.credential(world.provider)

    async def report(occupied: int) -> reports.Receipt:
        found = await reports.find_pool_by_external_id(
            world.container, world.provider.agb, pool.external_id
        )
        return await reports.report_pool(
            world.container, credential, found, reports.Given(counts(10, occupied))
        )

    async with holding_pool(database, world.pool_id):
        merger = asyncio.create_task(merge(world, world.provider, world.other))
        await until_waiting(database)
        late = asyncio.create_task(report(8))
        await until_waiting(database, 2)
    await merger
    outcome = (await asyncio.gather(late, return_exceptions=True))[0]
    version = await database.value("SELECT report_version FROM pool WHERE id = $1", pool.id)
    if isinstance(outcome, BaseException):
        assert isinstance(outcome, NotFound)
        assert version == 0
    else:
        assert version == 1
    await world.settled()
    credential = await world.credential(world.provider)
    assert (await report(9)).version == version + 1
    await check_boards(world)


async def test_its_word_goes_on_to_the_other_which_keeps_its_own_mailbox(
    world: World, database: Database
) -> None:
    container, into = world.container, world.other.organisation_id
    person = await make_person(container, Role.PROVIDER_CAPACITY, world.provider.organisation_id)
    for party in (world.provider, world.other):
        actor = await actor_of(world, party)
        setting = WordSetting(f"{party.agb}@zorg.example", {NoticeKind.VRAAG: Choice.METEEN})
        await set_setting(container, actor, party.organisation_id, setting, 0)
    mine = WordSetting("persoon@zorg.example", {NoticeKind.VRAAG: Choice.METEEN})
    actor = await actor_of(world, world.provider)
    await set_setting(container, actor, actor.organisation_id, mine, 0, person_id=person.id)
    desk = replace(actor, role=Role.PROVIDER_INTAKE)
    endpoint = await create_endpoint(container, desk, Endpoint(URL))
    notice_id = await tell(container, world.provider)
    await merge(world, world.provider, world.other)
    assert await database.value("SELECT organisation_id FROM notice") == into
    assert await database.value("SELECT organisation_id FROM webhook_endpoint") == into
    heirs = await database.all(
        "SELECT address FROM word_setting WHERE organisation_id = $1 ORDER BY address", into
    )
    assert [row["address"] for row in heirs] == [
        f"{world.other.agb}@zorg.example",
        "persoon@zorg.example",
    ]
    container.settings = container.settings.model_copy(
        update={"smtp_url": "smtp://localhost", "mail_from": "toren@zorg.example"}
    )
    assert await spread(container) == 1
    deliveries = await database.all("SELECT notice_id, endpoint_id FROM delivery")
    assert {str(row["notice_id"]) for row in deliveries} == {notice_id}
    assert [row["endpoint_id"] for row in deliveries].count(endpoint.id) == 1
    assert len(deliveries) == 3
