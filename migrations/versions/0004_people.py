"""People: who may sign in, as what, their sessions, wrong tries, and favourites."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

EVENT_KINDS = (
    *("stream-opened", "region", "organisation", "location", "pool", "capacity", "bed"),
    *("home-care-team", "home-care", "admission-stop", "postcode", "key-revoked", "keys-changed"),
    *("session-ended", "session-changed"),
)

# People and what they worked as are never deleted; sessions and wrong tries are, when they are over.
GRANTS = (
    "GRANT SELECT, INSERT, UPDATE ON person, membership TO verkeerstoren_app",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON person_session, sign_in_try TO verkeerstoren_app",
    "GRANT SELECT, INSERT, DELETE ON favourite TO verkeerstoren_app",
)


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(), server_default="active", nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(
            "password_hash LIKE '$argon2id$%'", name=op.f("person_password_hash_check")
        ),
        sa.CheckConstraint("status IN ('active', 'closed')", name=op.f("person_status_check")),
        sa.CheckConstraint("username ~ '^[a-z0-9._-]{3,64}$'", name=op.f("person_username_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("person_pk")),
        sa.UniqueConstraint("username", name=op.f("person_username_key")),
    )
    op.create_table(
        "sign_in_try",
        sa.Column("bucket", sa.LargeBinary(), nullable=False),
        sa.Column("counted_until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(bucket) = 32", name=op.f("sign_in_try_bucket_check")),
        sa.PrimaryKeyConstraint("bucket", name=op.f("sign_in_try_pk")),
    )
    op.create_table(
        "favourite",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('pool', 'location', 'organisation', 'home-care-team')",
            name=op.f("favourite_kind_check"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("favourite_person_id_fk")),
        sa.PrimaryKeyConstraint("person_id", "kind", "subject_id", name=op.f("favourite_pk")),
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role IN ('coordinator', 'provider-capacity', 'provider-intake', 'referrer', 'analyst', 'operator', 'auditor')",
            name=op.f("membership_role_check"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("membership_organisation_id_fk")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("membership_person_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("membership_pk")),
    )
    op.create_index(
        op.f("membership_organisation_id_idx"), "membership", ["organisation_id"], unique=False
    )
    op.create_index(
        "membership_person_id_organisation_id_role_key",
        "membership",
        ["person_id", "organisation_id", "role"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "person_session",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("last_used_at >= created_at", name=op.f("person_session_used_check")),
        sa.CheckConstraint("octet_length(hash) = 32", name=op.f("person_session_hash_check")),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("person_session_membership_id_fk")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("person_session_person_id_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("person_session_pk")),
        sa.UniqueConstraint("hash", name=op.f("person_session_hash_key")),
    )
    op.create_index(
        op.f("person_session_person_id_idx"), "person_session", ["person_id"], unique=False
    )
    op.drop_constraint("event_kind_check", "event")
    op.create_check_constraint(op.f("event_kind_check"), "event", _listed("kind", EVENT_KINDS))
    for statement in GRANTS:
        op.execute(statement)


def _listed(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"
