"""Reading and locking of beds, which go with their pool: its lock comes first."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from app.db.event_log import Connection
from app.db.owners import OWNERS
from app.db.tables import BedReportRow, BedRow
from app.db.unit_of_work import UnitOfWork
from domain.identifiers import BedId, OrganisationId, PoolId, RegionId

_FIND = """
SELECT b.id, b.pool_id, p.region_id, p.organisation_id
FROM bed b JOIN pool p ON p.id = b.pool_id
"""


@dataclass(frozen=True, slots=True)
class BedPlace:
    """Where a bed is, and whose."""

    id: BedId
    pool_id: PoolId
    region_id: RegionId
    owner_id: OrganisationId


async def find_bed(connection: Connection, bed_id: UUID) -> BedPlace | None:
    """A bed by its id."""
    row = await connection.fetchrow(f"{_FIND} WHERE b.id = $1", bed_id)
    return (
        _place(row["id"], row["pool_id"], row["region_id"], row["organisation_id"]) if row else None
    )


async def find_bed_by_codes(
    connection: Connection, agb: str, pool_code: str, bed_code: str
) -> BedPlace | None:
    """A bed by its owner's AGB-code, or that of one merged into it, and the owner's own codes."""
    row = await connection.fetchrow(
        f"{OWNERS}{_FIND} JOIN owner ON owner.id = p.organisation_id"
        " WHERE p.external_id = $2 AND b.external_id = $3",
        *(agb, pool_code, bed_code),
    )
    return (
        _place(row["id"], row["pool_id"], row["region_id"], row["organisation_id"]) if row else None
    )


def _place(bed_id: UUID, pool_id: UUID, region_id: int, owner_id: UUID) -> BedPlace:
    return BedPlace(BedId(bed_id), PoolId(pool_id), RegionId(region_id), OrganisationId(owner_id))


async def lock_beds(work: UnitOfWork, pool_id: UUID) -> list[BedRow]:
    """All beds that a pool has had, by id, locked; the pool is locked already."""
    query = (
        select(BedRow)
        .where(col(BedRow.pool_id) == pool_id)
        .order_by(col(BedRow.id))
        .with_for_update(key_share=True)
    )
    return list((await work.session.exec(query)).all())


async def is_known(work: UnitOfWork, bed_id: UUID, stated_at: datetime, digest: bytes) -> bool:
    """Whether history holds this report of a bed."""
    return await work.session.get(BedReportRow, (bed_id, stated_at, digest)) is not None
