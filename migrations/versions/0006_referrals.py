"""Referrals: needs, steps, offers, claims, stays, hand-overs, alerts; and the hours of locations."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

EVENT_KINDS = (
    *("stream-opened", "region", "organisation", "location", "pool", "capacity", "bed"),
    *("home-care-team", "home-care", "admission-stop", "postcode"),
    *("referral", "referral-status", "offer", "handover"),
    *("key-revoked", "keys-changed", "session-ended", "session-changed"),
)

# Nothing is deleted. What was typed can be moved or cleared; what was done is never rewritten.
GRANTS = (
    "GRANT SELECT, INSERT, UPDATE ON referral, offer, claim, stay TO verkeerstoren_app",
    "GRANT SELECT, INSERT, UPDATE ON discharge_wait, handover, alert TO verkeerstoren_app",
    "GRANT SELECT, INSERT, UPDATE ON referral_question, referral_text TO verkeerstoren_app",
    "GRANT SELECT, INSERT ON referral_step, triage, board_check, contact TO verkeerstoren_app",
    "GRANT SELECT, INSERT ON location_hours TO verkeerstoren_app",
    "GRANT USAGE ON SEQUENCE referral_number TO verkeerstoren_app",
)


def upgrade() -> None:
    op.create_table(
        "referral",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("region_id", sa.SmallInteger(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("handler_id", sa.Uuid(), nullable=True),
        sa.Column("handler_name", sa.String(), nullable=True),
        sa.Column("handler_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("previous_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("triaged", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("needs_triage", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("requested_by_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("care_type_asked", sa.String(), nullable=True),
        sa.Column("care_type_triaged", sa.String(), nullable=True),
        sa.Column("care_type_placed", sa.String(), nullable=True),
        sa.Column("urgency", sa.String(), nullable=False),
        sa.Column("birth_year", sa.SmallInteger(), nullable=False),
        sa.Column("sex", sa.String(), nullable=False),
        sa.Column("pc4", sa.String(), nullable=False),
        sa.Column("setting", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("needed_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("infection", sa.String(), nullable=False),
        sa.Column("behaviour", sa.String(), nullable=False),
        sa.Column(
            "features", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column(
            "skills", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column(
            "dagdelen", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("legal_status", sa.String(), nullable=False),
        sa.Column("first_contact_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("triage_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("target_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("norms_version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_reason", sa.String(), nullable=True),
        sa.Column("next_action", sa.String(), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waits_on", sa.String(), nullable=True),
        sa.Column("waits_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("call_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("watch_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "next_targets",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
        ),
        sa.Column("target_group", sa.String(), nullable=True),
        sa.Column("no_place_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("review_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ciz_status", sa.String(), nullable=True),
        sa.Column("wlz_decided_on", sa.Date(), nullable=True),
        sa.Column("wlz_profile", sa.String(), nullable=True),
        sa.Column("payer", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(state = 'geen-plek') <= (target_group IS NOT NULL)",
            name=op.f("referral_target_group_told_check"),
        ),
        sa.CheckConstraint(
            "(state IN ('afgesloten', 'ingetrokken', 'overleden')) = (next_action IS NULL) AND (state IN ('afgesloten', 'ingetrokken', 'overleden')) = (ended_at IS NOT NULL) AND (next_action IS NULL) = (waits_on IS NULL)",
            name=op.f("referral_next_check"),
        ),
        sa.CheckConstraint(
            "behaviour IN ('rustig', 'onrustig', 'dwalend', 'agressief', 'onbekend')",
            name=op.f("referral_behaviour_check"),
        ),
        sa.CheckConstraint(
            "care_type_asked IN ('mfb', 'elv-laag', 'elv-hoog', 'elv-palliatief', 'grz', 'wlz-vv', 'wlz-tijdelijk', 'wlz-crisis', 'respijt', 'hospice', 'observatie', 'wijkverpleging', 'spoedconsult-so', 'ggz-crisis')",
            name=op.f("referral_care_type_asked_check"),
        ),
        sa.CheckConstraint(
            "care_type_placed IN ('mfb', 'elv-laag', 'elv-hoog', 'elv-palliatief', 'grz', 'wlz-vv', 'wlz-tijdelijk', 'wlz-crisis', 'respijt', 'hospice', 'observatie', 'wijkverpleging', 'spoedconsult-so', 'ggz-crisis')",
            name=op.f("referral_care_type_placed_check"),
        ),
        sa.CheckConstraint(
            "care_type_triaged IN ('mfb', 'elv-laag', 'elv-hoog', 'elv-palliatief', 'grz', 'wlz-vv', 'wlz-tijdelijk', 'wlz-crisis', 'respijt', 'hospice', 'observatie', 'wijkverpleging', 'spoedconsult-so', 'ggz-crisis')",
            name=op.f("referral_care_type_triaged_check"),
        ),
        sa.CheckConstraint(
            "ciz_status IN ('aangevraagd', 'afgegeven', 'afgewezen')",
            name=op.f("referral_ciz_status_check"),
        ),
        sa.CheckConstraint(
            "dagdelen <@ ARRAY['ochtend', 'middag', 'avond', 'nacht']::text[]",
            name=op.f("referral_dagdelen_check"),
        ),
        sa.CheckConstraint(
            "features <@ ARRAY['eenpersoonskamer', 'kamer-man', 'kamer-vrouw', 'isolatie', 'zuurstof', 'infuus', 'sonde', 'stoma', 'bariatrisch', 'tillift', 'rolstoel', 'wzd', 'wvggz', 'arts-anw', 'partner', 'huisdier']::text[]",
            name=op.f("referral_features_check"),
        ),
        sa.CheckConstraint(
            "infection IN ('geen', 'mrsa', 'brmo', 'noro', 'influenza-covid', 'anders', 'onbekend')",
            name=op.f("referral_infection_check"),
        ),
        sa.CheckConstraint(
            "legal_status IN ('vrijwillig', 'wzd-besluit', 'wzd-rm', 'wzd-ibs', 'wvggz-zm', 'wvggz-cm')",
            name=op.f("referral_legal_status_check"),
        ),
        sa.CheckConstraint(
            "next_action IN ('indienen', 'aanvullen', 'trieren', 'opnieuw-trieren', 'aanbieden', 'verder-zoeken', 'aanbieder-bellen', 'antwoord-afwachten', 'vraag-beantwoorden', 'tegenvoorstel-beoordelen', 'arts-afwachten', 'client-afwachten', 'opnameafspraak-maken', 'opname-afwachten', 'opname-navragen', 'overdracht-afwachten', 'evalueren', 'plek-blijven-zoeken')",
            name=op.f("referral_next_action_check"),
        ),
        sa.CheckConstraint("pc4 ~ '^[1-9][0-9]{3}$'", name=op.f("referral_pc4_check")),
        sa.CheckConstraint("route IN ('phone', 'page', 'api')", name=op.f("referral_route_check")),
        sa.CheckConstraint(
            "setting IN ('thuis', 'seh', 'ziekenhuis', 'huisartsenpost', 'vvt', 'ggz', 'elders')",
            name=op.f("referral_setting_check"),
        ),
        sa.CheckConstraint("sex IN ('vrouw', 'man', 'anders')", name=op.f("referral_sex_check")),
        sa.CheckConstraint(
            "skills <@ ARRAY['basis', 'msvt', 'wond', 'palliatief-terminaal', 'nacht', 'casemanagement-dementie', 'acuut']::text[]",
            name=op.f("referral_skills_check"),
        ),
        sa.CheckConstraint(
            "state IN ('concept', 'ingediend', 'aanvulling-gevraagd', 'getrieerd', 'aangeboden', 'tegenvoorstel', 'onder-voorbehoud-arts', 'wacht-op-client', 'geaccepteerd', 'tijdelijk-geplaatst', 'opgenomen', 'overgedragen', 'geen-plek', 'afgesloten', 'ingetrokken', 'overleden')",
            name=op.f("referral_state_check"),
        ),
        sa.CheckConstraint(
            "target_group IN ('gedrag', 'ggz-en-somatiek', 'jong-dementerend', 'isolatie', 'bariatrisch', 'verslaving', 'gesloten-plaats', 'nachtzorg-thuis', 'wlz-wacht', 'anders')",
            name=op.f("referral_target_group_check"),
        ),
        sa.CheckConstraint(
            "urgency IN ('acuut', 'spoed', 'regulier')", name=op.f("referral_urgency_check")
        ),
        sa.CheckConstraint(
            "waits_on IN ('coordinatiepunt', 'verwijzer', 'aanbieder', 'client', 'arts', 'vervoer', 'ciz')",
            name=op.f("referral_waits_on_check"),
        ),
        sa.CheckConstraint(
            "birth_year BETWEEN 1880 AND 2200", name=op.f("referral_birth_year_check")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["organisation.id"], name=op.f("referral_owner_id_fk")
        ),
        sa.ForeignKeyConstraint(
            ["previous_id"], ["referral.id"], name=op.f("referral_previous_id_fk")
        ),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("referral_region_id_fk")),
        sa.ForeignKeyConstraint(
            ["requested_by_id"], ["organisation.id"], name=op.f("referral_requested_by_id_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("referral_pk")),
        sa.UniqueConstraint("number", name=op.f("referral_number_key")),
    )
    op.create_index(op.f("referral_episode_id_idx"), "referral", ["episode_id"], unique=False)
    op.create_index(
        "referral_open_idx",
        "referral",
        ["owner_id", "id"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        op.f("referral_owner_id_pc4_birth_year_sex_idx"),
        "referral",
        ["owner_id", "pc4", "birth_year", "sex"],
        unique=False,
    )
    op.create_index(
        op.f("referral_requested_by_id_id_idx"), "referral", ["requested_by_id", "id"], unique=False
    )
    op.create_index(
        "referral_watch_idx",
        "referral",
        ["watch_at"],
        unique=False,
        postgresql_where=sa.text("watch_at IS NOT NULL"),
    )
    op.create_table(
        "board_check",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("position", sa.String(), nullable=False),
        sa.Column("regular_failed", sa.Boolean(), nullable=False),
        sa.Column(
            "found", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("board_check_referral_id_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("board_check_pk")),
    )
    op.create_index(
        op.f("board_check_referral_id_id_idx"), "board_check", ["referral_id", "id"], unique=False
    )
    op.create_table(
        "discharge_wait",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("care_type", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "care_type IN ('mfb', 'elv-laag', 'elv-hoog', 'elv-palliatief', 'grz', 'wlz-vv', 'wlz-tijdelijk', 'wlz-crisis', 'respijt', 'hospice', 'observatie', 'wijkverpleging', 'spoedconsult-so', 'ggz-crisis')",
            name=op.f("discharge_wait_care_type_check"),
        ),
        sa.CheckConstraint("until >= since", name=op.f("discharge_wait_until_check")),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("discharge_wait_referral_id_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("discharge_wait_pk")),
    )
    op.create_index(
        "discharge_wait_open_key",
        "discharge_wait",
        ["referral_id", "care_type"],
        unique=True,
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_table(
        "handover",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("from_region_id", sa.SmallInteger(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("to_region_id", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('aangeboden', 'geaccepteerd', 'geweigerd', 'ingetrokken')",
            name=op.f("handover_state_check"),
        ),
        sa.CheckConstraint("from_id <> to_id", name=op.f("handover_parties_check")),
        sa.ForeignKeyConstraint(["from_id"], ["organisation.id"], name=op.f("handover_from_id_fk")),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("handover_referral_id_fk")
        ),
        sa.ForeignKeyConstraint(["to_id"], ["organisation.id"], name=op.f("handover_to_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("handover_pk")),
    )
    op.create_index(op.f("handover_from_id_id_idx"), "handover", ["from_id", "id"], unique=False)
    op.create_index(
        "handover_open_key",
        "handover",
        ["referral_id"],
        unique=True,
        postgresql_where=sa.text("state = 'aangeboden'"),
    )
    op.create_index(op.f("handover_to_id_id_idx"), "handover", ["to_id", "id"], unique=False)
    op.create_table(
        "location_hours",
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "opening_hours",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
        ),
        sa.Column(
            "intake_hours",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
        ),
        sa.Column(
            "on_call", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["location_id"], ["location.id"], name=op.f("location_hours_location_id_fk")
        ),
        sa.PrimaryKeyConstraint("location_id", "version", name=op.f("location_hours_pk")),
    )
    op.create_table(
        "referral_step",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=True),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column(
            "data", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.CheckConstraint(
            "after IN ('concept', 'ingediend', 'aanvulling-gevraagd', 'getrieerd', 'aangeboden', 'tegenvoorstel', 'onder-voorbehoud-arts', 'wacht-op-client', 'geaccepteerd', 'tijdelijk-geplaatst', 'opgenomen', 'overgedragen', 'geen-plek', 'afgesloten', 'ingetrokken', 'overleden')",
            name=op.f("referral_step_after_check"),
        ),
        sa.CheckConstraint(
            "before IN ('concept', 'ingediend', 'aanvulling-gevraagd', 'getrieerd', 'aangeboden', 'tegenvoorstel', 'onder-voorbehoud-arts', 'wacht-op-client', 'geaccepteerd', 'tijdelijk-geplaatst', 'opgenomen', 'overgedragen', 'geen-plek', 'afgesloten', 'ingetrokken', 'overleden')",
            name=op.f("referral_step_before_check"),
        ),
        sa.CheckConstraint(
            "step IN ('filed', 'drafted', 'needs-changed', 'asked', 'answered', 'triaged', 'board-checked', 'claimed', 'claim-released', 'claim-expired', 'offered', 'offer-seen', 'offer-accepted', 'offer-refused', 'offer-withdrawn', 'offer-expired', 'counter-proposed', 'counter-accepted', 'counter-declined', 'client-asked', 'client-agreed', 'client-declined', 'doctor-agreed', 'doctor-declined', 'promise-released', 'appointed', 'admitted', 'not-arrived', 'discharge-expected', 'discharge-ready', 'discharged', 'stay-kept', 'no-place', 'handover-offered', 'handover-accepted', 'handover-refused', 'handover-withdrawn', 'taken', 'call-back-set', 'contacted', 'noted', 'wait-begun', 'wait-ended', 'reviewed', 'wlz-recorded', 'succeeded', 'alerted', 'withdrawn', 'died', 'closed')",
            name=op.f("referral_step_step_check"),
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("referral_step_referral_id_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("referral_step_pk")),
    )
    op.create_index(
        op.f("referral_step_referral_id_id_idx"),
        "referral_step",
        ["referral_id", "id"],
        unique=False,
    )
    op.create_table(
        "referral_text",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('what-happened', 'help-needed', 'remark', 'callback', 'note', 'argument', 'question', 'answer', 'refusal', 'appointment')",
            name=op.f("referral_text_kind_check"),
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("referral_text_referral_id_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("referral_text_pk")),
    )
    op.create_index(op.f("referral_text_about_id_idx"), "referral_text", ["about_id"], unique=False)
    op.create_index(
        op.f("referral_text_referral_id_id_idx"),
        "referral_text",
        ["referral_id", "id"],
        unique=False,
    )
    op.create_table(
        "triage",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("region_id", sa.SmallInteger(), nullable=False),
        sa.Column("rules_version", sa.String(), nullable=False),
        sa.Column("urgency", sa.String(), nullable=False),
        sa.Column(
            "facts", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column(
            "advice", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("chosen", sa.String(), nullable=False),
        sa.Column("deviates", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("triage_referral_id_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("triage_pk")),
    )
    op.create_index(
        op.f("triage_referral_id_id_idx"), "triage", ["referral_id", "id"], unique=False
    )
    op.create_table(
        "claim",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("bed_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f("claim_ended_check")),
        sa.CheckConstraint(
            "state IN ('open', 'used', 'released', 'expired')", name=op.f("claim_state_check")
        ),
        sa.ForeignKeyConstraint(["bed_id"], ["bed.id"], name=op.f("claim_bed_id_fk")),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("claim_pool_id_fk")),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("claim_referral_id_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("claim_pk")),
    )
    op.create_index(
        "claim_bed_key",
        "claim",
        ["bed_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "claim_due_idx",
        "claim",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "claim_open_key",
        "claim",
        ["referral_id", "pool_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "claim_pool_idx",
        "claim",
        ["pool_id"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(op.f("claim_referral_id_idx"), "claim", ["referral_id"], unique=False)
    op.create_table(
        "offer",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("region_id", sa.SmallInteger(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("pool_id", sa.Uuid(), nullable=True),
        sa.Column("bed_id", sa.Uuid(), nullable=True),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("care_type", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("asked", sa.SmallInteger(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered_by", sa.Uuid(), nullable=True),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("norm_minutes", sa.Integer(), nullable=False),
        sa.Column("norm_hours", sa.String(), nullable=False),
        sa.Column("norms_version", sa.Integer(), nullable=False),
        sa.Column("unseen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("by_phone", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("refusal", sa.String(), nullable=True),
        sa.Column("ending", sa.String(), nullable=True),
        sa.Column("awaiting", sa.String(), nullable=True),
        sa.Column("over_free", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proposed_pool_id", sa.Uuid(), nullable=True),
        sa.Column("proposed_bed_id", sa.Uuid(), nullable=True),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("admission_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "appointment", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column(
            "posted", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column(
            "posted_at_answer",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
        ),
        sa.Column("board_position", sa.String(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'geweigerd') = (refusal IS NOT NULL)", name=op.f("offer_refused_check")
        ),
        sa.CheckConstraint(
            "(state IN ('gevraagd', 'tegenvoorstel', 'toegezegd')) = (ended_at IS NULL)",
            name=op.f("offer_ended_check"),
        ),
        sa.CheckConstraint("awaiting IN ('arts', 'client')", name=op.f("offer_awaiting_check")),
        sa.CheckConstraint(
            "care_type IN ('mfb', 'elv-laag', 'elv-hoog', 'elv-palliatief', 'grz', 'wlz-vv', 'wlz-tijdelijk', 'wlz-crisis', 'respijt', 'hospice', 'observatie', 'wijkverpleging', 'spoedconsult-so', 'ggz-crisis')",
            name=op.f("offer_care_type_check"),
        ),
        sa.CheckConstraint(
            "ending IN ('geen-antwoord', 'elders-geaccepteerd', 'niet-meer-nodig', 'niet-passend', 'gewijzigde-behoefte', 'vergissing', 'overgedragen', 'aanmelding-beeindigd', 'client-weigert', 'arts-weigert', 'niet-aangekomen', 'aanbieder-kan-niet', 'tegenvoorstel-afgewezen')",
            name=op.f("offer_ending_check"),
        ),
        sa.CheckConstraint(
            "norm_hours IN ('altijd', 'intake-uren')", name=op.f("offer_norm_hours_check")
        ),
        sa.CheckConstraint(
            "refusal IN ('geen-plek', 'geen-personeel', 'opnamestop', 'kamer-of-geslacht', 'te-complex', 'te-licht', 'ander-product', 'verkeerde-financiering', 'isolatie', 'gedrag-wzd', 'apparatuur', 'werkgebied-dagdeel', 'contract', 'geen-arts-anw', 'opnemend-arts-neemt-niet-over', 'geen-uitstroomperspectief', 'te-laat-gevraagd', 'te-laat-beantwoord', 'bord-klopte-niet')",
            name=op.f("offer_refusal_check"),
        ),
        sa.CheckConstraint(
            "state <> 'toegezegd' OR promised_at IS NOT NULL", name=op.f("offer_promised_check")
        ),
        sa.CheckConstraint(
            "state IN ('gevraagd', 'tegenvoorstel', 'toegezegd', 'geweigerd', 'verlopen', 'ingetrokken', 'losgelaten', 'opgenomen')",
            name=op.f("offer_state_check"),
        ),
        sa.CheckConstraint("bed_id IS NULL OR pool_id IS NOT NULL", name=op.f("offer_bed_check")),
        sa.CheckConstraint("num_nonnulls(pool_id, team_id) <= 1", name=op.f("offer_target_check")),
        sa.ForeignKeyConstraint(["bed_id"], ["bed.id"], name=op.f("offer_bed_id_fk")),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("offer_pool_id_fk")),
        sa.ForeignKeyConstraint(
            ["proposed_bed_id"], ["bed.id"], name=op.f("offer_proposed_bed_id_fk")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_pool_id"], ["pool.id"], name=op.f("offer_proposed_pool_id_fk")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisation.id"], name=op.f("offer_provider_id_fk")
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("offer_referral_id_fk")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["home_care_team.id"], name=op.f("offer_team_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("offer_pk")),
    )
    op.create_index(
        "offer_asked_idx",
        "offer",
        ["provider_id", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('gevraagd', 'tegenvoorstel', 'toegezegd')"),
    )
    op.create_index(
        "offer_due_idx",
        "offer",
        ["deadline_at"],
        unique=False,
        postgresql_where=sa.text("state = 'gevraagd'"),
    )
    op.create_index(
        "offer_pool_idx",
        "offer",
        ["pool_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('gevraagd', 'tegenvoorstel', 'toegezegd')"),
    )
    op.create_index(
        "offer_promise_key",
        "offer",
        ["referral_id"],
        unique=True,
        postgresql_where=sa.text("state = 'toegezegd'"),
    )
    op.create_index(op.f("offer_provider_id_id_idx"), "offer", ["provider_id", "id"], unique=False)
    op.create_index(op.f("offer_referral_id_id_idx"), "offer", ["referral_id", "id"], unique=False)
    op.create_index(
        "offer_team_idx",
        "offer",
        ["team_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('gevraagd', 'tegenvoorstel', 'toegezegd')"),
    )
    op.create_index(
        "offer_unseen_idx",
        "offer",
        ["unseen_at"],
        unique=False,
        postgresql_where=sa.text("state = 'gevraagd' AND unseen_at IS NOT NULL"),
    )
    op.create_table(
        "alert",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("region_id", sa.SmallInteger(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.Column("offer_id", sa.Uuid(), nullable=True),
        sa.Column("pool_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column(
            "data", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('acuut-niet-gezien', 'alle-geweigerd', 'niemand-antwoordde', 'toezegging-vervallen', 'geen-eigenaar', 'triage-te-laat', 'doeltijd-nadert', 'doeltijd-voorbij', 'terugbellen', 'niet-aangekomen', 'wacht-te-lang', 'evaluatie', 'mogelijk-dubbel', 'opnieuw-binnen-30-dagen', 'betaler-wijzigt', 'geen-wlz-contract', 'overdracht-geweigerd', 'capaciteit-onbevestigd')",
            name=op.f("alert_kind_check"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(referral_id, pool_id) = 1", name=op.f("alert_about_check")
        ),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("alert_offer_id_fk")),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("alert_owner_id_fk")),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("alert_pool_id_fk")),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("alert_referral_id_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("alert_pk")),
    )
    op.create_index(
        "alert_open_idx",
        "alert",
        ["region_id", "raised_at"],
        unique=False,
        postgresql_where=sa.text("cleared_at IS NULL"),
    )
    op.create_index(
        "alert_pool_key",
        "alert",
        ["pool_id", "kind"],
        unique=True,
        postgresql_where=sa.text("cleared_at IS NULL AND pool_id IS NOT NULL"),
    )
    op.create_index(
        "alert_referral_key",
        "alert",
        ["referral_id", "kind", "offer_id"],
        unique=True,
        postgresql_where=sa.text("cleared_at IS NULL AND referral_id IS NOT NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('call-out', 'call-in', 'mail')", name=op.f("contact_kind_check")
        ),
        sa.CheckConstraint(
            "outcome IN ('spoken', 'no-answer', 'busy', 'voicemail', 'sent')",
            name=op.f("contact_outcome_check"),
        ),
        sa.CheckConstraint("seconds >= 0", name=op.f("contact_seconds_check")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("contact_offer_id_fk")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("contact_organisation_id_fk")
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("contact_referral_id_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("contact_pk")),
    )
    op.create_index(
        op.f("contact_referral_id_id_idx"), "contact", ["referral_id", "id"], unique=False
    )
    op.create_table(
        "referral_question",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=True),
        sa.Column("asked_by_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["organisation.id"], name=op.f("referral_question_asked_by_id_fk")
        ),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offer.id"], name=op.f("referral_question_offer_id_fk")
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("referral_question_referral_id_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("referral_question_pk")),
    )
    op.create_index(
        op.f("referral_question_referral_id_id_idx"),
        "referral_question",
        ["referral_id", "id"],
        unique=False,
    )
    op.create_table(
        "stay",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("pool_id", sa.Uuid(), nullable=True),
        sa.Column("bed_id", sa.Uuid(), nullable=True),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("care_type", sa.String(), nullable=False),
        sa.Column("temporary", sa.Boolean(), nullable=False),
        sa.Column("payer", sa.String(), nullable=True),
        sa.Column("admitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expected_discharge", sa.Date(), nullable=True),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("awaited_type", sa.String(), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("destination", sa.String(), nullable=True),
        sa.CheckConstraint(
            "awaited_type IN ('mfb', 'elv-laag', 'elv-hoog', 'elv-palliatief', 'grz', 'wlz-vv', 'wlz-tijdelijk', 'wlz-crisis', 'respijt', 'hospice', 'observatie', 'wijkverpleging', 'spoedconsult-so', 'ggz-crisis')",
            name=op.f("stay_awaited_type_check"),
        ),
        sa.CheckConstraint(
            "care_type IN ('mfb', 'elv-laag', 'elv-hoog', 'elv-palliatief', 'grz', 'wlz-vv', 'wlz-tijdelijk', 'wlz-crisis', 'respijt', 'hospice', 'observatie', 'wijkverpleging', 'spoedconsult-so', 'ggz-crisis')",
            name=op.f("stay_care_type_check"),
        ),
        sa.CheckConstraint("left_at >= admitted_at", name=op.f("stay_left_check")),
        sa.ForeignKeyConstraint(["bed_id"], ["bed.id"], name=op.f("stay_bed_id_fk")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("stay_offer_id_fk")),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("stay_pool_id_fk")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisation.id"], name=op.f("stay_provider_id_fk")
        ),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("stay_referral_id_fk")),
        sa.ForeignKeyConstraint(["team_id"], ["home_care_team.id"], name=op.f("stay_team_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("stay_pk")),
        sa.UniqueConstraint("offer_id", name=op.f("stay_offer_id_key")),
    )
    op.create_index(
        "stay_open_key",
        "stay",
        ["referral_id"],
        unique=True,
        postgresql_where=sa.text("left_at IS NULL"),
    )
    op.create_index(
        "stay_pool_idx",
        "stay",
        ["pool_id"],
        unique=False,
        postgresql_where=sa.text("left_at IS NULL"),
    )
    op.create_index(op.f("stay_referral_id_idx"), "stay", ["referral_id"], unique=False)
    # Gaps are fine: a number is what people read to each other, not a count.
    op.execute("CREATE SEQUENCE referral_number")
    op.execute(
        "INSERT INTO location_hours (location_id, version, opening_hours, intake_hours, on_call, set_at)"
        " SELECT id, version, opening_hours, intake_hours, on_call, now() FROM location"
    )
    op.drop_constraint("event_kind_check", "event")
    op.create_check_constraint(op.f("event_kind_check"), "event", _listed("kind", EVENT_KINDS))
    for statement in GRANTS:
        op.execute(statement)


def _listed(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"
