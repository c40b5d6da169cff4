"""People: who may sign in, as what, their sessions, and what they marked for themselves."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from app.db.tables.columns import Table, listed, new_id, time_column, version_column
from domain.actors import Role
from domain.favourites import FavouriteKind


class PersonRow(Table, table=True):
    """A person with an account of our own. Of the password only a slow hash is kept (argon2)."""

    __tablename__ = "person"
    __table_args__ = (
        sa.CheckConstraint("username ~ '^[a-z0-9._-]{3,64}$'", name="username"),
        sa.CheckConstraint("password_hash LIKE '$argon2id$%'", name="password_hash"),
        sa.CheckConstraint("status IN ('active', 'closed')", name="status"),
    )

    id: UUID = new_id()
    username: str = Field(unique=True)
    name: str
    password_hash: str
    created_at: datetime = time_column()
    created_by: UUID | None = None
    status: str = Field(default="active", sa_column_kwargs={"server_default": "active"})
    closed_at: datetime | None = time_column(nullable=True)
    version: int = version_column()


class MembershipRow(Table, table=True):
    """What a person works as at an organisation, from when it was given until it was taken."""

    __tablename__ = "membership"
    __table_args__ = (
        sa.CheckConstraint(listed("role", [r for r in Role if r is not Role.SYSTEM]), name="role"),
        sa.Index(
            "membership_person_id_organisation_id_role_key",
            "person_id",
            "organisation_id",
            "role",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )

    id: UUID = new_id()
    person_id: UUID = Field(foreign_key="person.id")
    organisation_id: UUID = Field(foreign_key="organisation.id", index=True)
    role: str
    created_at: datetime = time_column()
    ended_at: datetime | None = time_column(nullable=True)


class SessionRow(Table, table=True):
    """A signed-in browser: only the hash of its token is kept.

    membership_id: what its person works as now; null while they haven't chosen.
    """

    __tablename__ = "person_session"
    __table_args__ = (
        sa.CheckConstraint("octet_length(hash) = 32", name="hash"),
        sa.CheckConstraint("last_used_at >= created_at", name="used"),
    )

    id: UUID = new_id()
    hash: bytes = Field(unique=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    membership_id: UUID | None = Field(default=None, foreign_key="membership.id")
    address: str | None = None
    created_at: datetime = time_column()
    last_used_at: datetime = time_column()
    ended_at: datetime | None = time_column(nullable=True)


class SignInTryRow(Table, table=True):
    """Wrong passwords of one name from one place, or of one address.

    bucket: a hash, since what people type in the wrong field is nobody's business. counted_until:
    when all of them are forgotten (domain/sessions.py).
    """

    __tablename__ = "sign_in_try"
    __table_args__ = (sa.CheckConstraint("octet_length(bucket) = 32", name="bucket"),)

    bucket: bytes = Field(primary_key=True)
    counted_until: datetime = time_column()


class FavouriteRow(Table, table=True):
    """What a person wants to see first."""

    __tablename__ = "favourite"
    __table_args__ = (sa.CheckConstraint(listed("kind", FavouriteKind), name="kind"),)

    person_id: UUID = Field(foreign_key="person.id", primary_key=True)
    kind: str = Field(primary_key=True)
    subject_id: UUID = Field(primary_key=True)
    created_at: datetime = time_column()
