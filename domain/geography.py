"""Where things are: points, distances, postcodes and gemeenten.

All of it is about the European Netherlands. The Caribbean part has no postcodes and lies 7,800 km
away, so a point there is as wrong here as one with its coordinates the other way round.
"""

import math
import re
import unicodedata
from dataclasses import dataclass

from domain.errors import InvalidInput

#: Degrees, a little wider than the country: south, north, west, east.
SOUTH, NORTH, WEST, EAST = 50.7, 53.7, 3.2, 7.3

#: Of a sphere as large as the earth, km.
_RADIUS = 6371.0088
_MIDDLE = math.radians((WEST + EAST) / 2)
_FOOT = math.radians(52)

#: CBS codes of the gemeenten of Haaglanden and those around it.
GEMEENTEN: dict[str, str] = {
    "0484": "Alphen aan den Rijn",
    "0503": "Delft",
    "0518": "Den Haag",
    "0603": "Rijswijk",
    "0626": "Voorschoten",
    "0629": "Wassenaar",
    "0637": "Zoetermeer",
    "1621": "Lansingerland",
    "1783": "Westland",
    "1842": "Midden-Delfland",
    "1916": "Leidschendam-Voorburg",
    "1926": "Pijnacker-Nootdorp",
}
#: The year of the CBS division that GEMEENTEN is taken from: codes change with mergers.
GEMEENTEN_YEAR = 2025

_POSTCODE = re.compile(r"([1-9][0-9]{3})[ \u00a0]*([A-Za-z]{2})?")
_NEVER_GIVEN = frozenset({"SA", "SD", "SS"})


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the European Netherlands, in degrees of WGS 84. Raises InvalidInput elsewhere."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        # Written so that NaN fails too.
        if not (SOUTH <= self.latitude <= NORTH and WEST <= self.longitude <= EAST):
            raise InvalidInput(
                f"Het punt ligt niet in Nederland: de breedte hoort van {SOUTH} tot {NORTH} te"
                f" zijn en de lengte van {WEST} tot {EAST} graden."
            )


@dataclass(frozen=True, slots=True)
class Postcode:
    """A PC4: where its middle is, and in which gemeente as far as that is known.

    `gemeente` is the CBS code and `gemeente_year` the year that it is known for; both None when
    it isn't known. A file may name a gemeente without telling its code.
    """

    pc4: str
    place: str
    point: Point
    gemeente: str | None = None
    gemeente_name: str | None = None
    gemeente_year: int | None = None


def distance_km(a: Point, b: Point) -> float:
    """Along a great circle. The earth being flattened, up to 0.4% less than a surveyor measures."""
    south, north = math.radians(a.latitude), math.radians(b.latitude)
    half_up = math.sin((north - south) / 2)
    half_across = math.sin(math.radians(b.longitude - a.longitude) / 2)
    chord = half_up**2 + math.cos(south) * math.cos(north) * half_across**2
    return 2 * _RADIUS * math.asin(math.sqrt(chord))


def projected(point: Point) -> tuple[float, float]:
    """Kilometres east and north on a flat map, for comparing many distances at once.

    A transverse Mercator along the country's middle: `math.dist` of two of these is within 0.05%
    of `distance_km` anywhere in the Netherlands.
    """
    latitude = math.radians(point.latitude)
    off_middle = math.radians(point.longitude) - _MIDDLE
    across = math.atanh(math.cos(latitude) * math.sin(off_middle))
    up = math.atan2(math.tan(latitude), math.cos(off_middle)) - _FOOT
    return _RADIUS * across, _RADIUS * up


def postcode_of(text: str, pointer: str = "/postcode") -> str:
    """A postcode as it is kept: '2711' or '2711CZ', also from '2711 cz'. Raises InvalidInput."""
    match = _POSTCODE.fullmatch(text.strip())
    if match is None:
        raise InvalidInput(
            "Een postcode heeft vier cijfers, niet beginnend met een nul, en eventueel twee"
            " letters: 2711 of 2711 CZ.",
            pointer,
        )
    digits, letters = match[1], (match[2] or "").upper()
    if letters in _NEVER_GIVEN:
        raise InvalidInput("De letters SA, SD en SS komen in postcodes niet voor.", pointer)
    return digits + letters


def pc4_of(text: str, pointer: str = "/postcode") -> str:
    """The four digits of a postcode, with or without its letters. Raises InvalidInput."""
    return postcode_of(text, pointer)[:4]


def gemeente_code(name: str) -> str | None:
    """The code of a gemeente in GEMEENTEN by its name; case, accents, hyphens and spaces don't count."""
    return _CODES.get(_plain(name))


def _plain(name: str) -> str:
    apart = unicodedata.normalize("NFKD", name).casefold()
    return "".join(sign for sign in apart if sign.isalnum())


_CODES = {_plain(name): code for code, name in GEMEENTEN.items()}
_CODES[_plain("'s-Gravenhage")] = _CODES[_plain("Den Haag")]
