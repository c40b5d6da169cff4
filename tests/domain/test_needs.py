"""A need: what a place must offer for it, which rooms fit, and what can't be true."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.features import Feature
from domain.needs import Infection, LegalStatus, Need, Setting, Sex, age_band, check_need

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
TODAY = date(2026, 11, 18)
NEED = Need(birth_year=1942, sex=Sex.VROUW, pc4="2725", setting=Setting.SEH)
ROOM_MAN, ROOM_WOMAN, SINGLE = Feature.KAMER_MAN, Feature.KAMER_VROUW, Feature.EENPERSOONSKAMER


def test_what_is_known_to_be_infectious_asks_for_isolation() -> None:
    asks = {one for one in Infection if Feature.ISOLATIE in replace(NEED, infection=one).required}
    assert asks == set(Infection) - {Infection.GEEN, Infection.ONBEKEND}


@pytest.mark.parametrize(
    ("status", "accommodation"),
    [
        (LegalStatus.VRIJWILLIG, set()),
        (LegalStatus.WZD_BESLUIT, {Feature.WZD}),
        (LegalStatus.WZD_RM, {Feature.WZD}),
        (LegalStatus.WZD_IBS, {Feature.WZD}),
        (LegalStatus.WVGGZ_ZM, {Feature.WVGGZ}),
        (LegalStatus.WVGGZ_CM, {Feature.WVGGZ}),
    ],
)
def test_an_accommodation_of_one_law_is_none_of_the_other(
    status: LegalStatus, accommodation: set[Feature]
) -> None:
    need = replace(NEED, legal_status=status, infection=Infection.GEEN)
    assert need.required == accommodation


def test_what_was_asked_stays_beside_what_follows() -> None:
    need = replace(NEED, features=frozenset({Feature.TILLIFT}), infection=Infection.NORO)
    assert need.required == {Feature.TILLIFT, Feature.ISOLATIE}


@pytest.mark.parametrize(
    ("sex", "features", "fits"),
    [
        (Sex.VROUW, {ROOM_WOMAN}, True),
        (Sex.VROUW, {ROOM_MAN}, False),
        (Sex.VROUW, {ROOM_MAN, ROOM_WOMAN}, True),
        (Sex.MAN, {ROOM_MAN}, True),
        (Sex.MAN, {ROOM_WOMAN}, False),
        (Sex.MAN, {ROOM_WOMAN, SINGLE}, True),
        (Sex.ANDERS, {ROOM_MAN, ROOM_WOMAN}, False),
        (Sex.ANDERS, {ROOM_MAN, SINGLE}, True),
        (Sex.ANDERS, set(), True),
    ],
)
def test_a_shared_room_is_for_those_it_is_for(sex: Sex, features: set[Feature], fits: bool) -> None:
    assert replace(NEED, sex=sex).fits_room(frozenset(features)) is fits


@pytest.mark.parametrize(
    ("differs", "pointer"),
    [
        ({"pc4": "0123"}, "/pc4"),
        ({"pc4": "2725AB"}, "/pc4"),
        ({"features": frozenset({ROOM_MAN})}, "/features"),
    ],
)
def test_what_can_never_be_is_no_need(differs: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        replace(NEED, **differs)
    assert raised.value.pointer == pointer


@pytest.mark.parametrize(
    ("differs", "pointer"),
    [
        ({"birth_year": 1900}, "/birth_year"),
        ({"birth_year": 2027}, "/birth_year"),
        ({"since": NOON + timedelta(minutes=6)}, "/since"),
        ({"since": NOON - timedelta(days=731)}, "/since"),
        ({"needed_by": NOON + timedelta(days=731)}, "/needed_by"),
        ({"needed_by": NOON - timedelta(days=731)}, "/needed_by"),
    ],
)
def test_a_slip_of_the_keyboard_is_refused(differs: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        check_need(replace(NEED, **differs), NOON, TODAY)
    assert raised.value.pointer == pointer


def test_the_limits_themselves_are_fine() -> None:
    check_need(replace(NEED, birth_year=1901), NOON, TODAY)
    check_need(replace(NEED, birth_year=2026), NOON, TODAY)
    check_need(replace(NEED, since=NOON + timedelta(minutes=5)), NOON, TODAY)
    check_need(replace(NEED, needed_by=NOON + timedelta(days=730)), NOON, TODAY)


@given(st.integers(1901, 2027))
def test_a_provider_sees_ten_years_that_the_age_is_among(birth_year: int) -> None:
    low, high = age_band(birth_year, TODAY)
    assert low % 10 == 0
    assert high == low + 9
    assert low <= max(0, 2026 - birth_year) <= high
