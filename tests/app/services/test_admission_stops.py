"""Opnamestop: set, changed and lifted by people, one at a time whoever comes together."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from app.db import event_log
from app.db.admission_stops import LocationPlace
from app.security.keys import Credential
from app.services import admission_stops, locations
from app.services.admission_stops import StopReceipt
from domain.actors import Role
from domain.admission_stops import Stop
from domain.capacity import Outcome
from domain.care_types import ClosedReason
from domain.errors import (
    AlreadyClosed,
    InvalidInput,
    NotAllowed,
    NotFound,
    Problem,
    VersionChanged,
)
from domain.events import Kind
from tests.factories.beds import sandboxed
from tests.factories.times import HOUR, MINUTE, NINE
from tests.factories.world import REGION, Party, World, counts, make_location, make_party
from tests.support.clock import Clock
from tests.support.database import Database

OUTBREAK = Stop(ClosedReason.UITBRAAK)
STAFF = Stop(ClosedReason.PERSONEEL, "griep", expected_until=date(2026, 11, 25))


@pytest.fixture
async def place(world: World, clock: Clock) -> LocationPlace:
    """The world's location, at nine o'clock."""
    clock.set(NINE)
    return await admission_stops.find_location(world.container, world.location_id)


async def who(world: World, by: Party | Credential | None) -> Credential:
    """A credential, by default the provider's."""
    return by if isinstance(by, Credential) else await world.credential(by or world.provider)


async def put(
    world: World,
    place: LocationPlace,
    stop: Stop = OUTBREAK,
    version: int | None = None,
    by: Party | Credential | None = None,
) -> StopReceipt:
    """Sets a stop."""
    return await admission_stops.set_stop(
        world.container, await who(world, by), place, stop, version
    )


async def lift(
    world: World,
    place: LocationPlace,
    version: int | None = None,
    by: Party | Credential | None = None,
) -> StopReceipt:
    """Lifts a stop."""
    return await admission_stops.lift_stop(world.container, await who(world, by), place, version)


async def shown(world: World, place: LocationPlace) -> Any:
    """What the board shows of a location's stop."""
    await world.settled()
    stops = dict(world.container.board.regions[REGION].all(Kind.ADMISSION_STOP))
    return stops.get(str(place.id))


async def test_a_stop_stands_on_the_board_until_a_person_lifts_it(
    world: World, clock: Clock, place: LocationPlace
) -> None:
    receipt = await put(world, place, STAFF)
    assert (receipt.outcome, receipt.version) == (Outcome.ACCEPTED, 1)
    stop = await shown(world, place)
    assert (stop["reason"], stop["note"], stop["source"]) == ("personeel", "griep", "api")
    assert stop["expected_until"] == "2026-11-25"
    assert receipt.position == world.container.board.regions[REGION].position
    # No clock lifts it.
    clock.turn(timedelta(days=30))
    assert await shown(world, place) == stop
    lifted = await lift(world, place)
    assert (lifted.outcome, lifted.version, lifted.since) == (Outcome.ACCEPTED, 0, None)
    assert await shown(world, place) is None


async def test_setting_it_again_changes_the_one_that_stands(
    world: World, database: Database, clock: Clock, place: LocationPlace
) -> None:
    first = await put(world, place, replace(OUTBREAK, since=NINE - HOUR))
    clock.turn(HOUR)
    second = await put(world, place, STAFF, 1, by=world.coordinator)
    assert (second.version, second.since) == (2, first.since)
    stop = await shown(world, place)
    assert (stop["reason"], stop["source"], stop["version"]) == ("personeel", "phone", 2)
    again = await put(world, place, STAFF)
    assert (again.outcome, again.version, again.position) == (
        Outcome.REPEATED,
        2,
        second.position,
    )
    moved = await put(world, place, replace(STAFF, since=NINE))
    assert (moved.version, moved.since) == (3, NINE)
    assert await database.value("SELECT count(*) FROM admission_stop") == 1


async def test_lifting_what_doesnt_stand_changes_nothing(
    world: World, database: Database, place: LocationPlace
) -> None:
    before = await database.value("SELECT number FROM stream WHERE region_id = 1")
    receipt = await lift(world, place)
    assert (receipt.outcome, receipt.version) == (Outcome.REPEATED, 0)
    assert await database.value("SELECT number FROM stream WHERE region_id = 1") == before


async def test_a_version_is_of_one_stop_only(world: World, place: LocationPlace) -> None:
    with pytest.raises(VersionChanged) as refused:
        await put(world, place, OUTBREAK, 1)
    assert refused.value.facts == {"current": 0}
    assert (await put(world, place, OUTBREAK, 0)).version == 1
    await lift(world, place, 1)
    # The next stop isn't the one that was shown as version 1.
    assert (await put(world, place, OUTBREAK)).version == 2
    for version in (0, 1):
        with pytest.raises(VersionChanged):
            await lift(world, place, version)
    await lift(world, place, 2)


async def test_stops_dont_overlap(world: World, clock: Clock, place: LocationPlace) -> None:
    await put(world, place)
    clock.turn(HOUR)
    await lift(world, place)
    with pytest.raises(InvalidInput) as refused:
        await put(world, place, replace(OUTBREAK, since=NINE + HOUR / 2))
    assert refused.value.pointer == "/since"
    clock.turn(HOUR)
    await put(world, place)
    with pytest.raises(InvalidInput):
        await put(world, place, replace(OUTBREAK, since=NINE + HOUR / 2))
    # Another process's clock is behind.
    clock.turn(-timedelta(hours=3))
    await lift(world, place)
    await put(world, place)
    await lift(world, place)
    credential = await world.credential(world.provider)
    past = await admission_stops.history(world.container, credential, place, before=None, limit=10)
    assert len(past) == 3
    for later, earlier in pairwise(past):
        assert earlier.lifted_at is not None
        assert earlier.since <= earlier.lifted_at <= later.since
    first = await admission_stops.history(world.container, credential, place, before=None, limit=2)
    rest = await admission_stops.history(
        world.container, credential, place, before=(first[-1].since, first[-1].id), limit=2
    )
    assert [*first, *rest] == past


async def test_what_cannot_be_is_refused(
    world: World, database: Database, place: LocationPlace
) -> None:
    for stop, pointer in (
        (replace(OUTBREAK, since=NINE + 6 * MINUTE), "/since"),
        (replace(OUTBREAK, expected_until=date(2026, 11, 17)), "/expected_until"),
    ):
        with pytest.raises(InvalidInput) as refused:
            await put(world, place, stop)
        assert refused.value.pointer == pointer
    assert await database.value("SELECT count(*) FROM admission_stop") == 0


async def test_who_may_set_and_lift_it(
    world: World, database: Database, place: LocationPlace
) -> None:
    for act in (put, lift):
        with pytest.raises(NotFound):
            await act(world, place, by=world.other)
        with pytest.raises(NotAllowed):
            await act(world, place, by=await make_party(world.container, Role.REFERRER))
    await put(world, place, by=world.coordinator)
    await lift(world, place)
    row = await database.one("SELECT * FROM audit ORDER BY id DESC LIMIT 1")
    assert (row["action"], row["outcome"], row["purpose"], row["object_kind"]) == (
        *("capacity.report", "accepted", "capacity", "admission-stop"),
    )
    assert row["object_id"] == str(place.id)
    await locations.transfer_location(
        world.container, None, world.location_id, world.other.organisation_id
    )
    # Found when it was still the provider's, and judged again under the lock.
    with pytest.raises(NotFound):
        await put(world, place)


async def test_a_closed_location_takes_no_stop(world: World) -> None:
    location_id = await make_location(world.container, world.provider)
    place = await admission_stops.find_location(world.container, location_id)
    await locations.close_location(world.container, None, location_id)
    with pytest.raises(AlreadyClosed):
        await put(world, place)


async def test_the_sandbox_sets_and_lifts_nothing(world: World, place: LocationPlace) -> None:
    trial = await sandboxed(world)
    assert (await put(world, place, by=trial)).outcome is Outcome.SANDBOX
    assert await shown(world, place) is None
    await put(world, place)
    receipt = await lift(world, place, by=trial)
    assert (receipt.outcome, receipt.version) == (Outcome.SANDBOX, 1)
    assert await shown(world, place) is not None


async def test_set_and_lifted_under_load(world: World, database: Database) -> None:
    random = Random(11)
    container = world.container
    place = await admission_stops.find_location(container, world.location_id)
    board = container.board.regions[REGION]
    reasons = list(ClosedReason)

    async def setting() -> None:
        for _ in range(6):
            version = random.choice((None, None, 0, random.randint(1, 40)))
            try:
                await put(world, place, Stop(random.choice(reasons)), version)
            except VersionChanged:
                continue

    async def lifting() -> None:
        for _ in range(6):
            version = random.choice((None, random.randint(1, 40)))
            try:
                await lift(world, place, version, by=world.coordinator)
            except VersionChanged:
                continue

    async def reporting() -> None:
        for _ in range(6):
            await world.report(counts(10, random.randint(0, 10)))

    async def looking() -> None:
        for _ in range(20):
            open_ = await database.value(
                "SELECT count(*) FROM admission_stop WHERE lifted_at IS NULL"
            )
            assert open_ in (0, 1)

    await asyncio.gather(
        looking(), *(act() for act in (setting, lifting, reporting) for _ in range(8))
    )
    await world.settled()
    assert container.board.regions[REGION] is board, "it was rebuilt meanwhile"
    found = await container.read(lambda connection: event_log.read_snapshot(connection, REGION))
    assert found is not None
    position, subjects = found
    assert board.position == position
    fresh = {(s.kind, s.subject_id): s.data for s in subjects}
    assert fresh == {
        (kind, key): board.get(kind, key) for kind in Kind for key, _ in board.all(kind)
    }
    rows = await database.all("SELECT * FROM admission_stop ORDER BY since, id")
    assert len(rows) > 3
    for earlier, later in pairwise(rows):
        assert earlier["lifted_at"] is not None
        assert earlier["since"] <= earlier["lifted_at"] <= later["since"]
        assert earlier["version"] < later["version"]
    # Every change is one event: all versions, and each lift.
    events = await database.value("SELECT count(*) FROM event WHERE kind = 'admission-stop'")
    lifted = sum(row["lifted_at"] is not None for row in rows)
    assert events == rows[-1]["version"] + lifted


async def test_of_two_who_set_the_first_stop_at_once_one_stands(
    world: World, database: Database, place: LocationPlace
) -> None:
    found = await asyncio.gather(
        put(world, place, OUTBREAK, 0),
        put(world, place, STAFF, 0, by=world.coordinator),
        return_exceptions=True,
    )
    (refused,) = [one for one in found if isinstance(one, Problem)]
    assert isinstance(refused, VersionChanged)
    assert await database.value("SELECT count(*) FROM admission_stop") == 1
