"""What a region's stream told since a moment."""

import json
from typing import Any

from domain.identifiers import EVERYWHERE
from tests.support.database import Database


async def heads(database: Database) -> dict[int, int]:
    """How far each region's stream is."""
    found = await database.all("SELECT region_id, number FROM stream")
    return {row["region_id"]: row["number"] for row in found}


async def told(
    database: Database, after: dict[int, int], region: int = EVERYWHERE
) -> list[tuple[str, str, Any]]:
    """Kind, subject and state of a region's events since."""
    found = await database.all(
        "SELECT kind, subject_id, data FROM event WHERE region_id = $1 AND number > $2"
        " ORDER BY number",
        region,
        after[region],
    )
    return [(row["kind"], row["subject_id"], json.loads(row["data"] or "null")) for row in found]
