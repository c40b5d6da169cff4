"""Whether a home-care team that was named can do what is asked, by the board; and which others can."""

from datetime import datetime
from uuid import UUID

from app.live.board import RegionBoard
from app.live.board_checks import check_board, team_candidate
from domain.care_types import CareType
from domain.home_care import Light
from domain.identifiers import TeamId
from domain.matching.criteria import Criterion, Failure, team_failures
from domain.needs import Need

#: So many are named; whoever wants more asks the question again.
_MOST = 5
#: What no call changes. A start that is later, and what only a call can tell, is for the team to answer.
_NEVER = frozenset({Criterion.WERKGEBIED, Criterion.VAARDIGHEID, Criterion.DAGDEEL})


def unfit(
    board: RegionBoard, need: Need, team_id: UUID, now: datetime
) -> tuple[Failure, ...] | None:
    """Why a team can't: not here, not this care, not then, or it takes nobody.

    None: the board doesn't have it (yet), so that nobody can tell.
    """
    team = team_candidate(board, TeamId(team_id), now)
    if team is None:
        return None
    return tuple(
        one
        for one in team_failures(need, team, now)
        if one.criterion in _NEVER
        or (one.criterion is Criterion.STOPLICHT and one.detail["light"] is Light.ROOD)
    )


def fitting(board: RegionBoard, need: Need, now: datetime) -> list[dict[str, object]]:
    """A few teams that fit a need, each with when it can start and its telephone."""
    found, _ = check_board(board, need, [CareType.WIJKVERPLEGING], now)
    ids = [str(one) for product in found.products for one in product.fitting]
    views = [view for view in board.team_views.some(ids, now).values() if view is not None]
    named: list[dict[str, object]] = [
        {
            "team_id": str(view.id),
            "name": view.name,
            "organisation": view.organisation,
            "start": view.start.isoformat() if view.start else None,
            "telephone": view.telephone,
        }
        for view in views
    ]
    return named[:_MOST]
