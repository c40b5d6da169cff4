"""Proposals for the waiting list: what was proposed for each, and what was adopted by whom."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlmodel import Field

from app.db.tables.columns import Table, json_column, listed, new_id, time_column
from domain.care_types import CareType
from domain.matching.proposals import Unplaced
from domain.needs import Urgency


class ProposalRow(Table, table=True):
    """A proposal as it was made, never changed.

    owner_id: the coordination point whose waiting list it is. position: of the board that was looked
    at. algorithm: `VERSION` of domain/matching/assignment.py. left_out: who waits and isn't in it,
    each with why.
    """

    __tablename__ = "proposal"
    __table_args__ = (sa.Index(None, "owner_id", "id"),)

    id: UUID = new_id()
    region_id: int = Field(sa_type=sa.SmallInteger, foreign_key="region.id")
    owner_id: UUID = Field(foreign_key="organisation.id")
    made_at: datetime = time_column()
    made_by: UUID | None = None
    position: str
    algorithm: str
    left_out: Any = json_column(nullable=False)


class ProposalItemRow(Table, table=True):
    """Somebody of the waiting list, with what the order went by then.

    pool_id, care_type, km: what is proposed. alone_*: what it would be one by one. unplaced: why
    there is nothing, with counts by criterion (`failed`) and what would fit if one thing changed
    (`near`). offer_id: what came of it, once it was adopted.
    """

    __tablename__ = "proposal_item"
    __table_args__ = (
        sa.PrimaryKeyConstraint("proposal_id", "referral_id"),
        sa.CheckConstraint(listed("urgency", Urgency), name="urgency"),
        sa.CheckConstraint(listed("care_type", CareType), name="care_type"),
        sa.CheckConstraint(listed("alone_care_type", CareType), name="alone_care_type"),
        sa.CheckConstraint(listed("unplaced", Unplaced), name="unplaced"),
        sa.CheckConstraint(
            "(pool_id IS NULL) = (unplaced IS NOT NULL) AND (pool_id IS NULL) = (care_type IS NULL)",
            name="place",
        ),
        sa.CheckConstraint("(alone_pool_id IS NULL) = (alone_care_type IS NULL)", name="alone"),
        sa.CheckConstraint(
            "(offer_id IS NULL) = (adopted_at IS NULL)"
            " AND (offer_id IS NULL OR pool_id IS NOT NULL)",
            name="adopted",
        ),
        sa.Index(None, "referral_id"),
    )

    proposal_id: UUID = Field(foreign_key="proposal.id")
    referral_id: UUID = Field(foreign_key="referral.id")
    rank: int = Field(sa_type=sa.SmallInteger)
    urgency: str
    filed_at: datetime = time_column()
    waited_minutes: int
    norm_minutes: int
    wrong_bed_days: int
    pool_id: UUID | None = Field(default=None, foreign_key="pool.id")
    care_type: str | None = None
    km: float | None = Field(default=None, sa_type=pg.REAL)
    alone_pool_id: UUID | None = Field(default=None, foreign_key="pool.id")
    alone_care_type: str | None = None
    alone_km: float | None = Field(default=None, sa_type=pg.REAL)
    unplaced: str | None = None
    failed: Any = json_column()
    near: Any = json_column()
    offer_id: UUID | None = Field(default=None, foreign_key="offer.id", unique=True)
    adopted_at: datetime | None = time_column(nullable=True)
    adopted_by: UUID | None = None
