"""Sources: in the sandbox until the operator releases them."""

import pytest

from app.services import keys, sources
from app.services.keys import NewKey
from domain.actors import Role
from domain.capacity import Terms
from domain.errors import AlreadyExists, InvalidInput, NotFound
from domain.identifiers import SourceId
from tests.factories.world import Party, World, make_feed
from tests.support.database import Database
from tests.support.told import heads, told


async def sandboxed(world: World, name: str = "nieuwe feed") -> Party:
    """A key of the provider's whose reports don't count yet."""
    new = NewKey(
        world.provider.organisation_id, Role.PROVIDER_CAPACITY, name, Terms(), sandbox=True
    )
    issued = await keys.issue_key(world.container, None, new)
    assert issued.key is not None
    return Party(world.provider.organisation_id, world.provider.agb, issued.key, issued.id)


async def source_of(world: World, party: Party) -> SourceId:
    """The source that a party's key reports as."""
    source = (await world.credential(party)).source
    assert source is not None
    return source.id


async def test_a_new_source_counts_at_once_unless_it_begins_in_the_sandbox(
    world: World, database: Database
) -> None:
    operator = (await world.credential(world.operator)).actor
    new = NewKey(world.other.organisation_id, Role.PROVIDER_CAPACITY, "telt mee")
    await keys.issue_key(world.container, operator, new)
    at, by = await database.one(
        "SELECT released_at, released_by FROM source WHERE name = 'telt mee'"
    )
    assert at is not None
    assert by == world.operator.key_id
    party = await sandboxed(world)
    found = (await world.credential(party)).source
    assert found is not None
    assert found.sandbox
    counting = (await world.credential(world.provider)).source
    assert counting is not None
    assert not counting.sandbox
    assert await database.value("SELECT released_at FROM source WHERE id = $1", found.id) is None


async def test_a_released_source_counts_for_keys_that_are_remembered(
    world: World, database: Database
) -> None:
    operator = (await world.credential(world.operator)).actor
    party = await sandboxed(world)
    source_id = await source_of(world, party)
    before = await heads(database)
    await sources.release_source(world.container, operator, source_id)
    owner = str(world.provider.organisation_id)
    assert await told(database, before) == [("keys-changed", owner, None)]
    source = (await world.credential(party)).source
    assert source is not None
    assert not source.sandbox
    released = await database.one(
        "SELECT released_at, released_by FROM source WHERE id = $1", source_id
    )
    assert released["released_by"] == world.operator.key_id
    # Again is the same as once.
    before = await heads(database)
    await sources.release_source(world.container, None, source_id)
    assert await heads(database) == before
    assert released == await database.one(
        "SELECT released_at, released_by FROM source WHERE id = $1", source_id
    )
    with pytest.raises(NotFound):
        await sources.release_source(world.container, None, world.other.key_id)


async def test_no_key_brings_a_source_into_the_sandbox_or_out_of_it(world: World) -> None:
    await sandboxed(world)
    again = NewKey(world.provider.organisation_id, Role.PROVIDER_CAPACITY, "nieuwe feed")
    issued = await keys.issue_key(world.container, None, again)
    assert issued.key is not None
    found = (await world.container.keys.find(issued.key)).source
    assert found is not None
    assert found.sandbox
    stands = NewKey(world.provider.organisation_id, Role.PROVIDER_CAPACITY, "telt mee")
    await keys.issue_key(world.container, None, stands)
    back = NewKey(world.provider.organisation_id, Role.PROVIDER_CAPACITY, "telt mee", sandbox=True)
    with pytest.raises(AlreadyExists):
        await keys.issue_key(world.container, None, back)


async def test_a_key_that_reports_nothing_has_no_sandbox(world: World) -> None:
    new = NewKey(world.provider.organisation_id, Role.ANALYST, "cijfers", sandbox=True)
    with pytest.raises(InvalidInput) as refused:
        await keys.issue_key(world.container, None, new)
    assert refused.value.pointer == "/sandbox"


async def test_sources_are_seen_by_their_owner_and_the_operator(world: World) -> None:
    feed = await make_feed(world.container, world.provider, Terms())
    source_id = await source_of(world, feed)
    own = (await world.credential(world.provider)).actor
    other = (await world.credential(world.other)).actor
    operator = (await world.credential(world.operator)).actor
    mine = await sources.list_sources(world.container, own, after=None, limit=10)
    assert {source.organisation_id for source in mine} == {world.provider.organisation_id}
    assert len(mine) == 2
    everyones = await sources.list_sources(world.container, operator, after=None, limit=10)
    assert {source.id for source in mine} < {source.id for source in everyones}
    rest = await sources.list_sources(world.container, operator, after=everyones[0].id, limit=1)
    assert rest == [everyones[1]]
    for actor in (own, operator):
        assert (await sources.get_source(world.container, actor, source_id)).id == source_id
    with pytest.raises(NotFound):
        await sources.get_source(world.container, other, source_id)
    with pytest.raises(NotFound):
        await sources.get_source(world.container, operator, feed.key_id)
