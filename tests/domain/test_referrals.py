"""The table of a referral's life, and the state that its offers make."""

from collections.abc import Iterable

import pytest

from domain.errors import WrongState
from domain.offers import Awaiting, OfferState
from domain.referrals import (
    BY_OFFERS,
    PROMISED,
    TABLE,
    OfferStanding,
    ReferralState,
    Step,
    check_led,
    check_step,
    standing,
)

S, O = ReferralState, OfferState  # noqa: E741  # a table of states is read by its letters
ENDED = {S.AFGESLOTEN, S.INGETROKKEN, S.OVERLEDEN}
OPEN = set(S) - ENDED
#: A coordination point looks for a place.
BACK = {S.GETRIEERD, S.TIJDELIJK_GEPLAATST, S.GEEN_PLEK}
SEEKING = {S.GETRIEERD, S.AANGEBODEN, S.TEGENVOORSTEL, S.WACHT_OP_CLIENT, S.GEEN_PLEK}
SEEKING |= {S.TIJDELIJK_GEPLAATST}

#: What may come after the end: what was said, what is worth knowing, what follows, a hand-over's answer.
AFTERWARDS = {Step.CONTACTED, Step.NOTED, Step.WAIT_ENDED, Step.SUCCEEDED}
AFTERWARDS |= {Step.HANDOVER_REFUSED, Step.HANDOVER_WITHDRAWN}

#: The steps that end or begin something for everybody: from where, and to where alone.
WRITTEN_OUT: dict[Step, tuple[set[ReferralState], set[ReferralState]]] = {
    Step.FILED: ({S.CONCEPT}, {S.INGEDIEND}),
    Step.CLIENT_AGREED: ({S.WACHT_OP_CLIENT}, {S.GEACCEPTEERD}),
    Step.CLIENT_ASKED: ({S.GEACCEPTEERD, S.TEGENVOORSTEL}, {S.WACHT_OP_CLIENT}),
    Step.COUNTER_ACCEPTED: ({S.TEGENVOORSTEL, S.WACHT_OP_CLIENT}, {S.GEACCEPTEERD}),
    Step.DOCTOR_AGREED: ({S.ONDER_VOORBEHOUD_ARTS}, {S.GEACCEPTEERD}),
    Step.DOCTOR_DECLINED: ({S.ONDER_VOORBEHOUD_ARTS}, BACK),
    Step.PROMISE_RELEASED: (set(PROMISED), BACK),
    Step.ADMITTED: ({S.GEACCEPTEERD}, {S.OPGENOMEN, S.TIJDELIJK_GEPLAATST}),
    Step.NOT_ARRIVED: (set(PROMISED), {*PROMISED, *BACK}),
    Step.OFFERED: (SEEKING, {S.AANGEBODEN, S.TEGENVOORSTEL, S.WACHT_OP_CLIENT}),
    Step.OFFER_ACCEPTED: (
        {S.AANGEBODEN, S.TEGENVOORSTEL, S.WACHT_OP_CLIENT},
        {S.GEACCEPTEERD, S.ONDER_VOORBEHOUD_ARTS, S.WACHT_OP_CLIENT},
    ),
    Step.STAY_KEPT: ({S.TIJDELIJK_GEPLAATST, S.GEEN_PLEK}, {S.OPGENOMEN}),
    Step.NO_PLACE: ({S.GETRIEERD, S.TIJDELIJK_GEPLAATST}, {S.GEEN_PLEK}),
    Step.HANDOVER_ACCEPTED: (
        SEEKING - {S.TIJDELIJK_GEPLAATST} | {S.INGEDIEND, S.AANVULLING_GEVRAAGD, S.OVERGEDRAGEN},
        {S.OVERGEDRAGEN},
    ),
    Step.WITHDRAWN: (OPEN - {S.OPGENOMEN}, {S.INGETROKKEN}),
    Step.DIED: (OPEN, {S.OVERLEDEN}),
    Step.CLOSED: (
        OPEN - {S.CONCEPT, S.OPGENOMEN, S.GEACCEPTEERD, S.ONDER_VOORBEHOUD_ARTS},
        {S.AFGESLOTEN},
    ),
}


@pytest.mark.parametrize("step", Step)
def test_each_step_of_each_state_is_allowed_or_refused(step: Step) -> None:
    for state in S:
        if state in TABLE[step]:
            check_step(step, state)
            assert TABLE[step][state], "a step that is allowed leads somewhere"
        else:
            with pytest.raises(WrongState) as raised:
                check_step(step, state)
            assert raised.value.facts == {"step": step, "state": state}


@pytest.mark.parametrize("step", WRITTEN_OUT)
def test_a_step_leads_where_it_is_written(step: Step) -> None:
    before, after = WRITTEN_OUT[step]
    assert set(TABLE[step]) == before
    assert set().union(*TABLE[step].values()) == after


def test_a_step_that_leads_elsewhere_is_our_defect() -> None:
    check_led(Step.FILED, S.CONCEPT, S.INGEDIEND)
    with pytest.raises(AssertionError):
        check_led(Step.FILED, S.CONCEPT, S.GETRIEERD)
    with pytest.raises(AssertionError):
        check_led(Step.FILED, S.INGEDIEND, S.INGEDIEND)


def test_after_the_end_comes_only_what_may_come_then() -> None:
    assert {state for state in S if state.ended} == ENDED
    for state in ENDED:
        allowed = {step for step in Step if state in TABLE[step]}
        expected = AFTERWARDS - ({Step.SUCCEEDED} if state is S.OVERLEDEN else set())
        assert allowed == expected
        assert all(TABLE[step][state] == {state} for step in allowed)


def test_every_state_can_be_reached() -> None:
    assert _reached({S.CONCEPT}) == set(S)


def test_no_open_state_is_a_dead_end() -> None:
    for state in OPEN:
        # Without a death and without somebody who takes it back: what the work itself comes to.
        without = {Step.DIED, Step.WITHDRAWN, Step.CLOSED}
        assert S.OPGENOMEN in _reached({state}, without) | {state}
        assert S.AFGESLOTEN in _reached({state}, without)


def test_while_it_is_open_somebody_may_take_it_and_end_it() -> None:
    for state in OPEN:
        for step in (Step.TAKEN, Step.NOTED, Step.DIED, Step.CALL_BACK_SET, Step.ALERTED):
            check_step(step, state)
        ends = {step for step in Step if TABLE[step].get(state, frozenset()) & ENDED}
        assert len(ends) >= 2


def _reached(start: Iterable[ReferralState], without: Iterable[Step] = ()) -> set[ReferralState]:
    found, skipped = set(start), set(without)
    while True:
        more = found.union(
            *(
                leads[state]
                for step, leads in TABLE.items()
                if step not in skipped
                for state in found
                if state in leads
            )
        )
        if more == found:
            return found
        found = more


ASKED = OfferStanding(O.GEVRAAGD)
PROPOSED = OfferStanding(O.TEGENVOORSTEL)
PROMISE = OfferStanding(O.TOEGEZEGD)
GONE = tuple(OfferStanding(state) for state in O if not state.is_open)


@pytest.mark.parametrize(
    ("offers", "state"),
    [
        ([], S.GETRIEERD),
        (GONE, S.GETRIEERD),
        ([ASKED], S.AANGEBODEN),
        ([*GONE, ASKED], S.AANGEBODEN),
        ([ASKED, PROPOSED], S.TEGENVOORSTEL),
        ([ASKED, OfferStanding(O.TEGENVOORSTEL, Awaiting.CLIENT)], S.WACHT_OP_CLIENT),
        ([PROMISE, *GONE], S.GEACCEPTEERD),
        ([OfferStanding(O.TOEGEZEGD, Awaiting.ARTS)], S.ONDER_VOORBEHOUD_ARTS),
        ([OfferStanding(O.TOEGEZEGD, Awaiting.CLIENT)], S.WACHT_OP_CLIENT),
        # A sibling that is withdrawn in the same act is still open while the promise is recorded.
        ([PROMISE, ASKED, PROPOSED], S.GEACCEPTEERD),
    ],
)
def test_the_furthest_offer_makes_the_state(
    offers: list[OfferStanding], state: ReferralState
) -> None:
    assert standing(offers, temporary=False) is state
    waiting = S.TIJDELIJK_GEPLAATST if state is S.GETRIEERD else state
    assert standing(offers, temporary=True) is waiting
    assert state in BY_OFFERS


def test_what_an_ended_offer_waited_for_waits_no_more() -> None:
    ended = OfferStanding(O.LOSGELATEN, Awaiting.ARTS)
    assert standing([ended, PROMISE], temporary=False) is S.GEACCEPTEERD
