"""Figures that may be true and deserve a second look: warnings on the receipt, never a refusal."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from domain.capacity import Figures


class Oddity(StrEnum):
    """Why figures deserve a second look."""

    JUMP = "sprong"
    CLOSED_AND_OPERABLE = "gesloten-en-bemand"
    PLANNED_BEYOND_OPERABLE = "meer-gepland-dan-bemand"
    ADMISSIONS_BEYOND_PLANNED = "meer-opnamen-dan-gepland"
    DISCHARGES_BEYOND_OCCUPIED = "meer-ontslagen-dan-bezet"
    SHORTAGE = "tekort"
    FREE_AND_AVAILABLE_FROM = "vrij-en-vrij-vanaf"


ODDITY_LABELS: dict[Oddity, str] = {
    Oddity.JUMP: "wijkt sterk af van de vorige melding",
    Oddity.CLOSED_AND_OPERABLE: "gesloten en bemande plaatsen zijn samen meer dan er bestaan",
    Oddity.PLANNED_BEYOND_OPERABLE: "er zijn meer opnamen gepland dan er plaatsen bemand zijn",
    Oddity.ADMISSIONS_BEYOND_PLANNED: "er staan meer opnamedatums dan geplande opnamen",
    Oddity.DISCHARGES_BEYOND_OCCUPIED: "er staan meer ontslagdatums dan bezette plaatsen",
    Oddity.SHORTAGE: "er is meer bezet en gepland dan er bemand is",
    Oddity.FREE_AND_AVAILABLE_FROM: "er is nu plaats, en toch staat er een datum vrij vanaf",
}

_SMALL = 9
_LARGE = 20
_SMALL_JUMP = 7
_COUNTS = ("physical", "operable", "occupied", "free")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A warning about a field; `was` and `now` for a jump."""

    oddity: Oddity
    field: str
    was: int | None = None
    now: int | None = None

    def __str__(self) -> str:
        return f"{self.oddity}:{self.field}"


def is_jump(was: int, now: int) -> bool:
    """Beyond 7 up or down from 0-9, and doubled or halved from 20 up. Between them nothing is."""
    if was <= _SMALL:
        return abs(now - was) > _SMALL_JUMP
    return was >= _LARGE and (now >= 2 * was or 2 * now <= was)


def doubts(figures: Figures, before: Figures | None) -> tuple[Doubt, ...]:
    """What a report's figures, beside those that stand (None: the first report), make one wonder."""
    return (*_jumps(figures, before or Figures()), *_within(figures))


def _jumps(figures: Figures, before: Figures) -> Iterator[Doubt]:
    for name in _COUNTS:
        was, now = getattr(before, name), getattr(figures, name)
        if name == "free" and was is None:
            # The counts that stand tell it too.
            was = before.base
        if was is not None and now is not None and is_jump(was, now):
            yield Doubt(Oddity.JUMP, name, was, now)


def _within(figures: Figures) -> Iterator[Doubt]:
    operable, planned = figures.operable, figures.planned
    if None not in (figures.physical, operable, figures.closed) and (
        (operable or 0) + (figures.closed or 0) > (figures.physical or 0)
    ):
        yield Doubt(Oddity.CLOSED_AND_OPERABLE, "closed")
    if operable is not None and planned is not None and planned > operable:
        yield Doubt(Oddity.PLANNED_BEYOND_OPERABLE, "planned")
    elif figures.base is not None and figures.base < 0:
        yield Doubt(Oddity.SHORTAGE, "occupied")
    admissions = sum(places for _, places in figures.forecast.admissions)
    if planned is not None and admissions > planned:
        yield Doubt(Oddity.ADMISSIONS_BEYOND_PLANNED, "admissions")
    discharges = sum(places for _, places in figures.forecast.discharges)
    if figures.occupied is not None and discharges > figures.occupied:
        yield Doubt(Oddity.DISCHARGES_BEYOND_OCCUPIED, "discharges")
    if figures.free and figures.available_from is not None:
        yield Doubt(Oddity.FREE_AND_AVAILABLE_FROM, "available_from")
