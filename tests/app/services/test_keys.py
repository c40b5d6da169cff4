"""Keys: given out once, kept as a hash, ended for everybody at once."""

import asyncio
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.container import running
from app.db.idempotency import Request
from app.security.keys import key_hash
from app.services import keys
from app.services.keys import IssuedKey, NewKey
from app.settings import Settings
from domain.actors import Actor, Role
from domain.capacity import SourceKind, Terms
from domain.errors import AlreadyExists, InvalidInput, NotFound, NotSignedIn
from domain.identifiers import OrganisationId
from tests.factories.world import World
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.trouble import until

HOUR = timedelta(hours=1)


@pytest.fixture
async def operator(world: World) -> Actor:
    """Who issues keys."""
    return (await world.credential(world.operator)).actor


def new(world: World, role: Role = Role.PROVIDER_CAPACITY, **changes: Any) -> NewKey:
    """A key for the first provider."""
    facts: dict[str, Any] = {"name": "ecd", "terms": Terms(), **changes}
    return NewKey(world.provider.organisation_id, role, **facts)


async def test_a_key_is_shown_once_and_only_its_hash_is_kept(
    world: World, operator: Actor, database: Database
) -> None:
    named = Request(operator.id, "een", b"{}")
    issued = await keys.issue_key(world.container, operator, new(world), named)
    assert issued.key is not None
    assert re.fullmatch(r"vt_[A-Za-z0-9_-]{43}", issued.key)
    row = await database.one("SELECT * FROM api_key WHERE id = $1", issued.id)
    assert row["hash"] == key_hash(issued.key)
    assert (row["created_by"], row["revoked_at"]) == (operator.id, None)
    secret = issued.key.removeprefix("vt_")
    for table in ("api_key", "event", "audit", "idempotency", "source"):
        texts = await database.all(f"SELECT t::text AS text FROM {table} AS t")
        assert not any(secret in r["text"] or secret.encode().hex() in r["text"] for r in texts)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
async def test_a_key_works_as_its_role_for_its_organisation(
    world: World, operator: Actor, role: Role
) -> None:
    terms = Terms(2 * HOUR, includes_holds=True)
    issued = await keys.issue_key(world.container, operator, new(world, role, terms=terms))
    assert issued.key is not None
    credential = await world.container.keys.find(issued.key)
    assert credential.actor.id == issued.id
    assert credential.actor.role is role
    assert credential.actor.organisation_id == world.provider.organisation_id
    assert credential.actor.regions == {1}
    kinds = {Role.PROVIDER_CAPACITY: SourceKind.API, Role.COORDINATOR: SourceKind.PHONE}
    if role in kinds:
        assert credential.source is not None
        assert (credential.source.kind, credential.source.terms) == (kinds[role], terms)
    else:
        assert credential.source is None


async def test_no_key_is_the_system(world: World, operator: Actor) -> None:
    with pytest.raises(InvalidInput):
        await keys.issue_key(world.container, operator, new(world, Role.SYSTEM))


async def test_no_key_is_for_an_organisation_that_is_not_there(
    world: World, operator: Actor
) -> None:
    nobody = NewKey(OrganisationId(UUID(int=0)), Role.ANALYST, "x")
    with pytest.raises(NotFound):
        await keys.issue_key(world.container, operator, nobody)


async def test_a_new_key_of_the_same_name_reports_as_the_same_source(
    world: World, operator: Actor, database: Database
) -> None:
    terms = Terms(HOUR)
    found = []
    for _ in range(2):
        issued = await keys.issue_key(world.container, operator, new(world, terms=terms))
        assert issued.key is not None
        found.append((await world.container.keys.find(issued.key)).source)
    assert found[0] == found[1] is not None
    assert await database.value("SELECT count(*) FROM source WHERE name = 'ecd'") == 1


@pytest.mark.parametrize(
    "other",
    [
        {"terms": Terms(2 * HOUR)},
        {"terms": Terms(HOUR, includes_holds=True)},
        {"role": Role.COORDINATOR, "terms": Terms(HOUR)},
    ],
)
async def test_a_source_does_not_get_other_terms_by_another_key(
    world: World, operator: Actor, database: Database, other: dict[str, Any]
) -> None:
    await keys.issue_key(world.container, operator, new(world, terms=Terms(HOUR)))
    before = await database.value("SELECT count(*) FROM api_key")
    with pytest.raises(AlreadyExists) as refused:
        await keys.issue_key(world.container, operator, new(world, **other))
    assert "Kies een andere naam" in refused.value.detail
    assert await database.value("SELECT count(*) FROM api_key") == before


async def test_two_first_keys_of_one_source_at_once_are_two_keys_of_one_source(
    world: World, operator: Actor, database: Database
) -> None:
    answers: list[IssuedKey | BaseException] = await asyncio.gather(
        *[keys.issue_key(world.container, operator, new(world)) for _ in range(2)],
        return_exceptions=True,
    )
    # One may have to be told that somebody was first; nobody gets half a key.
    issued = [answer for answer in answers if isinstance(answer, IssuedKey)]
    assert issued
    assert all(isinstance(a, IssuedKey | AlreadyExists) for a in answers)
    assert await database.value("SELECT count(*) FROM source WHERE name = 'ecd'") == 1
    assert await database.value("SELECT count(*) FROM api_key WHERE name = 'ecd'") == len(issued)


async def test_of_the_same_request_at_once_one_gets_the_key(
    world: World, operator: Actor, database: Database
) -> None:
    request = Request(operator.id, "een", b"{}")
    answers = await asyncio.gather(
        *[keys.issue_key(world.container, operator, new(world), request) for _ in range(4)]
    )
    assert len({answer.id for answer in answers}) == 1
    shown = [answer.key for answer in answers if answer.key is not None]
    assert len(shown) == 1
    assert (await world.container.keys.find(shown[0])).actor.id == answers[0].id
    assert await database.value("SELECT count(*) FROM api_key WHERE name = 'ecd'") == 1
    assert (
        await database.value("SELECT count(*) FROM audit WHERE object_id = $1", str(answers[0].id))
        == 1
    )


async def test_a_revoked_key_opens_nothing_from_the_answer_on(
    world: World, operator: Actor
) -> None:
    assert (await world.credential(world.provider)).actor.id == world.provider.key_id
    await keys.revoke_key(world.container, operator, world.provider.key_id)
    with pytest.raises(NotSignedIn):
        await world.credential(world.provider)
    assert (await world.credential(world.other)).actor.id == world.other.key_id


async def test_another_process_hears_of_a_revocation(
    world: World, operator: Actor, settings: Settings, clock: Clock
) -> None:
    async def refuses() -> bool:
        try:
            await other.keys.find(world.provider.key)
        except NotSignedIn:
            return True
        return False

    async def knows_all() -> bool:
        return other.follower.ready

    async with running(settings, clock.now) as other:
        await until(knows_all)
        assert not await refuses()
        await keys.revoke_key(world.container, operator, world.provider.key_id)
        await until(refuses)


async def test_revoking_twice_is_revoking_once(
    world: World, operator: Actor, database: Database
) -> None:
    await keys.revoke_key(world.container, operator, world.other.key_id)
    first = await database.one("SELECT * FROM api_key WHERE id = $1", world.other.key_id)
    assert first["revoked_by"] == operator.id
    head = await database.value("SELECT number FROM stream WHERE region_id = 0")
    await keys.revoke_key(world.container, None, world.other.key_id)
    assert await database.one("SELECT * FROM api_key WHERE id = $1", world.other.key_id) == first
    assert await database.value("SELECT number FROM stream WHERE region_id = 0") == head
    event = await database.one("SELECT * FROM event WHERE region_id = 0 AND number = $1", head)
    assert (event["kind"], event["subject_id"]) == ("key-revoked", str(world.other.key_id))


async def test_revoking_what_is_not_there_is_not_found(world: World, operator: Actor) -> None:
    with pytest.raises(NotFound):
        await keys.revoke_key(world.container, operator, UUID(int=0))


async def test_the_list_shows_all_keys_newest_first_and_nothing_secret(
    world: World, operator: Actor
) -> None:
    issued = await keys.issue_key(world.container, operator, new(world))
    await keys.revoke_key(world.container, operator, world.other.key_id)
    listed = await keys.list_keys(world.container)
    assert listed[0].id == issued.id
    assert [key.created_at for key in listed] == sorted(
        (key.created_at for key in listed), reverse=True
    )
    revoked = {key.id for key in listed if key.revoked_at}
    assert revoked == {world.other.key_id}
    assert issued.key is not None
    assert issued.key not in repr(listed)
    assert key_hash(issued.key).hex() not in repr(listed)
