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
    key: the column that names the subject; region: the column that tells whose stream it is in.
    """

    source: str
    key: str
    region: str
    json: str


def _row(*columns: str) -> str:
    """A row as compact JSON; json_build_object would put spaces in every event."""
    return f"(SELECT row_to_json(state) FROM (SELECT {', '.join(columns)}) AS state)"


def _object(alias: str, *columns: str) -> str:
    return _row(*(f"{alias}.{column}" for column in columns))


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
)

STATES: dict[Kind, StateOf] = {
    # Which regions there are is everybody's business, so their events go to region 0.
    Kind.REGION: StateOf("region r", "r.id", "0", _object("r", "id", "code", "name", "version")),
    Kind.ORGANISATION: StateOf(
        "organisation o JOIN organisation_region m ON m.organisation_id = o.id",
        "o.id",
        "m.region_id",
        _object("o", "id", "agb", "name", "kind", "version"),
    ),
    Kind.LOCATION: StateOf(
        "location l",
        "l.id",
        "l.region_id",
        _object(
            "l",
            "id",
            "organisation_id",
            "name",
            "address",
            "postcode",
            "place",
            "gemeente",
            "telephone",
            "version",
        ),
    ),
    Kind.POOL: StateOf(
        "pool p",
        "p.id",
        "p.region_id",
        _object(
            "p",
            "id",
            "organisation_id",
            "location_id",
            "external_id",
            "name",
            "care_types",
            "posting_schedule",
            "status",
            "version",
        ),
    ),
    Kind.CAPACITY: StateOf("pool p", "p.id", "p.region_id", CAPACITY_JSON),
}
