"""Reports of long ago, straight into history: the service takes none older than its clock allows."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from domain.posting import PostingSchedule, valid_until
from tests.support.database import Database

_numbers = count(1)


def past_report(pool_id: UUID, observed_at: datetime, /, **said: Any) -> dict[str, Any]:
    """A row of pool_report: accepted, received at once and valid by the schedule, unless said."""
    received_at = said.get("received_at", observed_at)
    return {
        "pool_id": pool_id,
        "outcome": "accepted",
        "version": next(_numbers),
        "confirmation": False,
        "source_id": uuid4(),
        "source_kind": "api",
        "actor_id": uuid4(),
        "stated_at": observed_at,
        "observed_at": observed_at,
        "received_at": received_at,
        "valid_until": valid_until(PostingSchedule.DAILY_TWICE, observed_at),
        "digest": next(_numbers).to_bytes(16, "big"),
        **said,
    }


def past_bed_report(bed_id: UUID, observed_at: datetime, /, **said: Any) -> dict[str, Any]:
    """A row of bed_report, in the same way."""
    row = past_report(bed_id, observed_at, state="free", **said)
    del row["confirmation"]
    return {"bed_id": row.pop("pool_id"), **row}


def past_team_report(team_id: UUID, observed_at: datetime, /, **said: Any) -> dict[str, Any]:
    """A row of home_care_report, in the same way."""
    row = past_report(team_id, observed_at, light="groen", **said)
    return {"team_id": row.pop("pool_id"), **row}


async def keep(database: Database, table: str, *rows: Mapping[str, Any]) -> None:
    """Puts rows into a table, as the application."""
    async with database.connect() as connection:
        for row in rows:
            places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
            await connection.execute(
                f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", *row.values()
            )


async def audit_at(database: Database, *moments: datetime) -> None:
    """Audit rows of these moments."""
    rows = [
        {
            "happened_at": at,
            "action": "capacity.report",
            "outcome": "accepted",
            "purpose": "capacity",
            "basis": "system: all",
            "object_kind": "pool",
            "object_id": "x",
        }
        for at in moments
    ]
    await keep(database, "audit", *rows)


async def months_of(database: Database, table: str) -> list[str]:
    """The months that a table has partitions for, as 2026-11, besides the one for all others."""
    return [
        row["month"]
        for row in await database.all(
            "SELECT replace(right(inhrelid::regclass::text, 7), '_', '-') AS month FROM pg_inherits"
            " WHERE inhparent = $1::text::regclass AND inhrelid::regclass::text ~ '[0-9]$' ORDER BY 1",
            table,
        )
    ]


DAY = timedelta(days=1)
