"""Records of delivering, as the workers counted them last."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from app.db.tables.columns import Table


class DeliveryRecordRow(Table, table=True):
    """What a provider was asked in a region over some days, and what came of it.

    For the meaning of each count see domain/delivery_records.py. Minutes are null for too few answers.
    """

    __tablename__ = "delivery_record"
    __table_args__ = (
        sa.PrimaryKeyConstraint("organisation_id", "region_id"),
        sa.CheckConstraint("since <= until", name="period"),
        sa.CheckConstraint(
            "answered >= 0 AND unanswered >= 0 AND answered + unanswered <= asked"
            " AND late BETWEEN 0 AND answered AND called_on <= answered"
            " AND refused_while_free BETWEEN 0 AND called_on AND admissions_due <= asked"
            " AND not_arrived BETWEEN 0 AND admissions_due",
            name="counts",
        ),
        sa.CheckConstraint("0 <= median_answer_minutes", name="median"),
        sa.CheckConstraint(
            "(median_answer_minutes IS NULL) = (slow_answer_minutes IS NULL)"
            " AND median_answer_minutes <= slow_answer_minutes",
            name="minutes",
        ),
    )

    organisation_id: UUID = Field(foreign_key="organisation.id")
    region_id: int = Field(sa_type=sa.SmallInteger, foreign_key="region.id")
    since: date
    until: date
    asked: int
    answered: int
    unanswered: int
    late: int
    called_on: int
    refused_while_free: int
    admissions_due: int
    not_arrived: int
    median_answer_minutes: int | None = None
    slow_answer_minutes: int | None = None
