"""A region full of places and teams to ask about, straight into the tables."""

from collections.abc import Iterable, Sequence
from random import Random

import asyncpg

from app.demo_postcodes import POSTCODES
from bench.region import Region, fill
from bench.stage import Database
from domain.care_types import CareType
from domain.features import Feature
from domain.home_care import Dagdeel, Skill

CARE_TYPES = [c for c in CareType if c.has_places and not c.counted_by_bed]
_POOLS_A_LOCATION = 4
#: Teams that work in a postcode, on average, whatever the number of teams in 2,000.
_PC4S_A_TEAM = 12

_POSTCODES = """
INSERT INTO postcode (pc4, place, gemeente, gemeente_name, gemeente_year, latitude, longitude)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::float[], $7::float[])
"""
_LOCATIONS = """
INSERT INTO location (region_id, organisation_id, name, address, postcode, place, gemeente,
    gemeente_year, latitude, longitude, telephone)
SELECT region_id, organisation_id, n.name, 'Markt ' || n.n, n.postcode, n.place, n.gemeente, 2025,
    n.latitude, n.longitude, '079-0000000'
FROM location, unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::float[], $7::float[])
    AS n(n, name, postcode, place, gemeente, latitude, longitude)
RETURNING id
"""
_SPREAD = """
UPDATE pool p SET location_id = n.location_id, care_types = string_to_array(n.care_types, ','),
    features = string_to_array(n.features, ','), occupied = n.occupied,
    admission_rules = CASE WHEN n.rules = '' THEN NULL ELSE n.rules::jsonb END
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::int[], $6::text[])
    AS n(id, location_id, care_types, features, occupied, rules)
WHERE p.id = n.id
"""
_TEAMS = """
INSERT INTO home_care_team (region_id, organisation_id, external_id, name, telephone, pc4s, skills,
    dagdelen, posting_schedule, status, report_version, source_id, source_kind, stated_at,
    observed_at, received_at, valid_until, light, earliest_start, exceptions, digest)
SELECT region_id, organisation_id, 'team-' || n.n, 'Team ' || n.n, '079-0000000',
    string_to_array(n.pc4s, ','), string_to_array(n.skills, ','), string_to_array(n.dagdelen, ','),
    'dagelijks-tweemaal', 'active', 1, (SELECT id FROM source LIMIT 1), 'api', now(), now(), now(),
    now() + interval '12 hours', n.light, current_date + n.days, '[]', '\\x00'
FROM (SELECT * FROM location ORDER BY id LIMIT 1) AS l,
    unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[])
    AS n(n, pc4s, skills, dagdelen, light, days)
"""
_HOUSES = ("Huize", "Woonzorg", "Verpleeghuis", "De", "Hof van", "Residentie")
_NAMES = ("Linde", "Wilg", "Duinrand", "Molen", "Vaart", "Horst", "Kamp", "Spoor", "Es", "Beuk")
_RULES = (
    "",
    '{"days":["ma","di","wo","do","vr"],"opens":"10:00","closes":"16:00"}',
    '{"days":["ma","di","wo","do","vr"],"opens":"09:00","closes":"17:00","apply_before":"12:00"}',
    '{"opens":"08:00","closes":"20:00","max_per_day":2,"holidays":true}',
)


async def fill_country(database: Database, *, places: int, teams: int | None = None) -> Region:
    """Pools and teams, all reported a moment ago, over the postcodes of the demo region.

    teams: by default as many as pools.
    """
    random = Random(places)
    region = await fill(database, pools=places, reported=True)
    connection = await asyncpg.connect(database.owner_url)
    try:
        async with connection.transaction():
            await connection.execute(
                _POSTCODES,
                *zip(
                    *(
                        (
                            *(p.pc4, p.place, p.gemeente, p.gemeente_name, p.gemeente_year),
                            *(p.point.latitude, p.point.longitude),
                        )
                        for p in POSTCODES
                    ),
                    strict=True,
                ),
            )
            locations = await _locations(connection, random, places // _POOLS_A_LOCATION)
            await connection.execute(
                _SPREAD, *_columns(_pool(random, p, locations) for p in region.pools)
            )
            await connection.execute(
                _TEAMS, *_columns(_team(random, n) for n in range(teams or places))
            )
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    return region


def availability_paths(number: int) -> list[str]:
    """So many different questions for places; nearly all have more than 20 answers."""
    random = Random(number)
    paths: dict[str, None] = {}
    while len(paths) < number:
        near = random.choice(POSTCODES).pc4
        care_type = random.choice(CARE_TYPES)
        sort = random.choice(("nearest", "soonest", "freest"))
        within = random.choice(("", "&within_km=30", "&within_km=25"))
        paths[
            f"/v1/availability?care_type={care_type}&near={near}&sort={sort}{within}&limit=20"
        ] = None
    return list(paths)


def home_care_paths(number: int) -> list[str]:
    """So many different questions for teams."""
    random = Random(number)
    paths: dict[str, None] = {}
    while len(paths) < number:
        asked = f"postcode={random.choice(POSTCODES).pc4}&skill={random.choice(list(Skill))}"
        dagdeel = random.choice(["", *(f"&dagdeel={d}" for d in Dagdeel)])
        paths[f"/v1/home-care?{asked}{dagdeel}&limit=20"] = None
    return list(paths)


async def _locations(
    connection: "asyncpg.Connection[asyncpg.Record]", random: Random, number: int
) -> list[str]:
    postcodes = [random.choice(POSTCODES) for _ in range(number)]
    rows = await connection.fetch(
        _LOCATIONS,
        list(range(number)),
        [f"{random.choice(_HOUSES)} {random.choice(_NAMES)} {n}" for n in range(number)],
        [f"{p.pc4}ZX" for p in postcodes],
        [p.place for p in postcodes],
        [p.gemeente for p in postcodes],
        [p.point.latitude + random.uniform(-0.005, 0.005) for p in postcodes],
        [p.point.longitude + random.uniform(-0.005, 0.005) for p in postcodes],
    )
    return [row["id"] for row in rows]


def _pool(random: Random, pool: str, locations: list[str]) -> tuple[object, ...]:
    care_types = random.sample(CARE_TYPES, random.choice((1, 1, 2, 3)))
    features = random.sample(list(Feature), random.randint(0, 6))
    return (
        pool,
        random.choice(locations),
        ",".join(care_types),
        ",".join(features),
        random.randint(15, 28),
        random.choice(_RULES),
    )


def _team(random: Random, number: int) -> tuple[object, ...]:
    middle = random.randrange(len(POSTCODES))
    pc4s = {POSTCODES[(middle + at) % len(POSTCODES)].pc4 for at in range(_PC4S_A_TEAM)}
    return (
        number,
        ",".join(sorted(pc4s)),
        ",".join(random.sample(list(Skill), random.randint(2, 6))),
        ",".join(random.sample(list(Dagdeel), random.randint(2, 4))),
        random.choice(("groen", "groen", "oranje", "rood")),
        random.randint(0, 14),
    )


def _columns(rows: Iterable[Sequence[object]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]
