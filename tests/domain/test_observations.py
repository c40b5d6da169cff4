"""Of two reports of the same bed or team the same one stands, whichever comes first."""

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.capacity import Outcome
from domain.errors import InvalidInput, VersionChanged
from domain.observations import Fate, Observation, check_day, judge
from tests.factories.times import HOUR, MINUTE, NINE

observations = st.builds(
    Observation,
    stated_at=st.integers(0, 2).map(lambda n: NINE + n * MINUTE),
    observed_at=st.integers(0, 2).map(lambda n: NINE + n * MINUTE),
    rank=st.tuples(st.integers(0, 2), st.integers(0, 1)),
    digest=st.sampled_from([b"a", b"b", b"c"]),
)


def fate(
    said: Observation,
    stands: Observation | None,
    *,
    version: int = 3,
    expected_version: int | None = None,
    known: bool = False,
    sandbox: bool = False,
) -> Fate:
    """`judge` with what doesn't matter left out."""
    return judge(
        said,
        stands,
        version=version,
        expected_version=expected_version,
        known=known,
        sandbox=sandbox,
    )


@given(observations, observations)
def test_exactly_one_of_two_different_reports_stands(a: Observation, b: Observation) -> None:
    same = (a.observed_at, a.rank, a.digest) == (b.observed_at, b.rank, b.digest)
    assert a.outranks(b) + b.outranks(a) == (not same)


@given(st.lists(observations, min_size=1, max_size=6), st.randoms())
def test_what_stands_in_the_end_doesnt_depend_on_the_order(
    said: list[Observation], random: Random
) -> None:
    def outcome(order: list[Observation]) -> tuple[object, ...]:
        stands: Observation | None = None
        seen: set[tuple[object, bytes]] = set()
        for one in order:
            known = (one.stated_at, one.digest) in seen
            if fate(one, stands, known=known) is Fate.ACCEPTED:
                stands = one
            seen.add((one.stated_at, one.digest))
        assert stands is not None
        return (stands.observed_at, stands.rank, stands.digest)

    # One statement of a source is one report: the same key never has two contents.
    unique = list({(one.stated_at, one.digest): one for one in said}.values())
    shuffled = list(unique)
    random.shuffle(shuffled)
    assert outcome(unique) == outcome(shuffled)


FIRST = Observation(NINE, NINE, (1,), b"x")


def test_the_newest_observation_stands() -> None:
    newer = Observation(NINE + HOUR, NINE + HOUR, (0,), b"a")
    assert fate(newer, FIRST) is Fate.ACCEPTED
    assert fate(FIRST, newer) is Fate.SUPERSEDED
    assert fate(FIRST, None) is Fate.ACCEPTED


def test_of_equal_observations_the_one_that_promises_less_stands_then_the_digest() -> None:
    assert fate(Observation(NINE, NINE, (2,), b"a"), FIRST) is Fate.ACCEPTED
    assert fate(Observation(NINE, NINE, (0,), b"z"), FIRST) is Fate.SUPERSEDED
    assert fate(Observation(NINE, NINE, (1,), b"y"), FIRST) is Fate.ACCEPTED
    assert fate(Observation(NINE, NINE, (1,), b"w"), FIRST) is Fate.SUPERSEDED


def test_the_same_twice_is_repeated_whatever_version_was_shown() -> None:
    assert fate(FIRST, FIRST, expected_version=1, known=True) is Fate.REPEATED


def test_another_version_than_was_shown_is_refused_with_the_current_one() -> None:
    newer = Observation(NINE + HOUR, NINE + HOUR, (0,), b"a")
    with pytest.raises(VersionChanged) as refused:
        fate(newer, FIRST, expected_version=2)
    assert refused.value.facts == {"current": 3}
    assert fate(newer, FIRST, expected_version=3) is Fate.ACCEPTED


def test_a_report_that_history_has_changes_nothing_and_is_not_kept_again() -> None:
    newer = Observation(NINE + HOUR, NINE + HOUR, (0,), b"a")
    found = fate(newer, FIRST, known=True)
    assert (found, found.outcome, found.is_kept) == (Fate.KNOWN, Outcome.SUPERSEDED, False)


def test_the_sandbox_never_counts_and_is_kept_once() -> None:
    newer = Observation(NINE + HOUR, NINE + HOUR, (0,), b"a")
    first = fate(newer, FIRST, sandbox=True)
    assert (first.outcome, first.is_kept) == (Outcome.SANDBOX, True)
    again = fate(newer, FIRST, sandbox=True, known=True)
    assert (again.outcome, again.is_kept) == (Outcome.REPEATED, False)
    with pytest.raises(VersionChanged):
        fate(newer, FIRST, sandbox=True, expected_version=9)


@pytest.mark.parametrize("fate_", Fate)
def test_every_fate_has_an_outcome(fate_: Fate) -> None:
    assert isinstance(fate_.outcome, Outcome)
    assert fate_.is_kept == (fate_ in (Fate.ACCEPTED, Fate.SUPERSEDED, Fate.SANDBOX))


def test_a_day_more_than_a_year_away_is_a_slip() -> None:
    today = date(2026, 11, 22)
    check_day(None, today, "/x")
    for days in (-366, 0, 366):
        check_day(today + timedelta(days=days), today, "/x")
    for days in (-367, 367):
        with pytest.raises(InvalidInput) as refused:
            check_day(today + timedelta(days=days), today, "/x")
        assert refused.value.pointer == "/x"
