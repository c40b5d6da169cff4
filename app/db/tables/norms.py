"""Norms: each set that a region has had."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from app.db.tables.columns import Table, json_column, new_id, time_column


class NormSetRow(Table, table=True):
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


class LocationHoursRow(Table, table=True):
    """A location's hours and contacts from `set_at` on, until its next: what clocks counted in, and when.

    version: of the location as it was written. Never changed, never deleted.
    """

    __tablename__ = "location_hours"
    __table_args__ = (sa.PrimaryKeyConstraint("location_id", "version"),)

    location_id: UUID = Field(foreign_key="location.id")
    version: int
    opening_hours: Any = json_column()
    intake_hours: Any = json_column()
    on_call: Any = json_column()
    set_at: datetime = time_column()
    set_by: UUID | None = None
