"""The wrong-bed clocks of referrals: stopped when somebody came, or nobody waits any more."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from app.db.unit_of_work import UnitOfWork

_END = sa.text(
    "UPDATE discharge_wait SET until = GREATEST(since, :at), ended_reason = :reason"
    " WHERE referral_id = :referral AND until IS NULL"
)


async def end_waits(work: UnitOfWork, referral_id: UUID, at: datetime, reason: str) -> None:
    """Stops those that still run; one that began later than `at` lasted no time."""
    connection = await work.session.connection()
    await connection.execute(_END, {"referral": referral_id, "at": at, "reason": reason})
