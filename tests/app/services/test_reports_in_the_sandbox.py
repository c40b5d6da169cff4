"""A feed in the sandbox: its reports are checked, judged and kept, and count for nothing."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.services import keys
from app.services.report_batches import Shown
from app.services.reports import Given, Receipt
from app.services.sources import release_source
from domain.actors import Role
from domain.capacity import Figures, Outcome
from domain.care_types import CareType
from domain.errors import (
    FiguresFromBeds,
    InvalidInput,
    NotFound,
    NothingToConfirm,
    ObservedInFuture,
    VersionChanged,
)
from domain.outlook import Forecast
from tests.factories.world import Party, World, counts, make_pool
from tests.support.batching import batch, new_pools, outcomes, pool, states_told, stop_clock
from tests.support.database import Database

NINE = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def novice(world: World) -> Party:
    """A new feed of the first pool's owner."""
    owner = world.provider
    new = keys.NewKey(
        owner.organisation_id, Role.PROVIDER_CAPACITY, "nieuwe koppeling", sandbox=True
    )
    issued = await keys.issue_key(world.container, None, new)
    assert issued.key is not None
    return Party(owner.organisation_id, owner.agb, issued.key, issued.id)


async def release(world: World, novice: Party) -> None:
    """The operator trusts the feed from now on."""
    source = (await world.credential(novice)).source
    assert source is not None
    await release_source(world.container, None, source.id)


async def kept(database: Database) -> list[tuple[str, int | None]]:
    """Outcomes and versions in history, in the order of their stating."""
    rows = await database.all(
        "SELECT outcome, version FROM pool_report ORDER BY stated_at, outcome"
    )
    return [tuple(row) for row in rows]


async def test_it_changes_no_figure_and_makes_no_event(
    world: World, novice: Party, database: Database
) -> None:
    await world.report(counts(10, 6), observed_at=NINE)
    stood = await database.one("SELECT * FROM pool")
    head = await database.one("SELECT * FROM stream WHERE region_id = 1")
    tried = await world.report(counts(10, 2), by=novice, observed_at=NINE + MINUTE)
    assert await database.one("SELECT * FROM pool") == stood
    assert await database.one("SELECT * FROM stream WHERE region_id = 1") == head
    assert await kept(database) == [("accepted", 1), ("sandbox", None)]
    assert (tried.outcome, tried.version, tried.balance) == (Outcome.SANDBOX, 1, 4)
    assert tried.observed_at == NINE
    audited = await database.all("SELECT outcome FROM audit WHERE action = 'capacity.report'")
    assert [row["outcome"] for row in audited] == ["accepted", "sandbox"]


async def test_before_any_report_stands_its_receipt_tells_of_none(
    world: World, novice: Party, database: Database
) -> None:
    tried = await world.report(counts(10, 2), by=novice)
    assert (tried.outcome, tried.version) == (Outcome.SANDBOX, 0)
    told = (tried.observed_at, tried.received_at, tried.valid_until, tried.balance, tried.free)
    assert told == (None,) * 5
    assert await states_told(database, world.pool_id) == []


async def test_the_same_again_is_repeated_and_kept_once(
    world: World, novice: Party, database: Database
) -> None:
    for expected in (Outcome.SANDBOX, Outcome.REPEATED, Outcome.REPEATED):
        tried = await world.report(counts(10, 2), by=novice, observed_at=NINE)
        assert tried.outcome == expected
    assert await kept(database) == [("sandbox", None)]


async def test_after_the_release_the_same_report_counts(
    world: World, novice: Party, database: Database
) -> None:
    await world.report(counts(10, 2), by=novice, observed_at=NINE)
    await release(world, novice)
    said = await world.report(counts(10, 2), by=novice, observed_at=NINE)
    assert (said.outcome, said.version, said.free) == (Outcome.ACCEPTED, 1, 8)
    assert await kept(database) == [("accepted", 1), ("sandbox", None)]
    again = await world.report(counts(10, 2), by=novice, observed_at=NINE)
    assert again.outcome is Outcome.REPEATED


@pytest.mark.parametrize("sandbox_first", [False, True])
@pytest.mark.parametrize("minutes", [-1, 0, 1])
async def test_it_neither_beats_nor_supersedes_what_counts(
    world: World, novice: Party, sandbox_first: bool, minutes: int
) -> None:
    stop_clock(world, NINE + 9 * MINUTE)
    observed_at = NINE + minutes * MINUTE
    if sandbox_first:
        await world.report(counts(10, 9), by=novice, observed_at=observed_at)
    real = await world.report(counts(10, 6), observed_at=NINE)
    if not sandbox_first:
        tried = await world.report(counts(10, 9), by=novice, observed_at=observed_at)
        assert tried.outcome is Outcome.SANDBOX
    assert (real.outcome, real.version) == (Outcome.ACCEPTED, 1)
    assert await world.balance() == 4
    # Nor is what it said a version that others could have been shown.
    assert (await world.report(counts(10, 5), expected_version=1)).version == 2


async def test_it_is_refused_what_any_report_is_refused(
    world: World, novice: Party, database: Database
) -> None:
    beds = await make_pool(world.container, world.location_id, CareType.MFB)
    tomorrow = world.container.now() + timedelta(days=1)
    with pytest.raises(InvalidInput):
        await world.report(counts(10, 11), by=novice)
    far = Figures(free=1, forecast=Forecast.of({date(2050, 1, 1): 1}))
    with pytest.raises(InvalidInput):
        await world.report(far, by=novice)
    with pytest.raises(ObservedInFuture):
        await world.report(counts(10, 6), by=novice, observed_at=tomorrow)
    with pytest.raises(VersionChanged):
        await world.report(counts(10, 6), by=novice, expected_version=1)
    with pytest.raises(FiguresFromBeds):
        await world.report(counts(10, 6), by=novice, pool_id=beds)
    with pytest.raises(NothingToConfirm):
        await world.confirm(0, by=novice)
    theirs = await make_pool(world.container, world.location_id)
    async with database.connect() as connection:
        update = "UPDATE pool SET organisation_id = $1 WHERE id = $2"
        await connection.execute(update, world.other.organisation_id, theirs)
    # Its board may not know yet; the lock does.
    with pytest.raises(NotFound):
        await world.report(counts(10, 6), by=novice, pool_id=theirs)
    assert await kept(database) == []


async def test_klopt_nog_from_the_sandbox_confirms_nothing(
    world: World, novice: Party, database: Database
) -> None:
    await world.report(counts(10, 6), observed_at=NINE)
    stood = await database.one("SELECT * FROM pool")
    tried = await world.confirm(1, by=novice)
    assert (tried.outcome, tried.version, tried.observed_at) == (Outcome.SANDBOX, 1, NINE)
    assert await database.one("SELECT * FROM pool") == stood
    with pytest.raises(VersionChanged):
        await world.confirm(2, by=novice)
    await release(world, novice)
    assert (await world.confirm(1, by=novice)).version == 2


async def test_among_many_each_is_told_so_and_no_chunk_suffers(
    world: World, novice: Party, database: Database
) -> None:
    one, two, three = await new_pools(database, world, 3)
    stop_clock(world, NINE)
    said = Given(counts(10, 6), observed_at=NINE)
    assert (
        outcomes(await batch(world, [(pool(two), said), (pool(three), said)])) == ["accepted"] * 2
    )
    answers = await batch(
        world,
        [
            *((pool(one), said), (pool(one), said), (pool(two), said), (pool(two), Shown(1))),
            *((pool(two), Shown(1)), (pool(three), Shown(2)), (pool(three), Shown(1))),
        ],
        by=novice,
    )
    assert outcomes(answers) == [
        *("sandbox", "repeated", "sandbox", "sandbox", "sandbox", "version-changed", "sandbox")
    ]
    receipts = [answer for answer in answers if isinstance(answer, Receipt)]
    assert [receipt.version for receipt in receipts] == [0, 0, 1, 1, 1, 1]


async def test_its_receipt_warns_as_any_other(world: World, novice: Party) -> None:
    await world.report(Figures(free=2))
    await world.settled()
    tried = await world.report(Figures(free=12), by=novice)
    assert [str(warning) for warning in tried.warnings] == ["sprong:free"]
