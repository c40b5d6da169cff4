"""What comes along with a report's figures: warnings, forecast, note, and how long it is believed."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.services import pools, reports
from domain.capacity import Figures
from domain.care_types import ClosedReason
from domain.errors import InvalidInput
from domain.outlook import Forecast
from domain.plausibility import Doubt, Oddity
from domain.posting import GRACE, PostingSchedule
from tests.factories.times import at
from tests.factories.world import World, counts
from tests.support.batching import states_told, stop_clock
from tests.support.clock import Clock
from tests.support.database import Database, register_admission, register_promise

NINE = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 18)
MONDAY = date(2026, 11, 23)


async def newest(database: Database) -> Any:
    """The report that history got last."""
    return await database.one("SELECT * FROM pool_report ORDER BY version DESC LIMIT 1")


async def test_warnings_stand_on_the_receipt_and_in_history(
    world: World, database: Database
) -> None:
    calm = await world.report(counts(9, 9))
    assert calm.warnings == ()
    assert (await newest(database))["warnings"] is None
    await world.settled()
    odd = await world.report(Figures(operable=17, occupied=17, planned=1))
    assert odd.outcome == "accepted"
    assert odd.warnings == (
        Doubt(Oddity.JUMP, "operable", 9, 17),
        Doubt(Oddity.JUMP, "occupied", 9, 17),
        Doubt(Oddity.SHORTAGE, "occupied"),
    )
    assert (await newest(database))["warnings"] == "sprong:operable;sprong:occupied;tekort:occupied"


async def test_what_we_promised_ourselves_is_no_jump(world: World, database: Database) -> None:
    """Who looks at the beds sees nine free, and still does when eight of them are promised."""
    await world.report(Figures(free=9))
    async with database.connect() as connection:
        for minute in range(8):
            await register_promise(connection, world.pool_id, at(f"10:0{minute}"))
    await world.report(Figures(free=9))
    await world.settled()
    assert await world.balance() == 1
    assert (await world.report(Figures(free=9, available_from=MONDAY))).warnings == (
        Doubt(Oddity.FREE_AND_AVAILABLE_FROM, "available_from"),
    )


async def test_whom_we_brought_is_no_jump_either(
    world: World, database: Database, clock: Clock
) -> None:
    clock.set(at("09:00"))
    await world.report(Figures(free=9))
    async with database.connect() as connection:
        for minute in range(8):
            await register_admission(connection, world.pool_id, at(f"10:0{minute}"))
    clock.set(at("11:00"))
    await world.confirm(1)
    await world.settled()
    assert (await world.report(Figures(free=1))).warnings == ()


async def test_a_forecast_is_told_and_kept_by_day(world: World, database: Database) -> None:
    stop_clock(world, NINE)
    forecast = Forecast.of({MONDAY: 2, TODAY: 1}, {MONDAY: 3})
    await world.report(Figures(operable=10, occupied=6, planned=3, forecast=forecast))
    expected = {
        "discharges": [{"on": "2026-11-18", "places": 1}, {"on": "2026-11-23", "places": 2}],
        "admissions": [{"on": "2026-11-23", "places": 3}],
    }
    (state,) = await states_told(database, world.pool_id)
    assert state["forecast"] == expected
    row = await newest(database)
    assert json.loads(row["forecast"]) == expected
    assert Forecast.from_data(state["forecast"]) == forecast
    # A report replaces all: without a forecast none is left, and "klopt nog" keeps what there is.
    stop_clock(world, NINE + timedelta(minutes=1))
    await world.confirm(1)
    assert (await states_told(database, world.pool_id))[-1]["forecast"] == expected
    stop_clock(world, NINE + timedelta(minutes=2))
    await world.report(counts(10, 6), expected_version=2)
    assert (await states_told(database, world.pool_id))[-1]["forecast"] is None


async def test_another_forecast_is_another_report(world: World) -> None:
    said = [Figures(free=1, forecast=Forecast.of({MONDAY: places})) for places in (1, 2, 2)]
    stop_clock(world, NINE)
    outcomes = [(await world.report(figures, observed_at=NINE)).outcome for figures in said]
    assert outcomes[0] == "accepted"
    assert outcomes[1] in ("accepted", "superseded")
    assert outcomes[2] in ("repeated", "superseded")
    again = (await world.report(said[0], observed_at=NINE)).outcome
    assert (outcomes[1], again) in (("accepted", "superseded"), ("superseded", "repeated"))


@pytest.mark.parametrize("name", ["discharges", "admissions"])
@pytest.mark.parametrize(
    "dates",
    [
        ((MONDAY, 1), (MONDAY, 1)),
        ((TODAY + timedelta(days=367), 1),),
        ((TODAY - timedelta(days=367), 1),),
        tuple((TODAY + timedelta(days=n), 1) for n in range(61)),
    ],
)
async def test_a_forecast_of_days_twice_too_far_or_too_many_is_refused(
    world: World, name: str, dates: tuple[tuple[date, int], ...]
) -> None:
    stop_clock(world, NINE)
    with pytest.raises(InvalidInput) as refused:
        await world.report(Figures(free=1, forecast=Forecast(**{name: dates})))
    assert refused.value.pointer == f"/{name}"


async def test_a_forecast_at_its_limits_is_taken(world: World) -> None:
    stop_clock(world, NINE)
    sixty = {TODAY + timedelta(days=n): 1 for n in (-366, 366, *range(58))}
    receipt = await world.report(Figures(free=1, forecast=Forecast.of(sixty, sixty)))
    assert receipt.outcome == "accepted"


async def test_a_day_is_counted_in_amsterdam(world: World) -> None:
    """At 23:30 in London it is the next day here, and a year from it one day more may be told."""
    stop_clock(world, datetime(2026, 11, 18, 23, 30, tzinfo=UTC))
    far = TODAY + timedelta(days=367)
    receipt = await world.report(Figures(free=1, forecast=Forecast.of({far: 1})))
    assert receipt.outcome == "accepted"


async def test_a_note_is_kept_with_its_report_and_told_to_nobody_else(
    world: World, database: Database
) -> None:
    await world.report(Figures(free=1), note="mw. Jansen van afdeling 3")
    assert (await newest(database))["note"] == "mw. Jansen van afdeling 3"
    (state,) = await states_told(database, world.pool_id)
    assert "Jansen" not in json.dumps(state)


async def test_a_note_makes_no_other_report(world: World) -> None:
    stop_clock(world, NINE)
    first = await world.report(Figures(free=1), observed_at=NINE, note="gebeld")
    again = await world.report(Figures(free=1), observed_at=NINE, note="nog eens gebeld")
    assert (first.outcome, again.outcome) == ("accepted", "repeated")


@pytest.mark.parametrize(
    ("time_to_live", "believed_until"),
    [
        (None, "15:00"),
        (timedelta(minutes=15), "08:15"),
        (timedelta(hours=6), "14:00"),
        # It can only shorten what the schedule gives.
        (timedelta(days=7), "15:00"),
    ],
)
async def test_a_time_to_live_shortens_how_long_a_report_is_believed(
    world: World, database: Database, time_to_live: timedelta | None, believed_until: str
) -> None:
    stop_clock(world, NINE)
    facts = replace(await world.pool(), time_to_live=time_to_live)
    receipt = await reports.report_pool(
        world.container,
        await world.credential(world.provider),
        facts,
        reports.Given(Figures(free=1), observed_at=NINE - timedelta(hours=1)),
    )
    until = datetime.fromisoformat(f"2026-11-18T{believed_until}:00+00:00")
    assert receipt.valid_until == until
    assert (await newest(database))["valid_until"] == until


@pytest.mark.parametrize(
    "said",
    [
        Figures(operable=5, free=6),
        Figures(physical=9, closed=4, closed_reason=ClosedReason.UITBRAAK, free=6),
    ],
)
async def test_more_free_than_staffed_or_than_is_left_open_is_refused(
    world: World, database: Database, said: Figures
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await world.report(said)
    assert refused.value.pointer == "/free"
    assert await database.value("SELECT count(*) FROM pool_report") == 0


async def test_until_when_is_judged_by_what_was_agreed_when_the_report_is_written(
    world: World,
) -> None:
    """A process whose board has not heard yet of a tightening can't believe a figure for longer."""
    before = await world.pool()
    credential = await world.credential(world.provider)
    await pools.set_posting(
        world.container, credential.actor, world.pool_id, None, 15, expected_version=1
    )
    given = reports.Given(counts(10, 6))
    receipt = await reports.report_pool(world.container, credential, before, given)
    assert receipt.observed_at is not None
    assert receipt.valid_until == receipt.observed_at + timedelta(minutes=15)
    again = await reports.confirm_pool(world.container, credential, before, receipt.version)
    assert again.observed_at is not None
    assert again.valid_until == again.observed_at + timedelta(minutes=15)


async def test_a_schedule_that_changed_meanwhile_is_not_gone_by(
    world: World,
) -> None:
    before = await world.pool()
    credential = await world.credential(world.provider)
    await pools.set_posting(
        world.container,
        (await world.credential(world.operator)).actor,
        world.pool_id,
        PostingSchedule.DAILY_TWICE,
        None,
        expected_version=1,
    )
    given = reports.Given(counts(10, 6))
    receipt = await reports.report_pool(world.container, credential, before, given)
    assert receipt.observed_at is not None
    assert receipt.valid_until == receipt.observed_at + GRACE
