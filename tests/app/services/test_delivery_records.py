"""What acts leave on record is counted as the domain says, and told on the board when it changed."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from app.container import Container
from app.db.event_log import read_snapshot
from app.live.board import RegionBoard
from app.services import organisations
from app.services.delivery_records import count_anew, delivery_records
from app.services.referrals import answers, appointments, claims, decisions, offers, records
from app.services.referrals.records import Refused, Told
from app.services.referrals.rounds import AskedPlace, Round
from app.services.referrals.triages import Triage
from domain.actors import Role
from domain.calendar import AMSTERDAM
from domain.care_types import CareType
from domain.delivery_records import DeliveryRecord, Period, Share, last_days
from domain.events import Kind
from domain.offers import Ending, OfferState, Refusal
from tests.factories.parties import intake_desk
from tests.factories.referrals import (
    ELV_LAAG_FACTS,
    accepted,
    actor_of,
    make_intake,
    offered,
    promised,
    triaged,
    with_places,
)
from tests.factories.world import REGION, World, make_party
from tests.support import delivering
from tests.support.clock import Clock
from tests.support.clocks import swept
from tests.support.database import Database

DAY = timedelta(days=1)
#: A Wednesday, long before the day ends and well away from holidays.
NOON = datetime(2027, 2, 10, 12, tzinfo=AMSTERDAM)


async def test_what_acts_leave_on_record_is_counted(world: World, clock: Clock) -> None:
    clock.set(NOON)
    today, container = NOON.date(), world.container
    coordinator, desk = await actor_of(world), await intake_desk(world)
    await with_places(world, 2)
    for refusal in (Refusal.GEEN_PERSONEEL, Refusal.TE_COMPLEX):
        _, (offer_id,) = await offered(world)
        clock.turn(timedelta(minutes=5))
        await answers.refuse(container, desk, offer_id, refusal)
    # Both said no to a place that was free, and one of them for a reason of the house.
    assert await _shares(world, today) == ((1, 2), (0, 2), (0, 2), (0, 0))

    _, (offer_id,) = await offered(world)
    await offers.withdraw(container, coordinator, offer_id, Ending.NIET_MEER_NODIG)
    assert await _shares(world, today) == ((1, 2), (0, 2), (0, 2), (0, 0))

    _, offer_id = await promised(world)
    await decisions.release(container, desk, offer_id, Ending.AANBIEDER_KAN_NIET)
    assert await _shares(world, today) == ((2, 3), (0, 3), (0, 3), (0, 0))
    # Twice nobody came, on one promise; the next one of the same referral is called off.
    referral_id, offer_id = await promised(world)
    for expected_at in (clock.now() + timedelta(hours=1), None):
        await appointments.not_arrived(container, coordinator, offer_id, expected_at=expected_at)
        assert await _shares(world, today) == ((2, 4), (0, 4), (0, 4), (1, 1))
    _, (_, offer_id) = await offered(world, referral_id=referral_id)
    await accepted(world, offer_id)
    await decisions.release(container, coordinator, offer_id, Ending.NIET_MEER_NODIG)
    assert await _shares(world, today) == ((2, 5), (0, 5), (0, 5), (1, 1))

    await with_places(world, 1)
    # The last place: full to everybody, but free to whom it is held for.
    held_id = (await triaged(world)).referral_id
    await claims.claim(container, coordinator, held_id, world.pool_id)
    await world.settled()
    for seeking_id in (held_id, None):
        _, (offer_id,) = await offered(world, referral_id=seeking_id)
        await answers.refuse(container, desk, offer_id, Refusal.GEEN_PLEK)
    assert await _shares(world, today) == ((3, 6), (0, 7), (0, 7), (1, 1))

    await offered(world)
    clock.turn(timedelta(hours=5))
    await swept(container)
    assert await _shares(world, today) == ((3, 6), (1, 8), (0, 7), (1, 1))

    # Told on the telephone, and typed in a day later.
    clock.turn(DAY)
    await with_places(world, 5)
    said = clock.now() - timedelta(hours=24)
    await records.record_new(
        container,
        coordinator,
        make_intake(),
        said,
        [
            Told(said, Triage(ELV_LAAG_FACTS, CareType.ELV_LAAG)),
            Told(said, Round([AskedPlace(pool_id=world.pool_id)], argument="gebeld")),
            Told(said + timedelta(minutes=1), Refused(Refusal.BORD_KLOPTE_NIET)),
        ],
    )
    # It is answered in time, and nobody knows any more what was posted then.
    assert await _shares(world, today) == ((3, 6), (1, 9), (0, 8), (1, 1))
    assert await _records(world, clock.now().date()) == []


async def test_the_board_hears_of_records_that_changed_and_of_no_others(
    container: Container, world: World, clock: Clock, database: Database
) -> None:
    clock.set(NOON)
    provider, other = world.provider.organisation_id, world.other.organisation_id
    board = container.board.regions[REGION]
    told = [_answered(provider, NOON - 3 * DAY, minutes) for minutes in range(12)]
    told += [_answered(other, NOON - 90 * DAY, 5), _answered(other, NOON - 91 * DAY, 5)]
    told += [_answered(other, NOON, 5)]
    await delivering.write(database, world.pool_id, told)

    assert await count_anew(container) == 2
    await world.settled()
    period = last_days(clock.now())
    assert period == Period(date(2026, 11, 12), date(2027, 2, 9))
    for organisation_id in (provider, other):
        record = board.records.of(organisation_id)
        assert record == delivering.counted(told, REGION, organisation_id, period, clock.now())
        # Read once, until it changes.
        assert board.records.of(organisation_id) is record
    assert (_asked(board.records.of(provider)), _asked(board.records.of(other))) == (12, 1)
    assert board.records.of(world.coordinator.organisation_id) is None
    assert dict(board.all(Kind.DELIVERY_RECORD)) == await _built(container)

    before = board.position
    assert await count_anew(container) == 0
    assert await _position(database) == before.number
    # Two workers at once: each waits for who is counting, and counts what is there by then.
    told.append(_answered(provider, NOON - 2 * DAY, 5))
    async with database.connect() as counting, counting.transaction(), asyncio.timeout(10):
        await counting.execute("SELECT FROM region WHERE id = $1 FOR NO KEY UPDATE", REGION)
        both = [asyncio.create_task(count_anew(container)) for _ in range(2)]
        while await database.value("SELECT count(*) FROM pg_locks WHERE NOT granted") < 2:
            await asyncio.sleep(0.01)
        await delivering.write(database, world.pool_id, told[-1:])
    assert sum(await asyncio.gather(*both)) == 1
    await world.settled()
    assert _asked(board.records.of(provider)) == 13
    assert board.position.number == before.number + 1

    # Tomorrow it is about other days; who was asked nothing in them, or is there no more, goes.
    clock.turn(DAY)
    await organisations.close_organisation(container, None, other)
    assert await count_anew(container) == 2
    await world.settled()
    assert board.records.of(other) is None
    mine = board.records.of(provider)
    assert mine is not None
    assert (mine.asked, mine.until) == (13, date(2027, 2, 10))
    clock.turn(90 * DAY)
    assert await count_anew(container) == 1
    await world.settled()
    assert board.records.of(provider) is None
    assert dict(board.all(Kind.DELIVERY_RECORD)) == await _built(container)


async def _built(container: Container) -> dict[str, object]:
    """The records of a board that is built afresh."""
    found = await container.read(lambda connection: read_snapshot(connection, REGION))
    assert found is not None
    return dict(RegionBoard(*found, container.now()).all(Kind.DELIVERY_RECORD))


def _answered(provider_id: UUID, at: datetime, minutes: int) -> delivering.Told:
    return delivering.Told(
        provider_id,
        at,
        OfferState.GEWEIGERD,
        answered_at=at + timedelta(minutes=minutes),
        at_answer="nu",
        refusal=Refusal.GEEN_PLEK,
    )


def _asked(record: DeliveryRecord | None) -> int | None:
    return None if record is None else record.asked


async def _position(database: Database) -> int:
    return int(await database.value("SELECT number FROM stream WHERE region_id = $1", REGION))


async def _records(world: World, day: date) -> Sequence[DeliveryRecord]:
    analyst = await make_party(world.container, Role.ANALYST)
    found = await delivery_records(
        world.container,
        await actor_of(world, analyst),
        Period(day, day),
        organisation_id=None,
        after=None,
        limit=10,
    )
    return [one.record for one in found]


async def _shares(world: World, day: date) -> tuple[tuple[int, int], ...]:
    """Refused while free, unanswered, late and not arrived of the one provider that was asked."""
    (record,) = await _records(world, day)
    shares: tuple[Share, ...] = (
        *(record.refused_while_free, record.unanswered),
        *(record.late, record.not_arrived),
    )
    return tuple((share.count, share.of) for share in shares)
