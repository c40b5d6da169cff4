"""What the database refuses of records of delivering, whoever asks it."""

_A_RECORD = "INSERT INTO delivery_record SELECT"
_COUNTED = "'2026-08-24', '2026-11-21', 9, 7, 2, 3, 4, 1, 2, 1, 5, 60"
#: A row for the statements below to go wrong on.
RECORDED = f"{_A_RECORD} organisation_id, 1, {_COUNTED} FROM pool;"
#: For every constraint, something that it alone refuses.
REFUSED_RECORDS = {
    "delivery_record_counts_check": "UPDATE delivery_record SET unanswered = 3",
    "delivery_record_median_check": "UPDATE delivery_record SET median_answer_minutes = -1",
    "delivery_record_minutes_check": "UPDATE delivery_record SET median_answer_minutes = 61",
    "delivery_record_organisation_id_fk": f"{_A_RECORD} uuidv7(), 1, {_COUNTED}",
    "delivery_record_period_check": "UPDATE delivery_record SET until = '2026-08-23'",
    "delivery_record_pk": "INSERT INTO delivery_record SELECT * FROM delivery_record",
    "delivery_record_region_id_fk": "UPDATE delivery_record SET region_id = 9",
}
