"""What isn't proposed again, and what a proposal comes to."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.matching.proposals import NO_FOR_NOW, Total, still_no, total
from domain.needs import Urgency
from domain.offers import Ending, Refusal

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
A_MOMENT = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("refusal", "ending", "today", "tomorrow"),
    [
        (Refusal.GEEN_PLEK, None, True, False),
        (Refusal.BORD_KLOPTE_NIET, None, True, False),
        (None, Ending.GEEN_ANTWOORD, True, False),
        (Refusal.TE_COMPLEX, None, True, True),
        (None, Ending.CLIENT_WEIGERT, True, True),
        # Nobody said no to it.
        (None, Ending.VERGISSING, False, False),
        (None, Ending.ELDERS_GEACCEPTEERD, False, False),
    ],
)
def test_a_no_for_now_counts_for_a_day_and_any_other_stays(
    refusal: Refusal | None, ending: Ending | None, today: bool, tomorrow: bool
) -> None:
    assert still_no(refusal, ending, NOW - NO_FOR_NOW + A_MOMENT, NOW) is today
    assert still_no(refusal, ending, NOW - NO_FOR_NOW, NOW) is tomorrow


def test_a_total_counts_who_is_placed_and_what_is_known_of_the_way() -> None:
    assert total([]) == Total(placed=0, acuut=0, spoed=0, km=0)
    placed = [(Urgency.ACUUT, 1.2), (Urgency.SPOED, None), (Urgency.REGULIER, 3.14)]
    assert total(placed) == Total(placed=3, acuut=1, spoed=1, km=4.3)
