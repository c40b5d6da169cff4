"""The demo region: made once, in steps that can be cut off anywhere, with its keys in demo.json."""

from pathlib import Path
from uuid import UUID

import structlog

from app import demo_file
from app.container import Container, running
from app.demo_file import DemoFile, DemoKey
from app.demo_region import (
    ORGANISATIONS,
    REGION,
    REGION_CODE,
    REGION_NAME,
    DemoOrganisation,
)
from app.security.keys import key_hash
from app.services import keys, registers
from app.services.keys import NewKey
from app.services.registers import NewLocation, NewPool
from app.settings import Environment, Settings, SettingsError
from domain.identifiers import KeyId, LocationId, OrganisationId

#: What the demo region's keys are called. The first one is issued after the last pool is there.
KEY_NAME = "demo"
#: The lock under which one process at a time fills a database ("demo" in ASCII).
_LOCK = 0x64656D6F

log = structlog.get_logger()


async def fill(settings: Settings, path: Path) -> None:
    """Makes the demo region and its keys, as far as they aren't there yet, and writes demo.json.

    Every step is a commit that isn't done again, so a next run goes on where one was cut off. Once
    complete, the registers are never touched again; demo.json gets new keys only for those it
    lacks. Raises SettingsError in production and when region 1 of the database is another one.
    """
    if settings.environment is Environment.PRODUCTION:
        raise SettingsError("Een demoregio hoort niet in productie.")
    async with running(settings) as container, container.database.acquire() as connection:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        if not await is_filled(container):
            await _fill_registers(container)
        await _fill_keys(container, settings.base_url, path)


async def is_filled(container: Container) -> bool:
    """Whether the database holds the demo region, complete and with its keys."""
    query = (
        "SELECT EXISTS (SELECT FROM api_key k JOIN organisation o ON o.id = k.organisation_id"
        " WHERE k.name = $1 AND o.agb = ANY($2))"
    )
    agbs = [organisation.agb for organisation in ORGANISATIONS]
    return bool(await container.read(lambda connection: connection.fetchval(query, KEY_NAME, agbs)))


async def refuse_in_production(container: Container) -> None:
    """Production must not start on a database whose keys lie about in a demo.json. Raises SettingsError."""
    if container.settings.environment is Environment.PRODUCTION and await is_filled(container):
        raise SettingsError(
            "DATABASE_URL holds a demo region: production doesn't start beside its keys."
        )


# ---------------------------------------------------------------- registers


async def _fill_registers(container: Container) -> None:
    await _make_region(container)
    there = {agb: OrganisationId(id_) for agb, id_ in (await _organisations(container)).items()}
    for organisation in ORGANISATIONS:
        organisation_id = there.get(organisation.agb)
        if organisation_id is None:
            organisation_id = await registers.create_organisation(
                container,
                None,
                agb=organisation.agb,
                name=organisation.name,
                kind=organisation.kind,
                regions=[REGION],
            )
        await _fill_locations(container, organisation, organisation_id)
    log.info("demo region filled", organisations=len(ORGANISATIONS))


async def _make_region(container: Container) -> None:
    code = await container.read(
        lambda connection: connection.fetchval("SELECT code FROM region WHERE id = $1", REGION)
    )
    if code is None:
        await registers.create_region(container, None, REGION, REGION_CODE, REGION_NAME)
    elif code != REGION_CODE:
        raise SettingsError(
            f"Regio {REGION} van deze database is '{code}' en niet de demoregio; "
            "er is niets aan gewijzigd. Neem voor de demo een eigen database (DATABASE_URL)."
        )


async def _fill_locations(
    container: Container, organisation: DemoOrganisation, organisation_id: OrganisationId
) -> None:
    there = await _locations(container, organisation_id)
    for location in organisation.locations:
        location_id = there.get(location.name)
        if location_id is None:
            new = NewLocation(
                name=location.name,
                address=location.address,
                postcode=location.postcode,
                place=location.place,
                gemeente=location.gemeente,
                telephone=location.telephone,
            )
            location_id = await registers.create_location(
                container, None, organisation_id, REGION, new
            )
        codes = await _pool_codes(container, location_id)
        for pool in location.pools:
            if pool.code not in codes:
                await registers.create_pool(
                    container,
                    None,
                    location_id,
                    NewPool(pool.code, pool.name, pool.care_types, pool.posting_schedule),
                )


async def _organisations(container: Container) -> dict[str, UUID]:
    rows = await container.read(
        lambda connection: connection.fetch("SELECT agb, id FROM organisation")
    )
    return {row["agb"]: row["id"] for row in rows}


async def _locations(container: Container, of: OrganisationId) -> dict[str, LocationId]:
    query = "SELECT name, id FROM location WHERE organisation_id = $1"
    rows = await container.read(lambda connection: connection.fetch(query, of))
    return {row["name"]: LocationId(row["id"]) for row in rows}


async def _pool_codes(container: Container, at: LocationId) -> set[str]:
    query = "SELECT external_id FROM pool WHERE location_id = $1"
    rows = await container.read(lambda connection: connection.fetch(query, at))
    return {row["external_id"] for row in rows}


# ---------------------------------------------------------------- keys


async def _fill_keys(container: Container, base_url: str, path: Path) -> None:
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
                    OrganisationId(ids[organisation.agb]), role, KEY_NAME, organisation.terms
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
    if content != demo_file.read(path):
        demo_file.write(path, content)


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
