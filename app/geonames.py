"""Reads the postal-code files of GeoNames: https://download.geonames.org/export/zip/readme.txt

Tab separated, twelve columns, UTF-8. Dutch rows tell in the second pair of admin columns in which
gemeente a postcode lies, the code being that of CBS; some files leave them empty.
"""

import re
from dataclasses import dataclass, field
from typing import BinaryIO

from domain.errors import InvalidInput
from domain.geography import (
    GEMEENTEN,
    GEMEENTEN_YEAR,
    Point,
    Postcode,
    distance_km,
    gemeente_code,
    pc4_of,
)
from domain.identifiers import is_gemeente

_COLUMNS = 12
#: Bytes; more than the layout allows.
_LONGEST_LINE = 4096
_LONGEST_NAME = 180
#: The largest PC4 measures some twenty kilometres: rows further apart contradict each other.
_APART_KM = 25
#: Decimals of a degree, about a metre.
_DECIMALS = 5
_BYTE_ORDER_MARK = "\ufeff"
_DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,15})?")

Gemeente = tuple[str | None, str | None, int | None]
_UNKNOWN: Gemeente = (None, None, None)


@dataclass(slots=True)
class _Gathered:
    """What the rows of one PC4 say; dicts, to keep the order of the file."""

    place: str
    points: dict[Point, None] = field(default_factory=dict)
    gemeenten: dict[Gemeente, None] = field(default_factory=dict)


class BadPostcodeFile(InvalidInput):
    """A file of postcodes that can't be read; `line` counts from 1, None when no line is to blame."""

    def __init__(self, line: int | None, detail: str) -> None:
        super().__init__(f"Regel {line}: {detail}" if line else detail)
        self.line = line


def read(file: BinaryIO, year: int) -> list[Postcode]:
    """The postcodes of a file, one for each PC4, in order. Raises BadPostcodeFile.

    `year` is the year for which the file's gemeente codes hold. Several rows of one PC4 (villages,
    or full postcodes) make one: the first row's place, the middle of the different points, and the
    gemeente unless rows name different ones, since then it isn't known. The first line that can't
    be right refuses the whole file.
    """
    gathered: dict[str, _Gathered] = {}
    number = 0
    while raw := file.readline(_LONGEST_LINE):
        number += 1
        try:
            _gather(_decoded(raw, first=number == 1), year, gathered)
        except InvalidInput as error:
            raise BadPostcodeFile(number, error.detail) from None
    if not gathered:
        raise BadPostcodeFile(None, "Het bestand bevat geen postcodes.")
    return [_postcode(pc4, gathered[pc4]) for pc4 in sorted(gathered)]


def _decoded(raw: bytes, *, first: bool) -> str:
    if len(raw) == _LONGEST_LINE:
        raise InvalidInput("De regel is te lang voor deze indeling.")
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise InvalidInput("De tekens zijn niet in UTF-8 gecodeerd.") from None
    return (text.removeprefix(_BYTE_ORDER_MARK) if first else text).rstrip("\r\n")


def _gather(line: str, year: int, gathered: dict[str, _Gathered]) -> None:
    if not line:
        return
    columns = line.split("\t")
    if len(columns) != _COLUMNS:
        raise InvalidInput(
            f"Aantal kolommen: {len(columns)}. Het horen er {_COLUMNS} te zijn, met tabs ertussen."
        )
    country, postcode, place, _, _, gemeente, code, _, _, latitude, longitude, _ = columns
    if country != "NL":
        raise InvalidInput(f"Het land is {country[:20]!r}; alleen NL kan worden ingelezen.")
    pc4 = pc4_of(postcode)
    point = Point(_degrees(latitude), _degrees(longitude))
    row = gathered.setdefault(pc4, _Gathered(_name(place)))
    row.points[point] = None
    if distance_km(next(iter(row.points)), point) > _APART_KM:
        raise InvalidInput(
            f"Postcode {pc4} ligt hier meer dan {_APART_KM} km van de plek op een eerdere regel."
        )
    row.gemeenten[_gemeente(gemeente, code, year)] = None


def _degrees(text: str) -> float:
    if not _DEGREES.fullmatch(text):
        raise InvalidInput(
            f"{text[:20]!r} is geen breedte of lengte in graden, met een punt als decimaalteken."
        )
    return float(text)


def _name(text: str) -> str:
    name = text.strip()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise InvalidInput("De plaatsnaam ontbreekt of is niet leesbaar.")
    return name


def _gemeente(text: str, code: str, year: int) -> Gemeente:
    name = _name(text) if text.strip() else None
    if is_gemeente(code):
        return code, name or GEMEENTEN.get(code), year
    if name is None:
        return _UNKNOWN
    known = gemeente_code(name)
    return (known, GEMEENTEN[known], GEMEENTEN_YEAR) if known else (None, name, None)


def _postcode(pc4: str, gathered: _Gathered) -> Postcode:
    points = list(gathered.points)
    middle = Point(
        round(sum(point.latitude for point in points) / len(points), _DECIMALS),
        round(sum(point.longitude for point in points) / len(points), _DECIMALS),
    )
    return Postcode(pc4, gathered.place, middle, *_agreed(list(gathered.gemeenten)))


def _agreed(told: list[Gemeente]) -> Gemeente:
    """What rows agree on: a code counts for more than a name, and one code may have two names."""
    coded = [gemeente for gemeente in told if gemeente[0]]
    if coded:
        return coded[0] if len({code for code, _, _ in coded}) == 1 else _UNKNOWN
    named = [gemeente for gemeente in told if gemeente[1]]
    return named[0] if len(named) == 1 else _UNKNOWN
