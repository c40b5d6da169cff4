"""How much each preference weighs in a match: versions, as data, read strictly."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain import strict

#: A component is scored in so many steps, from 0 to FULL; a neutral one too.
FULL = 1000
_MOST = 1000


class Component(StrEnum):
    """What makes one place better than another, in the order in which it is told."""

    AFSTAND = "afstand"
    GEMEENTE = "gemeente"
    OPNAME = "opname"
    VERSHEID = "versheid"
    NAKOMEN = "nakomen"
    SPREIDING = "spreiding"
    BEKEND = "bekend"


#: Those of which what is needed may be unknown, or too little to go by.
MAY_BE_UNKNOWN = (Component.AFSTAND, Component.GEMEENTE, Component.NAKOMEN)


class BadWeights(strict.BadData):
    """These weights can't be used."""


@dataclass(frozen=True, slots=True)
class Weights:
    """One version.

    of: whole points for each component when it is as good as can be. neutral: what one scores, of
    FULL, that isn't known. reach_km: from here on a distance scores nothing. wijk_km: as near as
    this counts as the wijk. horizon_hours: from here on an admission scores nothing when nobody told
    by when it is needed.
    """

    version: str
    valid_from: date
    of: Mapping[Component, int]
    neutral: Mapping[Component, int]
    reach_km: int
    wijk_km: int
    horizon_hours: int

    @classmethod
    def from_data(cls, data: object) -> "Weights":
        """Weights as JSON has them. Raises BadWeights with all that is wrong with them."""
        findings: list[str] = []
        names = ("version", "valid_from", "of", "neutral", "reach_km", "wijk_km", "horizon_hours")
        given = strict.members(data, "", names, findings)
        weights = cls(
            version=strict.slug(given.get("version"), "/version", findings),
            valid_from=strict.day(given.get("valid_from"), "/valid_from", findings),
            of=_table(given.get("of"), "/of", tuple(Component), _MOST, findings),
            neutral=_table(given.get("neutral"), "/neutral", MAY_BE_UNKNOWN, FULL, findings),
            reach_km=_whole(given.get("reach_km"), "/reach_km", 1, _MOST, findings),
            wijk_km=_whole(given.get("wijk_km"), "/wijk_km", 0, _MOST, findings),
            horizon_hours=_whole(given.get("horizon_hours"), "/horizon_hours", 1, 8784, findings),
        )
        if not findings and not any(weights.of.values()):
            findings.append("/of: niets weegt mee")
        if findings:
            raise BadWeights(findings)
        return weights

    def to_json(self) -> dict[str, object]:
        """As `from_data` reads them."""
        return {
            "version": self.version,
            "valid_from": self.valid_from.isoformat(),
            "of": {component.value: weight for component, weight in self.of.items()},
            "neutral": {component.value: score for component, score in self.neutral.items()},
            "reach_km": self.reach_km,
            "wijk_km": self.wijk_km,
            "horizon_hours": self.horizon_hours,
        }


def _table(
    data: object, at: str, components: tuple[Component, ...], most: int, findings: list[str]
) -> dict[Component, int]:
    given = strict.members(data, at, components, findings)
    return {
        component: _whole(given.get(component), f"{at}/{component}", 0, most, findings)
        for component in components
    }


def _whole(data: object, at: str, least: int, most: int, findings: list[str]) -> int:
    if isinstance(data, int) and not isinstance(data, bool) and least <= data <= most:
        return data
    findings.append(f"{at}: hier hoort een geheel getal van {least} tot en met {most}")
    return least
