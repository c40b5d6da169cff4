"""History by the month: reports and audit in partitions, with the functions that add and drop them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Partitioned tables with the column that tells the month. What belongs to no month that was made
# goes to the default partition, so a worker that slept costs order and never a row.
PARTITIONED = {
    "pool_report": "stated_at",
    "bed_report": "stated_at",
    "home_care_report": "stated_at",
    "audit": "happened_at",
}

# The application may only add to its logs. Making and dropping months is the owner's, through
# functions that do nothing else, and that keep what the norms ask whatever the caller's clock says:
# NEN 7513 asks for five years of audit. They take their locks in one order, the table in a mode that
# excludes only each other, so that two workers never meet crosswise. The wait for a lock is short,
# because the service's own work waits behind it.
FUNCTIONS = (
    """
CREATE FUNCTION history_add_month(parent text, month date) RETURNS boolean
LANGUAGE plpgsql STRICT SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '300ms' AS $$
DECLARE
  begins timestamptz := date_trunc('month', month::timestamp) AT TIME ZONE 'UTC';
  ends timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
  added text := parent || to_char(month, '_YYYY_MM');
  moment text := CASE parent WHEN 'audit' THEN 'happened_at' ELSE 'stated_at' END;
BEGIN
  IF parent NOT IN ('pool_report', 'bed_report', 'home_care_report', 'audit') THEN
    RAISE EXCEPTION 'no history: %', parent;
  END IF;
  IF month NOT BETWEEN '2000-01-01' AND '2199-12-31' THEN
    RAISE EXCEPTION 'no month: %', month;
  END IF;
  IF to_regclass(added) IS NOT NULL THEN RETURN false; END IF;
  EXECUTE format('LOCK TABLE ONLY %I IN SHARE UPDATE EXCLUSIVE MODE', parent);
  IF to_regclass(added) IS NOT NULL THEN RETURN false; END IF;
  EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', parent || '_other');
  EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', added, parent);
  EXECUTE format('WITH moved AS (DELETE FROM %I WHERE %I >= $1 AND %I < $2 RETURNING *)'
    ' INSERT INTO %I SELECT * FROM moved', parent || '_other', moment, moment, added)
    USING begins, ends;
  EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
    parent, added, begins, ends);
  RETURN true;
END $$
""",
    """
CREATE FUNCTION history_forget(parent text, before timestamptz) RETURNS int
LANGUAGE plpgsql STRICT SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '300ms' AS $$
DECLARE
  month text;
  moment text := CASE parent WHEN 'audit' THEN 'happened_at' ELSE 'stated_at' END;
  youngest timestamptz :=
    now() - CASE parent WHEN 'audit' THEN interval '60 months' ELSE interval '1 month' END;
  forgotten int := 0;
BEGIN
  IF parent NOT IN ('pool_report', 'bed_report', 'home_care_report', 'audit') THEN
    RAISE EXCEPTION 'no history: %', parent;
  END IF;
  before := least(before, youngest);
  EXECUTE format('LOCK TABLE ONLY %I IN SHARE UPDATE EXCLUSIVE MODE', parent);
  FOR month IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = parent::regclass AND c.relname ~ '_[0-9]{4}_[0-9]{2}$'
  LOOP
    IF (to_date(right(month, 7), 'YYYY_MM') + interval '1 month') AT TIME ZONE 'UTC' <= before THEN
      EXECUTE format('DROP TABLE %I', month);
      forgotten := forgotten + 1;
    END IF;
  END LOOP;
  EXECUTE format('DELETE FROM %I WHERE %I < $1', parent || '_other', moment) USING before;
  RETURN forgotten;
END $$
""",
    # Only from the beginning of a stream, and never its newest event: every position that is left
    # can still be verified, and one that is gone is answered with a snapshot. Looks at no more
    # events than it may forget.
    """
CREATE FUNCTION events_forget(region smallint, before timestamptz, at_most int) RETURNS int
LANGUAGE plpgsql STRICT SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  forgotten int;
BEGIN
  before := least(before, now() - interval '1 day');
  DELETE FROM event e USING (
    SELECT o.number, bool_and(o.at < before) OVER (ORDER BY o.number) AS is_old FROM (
      SELECT f.number, f.at FROM event f WHERE f.region_id = region
        AND f.number < (SELECT s.number FROM stream s WHERE s.region_id = region)
      ORDER BY f.number LIMIT at_most) o) first
  WHERE e.region_id = region AND e.number = first.number AND first.is_old;
  GET DIAGNOSTICS forgotten = ROW_COUNT;
  RETURN forgotten;
END $$
""",
)

GRANTS = (
    # By name, since a copy of the database may belong to somebody else.
    "GRANT CREATE ON SCHEMA public TO CURRENT_USER",
    "GRANT SELECT, INSERT ON pool_report, bed_report, home_care_report, audit TO verkeerstoren_app",
    "REVOKE EXECUTE ON FUNCTION history_add_month, history_forget, events_forget FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION history_add_month, history_forget, events_forget TO verkeerstoren_app",
)


# Constraints' names are unique in a schema, those of NOT NULL too; the new table takes them over.
RENAME_CONSTRAINTS = """
DO $$ DECLARE
  named record;
BEGIN
  FOR named IN SELECT conname FROM pg_constraint WHERE conrelid = '{parent}_before'::regclass LOOP
    EXECUTE format('ALTER TABLE {parent}_before RENAME CONSTRAINT %I TO %I',
      named.conname, named.conname || '_before');
  END LOOP;
END $$
"""


def upgrade() -> None:
    _tables()
    for statement in (*FUNCTIONS, *GRANTS):
        op.execute(statement)
    for parent in PARTITIONED:
        op.execute(
            f"SELECT history_add_month('{parent}',"
            " (date_trunc('month', now()) + n * interval '1 month')::date)"
            " FROM generate_series(-1, 3) AS n"
        )


def _tables() -> None:
    op.create_table(
        "bed_report",
        sa.Column("bed_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("source_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("closed_reason", sa.String(), nullable=True),
        sa.Column("expected_discharge", sa.Date(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('accepted', 'superseded', 'sandbox')",
            name=op.f("bed_report_outcome_check"),
        ),
        sa.PrimaryKeyConstraint("bed_id", "stated_at", "digest", name=op.f("bed_report_pk")),
        postgresql_partition_by="RANGE (stated_at)",
    )
    op.create_table(
        "home_care_report",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("confirmation", sa.Boolean(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("source_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("light", sa.String(), nullable=False),
        sa.Column("earliest_start", sa.Date(), nullable=True),
        sa.Column("hours", sa.SmallInteger(), nullable=True),
        sa.Column("exceptions", postgresql.JSONB(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('accepted', 'superseded', 'sandbox')",
            name=op.f("home_care_report_outcome_check"),
        ),
        sa.PrimaryKeyConstraint("team_id", "stated_at", "digest", name=op.f("home_care_report_pk")),
        postgresql_partition_by="RANGE (stated_at)",
    )
    for parent in ("pool_report", "audit"):
        op.execute(f"ALTER TABLE {parent} RENAME TO {parent}_before")
        op.execute(RENAME_CONSTRAINTS.format(parent=parent))
    op.execute("DROP INDEX audit_object_kind_object_id_idx")
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
        sa.PrimaryKeyConstraint("happened_at", "id", name=op.f("audit_pk")),
        postgresql_partition_by="RANGE (happened_at)",
    )
    op.create_index(op.f("audit_object_kind_object_id_idx"), "audit", ["object_kind", "object_id"])
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
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("forecast", postgresql.JSON(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("warnings", sa.String(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('accepted', 'superseded', 'sandbox')",
            name=op.f("pool_report_outcome_check"),
        ),
        sa.PrimaryKeyConstraint("pool_id", "stated_at", "digest", name=op.f("pool_report_pk")),
        postgresql_partition_by="RANGE (stated_at)",
    )
    for parent in ("pool_report", "bed_report", "home_care_report"):
        op.create_index(
            op.f(f"{parent}_received_at_idx"), parent, ["received_at"], postgresql_using="brin"
        )
    for parent in PARTITIONED:
        op.execute(f"CREATE TABLE {parent}_other PARTITION OF {parent} DEFAULT")
    op.execute("INSERT INTO pool_report SELECT * FROM pool_report_before")
    op.execute("INSERT INTO audit OVERRIDING SYSTEM VALUE SELECT * FROM audit_before")
    op.execute(
        "SELECT setval(pg_get_serial_sequence('audit', 'id'),"
        " (SELECT greatest(max(id), 1) FROM audit_before))"
    )
    op.drop_table("pool_report_before")
    op.drop_table("audit_before")
