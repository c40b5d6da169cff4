"""Reading and writing of people's sessions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from app.db.event_log import Connection
from app.db.tables import AuditRow, SessionRow
from app.db.unit_of_work import UnitOfWork
from app.security.sessions import StoredSession
from domain.actors import Role
from domain.errors import NotSignedIn
from domain.events import Kind
from domain.identifiers import EVERYWHERE, OrganisationId, RegionId
from domain.people import Membership
from domain.sessions import WHOLE_LIFE

#: A membership that counts, with its organisation and where that works.
MEMBERSHIPS = """
SELECT m.id AS membership_id, m.person_id, m.role, o.id AS organisation_id,
    o.name AS organisation_name, ARRAY(SELECT r.region_id FROM organisation_region r
        WHERE r.organisation_id = o.id) AS regions
FROM membership m JOIN organisation o ON o.id = m.organisation_id
WHERE m.ended_at IS NULL AND o.status = 'active'
"""

_FIND = f"""
SELECT s.id, s.person_id, p.name, p.username, s.created_at, s.last_used_at,
    s.membership_id AS chosen_id, m.membership_id, m.role, m.organisation_id, m.organisation_name,
    m.regions
FROM person_session s JOIN person p ON p.id = s.person_id
LEFT JOIN ({MEMBERSHIPS}) m ON m.person_id = p.id
WHERE s.hash = $1 AND s.ended_at IS NULL AND p.status = 'active'
ORDER BY m.organisation_name, m.role, m.membership_id
"""


async def find_session(connection: Connection, hashed: bytes) -> StoredSession | None:
    """The session of a token, unless it was ended."""
    rows = await connection.fetch(_FIND, hashed)
    if not rows:
        return None
    first = rows[0]
    memberships = memberships_of(rows)
    return StoredSession(
        id=first["id"],
        person_id=first["person_id"],
        person_name=first["name"],
        username=first["username"],
        memberships=memberships,
        membership=next((m for m in memberships if m.id == first["chosen_id"]), None),
        created_at=first["created_at"],
        last_used_at=first["last_used_at"],
    )


def memberships_of(rows: Sequence[Any]) -> tuple[Membership, ...]:
    """The memberships in rows that were joined to `MEMBERSHIPS`."""
    return tuple(
        Membership(
            id=row["membership_id"],
            organisation_id=OrganisationId(row["organisation_id"]),
            organisation_name=row["organisation_name"],
            role=Role(row["role"]),
            regions=frozenset(RegionId(number) for number in row["regions"]),
        )
        for row in rows
        if row["membership_id"] is not None
    )


async def record_use(work: UnitOfWork, session_id: UUID, at: datetime) -> None:
    """A session was used, by what one process saw of it."""
    used_at = sa.func.greatest(col(SessionRow.last_used_at), at)
    await work.session.exec(
        sa.update(SessionRow)
        .where(col(SessionRow.id) == session_id, col(SessionRow.ended_at).is_(None))
        .values(last_used_at=used_at)
    )


async def lock_session(work: UnitOfWork, session_id: UUID) -> SessionRow:
    """A session that was not ended, locked. Raises NotSignedIn."""
    query = select(SessionRow).where(
        col(SessionRow.id) == session_id, col(SessionRow.ended_at).is_(None)
    )
    row = (await work.session.exec(query.with_for_update())).one_or_none()
    if row is None:
        raise NotSignedIn
    return row


async def lock_open_sessions(work: UnitOfWork, person_id: UUID) -> list[SessionRow]:
    """The sessions of a person that may be alive, locked by id.

    No other one comes before the commit when the person's row is locked.
    """
    query = (
        select(SessionRow)
        .where(
            col(SessionRow.person_id) == person_id,
            col(SessionRow.ended_at).is_(None),
            col(SessionRow.created_at) > work.now - WHOLE_LIFE,
        )
        .order_by(col(SessionRow.id))
        .with_for_update()
    )
    return list((await work.session.exec(query)).all())


def end(work: UnitOfWork, row: SessionRow) -> None:
    """Ends a session whose row is locked, in every process."""
    row.ended_at = work.now
    work.touch(Kind.SESSION_ENDED, row.id, EVERYWHERE)


def audit(
    work: UnitOfWork,
    action: str,
    person_id: UUID | None,
    object_id: UUID | None,
    *,
    membership: Membership | None = None,
    outcome: str = "done",
    address: str | None = None,
) -> None:
    """Keeps what a person did with their own sessions, before there is an actor too.

    What was typed as a name that nobody has isn't kept: often it is a password.
    """
    work.session.add(
        AuditRow(
            happened_at=work.now,
            recorded_at=work.now,
            action=action,
            outcome=outcome,
            actor_id=person_id,
            role=membership.role if membership else None,
            organisation_id=membership.organisation_id if membership else None,
            purpose="sign-in",
            basis="own account",
            address=address,
            object_kind="person-session" if object_id else "person",
            object_id=str(object_id or person_id or "unknown"),
        )
    )


async def forget_sessions(work: UnitOfWork, before: datetime) -> int:
    """Removes sessions that began before a moment; how many."""
    removed = await work.session.exec(
        sa.delete(SessionRow).where(col(SessionRow.created_at) < before)
    )
    return removed.rowcount
