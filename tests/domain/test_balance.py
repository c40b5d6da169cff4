"""The balance of a pool: each term of it, and that "klopt nog" leaves it as it was."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.capacity import Account, Admission, Figures, Ledger, balance, fold, movements_since
from tests.factories.figures import MORNING, STEP, accounts, moments

NINE = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
BEFORE, AFTER = NINE - STEP, NINE + STEP
COUNTS = Figures(operable=10, occupied=6, planned=1)


NOTHING = Ledger()


def account(ledger: Ledger = NOTHING, *, includes_holds: bool = False) -> Account:
    """Counts of nine o'clock with three places left."""
    return Account(COUNTS, NINE, includes_holds, ledger=ledger)


@pytest.mark.parametrize(
    ("ledger", "includes_holds", "expected"),
    [
        (Ledger(), False, 3),
        # A claim counts whatever the source knows; so does a promise, unless the source counts it.
        (Ledger(claimed=2), False, 1),
        (Ledger(claimed=2), True, 1),
        (Ledger(promised_at=(BEFORE, AFTER)), False, 1),
        (Ledger(promised_at=(BEFORE, AFTER)), True, 2),
        (Ledger(promised_at=(NINE,)), True, 3),
        # A movement counts once it is later than what the figures hold, by the microsecond.
        (Ledger(admissions=(Admission(BEFORE),)), False, 3),
        (Ledger(admissions=(Admission(NINE),)), False, 3),
        (Ledger(admissions=(Admission(NINE + timedelta(microseconds=1)),)), False, 2),
        (Ledger(discharged_at=(BEFORE, NINE)), False, 3),
        (Ledger(discharged_at=(AFTER,)), False, 4),
        # A source that counts our promises knew of an admission from its promise on.
        (Ledger(admissions=(Admission(AFTER, promised_at=BEFORE),)), False, 2),
        (Ledger(admissions=(Admission(AFTER, promised_at=BEFORE),)), True, 3),
        (Ledger(admissions=(Admission(AFTER, promised_at=AFTER),)), True, 2),
        (Ledger(admissions=(Admission(AFTER),)), True, 2),
        # A shortage is a true answer.
        (Ledger(claimed=3, promised_at=(BEFORE, BEFORE)), False, -2),
    ],
)
def test_each_term_of_the_balance(ledger: Ledger, includes_holds: bool, expected: int) -> None:
    assert balance(account(ledger, includes_holds=includes_holds)) == expected


def test_what_the_report_leaves_unknown_no_ledger_makes_known() -> None:
    unknown = replace(account(Ledger(claimed=1)), figures=Figures(operable=10))
    assert balance(unknown) is None


@given(accounts())
def test_klopt_nog_leaves_the_balance_as_it_was(before: Account) -> None:
    after = fold(before)
    assert balance(after) == balance(before)
    assert movements_since(after) == (0, 0)
    assert after.counted_until == before.counted_until


@given(accounts())
def test_klopt_nog_twice_is_klopt_nog_once(before: Account) -> None:
    once = fold(before)
    assert fold(once) == once


@given(accounts(), moments, st.none() | moments)
def test_one_more_admission_takes_at_most_one_place_before_and_after_klopt_nog(
    before: Account, at: datetime, promised_at: datetime | None
) -> None:
    def admitted(to: Account) -> Account:
        ledger = to.ledger
        more = (*ledger.admissions, Admission(at, promised_at))
        return replace(to, ledger=replace(ledger, admissions=more))

    counted_from = (promised_at or at) if before.includes_holds else at
    taken = 1 if counted_from > before.counted_until else 0
    for account_ in (before, fold(before)):
        was, is_now = balance(account_), balance(admitted(account_))
        if was is None:
            assert is_now is None
        else:
            assert is_now == was - taken


@given(accounts(), moments)
def test_an_admission_takes_the_place_of_its_promise(before: Account, promised: datetime) -> None:
    ledger = before.ledger
    before = replace(
        before,
        includes_holds=False,
        ledger=replace(ledger, promised_at=(*ledger.promised_at, promised)),
    )
    # Later than whatever a report covers, so no figure holds it yet.
    arrived = Admission(MORNING + timedelta(days=1), promised)
    after = replace(
        before,
        ledger=replace(ledger, admissions=(*ledger.admissions, arrived)),
    )
    assert balance(after) == balance(before)


def test_klopt_nog_puts_what_happened_since_into_the_figures() -> None:
    ledger = Ledger(
        admissions=(Admission(AFTER), Admission(AFTER), Admission(BEFORE)), discharged_at=(AFTER,)
    )
    folded = fold(account(ledger))
    assert folded.figures == replace(COUNTS, occupied=7)
    assert (folded.folded_admissions, folded.folded_discharges) == (2, 1)
    seen = fold(Account(Figures(free=3), NINE, ledger=ledger))
    assert seen.figures == Figures(free=2)


def test_an_admission_registered_after_klopt_nog_with_an_earlier_time_still_counts() -> None:
    confirmed = fold(account())
    late = replace(confirmed, ledger=Ledger(admissions=(Admission(AFTER),)))
    assert balance(late) == 2
    assert balance(fold(late)) == 2


@given(accounts())
def test_a_new_report_that_holds_everything_owes_nothing_to_the_ledger(before: Account) -> None:
    ledger = replace(before.ledger, claimed=0, promised_at=())
    later = MORNING + timedelta(days=2)
    assert balance(Account(before.figures, later, ledger=ledger)) == before.figures.base
