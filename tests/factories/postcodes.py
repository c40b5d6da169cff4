"""Postcodes, and files of them as GeoNames makes them."""

import io
import random
from pathlib import Path

from domain.geography import GEMEENTEN, GEMEENTEN_YEAR, Point, Postcode

YEAR = 2026
#: The whole country's, where it is there.
_NATIONAL = Path(__file__).parents[3] / "shared" / "data" / "NL.txt"


def make_postcodes(count: int, seed: int = 1) -> list[Postcode]:
    """So many made-up ones all over the country, by PC4; half of them in a gemeente of Haaglanden."""
    rng = random.Random(seed)
    codes = sorted(GEMEENTEN)
    made = []
    for number in sorted(rng.sample(range(1000, 10_000), count)):
        point = Point(round(rng.uniform(50.8, 53.4), 5), round(rng.uniform(3.5, 7.1), 5))
        code = rng.choice(codes) if rng.random() < 0.5 else None
        made.append(
            Postcode(
                pc4=str(number),
                place=rng.choice(
                    ["Zoetermeer", "'s-Gravenhage", "Súdwest", "Ee", "Tweede Exloërmond"]
                ),
                point=point,
                gemeente=code,
                gemeente_name=GEMEENTEN[code] if code else None,
                gemeente_year=YEAR if code else None,
            )
        )
    return made


def line(
    postcode: str = "2725",
    place: str = "Zoetermeer",
    *,
    country: str = "NL",
    gemeente: str = "",
    code: str = "",
    latitude: object = 52.074,
    longitude: object = 4.498,
) -> str:
    """A line in the layout of GeoNames, without its end."""
    columns = [country, postcode, place, "Zuid-Holland", "11", gemeente, code, "", ""]
    return "\t".join([*columns, str(latitude), str(longitude), "6"])


def line_of(postcode: Postcode) -> str:
    """The line that tells this."""
    return line(
        postcode.pc4,
        postcode.place,
        gemeente=postcode.gemeente_name or "",
        code=postcode.gemeente or "",
        latitude=postcode.point.latitude,
        longitude=postcode.point.longitude,
    )


def content(*lines: str, end: str = "\n") -> bytes:
    """A file's bytes."""
    return "".join(each + end for each in lines).encode()


def file(*lines: str) -> io.BytesIO:
    """An open file of these lines."""
    return io.BytesIO(content(*lines))


def national_content() -> bytes:
    """The file of the whole country where it is there, otherwise one of that size made up."""
    if _NATIONAL.exists():
        return _NATIONAL.read_bytes()
    return content(*map(line_of, make_postcodes(4763)))


def national_points() -> dict[str, Point]:
    """Where PC4s are by the national file where it is there; without it nothing contradicts."""
    if not _NATIONAL.exists():
        return {}
    rows = [row.split("\t") for row in _NATIONAL.read_text().splitlines()]
    return {row[1]: Point(float(row[9]), float(row[10])) for row in rows}


ZOETERMEER = Postcode(
    "2725", "Zoetermeer", Point(52.074, 4.498), "0637", "Zoetermeer", GEMEENTEN_YEAR
)
