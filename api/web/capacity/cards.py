"""What a provider's page shows of a pool, a bed and a team, and of a location with all of them.

`own` is the provider's own number ("vrij nu"), before what this service holds: typed again by hand
it gives the balance that the board shows. A signature tells whether something is still as shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.live.pool_views import PoolState, PoolView, StopView
from app.live.team_views import TeamState, TeamView
from domain.beds import BedState, Hold
from domain.capacity import SourceKind
from domain.care_types import ClosedReason
from domain.home_care import TeamException
from domain.identifiers import RegionId

#: The choice of somebody who wants the teams alone.
TEAMS = "wijkteams"


@dataclass(frozen=True, slots=True)
class Place:
    """A location of the organisation that has something to tell of; `gemeente` by code."""

    id: UUID
    region_id: RegionId
    name: str
    town: str
    gemeente: str | None
    telephone: str | None


@dataclass(frozen=True, slots=True)
class BedView:
    """A bed, never a person. `late`: its discharge date has passed."""

    id: UUID
    name: str
    version: int
    state: BedState | None
    hold: Hold | None
    closed_reason: ClosedReason | None
    expected_discharge: date | None
    late: bool
    unconfirmed: bool
    observed_at: datetime | None

    @property
    def signature(self) -> str:
        """What was said of it, to tell whether that changed."""
        return f"{self.state or ''}|{self.closed_reason or ''}|{self.expected_discharge or ''}"


@dataclass(frozen=True, slots=True)
class PoolCard:
    """A pool as its provider sees it; `beds` None: it is counted.

    due: by when it is to be confirmed again. counted: the figures came in full, from a feed or a
    file, so a number typed by hand replaces more than one.
    """

    view: PoolView
    code: str
    own: int | None
    beds: tuple[BedView, ...] | None
    due: datetime | None
    counted: bool
    operable: int | None
    occupied: int | None
    physical: int | None
    closed_reason: ClosedReason | None
    available_from: date | None

    @property
    def signature(self) -> str:
        """The number that was shown, to tell whether it changed."""
        return "" if self.own is None else str(self.own)

    @property
    def free_beds(self) -> int:
        """Beds that are free and not held."""
        return sum(b.state is BedState.FREE and b.hold is None for b in self.beds or ())


@dataclass(frozen=True, slots=True)
class TeamCard:
    """A team as its provider sees it. `said_start`: as it was said; None: at once, or unknown for rood."""

    view: TeamView
    hours: int | None
    said_start: date | None
    due: datetime | None

    @property
    def signature(self) -> str:
        """What was said of it, to tell whether that changed."""
        exceptions = ",".join(map(exception_text, self.view.exceptions))
        return f"{self.view.light or ''}|{self.said_start or ''}|{self.hours or ''}|{exceptions}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The page: a chosen location (None: the teams alone), and what is there."""

    place: Place | None
    places: tuple[Place, ...]
    all_teams: int
    pools: tuple[PoolCard, ...]
    teams: tuple[TeamCard, ...]
    stop: StopView | None
    stop_version: int

    @property
    def address(self) -> str:
        """The page's path with the choice in it."""
        chosen = self.place.id if self.place else TEAMS
        return f"/mijn-capaciteit?locatie={chosen}"

    @property
    def counted(self) -> tuple[PoolCard, ...]:
        """The pools whose places are counted."""
        return tuple(pool for pool in self.pools if pool.beds is None)

    @property
    def bedded(self) -> tuple[PoolCard, ...]:
        """The pools that are followed bed by bed."""
        return tuple(pool for pool in self.pools if pool.beds is not None)

    @property
    def from_feed(self) -> bool:
        """Whether figures came in full over a feed, so that typing one replaces more than it."""
        return any(p.counted and p.view.source is SourceKind.API for p in self.pools if not p.beds)

    @property
    def confirmed_at(self) -> datetime | None:
        """The oldest of what was told; None: nothing was."""
        return min((v.observed_at for v in self._views() if v.observed_at), default=None)

    @property
    def due(self) -> datetime | None:
        """By when the first of it is to be confirmed again."""
        cards: list[PoolCard | TeamCard] = [*self.pools, *self.teams]
        return min((card.due for card in cards if card.due), default=None)

    @property
    def unconfirmed(self) -> int:
        """How many of them nobody may believe any more."""
        pools = sum(
            p.view.valid_until is not None and p.view.state is PoolState.UNCONFIRMED
            for p in self.pools
        )
        return pools + sum(t.view.state is TeamState.UNCONFIRMED for t in self.teams)

    @property
    def has_figures(self) -> bool:
        """Whether anything was ever told, so that it can be confirmed."""
        return self.confirmed_at is not None

    def _views(self) -> Iterator[PoolView | TeamView]:
        yield from (pool.view for pool in self.pools)
        yield from (team.view for team in self.teams)


def exception_text(exception: TeamException) -> str:
    """An exception in one line, as a form carries it."""
    start = exception.earliest_start
    parts = (exception.skill, exception.dagdeel, exception.light, start and start.isoformat())
    return "|".join(str(part or "") for part in parts)
