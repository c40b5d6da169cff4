"""What the database refuses of referrals and all that hangs on them, whoever asks it."""

A_REFERRAL = (
    "INSERT INTO referral (id, number, region_id, owner_id, episode_id, state, route, urgency,"
    " birth_year, sex, pc4, setting, infection, behaviour, legal_status, first_contact_at,"
    " created_at, next_action, waits_on) SELECT"
)
#: What follows the number of a referral, up to and with what it waits on.
FILED = (
    "1, organisation_id, uuidv7(), 'ingediend', 'phone', 'spoed', 1940, 'vrouw', '2711', 'thuis',"
    " 'geen', 'rustig', 'vrijwillig', now(), now(), 'trieren', 'coordinatiepunt'"
)
AN_OFFER = (
    "INSERT INTO offer (referral_id, region_id, provider_id, pool_id, care_type, state, round,"
    " asked, offered_at, deadline_at, norm_minutes, norm_hours, norms_version)"
    " SELECT referral.id, 1, organisation_id, pool.id, 'grz', 'gevraagd', 1, 1, now(), now(), 60,"
    " 'altijd', 0 FROM referral, pool"
)
A_STAY = (
    "INSERT INTO stay (id, referral_id, offer_id, provider_id, care_type, temporary, admitted_at,"
    " recorded_at, left_at) SELECT"
)
#: What follows the provider of a stay.
STAYED = "'grz', false, now(), now(), now()"
#: Rows for the statements below to go wrong on: one of each table in which rows may change, of one
#: referral for the one pool. What can be open is over, so that no index of what is open refuses.
REFERRED = (
    f"{A_REFERRAL} uuidv7(), 'R-1', {FILED} FROM pool;"
    f"{AN_OFFER};"
    "INSERT INTO claim (referral_id, pool_id, state, claimed_at, expires_at, ended_at)"
    " SELECT referral_id, pool_id, 'used', now(), now(), now() FROM offer;"
    f"{A_STAY} uuidv7(), referral_id, id, provider_id, {STAYED} FROM offer;"
    "INSERT INTO discharge_wait (referral_id, care_type, since, until)"
    " SELECT id, 'grz', now(), now() FROM referral;"
    "INSERT INTO handover (referral_id, from_id, from_region_id, to_id, to_region_id, state,"
    " reason, offered_at)"
    " SELECT r.id, owner_id, 1, o.id, 1, 'geweigerd', 'elders', now()"
    " FROM referral r JOIN organisation o ON o.id <> owner_id LIMIT 1;"
    "INSERT INTO alert (region_id, referral_id, kind, raised_at, cleared_at)"
    " SELECT 1, id, 'evaluatie', now(), now() FROM referral;"
    "INSERT INTO referral_question (referral_id, asked_at) SELECT id, now() FROM referral;"
    "INSERT INTO referral_text (referral_id, kind, text, at)"
    " SELECT id, 'note', 'belt terug', now() FROM referral;"
    "INSERT INTO match (referral_id, region_id, at, position, weights_version, shown, kept)"
    " SELECT id, 1, now(), 'x', '2026-1', '[]', '{}' FROM referral;"
)
A_CONTACT = "INSERT INTO contact (id, referral_id, kind, outcome, started_at) SELECT"
A_LOOK = "INSERT INTO board_check (id, referral_id, at, position, regular_failed, found) SELECT"
A_MATCH = (
    "INSERT INTO match (referral_id, region_id, at, position, weights_version, shown, kept) SELECT"
)
A_STEP = (
    "INSERT INTO referral_step (id, referral_id, step, before, after, version, happened_at,"
    " recorded_at, role) SELECT"
)
A_TRIAGE = (
    "INSERT INTO triage (id, referral_id, region_id, rules_version, urgency, facts, advice, chosen,"
    " deviates, at) SELECT"
)
HOURS = "INSERT INTO location_hours (location_id, version, set_at) SELECT"
#: Of which two rows cannot have the same key.
TWICE = "FROM referral, generate_series(1, 2)"
ENDED_OFFER = "UPDATE offer SET ended_at = now()"

#: For every constraint of these tables, something that it alone refuses.
REFUSED_REFERRALS = {
    "alert_about_check": "UPDATE alert SET pool_id = (SELECT id FROM pool)",
    "alert_kind_check": "UPDATE alert SET kind = 'zomaar'",
    "alert_offer_id_fk": "UPDATE alert SET offer_id = uuidv7()",
    "alert_owner_id_fk": "UPDATE alert SET owner_id = uuidv7()",
    "alert_pk": "INSERT INTO alert SELECT * FROM alert",
    "alert_pool_id_fk": "UPDATE alert SET referral_id = NULL, pool_id = uuidv7()",
    "alert_referral_id_fk": "UPDATE alert SET referral_id = uuidv7()",
    "board_check_pk": f"{A_LOOK} id, id, now(), 'x', true, '{{}}' {TWICE}",
    "board_check_referral_id_fk": f"{A_LOOK} uuidv7(), uuidv7(), now(), 'x', true, '{{}}'",
    "claim_bed_id_fk": "UPDATE claim SET bed_id = uuidv7()",
    "claim_ended_check": "UPDATE claim SET ended_at = NULL",
    "claim_pk": "INSERT INTO claim SELECT * FROM claim",
    "claim_pool_id_fk": "UPDATE claim SET pool_id = uuidv7()",
    "claim_referral_id_fk": "UPDATE claim SET referral_id = uuidv7()",
    "claim_state_check": "UPDATE claim SET state = 'weg'",
    "contact_kind_check": f"{A_CONTACT} uuidv7(), id, 'duif', 'sent', now() FROM referral",
    "contact_offer_id_fk": "INSERT INTO contact (referral_id, offer_id, kind, outcome, started_at) SELECT id, uuidv7(), 'mail', 'sent', now() FROM referral",
    "contact_organisation_id_fk": "INSERT INTO contact (referral_id, organisation_id, kind, outcome, started_at) SELECT id, uuidv7(), 'mail', 'sent', now() FROM referral",
    "contact_outcome_check": f"{A_CONTACT} uuidv7(), id, 'mail', 'zoek', now() FROM referral",
    "contact_pk": f"{A_CONTACT} id, id, 'mail', 'sent', now() {TWICE}",
    "contact_referral_id_fk": f"{A_CONTACT} uuidv7(), uuidv7(), 'mail', 'sent', now()",
    "contact_seconds_check": "INSERT INTO contact (referral_id, kind, outcome, started_at, seconds) SELECT id, 'call-in', 'spoken', now(), -1 FROM referral",
    "discharge_wait_care_type_check": "UPDATE discharge_wait SET care_type = 'hotel'",
    "discharge_wait_pk": "INSERT INTO discharge_wait SELECT * FROM discharge_wait",
    "discharge_wait_referral_id_fk": "UPDATE discharge_wait SET referral_id = uuidv7()",
    "discharge_wait_until_check": "UPDATE discharge_wait SET until = since - interval '1 us'",
    "handover_from_id_fk": "UPDATE handover SET from_id = uuidv7()",
    "handover_parties_check": "UPDATE handover SET to_id = from_id",
    "handover_pk": "INSERT INTO handover SELECT * FROM handover",
    "handover_referral_id_fk": "UPDATE handover SET referral_id = uuidv7()",
    "handover_state_check": "UPDATE handover SET state = 'weg'",
    "handover_to_id_fk": "UPDATE handover SET to_id = uuidv7()",
    "location_hours_location_id_fk": f"{HOURS} uuidv7(), 1, now()",
    "location_hours_pk": f"{HOURS} id, 999, now() FROM location, generate_series(1, 2)",
    "match_pk": "INSERT INTO match SELECT * FROM match",
    "match_referral_id_fk": f"{A_MATCH} uuidv7(), 1, now(), 'x', 'x', '[]', '{{}}'",
    "offer_awaiting_check": "UPDATE offer SET awaiting = 'godot'",
    "offer_bed_check": "UPDATE offer SET pool_id = NULL, bed_id = (SELECT id FROM bed)",
    "offer_bed_id_fk": "UPDATE offer SET bed_id = uuidv7()",
    "offer_care_type_check": "UPDATE offer SET care_type = 'hotel'",
    "offer_ended_check": ENDED_OFFER,
    "offer_ending_check": "UPDATE offer SET ending = 'zomaar'",
    "offer_norm_hours_check": "UPDATE offer SET norm_hours = 'soms'",
    "offer_pk": "INSERT INTO offer SELECT * FROM offer",
    "offer_pool_id_fk": "UPDATE offer SET pool_id = uuidv7()",
    "offer_promised_check": "UPDATE offer SET state = 'toegezegd'",
    "offer_proposed_bed_id_fk": "UPDATE offer SET proposed_bed_id = uuidv7()",
    "offer_proposed_pool_id_fk": "UPDATE offer SET proposed_pool_id = uuidv7()",
    "offer_provider_id_fk": "UPDATE offer SET provider_id = uuidv7()",
    "offer_referral_id_fk": "UPDATE offer SET referral_id = uuidv7()",
    "offer_refusal_check": f"{ENDED_OFFER}, state = 'geweigerd', refusal = 'zomaar'",
    "offer_refused_check": f"{ENDED_OFFER}, state = 'geweigerd'",
    "offer_state_check": f"{ENDED_OFFER}, state = 'weg'",
    "offer_target_check": "UPDATE offer SET team_id = (SELECT id FROM home_care_team)",
    "offer_team_id_fk": "UPDATE offer SET pool_id = NULL, team_id = uuidv7()",
    "referral_behaviour_check": "UPDATE referral SET behaviour = 'zingend'",
    "referral_birth_year_check": "UPDATE referral SET birth_year = 1879",
    "referral_care_type_asked_check": "UPDATE referral SET care_type_asked = 'hotel'",
    "referral_care_type_placed_check": "UPDATE referral SET care_type_placed = 'hotel'",
    "referral_care_type_triaged_check": "UPDATE referral SET care_type_triaged = 'hotel'",
    "referral_ciz_status_check": "UPDATE referral SET ciz_status = 'zoek'",
    "referral_dagdelen_check": "UPDATE referral SET dagdelen = '{ochtend,vroeg}'",
    "referral_features_check": "UPDATE referral SET features = '{tillift,zwembad}'",
    "referral_infection_check": "UPDATE referral SET infection = 'pest'",
    "referral_legal_status_check": "UPDATE referral SET legal_status = 'vogelvrij'",
    "referral_next_action_check": "UPDATE referral SET next_action = 'afwachten'",
    "referral_next_check": "UPDATE referral SET next_action = NULL",
    "referral_number_key": f"{A_REFERRAL} uuidv7(), number, {FILED} FROM referral, pool",
    "referral_owner_id_fk": "UPDATE referral SET owner_id = uuidv7()",
    "referral_pc4_check": "UPDATE referral SET pc4 = '0711'",
    "referral_pk": f"{A_REFERRAL} referral.id, 'R-2', {FILED} FROM referral, pool",
    "referral_previous_id_fk": "UPDATE referral SET previous_id = uuidv7()",
    "referral_question_asked_by_id_fk": "UPDATE referral_question SET asked_by_id = uuidv7()",
    "referral_question_offer_id_fk": "UPDATE referral_question SET offer_id = uuidv7()",
    "referral_question_pk": "INSERT INTO referral_question SELECT * FROM referral_question",
    "referral_question_referral_id_fk": "UPDATE referral_question SET referral_id = uuidv7()",
    "referral_region_id_fk": "UPDATE referral SET region_id = 9",
    "referral_requested_by_id_fk": "UPDATE referral SET requested_by_id = uuidv7()",
    "referral_route_check": "UPDATE referral SET route = 'duif'",
    "referral_setting_check": "UPDATE referral SET setting = 'hotel'",
    "referral_sex_check": "UPDATE referral SET sex = 'x'",
    "referral_skills_check": "UPDATE referral SET skills = '{basis,toveren}'",
    "referral_state_check": "UPDATE referral SET state = 'weg'",
    "referral_step_after_check": f"{A_STEP} uuidv7(), id, 'filed', NULL, 'weg', 1, now(), now(), 'system' FROM referral",
    "referral_step_before_check": f"{A_STEP} uuidv7(), id, 'filed', 'weg', 'concept', 1, now(), now(), 'system' FROM referral",
    "referral_step_pk": f"{A_STEP} id, id, 'filed', NULL, 'concept', 1, now(), now(), 'system' {TWICE}",
    "referral_step_referral_id_fk": f"{A_STEP} uuidv7(), uuidv7(), 'filed', NULL, 'concept', 1, now(), now(), 'system'",
    "referral_step_step_check": f"{A_STEP} uuidv7(), id, 'danced', NULL, 'concept', 1, now(), now(), 'system' FROM referral",
    "referral_target_group_check": "UPDATE referral SET target_group = 'iedereen'",
    "referral_target_group_told_check": "UPDATE referral SET state = 'geen-plek'",
    "referral_text_kind_check": "UPDATE referral_text SET kind = 'gedicht'",
    "referral_text_pk": "INSERT INTO referral_text SELECT * FROM referral_text",
    "referral_text_referral_id_fk": "UPDATE referral_text SET referral_id = uuidv7()",
    "referral_urgency_check": "UPDATE referral SET urgency = 'ooit'",
    "referral_waits_on_check": "UPDATE referral SET waits_on = 'godot'",
    "stay_awaited_type_check": "UPDATE stay SET awaited_type = 'hotel'",
    "stay_bed_id_fk": "UPDATE stay SET bed_id = uuidv7()",
    "stay_care_type_check": "UPDATE stay SET care_type = 'hotel'",
    "stay_left_check": "UPDATE stay SET left_at = admitted_at - interval '1 us'",
    "stay_offer_id_fk": "UPDATE stay SET offer_id = uuidv7()",
    "stay_offer_id_key": f"{A_STAY} uuidv7(), referral_id, offer_id, provider_id, {STAYED} FROM stay",
    "stay_pk": f"{AN_OFFER}; {A_STAY} s.id, s.referral_id, o.id, o.provider_id, {STAYED} FROM stay s JOIN offer o ON o.id <> offer_id",
    "stay_pool_id_fk": "UPDATE stay SET pool_id = uuidv7()",
    "stay_provider_id_fk": "UPDATE stay SET provider_id = uuidv7()",
    "stay_referral_id_fk": "UPDATE stay SET referral_id = uuidv7()",
    "stay_team_id_fk": "UPDATE stay SET team_id = uuidv7()",
    "triage_pk": f"{A_TRIAGE} id, id, 1, '1', 'spoed', '{{}}', '{{}}', 'grz', false, now() {TWICE}",
    "triage_referral_id_fk": f"{A_TRIAGE} uuidv7(), uuidv7(), 1, '1', 'spoed', '{{}}', '{{}}', 'grz', false, now()",
}
