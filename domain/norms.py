"""The norms of a region: by when who must have done what. Configuration with history, no constants.

Where no norm was published the default is our own choice, shown to users as "lokale afspraak". A
norm is copied into each clock as it starts (domain/deadlines.py), so a change holds from then on.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Self, TypeVar

from domain.care_types import CareType
from domain.errors import InvalidInput
from domain.members import members_of, whole_of, yes_or_no_of
from domain.needs import Urgency

#: Of one round; "parallel asking wastes intake desks' work and makes them leave".
MOST_ASKED_AT_ONCE = 3
LONGEST_CLAIM_MINUTES = 240
#: Two weeks, for what somebody waits for at a desk.
LONGEST_MINUTES = 20_160
#: Thirteen weeks: the longest of the Treeknormen.
LONGEST_PLACEMENT_MINUTES = 131_040
LONGEST_DAYS = 365

Value = TypeVar("Value")


class ClockHours(StrEnum):
    """Which hours a clock counts: all of them, or those in which the intake desk is open."""

    ALTIJD = "altijd"
    INTAKE_UREN = "intake-uren"


@dataclass(frozen=True, slots=True)
class Clock:
    """A norm in time: so many minutes, counted in these hours."""

    minutes: int
    hours: ClockHours = ClockHours.ALTIJD


def _clocks(acuut: int, spoed: int, regulier: Clock) -> Mapping[Urgency, Clock]:
    return _by_urgency(Clock(acuut), Clock(spoed), regulier)


def _by_urgency(acuut: Value, spoed: Value, regulier: Value) -> Mapping[Urgency, Value]:
    return MappingProxyType(
        {Urgency.ACUUT: acuut, Urgency.SPOED: spoed, Urgency.REGULIER: regulier}
    )


_ANSWER = _clocks(30, 240, Clock(1_440, ClockHours.INTAKE_UREN))
_TRIAGE = _clocks(15, 60, Clock(480, ClockHours.INTAKE_UREN))
_PLACEMENT = _clocks(1_440, 2_880, Clock(20_160))
_MOST_AT_ONCE = _by_urgency(3, 1, 1)
_NEXT_ROUND = _by_urgency(False, False, False)
_NO_OWNER = _by_urgency(5, 30, 240)
_REVIEW_DAYS: Mapping[CareType, int] = MappingProxyType(
    {
        CareType.MFB: 3,
        CareType.ELV_LAAG: 21,
        CareType.ELV_HOOG: 21,
        CareType.ELV_PALLIATIEF: 28,
        CareType.GRZ: 42,
        CareType.WLZ_CRISIS: 14,
        CareType.RESPIJT: 14,
        CareType.OBSERVATIE: 2,
    }
)


@dataclass(frozen=True, slots=True)
class Norms:
    """A region's norms; each default is a "lokale afspraak" unless it names its source.

    answer: within which an offer is answered. No published norm. Acute care knows no office hours.
    unseen_minutes: after which an acuut offer that nobody looked at is the coordinator's to phone.
    most_at_once: how many providers are asked in one round, at most three.
    next_round: whether the next round is offered by itself; that of an acuut offer never is.
    claim_minutes: how long "vasthouden" holds a place.
    triage: within which a filed referral is triaged. No published norm.
    placement: from filing to admission when no needed_by was told. Wlz-crisis within 24 hours and
    spoedzorg within 24 to 48 are the field's; ELV and GRZ have no norm.
    near_share: percent of a clock's time; with that much left, or less, it is "kort".
    not_arrived_minutes: after the agreed admission, when nobody has recorded it.
    no_owner_minutes: how long a referral may be without somebody who handles it.
    duplicate_days, again_days: within which a like referral is a possible duplicate, or "again".
    review_days: from admission to the first review, for the care types that have one. Those of a
    Wlz crisis place are its legal 14 days.
    stale_minutes: past its valid_until, after which coordinators hear of an unconfirmed figure.
    direct_to_team: whether a referrer's aanmelding for home nursing goes straight to the team that it
    names; the coordination point has it in hand all the same.

    Raises InvalidInput, with the JSON pointer of the member, for what can't be meant.
    """

    answer: Mapping[Urgency, Clock] = field(default_factory=lambda: _ANSWER)
    unseen_minutes: int = 10
    most_at_once: Mapping[Urgency, int] = field(default_factory=lambda: _MOST_AT_ONCE)
    next_round: Mapping[Urgency, bool] = field(default_factory=lambda: _NEXT_ROUND)
    claim_minutes: int = 30
    triage: Mapping[Urgency, Clock] = field(default_factory=lambda: _TRIAGE)
    placement: Mapping[Urgency, Clock] = field(default_factory=lambda: _PLACEMENT)
    near_share: int = 33
    not_arrived_minutes: int = 120
    no_owner_minutes: Mapping[Urgency, int] = field(default_factory=lambda: _NO_OWNER)
    duplicate_days: int = 14
    again_days: int = 30
    review_days: Mapping[CareType, int] = field(default_factory=lambda: _REVIEW_DAYS)
    stale_minutes: int = 60
    direct_to_team: bool = False

    def __post_init__(self) -> None:
        _check_clocks(self.answer, LONGEST_MINUTES, "/answer")
        _check_clocks(self.triage, LONGEST_MINUTES, "/triage")
        _check_clocks(self.placement, LONGEST_PLACEMENT_MINUTES, "/placement")
        _check_each(self.most_at_once, MOST_ASKED_AT_ONCE, "/most_at_once")
        _check_each(self.no_owner_minutes, LONGEST_MINUTES, "/no_owner_minutes")
        _check_order(self.no_owner_minutes, "/no_owner_minutes")
        _check_each(self.review_days, LONGEST_DAYS, "/review_days")
        for name, most in _MOST.items():
            _check(getattr(self, name), most, f"/{name}")
        if self.unseen_minutes >= self.answer[Urgency.ACUUT].minutes:
            raise InvalidInput(
                "Bellen over een acute vraag die niemand zag, komt vóór het einde van de antwoordtijd.",
                "/unseen_minutes",
            )
        if self.next_round[Urgency.ACUUT]:
            raise InvalidInput(
                "De volgende ronde van een acute vraag begint iemand zelf.", "/next_round/acuut"
            )

    @classmethod
    def from_json(cls, data: object, pointer: str = "") -> Self:
        """From an object with these members, each optional; null is as good as left out.

        What is left out is the default, also of one urgency; review_days count as they are given.
        Raises InvalidInput; `pointer` is where the data stands in the body.
        """
        given = {
            name: _READERS[name](value, f"{pointer}/{name}")
            for name, value in members_of(data, _READERS, pointer).items()
            if value is not None
        }
        try:
            return cls(**given)
        except InvalidInput as problem:
            raise InvalidInput(problem.detail, pointer + problem.pointer) from None

    def to_json(self) -> dict[str, Any]:
        """All members, each with its three urgencies: what is stored, so that no default moves it."""
        return {
            "answer": _clocks_json(self.answer),
            "unseen_minutes": self.unseen_minutes,
            "most_at_once": _plain(self.most_at_once, Urgency),
            "next_round": _plain(self.next_round, Urgency),
            "claim_minutes": self.claim_minutes,
            "triage": _clocks_json(self.triage),
            "placement": _clocks_json(self.placement),
            "near_share": self.near_share,
            "not_arrived_minutes": self.not_arrived_minutes,
            "no_owner_minutes": _plain(self.no_owner_minutes, Urgency),
            "duplicate_days": self.duplicate_days,
            "again_days": self.again_days,
            "review_days": _plain(self.review_days, CareType),
            "stale_minutes": self.stale_minutes,
            "direct_to_team": self.direct_to_team,
        }


#: The most of each plain number; the least is one.
_MOST = {
    "unseen_minutes": LONGEST_MINUTES,
    "claim_minutes": LONGEST_CLAIM_MINUTES,
    "near_share": 99,
    "not_arrived_minutes": LONGEST_MINUTES,
    "duplicate_days": LONGEST_DAYS,
    "again_days": LONGEST_DAYS,
    "stale_minutes": LONGEST_MINUTES,
}


def _check(value: int, most: int, pointer: str) -> None:
    if not 1 <= value <= most:
        raise InvalidInput(f"Dit is een getal van 1 tot en met {most}.", pointer)


def _check_each(values: Mapping[Any, int], most: int, pointer: str) -> None:
    for name, value in values.items():
        _check(value, most, f"{pointer}/{name}")


def _check_clocks(clocks: Mapping[Urgency, Clock], longest: int, pointer: str) -> None:
    for urgency, clock in clocks.items():
        _check(clock.minutes, longest, f"{pointer}/{urgency}/minutes")
    _check_order({u: clock.minutes for u, clock in clocks.items()}, pointer, "/minutes")
    if clocks[Urgency.ACUUT].hours is not ClockHours.ALTIJD:
        raise InvalidInput("Acute zorg kent geen kantooruren.", f"{pointer}/acuut/hours")


def _check_order(minutes: Mapping[Urgency, int], pointer: str, member: str = "") -> None:
    """What is more urgent never waits longer."""
    longest = 0
    for urgency in Urgency:
        if minutes[urgency] < longest:
            raise InvalidInput(
                "Wat minder dringend is, krijgt minstens zoveel tijd.",
                f"{pointer}/{urgency}{member}",
            )
        longest = minutes[urgency]


def _clocks_json(clocks: Mapping[Urgency, Clock]) -> dict[str, dict[str, object]]:
    return {
        str(urgency): {
            "minutes": clocks[urgency].minutes,
            "hours": str(clocks[urgency].hours),
        }
        for urgency in Urgency
    }


def _plain(values: Mapping[Any, Value], order: Iterable[StrEnum]) -> dict[str, Value]:
    return {str(name): values[name] for name in order if name in values}


def _clock_from(data: object, pointer: str) -> Clock:
    members = members_of(data, ("minutes", "hours"), pointer)
    hours = members.get("hours")
    if hours not in tuple(ClockHours):
        raise InvalidInput(f"Hier hoort {' of '.join(ClockHours)}.", f"{pointer}/hours")
    return Clock(whole_of(members.get("minutes"), f"{pointer}/minutes"), ClockHours(str(hours)))


def _each_urgency(
    read: Callable[[object, str], Value], default: Mapping[Urgency, Value]
) -> Callable[[object, str], dict[Urgency, Value]]:
    """A reader of one value for each urgency, the default where it is left out."""

    def from_data(data: object, pointer: str) -> dict[Urgency, Value]:
        members = members_of(data, tuple(Urgency), pointer)
        given = {
            Urgency(name): read(value, f"{pointer}/{name}")
            for name, value in members.items()
            if value is not None
        }
        return {**default, **given}

    return from_data


def _review_days_from(data: object, pointer: str) -> dict[CareType, int]:
    return {
        CareType(name): whole_of(value, f"{pointer}/{name}")
        for name, value in members_of(data, tuple(CareType), pointer).items()
    }


_READERS: dict[str, Callable[[object, str], Any]] = {
    "answer": _each_urgency(_clock_from, _ANSWER),
    "unseen_minutes": whole_of,
    "most_at_once": _each_urgency(whole_of, _MOST_AT_ONCE),
    "next_round": _each_urgency(yes_or_no_of, _NEXT_ROUND),
    "claim_minutes": whole_of,
    "triage": _each_urgency(_clock_from, _TRIAGE),
    "placement": _each_urgency(_clock_from, _PLACEMENT),
    "near_share": whole_of,
    "not_arrived_minutes": whole_of,
    "no_owner_minutes": _each_urgency(whole_of, _NO_OWNER),
    "duplicate_days": whole_of,
    "again_days": whole_of,
    "review_days": _review_days_from,
    "stale_minutes": whole_of,
    "direct_to_team": yes_or_no_of,
}
