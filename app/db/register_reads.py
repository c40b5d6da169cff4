"""What the registers hold as the database has it now: for the pages of who writes them.

Boards follow a moment later and know no organisation that works nowhere; whoever has just written
something wants to read that.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from app.db.event_log import Connection
from app.db.states import STATES
from domain.events import Kind

State = dict[str, Any]

#: An organisation may be in no region at all.
_SOURCES = {Kind.ORGANISATION: "organisation o"}

_SEARCH = f"""
SELECT {STATES[Kind.ORGANISATION].json} AS data, count(*) OVER () AS found,
    (SELECT count(*) FROM location l WHERE l.organisation_id = o.id AND l.status = 'active') AS locations,
    (SELECT count(*) FROM pool p WHERE p.organisation_id = o.id AND p.status = 'active') AS pools,
    (SELECT count(*) FROM home_care_team t
     WHERE t.organisation_id = o.id AND t.status = 'active') AS teams
FROM organisation o
WHERE ($1 = '' OR position(lower($1) IN lower(o.name)) > 0 OR $1 IN (o.agb, o.ura, o.kvk) OR EXISTS (
        SELECT FROM location l
        WHERE l.organisation_id = o.id AND position(lower($1) IN lower(l.name)) > 0))
    AND ($2::text IS NULL OR o.kind = $2)
    AND ($3::int IS NULL OR EXISTS (
        SELECT FROM organisation_region m WHERE m.organisation_id = o.id AND m.region_id = $3))
    AND ($4::text IS NULL OR o.status = $4)
ORDER BY lower(o.name), o.id LIMIT $5 OFFSET $6
"""


@dataclass(frozen=True, slots=True)
class FoundOrganisations:
    """Some organisations with how much each has, and how many there are in all."""

    organisations: list[State]
    total: int


async def read_state(connection: Connection, kind: Kind, subject_id: object) -> State | None:
    """A subject as its register has it, its `region_id` beside it."""
    of = STATES[kind]
    found = await _read(connection, kind, f"{of.key} = $1::text::{of.key_type}", str(subject_id))
    return found[0] if found else None


async def read_states(
    connection: Connection, kind: Kind, owner: str, owner_id: UUID
) -> list[State]:
    """All subjects, also ended ones, with this `owner`: a column such as `location_id`."""
    return await _read(connection, kind, f"{owner} = $1", owner_id)


async def read_regions(connection: Connection) -> list[State]:
    """All regions by name, without what is everybody's."""
    return await _read(connection, Kind.REGION, "r.id > $1", 0)


async def search_organisations(
    connection: Connection,
    text: str,
    kind: str | None,
    region_id: int | None,
    status: str | None,
    *,
    limit: int,
    offset: int,
) -> FoundOrganisations:
    """Organisations by name, by the name of a location, or by one of their numbers."""
    rows = await connection.fetch(_SEARCH, text, kind, region_id, status, limit, offset)
    organisations = [
        {
            **orjson.loads(row["data"]),
            **{name: row[name] for name in ("locations", "pools", "teams")},
        }
        for row in rows
    ]
    return FoundOrganisations(organisations, rows[0]["found"] if rows else 0)


async def read_organisation_names(connection: Connection) -> list[tuple[str, str]]:
    """Every active organisation's id with its name and AGB-code, by name."""
    rows = await connection.fetch(
        "SELECT id, name, agb FROM organisation WHERE status = 'active' ORDER BY lower(name), agb"
    )
    return [(str(row["id"]), f"{row['name']} · {row['agb']}") for row in rows]


async def read_gemeenten(connection: Connection) -> dict[str, str]:
    """The names of the gemeenten that postcodes are known of, by code."""
    rows = await connection.fetch(
        "SELECT DISTINCT ON (gemeente) gemeente, gemeente_name FROM postcode"
        " WHERE gemeente IS NOT NULL AND gemeente_name IS NOT NULL ORDER BY gemeente, gemeente_year DESC"
    )
    return {row["gemeente"]: row["gemeente_name"] for row in rows}


async def _read(connection: Connection, kind: Kind, where: str, *given: object) -> list[State]:
    of = STATES[kind]
    region = "NULL" if kind is Kind.ORGANISATION else of.region
    rows = await connection.fetch(
        f"SELECT {of.json} AS data, {region} AS region_id"
        f" FROM {_SOURCES.get(kind, of.source)} WHERE {where}",
        *given,
    )
    states = [{**orjson.loads(row["data"]), "region_id": row["region_id"]} for row in rows]
    return sorted(
        states, key=lambda state: (state.get("name", "").casefold(), str(state.get("id")))
    )
