"""Why a place stands where it stands, and what would make it fit, as it is said."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from hypothesis import given

from domain.delivery_records import Share
from domain.features import Feature
from domain.geography import Point
from domain.matching.near_misses import NEVER_WITHOUT, Change, NearMiss
from domain.matching.scoring import Asked, ScoredPlace, score
from domain.matching.weights import Component
from domain.matching.wishes import Wishes
from domain.matching.words import WITHOUT, day_text, near_text, reason_text
from tests.domain.matching.test_criteria import GOOD, NEED, NOW
from tests.factories import matching
from tests.factories.matching import ROOMS, WEIGHTS

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TUESDAY = datetime(2026, 12, 1, 9, tzinfo=UTC)


def test_what_nearly_fits_is_told_as_on_the_telephone() -> None:
    said = {
        near_text(NearMiss(change, 0, params), NOW)
        for change, params in (
            (Change.LATER, {"earliest": TUESDAY}),
            (Change.LATER, {"earliest": NOW + 2 * HOUR}),
            (Change.ZONDER_VOORZIENING, {"feature": "tillift"}),
            (Change.BEVESTIGD, {"valid_until": NOW - DAY}),
            (Change.IN_OVERLEG, {}),
            (Change.LATER_START, {"earliest": TUESDAY.date() + 7 * DAY}),
            (Change.STOP_VOORBIJ, {"earliest": TUESDAY, "expected_until": None}),
        )
    }
    assert said == {
        "vrij dinsdag",
        "vrij vandaag om 19:30",
        "alleen zonder tillift",
        "sinds gisteren onbevestigd: bel",
        "in overleg: bel",
        "start dinsdag 8 december",
        "na de opnamestop, dinsdag",
    }


def test_days_count_in_amsterdam() -> None:
    late = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)
    assert (day_text(late, NOW), day_text(late, late)) == ("morgen", "vandaag")


def test_each_feature_that_may_be_done_without_has_words() -> None:
    assert set(WITHOUT) == set(Feature) - NEVER_WITHOUT - ROOMS


def test_each_component_is_told_with_what_it_goes_by() -> None:
    place = ScoredPlace(
        replace(GOOD, earliest=TUESDAY, observed_at=NOW - 5 * HOUR),
        UUID(int=1),
        "2711",
        "0637",
        Point(52.06, 4.5),
        2,
        Share(1, 12),
        Share(1, 3),
    )
    whole = Wishes(known_to=frozenset({UUID(int=1)}))
    asked = Asked(NEED, whole, Point(52.06, 4.53), None, "0637")

    def told(asked: Asked, place: ScoredPlace) -> dict[Component, str]:
        reasons = score(asked, place, WEIGHTS, NOW).reasons
        return {reason.code: reason_text(reason, NOW) for reason in reasons}

    assert told(asked, place) == {
        Component.AFSTAND: "2,1 km van huis",
        Component.GEMEENTE: "in Zoetermeer",
        Component.OPNAME: "kan dinsdag",
        Component.VERSHEID: "5 uur geleden bevestigd",
        Component.NAKOMEN: "1 van 12 keer geweigerd terwijl er plek was",
        Component.SPREIDING: "2 vastgehouden of toegezegd, 2 vrij",
        Component.BEKEND: "kent deze persoon",
    }
    stranger = Asked(NEED, Wishes(gemeente="0518"), None, Point(52.06, 4.5))
    other = replace(
        place,
        candidate=replace(GOOD, observed_at=NOW - 3 * DAY),
        held=0,
        refused_while_free=Share(0, 0),
    )
    assert told(stranger, other) == {
        Component.AFSTAND: "0,0 km van de partner",
        Component.GEMEENTE: "in Zoetermeer, niet in Den Haag",
        Component.OPNAME: "kan nu",
        Component.VERSHEID: "dinsdag bevestigd",
        Component.NAKOMEN: "te weinig aanvragen om iets te zeggen over nakomen",
        Component.SPREIDING: "nog niets vastgehouden",
        Component.BEKEND: "kent deze persoon nog niet",
    }


@given(matching.draws)
def test_whatever_is_found_has_words(draw: Random) -> None:
    inputs = matching.any_inputs(draw)
    found = inputs.rank()
    for fit in found.fits:
        assert all(reason_text(reason, inputs.now) for reason in fit.reasons)
    for near in found.near:
        assert near_text(near.miss, inputs.now)
