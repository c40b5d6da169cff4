"""Notices of one's own organisation: read, counted, and marked as read."""

from dataclasses import dataclass
from uuid import UUID

from app.container import Container
from app.db import word
from app.db.event_log import Connection
from app.db.unit_of_work import UnitOfWork
from app.db.word import StoredNotice
from domain.actors import Actor
from domain.errors import NotFound
from domain.notices import NoticeKind


@dataclass(frozen=True, slots=True)
class NoticePage:
    """Some notices, and how many of all of them weren't read (up to `word.MOST_COUNTED`)."""

    notices: list[StoredNotice]
    unread: int


async def list_notices(
    container: Container,
    actor: Actor,
    reader_id: UUID,
    *,
    kind: NoticeKind | None = None,
    unread: bool | None = None,
    before: UUID | None = None,
    limit: int,
) -> NoticePage:
    """The notices of the caller's organisation, the newest first.

    reader_id: whose marks count: a person's own; of a key the organisation's, shared by its keys.
    """

    async def read(connection: Connection) -> NoticePage:
        found = await word.read_notices(
            connection,
            actor.organisation_id,
            reader_id,
            kind=kind,
            unread=unread,
            before=before,
            limit=limit,
        )
        count = await word.count_unread(connection, actor.organisation_id, reader_id)
        return NoticePage(found, count)

    return await container.read(read)


async def get_notice(
    container: Container, actor: Actor, reader_id: UUID, notice_id: UUID
) -> StoredNotice:
    """One notice. Raises NotFound, also for another organisation's."""
    found = await container.read(
        lambda connection: word.read_notice(connection, actor.organisation_id, reader_id, notice_id)
    )
    if found is None:
        raise NotFound
    return found


async def mark_read(container: Container, actor: Actor, reader_id: UUID, notice_id: UUID) -> None:
    """The reader has read a notice; once more changes nothing. Raises NotFound."""

    async def act(work: UnitOfWork) -> None:
        if not await word.has_notice(work, actor.organisation_id, notice_id):
            raise NotFound
        await word.mark_read(work, actor.organisation_id, reader_id, notice_id=notice_id)
        await work.commit()

    await container.act(act)


async def mark_all_read(
    container: Container, actor: Actor, reader_id: UUID, until: UUID | None = None
) -> None:
    """The reader has read all notices that are there, or all up to and with one."""

    async def act(work: UnitOfWork) -> None:
        await word.mark_read(work, actor.organisation_id, reader_id, until=until)
        await work.commit()

    await container.act(act)
