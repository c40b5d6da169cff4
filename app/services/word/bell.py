"""The bell in the header of a page: how much of its organisation's word a person hasn't read yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.container import Container
from app.db import bell, word
from app.db.bell import Context, Urgent
from app.db.event_log import Connection
from app.db.word import StoredNotice
from domain.actors import Actor

#: What was urgent longer ago than this stands in the list, and above no page any more.
URGENT_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Bell:
    """unread: up to `word.MOST_COUNTED`. newest: of all notices, read or not. context: of `urgent`."""

    unread: int
    newest: UUID | None
    urgent: Urgent | None
    context: Context | None


async def look(container: Container, actor: Actor, reader_id: UUID) -> Bell:
    """What there is for a person of the caller's organisation. Raises Unavailable."""
    since = container.now() - URGENT_FOR

    async def read(connection: Connection) -> Bell:
        whose = actor.organisation_id
        unread = await word.count_unread(connection, whose, reader_id)
        urgent = await bell.read_urgent(connection, whose, reader_id, since) if unread else None
        contexts = await bell.read_contexts(connection, [urgent.notice.id]) if urgent else {}
        return Bell(
            unread,
            await bell.newest_notice(connection, whose),
            urgent,
            contexts.get(urgent.notice.id) if urgent else None,
        )

    return await container.read(read)


async def contexts_of(container: Container, notices: Sequence[StoredNotice]) -> dict[UUID, Context]:
    """By notice what it doesn't say itself. `notices` are of the caller's own organisation."""
    return await container.read(
        lambda connection: bell.read_contexts(connection, [one.id for one in notices])
    )
