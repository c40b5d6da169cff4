"""What somebody would rather have: preferred, never a condition of a place."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.errors import InvalidInput
from domain.geography import GEMEENTEN
from domain.identifiers import is_pc4

#: "In de eigen wijk" is told by postcode, since codes of wijken change over the years.
MOST_PC4S = 20
MOST_ORGANISATIONS = 5


@dataclass(frozen=True, slots=True)
class Wishes:
    """Where somebody would rather be, and with whom. Raises InvalidInput with the member's pointer.

    partner_pc4: distances count from there too, whichever is less. gemeente: its CBS code. pc4s: the
    wijk; empty: that of the home. known_to: organisations that know this person.
    """

    partner_pc4: str | None = None
    gemeente: str | None = None
    pc4s: frozenset[str] = frozenset()
    known_to: frozenset[UUID] = frozenset()

    def __post_init__(self) -> None:
        if self.partner_pc4 is not None and not is_pc4(self.partner_pc4):
            raise InvalidInput("Geef de vier cijfers van de postcode.", "/partner_pc4")
        if self.gemeente is not None and self.gemeente not in GEMEENTEN:
            raise InvalidInput("Deze gemeente ligt niet in of bij de regio.", "/gemeente")
        if not all(is_pc4(one) for one in self.pc4s):
            raise InvalidInput("Geef de vier cijfers van de postcode.", "/pc4s")
        if len(self.pc4s) > MOST_PC4S:
            raise InvalidInput(f"Noem hoogstens {MOST_PC4S} postcodes.", "/pc4s")
        if len(self.known_to) > MOST_ORGANISATIONS:
            raise InvalidInput(f"Noem hoogstens {MOST_ORGANISATIONS} organisaties.", "/known_to")

    def to_json(self) -> dict[str, object]:
        """To keep with a referral, and with a match that went by it."""
        return {
            "partner_pc4": self.partner_pc4,
            "gemeente": self.gemeente,
            "pc4s": sorted(self.pc4s),
            "known_to": sorted(str(one) for one in self.known_to),
        }


NO_WISHES = Wishes()


def wishes_from(kept: Mapping[str, Any] | None) -> Wishes:
    """As `to_json` wrote them; None: no wishes."""
    if kept is None:
        return NO_WISHES
    return Wishes(
        kept["partner_pc4"],
        kept["gemeente"],
        frozenset(kept["pc4s"]),
        frozenset(UUID(one) for one in kept["known_to"]),
    )
