"""The tables of the demo region: complete, and true where they claim to be."""

from collections import Counter

from app.demo_region import ORGANISATIONS
from domain.actors import Role
from domain.care_types import CareType
from domain.identifiers import is_agb
from domain.posting import PostingSchedule

LOCATIONS = [location for organisation in ORGANISATIONS for location in organisation.locations]
POOLS = [pool for location in LOCATIONS for pool in location.pools]
ZOETERMEER = {*range(2711, 2714), *range(2715, 2720), *range(2721, 2730)}
BENTHUIZEN = {2731}


def test_it_has_twelve_organisations_and_sixty_pools() -> None:
    kinds = Counter(organisation.kind for organisation in ORGANISATIONS)
    assert kinds == {"provider": 9, "coordination-point": 1, "referrer": 1, "region": 1}
    assert len(POOLS) == 60


def test_every_code_is_valid_and_nobody_shares_one() -> None:
    codes = [organisation.agb for organisation in ORGANISATIONS]
    assert all(is_agb(code) for code in codes)
    assert len(set(codes)) == len(codes)
    for organisation in ORGANISATIONS:
        own = [pool.code for location in organisation.locations for pool in location.pools]
        assert len(set(own)) == len(own)
        names = [location.name for location in organisation.locations]
        assert len(set(names)) == len(names)


def test_every_location_lies_in_its_gemeente() -> None:
    for location in LOCATIONS:
        pc4, letters = int(location.postcode[:4]), location.postcode[4:]
        assert letters.isalpha()
        assert letters.isupper()
        assert letters not in ("SA", "SD", "SS")
        if location.gemeente == "0637":
            assert pc4 in ZOETERMEER
            assert location.place == "Zoetermeer"
        else:
            assert (location.gemeente, location.place) == ("0484", "Benthuizen")
            assert pc4 in BENTHUIZEN
        assert location.telephone.startswith("079-0")
    assert {int(location.postcode[:4]) for location in LOCATIONS} == ZOETERMEER | BENTHUIZEN


def test_every_care_type_with_places_is_there() -> None:
    offered = {care_type for pool in POOLS for care_type in pool.care_types}
    assert offered == {care_type for care_type in CareType if care_type.has_places}
    assert all(1 <= pool.places <= 40 for pool in POOLS)


def test_beds_that_are_followed_one_by_one_are_in_pools_of_their_own() -> None:
    for pool in POOLS:
        if CareType.MFB in pool.care_types:
            assert pool.care_types == (CareType.MFB,)


def test_urgent_beds_are_posted_every_day_and_the_hospice_on_change() -> None:
    for pool in POOLS:
        if CareType.WLZ_CRISIS in pool.care_types or CareType.GGZ_CRISIS in pool.care_types:
            assert pool.posting_schedule is PostingSchedule.DAILY_TWICE
        if CareType.HOSPICE in pool.care_types:
            assert pool.posting_schedule is PostingSchedule.ON_CHANGE
        if pool.care_types == (CareType.WLZ_VV,):
            assert pool.posting_schedule is PostingSchedule.WORKDAYS_TWICE


def test_every_role_of_people_and_machines_has_a_key() -> None:
    roles = {role for organisation in ORGANISATIONS for role in organisation.roles}
    assert roles == set(Role) - {Role.SYSTEM}
    providers = [organisation for organisation in ORGANISATIONS if organisation.locations]
    assert all(Role.PROVIDER_CAPACITY in provider.roles for provider in providers)
