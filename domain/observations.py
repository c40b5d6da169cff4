"""Which of two reports of one bed or one team stands, whichever comes first.

The same law as for a pool's figures (`domain/capacity.py`, Precedence), for what isn't counted.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.capacity import Outcome
from domain.errors import InvalidInput, VersionChanged
from domain.outlook import HORIZON


@dataclass(frozen=True, slots=True)
class Observation:
    """A report by what decides on it.

    stated_at: the observation as it was told; observed_at: the same by our clock.
    rank: the higher, the less it promises; of equal observations that one stands, because a place
    too few costs a call and a place too many costs trust.
    digest: of what was said and by which source; decides between equals.
    """

    stated_at: datetime
    observed_at: datetime
    rank: tuple[int, ...]
    digest: bytes

    def outranks(self, other: "Observation") -> bool:
        """Whether this report replaces the other."""
        return (self.observed_at, self.rank, self.digest) > (
            other.observed_at,
            other.rank,
            other.digest,
        )

    def repeats(self, other: "Observation") -> bool:
        """Whether this is the other one, sent again."""
        return (self.stated_at, self.digest) == (other.stated_at, other.digest)


class Fate(StrEnum):
    """What is to be done with a report that isn't refused.

    KNOWN: history holds it already, and another one stands by now. SANDBOX: kept, never counted.
    """

    ACCEPTED = "accepted"
    SUPERSEDED = "superseded"
    REPEATED = "repeated"
    KNOWN = "known"
    SANDBOX = "sandbox"

    @property
    def is_kept(self) -> bool:
        """Whether history gets it."""
        return self in (Fate.ACCEPTED, Fate.SUPERSEDED, Fate.SANDBOX)

    @property
    def outcome(self) -> Outcome:
        """What the sender is told."""
        return Outcome.SUPERSEDED if self is Fate.KNOWN else Outcome(self.value)


def judge(
    said: Observation,
    stands: Observation | None,
    *,
    version: int,
    expected_version: int | None,
    known: bool,
    sandbox: bool = False,
) -> Fate:
    """What becomes of a report beside the one that stands (None: none yet).

    version: of the report that stands; expected_version: the one that was shown, None for any.
    known: history holds this report. sandbox: its source doesn't count yet. Raises VersionChanged.
    """
    if stands is not None and said.repeats(stands):
        return Fate.REPEATED
    if expected_version is not None and expected_version != version:
        raise VersionChanged(version)
    if sandbox:
        return Fate.REPEATED if known else Fate.SANDBOX
    if known:
        return Fate.KNOWN
    if stands is None or said.outranks(stands):
        return Fate.ACCEPTED
    return Fate.SUPERSEDED


def check_day(day: date | None, observed_on: date, pointer: str) -> None:
    """Raises InvalidInput for a day more than a year from the observation."""
    if day is not None and abs(day - observed_on) > HORIZON:
        raise InvalidInput("Deze dag ligt meer dan een jaar weg.", pointer)
