"""What a referrer follows: its organisation's own, first what waits on it, then by the last act."""

from dataclasses import dataclass
from datetime import timedelta

from app.container import Container
from app.db import followed_reads
from app.db.event_log import Connection
from app.db.followed_reads import FollowedSummary
from app.services.referrals import reading
from domain.actors import Action, Actor, scope_of
from domain.errors import NotAllowed

#: Of each list; that there are more is told.
MOST = 200
#: For so long what ended stands in the list.
_ENDED_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class FollowedList:
    """Those that go on, and those that ended lately; `more_`: there are others that aren't listed."""

    going_on: list[FollowedSummary]
    more_going_on: bool
    ended: list[FollowedSummary]
    more_ended: bool


async def follow(container: Container, actor: Actor, address: str | None = None) -> FollowedList:
    """The referrals that the actor's organisation asked for. Raises NotAllowed."""
    if scope_of(actor, Action.STATUS_FOLLOW) is None:
        raise NotAllowed
    since = container.now() - _ENDED_FOR

    async def read(connection: Connection) -> FollowedList:
        going_on = await followed_reads.read_followed(
            connection, actor.organisation_id, is_open=True, ended_since=None, limit=MOST + 1
        )
        ended = await followed_reads.read_followed(
            connection, actor.organisation_id, is_open=False, ended_since=since, limit=MOST + 1
        )
        return FollowedList(going_on[:MOST], len(going_on) > MOST, ended[:MOST], len(ended) > MOST)

    found = await container.read(read)
    await reading.audit(container, actor, "referrals", actor.organisation_id, address)
    return found
