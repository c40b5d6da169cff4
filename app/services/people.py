"""People: made, changed and closed by the operator. How they sign in stands in `sessions`."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from uuid import UUID

from app.container import Container
from app.db import people, registers, sessions, word_settings
from app.db.people import Person
from app.db.tables import PersonRow
from app.db.unit_of_work import UnitOfWork
from domain.actors import Action, Actor, Role
from domain.errors import NotFound, VersionChanged
from domain.events import Kind
from domain.identifiers import EVERYWHERE, OrganisationId
from domain.people import check_name, check_password, check_role, check_username


@dataclass(frozen=True, slots=True)
class NewMembership:
    """What a person is to work as, and where."""

    organisation_id: OrganisationId
    role: Role


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person as the operator fills them in."""

    username: str
    name: str
    password: str
    memberships: Collection[NewMembership] = ()


async def list_people(container: Container) -> list[Person]:
    """All people there have been, by username."""
    return await container.read(people.read_people)


async def get_person(container: Container, person_id: UUID) -> Person:
    """One person. Raises NotFound."""
    found = await container.read(lambda connection: people.read_people(connection, person_id))
    if not found:
        raise NotFound
    return found[0]


async def create_person(
    container: Container,
    actor: Actor | None,
    new: NewPerson,
    address: str | None = None,
    *,
    hashed: str | None = None,
) -> Person:
    """A person who can sign in. Raises InvalidInput, AlreadyExists (the username, also of somebody
    who was closed), NotFound and AlreadyClosed (an organisation), Overloaded.

    hashed: the password's hash, when it was made before.
    """
    check_username(new.username)
    check_name(new.name)
    check_password(new.password, new.username)
    for membership in new.memberships:
        check_role(membership.role, "/memberships")
    password_hash = hashed or await container.passwords.hash(new.password)

    async def act(work: UnitOfWork) -> UUID:
        wanted = await _organisations_locked(work, new.memberships)
        row = PersonRow(
            username=new.username,
            name=new.name.strip(),
            password_hash=password_hash,
            created_at=work.now,
            created_by=actor.id if actor else None,
        )
        await work.add(row)
        await people.set_memberships(work, row.id, wanted)
        work.audit(actor, Action.PERSON_WRITE, "person", row.id, address=address)
        await work.commit()
        return row.id

    return await get_person(container, await container.act(act))


async def change_person(
    container: Container,
    actor: Actor | None,
    person_id: UUID,
    *,
    name: str,
    expected_version: int | None = None,
    address: str | None = None,
) -> Person:
    """What a person is called. Raises NotFound, AlreadyClosed, VersionChanged and InvalidInput."""
    check_name(name)

    async def change(work: UnitOfWork, row: PersonRow) -> None:
        row.name = name.strip()
        for session in await sessions.lock_open_sessions(work, row.id):
            work.touch(Kind.SESSION_CHANGED, session.id, EVERYWHERE)
        work.audit(actor, Action.PERSON_WRITE, "person", row.id, address=address)

    return await _change(container, person_id, expected_version, change)


async def set_password(
    container: Container,
    actor: Actor | None,
    person_id: UUID,
    password: str,
    address: str | None = None,
    *,
    hashed: str | None = None,
) -> Person:
    """A new password. Ends the person's sessions, and no browser of theirs is known any more.

    Raises NotFound, AlreadyClosed, InvalidInput and Overloaded. hashed: as in `create_person`.
    """
    check_password(password, (await get_person(container, person_id)).username)
    password_hash = hashed or await container.passwords.hash(password)

    async def change(work: UnitOfWork, row: PersonRow) -> None:
        row.password_hash = password_hash
        await _end_sessions(work, row.id)
        work.audit(actor, Action.PERSON_WRITE, "person-password", row.id, address=address)

    return await _change(container, person_id, None, change)


async def close_person(
    container: Container,
    actor: Actor | None,
    person_id: UUID,
    expected_version: int | None = None,
    address: str | None = None,
) -> Person:
    """Ends an account with its sessions. The username stays taken, the history stays.

    Raises NotFound, AlreadyClosed and VersionChanged.
    """

    async def change(work: UnitOfWork, row: PersonRow) -> None:
        row.status, row.closed_at = "closed", work.now
        await people.set_memberships(work, row.id, ())
        await word_settings.forget_person(work, row.id)
        await _end_sessions(work, row.id)
        work.audit(actor, Action.PERSON_WRITE, "person", row.id, address=address)

    return await _change(container, person_id, expected_version, change)


async def set_memberships(
    container: Container,
    actor: Actor | None,
    person_id: UUID,
    memberships: Collection[NewMembership],
    expected_version: int | None = None,
    address: str | None = None,
) -> Person:
    """All that a person works as from now on. When that is something else, their sessions end.

    Raises NotFound, AlreadyClosed (also of an organisation), VersionChanged and InvalidInput.
    """
    for membership in memberships:
        check_role(membership.role, "/memberships")

    async def change(work: UnitOfWork, row: PersonRow) -> None:
        wanted = {(one.organisation_id, one.role) for one in memberships}
        if await people.set_memberships(work, row.id, wanted):
            await _end_sessions(work, row.id)
            work.audit(actor, Action.PERSON_WRITE, "membership", row.id, address=address)

    return await _change(container, person_id, expected_version, change, memberships)


async def _change(
    container: Container,
    person_id: UUID,
    expected_version: int | None,
    change: Callable[[UnitOfWork, PersonRow], Awaitable[None]],
    memberships: Collection[NewMembership] = (),
) -> Person:
    """Changes a person under their lock; organisations are locked before people."""

    async def act(work: UnitOfWork) -> None:
        await _organisations_locked(work, memberships)
        row = await people.lock_person(work, person_id)
        if expected_version is not None and row.version != expected_version:
            raise VersionChanged(row.version)
        row.version += 1
        await change(work, row)
        await work.commit()

    await container.act(act)
    # All of them: which sessions were the person's, only the database knows.
    container.sessions.forget(None)
    return await get_person(container, person_id)


async def _organisations_locked(
    work: UnitOfWork, memberships: Collection[NewMembership]
) -> set[tuple[OrganisationId, Role]]:
    for organisation_id in sorted({one.organisation_id for one in memberships}):
        await registers.get_organisation(work, organisation_id)
    return {(one.organisation_id, one.role) for one in memberships}


async def _end_sessions(work: UnitOfWork, person_id: UUID) -> None:
    for session in await sessions.lock_open_sessions(work, person_id):
        sessions.end(work, session)
