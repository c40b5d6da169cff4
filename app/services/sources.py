"""Sources: looked at by their owner, and released from the sandbox by the operator."""

from collections.abc import Sequence
from uuid import UUID

from app.container import Container
from app.db import sources
from app.db.sources import SourceRecord
from app.db.unit_of_work import UnitOfWork
from domain.actors import Action, Actor, Scope, Target, may, scope_of
from domain.errors import NotFound
from domain.events import Kind
from domain.identifiers import EVERYWHERE, OrganisationId


async def list_sources(
    container: Container, actor: Actor, *, after: UUID | None, limit: int
) -> Sequence[SourceRecord]:
    """The sources that the caller may see, by id: its organisation's own, or all."""
    everyones = scope_of(actor, Action.SOURCE_READ) is Scope.ALL
    owner = None if everyones else actor.organisation_id
    return await container.read(
        lambda connection: sources.read_sources(connection, owner, after, limit)
    )


async def get_source(container: Container, actor: Actor, source_id: UUID) -> SourceRecord:
    """One source. Raises NotFound, also when it is somebody else's."""
    found = await container.read(lambda connection: sources.read_source(connection, source_id))
    if found is None or not may(
        actor, Action.SOURCE_READ, Target(owner_id=OrganisationId(found.organisation_id))
    ):
        raise NotFound
    return found


async def release_source(
    container: Container, actor: Actor | None, source_id: UUID, address: str | None = None
) -> None:
    """Ends a source's time in the sandbox: what its keys report from the commit on counts.

    Doing it again changes nothing. Raises NotFound.
    """

    async def act(work: UnitOfWork) -> None:
        row = await sources.lock_source(work, source_id)
        if row.released_at is None:
            row.released_at = work.now
            row.released_by = actor.id if actor else None
            work.touch(Kind.KEYS_CHANGED, row.organisation_id, EVERYWHERE)
            work.audit(actor, Action.SOURCE_RELEASE, "source", source_id, address=address)
        await work.commit()

    await container.act(act)
    container.forget(None)
