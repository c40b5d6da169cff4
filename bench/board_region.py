"""A region as a coordinator's screen shows it: pools, a few teams, and a coordinator who is signed in."""

from dataclasses import dataclass

import asyncpg

from app.security.sessions import new_token, token_hash
from bench.country import fill_country
from bench.region import Region
from bench.stage import Database

POOLS = 2_000
#: As many as the demo region has.
TEAMS = 60

_COORDINATOR = """
WITH point AS (
  INSERT INTO organisation (agb, name, kind)
  VALUES ('75750002', 'Coördinatiepunt Meetregio', 'coordination-point') RETURNING id
), works AS (
  INSERT INTO organisation_region (organisation_id, region_id) SELECT id, $1 FROM point
), person AS (
  INSERT INTO person (username, name, password_hash, created_at)
  VALUES ('m.meet', 'M. Meet', '$argon2id$none', now()) RETURNING id
), membership AS (
  INSERT INTO membership (person_id, organisation_id, role, created_at)
  SELECT person.id, point.id, 'coordinator', now() FROM person, point RETURNING id, person_id
)
INSERT INTO person_session (hash, person_id, membership_id, created_at, last_used_at)
SELECT $2, person_id, id, now(), now() FROM membership
"""
#: One pool in twelve serves several kinds of care, as in the demo region; no two figures are equally old.
_AS_IN_LIFE = """
UPDATE pool SET care_types = CASE WHEN n % 12 = 0 THEN care_types ELSE care_types[1:1] END,
    observed_at = observed_at - n * interval '3.217 seconds',
    valid_until = valid_until - n * interval '3.217 seconds'
FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM pool) AS numbered
WHERE pool.id = numbered.id
"""


@dataclass(frozen=True, slots=True)
class BoardRegion:
    """The region, and the token of its coordinator's session."""

    region: Region
    session: str


async def fill_board(database: Database) -> BoardRegion:
    """2,000 pools, all reported within two hours, and 60 teams."""
    region = await fill_country(database, places=POOLS, teams=TEAMS)
    session = new_token()
    connection = await asyncpg.connect(database.owner_url)
    try:
        await connection.execute(_AS_IN_LIFE)
        await connection.execute(_COORDINATOR, region.id, token_hash(session))
    finally:
        await connection.close()
    return BoardRegion(region, session)
