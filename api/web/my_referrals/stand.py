"""What tells an open page that something changed: from memory, since it is asked all the time."""

import hashlib

import orjson
from starlette.requests import Request

from api.web.rendering import container_of
from api.web.visitor import actor_of
from app.live.board import RegionBoard
from domain.events import Topic

_STATUSES = frozenset({Topic.REFERRAL_STATUSES})


def stand_of(request: Request) -> str:
    """Another text whenever one of the organisation's own referrals has changed."""
    owner = actor_of(request).organisation_id
    found = [sorted(region.own(owner, _STATUSES).values()) for region in own_regions(request)]
    return hashlib.blake2b(orjson.dumps(found), digest_size=8).hexdigest()


def own_regions(request: Request) -> list[RegionBoard]:
    """The boards of the regions that the reader works in, as far as they are there."""
    boards = container_of(request).board.regions
    return [boards[each] for each in sorted(actor_of(request).regions) if each in boards]
