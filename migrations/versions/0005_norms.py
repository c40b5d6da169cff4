"""Norms of a region, with history."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "norm_set",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("region_id", sa.SmallInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "norms",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=False,
        ),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.CheckConstraint("version > 0", name=op.f("norm_set_version_check")),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("norm_set_region_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("norm_set_pk")),
        sa.UniqueConstraint("region_id", "version", name=op.f("norm_set_region_id_version_key")),
    )
    # What held when is never rewritten.
    op.execute("GRANT SELECT, INSERT ON norm_set TO verkeerstoren_app")
