"""What a region has together: by care type, and in each by gemeente. Unknown never counts as free."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from app.live.pool_views import PoolState, PoolView
from app.live.team_views import TeamState, TeamView
from domain.care_types import CareType

#: Of a team, as a group: the states of pools that mean the same.
_TEAM_STATES = {
    TeamState.NOW: PoolState.NOW,
    TeamState.LATER: PoolState.LATER,
    TeamState.ORANGE: PoolState.LATER,
    TeamState.RED: PoolState.FULL,
    TeamState.UNCONFIRMED: PoolState.UNCONFIRMED,
    TeamState.UNKNOWN: PoolState.UNKNOWN,
}


@dataclass(slots=True)
class Part:
    """Places together. now: can be filled today; later: free, admission later.

    The flags tell what is among them besides.
    """

    now: int = 0
    later: int = 0
    shortage: int = 0
    claimed: int = 0
    promised: int = 0
    in_24_hours: int = 0
    in_72_hours: int = 0
    unconfirmed: bool = False
    stopped: bool = False

    @property
    def state(self) -> PoolState:
        """What the number stands for."""
        if self.now:
            return PoolState.NOW
        if self.later:
            return PoolState.LATER
        if self.shortage:
            return PoolState.SHORTAGE
        if self.unconfirmed:
            return PoolState.UNCONFIRMED
        return PoolState.STOPPED if self.stopped else PoolState.FULL

    def add(self, view: PoolView) -> None:
        """Takes a pool in."""
        self.now += view.free if view.state is PoolState.NOW else 0
        self.later += view.free if view.state is PoolState.LATER else 0
        self.shortage += -view.balance if view.state is PoolState.SHORTAGE and view.balance else 0
        self.claimed += view.claimed
        self.promised += view.promised
        self.in_24_hours += view.in_24_hours or 0
        self.in_72_hours += view.in_72_hours or 0
        self.unconfirmed |= view.state in (PoolState.UNCONFIRMED, PoolState.UNKNOWN)
        self.stopped |= view.state is PoolState.STOPPED

    def add_team(self, view: TeamView) -> None:
        """Takes a team in: one that can start counts as one place."""
        state = _TEAM_STATES[view.state]
        self.now += state is PoolState.NOW
        self.later += state is PoolState.LATER
        self.unconfirmed |= state in (PoolState.UNCONFIRMED, PoolState.UNKNOWN)


@dataclass(slots=True)
class GroupSum(Part):
    """A care type together. first: the vroegste opname of what is free; None while that is at once."""

    first: datetime | None = None
    first_day: date | None = None
    immediate: bool = False
    by_gemeente: dict[str | None, Part] = field(default_factory=lambda: defaultdict(Part))


def of_pools(views: Iterable[PoolView]) -> GroupSum:
    """The pools of a care type together."""
    found = GroupSum()
    for view in views:
        found.add(view)
        found.by_gemeente[view.gemeente].add(view)
        if view.free and view.state in (PoolState.NOW, PoolState.LATER):
            found.immediate |= view.immediate
            if view.admission_at is not None and (
                found.first is None or view.admission_at < found.first
            ):
                found.first = view.admission_at
    return found


def of_teams(views: Iterable[TeamView], gemeente_of: Mapping[str, str | None]) -> GroupSum:
    """The home-care teams together; one counts in every gemeente that it works in."""
    found = GroupSum()
    for view in views:
        found.add_team(view)
        for gemeente in {gemeente_of.get(pc4) for pc4 in view.pc4s}:
            found.by_gemeente[gemeente].add_team(view)
        if view.state in (TeamState.NOW, TeamState.LATER) and view.start is not None:
            found.first_day = min(found.first_day or view.start, view.start)
    return found


def of_all(views: Iterable[PoolView]) -> Part:
    """Every pool once, whatever care types it may serve."""
    found = Part()
    for view in views:
        found.add(view)
    return found


#: In what order care types stand on the board; home care is never among the pools.
GROUPS: tuple[CareType, ...] = tuple(c for c in CareType if c.has_places)
