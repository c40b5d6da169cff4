"""Capacity in full: every register, beds, home-care teams, opnamestop and geography."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

EVENT_KINDS = (
    *("stream-opened", "region", "organisation", "location", "pool", "capacity", "bed"),
    *("home-care-team", "home-care", "admission-stop", "postcode", "key-revoked", "keys-changed"),
)
ORGANISATION_KINDS = (
    *("coordination-point", "provider", "hospice", "ggz", "hospital", "general-practice"),
    *("out-of-hours-post", "referrer", "municipality", "care-purchaser", "region"),
)
FEATURES = (
    *("eenpersoonskamer", "kamer-man", "kamer-vrouw", "isolatie", "zuurstof", "infuus", "sonde"),
    *("stoma", "bariatrisch", "tillift", "rolstoel", "wzd", "wvggz", "arts-anw", "partner"),
    "huisdier",
)

# Figures from before that break the new rules become unknown rather than untrue. That changes what
# boards show, so it is an event of each pool's stream like any other change.
UNKNOWN_FREE = """
WITH changed AS (
  UPDATE pool p SET free = NULL, report_version = p.report_version + 1
  WHERE p.free + p.folded_admissions - p.folded_discharges + coalesce(p.closed, 0) > p.physical
    OR p.free + p.folded_admissions - p.folded_discharges > p.operable
  RETURNING p.id, p.region_id, floor(random() * 4294967296)::bigint AS tag,
    (SELECT row_to_json(whole_row) FROM (SELECT p.report_version AS version,
      p.source_kind AS source, p.observed_at, p.received_at, p.valid_until, p.physical, p.operable,
      p.occupied, p.planned, p.closed, p.closed_reason, p.claimed,
      cardinality(p.promised_at) AS promised, greatest(p.balance, 0 * p.balance) AS free, p.balance,
      p.available_from, p.forecast) AS whole_row) AS data
), head AS (
  UPDATE stream s SET number = s.number + c.count, tag = c.tag
  FROM (SELECT region_id, count(*) AS count, (array_agg(tag ORDER BY id DESC))[1] AS tag
    FROM changed GROUP BY region_id) AS c
  WHERE s.region_id = c.region_id RETURNING s.region_id, s.epoch, s.number, c.count
)
INSERT INTO event (region_id, number, epoch, tag, kind, subject_id, at, data)
SELECT c.region_id,
  h.number - h.count + row_number() OVER (PARTITION BY c.region_id ORDER BY c.id),
  h.epoch, c.tag, 'capacity', c.id, now(), c.data
FROM changed c JOIN head h ON h.region_id = c.region_id
"""

GRANTS = (
    "GRANT SELECT, INSERT, UPDATE ON bed, home_care_team, admission_stop, postcode TO verkeerstoren_app",
)


def upgrade() -> None:
    _registers()
    _capacity()
    op.drop_constraint("event_kind_check", "event")
    op.create_check_constraint(op.f("event_kind_check"), "event", _listed("kind", EVENT_KINDS))
    for statement in GRANTS:
        op.execute(statement)


def _listed(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def _registers() -> None:
    op.create_table(
        "postcode",
        sa.Column("pc4", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("gemeente", sa.String(), nullable=True),
        sa.Column("gemeente_name", sa.String(), nullable=True),
        sa.Column("gemeente_year", sa.SmallInteger(), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("gemeente ~ '^[0-9]{4}$'", name=op.f("postcode_gemeente_check")),
        sa.CheckConstraint("pc4 ~ '^[1-9][0-9]{3}$'", name=op.f("postcode_pc4_check")),
        sa.PrimaryKeyConstraint("pc4", name=op.f("postcode_pk")),
    )
    op.create_table(
        "admission_stop",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expected_until", sa.Date(), nullable=True),
        sa.Column("source_kind", sa.String(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(
            "reason IN ('personeel', 'uitbraak', 'verbouwing', 'onderhoud', 'anders')",
            name=op.f("admission_stop_reason_check"),
        ),
        sa.CheckConstraint(
            "source_kind IN ('api', 'page', 'file', 'phone')",
            name=op.f("admission_stop_source_kind_check"),
        ),
        sa.CheckConstraint("lifted_at >= set_at", name=op.f("admission_stop_lifted_check")),
        sa.ForeignKeyConstraint(
            ["location_id"], ["location.id"], name=op.f("admission_stop_location_id_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("admission_stop_pk")),
    )
    op.create_index(
        "admission_stop_location_id_key",
        "admission_stop",
        ["location_id"],
        unique=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.add_column("location", sa.Column("gemeente_year", sa.SmallInteger(), nullable=True))
    op.add_column("location", sa.Column("latitude", sa.Float(), nullable=True))
    op.add_column("location", sa.Column("longitude", sa.Float(), nullable=True))
    op.add_column("location", sa.Column("vestigingsnummer", sa.String(), nullable=True))
    op.add_column(
        "location",
        sa.Column("wlz_contract", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column("location", sa.Column("opening_hours", postgresql.JSONB(), nullable=True))
    op.add_column("location", sa.Column("intake_hours", postgresql.JSONB(), nullable=True))
    op.add_column("location", sa.Column("on_call", postgresql.JSONB(), nullable=True))
    op.add_column(
        "location", sa.Column("status", sa.String(), server_default="active", nullable=False)
    )
    op.add_column("location", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("organisation", sa.Column("ura", sa.String(), nullable=True))
    op.add_column("organisation", sa.Column("kvk", sa.String(), nullable=True))
    op.add_column("organisation", sa.Column("telephone", sa.String(), nullable=True))
    op.add_column(
        "organisation",
        sa.Column(
            "pc4s", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
    )
    op.add_column("organisation", sa.Column("insurers", postgresql.JSONB(), nullable=True))
    op.add_column("organisation", sa.Column("on_call", postgresql.JSONB(), nullable=True))
    op.add_column(
        "organisation", sa.Column("status", sa.String(), server_default="active", nullable=False)
    )
    op.add_column("organisation", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("organisation", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.create_unique_constraint(op.f("organisation_ura_key"), "organisation", ["ura"])
    op.create_foreign_key(
        op.f("organisation_merged_into_fk"), "organisation", "organisation", ["merged_into"], ["id"]
    )
    op.add_column("source", sa.Column("released_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("source", sa.Column("released_by", sa.Uuid(), nullable=True))
    op.add_column(
        "source",
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
    )
    op.drop_constraint("organisation_kind_check", "organisation")
    op.create_check_constraint(
        op.f("organisation_kind_check"), "organisation", _listed("kind", ORGANISATION_KINDS)
    )
    op.create_check_constraint(
        op.f("organisation_status_check"), "organisation", "status IN ('active', 'ended')"
    )
    op.create_check_constraint(op.f("organisation_ura_check"), "organisation", "ura ~ '^[0-9]{8}$'")
    op.create_check_constraint(op.f("organisation_kvk_check"), "organisation", "kvk ~ '^[0-9]{8}$'")
    op.create_check_constraint(
        op.f("organisation_merged_check"),
        "organisation",
        "merged_into IS NULL OR (status = 'ended' AND merged_into <> id)",
    )
    op.create_check_constraint(
        op.f("location_vestigingsnummer_check"), "location", "vestigingsnummer ~ '^[0-9]{12}$'"
    )
    op.create_check_constraint(
        op.f("location_point_check"),
        "location",
        "(latitude IS NULL) = (longitude IS NULL) AND latitude BETWEEN -90 AND 90"
        " AND longitude BETWEEN -180 AND 180",
    )
    op.create_check_constraint(
        op.f("location_status_check"), "location", "status IN ('active', 'ended')"
    )
    # What reported before there was a sandbox was trusted, and stays so.
    op.execute("UPDATE source SET released_at = now()")


def _capacity() -> None:
    op.create_table(
        "home_care_team",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("region_id", sa.SmallInteger(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("telephone", sa.String(), nullable=True),
        sa.Column(
            "pc4s", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column(
            "skills", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column(
            "dagdelen", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("posting_schedule", sa.String(), nullable=False),
        sa.Column("time_to_live_minutes", sa.SmallInteger(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("report_version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("source_kind", sa.String(), nullable=True),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("light", sa.String(), nullable=True),
        sa.Column("earliest_start", sa.Date(), nullable=True),
        sa.Column("hours", sa.SmallInteger(), nullable=True),
        sa.Column("exceptions", postgresql.JSONB(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "dagdelen <@ ARRAY['ochtend', 'middag', 'avond', 'nacht']::text[]",
            name=op.f("home_care_team_dagdelen_check"),
        ),
        sa.CheckConstraint(
            "light IN ('groen', 'oranje', 'rood')", name=op.f("home_care_team_light_check")
        ),
        sa.CheckConstraint(
            "posting_schedule IN ('werkdagen-tweemaal', 'dagelijks-tweemaal', 'bij-wijziging')",
            name=op.f("home_care_team_posting_schedule_check"),
        ),
        sa.CheckConstraint(
            "skills <@ ARRAY['basis', 'msvt', 'wond', 'palliatief-terminaal', 'nacht', 'casemanagement-dementie', 'acuut']::text[]",
            name=op.f("home_care_team_skills_check"),
        ),
        sa.CheckConstraint(
            "status IN ('active', 'ended')", name=op.f("home_care_team_status_check")
        ),
        sa.CheckConstraint(
            "(report_version = 0) = (observed_at IS NULL) AND (observed_at IS NULL) = (valid_until IS NULL) AND (observed_at IS NULL) = (light IS NULL)",
            name=op.f("home_care_team_reported_check"),
        ),
        sa.CheckConstraint(
            "time_to_live_minutes BETWEEN 15 AND 10080",
            name=op.f("home_care_team_time_to_live_check"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("home_care_team_organisation_id_fk")
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["region.id"], name=op.f("home_care_team_region_id_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("home_care_team_pk")),
        sa.UniqueConstraint(
            "organisation_id",
            "external_id",
            name=op.f("home_care_team_organisation_id_external_id_key"),
        ),
    )
    op.create_table(
        "bed",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("region_id", sa.SmallInteger(), nullable=False),
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "features", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("report_version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("source_kind", sa.String(), nullable=True),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(), nullable=True),
        sa.Column("closed_reason", sa.String(), nullable=True),
        sa.Column("expected_discharge", sa.Date(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("hold", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_reason IS NOT NULL)", name=op.f("bed_closed_reason_check")
        ),
        sa.CheckConstraint(
            "closed_reason IN ('personeel', 'uitbraak', 'verbouwing', 'onderhoud', 'anders')",
            name=op.f("bed_closed_reason_known_check"),
        ),
        sa.CheckConstraint(
            "expected_discharge IS NULL OR state = 'occupied'",
            name=op.f("bed_expected_discharge_check"),
        ),
        sa.CheckConstraint("hold IN ('claimed', 'promised')", name=op.f("bed_hold_check")),
        sa.CheckConstraint(
            "state IN ('free', 'occupied', 'cleaning', 'closed')", name=op.f("bed_state_check")
        ),
        sa.CheckConstraint("status IN ('active', 'ended')", name=op.f("bed_status_check")),
        sa.CheckConstraint(
            "(report_version = 0) = (observed_at IS NULL) AND (observed_at IS NULL) = (valid_until IS NULL) AND (observed_at IS NULL) = (state IS NULL)",
            name=op.f("bed_reported_check"),
        ),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("bed_pool_id_fk")),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("bed_region_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("bed_pk")),
        sa.UniqueConstraint("pool_id", "external_id", name=op.f("bed_pool_id_external_id_key")),
    )
    op.create_index(op.f("bed_pool_id_idx"), "bed", ["pool_id"], unique=False)
    op.add_column(
        "pool",
        sa.Column(
            "features", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
    )
    op.add_column("pool", sa.Column("admission_rules", postgresql.JSONB(), nullable=True))
    op.add_column("pool", sa.Column("time_to_live_minutes", sa.SmallInteger(), nullable=True))
    op.add_column("pool", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("pool", sa.Column("forecast", postgresql.JSON(), nullable=True))
    op.execute(UNKNOWN_FREE)
    op.drop_constraint("pool_free_physical_check", "pool")
    op.create_check_constraint(
        op.f("pool_free_physical_check"),
        "pool",
        "free + folded_admissions - folded_discharges + coalesce(closed, 0) <= physical",
    )
    op.create_check_constraint(
        op.f("pool_free_operable_check"),
        "pool",
        "free + folded_admissions - folded_discharges <= operable",
    )
    op.create_check_constraint(
        op.f("pool_features_check"),
        "pool",
        f"features <@ ARRAY[{', '.join(repr(f) for f in FEATURES)}]::text[]",
    )
    op.create_check_constraint(
        op.f("pool_time_to_live_check"), "pool", "time_to_live_minutes BETWEEN 15 AND 10080"
    )
