"""The demo region is filled once, however often it is tried and wherever it is cut off."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from app import demo_file
from app.container import running
from app.db.keys import find_credential
from app.db.unit_of_work import UnitOfWork
from app.demo_file import DemoFile
from app.demo_postcodes import POSTCODES
from app.demo_region import ORGANISATIONS, TEAMS
from app.demo_region.people import PEOPLE
from app.security.keys import key_hash
from app.services import demo, keys, people, pools
from app.services.demo import KEY_NAME, fill
from app.services.sessions import sign_in
from app.settings import Environment, Settings, SettingsError
from domain.actors import Role
from domain.identifiers import KeyId, OrganisationId, PoolId
from tests.factories.world import World
from tests.support.clock import Clock
from tests.support.database import Database

#: A coordination point, a provider with two locations and six pools, the region's organisation.
SMALL = tuple(o for o in ORGANISATIONS if o.agb in ("75990010", "42990006", "75990012"))
#: And two teams of the provider.
FEW = tuple(team for team in TEAMS if team.agb == "42990006")[:2]

ELZENMARE = next(o for o in ORGANISATIONS if o.agb == "45990004")

Written = Callable[[], DemoFile]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Less to fill: the same steps in less time."""
    monkeypatch.setattr(demo, "ORGANISATIONS", SMALL)
    monkeypatch.setattr(demo, "TEAMS", FEW)


@pytest.fixture
def written(settings: Settings) -> Written:
    """What demo.json says."""

    def read() -> DemoFile:
        content = demo_file.read(settings.demo_file)
        assert content is not None
        return content

    return read


async def registers_of(database: Database) -> list[tuple[Any, ...]]:
    """All that the registers say, without what a database makes up by itself."""
    rows = await database.all(
        "SELECT o.agb, o.name, o.kind, m.region_id, l.name AS location, l.postcode, l.gemeente,"
        " p.external_id, p.name AS pool, p.care_types, p.posting_schedule, p.status"
        " FROM organisation o JOIN organisation_region m ON m.organisation_id = o.id"
        " LEFT JOIN location l ON l.organisation_id = o.id LEFT JOIN pool p ON p.location_id = l.id"
        " ORDER BY o.agb, l.name, p.external_id"
    )
    return [tuple(row) for row in rows]


async def everything_written(database: Database) -> list[int]:
    """Numbers that rise with every commit of an act."""
    return list(
        await database.one(
            "SELECT (SELECT count(*) FROM audit), (SELECT sum(number) FROM stream),"
            " (SELECT count(*) FROM api_key)"
        )
    )


async def open_keys(database: Database) -> set[tuple[str, str]]:
    """Role and AGB code of each key that opens something; no two may be the same."""
    rows = await database.all(
        "SELECT o.agb, k.role FROM api_key k JOIN organisation o ON o.id = k.organisation_id"
        " WHERE k.revoked_at IS NULL"
    )
    found = [(row["agb"], row["role"]) for row in rows]
    assert len(set(found)) == len(found)
    return set(found)


async def assert_keys_open(database: Database, content: DemoFile) -> None:
    """Every key of the file opens what it says, and no other open key is about."""
    async with database.connect() as connection:
        for key in content.keys:
            credential = await find_credential(connection, key_hash(key.key))
            assert credential is not None
            assert credential.actor.role is key.role
            assert credential.actor.regions == {1}
    assert await open_keys(database) == {(key.agb, key.role) for key in content.keys}


async def assert_people_sign_in(settings: Settings, content: DemoFile) -> None:
    """Every person of the file signs in with the password it says, in the role it says."""
    async with running(settings) as container:
        for person in content.people:
            found = await sign_in(
                container, person.username, person.password, address=None, device=None
            )
            assert found.session.person_id == person.id
            assert {works.role for works in found.session.memberships} == {person.role}
            named = {works.organisation_name for works in found.session.memberships}
            assert person.organisation in named


async def test_the_region_is_filled_as_its_tables_say(
    settings: Settings, database: Database, written: Written
) -> None:
    await fill(settings, settings.demo_file)
    found = await registers_of(database)
    assert {row[0] for row in found} == {organisation.agb for organisation in ORGANISATIONS}
    locations = [location for o in ORGANISATIONS for location in o.locations]
    pools = [pool for location in locations for pool in location.pools]
    assert sorted(row[7] for row in found if row[7] is not None) == sorted(
        pool.code for pool in pools
    )
    counted = await database.one(
        "SELECT (SELECT count(*) FROM location WHERE latitude IS NOT NULL"
        " AND intake_hours IS NOT NULL AND on_call IS NOT NULL AND gemeente_year IS NOT NULL),"
        " (SELECT count(*) FROM bed), (SELECT count(*) FROM home_care_team),"
        " (SELECT count(*) FROM postcode), (SELECT count(*) FROM source WHERE released_at IS NULL)"
    )
    assert tuple(counted) == (len(locations), 16, 60, len(POSTCODES), 1)
    assert await database.value("SELECT name FROM region WHERE id = 1") == "Haaglanden"
    content = written()
    assert content.base_url == settings.base_url
    assert len(content.keys) == sum(len(o.roles) for o in ORGANISATIONS)
    assert content.keys[0].role is Role.COORDINATOR
    await assert_keys_open(database, content)
    assert {person.role for person in content.people} == set(Role) - {Role.SYSTEM}
    assert len(content.people) == len(PEOPLE)
    several = "SELECT count(*) FROM membership GROUP BY person_id HAVING count(*) > 1"
    assert await database.value(several) == 2
    await assert_people_sign_in(settings, content)
    terms = await database.one(
        "SELECT lag_minutes, includes_holds FROM source s JOIN organisation o"
        " ON o.id = s.organisation_id WHERE o.agb = '47990001'"
    )
    assert tuple(terms) == (60, True)


async def test_a_second_fill_changes_nothing(
    settings: Settings, database: Database, small: None
) -> None:
    await fill(settings, settings.demo_file)
    before = (await everything_written(database), settings.demo_file.read_bytes())
    await fill(settings, settings.demo_file)
    assert (await everything_written(database), settings.demo_file.read_bytes()) == before


class CutError(Exception):
    """The process was killed here."""


@pytest.fixture
def cut_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Lets this many steps happen, commits and written files, and then nothing more."""
    steps = 0
    commit, write = UnitOfWork.commit, demo_file.write

    def count() -> None:
        nonlocal steps
        if steps == 0:
            raise CutError
        steps -= 1

    async def counted_commit(work: UnitOfWork) -> Any:
        count()
        return await commit(work)

    def counted_write(*arguments: Any) -> None:
        count()
        write(*arguments)

    def set_steps(number: int) -> None:
        nonlocal steps
        steps = number

    monkeypatch.setattr(UnitOfWork, "commit", counted_commit)
    monkeypatch.setattr(demo_file, "write", counted_write)
    return set_steps


async def test_a_fill_that_is_cut_off_after_every_step_completes_without_doubles(
    settings: Settings,
    database: Database,
    written: Written,
    small: None,
    cut_after: Callable[[int], None],
) -> None:
    cuts = 0
    finished = False
    while not finished:
        # One step more each run, and, where a key needs three to get ahead, up to three.
        cut_after(1 if await database.value("SELECT count(*) = 0 FROM api_key") else 1 + cuts % 3)
        try:
            await fill(settings, settings.demo_file)
            finished = True
        except CutError:
            cuts += 1
        assert cuts < 100
    # Region, postcodes, 3 organisations, 2 locations, 6 pools, 2 teams: each ended a run.
    assert cuts >= 15
    assert await database.value("SELECT count(*) FROM home_care_team") == 2
    found = await registers_of(database)
    assert len(found) == len(set(map(str, found))) == 8
    content = written()
    assert len(content.keys) == sum(len(organisation.roles) for organisation in SMALL)
    await assert_keys_open(database, content)
    cut_after(100)
    # The coordinator, and the three who work for the region.
    assert len(content.people) == await database.value("SELECT count(*) FROM person") == 4
    await assert_people_sign_in(settings, content)


async def test_two_fills_at_once_make_one_region(
    settings: Settings, database: Database, written: Written, small: None
) -> None:
    await asyncio.gather(*(fill(settings, settings.demo_file) for _ in range(2)))
    assert len(await registers_of(database)) == 8
    await assert_keys_open(database, written())


async def test_production_is_refused(settings: Settings, database: Database) -> None:
    production = settings.model_copy(update={"environment": Environment.PRODUCTION})
    with pytest.raises(SettingsError, match="productie"):
        await fill(production, settings.demo_file)
    assert await everything_written(database) == [0, 0, 0]
    assert not settings.demo_file.exists()


async def test_somebody_elses_region_is_left_alone(
    settings: Settings, database: Database, world: World
) -> None:
    before = await everything_written(database)
    with pytest.raises(SettingsError, match="eigen database"):
        await fill(settings, settings.demo_file)
    assert await everything_written(database) == before
    assert not settings.demo_file.exists()


async def test_what_was_changed_since_is_not_filled_in_again(
    settings: Settings, database: Database, clock: Clock, small: None
) -> None:
    await fill(settings, settings.demo_file)
    async with running(settings, clock.now) as container:
        pool: UUID = await database.value("SELECT id FROM pool WHERE external_id = 'DM-kort'")
        to: UUID = await database.value("SELECT id FROM organisation WHERE agb = '75990010'")
        await pools.transfer_pool(container, None, PoolId(pool), OrganisationId(to))
    before = await registers_of(database)
    settings.demo_file.unlink()
    await fill(settings, settings.demo_file)
    assert await registers_of(database) == before
    assert await database.value("SELECT count(*) FROM pool") == 6


async def test_a_region_of_an_earlier_version_is_completed_and_what_is_there_stays(
    settings: Settings,
    database: Database,
    clock: Clock,
    written: Written,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As the first version left it: no teams, no beds, fewer places, and some of it changed since."""
    few = (SMALL[0], replace(ELZENMARE, locations=ELZENMARE.locations[:1]), SMALL[2])
    monkeypatch.setattr(demo, "ORGANISATIONS", few)
    monkeypatch.setattr(demo, "TEAMS", FEW)
    await fill(settings, settings.demo_file)
    before, earlier = await registers_of(database), written()
    async with running(settings, clock.now) as container:
        pool: UUID = await database.value("SELECT id FROM pool WHERE external_id = 'zuid-kort'")
        to: UUID = await database.value("SELECT id FROM organisation WHERE agb = '75990010'")
        await pools.transfer_pool(container, None, PoolId(pool), OrganisationId(to))
    monkeypatch.setattr(demo, "ORGANISATIONS", (*SMALL, ELZENMARE))
    monkeypatch.setattr(demo, "TEAMS", tuple(t for t in TEAMS if t.agb == "42990006"))
    await fill(settings, settings.demo_file)
    after = await registers_of(database)
    assert set(map(str, before)) < set(map(str, after))
    assert len(set(map(str, after))) == len(after)
    assert await database.value("SELECT count(*) FROM pool WHERE external_id = 'zuid-kort'") == 1
    assert await database.value("SELECT count(*) FROM bed") == 4
    assert await database.value("SELECT count(*) FROM home_care_team") == 4
    content = written()
    assert content.keys[: len(earlier.keys)] == earlier.keys
    await assert_keys_open(database, content)


async def test_a_lost_file_gets_new_keys_and_the_lost_ones_open_nothing(
    settings: Settings, database: Database, written: Written, small: None
) -> None:
    await fill(settings, settings.demo_file)
    lost = written()
    settings.demo_file.unlink()
    await fill(settings, settings.demo_file)
    await assert_keys_open(database, written())
    await assert_people_sign_in(settings, written())
    assert not {person.password for person in lost.people} & {p.password for p in written().people}
    async with database.connect() as connection:
        for key in lost.keys:
            assert await find_credential(connection, key_hash(key.key)) is None


async def test_keys_of_another_database_are_replaced_and_the_address_is_kept_up(
    settings: Settings, database: Database, written: Written, small: None
) -> None:
    await fill(settings, settings.demo_file)
    foreign = written()
    foreign.keys[0].key = "vt_van-een-andere-database"
    foreign.people[0].id = UUID(int=0)
    demo_file.write(settings.demo_file, foreign)
    moved = settings.model_copy(update={"base_url": "http://localhost:9999"})
    await fill(moved, settings.demo_file)
    content = written()
    assert content.base_url == "http://localhost:9999"
    assert foreign.people[0] not in content.people
    assert all(person in content.people for person in foreign.people[1:])
    await assert_people_sign_in(settings, content)
    assert foreign.keys[0] not in content.keys
    assert all(key in content.keys for key in foreign.keys[1:])
    await assert_keys_open(database, content)


async def test_a_key_that_the_operator_revoked_is_not_given_back(
    settings: Settings, database: Database, clock: Clock, written: Written, small: None
) -> None:
    await fill(settings, settings.demo_file)
    before = written()
    key_id: UUID = await database.value(
        "SELECT id FROM api_key WHERE name = $1 AND role = $2", KEY_NAME, Role.COORDINATOR
    )
    async with running(settings, clock.now) as container:
        await keys.revoke_key(container, None, KeyId(key_id))
    await fill(settings, settings.demo_file)
    assert written() == before
    assert ("75990010", "coordinator") not in await open_keys(database)


async def test_people_that_were_changed_or_closed_since_are_left_as_they_are(
    settings: Settings, database: Database, clock: Clock, written: Written, small: None
) -> None:
    await fill(settings, settings.demo_file)
    before = written()
    closed, changed, *_ = before.people
    async with running(settings, clock.now) as container:
        await people.close_person(container, None, closed.id)
        await people.set_password(container, None, changed.id, "een lamp in de gang")
    rows = await database.all("SELECT * FROM person ORDER BY id")
    await fill(settings, settings.demo_file)
    assert written() == before
    # Lost from the file, one who was closed gets no password either.
    before.people.remove(closed)
    demo_file.write(settings.demo_file, before)
    await fill(settings, settings.demo_file)
    assert written() == before
    assert await database.all("SELECT * FROM person ORDER BY id") == rows


async def test_production_does_not_start_beside_people_of_a_demo(
    settings: Settings, database: Database, small: None
) -> None:
    await fill(settings, settings.demo_file)
    async with database.connect(database.owner_url) as owner:
        await owner.execute("UPDATE api_key SET name = 'anders'")
    async with running(settings) as container:
        await demo.refuse_in_production(container)
        container.settings = settings.model_copy(update={"environment": Environment.PRODUCTION})
        with pytest.raises(SettingsError, match="people"):
            await demo.refuse_in_production(container)
