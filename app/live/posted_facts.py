"""What was posted at the moment of a decision: kept at an offer and again at its answer.

By it, whoever was refused a place that was posted as free can be counted.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from app.live.board import RegionBoard
from app.live.messages import moment
from app.live.pool_views import PoolState, PoolView
from app.live.team_views import TeamState
from domain.capacity import Freshness, SourceKind, free_places, freshness
from domain.care_types import ClosedReason
from domain.events import Position
from domain.home_care import Light
from domain.identifiers import PoolId, TeamId


@dataclass(frozen=True, slots=True)
class PostedFacts:
    """A pool as the board had it at a moment.

    free, balance: as posted, whether to be believed or not; None: unknown. believed: what of it may
    be. age_seconds: of the observation. earliest: vroegste opname; None: not foreseen.
    stopped_until: the last day on which an opnamestop is expected to hold. version: of the report.
    """

    pool_id: UUID
    at: datetime
    position: Position
    state: PoolState
    freshness: Freshness
    free: int | None
    believed: int
    balance: int | None
    claimed: int
    promised: int
    source: SourceKind | None
    observed_at: datetime | None
    valid_until: datetime | None
    age_seconds: int | None
    earliest: datetime | None
    stop_reason: ClosedReason | None
    stopped_until: date | None
    version: int

    def to_json(self) -> dict[str, object]:
        """To keep with the offer; moments in UTC."""
        return _json_of(self)


@dataclass(frozen=True, slots=True)
class PostedTeamFacts:
    """A home-care team as the board had it at a moment; `start` is a day in Amsterdam."""

    team_id: UUID
    at: datetime
    position: Position
    state: TeamState
    freshness: Freshness
    light: Light | None
    start: date | None
    source: SourceKind | None
    observed_at: datetime | None
    valid_until: datetime | None
    age_seconds: int | None
    version: int

    def to_json(self) -> dict[str, object]:
        """To keep with the offer; moments in UTC."""
        return _json_of(self)


def facts_of_pool(board: RegionBoard, pool_id: PoolId, now: datetime) -> PostedFacts | None:
    """What is posted of a pool now; None when it isn't open (any more)."""
    return facts_of_pools(board, [pool_id], now)[pool_id]


def facts_of_pools(
    board: RegionBoard, pool_ids: Iterable[PoolId], now: datetime
) -> dict[PoolId, PostedFacts | None]:
    """The same of several pools, in less time than one by one."""
    wanted = list(pool_ids)
    views = board.pool_views.some([str(pool_id) for pool_id in wanted], now).values()
    return {
        pool_id: None if view is None else _facts_of(board, view, now)
        for pool_id, view in zip(wanted, views, strict=True)
    }


def _facts_of(board: RegionBoard, view: PoolView, now: datetime) -> PostedFacts:
    return PostedFacts(
        pool_id=view.id,
        at=now,
        position=board.position,
        state=view.state,
        freshness=freshness(view.valid_until, now),
        free=free_places(view.balance),
        believed=view.free,
        balance=view.balance,
        claimed=view.claimed,
        promised=view.promised,
        source=view.source,
        observed_at=view.observed_at,
        valid_until=view.valid_until,
        age_seconds=_age(view.observed_at, now),
        earliest=now if view.immediate else view.admission_at,
        stop_reason=view.stop.reason if view.stop else None,
        stopped_until=view.stop.until if view.stop else None,
        version=view.version,
    )


def facts_of_team(board: RegionBoard, team_id: TeamId, now: datetime) -> PostedTeamFacts | None:
    """What a team says now; None when it doesn't work (any more)."""
    (view,) = board.team_views.some([str(team_id)], now).values()
    if view is None:
        return None
    return PostedTeamFacts(
        team_id=view.id,
        at=now,
        position=board.position,
        state=view.state,
        freshness=freshness(view.valid_until, now),
        light=view.light,
        start=view.start,
        source=view.source,
        observed_at=view.observed_at,
        valid_until=view.valid_until,
        age_seconds=_age(view.observed_at, now),
        version=view.version,
    )


def _age(observed_at: datetime | None, now: datetime) -> int | None:
    """An observation may lie a little ahead: then it is of now."""
    return None if observed_at is None else max(0, int((now - observed_at).total_seconds()))


def _json_of(facts: PostedFacts | PostedTeamFacts) -> dict[str, object]:
    return {one.name: _plain(getattr(facts, one.name)) for one in fields(facts)}


def _plain(value: Any) -> object:
    match value:
        case datetime():
            return moment(value)
        case date():
            return value.isoformat()
        case StrEnum():
            return value.value
        case UUID() | Position():
            return str(value)
        case _:
            return value
