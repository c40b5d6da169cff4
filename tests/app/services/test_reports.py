"""Histories of one pool, told by the services alone: what stands, since when, and what is left free."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from app.security.keys import Credential
from app.services import reports
from app.services.regions import create_region
from app.services.reports import Given, Receipt
from domain.actors import Role
from domain.capacity import Figures, Outcome, Terms
from domain.care_types import CareType
from domain.errors import (
    FiguresFromBeds,
    InvalidInput,
    NotAllowed,
    NotFound,
    NothingToConfirm,
    VersionChanged,
)
from domain.identifiers import RegionId
from tests.factories.times import HOUR, at
from tests.factories.world import World, counts, make_feed, make_party, make_pool
from tests.support.clock import Clock
from tests.support.database import Database, register_promise


async def test_an_admission_and_klopt_nog_after_it_leave_free_where_it_was(
    world: World, clock: Clock
) -> None:
    slow_feed = await make_feed(world.container, world.provider, Terms(lag=2 * HOUR))
    clock.set(at("08:00"))
    assert (await world.report(counts(10, 8))).free == 2
    clock.set(at("09:05"))
    await world.admit(at("09:00"))
    assert await world.balance() == 1
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
    assert await world.balance() == 2
    clock.set(at("09:30"))
    # By now the promise stands among its planned admissions.
    assert (await world.report(counts(10, 7, 1), by=feed)).free == 2
    clock.set(at("10:00"))
    await world.admit(at("09:45"), at("08:30"))
    assert await world.balance() == 2
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
    await world.admit(at("09:00"))
    assert await world.balance() == 1
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
    await world.admit(at("09:00"))
    assert await world.balance() == 1


async def test_a_shortage_is_told_and_offers_nothing(world: World, clock: Clock) -> None:
    clock.set(at("09:00"))
    await world.report(counts(10, 10))
    await world.admit(at("09:30"))
    clock.set(at("10:00"))
    receipt = await world.confirm(1)
    assert (receipt.balance, receipt.free) == (-1, 0)


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


async def test_somebody_elses_pool_is_not_found_however_wrong_the_report(world: World) -> None:
    elsewhere = await make_party(world.container, Role.COORDINATOR, await _region_two(world))
    tomorrow = world.container.now() + timedelta(days=1)
    for party in (world.other, elsewhere):
        for figures, observed_at in (
            (counts(10, 8), None),
            (counts(10, 11), None),
            (counts(10, 8), tomorrow),
        ):
            with pytest.raises(NotFound):
                await world.report(figures, by=party, observed_at=observed_at)


async def test_who_has_no_source_can_not_report(world: World) -> None:
    actor = replace((await world.credential(world.provider)).actor, role=Role.SYSTEM)
    with pytest.raises(NotAllowed):
        await reports.report_pool(
            world.container, Credential(actor, None), await world.pool(), Given(counts(10, 8))
        )


async def _region_two(world: World) -> RegionId:
    await create_region(world.container, None, RegionId(2), "twee", "Twee")
    return RegionId(2)


async def test_a_pool_of_multifunctional_beds_takes_no_count(world: World) -> None:
    pool_id = await make_pool(world.container, world.location_id, CareType.MFB)
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
