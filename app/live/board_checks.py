"""Places and teams as the hard criteria look at them, read from a region's board; and a check of it.

All from memory in one go: without an `await` in between, what is read belongs to one position.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

import orjson

from app.live.board import RegionBoard
from app.live.pool_views import PoolView
from app.live.team_views import TeamView
from domain.admission_stops import Stop
from domain.care_types import CareType
from domain.events import Kind, Position
from domain.home_care import Coverage, TeamReport
from domain.identifiers import PoolId, TeamId
from domain.matching.board_checks import BoardCheck, check
from domain.matching.criteria import Candidate, TeamCandidate
from domain.needs import Need


def check_board(
    board: RegionBoard, need: Need, care_types: Iterable[CareType], now: datetime
) -> tuple[BoardCheck, Position]:
    """Checks every open place and team of these care types, as of now and of the position told."""
    asked = tuple(care_types)
    found = check(
        need,
        asked,
        _candidates(board, asked, now),
        _teams(board, now) if CareType.WIJKVERPLEGING in asked else (),
        now,
    )
    return found, board.position


def pool_candidate(board: RegionBoard, pool_id: PoolId, now: datetime) -> Candidate | None:
    """A pool for `domain.matching.criteria.failures`; None when it isn't open (any more)."""
    (view,) = board.pool_views.some([str(pool_id)], now).values()
    return None if view is None else _candidate(view, _has_contract(board, view), now)


def team_candidate(board: RegionBoard, team_id: TeamId, now: datetime) -> TeamCandidate | None:
    """A team for `domain.matching.criteria.team_failures`; None when it doesn't work (any more)."""
    (view,) = board.team_views.some([str(team_id)], now).values()
    return None if view is None else _team(view)


def _has_contract(board: RegionBoard, view: PoolView) -> bool:
    """Whether the zorgkantoor pays Wlz care at the pool's location."""
    text = board.get(Kind.LOCATION, view.location_id)
    return text is not None and bool(orjson.loads(text).get("wlz_contract"))


def _candidates(
    board: RegionBoard, care_types: Iterable[CareType], now: datetime
) -> Iterator[Candidate]:
    board.places.sync(now)
    ids = {
        pool_id
        for care_type in care_types
        for pool_id in board.places.rows.of_care_type(care_type).ids
    }
    for view in board.pool_views.some(ids, now).values():
        if view is not None:
            yield _candidate(view, _has_contract(board, view), now)


def _teams(board: RegionBoard, now: datetime) -> Iterator[TeamCandidate]:
    return (_team(view) for view in board.team_views.all(now))


def _candidate(view: PoolView, wlz_contract: bool, now: datetime) -> Candidate:
    stop = view.stop
    return Candidate(
        id=view.id,
        care_types=frozenset(view.care_types),
        features=frozenset(view.features),
        wlz_contract=wlz_contract,
        balance=view.balance,
        observed_at=view.observed_at,
        valid_until=view.valid_until,
        stop=Stop(stop.reason, stop.note, stop.since, stop.until) if stop else None,
        earliest=now if view.immediate else view.admission_at,
    )


def _team(view: TeamView) -> TeamCandidate:
    coverage = Coverage(frozenset(view.pc4s), frozenset(view.skills), frozenset(view.dagdelen))
    report = None
    if view.light is not None:
        report = TeamReport(view.light, view.start, view.exceptions)
    return TeamCandidate(view.id, coverage, report, view.observed_at, view.valid_until)
