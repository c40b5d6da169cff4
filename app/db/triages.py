"""Reading past triages, to see what other rules would have advised."""

from collections.abc import Sequence
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlmodel import col, select

from app.db.event_log import Connection
from app.db.tables import TriageRow
from app.db.unit_of_work import UnitOfWork
from domain.identifiers import RegionId
from domain.triage.replay import PastTriage

_PAST = """
SELECT referral_id, rules_version, facts, coalesce(advice -> 'outcomes', '[]') AS outcomes
FROM triage WHERE $1::smallint IS NULL OR region_id = $1 ORDER BY at, id
"""


async def read_past(connection: Connection, region_id: RegionId | None) -> Sequence[PastTriage]:
    """Every triage there was, oldest first; of one region, or of all when None."""
    return [
        PastTriage(
            referral_id=row["referral_id"],
            version=row["rules_version"],
            facts=orjson.loads(row["facts"]),
            outcomes=tuple(orjson.loads(row["outcomes"])),
        )
        for row in await connection.fetch(_PAST, region_id)
    ]


async def last_outcomes(work: UnitOfWork, referral_id: UUID) -> tuple[str, ...]:
    """What the last triage of a referral advised, in order; nothing when there was none."""
    query = (
        select(TriageRow.advice)
        .where(col(TriageRow.referral_id) == referral_id)
        .order_by(sa.desc(col(TriageRow.at)), sa.desc(col(TriageRow.id)))
        .limit(1)
    )
    advice = (await work.session.exec(query)).one_or_none()
    return tuple(advice["outcomes"]) if advice else ()
