"""The tables of the demo region: complete, and true where they claim to be."""

from collections import Counter

from app.demo_region import ORGANISATIONS, SERVED, TEAMS, Way
from app.demo_region.model import PC4S
from domain.actors import OrganisationKind, Role
from domain.care_types import CareType
from domain.features import Feature
from domain.geography import GEMEENTEN_YEAR, distance_km
from domain.home_care import Dagdeel, Skill
from domain.identifiers import is_agb
from domain.posting import PostingSchedule

LOCATIONS = [location for organisation in ORGANISATIONS for location in organisation.locations]
POOLS = [pool for location in LOCATIONS for pool in location.pools]
PROVIDERS = [
    organisation
    for organisation in ORGANISATIONS
    if any(location.pools for location in organisation.locations)
]
ZOETERMEER = {*range(2711, 2714), *range(2715, 2720), *range(2721, 2730)}


def test_it_is_as_large_as_the_region_that_it_stands_for() -> None:
    kinds = Counter(organisation.kind for organisation in ORGANISATIONS)
    assert set(kinds) == set(OrganisationKind) - {OrganisationKind.REFERRER}
    assert kinds[OrganisationKind.COORDINATION_POINT] == 2
    assert kinds[OrganisationKind.HOSPITAL] == 2
    assert kinds[OrganisationKind.REGION] == 1
    assert len(ORGANISATIONS) in range(38, 46)
    assert len(LOCATIONS) in range(115, 131)
    assert len(POOLS) in range(290, 311)
    assert len(TEAMS) == 60


def test_every_code_is_valid_and_nobody_shares_one() -> None:
    codes = [organisation.agb for organisation in ORGANISATIONS]
    assert all(is_agb(code) for code in codes)
    assert len(set(codes)) == len(codes)
    for organisation in ORGANISATIONS:
        own = [pool.code for location in organisation.locations for pool in location.pools]
        assert len(set(own)) == len(own)
        names = [location.name for location in organisation.locations]
        assert len(set(names)) == len(names)
    teams = [(team.agb, team.code) for team in TEAMS]
    assert len(set(teams)) == len(teams)
    assert {team.agb for team in TEAMS} <= set(codes)


def test_the_registers_take_all_of_it() -> None:
    for organisation in ORGANISATIONS:
        assert organisation.register.regions == {1}
    for location in LOCATIONS:
        assert location.register.gemeente_year == GEMEENTEN_YEAR
        assert location.register.on_call
    for pool in POOLS:
        assert pool.register.care_types == pool.care_types


def test_every_location_lies_near_the_middle_of_its_postcode() -> None:
    for location in LOCATIONS:
        pc4, letters = location.postcode[:4], location.postcode[4:]
        assert letters.isalpha()
        assert letters.isupper()
        assert letters not in ("SA", "SD", "SS")
        assert pc4 in SERVED
        point = location.register.point
        assert point is not None
        assert point != PC4S[pc4].point
        assert distance_km(point, PC4S[pc4].point) < 0.4
    there = {int(location.postcode[:4]) for location in LOCATIONS if location.pools}
    assert there >= ZOETERMEER | {2730, 2731}
    gemeenten = Counter(location.gemeente for location in LOCATIONS)
    assert set(gemeenten) == {"0637", "0484", "0518", "1916", "0603", "0629"}


def test_nobody_s_telephone_can_be_dialled() -> None:
    """After the area code a number never begins with a zero, and none of these are the same."""
    numbers = [location.telephone for location in LOCATIONS]
    numbers += [team.telephone for team in TEAMS]
    numbers += [o.telephone for o in ORGANISATIONS if o.telephone is not None]
    numbers += [c.telephone for location in LOCATIONS for c in location.register.on_call]
    for number in numbers:
        area, _, subscriber = number.partition("-")
        assert area in ("079", "070")
        assert subscriber.startswith("0")
        assert len(area + subscriber) == 10
    own = [location.telephone for location in LOCATIONS] + [team.telephone for team in TEAMS]
    assert len(set(own)) == len(own)


def test_the_coordination_points_share_the_region_between_them() -> None:
    zoetermeer, den_haag = (set(o.pc4s) for o in ORGANISATIONS if o.pc4s)
    assert {int(pc4) for pc4 in zoetermeer} == ZOETERMEER | {2730, 2731}
    assert zoetermeer.isdisjoint(den_haag)
    assert zoetermeer | den_haag == set(SERVED)


def test_every_care_type_with_places_is_there() -> None:
    offered = {care_type for pool in POOLS for care_type in pool.care_types}
    assert offered == {care_type for care_type in CareType if care_type.has_places}
    assert all(1 <= pool.places <= 40 for pool in POOLS)
    assert sum(len(pool.care_types) > 1 for pool in POOLS) > 15
    had = {feature for pool in POOLS for feature in pool.register.features}
    assert had >= set(Feature) - {Feature.KAMER_MAN, Feature.KAMER_VROUW}
    rules = {pool.register.admission_rules for pool in POOLS}
    assert None in rules
    assert len(rules) > 4


def test_there_are_sixteen_multifunctional_beds_in_pools_of_their_own() -> None:
    pools = [pool for pool in POOLS if CareType.MFB in pool.care_types]
    assert [pool.places for pool in pools] == [4] * 4
    assert all(pool.care_types == (CareType.MFB,) for pool in pools)


def test_wlz_places_are_only_where_the_zorgkantoor_pays() -> None:
    for location in LOCATIONS:
        wlz = any(care.startswith("wlz") for pool in location.pools for care in pool.care_types)
        assert location.register.wlz_contract == wlz


def test_urgent_beds_are_posted_every_day_and_the_hospice_on_change() -> None:
    for pool in POOLS:
        if CareType.WLZ_CRISIS in pool.care_types or CareType.GGZ_CRISIS in pool.care_types:
            assert pool.posting_schedule is PostingSchedule.DAILY_TWICE
        if CareType.HOSPICE in pool.care_types:
            assert pool.posting_schedule is PostingSchedule.ON_CHANGE
        if pool.care_types == (CareType.WLZ_VV,):
            assert pool.posting_schedule is PostingSchedule.WORKDAYS_TWICE


def test_every_postcode_has_several_teams_and_every_skill_is_somewhere() -> None:
    covered = Counter(pc4 for team in TEAMS for pc4 in team.coverage.pc4s)
    assert set(covered) == set(SERVED)
    assert min(covered.values()) >= 2
    assert min(covered[str(pc4)] for pc4 in ZOETERMEER) >= 5
    assert {skill for team in TEAMS for skill in team.coverage.skills} == set(Skill)
    by_night = [team for team in TEAMS if team.coverage.dagdelen == {Dagdeel.NACHT}]
    assert sum(team.coverage.pc4s == set(SERVED) for team in by_night) == 2


def test_every_way_of_reporting_is_played_and_one_feed_is_in_the_sandbox() -> None:
    assert {provider.way for provider in PROVIDERS} == set(Way)
    assert [provider.agb for provider in PROVIDERS if provider.sandbox] == ["47990013"]
    assert any(provider.terms.includes_holds for provider in PROVIDERS)
    assert any(provider.terms.lag for provider in PROVIDERS)


def test_every_role_of_people_and_machines_has_a_key() -> None:
    roles = {role for organisation in ORGANISATIONS for role in organisation.roles}
    assert roles == set(Role) - {Role.SYSTEM}
    assert all(Role.PROVIDER_CAPACITY in provider.roles for provider in PROVIDERS)
