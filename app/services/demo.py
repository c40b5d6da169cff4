"""The demo region: made once, in steps that can be cut off anywhere, with its keys and
sign-ins in demo.json.

A database that an earlier version filled is completed: what it lacks is added, and what is there
stays as it is, changed by people or not.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import structlog

from app import demo_file
from app.container import Container, running
from app.demo_file import DemoFile, DemoKey
from app.demo_postcodes import POSTCODES
from app.demo_region import (
    ORGANISATIONS,
    REGION,
    REGION_CODE,
    REGION_NAME,
    TEAMS,
    DemoLocation,
    DemoOrganisation,
    DemoPool,
)
from app.security.keys import key_hash
from app.services import (
    beds,
    home_care_teams,
    keys,
    locations,
    organisations,
    pools,
    postcodes,
    regions,
)
from app.services.beds import NewBed
from app.services.demo_people import fill_people
from app.services.home_care_teams import TeamDetails
from app.services.keys import NewKey
from app.settings import Environment, Settings, SettingsError
from domain.actors import Role
from domain.identifiers import KeyId, LocationId, OrganisationId, PoolId

#: What the demo region's keys are called. The first one is issued after the last team is there.
KEY_NAME = "demo"
#: The lock under which one process at a time fills a database ("demo" in ASCII).
_LOCK = 0x64656D6F
#: Organisations that are filled at the same time: a step waits mostly for the database.
_AT_ONCE = 4

log = structlog.get_logger()


async def fill(settings: Settings, path: Path) -> None:
    """Makes the demo region, its keys and people, as far as they aren't there yet, and writes demo.json.

    Every step is a commit that isn't done again, so a next run goes on where one was cut off. Once
    complete, the registers are never touched again; demo.json gets new keys and passwords only for
    those it lacks. Raises SettingsError in production and when region 1 of the database is another one.
    """
    if settings.environment is Environment.PRODUCTION:
        raise SettingsError("Een demoregio hoort niet in productie.")
    async with running(settings) as container, container.database.acquire() as connection:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        if not await _is_complete(container):
            await _fill_registers(container)
        content = await _fill_keys(container, settings.base_url, path)
        await fill_people(container, path, content)
        if content != demo_file.read(path):
            demo_file.write(path, content)


async def is_filled(container: Container) -> bool:
    """Whether the database holds the demo region, of whatever version, with its keys or people."""
    query = (
        "SELECT EXISTS (SELECT FROM api_key k JOIN organisation o ON o.id = k.organisation_id"
        " WHERE k.name = $1 AND o.agb = ANY($2)) OR EXISTS (SELECT FROM membership m"
        " JOIN organisation o ON o.id = m.organisation_id WHERE o.agb = ANY($2))"
    )
    agbs = [organisation.agb for organisation in ORGANISATIONS]
    return bool(await container.read(lambda connection: connection.fetchval(query, KEY_NAME, agbs)))


async def refuse_in_production(container: Container) -> None:
    """Production must not start on a database whose keys and passwords lie about in a demo.json.

    Raises SettingsError.
    """
    if container.settings.environment is Environment.PRODUCTION and await is_filled(container):
        raise SettingsError(
            "DATABASE_URL holds a demo region: production doesn't start beside its keys and people."
        )


# ---------------------------------------------------------------- registers


async def _is_complete(container: Container) -> bool:
    """Whether the last of all steps was done, which no act on a register undoes."""
    query = (
        "SELECT EXISTS (SELECT FROM home_care_team t JOIN organisation o"
        " ON o.id = t.organisation_id WHERE o.agb = $1 AND t.external_id = $2)"
    )
    last = TEAMS[-1]
    return bool(
        await container.read(lambda connection: connection.fetchval(query, last.agb, last.code))
    )


async def _fill_registers(container: Container) -> None:
    await _make_region(container)
    # First: a location takes what it wasn't told from its postcode.
    query = "SELECT EXISTS (SELECT FROM postcode)"
    if not await container.read(lambda connection: connection.fetchval(query)):
        await postcodes.import_postcodes(container, None, POSTCODES)
    there = await _organisations(container)
    at_once = asyncio.Semaphore(_AT_ONCE)

    async def fill_organisation(organisation: DemoOrganisation) -> None:
        async with at_once:
            if organisation.agb in there:
                organisation_id = OrganisationId(there[organisation.agb])
            else:
                made = await organisations.create_organisation(
                    container, None, organisation.register
                )
                organisation_id = made.id
            await _fill_locations(container, organisation, organisation_id)

    try:
        async with asyncio.TaskGroup() as tasks:
            for organisation in ORGANISATIONS:
                tasks.create_task(fill_organisation(organisation))
    except ExceptionGroup as failures:
        # What ended one of them ended all; the caller needs one reason.
        raise failures.exceptions[0] from None
    await _fill_teams(container)
    log.info("demo region filled", organisations=len(ORGANISATIONS))


async def _make_region(container: Container) -> None:
    code = await container.read(
        lambda connection: connection.fetchval("SELECT code FROM region WHERE id = $1", REGION)
    )
    if code is None:
        await regions.create_region(container, None, REGION, REGION_CODE, REGION_NAME)
    elif code != REGION_CODE:
        raise SettingsError(
            f"Regio {REGION} van deze database is '{code}' en niet de demoregio; "
            "er is niets aan gewijzigd. Neem voor de demo een eigen database (DATABASE_URL)."
        )


async def _fill_locations(
    container: Container, organisation: DemoOrganisation, organisation_id: OrganisationId
) -> None:
    query = "SELECT name AS key, id FROM location WHERE organisation_id = $1"
    there = await _ids(container, query, organisation_id)
    for location in organisation.locations:
        if location.name in there:
            location_id = LocationId(there[location.name])
        else:
            made = await locations.create_location(
                container, None, organisation_id, REGION, location.register
            )
            location_id = made.id
        await _fill_pools(container, location, location_id)


async def _fill_pools(
    container: Container, location: DemoLocation, location_id: LocationId
) -> None:
    # Of whoever: a pool that went to another owner isn't made again.
    query = "SELECT external_id AS key, id FROM pool WHERE location_id = $1"
    there = await _ids(container, query, location_id) if location.pools else {}
    for pool in location.pools:
        if pool.code in there:
            pool_id = PoolId(there[pool.code])
        else:
            pool_id = (await pools.create_pool(container, None, location_id, pool.register)).id
        if pool.register.counted_by_bed:
            await _fill_beds(container, pool, pool_id)


async def _fill_beds(container: Container, pool: DemoPool, pool_id: PoolId) -> None:
    query = "SELECT external_id AS key, id FROM bed WHERE pool_id = $1"
    there = await _ids(container, query, pool_id)
    for number in range(1, pool.places + 1):
        if str(number) not in there:
            new = NewBed(str(number), f"Kamer {number}", tuple(sorted(pool.register.features)))
            await beds.create_bed(container, None, pool_id, new)


async def _fill_teams(container: Container) -> None:
    owners = await _organisations(container)
    query = (
        "SELECT o.agb || '/' || t.external_id AS key, t.id FROM home_care_team t"
        " JOIN organisation o ON o.id = t.organisation_id"
    )
    there = await _ids(container, query)
    for team in TEAMS:
        if team.agb in owners and f"{team.agb}/{team.code}" not in there:
            details = TeamDetails(
                external_id=team.code,
                name=team.name,
                coverage=team.coverage,
                telephone=team.telephone,
                posting_schedule=team.schedule,
            )
            owner = OrganisationId(owners[team.agb])
            await home_care_teams.create_team(container, None, owner, details, REGION)


async def _organisations(container: Container) -> Mapping[str, UUID]:
    return await _ids(container, "SELECT agb AS key, id FROM organisation")


async def _ids(container: Container, query: str, *values: object) -> dict[str, UUID]:
    """Ids by what the tables of the demo region call their subjects."""
    rows = await container.read(lambda connection: connection.fetch(query, *values))
    return {row["key"]: row["id"] for row in rows}


# ---------------------------------------------------------------- keys


async def _fill_keys(container: Container, base_url: str, path: Path) -> DemoFile:
    """Written after each key: one that was issued and not written is lost, and so revoked."""
    earlier = demo_file.read(path) or DemoFile(base_url=base_url)
    known = await _known_hashes(container)
    content = DemoFile(
        base_url=base_url,
        keys=[key for key in earlier.keys if key_hash(key.key) in known],
        people=earlier.people,
    )
    present = {(key.agb, key.role) for key in content.keys}
    ids = await _organisations(container)
    for organisation in ORGANISATIONS:
        for role in organisation.roles:
            if organisation.agb in ids and (organisation.agb, role) not in present:
                new = NewKey(
                    OrganisationId(ids[organisation.agb]),
                    role,
                    KEY_NAME,
                    organisation.terms,
                    # Only figures can be tried out.
                    organisation.sandbox and role is Role.PROVIDER_CAPACITY,
                )
                content.keys.append(
                    DemoKey(
                        role=role,
                        organisation=organisation.name,
                        agb=organisation.agb,
                        key=await _replace_key(container, new),
                    )
                )
                demo_file.write(path, content)
    return content


async def _replace_key(container: Container, new: NewKey) -> str:
    for listed in await keys.list_keys(container):
        lost = (listed.organisation_id, listed.role, listed.name)
        if lost == (new.organisation_id, new.role, new.name) and listed.revoked_at is None:
            await keys.revoke_key(container, None, KeyId(listed.id))
    issued = await keys.issue_key(container, None, new)
    assert issued.key is not None
    return issued.key


async def _known_hashes(container: Container) -> set[bytes]:
    """Of the keys of this database; revoked ones too, since what an operator revoked isn't given back."""
    rows = await container.read(lambda connection: connection.fetch("SELECT hash FROM api_key"))
    return {row["hash"] for row in rows}
