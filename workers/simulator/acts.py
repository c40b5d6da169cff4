"""What is done at a simulated moment, by whoever: values only, made by the habits, done by the players."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Generic, TypeVar

from domain.beds import BedState
from domain.capacity import Figures
from domain.care_types import ClosedReason
from domain.home_care import Dagdeel, Light, Skill

A = TypeVar("A")
DaysAndPlaces = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Visit(Generic[A]):
    """What is done at a simulated moment."""

    at: timedelta
    acts: tuple[A, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Says figures of a pool.

    age: how long ago, by the real clock, they were true. Days are counted from today: vrij vanaf
    (available_in_days), expected discharges and planned admissions.
    wrong: they can't be true, so the service is to refuse them.
    """

    figures: Figures
    age: timedelta = timedelta(0)
    available_in_days: int | None = None
    discharges: DaysAndPlaces = ()
    admissions: DaysAndPlaces = ()
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class Confirm:
    """Says "klopt nog" to these figures, or says them again if others are shown by now."""

    figures: Figures


@dataclass(frozen=True, slots=True)
class Repeat:
    """Says the last report again to the letter, as a feed that missed the answer does."""


@dataclass(frozen=True, slots=True)
class Phone:
    """The coordination point types what it was told about a pool whose provider keeps silent."""

    figures: Figures
    note: str


PoolAct = Report | Confirm | Repeat | Phone


@dataclass(frozen=True, slots=True)
class Batch:
    """Says figures of all pools in one request, by the provider's own codes."""

    reports: tuple[tuple[str, Report], ...]


@dataclass(frozen=True, slots=True)
class RepeatBatch:
    """Sends the last batch again to the letter."""


@dataclass(frozen=True, slots=True)
class Round:
    """Goes through the pools: those that changed one by one, then "alles klopt nog" for the others."""

    changed: tuple[tuple[str, Report], ...]
    same: tuple[tuple[str, Report], ...]


DeskAct = Batch | RepeatBatch | Round


@dataclass(frozen=True, slots=True)
class SayBed:
    """Says how a bed is; the expected discharge in days from today."""

    code: str
    state: BedState
    closed_reason: ClosedReason | None = None
    leaves_in_days: int | None = None


@dataclass(frozen=True, slots=True)
class ConfirmBeds:
    """Says "klopt nog" to all beds of a pool."""


BedAct = SayBed | ConfirmBeds


@dataclass(frozen=True, slots=True)
class Differs:
    """Where a team's answer differs: for a skill or a dagdeel."""

    light: Light
    skill: Skill | None = None
    dagdeel: Dagdeel | None = None
    starts_in_days: int | None = None


@dataclass(frozen=True, slots=True)
class SayTeam:
    """Says a team's stoplight; days are counted from today."""

    light: Light
    starts_in_days: int | None = None
    hours: int | None = None
    differs: tuple[Differs, ...] = ()


@dataclass(frozen=True, slots=True)
class ConfirmTeam:
    """Says "klopt nog" of a team, or says it again if another report is shown by now."""

    said: SayTeam


TeamAct = SayTeam | ConfirmTeam


@dataclass(frozen=True, slots=True)
class SetStop:
    """Sets the opnamestop of a location; the day it is expected to end in days from today."""

    location: str
    reason: ClosedReason
    note: str
    ends_in_days: int


@dataclass(frozen=True, slots=True)
class LiftStop:
    """Lifts the opnamestop of a location."""

    location: str


StopAct = SetStop | LiftStop


def seeded(seed: int, *what: str) -> Random:
    """Numbers of their own for each subject, so that none depends on who came first."""
    return Random(":".join((str(seed), *what)))  # noqa: S311 (a play, no secret)
