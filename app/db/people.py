"""Reading and writing of people and what they work as."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from app.db.event_log import Connection
from app.db.sessions import MEMBERSHIPS, memberships_of
from app.db.tables import MembershipRow, PersonRow
from app.db.unit_of_work import UnitOfWork
from domain.actors import Role
from domain.errors import AlreadyClosed, NotFound
from domain.identifiers import OrganisationId
from domain.people import Membership

_READ = f"""
SELECT p.id, p.username, p.name, p.status, p.created_at, p.closed_at, p.version,
    (SELECT max(s.last_used_at) FROM person_session s WHERE s.person_id = p.id) AS last_seen_at,
    m.membership_id, m.role, m.organisation_id, m.organisation_name, m.regions
FROM person p LEFT JOIN ({MEMBERSHIPS}) m ON m.person_id = p.id
WHERE $1::uuid IS NULL OR p.id = $1
ORDER BY p.username, m.organisation_name, m.role, m.membership_id
"""

_END_TWICE = """
UPDATE membership m SET ended_at = :now WHERE m.organisation_id = :of AND m.ended_at IS NULL
AND EXISTS (SELECT FROM membership t WHERE t.person_id = m.person_id AND t.role = m.role
    AND t.organisation_id = :to AND t.ended_at IS NULL)
"""
_MOVE = """
UPDATE membership SET organisation_id = :to WHERE organisation_id = :of AND ended_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the operator sees them. last_seen_at: of the sessions that are kept (a month)."""

    id: UUID
    username: str
    name: str
    status: str
    created_at: datetime
    closed_at: datetime | None
    last_seen_at: datetime | None
    version: int
    memberships: tuple[Membership, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """What a sign-in is judged by."""

    person_id: UUID
    password_hash: str


async def read_people(connection: Connection, person_id: UUID | None = None) -> list[Person]:
    """All people, or one, by username; closed ones too."""
    rows = await connection.fetch(_READ, person_id)
    people = []
    for _, of_one in groupby(rows, key=lambda row: row["id"]):
        mine = list(of_one)
        first = mine[0]
        people.append(
            Person(
                id=first["id"],
                username=first["username"],
                name=first["name"],
                status=first["status"],
                created_at=first["created_at"],
                closed_at=first["closed_at"],
                last_seen_at=first["last_seen_at"],
                version=first["version"],
                memberships=memberships_of(mine),
            )
        )
    return people


async def find_account(work: UnitOfWork, username: str) -> Account | None:
    """The account of a username, unless it was closed."""
    query = select(PersonRow).where(
        col(PersonRow.username) == username, col(PersonRow.status) == "active"
    )
    row = (await work.session.exec(query)).one_or_none()
    return Account(row.id, row.password_hash) if row else None


async def still_has(work: UnitOfWork, account: Account) -> bool:
    """Whether the account is as it was read; it stays so until the commit."""
    query = select(PersonRow.id).where(
        col(PersonRow.id) == account.person_id,
        col(PersonRow.password_hash) == account.password_hash,
        col(PersonRow.status) == "active",
    )
    return (await work.session.exec(query.with_for_update(read=True))).one_or_none() is not None


async def lock_person(work: UnitOfWork, person_id: UUID) -> PersonRow:
    """A person's row, locked to be changed. Raises NotFound and AlreadyClosed."""
    query = select(PersonRow).where(col(PersonRow.id) == person_id).with_for_update()
    row = (await work.session.exec(query)).one_or_none()
    if row is None:
        raise NotFound
    if row.status == "closed":
        raise AlreadyClosed
    return row


async def only_membership(work: UnitOfWork, person_id: UUID) -> Membership | None:
    """What a person works as, when that needs no choice."""
    query = sa.text(f"{MEMBERSHIPS} AND m.person_id = :person LIMIT 2")
    connection = await work.session.connection()
    rows = (await connection.execute(query, {"person": person_id})).mappings().all()
    return memberships_of(rows)[0] if len(rows) == 1 else None


async def set_memberships(
    work: UnitOfWork, person_id: UUID, wanted: Collection[tuple[OrganisationId, Role]]
) -> bool:
    """Gives what is new and takes what isn't wanted any more; whether that was anything.

    The person's row must be locked, or be new.
    """
    query = select(MembershipRow).where(
        col(MembershipRow.person_id) == person_id, col(MembershipRow.ended_at).is_(None)
    )
    there = {
        (OrganisationId(row.organisation_id), Role(row.role)): row
        for row in (await work.session.exec(query)).all()
    }
    given, taken = set(wanted) - there.keys(), there.keys() - set(wanted)
    for had in taken:
        there[had].ended_at = work.now
    await work.session.flush()
    for organisation_id, role in sorted(given):
        await work.add(
            MembershipRow(
                person_id=person_id,
                organisation_id=organisation_id,
                role=role,
                created_at=work.now,
            )
        )
    return bool(given or taken)


async def end_memberships_at(work: UnitOfWork, organisation_id: UUID) -> bool:
    """Nobody works for an organisation any more; whether anybody did."""
    ended = await work.session.exec(
        sa.update(MembershipRow)
        .where(
            col(MembershipRow.organisation_id) == organisation_id,
            col(MembershipRow.ended_at).is_(None),
        )
        .values(ended_at=work.now)
    )
    return ended.rowcount > 0


async def move_memberships(work: UnitOfWork, of: UUID, to: UUID) -> None:
    """Who worked for an organisation works for another one from now on, and as each role once."""
    connection = await work.session.connection()
    await connection.execute(sa.text(_END_TWICE), {"of": of, "to": to, "now": work.now})
    await connection.execute(sa.text(_MOVE), {"of": of, "to": to})
