"""Logs: the stream's events, the audit, and requests that were answered."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlmodel import Field

from app.db.tables.columns import Table, listed, time_column
from domain.events import Kind


class EventRow(Table, table=True):
    """One event. `data` is the subject's new state; null says it is gone for this audience."""

    __tablename__ = "event"
    __table_args__ = (
        sa.CheckConstraint(listed("kind", Kind), name="kind"),
        sa.CheckConstraint("tag BETWEEN 0 AND 4294967295", name="tag"),
    )

    region_id: int = Field(
        sa_column=sa.Column(sa.SmallInteger, primary_key=True, autoincrement=False)
    )
    number: int = Field(sa_column=sa.Column(sa.BigInteger, primary_key=True, autoincrement=False))
    epoch: int
    tag: int = Field(sa_type=sa.BigInteger)
    kind: str
    subject_id: str
    owner_id: UUID | None = None
    at: datetime = time_column()
    data: Any = Field(sa_column=sa.Column(pg.JSON, nullable=True))


class AuditRow(Table, table=True):
    """Who did what, when and by what right (NEN 7513). The application may only add.

    Partitioned by month, so that what was kept long enough goes without a trace of work.
    """

    __tablename__ = "audit"
    __table_args__: ClassVar[Any] = (
        sa.PrimaryKeyConstraint("happened_at", "id"),
        sa.Index(None, "object_kind", "object_id"),
        {"postgresql_partition_by": "RANGE (happened_at)"},
    )

    id: int = Field(
        default=None, sa_column=sa.Column(sa.BigInteger, sa.Identity(always=True), nullable=False)
    )
    happened_at: datetime = time_column()
    recorded_at: datetime = time_column(now=True)
    action: str
    outcome: str
    actor_id: UUID | None = None
    role: str | None = None
    organisation_id: UUID | None = None
    purpose: str
    basis: str
    address: str | None = None
    object_kind: str
    object_id: str


class IdempotencyRow(Table, table=True):
    """The answer to a POST that created something, kept a day for its repetition."""

    __tablename__ = "idempotency"

    credential_id: UUID = Field(primary_key=True)
    key: str = Field(primary_key=True)
    body_hash: bytes
    answer: Any = Field(sa_column=sa.Column(pg.JSONB, nullable=False))
    created_at: datetime = time_column()
