"""The demo region's own table of postcodes."""

from app.demo_postcodes import POSTCODES
from domain.geography import GEMEENTEN, Point, distance_km
from tests.factories.postcodes import national_points


def test_the_demo_region_knows_each_postcode_once_and_all_of_zoetermeer() -> None:
    known = {postcode.pc4: postcode for postcode in POSTCODES}
    assert len(known) == len(POSTCODES)
    zoetermeer = {pc4 for pc4, postcode in known.items() if postcode.gemeente == "0637"}
    assert zoetermeer == {
        str(number)
        for first, last in ((2711, 2713), (2715, 2719), (2721, 2729))
        for number in range(first, last + 1)
    }
    assert known["2730"].gemeente == known["2731"].gemeente == "0484"
    assert {postcode.gemeente for postcode in POSTCODES} == set(GEMEENTEN)
    assert all(p.gemeente and p.gemeente_name == GEMEENTEN[p.gemeente] for p in POSTCODES)


def test_the_demo_regions_postcodes_lie_where_the_country_has_them() -> None:
    middle = Point(52.06, 4.40)
    national = national_points()
    for postcode in POSTCODES:
        assert distance_km(postcode.point, middle) < 25
        assert distance_km(postcode.point, national.get(postcode.pc4, postcode.point)) < 0.6
