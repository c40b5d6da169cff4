"""Matches: what the board had for somebody, kept for who acts on it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlmodel import Field

from app.db.tables.columns import Table, json_column, new_id, time_column


class MatchRow(Table, table=True):
    """A match as it was shown. Those that nobody acted on are removed after a day.

    position: what of the stream it looked at. kept: what `domain/matching/replay.py` makes the same
    result from: need, wishes, weights and each candidate. shown: what fits, as far as it was on the
    first page, in order. acted_at: since when an offer or
    a claim goes by it; acted_on: the ids of those.
    """

    __tablename__ = "match"
    __table_args__ = (
        sa.Index(None, "referral_id", "id"),
        sa.Index("match_unused_idx", "at", postgresql_where=sa.text("acted_at IS NULL")),
    )

    id: UUID = new_id()
    referral_id: UUID = Field(foreign_key="referral.id")
    region_id: int = Field(sa_type=sa.SmallInteger)
    at: datetime = time_column()
    by: UUID | None = None
    position: str
    weights_version: str
    shown: Any = json_column(nullable=False)
    kept: Any = json_column(nullable=False)
    acted_at: datetime | None = time_column(nullable=True)
    acted_on: Any = Field(
        default_factory=list,
        sa_column=sa.Column(pg.JSONB, nullable=False, server_default=sa.text("'[]'")),
    )
