"""What hours a location has had: kept whenever they change, since clocks count in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlmodel import col, select

from app.db.event_log import Connection
from app.db.tables import LocationHoursRow, LocationRow
from app.db.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class PastHours:
    """Hours from `set_at` on, as JSON; version: of the location. None: nobody told."""

    version: int
    set_at: datetime
    set_by: UUID | None
    opening_hours: Any
    intake_hours: Any
    on_call: Any


async def keep_hours(work: UnitOfWork, row: LocationRow, by: UUID | None) -> None:
    """Keeps a location's hours if they aren't those that were kept last. The location is locked."""
    query = (
        select(LocationHoursRow)
        .where(col(LocationHoursRow.location_id) == row.id)
        .order_by(sa.desc(col(LocationHoursRow.version)))
        .limit(1)
    )
    last = (await work.session.exec(query)).one_or_none()
    now = (row.opening_hours, row.intake_hours, row.on_call)
    if last is not None and (last.opening_hours, last.intake_hours, last.on_call) == now:
        return
    work.session.add(
        LocationHoursRow(
            location_id=row.id,
            version=row.version,
            opening_hours=row.opening_hours,
            intake_hours=row.intake_hours,
            on_call=row.on_call,
            set_at=work.now,
            set_by=by,
        )
    )


async def read_hours(
    connection: Connection, location_id: UUID, before: int | None, limit: int
) -> Sequence[PastHours]:
    """The hours that a location has had, the newest first, from before a version on."""
    rows = await connection.fetch(
        "SELECT version, set_at, set_by, opening_hours, intake_hours, on_call FROM location_hours"
        " WHERE location_id = $1 AND ($2::int IS NULL OR version < $2)"
        " ORDER BY version DESC LIMIT $3",
        location_id,
        before,
        limit,
    )
    return [
        PastHours(
            row["version"],
            row["set_at"],
            row["set_by"],
            *(
                None if row[name] is None else orjson.loads(row[name])
                for name in ("opening_hours", "intake_hours", "on_call")
            ),
        )
        for row in rows
    ]
