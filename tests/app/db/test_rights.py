"""What the application's role may do in its database: this much and nothing else."""

import asyncpg
import pytest

from app.embedded import EmbeddedServers
from tests.support.database import Database

#: What the application's role may do to each table; a new table must be thought about here.
GRANTED = {
    "alembic_version": "SELECT",
    "admission_stop": "INSERT SELECT UPDATE",
    "alert": "INSERT SELECT UPDATE",
    "api_key": "INSERT SELECT UPDATE",
    "audit": "INSERT SELECT",
    "bed": "INSERT SELECT UPDATE",
    "bed_report": "INSERT SELECT",
    "board_check": "INSERT SELECT",
    "claim": "INSERT SELECT UPDATE",
    "contact": "INSERT SELECT",
    "delivery": "INSERT SELECT UPDATE",
    "delivery_record": "DELETE INSERT SELECT UPDATE",
    "discharge_wait": "INSERT SELECT UPDATE",
    "event": "INSERT SELECT",
    "favourite": "DELETE INSERT SELECT",
    "handover": "INSERT SELECT UPDATE",
    "home_care_report": "INSERT SELECT",
    "home_care_team": "INSERT SELECT UPDATE",
    "idempotency": "DELETE INSERT SELECT UPDATE",
    "location": "INSERT SELECT UPDATE",
    "location_hours": "INSERT SELECT",
    "match": "DELETE INSERT SELECT",
    "membership": "INSERT SELECT UPDATE",
    "norm_set": "INSERT SELECT",
    "notice": "DELETE INSERT SELECT UPDATE",
    "notice_read": "INSERT SELECT",
    "offer": "INSERT SELECT UPDATE",
    "organisation": "INSERT SELECT UPDATE",
    "organisation_region": "DELETE INSERT SELECT UPDATE",
    "person": "INSERT SELECT UPDATE",
    "person_session": "DELETE INSERT SELECT UPDATE",
    "pool": "INSERT SELECT UPDATE",
    "pool_report": "INSERT SELECT",
    "postcode": "INSERT SELECT UPDATE",
    "proposal": "INSERT SELECT",
    "proposal_item": "INSERT SELECT",
    "referral": "INSERT SELECT UPDATE",
    "referral_question": "INSERT SELECT UPDATE",
    "referral_step": "INSERT SELECT",
    "referral_text": "INSERT SELECT UPDATE",
    "region": "INSERT SELECT UPDATE",
    "sign_in_try": "DELETE INSERT SELECT UPDATE",
    "source": "INSERT SELECT UPDATE",
    "stay": "INSERT SELECT UPDATE",
    "stream": "INSERT SELECT UPDATE",
    "triage": "INSERT SELECT",
    "webhook_endpoint": "INSERT SELECT UPDATE",
    "word_setting": "INSERT SELECT UPDATE",
}


async def test_the_application_has_exactly_these_rights(database: Database) -> None:
    rows = await database.all(
        "SELECT c.relname, string_agg(right_, ' ' ORDER BY right_) AS rights FROM pg_class c,"
        " unnest(ARRAY['DELETE', 'INSERT', 'MAINTAIN', 'REFERENCES', 'SELECT', 'TRIGGER',"
        " 'TRUNCATE', 'UPDATE']) AS right_ WHERE c.relnamespace = 'public'::regnamespace"
        " AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"
        " AND has_table_privilege('verkeerstoren_app', c.oid, right_) GROUP BY c.relname"
    )
    assert {row["relname"]: row["rights"] for row in rows} == GRANTED
    # Nothing at all to the partitions by themselves.
    tables = await database.all(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p') AND NOT relispartition"
    )
    assert {row["relname"] for row in tables} == set(GRANTED)


#: What none but the owner, or an administrator, may do.
FORBIDDEN = [
    "UPDATE event SET data = NULL",
    "DELETE FROM event",
    "UPDATE audit SET outcome = 'x'",
    "DELETE FROM audit",
    "TRUNCATE audit",
    "UPDATE pool_report SET occupied = 0",
    "DELETE FROM pool_report",
    "UPDATE bed_report SET state = 'free'",
    "DELETE FROM home_care_report",
    "DELETE FROM audit_other",
    "DELETE FROM bed",
    "DELETE FROM admission_stop",
    "DELETE FROM person",
    "DELETE FROM membership",
    "UPDATE favourite SET kind = 'pool'",
    "DELETE FROM pool",
    "DELETE FROM stream",
    "DELETE FROM api_key",
    "DELETE FROM referral",
    "TRUNCATE referral CASCADE",
    "DELETE FROM referral_step",
    "UPDATE referral_step SET reason = 'x'",
    "DELETE FROM referral_text",
    "DELETE FROM referral_question",
    "DELETE FROM triage",
    "UPDATE triage SET chosen = 'x'",
    "DELETE FROM board_check",
    "UPDATE board_check SET regular_failed = true",
    "DELETE FROM contact",
    "UPDATE contact SET outcome = 'spoken'",
    "DELETE FROM offer",
    "DELETE FROM claim",
    "DELETE FROM stay",
    "DELETE FROM discharge_wait",
    "DELETE FROM handover",
    "DELETE FROM alert",
    "DELETE FROM location_hours",
    "DELETE FROM delivery",
    "DELETE FROM webhook_endpoint",
    "UPDATE notice_read SET read_at = now()",
    "UPDATE match SET kept = '{}'",
    "UPDATE proposal SET algorithm = 'x'",
    "UPDATE proposal_item SET rank = 1",
    "DELETE FROM proposal_item",
    "UPDATE location_hours SET opening_hours = NULL",
    "SELECT setval('referral_number', 1)",
    "UPDATE alembic_version SET version_num = 'x'",
    "CREATE TABLE eigen (a int)",
    "CREATE FUNCTION eigen() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "ALTER TABLE pool DROP CONSTRAINT pool_counts_check",
    "ALTER TABLE event DISABLE TRIGGER ALL",
    "DROP TABLE pool",
    "CREATE ROLE eigen",
    "CREATE DATABASE eigen",
    "SET ROLE verkeerstoren_owner",
    "SET session_replication_role = replica",
    "SELECT * FROM pg_authid",
    "COPY pool TO PROGRAM 'cat'",
    "SELECT pg_read_file('/etc/hostname')",
]


async def test_the_application_is_not_let(database: Database) -> None:
    let = []
    async with database.connect() as connection:
        for statement in FORBIDDEN:
            try:
                await connection.execute(statement)
            except asyncpg.InsufficientPrivilegeError:
                continue
            let.append(statement)
    assert let == []


async def test_the_application_makes_no_temporary_tables_and_others_do_not_get_in(
    servers: EmbeddedServers,
) -> None:
    connection = await asyncpg.connect(servers.url("verkeerstoren_app"))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("CREATE TEMP TABLE eigen (a int)")
    assert not await connection.fetchval(
        "SELECT has_database_privilege('public', current_database(), 'CONNECT')"
    )
    await connection.close()


async def test_neither_role_is_a_superuser_and_the_owner_owns_every_table(
    database: Database,
) -> None:
    rows = await database.all(
        "SELECT rolname FROM pg_roles WHERE rolname LIKE 'verkeerstoren%'"
        " AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)"
    )
    assert rows == []
    owners = await database.all(
        "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
    )
    assert [row["tableowner"] for row in owners] == ["verkeerstoren_owner"]
    assert not await database.value(
        "SELECT pg_has_role('verkeerstoren_app', 'verkeerstoren_owner', 'MEMBER')"
    )
