"""acceptance_16: acceptances of offers a second, against an endpoint that stores nothing."""

import asyncpg

from app.security.keys import key_hash, new_key
from bench.clients.acceptor import Desks
from bench.clients.reporter import Providers
from bench.figures import Figure, Target, alternately
from bench.region import fill
from bench.stage import Database, Stage

_CONNECTIONS = 16
_POOLS = 240
_ROUNDS = 5
_OFFERS = 2_000
_WARM_UP = 1_500
_SECONDS = 2.5
#: Each the only offer of a referral that a referrer follows: three events come of its acceptance.
_ASKED = """
WITH point AS (
  INSERT INTO organisation (agb, name, kind) VALUES ('75750002', 'Meetpunt', 'coordination-point')
  RETURNING id
), referrer AS (
  INSERT INTO organisation (agb, name, kind) VALUES ('06060001', 'Meetziekenhuis', 'referrer')
  RETURNING id
), key AS (
  INSERT INTO api_key (organisation_id, source_id, role, name, hash, created_at)
  SELECT organisation_id, id, 'provider-intake', 'bench-intake', $3, $1 FROM source
), filed AS (
  INSERT INTO referral (number, region_id, owner_id, handler_id, handler_name, handler_since,
      episode_id, state, triaged, needs_triage, requested_by_id, route, care_type_triaged, urgency,
      birth_year, sex, pc4, setting, infection, behaviour, legal_status, first_contact_at,
      created_at, filed_at, target_at, next_action, next_at, waits_on)
  SELECT nextval('referral_number')::text, l.region_id, c.id, uuidv7(), 'Meter', $1, uuidv7(),
      'aangeboden', true, false, r.id, 'api', 'elv-laag', 'spoed', 1942, 'vrouw', '2725', 'seh',
      'geen', 'rustig', 'vrijwillig', $1, $1, $1, $1::timestamptz + interval '2 days',
      'antwoord-afwachten', $1::timestamptz + interval '4 hours', 'aanbieder'
  FROM location l, point c, referrer r, generate_series(1, $2::int)
  RETURNING id, region_id
)
INSERT INTO offer (referral_id, region_id, provider_id, pool_id, care_type, state, round, asked,
    offered_at, deadline_at, norm_minutes, norm_hours, norms_version)
SELECT f.id, f.region_id, p.provider_id, p.ids[1 + row_number() OVER () % cardinality(p.ids)],
    'elv-laag', 'gevraagd', 1, 1, $1, $1::timestamptz + interval '4 hours', 240, 'altijd', 0
FROM filed f, (SELECT organisation_id AS provider_id, array_agg(id) AS ids FROM pool GROUP BY 1) p
RETURNING id::text
"""
_ROOM = "UPDATE pool SET physical = 200, operable = 200"
_ACCEPTED_ONCE = """
SELECT count(*) FROM offer o JOIN referral r ON r.id = o.referral_id
WHERE o.state = 'toegezegd' AND r.state = 'geaccepteerd'
  AND 1 = (SELECT count(*) FROM referral_step s WHERE s.offer_id = o.id)
  AND (SELECT count(*) FROM offer) = (SELECT sum(cardinality(promised_at)) FROM pool)
"""


async def acceptance_16(stage: Stage) -> list[Figure]:
    """Sixteen intake desks that say yes without a pause, combined into commits."""
    database = await stage.database("acceptance_16")
    region = await fill(database, pools=_POOLS, reported=True)
    token, offers = await _ask(database, _WARM_UP + _ROUNDS * _OFFERS)
    with stage.api(database) as api, stage.reference("trivial_put") as trivial:
        async with (
            Desks(api.port, token, iter(offers), _CONNECTIONS) as ours,
            Providers(trivial.port, token, region.pools, _CONNECTIONS) as theirs,
        ):
            await ours.rate(_WARM_UP)
            # Which the server does by itself after a minute of such work; the log was empty so far.
            await stage.as_admin(database.admin_url, "ANALYZE")
            await theirs.rate(1.0)
            runs, reference_runs = await alternately(
                _ROUNDS, lambda: ours.rate(_OFFERS), lambda: theirs.rate(_SECONDS)
            )
    await _check(database, len(offers))
    return [
        Figure("acceptance_16", "per s", runs, reference_runs, Target("ratio", "at least", 0.3))
    ]


async def _ask(database: Database, offers: int) -> tuple[str, list[str]]:
    """A key for the intake desk, and open offers."""
    token = new_key()
    connection = await asyncpg.connect(database.owner_url)
    try:
        await connection.execute(_ROOM)
        now = await connection.fetchval("SELECT now()")
        asked = await connection.fetch(_ASKED, now, offers, key_hash(token))
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    return token, [row["id"] for row in asked]


async def _check(database: Database, offers: int) -> None:
    connection = await asyncpg.connect(database.owner_url)
    try:
        told = await connection.fetchval(_ACCEPTED_ONCE)
    finally:
        await connection.close()
    if told != offers:
        raise AssertionError(f"{told} of {offers} acceptances were kept once and counted")
