"""Word that arrives: notices, what who wants of them, endpoints and deliveries."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Notices go when they were kept long enough, and with them their deliveries and who read them.
GRANTS = (
    "GRANT SELECT, INSERT, UPDATE, DELETE ON notice TO verkeerstoren_app",
    "GRANT SELECT, INSERT ON notice_read TO verkeerstoren_app",
    "GRANT SELECT, INSERT, UPDATE ON word_setting, webhook_endpoint, delivery TO verkeerstoren_app",
)


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("region_id", sa.SmallInteger(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.Column("offer_id", sa.Uuid(), nullable=True),
        sa.Column("handover_id", sa.Uuid(), nullable=True),
        sa.Column("pool_id", sa.Uuid(), nullable=True),
        sa.Column(
            "data", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spread_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('aanvraag', 'antwoord', 'ingetrokken', 'vraag', 'vraag-beantwoord', 'verlopen', 'alarm', 'overdracht', 'overdracht-antwoord', 'capaciteit-oud', 'status', 'eindpunt-gepauzeerd')",
            name=op.f("notice_kind_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("notice_pk")),
    )
    op.create_index("notice_organisation_id_idx", "notice", ["organisation_id", "id"], unique=False)
    op.create_index(
        "notice_to_spread_idx",
        "notice",
        ["id"],
        unique=False,
        postgresql_where=sa.text("spread_at IS NULL"),
    )
    op.create_table(
        "notice_read",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("reader_id", sa.Uuid(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name=op.f("notice_read_notice_id_fk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("notice_id", "reader_id", name=op.f("notice_read_pk")),
    )
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("previous_secret", sa.String(), nullable=True),
        sa.Column("previous_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "kinds", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "kinds <@ ARRAY['aanvraag', 'antwoord', 'ingetrokken', 'vraag', 'vraag-beantwoord', 'verlopen', 'alarm', 'overdracht', 'overdracht-antwoord', 'capaciteit-oud', 'status', 'eindpunt-gepauzeerd']::text[]",
            name=op.f("webhook_endpoint_kinds_check"),
        ),
        sa.CheckConstraint(
            "secret ~ '^whsec_[A-Za-z0-9+/]{43}=$'", name=op.f("webhook_endpoint_secret_check")
        ),
        sa.CheckConstraint(
            "state IN ('active', 'paused', 'ended')", name=op.f("webhook_endpoint_state_check")
        ),
        sa.CheckConstraint(
            "(previous_secret IS NULL) = (previous_until IS NULL)",
            name=op.f("webhook_endpoint_previous_check"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("webhook_endpoint_organisation_id_fk"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("webhook_endpoint_pk")),
    )
    op.create_index(
        op.f("webhook_endpoint_organisation_id_idx"),
        "webhook_endpoint",
        ["organisation_id"],
        unique=False,
    )
    op.create_table(
        "word_setting",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column(
            "choices", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column(
            "windows", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_to", sa.Time(), nullable=True),
        sa.Column("digest_at", sa.Time(), nullable=False),
        sa.Column("acuut_always", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(
            "address ~ '^[^@[:space:]]+@[^@[:space:]]+$'", name=op.f("word_setting_address_check")
        ),
        sa.CheckConstraint(
            "(quiet_from IS NULL) = (quiet_to IS NULL)", name=op.f("word_setting_quiet_check")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("word_setting_organisation_id_fk")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("word_setting_person_id_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("word_setting_pk")),
        sa.UniqueConstraint(
            "organisation_id",
            "person_id",
            name=op.f("word_setting_organisation_id_person_id_key"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("setting_id", sa.Uuid(), nullable=True),
        sa.Column("endpoint_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("digest", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(setting_id IS NOT NULL) = (channel = 'mail') AND (endpoint_id IS NOT NULL) = (channel = 'webhook')",
            name=op.f("delivery_to_check"),
        ),
        sa.CheckConstraint(
            "(state = 'verstuurd') = (sent_at IS NOT NULL)", name=op.f("delivery_sent_check")
        ),
        sa.CheckConstraint("channel IN ('mail', 'webhook')", name=op.f("delivery_channel_check")),
        sa.CheckConstraint(
            "state IN ('wacht', 'verstuurd', 'dood', 'vervallen')",
            name=op.f("delivery_state_check"),
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("delivery_attempts_check")),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["webhook_endpoint.id"], name=op.f("delivery_endpoint_id_fk")
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name=op.f("delivery_notice_id_fk"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["setting_id"], ["word_setting.id"], name=op.f("delivery_setting_id_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("delivery_pk")),
        sa.UniqueConstraint(
            "notice_id", "endpoint_id", name=op.f("delivery_notice_id_endpoint_id_key")
        ),
        sa.UniqueConstraint(
            "notice_id", "setting_id", name=op.f("delivery_notice_id_setting_id_key")
        ),
    )
    op.create_index(
        "delivery_dead_idx",
        "delivery",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'dood'"),
    )
    op.create_index(
        "delivery_due_idx",
        "delivery",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("state = 'wacht'"),
    )
    op.create_index(
        "delivery_endpoint_due_idx",
        "delivery",
        ["endpoint_id", "next_at"],
        unique=False,
        postgresql_where=sa.text("state = 'wacht' AND endpoint_id IS NOT NULL"),
    )
    for grant in GRANTS:
        op.execute(grant)
