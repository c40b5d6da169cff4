"""Points, distances, the flat map, and how postcodes and gemeenten are written."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.geography import (
    EAST,
    GEMEENTEN,
    NORTH,
    SOUTH,
    WEST,
    Point,
    distance_km,
    gemeente_code,
    pc4_of,
    postcode_of,
    projected,
)
from domain.identifiers import is_gemeente

points = st.builds(Point, st.floats(SOUTH, NORTH), st.floats(WEST, EAST))
AMSTERDAM, MAASTRICHT = Point(52.3731, 4.8922), Point(50.8514, 5.6910)


@st.composite
def neighbours(draw: st.DrawFn) -> tuple[Point, Point]:
    """Two points at most some 100 km apart."""
    one = draw(points)
    up, across = draw(st.floats(-0.6, 0.6)), draw(st.floats(-1, 1))
    return one, Point(
        min(max(one.latitude + up, SOUTH), NORTH), min(max(one.longitude + across, WEST), EAST)
    )


# ---------------------------------------------------------------- points and distances


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        (SOUTH - 0.001, 5.0),
        (NORTH + 0.001, 5.0),
        (52.0, WEST - 0.001),
        (52.0, EAST + 0.001),
        (4.49, 52.06),  # the wrong way round
        (12.15, -68.27),  # Bonaire
        (0.0, 0.0),
        (math.nan, 5.0),
        (52.0, math.nan),
        (math.inf, 5.0),
    ],
)
def test_a_point_lies_in_the_european_netherlands(latitude: float, longitude: float) -> None:
    with pytest.raises(InvalidInput) as refused:
        Point(latitude, longitude)
    assert "Nederland" in refused.value.detail


@pytest.mark.parametrize(
    "corner",
    [
        (50.7504, 5.9153),  # Vaals
        (53.5553, 6.4800),  # Rottumerplaat
        (51.3700, 3.3584),  # Sint Anna ter Muiden
        (53.1800, 7.2275),  # Bad Nieuweschans
    ],
)
def test_the_corners_of_the_country_are_in_the_box(corner: tuple[float, float]) -> None:
    assert Point(*corner).latitude == corner[0]


def test_a_distance_is_what_a_surveyor_measures_within_four_promille() -> None:
    # On the WGS 84 ellipsoid: 178.1 km; a degree of latitude here 111.26 km, of longitude 68.68 km.
    assert distance_km(AMSTERDAM, MAASTRICHT) == pytest.approx(178.1, rel=0.004)
    assert distance_km(Point(51.5, 5), Point(52.5, 5)) == pytest.approx(111.26, rel=0.004)
    assert distance_km(Point(52, 4.5), Point(52, 5.5)) == pytest.approx(68.68, rel=0.004)


@given(points, points)
def test_a_distance_is_the_same_there_and_back_and_nothing_only_to_itself(
    one: Point, other: Point
) -> None:
    assert distance_km(one, other) == pytest.approx(distance_km(other, one), rel=1e-12, abs=1e-9)
    assert distance_km(one, one) == 0


@given(points, points, points)
def test_a_detour_is_never_shorter(one: Point, other: Point, by: Point) -> None:
    assert distance_km(one, other) <= distance_km(one, by) + distance_km(by, other) + 1e-6


@given(neighbours())
def test_the_flat_map_keeps_distances_in_a_region(pair: tuple[Point, Point]) -> None:
    one, other = pair
    flat = math.dist(projected(one), projected(other))
    assert flat == pytest.approx(distance_km(one, other), rel=0.0005, abs=1e-6)


@given(points, points)
def test_the_flat_map_keeps_distances_across_the_country(one: Point, other: Point) -> None:
    flat = math.dist(projected(one), projected(other))
    assert flat == pytest.approx(distance_km(one, other), rel=0.0005, abs=1e-6)


def test_on_the_flat_map_east_is_right_and_north_is_up() -> None:
    x, y = projected(AMSTERDAM)
    assert projected(MAASTRICHT)[0] > x
    assert projected(MAASTRICHT)[1] < y


# ---------------------------------------------------------------- postcodes


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("2711", "2711"),
        ("2711CZ", "2711CZ"),
        ("2711 cz", "2711CZ"),
        (" 2711  Cz ", "2711CZ"),
        ("2711\N{NO-BREAK SPACE}CZ", "2711CZ"),
        ("1000AS", "1000AS"),
        ("9999ZZ", "9999ZZ"),
    ],
)
def test_a_postcode_is_read_as_people_write_it(text: str, kept: str) -> None:
    assert postcode_of(text) == kept
    assert pc4_of(text) == kept[:4]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "271",
        "0711",
        "27111",
        "2711C",
        "2711CZX",
        "2711C Z",
        "2711-CZ",
        "CZ2711",
        "27 11",
        "2711 ÇZ",
        "\N{ARABIC-INDIC DIGIT TWO}711",
        "2711\nCZ",
        "2711SA",
        "2711 sd",
        "2711sS",
    ],
)
def test_what_is_no_postcode_is_refused_with_where_it_stood(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        pc4_of(text, "/location/postcode")
    assert refused.value.pointer == "/location/postcode"
    assert "postcode" in refused.value.detail.lower()


@given(st.from_regex(r"[1-9][0-9]{3} ?[A-Za-z]{2}", fullmatch=True))
def test_all_letters_but_sa_sd_and_ss_are_given(text: str) -> None:
    if text[-2:].upper() in ("SA", "SD", "SS"):
        with pytest.raises(InvalidInput):
            pc4_of(text)
    else:
        assert pc4_of(text) == text[:4]


# ---------------------------------------------------------------- gemeenten


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Zoetermeer", "0637"),
        ("ZOETERMEER", "0637"),
        ("Den Haag", "0518"),
        ("'s-Gravenhage", "0518"),
        ("’s Gravenhage", "0518"),
        ("Leidschendam Voorburg", "1916"),
        ("pijnacker–nootdorp", "1926"),
        ("Rĳswĳk", "0603"),  # the letter ij
        ("Délft", "0503"),
        (" Alphen aan den Rijn ", "0484"),
    ],
)
def test_a_gemeente_is_known_however_its_name_is_written(name: str, code: str) -> None:
    assert gemeente_code(name) == code


@pytest.mark.parametrize("name", ["", "Utrecht", "Delft-Noord", "Voorburg", "'s-Gravenzande"])
def test_a_gemeente_that_is_not_known_has_no_code(name: str) -> None:
    assert gemeente_code(name) is None


def test_every_known_gemeente_has_a_code_as_cbs_writes_it() -> None:
    assert all(is_gemeente(code) for code in GEMEENTEN)
    assert {name: gemeente_code(name) for name in GEMEENTEN.values()} == {
        name: code for code, name in GEMEENTEN.items()
    }
