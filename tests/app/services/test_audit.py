"""Every act leaves one audit row that says who, what, when, where and by what right (NEN 7513)."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.db.idempotency import Request
from app.services import keys, pools, reports
from app.services.keys import NewKey
from domain.actors import Role
from domain.errors import NotFound, Problem
from domain.identifiers import OrganisationId
from tests.factories.world import Party, World, counts
from tests.support.database import Database

ADDRESS = "192.0.2.7"
SECOND = timedelta(seconds=1)


async def _report(world: World) -> UUID:
    await world.report(counts(10, 8), address=ADDRESS)
    return world.pool_id


async def _confirm(world: World) -> UUID:
    await world.report(counts(10, 8))
    credential = await world.credential(world.provider)
    pool = await world.pool()
    await reports.confirm_pool(world.container, credential, pool, 1, address=ADDRESS)
    return world.pool_id


async def _phone(world: World) -> UUID:
    await world.report(counts(10, 8), by=world.coordinator, address=ADDRESS)
    return world.pool_id


async def _refused_report(world: World) -> UUID:
    with pytest.raises(Problem):
        await world.report(counts(10, 8), expected_version=9, address=ADDRESS)
    return world.pool_id


async def _issue(world: World) -> UUID:
    operator = (await world.credential(world.operator)).actor
    new = NewKey(world.other.organisation_id, Role.ANALYST, "cijfers")
    issued = await keys.issue_key(world.container, operator, new, None, ADDRESS)
    return issued.id


async def _revoke(world: World) -> UUID:
    operator = (await world.credential(world.operator)).actor
    await keys.revoke_key(world.container, operator, world.other.key_id, ADDRESS)
    return world.other.key_id


async def _transfer(world: World) -> UUID:
    operator = (await world.credential(world.operator)).actor
    await pools.transfer_pool(
        world.container, operator, world.pool_id, world.other.organisation_id, address=ADDRESS
    )
    return world.pool_id


OWN, REGIONS, ALL = (
    "provider-capacity: own organisation",
    "coordinator: own regions",
    "operator: all",
)
#: Who does it, and its action, outcome, purpose, basis and kind of object.
ACTS = [
    (_report, "provider", ("capacity.report", "accepted", "capacity", OWN, "pool")),
    (_confirm, "provider", ("capacity.confirm", "accepted", "capacity", OWN, "pool")),
    (_phone, "coordinator", ("capacity.report", "accepted", "capacity", REGIONS, "pool")),
    (_refused_report, "provider", ("capacity.report", "version-changed", "capacity", OWN, "pool")),
    (_issue, "operator", ("key.issue", "done", "administration", ALL, "api-key")),
    (_revoke, "operator", ("key.revoke", "done", "administration", ALL, "api-key")),
    (_transfer, "operator", ("register.write", "done", "administration", ALL, "pool")),
]


async def last_row(database: Database) -> Any:
    """The newest audit row."""
    return await database.one("SELECT * FROM audit ORDER BY id DESC LIMIT 1")


@pytest.mark.parametrize(("act", "by", "expected"), ACTS)
async def test_an_act_leaves_one_row_with_everything_in_it(
    world: World,
    database: Database,
    act: Callable[[World], Awaitable[UUID]],
    by: str,
    expected: tuple[str, ...],
) -> None:
    party: Party = getattr(world, by)
    object_id = await act(world)
    row = await last_row(database)
    named = ("action", "outcome", "purpose", "basis", "object_kind")
    assert tuple(row[name] for name in named) == expected
    assert row["role"] == expected[3].partition(":")[0]
    assert row["object_id"] == str(object_id)
    assert (row["actor_id"], row["organisation_id"]) == (party.key_id, party.organisation_id)
    assert row["address"] == ADDRESS
    now = world.container.now()
    assert now - 30 * SECOND < row["happened_at"] <= now
    assert abs(row["recorded_at"] - row["happened_at"]) < 30 * SECOND
    same = await database.value(
        "SELECT count(*) FROM audit WHERE object_id = $1 AND action = $2",
        str(object_id),
        expected[0],
    )
    # The pool was made, and so written, once before.
    assert same == (2 if expected[0] == "register.write" else 1)


async def test_what_the_installation_does_itself_is_told_as_the_system(
    world: World, database: Database
) -> None:
    rows = await database.all(
        "SELECT DISTINCT action, actor_id, role, basis, object_kind FROM audit ORDER BY 1, 5"
    )
    assert [tuple(row) for row in rows] == [
        ("key.issue", None, "system", "system: all", "api-key"),
        *[
            ("register.write", None, "system", "system: all", kind)
            for kind in ("location", "organisation", "pool", "region")
        ],
    ]


async def test_an_act_that_is_rolled_back_leaves_none(world: World, database: Database) -> None:
    before = await last_row(database)
    operator = (await world.credential(world.operator)).actor
    nowhere = NewKey(OrganisationId(UUID(int=0)), Role.ANALYST, "x")
    with pytest.raises(NotFound):
        await keys.issue_key(world.container, operator, nowhere)
    with pytest.raises(NotFound):
        await keys.revoke_key(world.container, operator, UUID(int=0))
    assert (await last_row(database))["id"] == before["id"]


async def test_what_is_done_already_is_not_told_again(world: World, database: Database) -> None:
    operator = (await world.credential(world.operator)).actor
    new = NewKey(world.other.organisation_id, Role.ANALYST, "cijfers")
    request = Request(operator.id, "een", b"{}")
    await keys.issue_key(world.container, operator, new, request)
    await keys.revoke_key(world.container, operator, world.other.key_id)
    before = await last_row(database)
    await keys.issue_key(world.container, operator, new, request)
    await keys.revoke_key(world.container, operator, world.other.key_id)
    assert (await last_row(database))["id"] == before["id"]
