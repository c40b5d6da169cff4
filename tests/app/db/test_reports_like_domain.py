"""The database does the domain's sums: balance, precedence and "klopt nog", for any history."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.db.reports import ReportItem
from domain import capacity
from domain.capacity import Admission, Figures
from tests.factories.figures import MORNING, STEP, figures, lags, moments
from tests.factories.world import World
from tests.support.database import register_admission, register_promise
from tests.support.pool_model import PoolModel, account_of
from tests.support.reporting import (
    Feed,
    HotStatement,
    another_pool,
    feed,
    report_item,
)

FEEDS = [feed(), feed(timedelta(hours=2)), feed(STEP, includes_holds=True)]
in_one_database = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@dataclass(frozen=True, slots=True)
class Report:
    """A report; `skew` steps lie between what was stated and what is believed of it."""

    source: Feed
    said: Figures
    stated_at: datetime
    skew: int
    expected: int | None
    sandbox: bool = False


@dataclass(frozen=True, slots=True)
class Again:
    """The same report as one of before, sent anew: with `sent_at`, its skew comes out otherwise."""

    which: int
    skew: int


@dataclass(frozen=True, slots=True)
class Confirm:
    """A "klopt nog" to the version `shown` versions ago."""

    source: Feed
    at: datetime
    shown: int
    sandbox: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """A place claimed, or given back."""

    by: int


@dataclass(frozen=True, slots=True)
class Promise:
    """A place promised."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Admit:
    """Someone admitted; on the oldest open promise when there is one and `promised`."""

    at: datetime
    promised: bool


@dataclass(frozen=True, slots=True)
class Discharge:
    """Someone left."""

    at: datetime


feeds = st.sampled_from(FEEDS)
# Few figures, so that reports repeat and tie.
said = st.sampled_from(
    [
        Figures(free=2),
        Figures(free=0),
        Figures(operable=6, occupied=4, planned=0),
        Figures(operable=6, occupied=2, planned=2),
        Figures(operable=6, occupied=6, planned=3),
        Figures(operable=6),
    ]
)
skews = st.sampled_from([0, 0, 0, -1, 1])
in_sandbox = st.sampled_from([False, False, True])
reports = st.builds(Report, feeds, said, moments, skews, st.sampled_from([None, None, None, 0, 1]))
tried = st.builds(Report, feeds, said, moments, skews, st.sampled_from([None, 0]), st.just(True))
acts = st.one_of(
    reports,
    reports,
    tried,
    st.builds(Again, st.integers(0, 13), skews),
    st.builds(Confirm, feeds, moments, st.sampled_from([0, 0, 1]), in_sandbox),
    st.builds(Claim, st.sampled_from([1, -1])),
    st.builds(Promise, moments),
    st.builds(Admit, moments, st.booleans()),
    st.builds(Discharge, moments),
)


def item_of(act: Report | Confirm, pool_id: UUID, model: PoolModel) -> ReportItem:
    """The act as the hot statement takes it."""
    if isinstance(act, Confirm):
        shown = model.version - act.shown
        return report_item(
            pool_id, None, act.source, act.at, expected_version=shown, sandbox=act.sandbox
        )
    expected = None if act.expected is None else model.version - act.expected
    return report_item(
        pool_id,
        act.said,
        act.source,
        act.stated_at,
        observed_at=act.stated_at + act.skew * STEP,
        received_at=MORNING + timedelta(days=1),
        expected_version=expected,
        sandbox=act.sandbox,
    )


async def move(hot: HotStatement, pool_id: UUID, model: PoolModel, act: object) -> None:
    """Does to the row, and to the model's ledger, what an act on a referral will do."""
    ledger = model.ledger
    match act:
        case Claim(by):
            model.ledger = replace(ledger, claimed=max(0, ledger.claimed + by))
            claimed = model.ledger.claimed
            update = "UPDATE pool SET claimed = $2 WHERE id = $1"
            await hot.connection.execute(update, pool_id, claimed)
        case Promise(at):
            # Two promises never share a moment: they are told apart by it.
            at += len(ledger.promised_at) * timedelta(seconds=1)
            if at not in ledger.promised_at:
                model.ledger = replace(ledger, promised_at=(*ledger.promised_at, at))
                await register_promise(hot.connection, pool_id, at)
        case Admit(at, promised):
            open_ = ledger.promised_at
            on = open_[0] if promised and open_ else None
            model.ledger = replace(
                ledger,
                promised_at=open_[1:] if on else open_,
                admissions=(*ledger.admissions, Admission(at, on)),
            )
            await register_admission(hot.connection, pool_id, at, on)
        case Discharge(at):
            model.ledger = replace(ledger, discharged_at=(*ledger.discharged_at, at))
            update = (
                "UPDATE pool SET discharged_at = discharged_at || $2::timestamptz WHERE id = $1"
            )
            await hot.connection.execute(update, pool_id, at)


async def check(hot: HotStatement, pool_id: UUID, model: PoolModel) -> None:
    """The row says what the model says."""
    row = SimpleNamespace(
        **await hot.connection.fetchrow("SELECT * FROM pool WHERE id = $1", pool_id)
    )
    assert row.report_version == model.version
    assert row.balance == model.balance
    if model.standing is None:
        assert row.observed_at is None
        return
    account = account_of(row)
    assert account == model.account
    assert capacity.balance(account) == row.balance
    assert row.base == account.figures.base
    precedence = model.standing.precedence
    assert (row.observed_at, row.base, row.digest) == (
        precedence.observed_at,
        precedence.base,
        precedence.digest,
    )


@settings(in_one_database, max_examples=200)
@given(history=st.lists(acts, min_size=1, max_size=14))
async def test_any_history_ends_in_the_database_as_in_the_domain(
    hot: HotStatement, world: World, history: list[object]
) -> None:
    pool_id, model = await another_pool(hot.connection, world.pool_id), PoolModel()
    reported: list[Report] = []
    for act in history:
        if isinstance(act, Again):
            if not reported:
                continue
            act = replace(reported[act.which % len(reported)], skew=act.skew)
        if isinstance(act, Report):
            reported.append(act)
        if isinstance(act, Report | Confirm):
            item = item_of(act, pool_id, model)
            result = await hot.one(item)
            assert result.verdict == model.take(item)
            assert (result.version, result.balance) == (model.version, model.balance)
        else:
            await move(hot, pool_id, model, act)
        await check(hot, pool_id, model)
    kept = await hot.connection.fetch(
        "SELECT stated_at, digest, outcome, version FROM pool_report WHERE pool_id = $1", pool_id
    )
    assert {(row["stated_at"], row["digest"]) for row in kept} == model.taken
    versions = sorted(row["version"] for row in kept if row["outcome"] == "accepted")
    assert versions == list(range(1, model.version + 1))
    events = await hot.connection.fetch(
        "SELECT data FROM event WHERE kind = 'capacity' AND subject_id = $1::text ORDER BY number",
        str(pool_id),
    )
    assert [json.loads(row["data"])["version"] for row in events] == versions


@in_one_database
@given(
    said=figures(),
    at=moments,
    lag=lags,
    includes_holds=st.booleans(),
    movements=st.lists(acts, max_size=8),
)
async def test_the_generated_balance_is_the_domains_for_any_figures_and_ledger(
    hot: HotStatement,
    world: World,
    said: Figures,
    at: datetime,
    lag: timedelta,
    includes_holds: bool,
    movements: list[object],
) -> None:
    pool_id, model = await another_pool(hot.connection, world.pool_id), PoolModel()
    for act in movements:
        await move(hot, pool_id, model, act)
    item = report_item(pool_id, said, feed(lag, includes_holds=includes_holds), at)
    result = await hot.one(item)
    assert result.verdict == model.take(item)
    assert result.balance == model.balance
    await check(hot, pool_id, model)
    confirmation = report_item(pool_id, None, FEEDS[0], at + STEP, expected_version=1)
    confirmed = await hot.one(confirmation)
    assert model.take(confirmation) == confirmed.verdict == "accepted"
    assert confirmed.balance == result.balance
    await check(hot, pool_id, model)


@in_one_database
@given(one=reports, two=reports, at=moments, skew=skews)
async def test_equal_observations_in_both_orders_end_in_the_same_state(
    hot: HotStatement, world: World, one: Report, two: Report, at: datetime, skew: int
) -> None:
    states = []
    for order in ((one, two), (two, one)):
        pool_id = await another_pool(hot.connection, world.pool_id)
        model = PoolModel()
        for act in order:
            same = replace(act, stated_at=at, skew=skew, expected=None)
            await hot.one(item_of(same, pool_id, model))
        row = await hot.connection.fetchrow(
            "SELECT source_id, observed_at, counted_until, includes_holds, physical, operable,"
            " occupied, planned, closed, closed_reason, free, available_from, base, balance, digest"
            " FROM pool WHERE id = $1",
            pool_id,
        )
        states.append(tuple(row))
    assert states[0] == states[1]


@in_one_database
@given(batch=st.lists(reports, min_size=2, max_size=6), earlier=st.lists(reports, max_size=3))
async def test_a_batch_does_to_each_pool_what_a_commit_of_its_own_does(
    hot: HotStatement, world: World, batch: list[Report], earlier: list[Report]
) -> None:
    items, models = [], []
    for index, act in enumerate(batch):
        pool_id, model = await another_pool(hot.connection, world.pool_id), PoolModel()
        if index < len(earlier):
            first = item_of(earlier[index], pool_id, model)
            assert (await hot.one(first)).verdict == model.take(first)
        items.append(item_of(act, pool_id, model))
        models.append(model)
    together = await hot.write(*items)
    for item, model, result in zip(items, models, together, strict=True):
        assert result.verdict == model.take(item)
        assert (result.version, result.balance) == (model.version, model.balance)
        await check(hot, item.pool_id, model)
    positions = [result.position for result in together if result.verdict == "accepted"]
    assert len(set(positions)) == len(positions)
