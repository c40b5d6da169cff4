"""Histories of one pool, told by the services alone: what stands, since when, and what is left free."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from app.services.registers import create_region
from app.services.reports import Receipt
from domain.actors import Role
from domain.capacity import Figures, Outcome, Terms
from domain.care_types import CareType
from domain.errors import (
    FiguresFromBeds,
    InvalidInput,
    NotAllowed,
    NotFound,
    NothingToConfirm,
    ObservedInFuture,
    VersionChanged,
)
from domain.identifiers import RegionId
from domain.posting import PostingSchedule
from tests.factories.world import World, counts, make_feed, make_party, make_pool
from tests.support.clock import Clock
from tests.support.database import Database, register_admission, register_promise

NINE = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    """A moment of this day."""
    hours, minutes = text.split(":")
    return NINE.replace(hour=int(hours), minute=int(minutes))


async def admit(world: World, moment: str, promised: str | None = None) -> None:
    """An admission that is registered now, with the time at which it happened."""
    promised_at = at(promised) if promised else None
    await world.container.read(
        lambda c: register_admission(c, world.pool_id, at(moment), promised_at)
    )


async def balance(world: World) -> int:
    """Places left by the row itself."""
    found: int = await world.container.read(
        lambda c: c.fetchval("SELECT balance FROM pool WHERE id = $1", world.pool_id)
    )
    return found


async def test_an_admission_and_klopt_nog_after_it_leave_free_where_it_was(
    world: World, clock: Clock
) -> None:
    slow_feed = await make_feed(world.container, world.provider, Terms(lag=2 * HOUR))
    clock.set(at("08:00"))
    assert (await world.report(counts(10, 8))).free == 2
    clock.set(at("09:05"))
    await admit(world, "09:00")
    assert await balance(world) == 1
    clock.set(at("10:00"))
    confirmed = await world.confirm(1)
    assert (confirmed.outcome, confirmed.free, confirmed.version) == (Outcome.ACCEPTED, 1, 2)
    # A feed that books two hours late doesn't hold the admission yet, and still it counts.
    clock.set(at("10:31"))
    fed = await world.report(counts(10, 8), by=slow_feed, observed_at=at("10:30"))
    assert (fed.outcome, fed.free) == (Outcome.ACCEPTED, 1)
    # Later it does hold it: counted once, not twice.
    clock.set(at("11:31"))
    fed = await world.report(counts(10, 9), by=slow_feed, observed_at=at("11:30"))
    assert (fed.outcome, fed.free) == (Outcome.ACCEPTED, 1)


async def test_klopt_nog_of_a_feed_that_counts_our_promises(world: World, clock: Clock) -> None:
    feed = await make_feed(world.container, world.provider, Terms(HOUR, includes_holds=True))
    clock.set(at("08:00"))
    assert (await world.report(counts(10, 7), by=feed)).free == 3
    await world.container.read(lambda c: register_promise(c, world.pool_id, at("08:30")))
    assert await balance(world) == 2
    clock.set(at("09:30"))
    # By now the promise stands among its planned admissions.
    assert (await world.report(counts(10, 7, 1), by=feed)).free == 2
    clock.set(at("10:00"))
    await admit(world, "09:45", promised="08:30")
    assert await balance(world) == 2
    assert (await world.confirm(2, by=feed)).free == 2


@pytest.mark.parametrize("confirmed_first", [False, True])
async def test_an_admission_registered_two_hours_late_counts_once(
    world: World, clock: Clock, confirmed_first: bool
) -> None:
    clock.set(at("08:30"))
    assert (await world.report(counts(10, 8))).free == 2
    version = 1
    if confirmed_first:
        clock.set(at("10:00"))
        confirmed = await world.confirm(1)
        assert confirmed.free == 2
        version = confirmed.version
    clock.set(at("11:00"))
    await admit(world, "09:00")
    assert await balance(world) == 1
    clock.set(at("11:30"))
    confirmed = await world.confirm(version)
    assert confirmed.free == 1
    assert (await world.confirm(confirmed.version)).free == 1
    # A report of after the admission holds it.
    clock.set(at("12:00"))
    assert (await world.report(counts(10, 9))).free == 1


async def test_an_admission_registered_late_that_the_report_held_already_counts_no_more(
    world: World, clock: Clock
) -> None:
    clock.set(at("10:00"))
    assert (await world.report(counts(10, 9))).free == 1
    clock.set(at("11:00"))
    await admit(world, "09:00")
    assert await balance(world) == 1


async def test_a_shortage_is_told_and_offers_nothing(world: World, clock: Clock) -> None:
    clock.set(at("09:00"))
    await world.report(counts(10, 10))
    await admit(world, "09:30")
    clock.set(at("10:00"))
    receipt = await world.confirm(1)
    assert (receipt.balance, receipt.free) == (-1, 0)


#: The minutes that the provider's clock is off; it looks at 09:50 and reports at 10:00, really.
@pytest.mark.parametrize(
    ("off", "with_sent_at", "believed"),
    [
        (3, True, "09:50"),
        (-3, True, "09:50"),
        (3, False, "09:53"),
        (-3, False, "09:47"),
        (300, True, "09:50"),
        (-300, True, "09:50"),
    ],
)
async def test_a_wrong_clock_is_put_right_by_sent_at(
    world: World, clock: Clock, off: int, with_sent_at: bool, believed: str
) -> None:
    clock.set(at("10:00"))
    wrong = off * MINUTE
    sent_at = at("10:00") + wrong if with_sent_at else None
    receipt = await world.report(counts(10, 8), observed_at=at("09:50") + wrong, sent_at=sent_at)
    assert receipt.observed_at is not None
    assert abs(receipt.observed_at - at(believed)) < timedelta(seconds=5)
    # An admission between what is believed and what was meant is counted rather than overlooked.
    await admit(world, "09:48")
    assert await balance(world) == (2 if believed >= "09:48" else 1)


@pytest.mark.parametrize("with_sent_at", [False, True])
async def test_a_clock_that_is_ahead_never_makes_a_report_newer_than_its_receipt(
    world: World, clock: Clock, with_sent_at: bool
) -> None:
    clock.set(at("10:00"))
    ahead = at("10:03")
    receipt = await world.report(
        counts(10, 8), observed_at=ahead, sent_at=ahead if with_sent_at else None
    )
    assert receipt.observed_at is not None
    assert receipt.received_at is not None
    assert receipt.observed_at <= receipt.received_at < at("10:01")
    # So the next report, of a right clock, is not shut out for three minutes.
    clock.set(at("10:01"))
    assert (await world.report(counts(10, 9))).outcome is Outcome.ACCEPTED


async def test_more_than_five_minutes_ahead_is_refused_and_changes_nothing(
    world: World, clock: Clock, database: Database
) -> None:
    clock.set(at("10:00"))
    now = world.container.now()
    with pytest.raises(ObservedInFuture) as refused:
        await world.report(counts(10, 8), observed_at=now + 5 * MINUTE + timedelta(seconds=20))
    assert abs(refused.value.facts["server_time"] - now) < timedelta(seconds=10)  # type: ignore[operator]
    assert await database.value("SELECT count(*) FROM pool_report") == 0
    assert await database.value("SELECT report_version FROM pool") == 0
    near = await world.report(counts(10, 8), observed_at=now + 5 * MINUTE)
    assert near.outcome is Outcome.ACCEPTED


async def test_a_late_report_is_kept_and_told_superseded(world: World, clock: Clock) -> None:
    clock.set(at("10:00"))
    await world.report(counts(10, 8), observed_at=at("09:55"))
    late = await world.report(counts(10, 2), observed_at=at("09:54"))
    assert (late.outcome, late.version, late.free) == (Outcome.SUPERSEDED, 1, 2)
    assert late.observed_at == at("09:55")


async def test_the_phone_does_not_outrank_a_feed_nor_a_feed_the_phone(
    world: World, clock: Clock
) -> None:
    clock.set(at("10:00"))
    await world.report(counts(10, 8), observed_at=at("09:30"))
    phoned = await world.report(Figures(free=1), by=world.coordinator, observed_at=at("09:40"))
    assert (phoned.outcome, phoned.free) == (Outcome.ACCEPTED, 1)
    fed = await world.report(counts(10, 7), observed_at=at("09:50"))
    assert (fed.outcome, fed.free) == (Outcome.ACCEPTED, 3)


@pytest.mark.parametrize("phone_first", [False, True])
@pytest.mark.parametrize(
    ("phone", "feed", "stands"),
    [
        (Figures(free=1), counts(10, 8), "phone"),
        (Figures(free=3), counts(10, 8), "api"),
        (Figures(), counts(10, 8), "phone"),
        (Figures(free=0), Figures(operable=10), "api"),
    ],
)
async def test_of_equal_observations_the_lower_stands_whichever_came_first(
    world: World,
    clock: Clock,
    database: Database,
    phone_first: bool,
    phone: Figures,
    feed: Figures,
    stands: str,
) -> None:
    clock.set(at("10:00"))
    said = [(world.coordinator, phone), (world.provider, feed)]
    receipts: list[Receipt] = []
    for by, figures in said if phone_first else reversed(said):
        receipts.append(await world.report(figures, by=by, observed_at=at("09:50")))
    state = await database.one("SELECT source_kind, base FROM pool WHERE id = $1", world.pool_id)
    lower = phone if stands == "phone" else feed
    assert (state["source_kind"], state["base"]) == (stands, lower.base)
    first_stands = phone_first == (stands == "phone")
    expected = Outcome.SUPERSEDED if first_stands else Outcome.ACCEPTED
    assert [receipt.outcome for receipt in receipts] == [Outcome.ACCEPTED, expected]


async def test_a_figure_is_believed_as_long_as_its_pools_schedule_says(
    world: World, clock: Clock
) -> None:
    pool_id = await make_pool(
        world.container, world.location_id, schedule=PostingSchedule.ON_CHANGE
    )
    clock.set(at("10:00"))
    workdays = await world.report(counts(10, 8), observed_at=at("09:58"))
    on_change = await world.report(counts(10, 8), pool_id=pool_id, observed_at=at("09:58"))
    # 15:00 and the next day's 09:00 by the Dutch winter clock, and an hour's grace.
    assert workdays.valid_until == at("15:00")
    assert on_change.valid_until == at("09:00") + timedelta(days=1)


async def test_klopt_nog_makes_the_figures_fresh_again(world: World, clock: Clock) -> None:
    clock.set(at("10:00"))
    first = await world.report(counts(10, 8))
    clock.set(at("10:00") + timedelta(days=3))
    confirmed = await world.confirm(1)
    assert first.valid_until is not None
    assert confirmed.valid_until is not None
    assert first.valid_until < world.container.now() < confirmed.valid_until


async def test_versions_guard_reports_and_confirmations(world: World) -> None:
    with pytest.raises(NothingToConfirm):
        await world.confirm(0)
    with pytest.raises(VersionChanged) as changed:
        await world.report(counts(10, 8), expected_version=1)
    assert changed.value.facts == {"current": 0}
    await world.report(counts(10, 8), expected_version=0)
    with pytest.raises(VersionChanged) as changed:
        await world.confirm(7)
    assert changed.value.facts == {"current": 1}


@pytest.mark.parametrize("role", [Role.PROVIDER_INTAKE, Role.REFERRER, Role.ANALYST, Role.OPERATOR])
async def test_who_may_not_report_is_not_allowed(world: World, role: Role) -> None:
    party = await make_party(world.container, role)
    with pytest.raises(NotAllowed):
        await world.report(counts(10, 8), by=party)


async def test_somebody_elses_pool_is_not_found(world: World) -> None:
    elsewhere = await make_party(world.container, Role.COORDINATOR, await _region_two(world))
    for party in (world.other, elsewhere):
        with pytest.raises(NotFound):
            await world.report(counts(10, 8), by=party)


async def _region_two(world: World) -> RegionId:
    await create_region(world.container, None, RegionId(2), "twee", "Twee")
    return RegionId(2)


async def test_a_pool_of_multifunctional_beds_takes_no_count(world: World) -> None:
    pool_id = await make_pool(world.container, world.location_id, CareType.MFB, CareType.ELV_LAAG)
    with pytest.raises(FiguresFromBeds):
        await world.report(counts(10, 8), pool_id=pool_id)


async def test_impossible_figures_are_refused_before_anything_is_written(
    world: World, database: Database
) -> None:
    with pytest.raises(InvalidInput):
        await world.report(counts(10, 11))
    assert await database.value("SELECT count(*) FROM audit WHERE action LIKE 'capacity%'") == 0


async def test_the_event_tells_what_the_receipt_told(world: World, database: Database) -> None:
    receipt = await world.report(counts(10, 8))
    row = await database.one(
        "SELECT data FROM event WHERE region_id = 1 AND number = $1", receipt.position.number
    )
    state = json.loads(row["data"])
    assert (state["version"], state["balance"], state["free"]) == (1, 2, 2)
    assert datetime.fromisoformat(state["valid_until"]) == receipt.valid_until
