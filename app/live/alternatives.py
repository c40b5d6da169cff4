"""What else there is for a need, when a place was just given away."""

from datetime import datetime
from uuid import UUID

from app.live.board import RegionBoard
from app.live.board_checks import check_board
from domain.care_types import CareType
from domain.identifiers import PoolId
from domain.needs import Need

#: So many are named; whoever wants more looks at the board.
_MOST = 3


def alternatives(
    board: RegionBoard, need: Need, pool_id: UUID, now: datetime
) -> list[dict[str, object]]:
    """Other pools of the same care types that fit a need, a few, by the board."""
    (view,) = board.pool_views.some([str(PoolId(pool_id))], now).values()
    if view is None:
        return []
    care_types: tuple[CareType, ...] = view.care_types
    found, _ = check_board(board, need, care_types, now)
    fitting = dict.fromkeys(
        one for product in found.products for one in product.fitting if one != pool_id
    )
    views = board.pool_views.some([str(one) for one in fitting], now)
    named: list[dict[str, object]] = [
        {
            "pool_id": str(other.id),
            "name": other.name,
            "location": other.location,
            "free": other.free,
            "telephone": other.telephone,
        }
        for other in views.values()
        if other is not None and other.free > 0
    ]
    return named[:_MOST]
