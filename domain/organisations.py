"""Organisations as the registers keep them: who they are, where they work and whom they serve."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain.actors import OrganisationKind
from domain.errors import InvalidInput
from domain.hours import OnCall
from domain.identifiers import (
    EVERYWHERE,
    RegionId,
    has_digits,
    is_agb,
    is_pc4,
    is_telephone,
)


@dataclass(frozen=True, slots=True)
class Insurer:
    """A contract with a health insurer, by its UZOVI-code; both days count, None has no end."""

    uzovi: str
    valid_from: date
    valid_until: date | None = None

    def to_json(self) -> dict[str, str | None]:
        """As it is stored and shown."""
        return {
            "uzovi": self.uzovi,
            "valid_from": self.valid_from.isoformat(),
            "valid_until": self.valid_until.isoformat() if self.valid_until else None,
        }


@dataclass(frozen=True, slots=True)
class Organisation:
    """All that people fill in of an organisation. Raises InvalidInput with the member's pointer.

    pc4s: those that a coordination point serves.
    """

    agb: str
    name: str
    kind: OrganisationKind
    regions: frozenset[RegionId] = frozenset()
    ura: str | None = None
    kvk: str | None = None
    telephone: str | None = None
    pc4s: frozenset[str] = frozenset()
    insurers: tuple[Insurer, ...] = ()
    on_call: tuple[OnCall, ...] = ()

    def __post_init__(self) -> None:
        if not is_agb(self.agb):
            raise InvalidInput("Een AGB-code heeft acht cijfers.", "/agb")
        if self.ura is not None and not has_digits(self.ura, 8):
            raise InvalidInput("Een URA-nummer heeft acht cijfers.", "/ura")
        if self.kvk is not None and not has_digits(self.kvk, 8):
            raise InvalidInput("Een KvK-nummer heeft acht cijfers.", "/kvk")
        check_telephone(self.telephone)
        if EVERYWHERE in self.regions:
            raise InvalidInput("Regio 0 is van iedereen; daar werkt niemand.", "/regions")
        if self.pc4s and self.kind is not OrganisationKind.COORDINATION_POINT:
            raise InvalidInput("Alleen een coördinatiepunt bedient postcodes.", "/pc4s")
        for pc4 in sorted(self.pc4s):
            if not is_pc4(pc4):
                raise InvalidInput(f"{pc4!r} is geen postcode van vier cijfers.", "/pc4s")
        _check_insurers(self.insurers)


def check_telephone(telephone: str | None, pointer: str = "/telephone") -> None:
    """Raises InvalidInput for what nobody can dial; None is fine."""
    if telephone is not None and not is_telephone(telephone):
        raise InvalidInput(
            "Een telefoonnummer bestaat uit cijfers, spaties, streepjes en haakjes.", pointer
        )


def _check_insurers(insurers: Iterable[Insurer]) -> None:
    for number, insurer in enumerate(insurers):
        if not has_digits(insurer.uzovi, 4):
            raise InvalidInput("Een UZOVI-code heeft vier cijfers.", f"/insurers/{number}/uzovi")
        if insurer.valid_until is not None and insurer.valid_until < insurer.valid_from:
            raise InvalidInput(
                "Een contract eindigt niet voor het begint.", f"/insurers/{number}/valid_until"
            )
