"""The database itself refuses what the domain refuses, whoever asks it."""

import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, example, given, settings

from domain.capacity import Figures, check_figures
from domain.care_types import ClosedReason
from domain.errors import InvalidInput
from tests.factories.figures import any_figures, figures, nearly_possible_figures
from tests.factories.world import World, counts
from tests.support.database import Database
from tests.support.refused_proposals import PROPOSED, REFUSED_PROPOSALS
from tests.support.refused_records import RECORDED, REFUSED_RECORDS
from tests.support.refused_referrals import REFERRED, REFUSED_REFERRALS
from tests.support.refused_word import REFUSED_WORD, WORD

ORGANISATION = "(SELECT min(id::text)::uuid FROM organisation)"
POOL = "(SELECT id FROM pool)"
A_KEY = "INSERT INTO api_key (organisation_id, source_id, role, name, hash, created_at) SELECT"
A_LOCATION = (
    "INSERT INTO location (region_id, organisation_id, name, address, postcode, place) SELECT"
)
A_POOL = (
    "INSERT INTO pool (region_id, organisation_id, location_id, external_id, name, care_types,"
    " posting_schedule, status) SELECT"
)
A_BED = "INSERT INTO bed (region_id, pool_id, external_id, name, status) SELECT"
A_TEAM = (
    "INSERT INTO home_care_team (region_id, organisation_id, external_id, name, posting_schedule,"
    " status) SELECT"
)
A_STOP = "INSERT INTO admission_stop (location_id, reason, since, source_kind, set_at) SELECT"
#: The one stop that there is, lifted, so that another one may be set.
LIFTED = "UPDATE admission_stop SET lifted_at"
A_POSTCODE = "INSERT INTO postcode (pc4, place, latitude, longitude) SELECT"
A_SOURCE = "INSERT INTO source (organisation_id, name, kind, lag_minutes, includes_holds) SELECT"
A_PERSON = "INSERT INTO person (username, name, password_hash, created_at) SELECT"
A_NORM_SET = "INSERT INTO norm_set (id, region_id, version, norms, set_at) SELECT"
A_MEMBERSHIP = "INSERT INTO membership (person_id, organisation_id, role, created_at) SELECT"
A_SESSION = "INSERT INTO person_session (hash, person_id, created_at, last_used_at) SELECT"
A_FAVOURITE = "INSERT INTO favourite SELECT"
A_TRY = "INSERT INTO sign_in_try SELECT"
AN_EVENT = "INSERT INTO event (region_id, number, epoch, tag, kind, subject_id, at) SELECT"
_SEEN = "report_version = 1, observed_at = now(), valid_until = now()"
#: Of a bed and a team, what makes them reported but for the state and the light.
SEEN_BED = f"UPDATE bed SET {_SEEN}"
SEEN_TEAM = f"UPDATE home_care_team SET {_SEEN}"
WHEN_SAID = "stated_at, observed_at, received_at"
A_REPORT = (
    "INSERT INTO pool_report (pool_id, outcome, confirmation, source_id, source_kind, actor_id,"
    f" {WHEN_SAID}, digest) SELECT"
)
A_BED_REPORT = (
    "INSERT INTO bed_report (bed_id, outcome, state, source_id, source_kind, actor_id, valid_until,"
    f" {WHEN_SAID}, digest) SELECT"
)
A_TEAM_REPORT = (
    "INSERT INTO home_care_report (team_id, outcome, confirmation, light, source_id, source_kind,"
    f" actor_id, valid_until, {WHEN_SAID}, digest) SELECT"
)

#: For every constraint, something that it refuses. One region, some organisations, one pool, one
#: bed, one team, one stop, one person who is signed in, one referral.
REFUSED = (
    REFUSED_REFERRALS
    | REFUSED_PROPOSALS
    | REFUSED_RECORDS
    | REFUSED_WORD
    | {
        "admission_stop_lifted_check": f"{LIFTED} = set_at - interval '1 us'",
        "admission_stop_location_id_fk": f"{A_STOP} uuidv7(), 'anders', now(), 'api', now()",
        "admission_stop_pk": f"{LIFTED} = set_at; INSERT INTO admission_stop SELECT * FROM admission_stop",
        "admission_stop_reason_check": "UPDATE admission_stop SET reason = 'zomaar'",
        "admission_stop_source_kind_check": "UPDATE admission_stop SET source_kind = 'duif'",
        "api_key_hash_check": f"{A_KEY} {ORGANISATION}, NULL, 'analyst', 'a', 'kort', now()",
        "api_key_hash_key": f"{A_KEY} organisation_id, source_id, role, name, hash, now() FROM api_key",
        "api_key_organisation_id_fk": f"{A_KEY} uuidv7(), NULL, 'analyst', 'a', sha256(''), now()",
        "api_key_pk": "UPDATE api_key SET id = (SELECT min(id::text)::uuid FROM api_key)",
        "api_key_role_check": f"{A_KEY} {ORGANISATION}, NULL, 'baas', 'a', sha256(''), now()",
        "api_key_source_id_fk": f"{A_KEY} {ORGANISATION}, uuidv7(), 'analyst', 'a', sha256(''), now()",
        "audit_pk": "INSERT INTO audit OVERRIDING SYSTEM VALUE SELECT * FROM audit",
        "bed_closed_reason_check": f"{SEEN_BED}, state = 'closed'",
        "bed_closed_reason_known_check": f"{SEEN_BED}, state = 'closed', closed_reason = 'zomaar'",
        "bed_expected_discharge_check": f"{SEEN_BED}, state = 'free', expected_discharge = '2026-11-23'",
        "bed_hold_check": "UPDATE bed SET hold = 'misschien'",
        "bed_pk": "INSERT INTO bed (id, region_id, pool_id, external_id, name, status) SELECT id, 1, pool_id, 'x', 'x', status FROM bed",
        "bed_pool_id_external_id_key": f"{A_BED} 1, pool_id, external_id, 'x', 'active' FROM bed",
        "bed_pool_id_fk": f"{A_BED} 1, uuidv7(), 'x', 'x', 'active'",
        "bed_region_id_fk": "UPDATE bed SET region_id = 9",
        "bed_report_outcome_check": f"{A_BED_REPORT} uuidv7(), 'repeated', 'free', uuidv7(), 'api', uuidv7(), now(), now(), now(), now(), ''",
        "bed_report_pk": f"{A_BED_REPORT} {POOL}, 'accepted', 'free', uuidv7(), 'api', uuidv7(), now(), now(), now(), now(), '' FROM generate_series(1, 2)",
        "bed_reported_check": "UPDATE bed SET observed_at = now()",
        "bed_state_check": f"{SEEN_BED}, state = 'weg'",
        "bed_status_check": "UPDATE bed SET status = 'slapend'",
        "event_kind_check": f"{AN_EVENT} 1, 999, 1, 1, 'wat', 'x', now()",
        "event_pk": f"{AN_EVENT} 1, 1, 1, 1, 'pool', 'x', now()",
        "event_tag_check": f"{AN_EVENT} 1, 999, 1, 4294967296, 'pool', 'x', now()",
        "favourite_kind_check": f"{A_FAVOURITE} id, 'stoel', id, now() FROM person",
        "favourite_person_id_fk": f"{A_FAVOURITE} uuidv7(), 'pool', uuidv7(), now()",
        "favourite_pk": f"{A_FAVOURITE} id, 'pool', id, now() FROM person, generate_series(1, 2)",
        "home_care_report_outcome_check": f"{A_TEAM_REPORT} uuidv7(), 'repeated', false, 'groen', uuidv7(), 'api', uuidv7(), now(), now(), now(), now(), ''",
        "home_care_report_pk": f"{A_TEAM_REPORT} {POOL}, 'accepted', false, 'groen', uuidv7(), 'api', uuidv7(), now(), now(), now(), now(), '' FROM generate_series(1, 2)",
        "home_care_team_dagdelen_check": "UPDATE home_care_team SET dagdelen = '{ochtend,vroeg}'",
        "home_care_team_light_check": f"{SEEN_TEAM}, light = 'paars'",
        "home_care_team_organisation_id_external_id_key": f"{A_TEAM} 1, organisation_id, external_id, 'x', posting_schedule, status FROM home_care_team",
        "home_care_team_organisation_id_fk": "UPDATE home_care_team SET organisation_id = uuidv7()",
        "home_care_team_pk": "INSERT INTO home_care_team (id, region_id, organisation_id, external_id, name, posting_schedule, status) SELECT id, 1, organisation_id, 'x', 'x', posting_schedule, status FROM home_care_team",
        "home_care_team_posting_schedule_check": "UPDATE home_care_team SET posting_schedule = 'soms'",
        "home_care_team_region_id_fk": "UPDATE home_care_team SET region_id = 9",
        "home_care_team_reported_check": "UPDATE home_care_team SET report_version = 1",
        "home_care_team_skills_check": "UPDATE home_care_team SET skills = '{basis,toveren}'",
        "home_care_team_status_check": "UPDATE home_care_team SET status = 'slapend'",
        "home_care_team_time_to_live_check": "UPDATE home_care_team SET time_to_live_minutes = 14",
        "idempotency_pk": (
            "INSERT INTO idempotency SELECT '00000000-0000-0000-0000-000000000001', 'a', '', '{}', now()"
            " FROM generate_series(1, 2)"
        ),
        "location_gemeente_check": "UPDATE location SET gemeente = '637'",
        "location_organisation_id_fk": f"{A_LOCATION} 1, uuidv7(), 'a', 'b', '2711', 'c'",
        "location_pk": "INSERT INTO location SELECT * FROM location",
        "location_point_check": "UPDATE location SET latitude = 52, longitude = 180.1",
        "location_postcode_check": "UPDATE location SET postcode = '0711'",
        "location_region_id_fk": f"{A_LOCATION} 9, {ORGANISATION}, 'a', 'b', '2711', 'c'",
        "location_status_check": "UPDATE location SET status = 'slapend'",
        "location_vestigingsnummer_check": "UPDATE location SET vestigingsnummer = '12345678901'",
        "membership_organisation_id_fk": "UPDATE membership SET organisation_id = uuidv7()",
        "membership_person_id_fk": "UPDATE membership SET person_id = uuidv7()",
        "membership_pk": "INSERT INTO membership SELECT * FROM membership",
        "membership_role_check": "UPDATE membership SET role = 'system'",
        "norm_set_pk": f"{A_NORM_SET} uuidv7(), 1, 1, '{{}}', now(); {A_NORM_SET} id, 1, 2, norms, now() FROM norm_set",
        "norm_set_region_id_fk": f"{A_NORM_SET} uuidv7(), 9, 1, '{{}}', now()",
        "norm_set_region_id_version_key": f"{A_NORM_SET} uuidv7(), 1, 1, '{{}}', now() FROM generate_series(1, 2)",
        "norm_set_version_check": f"{A_NORM_SET} uuidv7(), 1, 0, '{{}}', now()",
        "organisation_agb_check": "UPDATE organisation SET agb = '1234567x'",
        "organisation_agb_key": "UPDATE organisation SET agb = '41999999'",
        "organisation_kind_check": "UPDATE organisation SET kind = 'vriend'",
        "organisation_kvk_check": "UPDATE organisation SET kvk = '1234567'",
        "organisation_merged_check": f"UPDATE organisation SET merged_into = {ORGANISATION}",
        "organisation_merged_into_fk": "UPDATE organisation SET status = 'ended', merged_into = uuidv7()",
        "organisation_pk": "INSERT INTO organisation SELECT * FROM organisation",
        "organisation_region_organisation_id_fk": "INSERT INTO organisation_region SELECT uuidv7(), 1",
        "organisation_region_pk": "INSERT INTO organisation_region SELECT * FROM organisation_region",
        "organisation_region_region_id_fk": f"INSERT INTO organisation_region SELECT {ORGANISATION}, 9",
        "organisation_status_check": "UPDATE organisation SET status = 'slapend'",
        "organisation_ura_check": "UPDATE organisation SET ura = '1234567'",
        "organisation_ura_key": "UPDATE organisation SET ura = '12345678'",
        "person_password_hash_check": "UPDATE person SET password_hash = 'een lamp in de gang'",
        "person_pk": "INSERT INTO person SELECT * FROM person",
        "person_session_hash_check": "UPDATE person_session SET hash = 'kort'",
        "person_session_hash_key": f"{A_SESSION} hash, person_id, now(), now() FROM person_session",
        "person_session_membership_id_fk": "UPDATE person_session SET membership_id = uuidv7()",
        "person_session_person_id_fk": "UPDATE person_session SET person_id = uuidv7()",
        "person_session_pk": "INSERT INTO person_session SELECT * FROM person_session",
        "person_session_used_check": "UPDATE person_session SET last_used_at = created_at - interval '1 us'",
        "person_status_check": "UPDATE person SET status = 'slapend'",
        "person_username_check": "UPDATE person SET username = 'S.deWit'",
        "person_username_key": f"{A_PERSON} username, name, password_hash, now() FROM person",
        "pool_admissions_check": "UPDATE pool SET admitted_at = ARRAY[now()]",
        "pool_care_types_known_check": "UPDATE pool SET care_types = '{grz,wijkverpleging}'",
        "pool_care_types_some_check": "UPDATE pool SET care_types = '{}'",
        "pool_claimed_check": "UPDATE pool SET claimed = -1",
        "pool_closed_physical_check": "UPDATE pool SET closed = 11, closed_reason = 'anders'",
        "pool_closed_reason_check": "UPDATE pool SET closed = 1",
        "pool_closed_reason_known_check": "UPDATE pool SET closed = 1, closed_reason = 'zomaar'",
        "pool_counts_check": "UPDATE pool SET physical = 10000",
        "pool_features_check": "UPDATE pool SET features = '{tillift,zwembad}'",
        "pool_free_check": "UPDATE pool SET occupied = NULL, free = -1",
        "pool_free_or_counts_check": "UPDATE pool SET free = 1",
        "pool_free_operable_check": "UPDATE pool SET occupied = NULL, operable = 9, free = 10",
        "pool_free_physical_check": "UPDATE pool SET occupied = NULL, free = 10, closed = 1, closed_reason = 'anders'",
        "pool_location_id_fk": f"{A_POOL} 1, {ORGANISATION}, uuidv7(), 'x', 'x', '{{grz}}', 'bij-wijziging', 'active'",
        "pool_observed_received_check": "UPDATE pool SET received_at = observed_at - interval '1 us'",
        "pool_occupied_check": "UPDATE pool SET occupied = -1",
        "pool_occupied_operable_check": "UPDATE pool SET occupied = 11",
        "pool_operable_physical_check": "UPDATE pool SET physical = 9",
        "pool_organisation_id_external_id_key": f"{A_POOL} region_id, organisation_id, location_id, external_id, 'x', care_types, posting_schedule, status FROM pool",
        "pool_organisation_id_fk": "UPDATE pool SET organisation_id = uuidv7()",
        "pool_pk": "INSERT INTO pool (id, region_id, organisation_id, location_id, external_id, name, care_types, posting_schedule, status) SELECT id, region_id, organisation_id, location_id, 'x', 'x', care_types, posting_schedule, status FROM pool",
        "pool_posting_schedule_check": "UPDATE pool SET posting_schedule = 'soms'",
        "pool_region_id_fk": "UPDATE pool SET region_id = 9",
        "pool_report_outcome_check": f"{A_REPORT} {POOL}, 'repeated', false, uuidv7(), 'api', uuidv7(), now(), now(), now(), ''",
        "pool_report_pk": "INSERT INTO pool_report SELECT * FROM pool_report",
        "pool_reported_check": "UPDATE pool SET valid_until = NULL",
        "pool_status_check": "UPDATE pool SET status = 'slapend'",
        "pool_time_to_live_check": "UPDATE pool SET time_to_live_minutes = 10081",
        "postcode_gemeente_check": f"{A_POSTCODE} '2711', 'x', 52, 4; UPDATE postcode SET gemeente = '637'",
        "postcode_pc4_check": f"{A_POSTCODE} '0711', 'x', 52, 4",
        "postcode_pk": f"{A_POSTCODE} '2711', 'x', 52, 4 FROM generate_series(1, 2)",
        "region_code_key": "INSERT INTO region (id, code, name) VALUES (9, 'landelijk', 'Nog eens')",
        "region_pk": "INSERT INTO region (id, code, name) VALUES (1, 'x', 'Nog eens')",
        "sign_in_try_bucket_check": f"{A_TRY} 'kort', now()",
        "sign_in_try_pk": f"{A_TRY} sha256(''), now() FROM generate_series(1, 2)",
        "source_kind_check": f"{A_SOURCE} {ORGANISATION}, 'x', 'duif', 0, false",
        "source_lag_check": f"{A_SOURCE} {ORGANISATION}, 'x', 'api', 1441, false",
        "source_organisation_id_fk": f"{A_SOURCE} uuidv7(), 'x', 'api', 0, false",
        "source_organisation_id_name_key": f"{A_SOURCE} organisation_id, name, 'api', 0, false FROM source",
        "source_pk": "UPDATE source SET id = (SELECT min(id::text)::uuid FROM source)",
        "stream_pk": "INSERT INTO stream VALUES (1, 1, 0, 0)",
        "stream_region_id_fk": "INSERT INTO stream VALUES (9, 1, 0, 0)",
    }
)


#: The key of a month's partition goes by a name of its own.
MONTH = re.compile(r"_\d{4}_\d{2}_pkey$")


@pytest.fixture
async def reported(world: World, database: Database) -> World:
    """One region with one pool: ten places, six taken. And one of all else that is refused on."""
    await world.report(counts(10, 6))
    async with database.connect() as connection:
        await connection.execute(
            f"{A_BED} 1, id, '1', '1', 'active' FROM pool;"
            f"{A_TEAM} 1, {ORGANISATION}, '1', '1', 'bij-wijziging', 'active';"
            f"{A_STOP} id, 'anders', now(), 'phone', now() FROM location;"
            f"{A_PERSON} 's.dewit', 'S. de Wit', '$argon2id$', now();"
            f"{A_MEMBERSHIP} id, {ORGANISATION}, 'referrer', now() FROM person;"
            f"{A_SESSION} sha256(''), id, now(), now() FROM person;"
            f"{REFERRED}"
            f"{PROPOSED}"
            f"{RECORDED}"
            f"{WORD}"
        )
    return world


@pytest.fixture
async def application(database: Database, reported: World) -> AsyncIterator[Any]:
    """A connection as the application, whatever happens on it rolled back."""
    async with database.connect() as connection:
        transaction = connection.transaction()
        await transaction.start()
        yield connection
        await transaction.rollback()


async def test_every_constraint_has_something_here_that_it_refuses(database: Database) -> None:
    # Those of a month's partition say what those of its table say.
    rows = await database.all(
        "SELECT conname FROM pg_constraint JOIN pg_class c ON c.oid = conrelid"
        " WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'u', 'f', 'p', 'x')"
        " AND NOT c.relispartition AND c.relname <> 'alembic_version'"
    )
    assert {row["conname"] for row in rows} == set(REFUSED)


async def test_each_constraint_refuses(application: Any) -> None:
    refused = {}
    for constraint, statement in REFUSED.items():
        try:
            async with application.transaction():
                await application.execute(statement)
        except asyncpg.IntegrityConstraintViolationError as error:
            refused[constraint] = MONTH.sub("_pk", error.constraint_name or "")
    assert refused == {constraint: constraint for constraint in REFUSED}


async def _accepts(connection: Any, said: Figures) -> bool:
    update = (
        "UPDATE pool SET physical = $1, operable = $2, occupied = $3, planned = $4, closed = $5,"
        " closed_reason = $6, free = $7, available_from = $8"
    )
    columns = [getattr(said, name) for name in Figures.__slots__ if name != "forecast"]
    try:
        async with connection.transaction():
            await connection.execute(update, *columns)
    except (asyncpg.CheckViolationError, asyncpg.NumericValueOutOfRangeError):
        return False
    return True


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=nearly_possible_figures() | figures() | any_figures)
@example(said=Figures())
@example(said=Figures(closed=0, closed_reason=ClosedReason.ANDERS))
@example(said=Figures(operable=1, occupied=1, free=0))
@example(said=Figures(operable=1, free=2))
@example(said=Figures(physical=3, closed=2, closed_reason=ClosedReason.ANDERS, free=1))
@example(said=Figures(physical=3, closed=2, closed_reason=ClosedReason.ANDERS, free=2))
async def test_the_database_takes_the_figures_that_the_domain_takes_and_no_others(
    application: Any, said: Figures
) -> None:
    try:
        check_figures(said)
        possible = True
    except InvalidInput:
        possible = False
    assert await _accepts(application, said) == possible
