"""Reading recorded looks at the board."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from app.db.tables import BoardCheckRow
from app.db.unit_of_work import UnitOfWork


async def last_check(
    work: UnitOfWork, referral_id: UUID, since: datetime, until: datetime
) -> BoardCheckRow | None:
    """The last look at the board for a referral between two moments, the first not included."""
    query = (
        select(BoardCheckRow)
        .where(
            col(BoardCheckRow.referral_id) == referral_id,
            col(BoardCheckRow.at) > since,
            col(BoardCheckRow.at) <= until,
        )
        .order_by(sa.desc(col(BoardCheckRow.at)), sa.desc(col(BoardCheckRow.id)))
        .limit(1)
    )
    return (await work.session.exec(query)).one_or_none()
