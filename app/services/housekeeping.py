"""What is kept for a while and then removed."""

import sqlalchemy as sa
from sqlmodel import col

from app.container import Container
from app.db.idempotency import KEPT_FOR
from app.db.tables import IdempotencyRow
from app.db.unit_of_work import UnitOfWork


async def forget_old_requests(container: Container) -> int:
    """Removes the answers that were kept for a repetition which can't come any more; how many."""

    async def act(work: UnitOfWork) -> int:
        removed = await work.session.exec(
            sa.delete(IdempotencyRow).where(col(IdempotencyRow.created_at) < work.now - KEPT_FOR)
        )
        await work.commit()
        return removed.rowcount

    return await container.act(act)
