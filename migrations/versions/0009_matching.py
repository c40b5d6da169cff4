"""Matches that were acted on, proposals for the waiting list, and what people wish for."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# A match that nobody acted on is removed; what one went by is never rewritten.
GRANTS = (
    "GRANT SELECT, INSERT, DELETE ON match TO verkeerstoren_app",
    "GRANT UPDATE (acted_at, acted_on) ON match TO verkeerstoren_app",
)
# A proposal stays as it was made, whosever it becomes by a merger; of an item only what came of it
# is written later.
PROPOSAL_GRANTS = (
    "GRANT SELECT, INSERT ON proposal, proposal_item TO verkeerstoren_app",
    "GRANT UPDATE (owner_id) ON proposal TO verkeerstoren_app",
    "GRANT UPDATE (offer_id, adopted_at, adopted_by) ON proposal_item TO verkeerstoren_app",
)


def upgrade() -> None:
    op.add_column(
        "referral", sa.Column("wishes", postgresql.JSONB(none_as_null=True), nullable=True)
    )
    op.create_table(
        "match",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("region_id", sa.SmallInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("position", sa.String(), nullable=False),
        sa.Column("weights_version", sa.String(), nullable=False),
        sa.Column("shown", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("kept", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("acted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acted_on", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("match_referral_id_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("match_pk")),
    )
    op.create_index("match_referral_id_id_idx", "match", ["referral_id", "id"])
    op.create_index(
        "match_unused_idx", "match", ["at"], postgresql_where=sa.text("acted_at IS NULL")
    )
    for statement in GRANTS:
        op.execute(statement)
    _proposals()


def _proposals() -> None:
    op.create_table(
        "proposal",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("region_id", sa.SmallInteger(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("position", sa.String(), nullable=False),
        sa.Column("algorithm", sa.String(), nullable=False),
        sa.Column("left_out", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["organisation.id"], name=op.f("proposal_owner_id_fk")
        ),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("proposal_region_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("proposal_pk")),
    )
    op.create_index(op.f("proposal_owner_id_id_idx"), "proposal", ["owner_id", "id"])
    op.create_table(
        "proposal_item",
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("urgency", sa.String(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waited_minutes", sa.Integer(), nullable=False),
        sa.Column("norm_minutes", sa.Integer(), nullable=False),
        sa.Column("wrong_bed_days", sa.Integer(), nullable=False),
        sa.Column("pool_id", sa.Uuid(), nullable=True),
        sa.Column("care_type", sa.String(), nullable=True),
        sa.Column("km", sa.REAL(), nullable=True),
        sa.Column("alone_pool_id", sa.Uuid(), nullable=True),
        sa.Column("alone_care_type", sa.String(), nullable=True),
        sa.Column("alone_km", sa.REAL(), nullable=True),
        sa.Column("unplaced", sa.String(), nullable=True),
        sa.Column("failed", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("near", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("offer_id", sa.Uuid(), nullable=True),
        sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("adopted_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "urgency IN ('acuut', 'spoed', 'regulier')", name=op.f("proposal_item_urgency_check")
        ),
        sa.CheckConstraint(
            "care_type IN ('mfb', 'elv-laag', 'elv-hoog', 'elv-palliatief', 'grz', 'wlz-vv', 'wlz-tijdelijk', 'wlz-crisis', 'respijt', 'hospice', 'observatie', 'wijkverpleging', 'spoedconsult-so', 'ggz-crisis')",
            name=op.f("proposal_item_care_type_check"),
        ),
        sa.CheckConstraint(
            "alone_care_type IN ('mfb', 'elv-laag', 'elv-hoog', 'elv-palliatief', 'grz', 'wlz-vv', 'wlz-tijdelijk', 'wlz-crisis', 'respijt', 'hospice', 'observatie', 'wijkverpleging', 'spoedconsult-so', 'ggz-crisis')",
            name=op.f("proposal_item_alone_care_type_check"),
        ),
        sa.CheckConstraint(
            "unplaced IN ('bordcontrole-nodig', 'regulier-past', 'niets-past', 'al-geweigerd', 'naar-wie-eerder-komt')",
            name=op.f("proposal_item_unplaced_check"),
        ),
        sa.CheckConstraint(
            "(pool_id IS NULL) = (unplaced IS NOT NULL) AND (pool_id IS NULL) = (care_type IS NULL)",
            name=op.f("proposal_item_place_check"),
        ),
        sa.CheckConstraint(
            "(alone_pool_id IS NULL) = (alone_care_type IS NULL)",
            name=op.f("proposal_item_alone_check"),
        ),
        sa.CheckConstraint(
            "(offer_id IS NULL) = (adopted_at IS NULL) AND (offer_id IS NULL OR pool_id IS NOT NULL)",
            name=op.f("proposal_item_adopted_check"),
        ),
        sa.ForeignKeyConstraint(
            ["alone_pool_id"], ["pool.id"], name=op.f("proposal_item_alone_pool_id_fk")
        ),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("proposal_item_offer_id_fk")),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("proposal_item_pool_id_fk")),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("proposal_item_proposal_id_fk")
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("proposal_item_referral_id_fk")
        ),
        sa.PrimaryKeyConstraint("proposal_id", "referral_id", name=op.f("proposal_item_pk")),
        sa.UniqueConstraint("offer_id", name=op.f("proposal_item_offer_id_key")),
    )
    op.create_index(op.f("proposal_item_referral_id_idx"), "proposal_item", ["referral_id"])
    for statement in PROPOSAL_GRANTS:
        op.execute(statement)
