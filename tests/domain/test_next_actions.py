"""What comes next: an answer for every open referral, none for one that ended."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.next_actions import Next, NextAction, Outstanding, Party, next_of
from domain.referrals import PROMISED, ReferralState

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
ONE, TWO, THREE = (NOON + timedelta(hours=hours) for hours in (1, 2, 3))
S, A = ReferralState, NextAction
#: With a moment of each kind, so that one sees which is told.
TIMES = {"deadline": ONE, "triage_by": TWO, "admission_at": THREE, "review_at": NOON}


@pytest.mark.parametrize(
    ("state", "action", "at", "waits_on"),
    [
        (S.CONCEPT, A.INDIENEN, None, Party.VERWIJZER),
        (S.INGEDIEND, A.TRIEREN, TWO, Party.COORDINATIEPUNT),
        (S.OVERGEDRAGEN, A.TRIEREN, TWO, Party.COORDINATIEPUNT),
        (S.AANVULLING_GEVRAAGD, A.AANVULLEN, TWO, Party.VERWIJZER),
        (S.GETRIEERD, A.AANBIEDEN, ONE, Party.COORDINATIEPUNT),
        (S.TIJDELIJK_GEPLAATST, A.AANBIEDEN, ONE, Party.COORDINATIEPUNT),
        (S.AANGEBODEN, A.ANTWOORD_AFWACHTEN, ONE, Party.AANBIEDER),
        (S.TEGENVOORSTEL, A.TEGENVOORSTEL_BEOORDELEN, ONE, Party.COORDINATIEPUNT),
        (S.ONDER_VOORBEHOUD_ARTS, A.ARTS_AFWACHTEN, ONE, Party.ARTS),
        (S.WACHT_OP_CLIENT, A.CLIENT_AFWACHTEN, ONE, Party.CLIENT),
        (S.GEACCEPTEERD, A.OPNAMEAFSPRAAK_MAKEN, THREE, Party.COORDINATIEPUNT),
        (S.OPGENOMEN, A.EVALUEREN, NOON, Party.AANBIEDER),
        (S.GEEN_PLEK, A.PLEK_BLIJVEN_ZOEKEN, None, Party.COORDINATIEPUNT),
    ],
)
def test_each_open_state_has_its_next_action(
    state: ReferralState, action: NextAction, at: datetime | None, waits_on: Party
) -> None:
    assert next_of(Outstanding(state, triaged=True, **TIMES)) == Next(action, at, waits_on)  # type: ignore[arg-type]


def test_the_list_above_holds_every_open_state() -> None:
    marks = test_each_open_state_has_its_next_action.pytestmark  # type: ignore[attr-defined]
    told = {case[0] for case in marks[0].args[1]}
    assert told == {state for state in S if not state.ended}


@pytest.mark.parametrize(
    ("outstanding", "action", "waits_on"),
    [
        (Outstanding(S.GETRIEERD, offered_before=True), A.VERDER_ZOEKEN, Party.COORDINATIEPUNT),
        (
            Outstanding(S.TIJDELIJK_GEPLAATST, offered_before=True),
            A.VERDER_ZOEKEN,
            Party.COORDINATIEPUNT,
        ),
        (Outstanding(S.AANGEBODEN, unseen=True), A.AANBIEDER_BELLEN, Party.COORDINATIEPUNT),
        (
            Outstanding(S.TEGENVOORSTEL, counter_to_referrer=True),
            A.TEGENVOORSTEL_BEOORDELEN,
            Party.VERWIJZER,
        ),
        (Outstanding(S.GEACCEPTEERD, appointment=True), A.OPNAME_AFWACHTEN, Party.VERVOER),
        (
            Outstanding(S.GEACCEPTEERD, appointment=True, overdue_admission=True),
            A.OPNAME_NAVRAGEN,
            Party.COORDINATIEPUNT,
        ),
        (
            Outstanding(S.AANGEBODEN, triaged=True, needs_triage=True),
            A.OPNIEUW_TRIEREN,
            Party.COORDINATIEPUNT,
        ),
        (Outstanding(S.INGEDIEND, needs_triage=True), A.TRIEREN, Party.COORDINATIEPUNT),
        (
            Outstanding(S.GEACCEPTEERD, triaged=True, needs_triage=True),
            A.OPNIEUW_TRIEREN,
            Party.COORDINATIEPUNT,
        ),
        # Nobody triages a draft, what an answer is awaited for, or who has come.
        (Outstanding(S.CONCEPT, needs_triage=True), A.INDIENEN, Party.VERWIJZER),
        (Outstanding(S.AANVULLING_GEVRAAGD, needs_triage=True), A.AANVULLEN, Party.VERWIJZER),
        (Outstanding(S.OPGENOMEN, triaged=True, needs_triage=True), A.EVALUEREN, Party.AANBIEDER),
        (
            Outstanding(S.AANGEBODEN, handover_open=True),
            A.OVERDRACHT_AFWACHTEN,
            Party.COORDINATIEPUNT,
        ),
        (
            Outstanding(S.AANGEBODEN, unseen=True, question_open=True, needs_triage=True),
            A.VRAAG_BEANTWOORDEN,
            Party.COORDINATIEPUNT,
        ),
    ],
)
def test_what_hurries_more_comes_first(
    outstanding: Outstanding, action: NextAction, waits_on: Party
) -> None:
    found = next_of(outstanding)
    assert found is not None
    assert (found.action, found.waits_on) == (action, waits_on)


outstandings = st.builds(
    Outstanding,
    st.sampled_from(S),
    **{
        name: st.booleans()
        for name in (
            *("triaged", "needs_triage", "offered_before", "unseen", "question_open"),
            *("handover_open", "appointment", "overdue_admission", "counter_to_referrer"),
        )
    },
    **{name: st.none() | st.just(at) for name, at in TIMES.items()},
)


@given(outstandings)
def test_every_open_referral_has_an_answer_and_no_other(outstanding: Outstanding) -> None:
    assert (next_of(outstanding) is None) == outstanding.state.ended


@given(outstandings)
def test_nobody_waits_for_a_hand_over_of_a_place_that_is_promised(out: Outstanding) -> None:
    found = next_of(out)
    if out.state in PROMISED:
        assert found is not None
        assert found.action is not A.OVERDRACHT_AFWACHTEN
