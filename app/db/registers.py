"""Reading and locking of organisations, locations and pools."""

from uuid import UUID

from sqlmodel import col, select

from app.db.event_log import Connection
from app.db.tables import LocationRow, OrganisationRegionRow, OrganisationRow, PoolRow
from app.db.unit_of_work import UnitOfWork
from domain.errors import NotFound
from domain.identifiers import RegionId


async def get_organisation(work: UnitOfWork, organisation_id: UUID) -> OrganisationRow:
    """An organisation's row. Raises NotFound."""
    row = await work.session.get(OrganisationRow, organisation_id)
    if row is None:
        raise NotFound
    return row


async def regions_of(work: UnitOfWork, organisation_id: UUID) -> list[RegionId]:
    """The regions an organisation works in."""
    query = select(OrganisationRegionRow.region_id).where(
        col(OrganisationRegionRow.organisation_id) == organisation_id
    )
    return [RegionId(number) for number in (await work.session.exec(query)).all()]


async def get_location(work: UnitOfWork, location_id: UUID) -> LocationRow:
    """A location's row. Raises NotFound."""
    row = await work.session.get(LocationRow, location_id)
    if row is None:
        raise NotFound
    return row


async def lock_pool(work: UnitOfWork, pool_id: UUID) -> PoolRow:
    """A pool's row, locked as the hot statement locks it. Raises NotFound."""
    query = select(PoolRow).where(col(PoolRow.id) == pool_id).with_for_update(key_share=True)
    row = (await work.session.exec(query)).one_or_none()
    if row is None:
        raise NotFound
    return row


async def pool_state(connection: Connection, pool_id: UUID) -> tuple[RegionId, str] | None:
    """A pool's region and register state as JSON text, for one the board hasn't heard of yet."""
    row = await connection.fetchrow(
        "SELECT region_id, row_to_json(p) AS data FROM pool p WHERE id = $1", pool_id
    )
    return (RegionId(row["region_id"]), row["data"]) if row else None


async def pool_id_by_external_id(connection: Connection, agb: str, external_id: str) -> UUID | None:
    """A pool's id by its owner's AGB-code and the owner's own code."""
    found: UUID | None = await connection.fetchval(
        "SELECT p.id FROM pool p JOIN organisation o ON o.id = p.organisation_id"
        " WHERE o.agb = $1 AND p.external_id = $2",
        agb,
        external_id,
    )
    return found
