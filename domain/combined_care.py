"""Home nursing with several needs at once: a team fits as far as it fits the hardest of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import product

from domain.capacity import Freshness
from domain.home_care import Coverage, Dagdeel, Fit, Reason, Skill, TeamReport, fit


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that has to be done in one dagdeel; None: whatever it is, whenever it is."""

    skill: Skill | None
    dagdeel: Dagdeel | None


class Group(StrEnum):
    """How a team's answer is to be read; in the order in which they are shown."""

    FITS = "past"
    PARTLY = "past-deels"
    UNCONFIRMED = "niet-bevestigd"
    NOT = "past-niet"


@dataclass(frozen=True, slots=True)
class CombinedFit:
    """How far a team fits all needs together. `start` is the first day on which it can do all; None:
    unknown."""

    rank: int
    start: date | None
    parts: tuple[tuple[Need, Fit], ...]

    @property
    def group(self) -> Group:
        """Partly also when some needs are met well and others not at all."""
        if self.rank == 0:
            return Group.FITS
        match min(fit.rank for _, fit in self.parts):
            case 0 | 1:
                return Group.PARTLY
            case 2:
                return Group.UNCONFIRMED
            case _:
                return Group.NOT

    def those_with(self, reason: Reason) -> tuple[Need, ...]:
        """The needs that a reason stands in the way of."""
        return tuple(need for need, fit in self.parts if reason in fit.reasons)


def needs_of(skills: Iterable[Skill], dagdelen: Iterable[Dagdeel]) -> tuple[Need, ...]:
    """Every skill in every dagdeel."""
    return tuple(
        Need(skill, dagdeel)
        for skill, dagdeel in product(tuple(skills) or (None,), tuple(dagdelen) or (None,))
    )


def combined_fit(
    coverage: Coverage,
    report: TeamReport | None,
    freshness: Freshness,
    needs: Iterable[Need],
    *,
    start_by: date | None,
    today: date,
) -> CombinedFit:
    """How far a team that works in the postcode fits all of at least one need.

    The care begins when all of it can: the worst rank decides, and the latest start.
    """
    parts = tuple(
        (
            need,
            fit(
                coverage,
                report,
                freshness,
                skill=need.skill,
                dagdeel=need.dagdeel,
                start_by=start_by,
                today=today,
            ),
        )
        for need in needs
    )
    starts = [found.start for _, found in parts]
    start = None if None in starts else max(day for day in starts if day is not None)
    return CombinedFit(max(found.rank for _, found in parts), start, parts)
