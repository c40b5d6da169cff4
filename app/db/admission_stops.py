"""Reading of opnamestops. Who sets or lifts one has locked the location."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import col, select

from app.db.event_log import Connection
from app.db.tables import AdmissionStopRow
from app.db.unit_of_work import UnitOfWork
from domain.identifiers import LocationId, OrganisationId, RegionId

_HISTORY = """
SELECT id, reason, note, since, expected_until, source_kind AS source, set_at, lifted_at, version
FROM admission_stop
WHERE location_id = $1 AND ($2::timestamptz IS NULL OR (since, id) < ($2, $3::uuid))
ORDER BY since DESC, id DESC LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class LocationPlace:
    """In which region a location is, and whose."""

    id: LocationId
    region_id: RegionId
    owner_id: OrganisationId


@dataclass(frozen=True, slots=True)
class PastStop:
    """A stop from `since` until it was lifted; None: it still stands."""

    id: UUID
    reason: str
    note: str | None
    since: datetime
    expected_until: date | None
    source: str
    set_at: datetime
    lifted_at: datetime | None
    version: int


async def find_location(connection: Connection, location_id: UUID) -> LocationPlace | None:
    """Whose a location is."""
    row = await connection.fetchrow(
        "SELECT region_id, organisation_id FROM location WHERE id = $1", location_id
    )
    if row is None:
        return None
    return LocationPlace(LocationId(location_id), RegionId(row[0]), OrganisationId(row[1]))


async def last_stops(work: UnitOfWork, location_id: UUID) -> list[AdmissionStopRow]:
    """The two stops that were set last at a location, the latest first: it stands unless lifted."""
    query = (
        select(AdmissionStopRow)
        .where(col(AdmissionStopRow.location_id) == location_id)
        .order_by(col(AdmissionStopRow.version).desc())
        .limit(2)
    )
    return list((await work.session.exec(query)).all())


async def read_history(
    connection: Connection, location_id: UUID, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[PastStop]:
    """Stops of a location, the latest first, from before a (since, id) on."""
    since, stop_id = before or (None, None)
    rows = await connection.fetch(_HISTORY, location_id, since, stop_id, limit)
    return [PastStop(**dict(row)) for row in rows]
