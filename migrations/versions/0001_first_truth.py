"""First truth: registers, pools, the stream, history, audit, and what the application may touch."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# `counted` movements and promises are those that the report's own figures can't hold: see
# domain/capacity.py, which does the same sums. Both return early when there is nothing to count,
# which is nearly always, since the balance is worked out at every report.
FUNCTIONS = (
    """
CREATE FUNCTION pool_admitted_since(
    admitted timestamptz[], promised timestamptz[], since timestamptz, includes_holds boolean
) RETURNS int LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF cardinality(admitted) = 0 THEN RETURN 0; END IF;
  RETURN (SELECT count(*) FROM unnest(admitted, promised) AS a(at, promised_at)
          WHERE CASE WHEN includes_holds THEN coalesce(a.promised_at, a.at) ELSE a.at END > since);
END $$
""",
    """
CREATE FUNCTION pool_discharged_since(discharged timestamptz[], since timestamptz)
RETURNS int LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF cardinality(discharged) = 0 THEN RETURN 0; END IF;
  RETURN (SELECT count(*) FROM unnest(discharged) AS d(at) WHERE d.at > since);
END $$
""",
    """
CREATE FUNCTION pool_balance(
    base int, counted_until timestamptz, includes_holds boolean, folded_admissions int,
    folded_discharges int, claimed int, promised timestamptz[], admitted timestamptz[],
    admission_promised timestamptz[], discharged timestamptz[]
) RETURNS smallint LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  held int := cardinality(promised);
BEGIN
  IF base IS NULL OR counted_until IS NULL THEN RETURN NULL; END IF;
  IF includes_holds AND held > 0 THEN
    held := (SELECT count(*) FROM unnest(promised) AS p(at) WHERE p.at > counted_until);
  END IF;
  RETURN base - claimed - held
    - (pool_admitted_since(admitted, admission_promised, counted_until, includes_holds)
       - folded_admissions)
    + (pool_discharged_since(discharged, counted_until) - folded_discharges);
END $$
""",
)

# Region 0 is everybody's stream. Every stream begins with an event, so that every position can be
# verified against the log.
EVERYWHERE = (
    """
INSERT INTO region (id, code, name) VALUES (0, 'landelijk', 'Heel Nederland')
""",
    """
WITH opened AS (
  INSERT INTO event (region_id, number, epoch, tag, kind, subject_id, at)
  VALUES (0, 0, 1, floor(random() * 4294967296), 'stream-opened', '0', now())
  RETURNING region_id, epoch, number, tag
)
INSERT INTO stream (region_id, epoch, number, tag) SELECT * FROM opened
""",
)

# The logs can only be added to: not even the application can rewrite what happened.
GRANTS = (
    "GRANT USAGE ON SCHEMA public TO verkeerstoren_app",
    "GRANT SELECT ON alembic_version TO verkeerstoren_app",
    "GRANT SELECT, INSERT, UPDATE ON region, stream, organisation, source, api_key, location, pool TO verkeerstoren_app",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON organisation_region, idempotency TO verkeerstoren_app",
    "GRANT SELECT, INSERT ON event, pool_report, audit TO verkeerstoren_app",
)


def upgrade() -> None:
    for statement in FUNCTIONS:
        op.execute(statement)
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("object_kind", sa.String(), nullable=False),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_pk")),
    )
    op.create_index(
        op.f("audit_object_kind_object_id_idx"), "audit", ["object_kind", "object_id"], unique=False
    )
    op.create_table(
        "event",
        sa.Column("region_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("tag", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", postgresql.JSON(astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "kind IN ('stream-opened', 'region', 'organisation', 'location', 'pool', 'capacity', 'key-revoked')",
            name=op.f("event_kind_check"),
        ),
        sa.CheckConstraint("tag BETWEEN 0 AND 4294967295", name=op.f("event_tag_check")),
        sa.PrimaryKeyConstraint("region_id", "number", name=op.f("event_pk")),
    )
    op.create_table(
        "idempotency",
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("credential_id", "key", name=op.f("idempotency_pk")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("agb", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("agb ~ '^[0-9]{8}$'", name=op.f("organisation_agb_check")),
        sa.CheckConstraint(
            "kind IN ('coordination-point', 'provider', 'referrer', 'region')",
            name=op.f("organisation_kind_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("organisation_pk")),
        sa.UniqueConstraint("agb", name=op.f("organisation_agb_key")),
    )
    op.create_table(
        "region",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("region_pk")),
        sa.UniqueConstraint("code", name=op.f("region_code_key")),
    )
    op.create_table(
        "location",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("region_id", sa.SmallInteger(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("postcode", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("gemeente", sa.String(), nullable=True),
        sa.Column("telephone", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(
            "gemeente IS NULL OR gemeente ~ '^[0-9]{4}$'", name=op.f("location_gemeente_check")
        ),
        sa.CheckConstraint(
            "postcode ~ '^[1-9][0-9]{3}([A-Z]{2})?$'", name=op.f("location_postcode_check")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("location_organisation_id_fk")
        ),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("location_region_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("location_pk")),
    )
    op.create_index(
        op.f("location_organisation_id_idx"), "location", ["organisation_id"], unique=False
    )
    op.create_table(
        "organisation_region",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("region_id", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("organisation_region_organisation_id_fk"),
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["region.id"], name=op.f("organisation_region_region_id_fk")
        ),
        sa.PrimaryKeyConstraint(
            "organisation_id", "region_id", name=op.f("organisation_region_pk")
        ),
    )
    op.create_table(
        "source",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("lag_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("includes_holds", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('api', 'page', 'file', 'phone')", name=op.f("source_kind_check")
        ),
        sa.CheckConstraint("lag_minutes BETWEEN 0 AND 1440", name=op.f("source_lag_check")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("source_organisation_id_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("source_pk")),
        sa.UniqueConstraint(
            "organisation_id", "name", name=op.f("source_organisation_id_name_key")
        ),
    )
    op.create_table(
        "stream",
        sa.Column("region_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("stream_region_id_fk")),
        sa.PrimaryKeyConstraint("region_id", name=op.f("stream_pk")),
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "role IN ('coordinator', 'provider-capacity', 'provider-intake', 'referrer', 'analyst', 'operator', 'auditor', 'system')",
            name=op.f("api_key_role_check"),
        ),
        sa.CheckConstraint("octet_length(hash) = 32", name=op.f("api_key_hash_check")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("api_key_organisation_id_fk")
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("api_key_source_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("api_key_pk")),
        sa.UniqueConstraint("hash", name=op.f("api_key_hash_key")),
    )
    op.create_index(
        op.f("api_key_organisation_id_idx"), "api_key", ["organisation_id"], unique=False
    )
    op.create_table(
        "pool",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("region_id", sa.SmallInteger(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("care_types", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("posting_schedule", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("report_version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("source_kind", sa.String(), nullable=True),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("includes_holds", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("physical", sa.SmallInteger(), nullable=True),
        sa.Column("operable", sa.SmallInteger(), nullable=True),
        sa.Column("occupied", sa.SmallInteger(), nullable=True),
        sa.Column("planned", sa.SmallInteger(), nullable=True),
        sa.Column("closed", sa.SmallInteger(), nullable=True),
        sa.Column("closed_reason", sa.String(), nullable=True),
        sa.Column("free", sa.SmallInteger(), nullable=True),
        sa.Column("available_from", sa.Date(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column(
            "folded_admissions", sa.SmallInteger(), server_default=sa.text("0"), nullable=False
        ),
        sa.Column(
            "folded_discharges", sa.SmallInteger(), server_default=sa.text("0"), nullable=False
        ),
        sa.Column("claimed", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "promised_at",
            postgresql.ARRAY(sa.DateTime(timezone=True)),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column(
            "admitted_at",
            postgresql.ARRAY(sa.DateTime(timezone=True)),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column(
            "admission_promised_at",
            postgresql.ARRAY(sa.DateTime(timezone=True)),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column(
            "discharged_at",
            postgresql.ARRAY(sa.DateTime(timezone=True)),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column(
            "base",
            sa.SmallInteger(),
            sa.Computed("coalesce(free, operable - occupied - planned)", persisted=True),
            nullable=True,
        ),
        sa.Column(
            "balance",
            sa.SmallInteger(),
            sa.Computed(
                "pool_balance(coalesce(free, operable - occupied - planned), counted_until, includes_holds, folded_admissions, folded_discharges, claimed, promised_at, admitted_at, admission_promised_at, discharged_at)",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.CheckConstraint(
            "care_types <@ ARRAY['mfb', 'elv-laag', 'elv-hoog', 'elv-palliatief', 'grz', 'wlz-vv', 'wlz-tijdelijk', 'wlz-crisis', 'respijt', 'hospice', 'observatie', 'ggz-crisis']::text[]",
            name=op.f("pool_care_types_known_check"),
        ),
        sa.CheckConstraint(
            "closed_reason IN ('personeel', 'uitbraak', 'verbouwing', 'onderhoud', 'anders')",
            name=op.f("pool_closed_reason_known_check"),
        ),
        sa.CheckConstraint(
            "posting_schedule IN ('werkdagen-tweemaal', 'dagelijks-tweemaal', 'bij-wijziging')",
            name=op.f("pool_posting_schedule_check"),
        ),
        sa.CheckConstraint("status IN ('active', 'ended')", name=op.f("pool_status_check")),
        sa.CheckConstraint(
            "(coalesce(closed, 0) > 0) = (closed_reason IS NOT NULL)",
            name=op.f("pool_closed_reason_check"),
        ),
        sa.CheckConstraint(
            "(report_version = 0) = (observed_at IS NULL) AND (observed_at IS NULL) = (valid_until IS NULL) AND (observed_at IS NULL) = (counted_until IS NULL)",
            name=op.f("pool_reported_check"),
        ),
        sa.CheckConstraint(
            "cardinality(admitted_at) = cardinality(admission_promised_at)",
            name=op.f("pool_admissions_check"),
        ),
        sa.CheckConstraint("cardinality(care_types) > 0", name=op.f("pool_care_types_some_check")),
        sa.CheckConstraint("claimed >= 0", name=op.f("pool_claimed_check")),
        sa.CheckConstraint("closed <= physical", name=op.f("pool_closed_physical_check")),
        sa.CheckConstraint(
            "free + folded_admissions - folded_discharges <= physical",
            name=op.f("pool_free_physical_check"),
        ),
        sa.CheckConstraint("free >= 0 OR folded_admissions > 0", name=op.f("pool_free_check")),
        sa.CheckConstraint(
            "free IS NULL OR operable IS NULL OR occupied IS NULL",
            name=op.f("pool_free_or_counts_check"),
        ),
        sa.CheckConstraint("observed_at <= received_at", name=op.f("pool_observed_received_check")),
        sa.CheckConstraint(
            "occupied - folded_admissions + folded_discharges <= operable",
            name=op.f("pool_occupied_operable_check"),
        ),
        sa.CheckConstraint(
            "occupied >= 0 OR folded_discharges > 0", name=op.f("pool_occupied_check")
        ),
        sa.CheckConstraint("operable <= physical", name=op.f("pool_operable_physical_check")),
        sa.CheckConstraint(
            "physical BETWEEN 0 AND 9999 AND operable BETWEEN 0 AND 9999 AND planned BETWEEN 0 AND 9999 AND closed BETWEEN 0 AND 9999 AND occupied <= 9999 AND free <= 9999",
            name=op.f("pool_counts_check"),
        ),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("pool_location_id_fk")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("pool_organisation_id_fk")
        ),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("pool_region_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("pool_pk")),
        sa.UniqueConstraint(
            "organisation_id", "external_id", name=op.f("pool_organisation_id_external_id_key")
        ),
    )
    op.create_index(op.f("pool_location_id_idx"), "pool", ["location_id"], unique=False)
    op.create_index(op.f("pool_region_id_idx"), "pool", ["region_id"], unique=False)
    op.create_table(
        "pool_report",
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("confirmation", sa.Boolean(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("source_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("physical", sa.SmallInteger(), nullable=True),
        sa.Column("operable", sa.SmallInteger(), nullable=True),
        sa.Column("occupied", sa.SmallInteger(), nullable=True),
        sa.Column("planned", sa.SmallInteger(), nullable=True),
        sa.Column("closed", sa.SmallInteger(), nullable=True),
        sa.Column("closed_reason", sa.String(), nullable=True),
        sa.Column("free", sa.SmallInteger(), nullable=True),
        sa.Column("available_from", sa.Date(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('accepted', 'superseded')", name=op.f("pool_report_outcome_check")
        ),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("pool_report_pool_id_fk")),
        sa.PrimaryKeyConstraint("pool_id", "stated_at", "digest", name=op.f("pool_report_pk")),
    )
    # Rows that every report updates: room on their page keeps such an update off the indexes.
    op.execute("ALTER TABLE pool SET (fillfactor = 60)")
    op.execute("ALTER TABLE stream SET (fillfactor = 10)")
    for statement in EVERYWHERE:
        op.execute(statement)
    for statement in GRANTS:
        op.execute(statement)
