"""Reading claims within an act."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from app.db.tables import ClaimRow
from app.db.unit_of_work import UnitOfWork
from domain.offers import ClaimState


async def held_until(work: UnitOfWork, pool_id: UUID, bed_id: UUID | None) -> datetime | None:
    """When the first claim on a pool, or on one bed of it, ends by itself; None: there is no claim."""
    query = select(sa.func.min(col(ClaimRow.expires_at))).where(
        col(ClaimRow.pool_id) == pool_id, col(ClaimRow.state) == ClaimState.OPEN
    )
    if bed_id is not None:
        query = query.where(col(ClaimRow.bed_id) == bed_id)
    return (await work.session.exec(query)).one()
