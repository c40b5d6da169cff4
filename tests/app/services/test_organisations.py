"""Organisations: made, changed and closed."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from app.services import keys, locations, organisations, pools
from domain.actors import OrganisationKind, Role
from domain.errors import (
    AlreadyClosed,
    AlreadyExists,
    InvalidInput,
    NotFound,
    NotSignedIn,
    StillInUse,
    VersionChanged,
)
from domain.hours import ALWAYS, OnCall
from domain.identifiers import EVERYWHERE, OrganisationId, RegionId
from domain.organisations import Insurer, Organisation
from tests.factories.world import REGION, World, make_location, make_party
from tests.support.afresh import check_boards
from tests.support.database import Database
from tests.support.told import heads, told

NOBODY = OrganisationId(UUID(int=0))
FULL = Organisation(
    agb="41999999",
    name="Alles",
    kind=OrganisationKind.COORDINATION_POINT,
    regions=frozenset({REGION}),
    ura="00000001",
    kvk="12345678",
    telephone="079 123 45 67",
    pc4s=frozenset({"2725", "2711"}),
    insurers=(
        Insurer("7029", date(2026, 1, 1), date(2026, 12, 31)),
        Insurer("3311", date(2027, 1, 1)),
    ),
    on_call=(OnCall("Wacht", "079-1234567", ALWAYS),),
)


def as_it_is(world: World, **changes: Any) -> Organisation:
    """What stands of the world's provider, but for the changes."""
    stands = Organisation(
        world.provider.agb, "Aanbieder", OrganisationKind.PROVIDER, frozenset({REGION})
    )
    return replace(stands, **changes)


async def change(world: World, new: Organisation, version: int = 1) -> Any:
    """Changes the world's provider."""
    return await organisations.change_organisation(
        world.container, None, world.provider.organisation_id, new, version
    )


async def test_an_organisation_is_told_in_each_region_where_it_works(
    world: World, database: Database, second_region: RegionId
) -> None:
    before = await heads(database)
    new = Organisation(
        "41999999", "Twee regio's", OrganisationKind.PROVIDER, frozenset({second_region, REGION})
    )
    written = await organisations.create_organisation(world.container, None, new)
    expected = [("organisation", str(written.id), written.state)]
    assert written.state["regions"] == [1, 2]
    assert await told(database, before, REGION) == expected
    assert await told(database, before, second_region) == expected
    await check_boards(world)


@pytest.mark.parametrize("agb", ["", "1234567", "123456789", "4100000x", "٤١٠٠٠٠٠١"])
async def test_an_agb_code_has_eight_digits(world: World, agb: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await organisations.create_organisation(
            world.container,
            None,
            Organisation(agb, "x", OrganisationKind.PROVIDER, frozenset({REGION})),
        )
    assert refused.value.pointer == "/agb"


async def test_an_agb_code_is_given_once(world: World, database: Database) -> None:
    before = await database.value("SELECT count(*) FROM event")
    with pytest.raises(AlreadyExists):
        await organisations.create_organisation(
            world.container,
            None,
            Organisation(world.provider.agb, "x", OrganisationKind.PROVIDER, frozenset({REGION})),
        )
    assert await database.value("SELECT count(*) FROM event") == before


async def test_everything_of_an_organisation_is_kept_and_told(
    world: World, database: Database
) -> None:
    before = await heads(database)
    written = await organisations.create_organisation(world.container, None, FULL)
    assert await told(database, before, REGION) == [
        ("organisation", str(written.id), written.state)
    ]
    assert written.state == {
        "id": str(written.id),
        "agb": "41999999",
        "ura": "00000001",
        "kvk": "12345678",
        "name": "Alles",
        "kind": "coordination-point",
        "telephone": "079 123 45 67",
        "pc4s": ["2711", "2725"],
        "insurers": [
            {"uzovi": "7029", "valid_from": "2026-01-01", "valid_until": "2026-12-31"},
            {"uzovi": "3311", "valid_from": "2027-01-01", "valid_until": None},
        ],
        "on_call": [{"name": "Wacht", "telephone": "079-1234567", "hours": ALWAYS.to_json()}],
        "status": "active",
        "merged_into": None,
        "version": 1,
        "regions": [1],
    }
    await check_boards(world)
    assert written.position == world.container.board.regions[REGION].position


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"ura": "1"}, "/ura"),
        ({"kvk": "1234567x"}, "/kvk"),
        ({"telephone": "bel me"}, "/telephone"),
        ({"regions": frozenset({EVERYWHERE})}, "/regions"),
        ({"pc4s": frozenset({"0711"})}, "/pc4s"),
        ({"kind": OrganisationKind.PROVIDER}, "/pc4s"),
        ({"insurers": (Insurer("123", date(2026, 1, 1)),)}, "/insurers/0/uzovi"),
        (
            {"insurers": (Insurer("1234", date(2026, 1, 2), date(2026, 1, 1)),)},
            "/insurers/0/valid_until",
        ),
    ],
)
def test_what_cannot_be_of_an_organisation_is_refused_by_its_name(
    wrong: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        replace(FULL, **wrong)
    assert refused.value.pointer == pointer


async def test_a_region_that_is_not_there_is_refused_by_its_name(world: World) -> None:
    nowhere = replace(FULL, regions=frozenset({REGION, RegionId(9)}))
    with pytest.raises(InvalidInput) as refused:
        await organisations.create_organisation(world.container, None, nowhere)
    assert refused.value.pointer == "/regions"


async def test_two_coordination_points_of_a_region_serve_no_postcode_both(
    world: World, database: Database, second_region: RegionId
) -> None:
    first = await organisations.create_organisation(world.container, None, FULL)
    second = replace(FULL, agb="41999998", ura=None, pc4s=frozenset({"2725", "2800"}))
    events = await database.value("SELECT count(*) FROM event")
    with pytest.raises(AlreadyExists) as refused:
        await organisations.create_organisation(world.container, None, second)
    assert refused.value.facts == {"pc4s": ["2725"], "organisation_ids": [str(first.id)]}
    assert await database.value("SELECT count(*) FROM event") == events
    elsewhere = replace(second, regions=frozenset({second_region}))
    made = await organisations.create_organisation(world.container, None, elsewhere)
    with pytest.raises(AlreadyExists):
        await organisations.change_organisation(world.container, None, made.id, second, 1)
    # What it serves itself is no reason.
    await organisations.change_organisation(world.container, None, first.id, FULL, 1)
    await organisations.close_organisation(world.container, None, first.id)
    await organisations.change_organisation(world.container, None, made.id, second, 1)


async def test_of_two_who_claim_a_postcode_at_once_one_gets_it(world: World) -> None:
    wanted = [replace(FULL, agb=f"4199990{n}", ura=None) for n in range(4)]
    outcomes = await asyncio.gather(
        *(organisations.create_organisation(world.container, None, one) for one in wanted),
        return_exceptions=True,
    )
    names = sorted(type(outcome).__name__ for outcome in outcomes)
    assert names == ["AlreadyExists"] * 3 + ["Written"]


async def test_a_changed_organisation_is_told_where_it_works_and_worked(
    world: World, database: Database, second_region: RegionId
) -> None:
    party = await make_party(world.container, Role.PROVIDER_CAPACITY)
    before = await heads(database)
    new = Organisation("41888888", "Nieuw", OrganisationKind.HOSPICE, frozenset({second_region}))
    written = await organisations.change_organisation(
        world.container, None, party.organisation_id, new, 1
    )
    id_ = str(party.organisation_id)
    assert (written.state["agb"], written.state["regions"]) == ("41888888", [2])
    assert await told(database, before, REGION) == [("organisation", id_, None)]
    assert await told(database, before, second_region) == [("organisation", id_, written.state)]
    assert await told(database, before) == [("keys-changed", id_, None)]
    await check_boards(world)


async def test_keys_reach_as_far_as_the_organisation_works(
    world: World, second_region: RegionId
) -> None:
    # Remembered, and then to be looked up anew.
    assert (await world.credential(world.provider)).actor.regions == {REGION}
    await change(world, as_it_is(world, regions=frozenset({REGION, second_region})))
    assert (await world.credential(world.provider)).actor.regions == {REGION, second_region}


async def test_without_another_region_no_key_is_looked_up_again(
    world: World, database: Database
) -> None:
    before = await heads(database)
    await change(world, as_it_is(world, name="Anders"))
    assert await told(database, before) == []


async def test_a_region_is_left_with_nothing_active_in_it(
    world: World, database: Database, second_region: RegionId
) -> None:
    away = as_it_is(world, regions=frozenset({second_region}))
    before = await database.value("SELECT count(*) FROM event")
    with pytest.raises(StillInUse) as refused:
        await change(world, away)
    assert refused.value.in_use == {"locations": 1, "pools": 1}
    assert await database.value("SELECT count(*) FROM event") == before
    await pools.close_pool(world.container, None, world.pool_id)
    await locations.close_location(world.container, None, world.location_id)
    assert (await change(world, away)).state["regions"] == [2]
    await check_boards(world)


async def test_of_two_who_change_an_organisation_at_once_one_wins(world: World) -> None:
    changes = (change(world, as_it_is(world, name=name)) for name in ("een", "twee"))
    outcomes = await asyncio.gather(*changes, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["VersionChanged", "Written"]


async def test_a_closed_organisation_keeps_nothing_open_and_takes_no_change(
    world: World, database: Database
) -> None:
    party = world.other
    await world.credential(party)
    before = await heads(database)
    written = await organisations.close_organisation(
        world.container, None, party.organisation_id, expected_version=1
    )
    id_ = str(party.organisation_id)
    assert (written.state["status"], written.state["version"]) == ("ended", 2)
    assert await told(database, before, REGION) == [("organisation", id_, written.state)]
    assert await told(database, before) == [("key-revoked", str(party.key_id), None)]
    with pytest.raises(NotSignedIn):
        await world.credential(party)
    closed = (world.container, None, party.organisation_id)
    with pytest.raises(AlreadyClosed):
        await organisations.close_organisation(*closed)
    with pytest.raises(AlreadyClosed):
        await organisations.change_organisation(*closed, FULL, 2)
    with pytest.raises(AlreadyClosed):
        await make_location(world.container, party)
    with pytest.raises(AlreadyClosed):
        await pools.transfer_pool(world.container, None, world.pool_id, party.organisation_id)
    new = keys.NewKey(party.organisation_id, Role.ANALYST, "te laat")
    with pytest.raises(AlreadyClosed):
        await keys.issue_key(world.container, None, new)
    await check_boards(world)


async def test_an_organisation_with_something_active_is_not_closed(
    world: World, database: Database
) -> None:
    before = await heads(database)
    with pytest.raises(StillInUse) as refused:
        await organisations.close_organisation(
            world.container, None, world.provider.organisation_id
        )
    assert refused.value.facts == {"in_use": {"locations": 1, "pools": 1}}
    with pytest.raises(VersionChanged):
        await organisations.close_organisation(
            world.container, None, world.other.organisation_id, expected_version=2
        )
    with pytest.raises(NotFound):
        await organisations.close_organisation(world.container, None, NOBODY)
    assert await heads(database) == before
    await world.credential(world.provider)


async def test_a_closure_and_a_new_location_at_once_leave_no_location_of_a_closed_one(
    world: World, database: Database
) -> None:
    for _ in range(5):
        party = await make_party(world.container, Role.PROVIDER_CAPACITY)
        await asyncio.gather(
            organisations.close_organisation(world.container, None, party.organisation_id),
            make_location(world.container, party),
            return_exceptions=True,
        )
    orphans = await database.value(
        "SELECT count(*) FROM location l JOIN organisation o ON o.id = l.organisation_id"
        " WHERE o.status = 'ended' AND l.status = 'active'"
    )
    assert orphans == 0
