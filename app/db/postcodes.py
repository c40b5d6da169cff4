"""Writing and reading of postcodes, and what locations learn from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from app.db.tables import PostcodeRow
from app.db.unit_of_work import UnitOfWork
from domain.geography import Point, Postcode
from domain.identifiers import LocationId, RegionId

#: A file that doesn't tell the gemeente takes away no gemeente that is known.
_KEPT = "(excluded.gemeente IS NULL AND p.gemeente IS NOT NULL)"

_PUT = f"""
INSERT INTO postcode AS p
  (pc4, place, gemeente, gemeente_name, gemeente_year, latitude, longitude)
SELECT * FROM unnest(
  CAST(:pc4 AS text[]), CAST(:place AS text[]), CAST(:gemeente AS text[]),
  CAST(:gemeente_name AS text[]), CAST(:gemeente_year AS smallint[]),
  CAST(:latitude AS float8[]), CAST(:longitude AS float8[])
) AS given (pc4, place, gemeente, gemeente_name, gemeente_year, latitude, longitude)
ORDER BY pc4
ON CONFLICT (pc4) DO UPDATE SET
  place = excluded.place,
  gemeente = coalesce(excluded.gemeente, p.gemeente),
  gemeente_name = CASE WHEN {_KEPT} THEN p.gemeente_name ELSE excluded.gemeente_name END,
  gemeente_year = CASE WHEN {_KEPT} THEN p.gemeente_year ELSE excluded.gemeente_year END,
  latitude = excluded.latitude,
  longitude = excluded.longitude,
  version = p.version + 1
WHERE (p.place, p.latitude, p.longitude)
    IS DISTINCT FROM (excluded.place, excluded.latitude, excluded.longitude)
  OR NOT {_KEPT} AND (p.gemeente, p.gemeente_name, p.gemeente_year)
    IS DISTINCT FROM (excluded.gemeente, excluded.gemeente_name, excluded.gemeente_year)
RETURNING pc4, version = 1 AS is_new
"""

#: Of location l and its postcode p.
_LACKS = "(l.latitude IS NULL OR l.gemeente IS NULL AND p.gemeente IS NOT NULL)"

_LOCK_LACKING = f"""
SELECT l.id FROM location l JOIN postcode p ON p.pc4 = left(l.postcode, 4)
WHERE {_LACKS} ORDER BY l.id FOR NO KEY UPDATE OF l
"""

_FILL = """
UPDATE location l SET
  latitude = coalesce(l.latitude, p.latitude),
  longitude = coalesce(l.longitude, p.longitude),
  gemeente = coalesce(l.gemeente, p.gemeente),
  gemeente_year = CASE WHEN l.gemeente IS NULL THEN p.gemeente_year ELSE l.gemeente_year END,
  version = l.version + 1
FROM postcode p
WHERE p.pc4 = left(l.postcode, 4) AND l.id = ANY(CAST(:ids AS uuid[]))
RETURNING l.id, l.region_id
"""


@dataclass(frozen=True, slots=True)
class Written:
    """The PC4s that weren't there yet, and those that were and said something else."""

    new: list[str]
    changed: list[str]


async def put(work: UnitOfWork, postcodes: Sequence[Postcode]) -> Written:
    """Inserts or updates, locking the rows in order of PC4; each PC4 may be given once."""
    connection = await work.session.connection()
    result = await connection.execute(
        sa.text(_PUT),
        {
            "pc4": [postcode.pc4 for postcode in postcodes],
            "place": [postcode.place for postcode in postcodes],
            "gemeente": [postcode.gemeente for postcode in postcodes],
            "gemeente_name": [postcode.gemeente_name for postcode in postcodes],
            "gemeente_year": [postcode.gemeente_year for postcode in postcodes],
            "latitude": [postcode.point.latitude for postcode in postcodes],
            "longitude": [postcode.point.longitude for postcode in postcodes],
        },
    )
    rows = sorted((pc4, is_new) for pc4, is_new in result)
    return Written(
        new=[pc4 for pc4, is_new in rows if is_new],
        changed=[pc4 for pc4, is_new in rows if not is_new],
    )


async def fill_locations(work: UnitOfWork) -> list[tuple[LocationId, RegionId]]:
    """Gives locations the point and the gemeente that they lack and their postcode knows."""
    connection = await work.session.connection()
    lacking = [row.id for row in await connection.execute(sa.text(_LOCK_LACKING))]
    filled: list[tuple[UUID, int]] = [
        (row.id, row.region_id)
        for row in await connection.execute(sa.text(_FILL), {"ids": lacking})
    ]
    return [(LocationId(id_), RegionId(region)) for id_, region in sorted(filled)]


async def find(work: UnitOfWork, pc4: str) -> Postcode | None:
    """What is known of a PC4."""
    row = await work.session.get(PostcodeRow, pc4)
    if row is None:
        return None
    return Postcode(
        pc4=row.pc4,
        place=row.place,
        point=Point(row.latitude, row.longitude),
        gemeente=row.gemeente,
        gemeente_name=row.gemeente_name,
        gemeente_year=row.gemeente_year,
    )
