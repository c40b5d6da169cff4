"""Norms: each set that a region has had."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.db.tables.columns import json_column, new_id, time_column


class NormSetRow(SQLModel, table=True):
    """A region's norms from `set_at` on, until its next version; never changed, never deleted.

    norms: complete, as domain/norms.py writes them. Who takes a member out of those rewrites all
    rows in the same migration. set_by: a person or a key; null: the system.
    """

    __tablename__ = "norm_set"
    __table_args__ = (
        sa.UniqueConstraint("region_id", "version"),
        sa.CheckConstraint("version > 0", name="version"),
    )

    id: UUID = new_id()
    region_id: int = Field(sa_type=sa.SmallInteger, foreign_key="region.id")
    version: int
    norms: Any = json_column(nullable=False)
    set_at: datetime = time_column()
    set_by: UUID | None = None
    note: str | None = None
