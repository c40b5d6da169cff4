"""How providers deliver what they posted: a row for each, counted anew by the workers."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

EVENT_KINDS = (
    *("stream-opened", "region", "organisation", "location", "pool", "capacity", "bed"),
    *("home-care-team", "home-care", "admission-stop", "postcode", "delivery-record"),
    *("referral", "referral-status", "offer", "handover", "notice"),
    *("key-revoked", "keys-changed", "session-ended", "session-changed"),
)


# Whoever was asked nothing any more has no record.
GRANTS = ("GRANT SELECT, INSERT, UPDATE, DELETE ON delivery_record TO verkeerstoren_app",)


def upgrade() -> None:
    op.create_table(
        "delivery_record",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("region_id", sa.SmallInteger(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("unanswered", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("called_on", sa.Integer(), nullable=False),
        sa.Column("refused_while_free", sa.Integer(), nullable=False),
        sa.Column("admissions_due", sa.Integer(), nullable=False),
        sa.Column("not_arrived", sa.Integer(), nullable=False),
        sa.Column("median_answer_minutes", sa.Integer(), nullable=True),
        sa.Column("slow_answer_minutes", sa.Integer(), nullable=True),
        sa.CheckConstraint("since <= until", name=op.f("delivery_record_period_check")),
        sa.CheckConstraint(
            "answered >= 0 AND unanswered >= 0 AND answered + unanswered <= asked"
            " AND late BETWEEN 0 AND answered AND called_on <= answered"
            " AND refused_while_free BETWEEN 0 AND called_on AND admissions_due <= asked"
            " AND not_arrived BETWEEN 0 AND admissions_due",
            name=op.f("delivery_record_counts_check"),
        ),
        sa.CheckConstraint("0 <= median_answer_minutes", name=op.f("delivery_record_median_check")),
        sa.CheckConstraint(
            "(median_answer_minutes IS NULL) = (slow_answer_minutes IS NULL)"
            " AND median_answer_minutes <= slow_answer_minutes",
            name=op.f("delivery_record_minutes_check"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("delivery_record_organisation_id_fk"),
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["region.id"], name=op.f("delivery_record_region_id_fk")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "region_id", name=op.f("delivery_record_pk")),
    )
    op.create_index(
        op.f("offer_region_id_offered_at_idx"), "offer", ["region_id", "offered_at"], unique=False
    )
    for statement in GRANTS:
        op.execute(statement)
    op.drop_constraint("event_kind_check", "event")
    op.create_check_constraint(op.f("event_kind_check"), "event", _listed("kind", EVENT_KINDS))


def _listed(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"
