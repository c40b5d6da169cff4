"""What goes on at a pool's places stays possible, follows from the seed, and has the rhythm of a day."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from domain.care_types import CareType
from workers.simulator.ward import DAY, HOUR, STAY_DAYS, TAKEN, Ward, live, opening

CARE_TYPES = st.sampled_from([care_type for care_type in CareType if care_type.has_places])


def assert_possible(ward: Ward) -> None:
    assert min(ward.occupied, ward.planned, ward.closed, ward.free) >= 0
    assert ward.occupied + ward.planned <= ward.operable <= ward.physical
    assert (ward.closed > 0) == (ward.closed_reason is not None)


def test_every_care_type_with_places_has_a_stay() -> None:
    assert set(STAY_DAYS) == {care_type for care_type in CareType if care_type.has_places}


@given(
    places=st.integers(1, 40), care_type=CARE_TYPES, seed=st.integers(), hours=st.integers(1, 90)
)
def test_a_ward_is_always_possible_and_never_grows(
    places: int, care_type: CareType, seed: int, hours: int
) -> None:
    random = Random(seed)
    ward = opening(places, care_type, 8 * HOUR, random)
    for number in range(10):
        assert_possible(ward)
        assert ward.physical == places
        begin = number * hours * HOUR
        ward = live(ward, care_type, begin, begin + hours * HOUR, random)


@given(seed=st.integers())
def test_the_same_seed_lives_the_same_life(seed: int) -> None:
    lives = [
        live(opening(20, CareType.GRZ, DAY, random), CareType.GRZ, DAY, 3 * DAY, random)
        for random in (Random(seed), Random(seed))
    ]
    assert lives[0] == lives[1]


def test_in_the_long_run_it_is_nearly_full() -> None:
    random = Random(1)
    ward, taken = opening(40, CareType.ELV_LAAG, 0 * DAY, random), 0
    for day in range(200):
        ward = live(ward, CareType.ELV_LAAG, day * DAY, (day + 1) * DAY, random)
        taken += ward.occupied + ward.planned
    assert TAKEN - 0.1 < taken / 200 / 40 < TAKEN + 0.05


def test_by_day_more_happens_than_at_night() -> None:
    changes = {"day": 0, "night": 0}
    for seed in range(300):
        for name, begin in (("day", 10 * HOUR), ("night", 1 * HOUR)):
            ward = Ward(physical=20, occupied=16, planned=2)
            changes[name] += (
                live(ward, CareType.RESPIJT, begin, begin + 4 * HOUR, Random(seed)) != ward
            )
    assert changes["day"] > 3 * changes["night"] > 0
