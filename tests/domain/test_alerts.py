"""The watchdog: which alert holds from when, and when it has to look again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alerts import BY_THE_CLOCK, AlertKind, Watched, watch
from domain.needs import Urgency
from domain.norms import Norms
from domain.referrals import PROMISED, ReferralState

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
NORMS = Norms()
FILED = Watched(ReferralState.GETRIEERD, Urgency.SPOED, NOON)
A, S = AlertKind, ReferralState


def minutes(count: float) -> datetime:
    """So long after noon."""
    return NOON + timedelta(minutes=count)


def begins(watched: Watched, kind: AlertKind, at: datetime) -> None:
    """Asserts that an alert begins to hold at this moment, no earlier, and that one looks then."""
    before = watch(watched, at - timedelta(microseconds=1), NORMS)
    assert kind not in before.alerts
    assert before.look_again_at is not None
    assert before.look_again_at <= at
    assert kind in watch(watched, at, NORMS).alerts


def test_nobody_worries_about_what_ended_or_was_never_filed() -> None:
    late = replace(
        FILED, unhandled_since=NOON, target_at=NOON, call_back_at=NOON, needs_triage=True
    )
    for state in S:
        found = watch(replace(late, state=state), minutes(9999), NORMS)
        assert bool(found.alerts) != state.ended
    draft = watch(replace(late, filed_at=None), minutes(9999), NORMS)
    assert (draft.alerts, draft.look_again_at) == (frozenset(), None)


@pytest.mark.parametrize(
    ("urgency", "after"), [(Urgency.ACUUT, 5), (Urgency.SPOED, 30), (Urgency.REGULIER, 240)]
)
def test_a_referral_that_nobody_has_in_hand_is_told_of(urgency: Urgency, after: int) -> None:
    begins(replace(FILED, urgency=urgency, unhandled_since=NOON), A.GEEN_EIGENAAR, minutes(after))


def test_a_late_triage_is_told_of_until_it_was_done() -> None:
    waiting = replace(FILED, needs_triage=True, triage_by=minutes(60))
    begins(waiting, A.TRIAGE_TE_LAAT, minutes(60))
    assert not watch(replace(waiting, needs_triage=False), minutes(99), NORMS).alerts


def test_near_goes_when_the_target_has_passed() -> None:
    hurried = replace(FILED, target_at=minutes(100))
    begins(hurried, A.DOELTIJD_NADERT, minutes(67))
    begins(hurried, A.DOELTIJD_VOORBIJ, minutes(100))
    assert watch(hurried, minutes(100), NORMS).alerts == {A.DOELTIJD_VOORBIJ}


@pytest.mark.parametrize("state", sorted(PROMISED))
def test_with_a_place_promised_nothing_is_near(state: ReferralState) -> None:
    placed = replace(FILED, state=state, target_at=minutes(100))
    assert not watch(placed, minutes(99), NORMS).alerts
    assert watch(placed, minutes(100), NORMS).alerts == {A.DOELTIJD_VOORBIJ}


def test_a_target_that_had_passed_before_filing_is_told_at_once() -> None:
    told_late = replace(FILED, target_at=minutes(-30))
    assert watch(told_late, NOON, NORMS).alerts == {A.DOELTIJD_VOORBIJ}


def test_who_is_there_is_waited_for_by_nobody() -> None:
    there = replace(
        FILED, state=S.OPGENOMEN, unhandled_since=NOON, target_at=NOON, admission_at=NOON
    )
    assert not watch(there, minutes(9999), NORMS).alerts


def test_not_arrived_is_told_two_hours_after_what_was_agreed() -> None:
    agreed = replace(FILED, state=S.GEACCEPTEERD, promised_at=minutes(-60), admission_at=NOON)
    for state in PROMISED:
        begins(replace(agreed, state=state), A.NIET_AANGEKOMEN, minutes(120))
    for state in set(S) - PROMISED:
        assert not watch(replace(agreed, state=state), minutes(9999), NORMS).alerts


def test_without_an_agreed_moment_somebody_is_expected_by_the_target_or_in_a_day() -> None:
    promised = replace(FILED, state=S.GEACCEPTEERD, promised_at=NOON)
    begins(promised, A.NIET_AANGEKOMEN, minutes(24 * 60 + 120))
    later = replace(promised, target_at=minutes(48 * 60))
    found = watch(later, minutes(48 * 60 + 119), NORMS)
    assert A.NIET_AANGEKOMEN not in found.alerts
    assert found.look_again_at == minutes(48 * 60 + 120)


def test_whose_word_a_provider_s_answer_needs_is_given_as_long_as_the_provider_had() -> None:
    for state in (S.TEGENVOORSTEL, S.ONDER_VOORBEHOUD_ARTS, S.WACHT_OP_CLIENT):
        answered = replace(FILED, state=state, answered_at=NOON)
        allowed = NORMS.answer[answered.urgency].minutes
        begins(answered, A.WACHT_TE_LANG, minutes(allowed))


def test_a_review_is_for_who_stays_somewhere() -> None:
    due = replace(FILED, review_at=minutes(10))
    for state in S:
        told = A.EVALUATIE in watch(replace(due, state=state), minutes(10), NORMS).alerts
        assert told == (state in (S.OPGENOMEN, S.TIJDELIJK_GEPLAATST))


def test_a_call_back_is_told_at_its_time() -> None:
    begins(replace(FILED, call_back_at=minutes(45)), A.TERUGBELLEN, minutes(45))


moments = st.none() | st.integers(-300, 3000).map(minutes)


@st.composite
def watched(draw: st.DrawFn) -> Watched:
    """Any referral that the watchdog may meet."""
    given_: dict[str, Any] = {
        name: draw(moments)
        for name in (
            *("unhandled_since", "triage_by", "target_at", "call_back_at"),
            *("admission_at", "review_at"),
        )
    }
    return Watched(
        draw(st.sampled_from(S)),
        draw(st.sampled_from(Urgency)),
        NOON,
        needs_triage=draw(st.booleans()),
        **given_,
    )


@given(watched(), st.integers(-300, 3000).map(minutes), st.integers(0, 3600 * 24))
def test_nothing_changes_before_the_moment_at_which_one_looks_again(
    one: Watched, now: datetime, later: int
) -> None:
    found = watch(one, now, NORMS)
    assert found.alerts <= BY_THE_CLOCK
    until = found.look_again_at
    assert until is None or until > now
    then = now + timedelta(seconds=later)
    if until is None or then < until:
        assert watch(one, then, NORMS) == found
    else:
        assert watch(one, until, NORMS).alerts != found.alerts
