"""What really goes on at the houses, and how they tell the board of it.

A house keeps a promise that it made, and takes others of its own besides: those come when the board
doesn't know of it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.security.keys import Credential
from bench.month.arrivals import Arrival
from domain.actors import Actor
from domain.admission import AdmissionRules, earliest_admission
from domain.calendar import AMSTERDAM
from domain.capacity import Figures
from domain.care_types import CareType
from domain.features import Feature
from domain.geography import Point
from domain.identifiers import OrganisationId, PoolId
from domain.outlook import Forecast
from domain.posting import PostingSchedule
from workers.simulator.intake import Manner
from workers.simulator.ward import OPEN_ENDED

_CLEANING = timedelta(hours=1)
_FORESEEN_FOR = timedelta(days=14)


class Posts(StrEnum):
    """FEED: software, every three hours. TWICE: people, at nine and three on workdays, and they forget
    one time in ten. SELDOM: people who forget one time in two.
    """

    FEED = "feed"
    TWICE = "twice"
    SELDOM = "seldom"


@dataclass(frozen=True, slots=True)
class House:
    """A provider: how it answers, how it posts, and with which keys."""

    agb: str
    organisation_id: OrganisationId
    manner: Manner
    posts: Posts
    reporter: Credential
    intake: Actor


@dataclass(eq=False, slots=True)
class Ward:
    """A pool's places and who is in them. stays: when each one leaves; promised: offers of this service
    that were accepted, of whom nobody came yet.
    """

    pool_id: PoolId
    code: str
    house: House
    care_types: Sequence[CareType]
    features: frozenset[Feature]
    rules: AdmissionRules | None
    schedule: PostingSchedule
    point: Point
    places: int
    stays: list[datetime] = field(default_factory=list)
    promised: set[UUID] = field(default_factory=set)

    @property
    def room(self) -> int:
        """Places that nobody is in or was promised; below zero: promised for when somebody leaves."""
        return self.places - len(self.stays) - len(self.promised)

    def care_type(self, arrival: Arrival) -> CareType:
        """What somebody would get here: the first that is advised."""
        return next(one for one in arrival.care_types if one in self.care_types)

    def can_come(self, now: datetime, not_before: datetime, by: datetime) -> datetime | None:
        """When somebody more can come at the earliest; None: not by that moment, as far as is known."""
        free_at = now
        if self.room < 1:
            if set(self.care_types) <= OPEN_ENDED or 1 - self.room > len(self.stays):
                return None
            free_at = sorted(self.stays)[-self.room] + _CLEANING
        earliest = earliest_admission(self.rules, now, not_before=max(free_at, not_before))
        return earliest.at if earliest is not None and earliest.at <= by else None

    def come(self, leaves: datetime) -> None:
        """Somebody came, who will leave then. Raises AssertionError in a house that is full."""
        if len(self.stays) >= self.places:
            raise AssertionError(f"{self.code} is full")
        self.stays.append(leaves)

    def left(self, leaves: datetime) -> None:
        """Whoever was to leave then has left."""
        self.stays.remove(leaves)

    def figures(self, now: datetime) -> Figures:
        """What its house posts now: a feed tells counts and who is to leave, people tell "vrij nu"."""
        if self.house.posts is not Posts.FEED:
            return Figures(free=self.places - len(self.stays))
        return Figures(
            physical=self.places,
            operable=self.places,
            occupied=len(self.stays),
            planned=0,
            closed=0,
            forecast=Forecast.of(discharges=self._leave_on(now)),
        )

    def _leave_on(self, now: datetime) -> Counter[date]:
        if set(self.care_types) <= OPEN_ENDED:
            return Counter()
        soon = (leaves for leaves in self.stays if leaves < now + _FORESEEN_FOR)
        return Counter(leaves.astimezone(AMSTERDAM).date() for leaves in soon)
