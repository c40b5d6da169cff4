"""A region to measure in: one provider with all its pools, and a key to report and one to follow with."""

from dataclasses import dataclass
from typing import Any

import asyncpg

from app.security.keys import key_hash, new_key
from bench.stage import Database
from domain.identifiers import RegionId

_REGION = RegionId(1)

_REGISTERS = """
WITH region AS (
  INSERT INTO region (id, code, name) VALUES ($1, 'bench', 'Meetregio')
), stream AS (
  INSERT INTO stream (region_id, epoch, number, tag) VALUES ($1, 1, 0, 7)
), opened AS (
  INSERT INTO event (region_id, number, epoch, tag, kind, subject_id, at)
  VALUES ($1, 0, 1, 7, 'stream-opened', $1::text, now())
), organisation AS (
  INSERT INTO organisation (agb, name, kind) VALUES ('75750001', 'Meetzorg', 'provider')
  RETURNING id
), works AS (
  INSERT INTO organisation_region (organisation_id, region_id) SELECT id, $1 FROM organisation
), source AS (
  INSERT INTO source (organisation_id, kind, name, lag_minutes, includes_holds, released_at)
  SELECT id, 'api', 'api', 0, false, now() FROM organisation RETURNING id
), key AS (
  INSERT INTO api_key (organisation_id, source_id, role, name, hash, created_at)
  SELECT o.id, s.id, 'provider-capacity', 'bench', $2, now() FROM organisation o, source s
)
INSERT INTO location (region_id, organisation_id, name, address, postcode, place, gemeente, telephone)
SELECT $1, id, 'Meethuis', 'Markt 10', '2711CZ', 'Zoetermeer', '0637', '079-0000000' FROM organisation
RETURNING id, organisation_id
"""
_POOLS = """
INSERT INTO pool (region_id, organisation_id, location_id, external_id, name, care_types,
    posting_schedule, status)
SELECT $1, $2, $3, 'afdeling-' || n, 'Afdeling ' || n, ARRAY['elv-laag', 'elv-hoog'],
    'dagelijks-tweemaal', 'active'
FROM generate_series(1, $4::int) AS n
RETURNING id::text
"""
_REPORTED = """
UPDATE pool SET report_version = 1, source_kind = 'api',
    source_id = (SELECT id FROM source LIMIT 1), stated_at = now(), observed_at = now(),
    received_at = now(), valid_until = now() + interval '12 hours', counted_until = now(),
    physical = 30, operable = 28, occupied = 20, planned = 1, closed = 0, digest = '\\x00'
"""


@dataclass(frozen=True, slots=True)
class Region:
    """`reporter` is the key that reports on these pools and follows the region."""

    id: RegionId
    reporter: str
    pools: list[str]

    def subscription(self, *, after: str | None = None, latest: bool = False) -> dict[str, Any]:
        """The first message of a subscriber to the figures of all pools."""
        return {
            "type": "subscribe",
            "token": self.reporter,
            "region": self.id,
            "topics": ["capacity"],
            "after": after,
            "latest": latest,
        }


async def fill(database: Database, *, pools: int, reported: bool = False) -> Region:
    """Straight into the tables, before a process reads them; `reported` gives every pool figures."""
    token = new_key()
    connection = await asyncpg.connect(database.owner_url)
    try:
        async with connection.transaction():
            place = await connection.fetchrow(_REGISTERS, _REGION, key_hash(token))
            assert place is not None
            rows = await connection.fetch(
                _POOLS, _REGION, place["organisation_id"], place["id"], pools
            )
            if reported:
                await connection.execute(_REPORTED)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    return Region(_REGION, token, [row["id"] for row in rows])
