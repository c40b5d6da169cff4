"""Reports and time: wrong clocks, futures, and how long a figure is believed."""

from datetime import timedelta

import pytest

from domain.capacity import Outcome
from domain.errors import InvalidInput, ObservedInFuture
from domain.posting import PostingSchedule
from tests.factories.times import MINUTE, at
from tests.factories.world import World, counts, make_pool
from tests.support.clock import Clock
from tests.support.database import Database


#: The minutes that the provider's clock is off; it looks at 09:50 and reports at 10:00, really.
@pytest.mark.parametrize(
    ("off", "with_sent_at", "believed"),
    [
        (3, True, "09:50"),
        (-3, True, "09:50"),
        (3, False, "09:53"),
        (-3, False, "09:47"),
        (59, True, "09:50"),
        (-59, True, "09:50"),
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
    await world.admit(at("09:48"))
    assert await world.balance() == (2 if believed >= "09:48" else 1)


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


@pytest.mark.parametrize("off", [62, -62])
async def test_a_report_that_was_kept_waiting_does_not_become_new_by_its_old_sent_at(
    world: World, clock: Clock, database: Database, off: int
) -> None:
    clock.set(at("10:00"))
    with pytest.raises(InvalidInput) as refused:
        await world.report(
            counts(10, 8), observed_at=at("08:50"), sent_at=at("10:00") + off * MINUTE
        )
    assert refused.value.pointer == "/sent_at"
    assert await database.value("SELECT report_version FROM pool") == 0


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
