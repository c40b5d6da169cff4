"""Many reports at once: each is judged and kept as if it came alone, in the order given."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.db import report_queue
from app.db.report_queue import MAX_CHUNK
from app.services import keys, report_batches, reports
from app.services.regions import create_region
from app.services.report_batches import Answer, PoolReference, Shown
from app.services.reports import Given, Receipt
from domain.actors import Role
from domain.capacity import Figures
from domain.care_types import CareType
from domain.errors import InvalidInput, NotSignedIn, Problem
from domain.identifiers import RegionId
from domain.outlook import Forecast
from tests.factories.world import World, counts, make_location, make_party, make_pool
from tests.support.batching import (
    Item,
    batch,
    left_by,
    new_pools,
    outcomes,
    pool,
    states_told,
    stop_clock,
    tick_clock,
)
from tests.support.database import Database
from tests.support.queueing import commits_of, running_queue
from tests.support.trouble import holding_pool, line_to, until, until_waiting

NINE = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Said:
    """A report or "klopt nog" of one of a few pools."""

    which: int
    said: Given | Shown


observations = st.none() | st.integers(-3, 6).map(lambda minutes: NINE + minutes * MINUTE)
# Close enough together to be no jump: a jump is judged by the board, which lags behind.
figures = st.sampled_from(
    [
        counts(8, 5),
        counts(8, 6, 1),
        counts(8, 9),
        Figures(free=2),
        Figures(free=3, operable=2),
        Figures(operable=8, planned=0),
        Figures(free=1, forecast=Forecast.of({date(2026, 11, 20): 1}, {date(2026, 11, 21): 2})),
        Figures(free=1, forecast=Forecast.of({date(2028, 11, 20): 1})),
    ]
)
reported = st.builds(
    Given,
    figures=figures,
    observed_at=observations,
    expected_version=st.sampled_from([None, None, 0, 1, 2]),
    note=st.sampled_from([None, "gebeld"]),
)
sayings = st.builds(
    Said, st.integers(0, 3), reported | reported | st.builds(Shown, st.integers(0, 3))
)


def told(answer: Answer) -> Any:
    """What an answer says, but for whose it is."""
    if isinstance(answer, Problem):
        return (answer.code, answer.detail, answer.facts)
    assert isinstance(answer, Receipt)
    names = ("outcome", "version", "observed_at", "received_at", "valid_until", "balance")
    return (*(getattr(answer, name) for name in names), answer.warnings)


async def _alone(world: World, pool_id: UUID, said: Given | Shown) -> Answer:
    credential = await world.credential(world.provider)
    facts = await reports.find_pool(world.container, pool(pool_id).pool_id or world.pool_id)
    try:
        if isinstance(said, Shown):
            return await reports.confirm_pool(
                world.container, credential, facts, said.version, address="127.0.0.1"
            )
        return await reports.report_pool(
            world.container, credential, facts, said, address="127.0.0.1"
        )
    except Problem as problem:
        return problem


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(sayings, min_size=1, max_size=12), chunk=st.sampled_from([1, 2, 3, 500]))
async def test_a_batch_leaves_the_same_rows_as_each_of_its_items_alone(
    world: World, database: Database, said: list[Said], chunk: int
) -> None:
    alone = await new_pools(database, world, 4)
    together = await new_pools(database, world, 4)
    tick_clock(world, NINE + 5 * MINUTE)
    singly = [await _alone(world, alone[one.which], one.said) for one in said]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report_batches, "MAX_CHUNK", chunk)
        tick_clock(world, NINE + 5 * MINUTE)
        answers = await batch(world, [(pool(together[one.which]), one.said) for one in said])
    assert list(map(told, answers)) == list(map(told, singly))
    for one, other in zip(together, alone, strict=True):
        assert await left_by(database, one) == await left_by(database, other)


async def test_a_list_is_one_commit_for_each_chunk(world: World, database: Database) -> None:
    pools = await new_pools(database, world, 7)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report_batches, "MAX_CHUNK", 3)
        answers = await batch(world, [(pool(one), Given(counts(10, 6))) for one in pools])
    assert outcomes(answers) == ["accepted"] * 7
    assert [a.pool_id for a in answers if isinstance(a, Receipt)] == pools
    assert await commits_of(database, pools) == [1, 3, 3]


async def test_no_chunk_is_larger_than_a_commit_may_be(world: World, database: Database) -> None:
    pools = await new_pools(database, world, MAX_CHUNK + 1)
    await batch(world, [(pool(one), Given(counts(10, 6))) for one in pools])
    assert await commits_of(database, pools) == [1, MAX_CHUNK]


async def test_one_pool_many_times_is_judged_in_the_order_given(
    world: World, database: Database
) -> None:
    (other,) = await new_pools(database, world, 1)
    minutes = [1, 3, 2, 4, 4]
    given_: list[Item] = []
    for minute in minutes:
        said = Given(counts(10, 4 + minute), observed_at=NINE + minute * MINUTE)
        given_ += [(pool(world.pool_id), said), (pool(other), said)]
    stop_clock(world, NINE + 9 * MINUTE)
    answers = await batch(world, given_)
    expected = ["accepted", "accepted", "superseded", "accepted", "repeated"]
    assert outcomes(answers[::2]) == outcomes(answers[1::2]) == expected
    assert [state["occupied"] for state in await states_told(database, other)] == [5, 7, 8]


async def test_versions_are_told_from_item_to_item(world: World) -> None:
    mine = pool(world.pool_id)
    answers = await batch(
        world,
        [
            (mine, Shown(0)),
            (mine, Given(counts(10, 6), expected_version=0)),
            (mine, Given(counts(10, 7), expected_version=0)),
            (mine, Shown(1)),
            (mine, Shown(1)),
            (mine, Given(counts(10, 8), expected_version=2)),
            (mine, Shown(2)),
            (mine, Shown(3)),
        ],
    )
    assert outcomes(answers) == [
        *("nothing-to-confirm", "accepted", "version-changed", "accepted", "repeated"),
        *("accepted", "version-changed", "accepted"),
    ]
    changed = [answer.facts for answer in answers if isinstance(answer, Problem)]
    assert changed == [{}, {"current": 1}, {"current": 3}]


async def test_pools_go_by_our_id_or_by_the_owners_code(world: World, database: Database) -> None:
    code = (await world.pool()).external_id
    said = Given(counts(10, 6), observed_at=NINE)
    stop_clock(world, NINE + MINUTE)
    by_code = PoolReference(external_id=code)
    by_agb = PoolReference(agb=world.provider.agb, external_id=code)
    answers = await batch(world, [(pool(world.pool_id), said), (by_code, said), (by_agb, said)])
    assert outcomes(answers) == ["accepted", "repeated", "repeated"]
    assert {a.pool_id for a in answers if isinstance(a, Receipt)} == {world.pool_id}


async def test_a_pool_that_the_board_does_not_know_yet_is_found(
    world: World, database: Database
) -> None:
    (new,) = await new_pools(database, world, 1)
    assert world.container.board.pool(pool(new).pool_id or world.pool_id) is None
    code = await database.value("SELECT external_id FROM pool WHERE id = $1", new)
    said = Given(counts(10, 6), observed_at=NINE)
    stop_clock(world, NINE + MINUTE)
    references = [
        pool(new),
        PoolReference(external_id=code),
        PoolReference(agb=world.provider.agb, external_id=code),
    ]
    answers = await batch(world, [(reference, said) for reference in references])
    assert outcomes(answers) == ["accepted", "repeated", "repeated"]


async def test_what_is_not_there_or_somebody_elses_is_not_found_by_item(world: World) -> None:
    code = (await world.pool()).external_id
    references = [
        pool(world.pool_id),
        pool(uuid4()),
        PoolReference(agb=world.provider.agb, external_id=code),
        PoolReference(agb=world.provider.agb, external_id="bestaat-niet"),
        PoolReference(agb="00000000", external_id=code),
        # By its own code: the other's code is nothing here.
        PoolReference(external_id=code),
        PoolReference(),
        PoolReference(agb=world.provider.agb),
    ]
    said = Given(counts(10, 6))
    answers = await batch(world, [(one, said) for one in references], by=world.other)
    assert outcomes(answers) == ["not-found"] * 6 + ["invalid-input"] * 2
    found = [told(answer) for answer in answers]
    assert found[0] == found[1]


async def test_who_may_not_report_here_learns_nothing_of_the_figures(world: World) -> None:
    impossible = Given(counts(10, 11))
    answers = await batch(world, [(pool(world.pool_id), impossible)], by=world.other)
    assert outcomes(answers) == ["not-found"]


async def test_beds_and_closed_pools_refuse_by_item(world: World, database: Database) -> None:
    beds = await make_pool(world.container, world.location_id, CareType.MFB)
    closed, good = await new_pools(database, world, 2)
    async with database.connect() as connection:
        await connection.execute("UPDATE pool SET status = 'ended' WHERE id = $1", closed)
    said = Given(counts(10, 6))
    answers = await batch(world, [(pool(one), said) for one in (beds, closed, good)])
    assert outcomes(answers) == ["figures-from-beds", "pool-closed", "accepted"]


async def test_a_problem_that_is_given_is_its_own_answer(world: World, database: Database) -> None:
    bad = InvalidInput("zo niet")
    answers = await batch(world, [bad, (pool(world.pool_id), Given(counts(10, 6))), bad])
    assert answers[0] is answers[2] is bad
    assert outcomes(answers) == ["invalid-input", "accepted", "invalid-input"]


async def test_nothing_given_is_nothing_answered(world: World) -> None:
    assert await batch(world, []) == []


async def test_regions_go_each_their_own_way(world: World, database: Database) -> None:
    two = RegionId(2)
    await create_region(world.container, None, two, "twee", "Twee")
    here = await make_party(world.container, Role.PROVIDER_CAPACITY, two)
    async with database.connect() as connection:
        await connection.execute(
            "INSERT INTO organisation_region VALUES ($1, 1), ($2, 2) ON CONFLICT DO NOTHING",
            here.organisation_id,
            world.provider.organisation_id,
        )
    there = await make_pool(
        world.container, await make_location(world.container, world.provider, two)
    )
    said = [Given(counts(10, 6), observed_at=NINE), Given(counts(10, 7), observed_at=NINE + MINUTE)]
    stop_clock(world, NINE + 2 * MINUTE)
    answers = await batch(
        world,
        [(pool(one), saying) for saying in said for one in (world.pool_id, there)],
    )
    assert outcomes(answers) == ["accepted"] * 4
    receipts = [answer for answer in answers if isinstance(answer, Receipt)]
    assert [receipt.position.region_id for receipt in receipts] == [1, 2, 1, 2]
    assert [state["occupied"] for state in await states_told(database, there)] == [6, 7]


async def test_data_that_the_database_refuses_is_one_items_own(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the domain let something through; the pool of it is told of afterwards too."""
    pools = await new_pools(database, world, 9)
    monkeypatch.setattr(report_batches, "MAX_CHUNK", 9)
    monkeypatch.setattr("domain.capacity.check_figures", lambda _: None)
    stop_clock(world, NINE + 5 * MINUTE)
    given_: list[Item] = [
        (pool(one), Given(counts(10, 11 if n == 4 else 6), observed_at=NINE))
        for n, one in enumerate(pools)
    ]
    # More of the same pools: judged after what comes before, though that has to be done again.
    given_ += [
        (pool(one), Given(counts(10, 5), observed_at=NINE + MINUTE, expected_version=n != 4))
        for n, one in enumerate(pools)
    ]
    answers = await batch(world, given_)
    expected = ["accepted"] * 18
    expected[4] = "invalid-input"
    assert outcomes(answers) == expected
    refused = answers[4]
    assert isinstance(refused, Problem)
    assert "pool_occupied_operable_check" in str(refused.detail)
    for n, one in enumerate(pools):
        said = [state["occupied"] for state in await states_told(database, one)]
        assert said == ([5] if n == 4 else [6, 5])


async def test_a_caller_who_goes_takes_along_what_still_waits(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_batches, "MAX_CHUNK", 2)
    pools = await new_pools(database, world, 8)
    async with holding_pool(database, pools[0]):
        calling = asyncio.create_task(
            batch(world, [(pool(one), Given(counts(10, 6))) for one in pools])
        )
        await until_waiting(database)
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling
    # What was under way is committed, and nothing after it. And the lane serves the next.
    assert (await world.report(counts(10, 6))).outcome == "accepted"
    assert await commits_of(database, pools) == [2]
    again = await batch(world, [(pool(one), Given(counts(10, 6))) for one in pools])
    assert outcomes(again) == ["accepted"] * 8


async def test_an_overloaded_region_refuses_the_items_of_a_chunk_and_serves_the_rest_later(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_batches, "MAX_CHUNK", 4)
    monkeypatch.setattr(report_queue, "MAX_WAITING", 3)
    pools = await new_pools(database, world, 6)
    answers = await batch(world, [(pool(one), Given(counts(10, 6))) for one in pools])
    assert outcomes(answers) == ["overloaded"] * 4 + ["accepted"] * 2


async def test_a_feed_with_much_to_say_has_few_chunks_waiting(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that it can't fill the lane, and a single report waits for two of its chunks at most."""
    monkeypatch.setattr(report_batches, "MAX_CHUNK", 5)
    pools = await new_pools(database, world, 50)
    single = await world.pool()
    credential = await world.credential(world.provider)
    async with holding_pool(database, pools[0]):
        feeding = asyncio.create_task(
            batch(world, [(pool(one), Given(counts(10, 6))) for one in pools])
        )
        await until_waiting(database)
        calling = asyncio.create_task(
            reports.report_pool(world.container, credential, single, Given(counts(10, 6)))
        )
        await asyncio.sleep(0)
        assert not calling.done()
    receipt = await calling
    answers = await feeding
    assert outcomes(answers) == ["accepted"] * 50
    last = [a.position.number for a in answers if isinstance(a, Receipt)]
    assert sum(number < receipt.position.number for number in last) <= 10


async def test_a_revoked_key_is_found_out_before_anything_is_written(world: World) -> None:
    await keys.revoke_key(world.container, None, world.provider.key_id)
    with pytest.raises(NotSignedIn):
        await batch(world, [(pool(world.pool_id), Given(counts(10, 6)))])


async def test_an_unexpected_failure_is_nobodys_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("defect")

    monkeypatch.setattr(report_queue, "write_reports", broken)
    with pytest.raises(RuntimeError):
        await batch(world, [(pool(world.pool_id), Given(counts(10, 6)))])


async def test_an_answer_lost_around_the_commit_is_told_for_each_and_repeating_is_safe(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_batches, "MAX_CHUNK", 3)
    pools = await new_pools(database, world, 8)
    said = [(pool(one), Given(counts(10, 6), observed_at=NINE)) for one in pools]
    stop_clock(world, NINE + MINUTE)
    async with line_to(database.url) as line, running_queue(line.url) as queue:
        world.container.reports = queue
        assert outcomes(await batch(world, said[:1])) == ["accepted"]
        line.lose_answers()
        # Its connection is lost at the first chunk; the next ones can't even begin.
        answers = outcomes(await batch(world, said))
        assert answers[:3] == ["outcome-unknown"] * 3
        assert set(answers[3:]) <= {"outcome-unknown", "unavailable"}
        line.restore()

        async def committed() -> bool:
            return len(await states_told(database, pools[1])) == 1

        await until(committed)
        again = outcomes(await batch(world, said))
    assert set(again) == {"accepted", "repeated"}
    assert again[:3] == ["repeated"] * 3
    for one in pools:
        assert len(await states_told(database, one)) == 1
