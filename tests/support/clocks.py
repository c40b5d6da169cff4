"""What the clocks do when they are looked at, and what that left behind."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

from app.container import Container
from app.services.referrals.sweeps import sweep
from domain.needs import Urgency
from tests.support.database import Database

ANSWER = {Urgency.ACUUT: timedelta(minutes=30), Urgency.SPOED: timedelta(hours=4)}
MINUTE = timedelta(minutes=1)


async def swept(container: Container) -> int:
    """Everything that is due, batch after batch; of how many cases."""
    count = 0
    while True:
        found = await sweep(container)
        count += found.count
        if not found.more:
            return count


async def open_alerts(database: Database, referral_id: UUID) -> set[str]:
    """What somebody is told about a referral at this moment; they are all much alike here."""
    rows = await database.all(
        "SELECT kind FROM alert WHERE referral_id = $1 AND cleared_at IS NULL"
        " AND kind <> 'mogelijk-dubbel'",
        referral_id,
    )
    assert len({row["kind"] for row in rows}) == len(rows)
    return {row["kind"] for row in rows}


async def by_the_clock(database: Database, referral_id: UUID) -> Counter[str]:
    """What the clock did to a referral, with its reason, by its history."""
    rows = await database.all(
        "SELECT step, reason, actor_id FROM referral_step WHERE referral_id = $1 AND role = 'system'",
        referral_id,
    )
    assert all(row["actor_id"] is None for row in rows)
    return Counter(f"{row['step']} {row['reason'] or ''}".strip() for row in rows)
