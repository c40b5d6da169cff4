"""Reading a region's norms: those that hold, and those that held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
import orjson

from app.db.event_log import Connection
from app.db.unit_of_work import UnitOfWork
from domain.identifiers import RegionId
from domain.norms import Norms


@dataclass(frozen=True, slots=True)
class NormSet:
    """Norms with who set them when. Version 0: the defaults, which nobody set."""

    version: int
    norms: Norms
    set_at: datetime | None = None
    set_by: UUID | None = None
    note: str | None = None


_COLUMNS = "n.version, n.norms, n.set_at, n.set_by, n.note"


async def read_norms(connection: Connection, region_id: RegionId) -> tuple[Norms, int]:
    """A region's norms and their version; the defaults with 0 when none were set."""
    found = await read_norm_set(connection, region_id)
    return (found.norms, found.version) if found is not None else (Norms(), 0)


async def norms_in(work: UnitOfWork, region_id: RegionId) -> tuple[Norms, int]:
    """As read_norms, within an act: it copies them, and may commit just after they were changed."""
    found = await work.fetch(
        "SELECT norms, version FROM norm_set WHERE region_id = $1 ORDER BY version DESC LIMIT 1",
        region_id,
    )
    if not found:
        return Norms(), 0
    return Norms.from_json(found[0]["norms"]), found[0]["version"]


async def read_norm_set(connection: Connection, region_id: RegionId) -> NormSet | None:
    """What holds in a region; None when there is no such region."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM region r LEFT JOIN LATERAL (SELECT * FROM norm_set"
        " WHERE region_id = r.id ORDER BY version DESC LIMIT 1) n ON true WHERE r.id = $1",
        region_id,
    )
    if row is None:
        return None
    return _norm_set(row) if row["version"] is not None else NormSet(0, Norms())


async def read_norm_history(
    connection: Connection, region_id: RegionId, before: int | None, limit: int
) -> Sequence[NormSet]:
    """Every set that a region has had, the newest first, from before a version on."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM norm_set n WHERE region_id = $1"
        " AND ($2::int IS NULL OR version < $2) ORDER BY version DESC LIMIT $3",
        region_id,
        before,
        limit,
    )
    return [_norm_set(row) for row in rows]


def _norm_set(row: asyncpg.Record) -> NormSet:
    return NormSet(**{**row, "norms": Norms.from_json(orjson.loads(row["norms"]))})
