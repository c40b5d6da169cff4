"""Where somebody lives, by the postcodes that region 0 carries."""

import orjson

from app.live.board import RegionBoard
from domain.events import Kind
from domain.geography import Point
from domain.matching.scoring import Asked
from domain.matching.wishes import Wishes
from domain.needs import Need


def asked_for(everywhere: RegionBoard | None, need: Need, wishes: Wishes) -> Asked:
    """Who is looked for, with the points of home and partner; None for a postcode nobody knows."""
    home, gemeente = _known(everywhere, need.pc4)
    partner, _ = _known(everywhere, wishes.partner_pc4)
    return Asked(need, wishes, home, partner, gemeente)


def _known(everywhere: RegionBoard | None, pc4: str | None) -> tuple[Point | None, str | None]:
    text = everywhere.get(Kind.POSTCODE, pc4) if everywhere is not None and pc4 else None
    if text is None:
        return None, None
    told = orjson.loads(text)
    return Point(told["latitude"], told["longitude"]), told["gemeente"]
