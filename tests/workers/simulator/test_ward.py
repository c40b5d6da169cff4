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
    assert ward.occupied == len(ward.stays)
    assert ward.planned == len(ward.coming)


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
            ward = Ward(physical=20, stays=(0,) * 16, coming=(0, 0))
            changes[name] += (
                live(ward, CareType.RESPIJT, begin, begin + 4 * HOUR, Random(seed)) != ward
            )
    assert changes["day"] > 3 * changes["night"] > 0


def arrivals_and_departures(care_type: CareType, days: int) -> tuple[list[int], list[int]]:
    """How many came and left in each hour of the week, over some weeks."""
    random = Random(5)
    came, left = [0] * 168, [0] * 168
    ward = opening(40, care_type, 0 * DAY, random)
    for number in range(days * 24):
        at = number * HOUR
        following = live(ward, care_type, at, at + HOUR, random)
        moved = following.occupied - ward.occupied
        (came if moved > 0 else left)[number % 168] += abs(moved)
        ward = following
    return came, left


def test_people_come_on_workdays_by_day_and_leave_in_the_morning() -> None:
    came, left = arrivals_and_departures(CareType.ELV_LAAG, 280)
    assert not any(
        came[day * 24 + hour] for day in range(7) for hour in (*range(10), *range(17, 24))
    )
    assert sum(came[5 * 24 :]) < 0.15 * sum(came)
    morning = sum(left[day * 24 + hour] for day in range(7) for hour in range(9, 12))
    assert morning > 0.5 * sum(left)


def test_urgent_places_are_taken_at_any_hour() -> None:
    came, _ = arrivals_and_departures(CareType.WLZ_CRISIS, 280)
    assert sum(came[5 * 24 :]) > 0.2 * sum(came)
    assert sum(came[day * 24 + hour] for day in range(7) for hour in range(7)) > 0


def test_who_is_expected_to_leave_is_told_by_day_and_who_is_overdue_leaves_today() -> None:
    ward = Ward(physical=6, stays=(8, 10, 10, None), coming=(9, 12))
    assert ward.discharges_in(9) == ((0, 1), (1, 2))
    assert ward.admissions_in(9) == ((0, 1), (3, 1))
