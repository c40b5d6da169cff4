"""Signing in, choosing and signing out: on the real database, and across processes."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.container import Container
from app.live.closing import Close
from app.services import people, sessions
from app.services.sessions import SignedIn
from domain.actors import Role
from domain.errors import NotFound, NotSignedIn, SignInRefused
from tests.factories.people import (
    ADDRESS,
    PASSWORD,
    MadePerson,
    guess,
    make_person,
    signed_in,
)
from tests.factories.world import REGION, World
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.listening import Listener

SECOND = timedelta(seconds=1)


async def refused(container: Container, token: str) -> bool:
    """Whether a token opens nothing."""
    try:
        await container.sessions.find(token)
    except NotSignedIn:
        return True
    return False


async def soon_refused(container: Container, token: str) -> None:
    """Waits until it opens nothing."""
    async with asyncio.timeout(10):
        while not await refused(container, token):
            await asyncio.sleep(0.01)


async def test_who_knows_the_password_works_as_their_only_membership(
    world: World, person: MadePerson
) -> None:
    found = (await signed_in(world.container, person)).session
    assert (found.person_id, found.username) == (person.id, person.username)
    assert found.membership is not None
    assert found.membership.id == person.memberships[0]
    assert found.actor is not None
    assert (found.actor.id, found.actor.role) == (person.id, Role.PROVIDER_CAPACITY)
    assert found.actor.organisation_id == world.provider.organisation_id
    assert found.actor.regions == {REGION}


async def test_a_username_is_found_however_it_is_typed(world: World, person: MadePerson) -> None:
    typed = f" {person.username.upper()} "
    await sessions.sign_in(world.container, typed, PASSWORD, address=ADDRESS, device=None)


async def test_of_token_and_password_only_hashes_are_kept(
    world: World, person: MadePerson, database: Database
) -> None:
    found = await signed_in(world.container, person)
    everything = ""
    for table in ("person", "person_session", "sign_in_try", "audit", "event"):
        everything += str([tuple(row) for row in await database.all(f"SELECT * FROM {table}")])
    for secret in (found.token, PASSWORD, found.session.csrf, found.device):
        assert secret not in everything


async def test_a_wrong_password_an_unknown_name_and_a_closed_account_are_told_alike(
    world: World, person: MadePerson, database: Database
) -> None:
    closed = await make_person(world.container, Role.REFERRER, world.other.organisation_id)
    await people.close_person(world.container, None, closed.id)
    told = []
    for username, password in (
        (person.username, "een ander wachtwoord"),
        ("niemand", PASSWORD),
        (closed.username, PASSWORD),
        ("Ge\N{NULL}en naam \ud800", "\ud800" * 12),
    ):
        with pytest.raises(SignInRefused) as refusal:
            await sessions.sign_in(
                world.container, username, password, address=ADDRESS, device=None
            )
        told.append((refusal.value.detail, refusal.value.facts))
    assert told == [("", {})] * 4
    assert await database.value("SELECT count(*) FROM person_session") == 0


async def test_a_password_changed_or_an_account_closed_meanwhile_gives_no_session(
    world: World, person: MadePerson, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify = world.container.passwords.verify

    async def overtaken(password: str, hashed: str) -> bool:
        right = await verify(password, hashed)
        await people.close_person(world.container, None, person.id)
        return right

    monkeypatch.setattr(world.container.passwords, "verify", overtaken)
    with pytest.raises(SignInRefused):
        await signed_in(world.container, person)
    assert await database.value("SELECT count(*) FROM person_session") == 0


async def test_who_works_for_several_chooses_and_every_process_knows(
    world: World, elsewhere: Container, clock: Clock
) -> None:
    person = await make_person(
        world.container,
        Role.PROVIDER_CAPACITY,
        *(world.provider.organisation_id, world.other.organisation_id),
    )
    found = await signed_in(world.container, person)
    assert (found.session.membership, found.session.actor) == (None, None)
    assert [m.id for m in found.session.memberships] == list(person.memberships)
    before = await elsewhere.sessions.find(found.token)
    csrfs = {before.csrf}
    for chosen in person.memberships:
        await sessions.choose_membership(world.container, found.session, chosen)
        here = await world.container.sessions.find(found.token)
        assert here.membership is not None
        assert here.membership.id == chosen
        csrfs.add(here.csrf)
        async with asyncio.timeout(10):
            while (await elsewhere.sessions.find(found.token)).membership != here.membership:
                await asyncio.sleep(0.01)
    # A form that was shown for the one is no form of the other.
    assert len(csrfs) == 3


async def test_somebody_elses_membership_can_not_be_chosen(
    world: World, person: MadePerson
) -> None:
    other = await make_person(world.container, Role.OPERATOR, world.operator.organisation_id)
    found = (await signed_in(world.container, person)).session
    with pytest.raises(NotFound):
        await sessions.choose_membership(world.container, found, other.memberships[0])


async def test_signing_out_ends_it_in_every_process(
    world: World, person: MadePerson, elsewhere: Container
) -> None:
    ended, kept = [await signed_in(world.container, person) for _ in range(2)]
    for one in (ended, kept):
        assert not await refused(elsewhere, one.token)
    await sessions.sign_out(world.container, ended.session)
    assert await refused(world.container, ended.token)
    await soon_refused(elsewhere, ended.token)
    assert not await refused(elsewhere, kept.token)
    with pytest.raises(NotSignedIn):
        await sessions.sign_out(world.container, ended.session)
    with pytest.raises(NotSignedIn):
        await sessions.choose_membership(world.container, ended.session, person.memberships[0])


async def test_what_a_session_opened_elsewhere_is_closed_or_comes_back(
    world: World, elsewhere: Container
) -> None:
    person = await make_person(
        world.container,
        Role.REFERRER,
        *(world.provider.organisation_id, world.other.organisation_id),
    )
    found = [(await signed_in(world.container, person)).session for _ in range(3)]
    ended, changed, kept = listeners = [Listener(session.id) for session in found]
    for listener in listeners:
        elsewhere.hub.register(listener)
    await sessions.sign_out(world.container, found[0])
    await sessions.choose_membership(world.container, found[1], person.memberships[0])
    # What is there already is no change.
    await sessions.choose_membership(world.container, found[1], person.memberships[0])
    async with asyncio.timeout(10):
        while not (ended.closed and changed.closed):
            await asyncio.sleep(0.01)
    assert (ended.closed, changed.closed) == ([Close.REVOKED], [Close.RECHECK])
    assert kept.closed == []


async def test_all_sessions_of_a_person_end_at_once_and_nobody_elses(
    world: World, person: MadePerson, elsewhere: Container, database: Database, clock: Clock
) -> None:
    other = await make_person(world.container, Role.REFERRER, world.other.organisation_id)
    await signed_in(world.container, person)
    clock.turn(timedelta(hours=13))
    mine = [await signed_in(world.container, person) for _ in range(2)]
    theirs = await signed_in(world.container, other)
    assert not await refused(elsewhere, mine[0].token)
    head = await database.value("SELECT number FROM stream WHERE region_id = 0")
    assert await sessions.end_sessions(world.container, None, person.id) == 2
    events = await database.all(
        "SELECT kind, subject_id FROM event WHERE region_id = 0 AND number > $1", head
    )
    # The one of yesterday needs no word.
    assert {tuple(event) for event in events} == {
        ("session-ended", str(one.session.id)) for one in mine
    }
    await soon_refused(elsewhere, mine[0].token)
    assert await refused(world.container, mine[1].token)
    assert not await refused(elsewhere, theirs.token)


async def test_a_session_is_over_after_half_an_hour_without_use_and_twelve_hours_with(
    world: World, person: MadePerson, clock: Clock
) -> None:
    unused = await signed_in(world.container, person)
    used = await signed_in(world.container, person)
    begun = clock.now()
    clock.turn(timedelta(minutes=29))
    found = await world.container.sessions.find(used.token)
    assert abs(found.expires_at - begun - timedelta(minutes=59)) < 30 * SECOND
    clock.turn(timedelta(minutes=1))
    assert await refused(world.container, unused.token)
    for _ in range(23):
        await world.container.sessions.find(used.token)
        clock.turn(timedelta(minutes=29))
    assert clock.now() - begun < timedelta(hours=12)
    found = await world.container.sessions.find(used.token)
    assert abs(found.expires_at - begun - timedelta(hours=12)) < 30 * SECOND
    clock.turn(found.expires_at - clock.now())
    assert await refused(world.container, used.token)


async def test_use_in_one_process_counts_in_another_and_is_written_once_a_minute(
    world: World, person: MadePerson, elsewhere: Container, clock: Clock, database: Database
) -> None:
    async def last_used() -> Any:
        return await database.value("SELECT last_used_at FROM person_session")

    token = (await signed_in(world.container, person)).token
    await elsewhere.sessions.find(token)
    at_first = await last_used()
    clock.turn(timedelta(seconds=55))
    await world.container.sessions.find(token)
    assert await last_used() == at_first
    clock.turn(timedelta(minutes=20))
    await world.container.sessions.find(token)
    assert await last_used() > at_first + timedelta(minutes=20)
    clock.turn(timedelta(minutes=20))
    await elsewhere.sessions.find(token)


async def rows_of(database: Database, person: UUID) -> list[tuple[Any, ...]]:
    """What the audit says of a person's own acts."""
    rows = await database.all(
        "SELECT action, outcome, role, organisation_id, address, object_kind FROM audit"
        " WHERE actor_id = $1 ORDER BY id",
        person,
    )
    return [tuple(row) for row in rows]


async def test_the_audit_tells_of_each_sign_in_choice_and_ending(
    world: World, database: Database
) -> None:
    person = await make_person(
        world.container,
        Role.REFERRER,
        *(world.provider.organisation_id, world.other.organisation_id),
    )
    await guess(world.container, person.username)
    await guess(world.container, "een-wachtwoord-in-het-verkeerde-veld")
    found: SignedIn = await signed_in(world.container, person)
    await sessions.choose_membership(world.container, found.session, person.memberships[0], ADDRESS)
    now = await world.container.sessions.find(found.token)
    await sessions.sign_out(world.container, now, ADDRESS)
    works = ("referrer", world.provider.organisation_id, ADDRESS, "person-session")
    assert await rows_of(database, person.id) == [
        ("session.begin", "sign-in-refused", None, None, ADDRESS, "person"),
        ("session.begin", "done", None, None, ADDRESS, "person-session"),
        ("session.choose", "done", *works),
        ("session.end", "done", *works),
    ]
    unknown = await database.all("SELECT * FROM audit WHERE object_id = 'unknown'")
    assert len(unknown) == 1
    assert "verkeerde" not in str(await database.all("SELECT * FROM audit"))
