"""What the database refuses of notices, of what goes out of them, and of where it goes."""

_A_NOTICE = (
    "INSERT INTO notice (id, region_id, organisation_id, kind, data, urgent, created_at) SELECT"
)
_AN_ENDPOINT = (
    "INSERT INTO webhook_endpoint (id, organisation_id, url, secret, state, created_at) SELECT"
)
_A_SECRET = f"'whsec_{'a' * 43}='"
_A_SETTING = (
    "INSERT INTO word_setting (id, organisation_id, choices, digest_at, acuut_always) SELECT"
)
_SET = "'{}', '08:00', true"
_A_DELIVERY = (
    "INSERT INTO delivery (id, notice_id, setting_id, endpoint_id, channel, digest, state, next_at,"
    " created_at) SELECT"
)
_WAITS = "false, 'wacht', now(), now()"
#: Rows for the statements below to go wrong on: a notice that went to a mailbox and an endpoint.
WORD = (
    f"{_A_NOTICE} uuidv7(), 1, organisation_id, 'vraag', '{{}}', false, now() FROM pool;"
    "INSERT INTO notice_read SELECT id, organisation_id, now() FROM notice;"
    f"{_AN_ENDPOINT} uuidv7(), organisation_id, 'https://a.example', {_A_SECRET}, 'active', now()"
    " FROM pool;"
    f"{_A_SETTING} uuidv7(), organisation_id, {_SET} FROM pool;"
    f"{_A_DELIVERY} uuidv7(), n.id, s.id, NULL, 'mail', {_WAITS} FROM notice n, word_setting s;"
    f"{_A_DELIVERY} uuidv7(), n.id, NULL, e.id, 'webhook', {_WAITS}"
    " FROM notice n, webhook_endpoint e;"
)
_OF_MAIL = "FROM delivery WHERE channel = 'mail'"
_OF_WEBHOOK = "FROM delivery WHERE channel = 'webhook'"
#: For every constraint, something that it alone refuses.
REFUSED_WORD = {
    "delivery_attempts_check": "UPDATE delivery SET attempts = -1",
    "delivery_channel_check": "UPDATE delivery SET channel = 'fax', setting_id = NULL, endpoint_id = NULL",
    "delivery_endpoint_id_fk": "UPDATE delivery SET endpoint_id = uuidv7() WHERE channel = 'webhook'",
    "delivery_notice_id_endpoint_id_key": f"{_A_DELIVERY} uuidv7(), notice_id, NULL, endpoint_id, channel, {_WAITS} {_OF_WEBHOOK}",
    "delivery_notice_id_fk": "UPDATE delivery SET notice_id = uuidv7()",
    "delivery_notice_id_setting_id_key": f"{_A_DELIVERY} uuidv7(), notice_id, setting_id, NULL, channel, {_WAITS} {_OF_MAIL}",
    "delivery_pk": f"{_A_DELIVERY} d.id, n.id, NULL, e.id, 'webhook', {_WAITS} FROM delivery d, notice n, webhook_endpoint e",
    "delivery_sent_check": "UPDATE delivery SET state = 'verstuurd'",
    "delivery_setting_id_fk": "UPDATE delivery SET setting_id = uuidv7() WHERE channel = 'mail'",
    "delivery_state_check": "UPDATE delivery SET state = 'zoek'",
    "delivery_to_check": "UPDATE delivery SET channel = 'mail'",
    "notice_kind_check": "UPDATE notice SET kind = 'nieuwtje'",
    "notice_pk": f"{_A_NOTICE} id, 1, organisation_id, 'vraag', '{{}}', false, now() FROM notice",
    "notice_read_notice_id_fk": "INSERT INTO notice_read SELECT uuidv7(), uuidv7(), now()",
    "notice_read_pk": "INSERT INTO notice_read SELECT * FROM notice_read",
    "webhook_endpoint_kinds_check": "UPDATE webhook_endpoint SET kinds = '{vraag,nieuwtje}'",
    "webhook_endpoint_organisation_id_fk": "UPDATE webhook_endpoint SET organisation_id = uuidv7()",
    "webhook_endpoint_pk": f"{_AN_ENDPOINT} id, organisation_id, url, secret, state, now() FROM webhook_endpoint",
    "webhook_endpoint_previous_check": "UPDATE webhook_endpoint SET previous_secret = secret",
    "webhook_endpoint_secret_check": "UPDATE webhook_endpoint SET secret = 'geheim'",
    "webhook_endpoint_state_check": "UPDATE webhook_endpoint SET state = 'moe'",
    "word_setting_address_check": "UPDATE word_setting SET address = 'a@b.example c@d.example'",
    "word_setting_organisation_id_fk": "UPDATE word_setting SET organisation_id = uuidv7()",
    "word_setting_organisation_id_person_id_key": f"{_A_SETTING} uuidv7(), organisation_id, {_SET} FROM word_setting",
    "word_setting_person_id_fk": "UPDATE word_setting SET person_id = uuidv7()",
    "word_setting_pk": f"{_A_SETTING} s.id, o.id, {_SET} FROM word_setting s, organisation o WHERE o.id <> s.organisation_id LIMIT 1",
    "word_setting_quiet_check": "UPDATE word_setting SET quiet_from = '22:00'",
}
