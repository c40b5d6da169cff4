"""Locations as the registers keep them: a building, where it is and when somebody answers."""

from dataclasses import dataclass

from domain.errors import InvalidInput
from domain.geography import Point, postcode_of
from domain.hours import OnCall, WeeklyHours
from domain.identifiers import has_digits, is_gemeente
from domain.organisations import check_telephone


@dataclass(frozen=True, slots=True)
class Location:
    """All that people fill in of a building. Raises InvalidInput with the member's pointer.

    postcode: with or without letters. gemeente: its CBS code, of the division of gemeente_year.
    Without a point or a gemeente of its own a location gets those of its postcode.
    wlz_contract: the zorgkantoor pays Wlz care here. Hours None: nobody told.
    """

    name: str
    address: str
    postcode: str
    place: str
    gemeente: str | None = None
    gemeente_year: int | None = None
    point: Point | None = None
    vestigingsnummer: str | None = None
    telephone: str | None = None
    wlz_contract: bool = False
    opening_hours: WeeklyHours | None = None
    intake_hours: WeeklyHours | None = None
    on_call: tuple[OnCall, ...] = ()

    def __post_init__(self) -> None:
        postcode_of(self.postcode)
        if self.gemeente is not None and not is_gemeente(self.gemeente):
            raise InvalidInput("Een gemeentecode heeft vier cijfers.", "/gemeente")
        if self.gemeente_year is not None and self.gemeente is None:
            raise InvalidInput("Een jaar hoort bij een gemeentecode.", "/gemeente_year")
        if self.vestigingsnummer is not None and not has_digits(self.vestigingsnummer, 12):
            raise InvalidInput("Een vestigingsnummer heeft twaalf cijfers.", "/vestigingsnummer")
        check_telephone(self.telephone)
