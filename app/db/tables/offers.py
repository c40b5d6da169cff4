"""Offers, claims and stays: what a provider is asked, what is held, and who is where since when."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from app.db.tables.columns import Table, json_column, listed, new_id, time_column, version_column
from domain.care_types import CareType
from domain.norms import ClockHours
from domain.offers import Awaiting, ClaimState, Ending, OfferState, Refusal

_OPEN = "state IN ('gevraagd', 'tegenvoorstel', 'toegezegd')"


class OfferRow(Table, table=True):
    """One provider asked for one place, with a clock. At most one of a referral is a promise.

    deadline_at, with the norm that made it copied: norm_minutes, norm_hours, norms_version.
    unseen_at: when a coordinator is told that nobody looked; null: not for this urgency.
    posted: what the board told of the place when it was offered; posted_at_answer: when answered.
    promised_at: since when its place is promised; the same moment stands on the pool's row.
    """

    __tablename__ = "offer"
    __table_args__ = (
        sa.CheckConstraint(listed("state", OfferState), name="state"),
        sa.CheckConstraint(listed("care_type", CareType), name="care_type"),
        sa.CheckConstraint(listed("refusal", Refusal), name="refusal"),
        sa.CheckConstraint(listed("ending", Ending), name="ending"),
        sa.CheckConstraint(listed("awaiting", Awaiting), name="awaiting"),
        sa.CheckConstraint(listed("norm_hours", ClockHours), name="norm_hours"),
        sa.CheckConstraint("num_nonnulls(pool_id, team_id) <= 1", name="target"),
        sa.CheckConstraint("bed_id IS NULL OR pool_id IS NOT NULL", name="bed"),
        sa.CheckConstraint("(state = 'geweigerd') = (refusal IS NOT NULL)", name="refused"),
        sa.CheckConstraint(f"({_OPEN}) = (ended_at IS NULL)", name="ended"),
        sa.CheckConstraint("state <> 'toegezegd' OR promised_at IS NOT NULL", name="promised"),
        sa.Index(
            "offer_promise_key",
            "referral_id",
            unique=True,
            postgresql_where=sa.text("state = 'toegezegd'"),
        ),
        sa.Index(None, "referral_id", "id"),
        sa.Index(None, "provider_id", "id"),
        sa.Index(None, "region_id", "offered_at"),
        sa.Index("offer_pool_idx", "pool_id", postgresql_where=sa.text(_OPEN)),
        sa.Index("offer_team_idx", "team_id", postgresql_where=sa.text(_OPEN)),
        sa.Index("offer_asked_idx", "provider_id", "id", postgresql_where=sa.text(_OPEN)),
        sa.Index("offer_due_idx", "deadline_at", postgresql_where=sa.text("state = 'gevraagd'")),
        sa.Index(
            "offer_unseen_idx",
            "unseen_at",
            postgresql_where=sa.text("state = 'gevraagd' AND unseen_at IS NOT NULL"),
        ),
    )

    id: UUID = new_id()
    referral_id: UUID = Field(foreign_key="referral.id")
    region_id: int = Field(sa_type=sa.SmallInteger)
    provider_id: UUID = Field(foreign_key="organisation.id")
    pool_id: UUID | None = Field(default=None, foreign_key="pool.id")
    bed_id: UUID | None = Field(default=None, foreign_key="bed.id")
    team_id: UUID | None = Field(default=None, foreign_key="home_care_team.id")
    care_type: str
    state: str
    version: int = version_column()
    round: int = Field(sa_type=sa.SmallInteger)
    asked: int = Field(sa_type=sa.SmallInteger)
    offered_at: datetime = time_column()
    offered_by: UUID | None = None
    deadline_at: datetime = time_column()
    norm_minutes: int
    norm_hours: str
    norms_version: int
    unseen_at: datetime | None = time_column(nullable=True)
    seen_at: datetime | None = time_column(nullable=True)
    answered_at: datetime | None = time_column(nullable=True)
    late: bool = Field(default=False, sa_column_kwargs={"server_default": sa.text("false")})
    by_phone: bool = Field(default=False, sa_column_kwargs={"server_default": sa.text("false")})
    refusal: str | None = None
    ending: str | None = None
    awaiting: str | None = None
    over_free: bool = Field(default=False, sa_column_kwargs={"server_default": sa.text("false")})
    proposed_at: datetime | None = time_column(nullable=True)
    proposed_pool_id: UUID | None = Field(default=None, foreign_key="pool.id")
    proposed_bed_id: UUID | None = Field(default=None, foreign_key="bed.id")
    promised_at: datetime | None = time_column(nullable=True)
    admission_at: datetime | None = time_column(nullable=True)
    appointment: Any = json_column()
    posted: Any = json_column()
    posted_at_answer: Any = json_column()
    board_position: str | None = None
    ended_at: datetime | None = time_column(nullable=True)


class ClaimRow(Table, table=True):
    """A place held for a referral for some minutes: it counts as taken on every board meanwhile."""

    __tablename__ = "claim"
    __table_args__ = (
        sa.CheckConstraint(listed("state", ClaimState), name="state"),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended"),
        sa.Index(
            "claim_bed_key", "bed_id", unique=True, postgresql_where=sa.text("state = 'open'")
        ),
        sa.Index(
            "claim_open_key",
            *("referral_id", "pool_id"),
            unique=True,
            postgresql_where=sa.text("state = 'open'"),
        ),
        sa.Index("claim_due_idx", "expires_at", postgresql_where=sa.text("state = 'open'")),
        sa.Index("claim_pool_idx", "pool_id", postgresql_where=sa.text("state = 'open'")),
    )

    id: UUID = new_id()
    referral_id: UUID = Field(foreign_key="referral.id", index=True)
    pool_id: UUID = Field(foreign_key="pool.id")
    bed_id: UUID | None = Field(default=None, foreign_key="bed.id")
    state: str
    claimed_at: datetime = time_column()
    claimed_by: UUID | None = None
    expires_at: datetime = time_column()
    ended_at: datetime | None = time_column(nullable=True)


class StayRow(Table, table=True):
    """A stay, or home nursing that began: from admission until somebody left, and where to."""

    __tablename__ = "stay"
    __table_args__ = (
        sa.CheckConstraint(listed("care_type", CareType), name="care_type"),
        sa.CheckConstraint(listed("awaited_type", CareType), name="awaited_type"),
        sa.CheckConstraint("left_at >= admitted_at", name="left"),
        sa.Index(
            "stay_open_key",
            "referral_id",
            unique=True,
            postgresql_where=sa.text("left_at IS NULL"),
        ),
        sa.Index("stay_pool_idx", "pool_id", postgresql_where=sa.text("left_at IS NULL")),
    )

    id: UUID = new_id()
    referral_id: UUID = Field(foreign_key="referral.id", index=True)
    offer_id: UUID = Field(foreign_key="offer.id", unique=True)
    provider_id: UUID = Field(foreign_key="organisation.id")
    pool_id: UUID | None = Field(default=None, foreign_key="pool.id")
    bed_id: UUID | None = Field(default=None, foreign_key="bed.id")
    team_id: UUID | None = Field(default=None, foreign_key="home_care_team.id")
    care_type: str
    temporary: bool
    payer: str | None = None
    admitted_at: datetime = time_column()
    recorded_at: datetime = time_column()
    expected_discharge: date | None = None
    ready_at: datetime | None = time_column(nullable=True)
    awaited_type: str | None = None
    left_at: datetime | None = time_column(nullable=True)
    destination: str | None = None
