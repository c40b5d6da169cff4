"""People: made, changed and closed, and what that does to the sessions they have."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from app.container import Container, running
from app.services import mergers, organisations, people, sessions
from app.services.people import NewMembership, NewPerson
from app.settings import Settings
from domain.actors import Actor, OrganisationKind, Role
from domain.errors import (
    AlreadyClosed,
    AlreadyExists,
    InvalidInput,
    NotFound,
    NotSignedIn,
    SignInRefused,
    VersionChanged,
)
from domain.identifiers import OrganisationId, RegionId
from domain.organisations import Organisation
from tests.factories.people import ADDRESS, PASSWORD, MadePerson, make_person, signed_in
from tests.factories.world import REGION, World
from tests.support.clock import Clock
from tests.support.database import Database

NEW_PASSWORD = "twee lampen in de gang"


@pytest.fixture
async def operator(world: World) -> Actor:
    """Who may do all this."""
    return (await world.credential(world.operator)).actor


def new(world: World, **others: object) -> NewPerson:
    """A person as the operator fills them in."""
    at = NewMembership(world.provider.organisation_id, Role.REFERRER)
    given = NewPerson("h.weegbree", "H. Weegbree", PASSWORD, [at])
    return replace(given, **others)  # type: ignore[arg-type]


async def refused(world: World, token: str) -> bool:
    """Whether a token opens nothing."""
    try:
        await world.container.sessions.find(token)
    except NotSignedIn:
        return True
    return False


async def test_who_is_made_can_sign_in_and_is_listed_with_what_they_work_as(
    world: World, operator: Actor, database: Database
) -> None:
    made = await people.create_person(world.container, operator, new(world), ADDRESS)
    assert (made.username, made.name, made.status, made.version) == (
        *("h.weegbree", "H. Weegbree", "active", 1),
    )
    (works,) = made.memberships
    assert (works.role, works.organisation_id) == (Role.REFERRER, world.provider.organisation_id)
    assert works.regions == {REGION}
    assert await people.list_people(world.container) == [made]
    assert made.last_seen_at is None
    found = await sessions.sign_in(
        world.container, "h.weegbree", PASSWORD, address=ADDRESS, device=None
    )
    assert found.session.person_id == made.id
    seen = await people.get_person(world.container, made.id)
    assert seen.last_seen_at is not None
    kept = await database.one("SELECT password_hash, created_by FROM person")
    assert kept["password_hash"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert kept["created_by"] == operator.id
    audit = await database.one("SELECT * FROM audit WHERE object_id = $1", str(made.id))
    assert (audit["action"], audit["object_kind"], audit["address"]) == (
        *("person.write", "person", ADDRESS),
    )
    assert (audit["actor_id"], audit["basis"]) == (operator.id, "operator: all")


async def test_what_is_wrong_is_refused_and_nobody_is_made(
    world: World, database: Database
) -> None:
    nowhere = NewMembership(world.provider.organisation_id, Role.SYSTEM)
    for wrong in (
        {"username": "H.Weegbree"},
        {"name": " "},
        {"password": "kort"},
        {"memberships": [nowhere]},
    ):
        with pytest.raises(InvalidInput):
            await people.create_person(world.container, None, new(world, **wrong))
    unknown = NewMembership(OrganisationId(UUID(int=0)), Role.REFERRER)
    with pytest.raises(NotFound):
        await people.create_person(world.container, None, new(world, memberships=[unknown]))
    assert await database.value("SELECT count(*) FROM person") == 0


async def test_a_username_is_taken_once_also_by_two_at_the_same_time(world: World) -> None:
    outcomes = await asyncio.gather(
        *(people.create_person(world.container, None, new(world)) for _ in range(2)),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AlreadyExists", "Person"]
    (made,) = await people.list_people(world.container)
    await people.close_person(world.container, None, made.id)
    with pytest.raises(AlreadyExists):
        await people.create_person(world.container, None, new(world))


async def test_another_name_is_shown_in_the_sessions_there_are(
    world: World, person: MadePerson
) -> None:
    found = await signed_in(world.container, person)
    changed = await people.change_person(
        world.container, None, person.id, name=" S. de Wit ", expected_version=1
    )
    assert (changed.name, changed.version) == ("S. de Wit", 2)
    session = await world.container.sessions.find(found.token)
    assert session.person_name == "S. de Wit"
    assert session.actor is not None
    assert session.actor.name == "S. de Wit"
    with pytest.raises(VersionChanged):
        await people.change_person(world.container, None, person.id, name="X", expected_version=1)


async def test_a_new_password_ends_all_sessions_and_the_old_one_opens_nothing(
    world: World, person: MadePerson, database: Database
) -> None:
    tokens = [(await signed_in(world.container, person)).token for _ in range(2)]
    with pytest.raises(InvalidInput):
        await people.set_password(world.container, None, person.id, "kort")
    await people.set_password(world.container, None, person.id, NEW_PASSWORD)
    assert [await refused(world, token) for token in tokens] == [True, True]
    with pytest.raises(SignInRefused):
        await signed_in(world.container, person)
    await sessions.sign_in(
        world.container, person.username, NEW_PASSWORD, address=ADDRESS, device=None
    )
    row = await database.one("SELECT object_kind FROM audit WHERE object_kind LIKE 'person-p%'")
    assert row["object_kind"] == "person-password"


async def test_a_closed_account_has_no_sessions_and_is_closed_once(
    world: World, person: MadePerson
) -> None:
    token = (await signed_in(world.container, person)).token
    closed = await people.close_person(world.container, None, person.id, 1)
    assert (closed.status, closed.memberships) == ("closed", ())
    assert await refused(world, token)
    with pytest.raises(SignInRefused):
        await signed_in(world.container, person)
    for again in (
        people.close_person(world.container, None, person.id),
        people.set_password(world.container, None, person.id, NEW_PASSWORD),
        people.set_memberships(world.container, None, person.id, []),
        people.change_person(world.container, None, person.id, name="X"),
        sessions.end_sessions(world.container, None, person.id),
    ):
        with pytest.raises(AlreadyClosed):
            await again
    with pytest.raises(NotFound):
        await people.get_person(world.container, UUID(int=0))


async def test_other_memberships_end_the_sessions_and_the_same_ones_do_not(
    world: World, person: MadePerson, database: Database
) -> None:
    token = (await signed_in(world.container, person)).token
    had = NewMembership(world.provider.organisation_id, Role.PROVIDER_CAPACITY)
    same = await people.set_memberships(world.container, None, person.id, [had, had])
    assert [works.id for works in same.memberships] == list(person.memberships)
    assert not await refused(world, token)
    more = NewMembership(world.other.organisation_id, Role.PROVIDER_INTAKE)
    both = await people.set_memberships(world.container, None, person.id, [had, more])
    assert {works.role for works in both.memberships} == {had.role, more.role}
    assert both.memberships[0].id in {works.id for works in both.memberships}
    assert await refused(world, token)
    one = await people.set_memberships(world.container, None, person.id, [more])
    assert [works.role for works in one.memberships] == [more.role]
    # What was is kept, and can be given anew.
    assert await database.value("SELECT count(*) FROM membership") == 2
    again = await people.set_memberships(world.container, None, person.id, [had])
    assert again.memberships[0].id != person.memberships[0]
    kinds = await database.all("SELECT 1 FROM audit WHERE object_kind = 'membership'")
    assert len(kinds) == 3


async def test_who_worked_for_a_merged_organisation_works_for_its_heir_and_once(
    world: World, settings: Settings, clock: Clock
) -> None:
    one, heir = world.provider.organisation_id, world.other.organisation_id
    only = await make_person(world.container, Role.REFERRER, one)
    both = await make_person(world.container, Role.REFERRER, one, heir)
    session = await signed_in(world.container, only)
    async with running(settings, clock.now) as elsewhere:
        await elsewhere.follower.until_ready()
        await elsewhere.sessions.find(session.token)
        await mergers.merge_organisation(world.container, None, one, heir)
        for container in (world.container, elsewhere):
            async with asyncio.timeout(10):
                while True:
                    works = (await container.sessions.find(session.token)).membership
                    assert works is not None
                    if works.organisation_id == heir:
                        break
                    assert container is elsewhere
                    await asyncio.sleep(0.01)
    found = await people.get_person(world.container, both.id)
    assert [works.organisation_id for works in found.memberships] == [heir]


async def test_nobody_works_for_a_closed_organisation(
    world: World, elsewhere: Container, database: Database
) -> None:
    made = Organisation("99000001", "Tijdelijk", OrganisationKind.PROVIDER, frozenset({REGION}))
    id_ = (await organisations.create_organisation(world.container, None, made)).id
    person = await make_person(world.container, Role.REFERRER, id_)
    token = (await signed_in(world.container, person)).token
    assert (await elsewhere.sessions.find(token)).actor is not None
    await organisations.close_organisation(world.container, None, id_)
    assert await database.value("SELECT count(*) FROM membership WHERE ended_at IS NULL") == 0
    async with asyncio.timeout(10):
        while (await elsewhere.sessions.find(token)).actor is not None:
            await asyncio.sleep(0.01)
    found = await world.container.sessions.find(token)
    assert (found.memberships, found.membership, found.actor) == ((), None, None)
    with pytest.raises(AlreadyClosed):
        await make_person(world.container, Role.REFERRER, id_)


async def test_an_organisation_that_joins_a_region_takes_its_people_along(
    world: World, person: MadePerson, second_region: RegionId, database: Database
) -> None:
    token = (await signed_in(world.container, person)).token
    id_ = world.provider.organisation_id
    row = await database.one("SELECT * FROM organisation WHERE id = $1", id_)
    both = frozenset({REGION, second_region})
    moved = Organisation(row["agb"], row["name"], row["kind"], both)
    await organisations.change_organisation(world.container, None, id_, moved, row["version"])
    actor = (await world.container.sessions.find(token)).actor
    assert actor is not None
    assert actor.regions == both
