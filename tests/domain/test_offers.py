"""Offers: which take an answer, how many at once, what is late, and how a round ends."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.alerts import AlertKind, alert_of_round
from domain.errors import InvalidInput, OfferEnded, TooManyOffers
from domain.offers import (
    BY_A_PERSON,
    Ending,
    OfferState,
    Proposal,
    check_answerable,
    check_round,
    is_late,
)

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
O = OfferState  # noqa: E741  # a table of states is read by its letters


def test_a_promise_is_open_but_takes_no_answer_any_more() -> None:
    assert {state for state in O if state.is_open} == {O.GEVRAAGD, O.TEGENVOORSTEL, O.TOEGEZEGD}
    assert {state for state in O if state.can_be_answered} == {O.GEVRAAGD, O.TEGENVOORSTEL}


@pytest.mark.parametrize("state", [state for state in O if not state.can_be_answered])
def test_who_answers_an_ended_offer_hears_since_when_and_why(state: OfferState) -> None:
    with pytest.raises(OfferEnded) as raised:
        check_answerable(state, "geen-antwoord", NOON)
    assert raised.value.facts == {"state": state, "reason": "geen-antwoord", "ended_at": NOON}


def test_no_more_are_asked_at_once_than_the_urgency_allows() -> None:
    check_round(0, 3, 3)
    check_round(2, 1, 3)
    with pytest.raises(TooManyOffers) as raised:
        check_round(2, 2, 3)
    assert raised.value.facts == {"open": 2, "most": 3}
    with pytest.raises(TooManyOffers):
        check_round(1, 1, 1)


def test_an_answer_on_the_deadline_is_in_time() -> None:
    assert not is_late(NOON, NOON)
    assert is_late(NOON, NOON + timedelta(microseconds=1))


def test_a_round_in_which_nobody_answered_was_refused_by_nobody() -> None:
    silent, refused = (O.VERLOPEN, Ending.GEEN_ANTWOORD), (O.GEWEIGERD, None)
    assert alert_of_round([silent, refused]) is AlertKind.ALLE_GEWEIGERD
    assert alert_of_round([silent]) is AlertKind.NIEMAND_ANTWOORDDE


def test_a_promise_that_is_lost_is_told_as_that_and_what_the_desk_itself_ended_is_not_told() -> (
    None
):
    others = (O.INGETROKKEN, Ending.ELDERS_GEACCEPTEERD)
    for ending in (Ending.AANBIEDER_KAN_NIET, Ending.ARTS_WEIGERT):
        lost = (O.LOSGELATEN, ending)
        assert alert_of_round([others, lost]) is AlertKind.TOEZEGGING_VERVALLEN
    by_the_client = (O.LOSGELATEN, Ending.CLIENT_WEIGERT)
    assert alert_of_round([others, by_the_client]) is None
    assert alert_of_round([]) is None


def test_another_proposal_names_what_is_other() -> None:
    Proposal(NOON, other_place=False)
    Proposal(None, other_place=True)
    with pytest.raises(InvalidInput):
        Proposal(None, other_place=False)


def test_what_only_the_service_can_know_is_no_reason_that_a_person_gives() -> None:
    assert not BY_A_PERSON & {
        Ending.GEEN_ANTWOORD,
        Ending.ELDERS_GEACCEPTEERD,
        Ending.OVERGEDRAGEN,
        Ending.AANMELDING_BEEINDIGD,
        Ending.NIET_AANGEKOMEN,
    }
