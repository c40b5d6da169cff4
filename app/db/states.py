"""The state of a subject as events and snapshots carry it, written by PostgreSQL from the row itself.

One expression a kind, used by every statement that logs an event and by the snapshot: that is why
an old snapshot with the events since equals a new snapshot, to the byte.
"""

from dataclasses import dataclass

from domain.events import Kind


@dataclass(frozen=True, slots=True)
class StateOf:
    """How to read the subjects of a kind.

    source: the FROM clause.
    key: the column that names the subject, and its type; region: the column that tells whose stream
    it is in; owner: the column that tells who alone may know of it, None when that is everybody. A
    row whose owner is null is nobody's to see.
    """

    source: str
    key: str
    region: str
    json: str
    key_type: str = "uuid"
    owner: str | None = None


def _row(*columns: str) -> str:
    """A row as compact JSON; json_build_object would put spaces in every event.

    A bed has a column `state`, so that the whole row goes by a name that no column has.
    """
    return f"(SELECT row_to_json(whole_row) FROM (SELECT {', '.join(columns)}) AS whole_row)"


def _object(alias: str, *columns: str, **expressions: str) -> str:
    named = (f"{expression} AS {name}" for name, expression in expressions.items())
    return _row(*(f"{alias}.{column}" for column in columns), *named)


#: The figures of a pool, as of alias p. `promised` is a number to readers; when is nobody's business.
CAPACITY_JSON = _row(
    "p.report_version AS version",
    "p.source_kind AS source",
    "p.observed_at",
    "p.received_at",
    "p.valid_until",
    "p.physical",
    "p.operable",
    "p.occupied",
    "p.planned",
    "p.closed",
    "p.closed_reason",
    "p.claimed",
    "cardinality(p.promised_at) AS promised",
    "greatest(p.balance, 0 * p.balance) AS free",
    "p.balance",
    "p.available_from",
    "p.forecast",
)

_BED_JSON = _object(
    "b",
    *("id", "pool_id", "external_id", "name", "features", "status", "version", "report_version"),
    "source_kind AS source",
    *("observed_at", "received_at", "valid_until", "state", "closed_reason", "expected_discharge"),
    "hold",
)

_HOME_CARE_JSON = _row(
    "t.report_version AS version",
    "t.source_kind AS source",
    "t.observed_at",
    "t.received_at",
    "t.valid_until",
    "t.light",
    "t.earliest_start",
    "t.hours",
    "coalesce(t.exceptions, '[]') AS exceptions",
)


def _step(alias: str) -> str:
    """Of what only its owner may know no more than that it moved: the rest comes by REST."""
    return _object(alias, "id", "state", "version")


STATES: dict[Kind, StateOf] = {
    # Which regions there are, and where postcodes lie, is everybody's: their events go to region 0.
    Kind.REGION: StateOf(
        "region r", "r.id", "0", _object("r", "id", "code", "name", "version"), "smallint"
    ),
    Kind.POSTCODE: StateOf(
        "postcode c",
        "c.pc4",
        "0",
        _object(
            "c",
            *("pc4", "place", "gemeente", "gemeente_name", "gemeente_year"),
            *("latitude", "longitude", "version"),
        ),
        "text",
    ),
    Kind.ORGANISATION: StateOf(
        "organisation o JOIN organisation_region m ON m.organisation_id = o.id",
        "o.id",
        "m.region_id",
        _object(
            "o",
            *(
                "id",
                "agb",
                "ura",
                "kvk",
                "name",
                "kind",
                "telephone",
                "pc4s",
                "insurers",
                "on_call",
            ),
            *("status", "merged_into", "version"),
            # Whoever changes these holds the organisation's row, and tells it in each of them.
            regions="ARRAY(SELECT region_id FROM organisation_region"
            " WHERE organisation_id = o.id ORDER BY region_id)",
        ),
    ),
    Kind.LOCATION: StateOf(
        "location l",
        "l.id",
        "l.region_id",
        _object(
            "l",
            *("id", "organisation_id", "name", "address", "postcode", "place", "gemeente"),
            *("gemeente_year", "latitude", "longitude", "vestigingsnummer", "telephone"),
            *("wlz_contract", "opening_hours", "intake_hours", "on_call", "status", "version"),
        ),
    ),
    Kind.ADMISSION_STOP: StateOf(
        "admission_stop s JOIN location l ON l.id = s.location_id AND s.lifted_at IS NULL",
        "l.id",
        "l.region_id",
        _row(
            "l.id AS location_id",
            *("s.reason", "s.note", "s.since", "s.expected_until", "s.source_kind AS source"),
            *("s.set_at", "s.version"),
        ),
    ),
    Kind.POOL: StateOf(
        "pool p",
        "p.id",
        "p.region_id",
        _object(
            "p",
            *("id", "organisation_id", "location_id", "external_id", "name", "care_types"),
            *("features", "admission_rules", "posting_schedule", "time_to_live_minutes"),
            *("status", "version"),
        ),
    ),
    Kind.CAPACITY: StateOf("pool p", "p.id", "p.region_id", CAPACITY_JSON),
    Kind.BED: StateOf("bed b", "b.id", "b.region_id", _BED_JSON),
    Kind.HOME_CARE_TEAM: StateOf(
        "home_care_team t",
        "t.id",
        "t.region_id",
        _object(
            "t",
            *("id", "organisation_id", "external_id", "name", "telephone", "pc4s", "skills"),
            *("dagdelen", "posting_schedule", "time_to_live_minutes", "status", "version"),
        ),
    ),
    Kind.HOME_CARE: StateOf("home_care_team t", "t.id", "t.region_id", _HOME_CARE_JSON),
    Kind.DELIVERY_RECORD: StateOf(
        "delivery_record d",
        "d.organisation_id",
        "d.region_id",
        _object(
            "d",
            *("organisation_id", "since", "until", "asked", "answered", "unanswered", "late"),
            *("called_on", "refused_while_free", "admissions_due", "not_arrived"),
            *("median_answer_minutes", "slow_answer_minutes"),
        ),
    ),
    Kind.REFERRAL: StateOf("referral r", "r.id", "r.region_id", _step("r"), owner="r.owner_id"),
    Kind.REFERRAL_STATUS: StateOf(
        "referral r", "r.id", "r.region_id", _step("r"), owner="r.requested_by_id"
    ),
    Kind.OFFER: StateOf("offer o", "o.id", "o.region_id", _step("o"), owner="o.provider_id"),
    Kind.HANDOVER: StateOf("handover h", "h.id", "h.to_region_id", _step("h"), owner="h.to_id"),
}
